import asyncio
import json
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from geo.models import Place
from ioc.accounts.models import User
from layers import changes, live, pool
from layers.changes import ChangeRow
from layers.hub import View, hub
from layers.publisher import Publisher
from tests.layers.conftest import make_place

pytestmark = [pytest.mark.django_db(transaction=True)]
VIEW = View((("test-places", "full", None),))


@pytest.fixture
def publisher(clean_spine):
    made = Publisher()
    assert made.lock()
    yield made
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")


@pytest.fixture
async def spine(publisher):
    yield publisher
    await hub.stop()
    await pool.close()


def write(publisher, *ids, **values):
    for number in ids:
        row = ChangeRow("test-places", str(number), lon=107.5, lat=16.4, props=values)
        changes.record_many([row])
    return publisher.tick()


def parsed(raw):
    """(event, id, data) of each message in raw bytes."""
    found = []
    for block in raw.decode().strip().split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.split("\n") if ": " in line and line[0] != ":"
        )
        if "event" in fields:
            found.append((fields["event"], int(fields.get("id", -1)), json.loads(fields["data"])))
    return found


async def take(stream, count, timeout=5):
    """The next ``count`` changes of a stream as (id of the feature, seq of the message)."""
    got = []

    async def read():
        async for raw in stream:
            for name, seq, data in parsed(raw):
                if name == "reset":
                    got.append(("reset", data["reason"]))
                    return
                if name == "changes":
                    got.extend((change["id"], seq) for change in data["changes"])
            if len(got) >= count:
                return

    await asyncio.wait_for(read(), timeout)
    return got


def test_a_change_exists_exactly_when_its_write_does(layer, publisher):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        changes.upsert("test-places", make_place(107.5, 16.4))
        raise ZeroDivisionError
    assert publisher.tick() == 0
    with transaction.atomic():
        changes.upsert("test-places", make_place(107.5, 16.4))
    assert publisher.tick() == 1


def test_a_tick_keeps_the_last_value_of_each_feature_and_numbers_have_no_hole(layer, publisher):
    now = timezone.now()
    rows = [
        ChangeRow("test-places", str(n % 7), at=now + timedelta(milliseconds=n), props={"n": n})
        for n in range(100)
    ]
    changes.record_many(rows)
    assert publisher.tick() == 7
    changes.record_many(rows[:3])
    assert publisher.tick() == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, feature_id, props->>'n' FROM layers_change ORDER BY seq")
        published = cursor.fetchall()
    assert [seq for seq, *_ in published] == list(range(1, 11))
    assert {fid: n for _, fid, n in published[:7]} == {str(n % 7): str(n) for n in range(93, 100)}


def test_only_one_publisher_runs(publisher):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(7205759)")
            assert cursor.fetchone() == (False,)
    finally:
        other.close()


async def test_a_stream_hears_changes_in_order(layer, spine):
    await hub.start()
    stream = live.messages(VIEW, None)
    await anext(stream)
    await sync_to_async(write)(spine, 1, 2)
    await sync_to_async(write)(spine, 3)
    got = await take(stream, 3)
    assert [fid for fid, _ in got] == ["1", "2", "3"]


async def test_a_reader_cut_off_and_resumed_misses_nothing_and_sees_nothing_twice(layer, spine):
    await hub.start()
    first = live.messages(VIEW, None)
    await anext(first)
    await sync_to_async(write)(spine, 1, 2)
    seen = await take(first, 2)
    await first.aclose()
    await sync_to_async(write)(spine, 3, 4)
    second = live.messages(VIEW, seen[-1][1])
    await asyncio.sleep(0.2)
    reading = asyncio.create_task(take(second, 4))
    await sync_to_async(write)(spine, 5, 6)
    seen += await reading
    assert [fid for fid, _ in seen] == ["1", "2", "3", "4", "5", "6"]


async def test_a_gap_that_is_not_kept_ends_in_a_reset(layer, spine):
    await hub.start()
    await sync_to_async(write)(spine, 1, 2, 3)

    def forget():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM layers_change WHERE seq <= 2")

    await sync_to_async(forget)()
    await asyncio.sleep(0.3)
    assert (await take(live.messages(VIEW, 0), 1))[0][0] == "reset"


async def test_a_full_queue_ends_in_a_reset_never_in_a_hole(layer, spine, settings):
    settings.IOC_LIVE_QUEUE = 2
    await hub.start()
    stream = live.messages(VIEW, None)
    await anext(stream)
    for number in range(5):
        await sync_to_async(write)(spine, number)
        await asyncio.sleep(0.1)
    got = await take(stream, 99)
    assert got[-1][0] == "reset"
    assert [fid for fid, _ in got[:-1]] == [str(n) for n in range(len(got) - 1)]


async def test_the_public_hears_only_the_public_view(layer, spine):
    row = ChangeRow(
        "test-places", "1", lon=107.512345, lat=16.4, props={"name": "Nguyễn Văn A"},
        public=True, public_lon=107.51, public_lat=16.4, public_props={"kind": "a"},
    )  # fmt: skip
    secret = ChangeRow("test-places", "2", lon=107.6, lat=16.4, props={"name": "B"})
    await hub.start()
    stream = live.messages(View((("test-places", "public", None),)), None)
    await anext(stream)

    def record():
        changes.record_many([row, secret])
        spine.tick()

    await sync_to_async(record)()
    raw = await asyncio.wait_for(anext(stream), 5)
    assert b"107.51," in raw
    for planted in (b"107.512345", "Nguyễn".encode(), b'"2"', b"107.6"):
        assert planted not in raw


async def test_a_box_hears_what_enters_and_what_leaves(layer, spine):
    await hub.start()
    box = View((("test-places", "full", None),), (107.0, 16.0, 108.0, 17.0))
    stream = live.messages(box, None)
    await anext(stream)

    def at(lon):
        changes.record_many([ChangeRow("test-places", "9", lon=lon, lat=16.4)])
        spine.tick()

    positions = []
    for lon in (107.5, 110.0, 111.0, 107.6):
        await sync_to_async(at)(lon)
        await asyncio.sleep(0.15)
    while len(positions) < 3:
        raw = await asyncio.wait_for(anext(stream), 5)
        positions += [c["p"][0] for *_, data in parsed(raw) for c in data["changes"]]
    assert positions == [107.5, 110.0, 107.6]


async def test_scopes_hold_in_the_stream(layer, spine):
    await hub.start()
    stream = live.messages(View((("test-places", "full", frozenset({"agency:1"})),)), None)
    await anext(stream)

    def record():
        changes.record_many([ChangeRow("test-places", str(n), scope=f"agency:{n}") for n in (1, 2)])
        spine.tick()

    await sync_to_async(record)()
    assert [fid for fid, _ in await take(stream, 1)] == ["1"]


def test_the_replay_keeps_one_value_a_minute(layer, publisher):
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=30)
    rows = [
        ChangeRow("test-places", "1", at=start + timedelta(seconds=10 * n), props={"n": n})
        for n in range(60)
    ]
    changes.record_many(rows)
    publisher.tick()
    changes.record_many(rows[:30])
    publisher.tick()
    with connection.cursor() as cursor:
        cursor.execute("SELECT (props->>'n')::int FROM layers_replay ORDER BY minute")
        assert [n for (n,) in cursor.fetchall()] == [5, 11, 17, 23, 29, 35, 41, 47, 53, 59]


def test_deleting_is_heard_by_all(layer, publisher):
    place = make_place(107.5, 16.4)
    changes.delete("test-places", place.pk)
    Place.objects.all().delete()
    publisher.tick()
    with connection.cursor() as cursor:
        cursor.execute("SELECT op, public FROM layers_change")
        assert cursor.fetchall() == [("delete", True)]


class Reader:
    """One connection to ``/live/``, as an ASGI server would hold it."""

    def __init__(self, query, **headers):
        self.gone = asyncio.Event()
        self.sent = asyncio.Queue()
        self.scope = {
            "type": "http", "method": "GET", "path": "/live/", "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        }  # fmt: skip
        self.task = asyncio.create_task(live.application(self.scope, self.receive, self.sent.put))

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def take(self):
        return await asyncio.wait_for(self.sent.get(), 5)


async def test_a_connection_is_greeted_and_forgotten_when_it_goes(layer, spine):
    reader = Reader("layers=test-places")
    assert (await reader.take())["status"] == 200
    assert b"event: hello" in (await reader.take())["body"]
    assert len(hub.streams) == 1
    await sync_to_async(write)(spine, 1)
    assert b'"id":"1"' in (await reader.take())["body"]
    reader.gone.set()
    await asyncio.wait_for(reader.task, 5)
    assert not hub.streams


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("layers=test-hidden", 404),
        ("layers=nothing", 404),
        ("", 400),
        ("layers=test-places&bbox=9", 400),
    ],
)
async def test_a_stream_that_may_not_be_is_refused(layer, hidden_layer, spine, query, status):
    assert (await Reader(query).take())["status"] == status


async def test_a_small_box_does_not_tell_the_public_where_a_feature_exactly_is(layer, spine):
    box = (107.5120, 16.3999, 107.5125, 16.4001)
    await hub.start()
    stream = live.messages(View((("test-places", "public", None),), box), None)
    await anext(stream)

    def record(number, lon):
        row = ChangeRow(
            "test-places", number, lon=lon, lat=16.4, props={},
            public=True, public_lon=round(lon, 2), public_lat=16.4, public_props={},
        )  # fmt: skip
        changes.record_many([row])
        spine.tick()

    await sync_to_async(record)("1", 107.51234)
    await sync_to_async(record)("1", 107.51235)
    await sync_to_async(record)("2", 107.5122)
    await asyncio.sleep(0.3)
    got = [c["id"] for raw in [body for _, body in ready(stream)] for *_, d in parsed(raw)
           for c in d["changes"]]  # fmt: skip
    # The first change of a feature is told: what is not known cannot be ruled out.
    assert got == ["1", "2"]


def ready(stream):
    """The messages that wait for the one reader of this test."""
    (reader,) = hub.streams
    return list(reader.ready)


async def test_a_stream_knows_what_a_role_may_not_see_without_asking_again(spine, monkeypatch):
    """Permissions are looked up before the loop is entered; a stream itself may not query."""
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)
    user = await User.objects.acreate(username="officer", role="agency_officer")
    request = RequestFactory().get("/live/?layers=reports")
    session = SessionStore()
    await sync_to_async(login_into)(session, user)
    request.COOKIES[settings.SESSION_COOKIE_NAME] = session.session_key
    view = await live.opened(request)
    assert view.layers[0][1] == "public"


def login_into(session, user):
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "ioc.accounts.backends.RoleBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
