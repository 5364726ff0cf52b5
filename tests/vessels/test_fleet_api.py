"""The fleet over HTTP: counts, the list by need, tracks, who was there, the file, alerts."""

from datetime import datetime, timedelta

import orjson
import pytest
from django.test import Client

from tests.vessels.factories import make_user
from tests.vessels.fleet_factories import NOW, at_port, hear, make_boat, make_sea, way
from vessels import calls, sweep
from vessels.calls import port_calls
from vessels.models import Alert, Vessel

pytestmark = pytest.mark.django_db
BASE = "/api/v1/vessels"
SPAN = "from=2026-09-21T00:00:00Z&to=2026-09-21T12:00:00Z"


@pytest.fixture
def client(db):
    client = Client()
    client.force_login(make_user("fisheries_officer"), backend="ioc.accounts.backends.RoleBackend")
    return client


@pytest.fixture
def boats(db):
    """One of each state, by its name."""
    make_sea()
    names = ("quiet", "moored", "silent", "over", "threatened", "never")
    sizes = (16, 16, 16, 10, 16, 16)
    made = {n: make_boat(size, vms="vnpt" if n == "silent" else "", name=n.upper())
            for n, size in zip(names, sizes, strict=True)}  # fmt: skip
    hear(made["quiet"], *way(108.5, 108.6, hours=(3.0, 0.1)))
    hear(made["moored"], at_port())
    hear(made["silent"], (7.0, 108.6, 16.5, 8.0, 90.0), vms=True)
    hear(made["over"], *way(107.95, 108.05, hours=(3.0, 0.1)))
    hear(made["threatened"], (0.02, 108.6, 16.2, 2.0, 0.0))
    ship = Vessel.objects.create(name="SHIP", kind="cargo", mmsi=2, length_m=180)
    hear(ship, (0.02, 108.65, 16.2, 14.0, 270.0))
    sweep.run(now=NOW)
    return made


def test_counts_are_those_of_the_list(client, boats):
    fleet = client.get(f"{BASE}/fleet").json()
    assert fleet["counts"] == {
        "at_sea": 1, "in_port": 1, "silent": 1, "over_line": 1, "danger": 2, "unknown": 1,
        "total": 7,
    }  # fmt: skip
    assert fleet["thresholds_as_of"] == "2026-01-01"
    for state, n in fleet["counts"].items():
        if state != "total":
            listed = client.get(f"{BASE}/fleet/list?state={state}").json()["vessels"]
            assert {v["state"] for v in listed} == {state}
            assert len(listed) == n


def test_the_list_begins_with_who_needs_us_most_and_says_why(client, boats):
    listed = client.get(f"{BASE}/fleet/list").json()["vessels"]
    assert [v["name"] for v in listed][:3] == ["THREATENED", "OVER", "SILENT"]
    assert [v["need"] and v["need"]["rank"] for v in listed] == [1, 10, 40, None, None, None, None]
    need = listed[2]["need"]
    assert need["severity"] == "moderate"
    assert "26/2019" in need["clock"]["source"]
    assert need["clock"]["due_at"] == "2026-10-01T05:00:00Z"
    assert need["reason"]["en"].endswith("silent over 6 h")
    assert (listed[2]["source"], listed[1]["source"]) == ("vms", "ais")
    assert Alert.objects.get(pk=need["alert_id"]).vessel == boats["silent"]


@pytest.mark.parametrize("order", ["need", "name", "length"])
def test_pages_show_each_vessel_once(client, boats, order):
    whole = client.get(f"{BASE}/fleet/list?order={order}").json()["vessels"]
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{BASE}/fleet/list?order={order}&limit=2&cursor={cursor}").json()
        found += page["vessels"]
        cursor = page["next"]
    assert [v["id"] for v in found] == [v["id"] for v in whole]
    assert client.get(f"{BASE}/fleet/list?cursor=nonsense").status_code == 400


def test_the_list_is_found_by_words_zone_kind_and_box(client, boats):
    def names(query):
        return {v["name"] for v in client.get(f"{BASE}/fleet/list?{query}").json()["vessels"]}

    plate = boats["quiet"].plate.replace("-", ".").lower()
    assert names(f"q={plate}") == {"QUIET"}
    assert names("q=quie") == {"QUIET"}
    assert names(f"q={boats['over'].mmsi}") == {"OVER"}
    assert names("kind=cargo") == {"SHIP"}
    assert names("zone=inshore") == {"OVER"}
    assert names("bbox=107.4,16.4,107.6,16.6") == {"MOORED"}
    assert names("q=%25") == set()
    assert client.get(f"{BASE}/fleet/list?kind=ufo").status_code == 422


def test_four_thousand_vessels_cost_one_query(client, db, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):  # session, person, the list
        client.get(f"{BASE}/fleet/list?limit=5000")


def test_tracks_keep_gaps_as_gaps_and_are_thinned(client, boats):
    boat = boats["quiet"]
    hear(boat, *way(108.3, 108.4, hours=(10.0, 8.0)))
    got = client.get(f"{BASE}/tracks?ids={boat.pk},{boats['over'].pk},999999&{SPAN}&step_s=1")
    mine, other = got.json()["tracks"]
    assert (mine["id"], other["id"]) == (boat.pk, boats["over"].pk)
    first, second = mine["segments"]
    assert (first["gap_before_s"], second["gap_before_s"]) == (None, 5 * 3600)
    assert len(first["points"]) == 2  # a straight line at an even speed
    assert second["points"][-1][:2] == [108.6, 16.5]
    assert second["points"][-1][2] == (NOW - timedelta(hours=0.1)).timestamp()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"ids=x&{SPAN}", 400), (f"ids={','.join(map(str, range(21)))}&{SPAN}", 422),
        ("ids=1&from=2026-09-21T00:00:00&to=2026-09-21T12:00:00Z", 400),
        ("ids=1&from=2026-09-21T00:00:00Z&to=2026-12-21T12:00:00Z", 422), ("ids=1", 422),
        ("ids=1&from=soon&to=later", 400),
    ],
)  # fmt: skip
def test_a_wrong_question_about_tracks_is_refused(client, query, status):
    assert client.get(f"{BASE}/tracks?{query}").status_code == status


def asked(client, polygon):
    body = {"polygon": polygon, "from": "2026-09-21T00:00:00Z", "to": "2026-09-21T12:00:00Z"}
    return client.post(f"{BASE}/who-was-there", body, content_type="application/json")


def box(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_who_was_there_tells_when_and_how_long(client, boats):
    found = asked(client, box(108.0, 16.45, 108.02, 16.55)).json()["vessels"]
    (only,) = found
    assert only["name"] == "OVER"
    assert only["inside_s"] == pytest.approx(0.2 * 2.9 * 3600, abs=2)
    assert only["positions"] == 6
    nobody = asked(client, box(100, 10, 100.1, 10.1)).json()
    assert nobody == {"vessels": [], "limited": False}


def test_who_was_there_says_where_it_stopped_looking(client, boats, monkeypatch):
    monkeypatch.setattr(calls, "MOST_VESSELS", 2)
    assert asked(client, box(107, 16, 109, 17)).json()["limited"] is True


@pytest.mark.parametrize(
    "polygon",
    [{}, {"type": "Point", "coordinates": [1, 2]}, {"type": "Polygon", "coordinates": []},
     {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]}],
)  # fmt: skip
def test_what_is_no_area_is_refused(client, polygon):
    assert asked(client, polygon).status_code == 422


def test_the_file_holds_everything(client, boats):
    boat = boats["silent"]
    client.post(f"{BASE}/{boat.pk}/notes", {"words": "đã gọi"}, content_type="application/json")
    file = client.get(f"{BASE}/{boat.pk}/file").json()
    assert set(file) == {"identity", "history", "owner", "permits", "devices", "port_calls",
                         "alerts", "notes", "declarations", "events"}  # fmt: skip
    assert file["identity"]["plate"] == boat.plate
    assert file["identity"]["state"] == "silent"
    assert file["owner"] == {"name": "Ông Hai", "phone": "0905"}
    assert file["devices"][0]["last_at"] == "2026-09-21T05:00:00Z"
    assert file["devices"][0]["counted"] is True
    assert [a["kind"] for a in file["alerts"]] == ["signal_lost"]
    assert file["notes"][0]["words"] == "đã gọi"


def test_an_alert_is_shown_moved_and_proved(client, boats):
    listed = client.get(f"{BASE}/alerts?stage=open&kind=signal_lost").json()["alerts"]
    (one,) = listed
    assert one["can"] == ["seen", "called", "warned", "handed_over", "closed"]
    door = f"{BASE}/alerts/{one['id']}"
    step = {"stage": "called", "words": "gọi ông Hai", "version": one["version"], "key": "1"}
    moved = client.post(f"{door}/stage", step, content_type="application/json").json()
    assert moved["timeline"][0]["words"] == "gọi ông Hai"
    assert moved["phones"] == [{"name": "Ông Hai", "phone": "0905"}]
    stale = client.post(f"{door}/stage", step | {"key": "2"}, content_type="application/json")
    assert stale.status_code == 409
    assert {c["code"] for c in moved["causes"]} >= {"device_broken", "switched_off"}
    proof = client.get(f"{door}/evidence").json()
    assert proof["code_version"]
    assert proof["computed_at"] == "2026-09-21T12:00:00Z"
    assert {r["value"] for r in proof["rules"]} == {6, 10}
    assert all(f["how"] for f in proof["figures"])
    assert orjson.dumps(proof["positions"])


def test_port_calls_are_told_with_their_port(db):
    make_sea()
    boat = make_boat(16)
    hear(boat, *(at_port(h) for h in (9, 8, 7, 6, 1, 0.5, 0)), *way(107.55, 107.9, hours=(5, 3)))
    last, first = port_calls(boat.pk, NOW - timedelta(days=1), NOW)
    assert (first["port"]["code"], first["left_at"]) == ("cang", NOW - timedelta(hours=6))
    assert (last["arrived_at"], last["left_at"]) == (NOW - timedelta(hours=1), None)


@pytest.mark.slow
def test_four_thousand_vessels_are_listed_in_a_tenth_of_a_second(client, db):
    import time

    make_sea()
    Vessel.objects.bulk_create(
        Vessel(name=f"B{n}", kind="fishing", plate_key=f"X{n}", registered=True)
        for n in range(4_000)
    )
    sweep.run(now=NOW)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        body = client.get(f"{BASE}/fleet/list?limit=5000").content
        took.append(time.perf_counter() - start)
    assert len(orjson.loads(body)["vessels"]) == 4_000
    print(f"4,000 vessels: {min(took) * 1000:.0f} ms, {len(body) / 1e6:.1f} MB")


def test_who_crossed_between_two_positions_was_there_too(client, boats):
    boat = make_boat(16, vms="vnpt")
    hear(boat, (5.0, 108.50, 16.5, 8.0, 90.0), (3.0, 108.80, 16.5, 8.0, 90.0), vms=True)
    ring = [[108.6, 16.4], [108.7, 16.4], [108.7, 16.6], [108.6, 16.6], [108.6, 16.4]]
    asked = {
        "polygon": {"type": "Polygon", "coordinates": [ring]},
        "from": (NOW - timedelta(hours=6)).isoformat(), "to": NOW.isoformat(),
    }  # fmt: skip
    told = client.post(f"{BASE}/who-was-there", asked, content_type="application/json").json()
    (mine,) = [row for row in told["vessels"] if row["id"] == boat.pk]
    assert (mine["positions"], [c["inside"] for c in mine["crossings"]]) == (0, [True, False])
    assert mine["inside_s"] == pytest.approx(2400, abs=5)
    first = datetime.fromisoformat(mine["first_at"])
    assert abs((first - (NOW - timedelta(hours=5, minutes=-40))).total_seconds()) < 5
    asked["to"] = (NOW - timedelta(hours=4, minutes=10)).isoformat()
    told = client.post(f"{BASE}/who-was-there", asked, content_type="application/json").json()
    (mine,) = [row for row in told["vessels"] if row["id"] == boat.pk]
    assert mine["inside_s"] == pytest.approx(600, abs=5)
