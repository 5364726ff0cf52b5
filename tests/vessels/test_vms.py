"""VMS deliveries in three forms: the same rows, the same vessels, nothing twice."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vessels.factories import NOON
from vessels import registry, vms
from vessels.models import Feed, LiveVessel, Position, RawBatch, RejectedLine, Vessel
from vessels.vms.parse import parse

AT = "2026-09-21T14:13:20Z"
JSON, CSV, NAF = "application/json", "text/csv", "application/naf"
ROW = {"plate": "TTH 96329-TS", "time": AT, "lon": 107.8, "lat": 16.6, "speed": 5.5, "course": 90}
AS_CSV = f"plate;time;lon;lat;speed;course\nTTH 96329-TS;{AT};107,8;16,6;5,5;90\n".encode()
AS_NAF = (
    b"//SR//AD/VNM//FR/VNM//TM/POS//XR/TTH 96329-TS//DA/20260921//TI/141320"
    b"//LT/+16.6//LG/+107.8//SP/55//CO/90//ER//\n"
)


def feed(**given):
    return Feed.objects.create(name="provider", **given)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps([ROW]).encode(), JSON),
        (json.dumps({"positions": [ROW]}).encode(), JSON),
        (AS_CSV, CSV),
        (AS_NAF, NAF),
        (AS_NAF, "text/plain"),
    ],
)
def test_the_three_forms_say_the_same(body, kind):
    read = parse(body, kind)
    (row,) = read.rows
    assert read.refused == []
    assert (row.plate, row.time, row.lon, row.lat) == ("TTH 96329-TS", NOON, 107.8, 16.6)
    assert (row.speed_kn, row.course_deg) == (5.5, 90)


def test_naf_angles_in_degrees_and_minutes_and_south_west():
    text = AS_NAF.replace(b"LT/+16.6", b"LA/S1636").replace(b"LG/+107.8", b"LO/W10748")
    (row,) = parse(text, NAF).rows
    assert (row.lat, row.lon) == (-16.6, -107.8)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"plate": ""}, "no-vessel"),
        ({"time": None}, "no-time"),
        ({"time": "yesterday"}, "bad-time"),
        ({"time": "2026-09-21 14:13:20"}, "time-without-zone"),
        ({"time": "2099-09-21T14:13:20Z"}, "future-time"),
        ({"time": 1}, "absurd-time"),
        ({"lon": None}, "no-position"),
        ({"lon": "east"}, "bad-number"),
        ({"lon": 16.6, "lat": 107.8}, "swapped-position"),
        ({"lon": 200}, "absurd-position"),
        ({"speed": [1]}, "bad-number"),
        ({"plate": "", "ident": "VX-9"}, "unknown-device"),
    ],
)
@pytest.mark.django_db
def test_a_bad_row_is_set_aside_by_name_and_good_ones_stay(change, reason):
    done = vms.store(feed(), json.dumps([ROW | change, ROW]).encode(), JSON)
    assert [(one.line, one.reason) for one in done.refused] == [(1, reason)]
    assert (done.taken, done.new, RejectedLine.objects.get().reason) == (1, 1, reason)
    assert Position.objects.get().geom.x == pytest.approx(107.8)


@pytest.mark.django_db
def test_a_delivery_taken_twice_or_in_another_form_stores_nothing_twice():
    provider = feed()
    body = json.dumps([ROW]).encode()
    assert vms.store(provider, body, JSON).dict() == {
        "taken": 1, "new": 1, "repeated": 0, "refused": [],
    }  # fmt: skip
    for again, kind in ((body, JSON), (AS_CSV, CSV), (AS_NAF, NAF)):
        done = vms.store(provider, again, kind)
        assert (done.taken, done.new, done.repeated) == (1, 0, 1)
    position = Position.objects.get()
    assert (position.message_type, position.flags, position.heading_deg) == (0, 0, None)
    assert Vessel.objects.get().plate_key == "TTH96329"
    assert RawBatch.objects.count() == 3


@pytest.mark.django_db
def test_late_and_unordered_rows_find_their_place_and_the_latest_stays():
    provider = feed()
    rows = [ROW | {"time": NOON + n * 7200, "lon": 107.8 + n / 100} for n in (3, 0, 2)]
    vms.store(provider, json.dumps(rows).encode(), JSON)
    vms.store(provider, json.dumps([ROW | {"time": NOON + 7200}]).encode(), JSON)
    assert LiveVessel.objects.get().geom.x == pytest.approx(107.83)
    times = Position.objects.order_by("observed_at").values_list("observed_at", flat=True)
    assert [at.timestamp() - NOON for at in times] == [0, 7200, 14_400, 21_600]


@pytest.mark.django_db
def test_a_device_tells_the_vessel_it_is_aboard_at_that_time():
    at = datetime.fromtimestamp(NOON, UTC)
    first = registry.register(plate="TTH 11111 TS", source="list")
    second = registry.register(plate="TTH 22222 TS", source="list")
    device = registry.fit(
        vessel=first, kind="vms", provider="provider", ident="VX-9", counted=True, at=at
    )
    device.removed_at = at + timedelta(hours=6)
    device.save()
    registry.fit(
        vessel=second, kind="vms", provider="provider", ident="VX-9", counted=True,
        at=at + timedelta(hours=8),
    )  # fmt: skip
    bare = {**ROW, "plate": "", "ident": "VX-9"}
    rows = [bare | {"time": NOON + hours * 3600} for hours in (-1, 1, 7, 9)]
    done = vms.store(feed(), json.dumps(rows).encode(), JSON)
    assert [one.reason for one in done.refused] == ["unknown-device"]
    vessels = Position.objects.order_by("observed_at").values_list("vessel_id", flat=True)
    assert list(vessels) == [first.pk, first.pk, second.pk]
    wrong = bare | {"plate": "TTH 22222 TS", "time": NOON + 60}
    done = vms.store(Feed.objects.get(), json.dumps([wrong]).encode(), JSON)
    assert [one.reason for one in done.refused] == ["device-of-another"]


@pytest.mark.django_db
def test_a_device_named_beside_its_plate_is_known_from_then_on():
    provider = feed()
    vms.store(provider, json.dumps([ROW | {"ident": "VX-9"}]).encode(), JSON)
    bare = {**ROW, "plate": "", "ident": "VX-9", "time": NOON + 7200}
    assert vms.store(provider, json.dumps([bare]).encode(), JSON).new == 1
    assert Vessel.objects.get().devices.get().ident == "VX-9"


@pytest.mark.parametrize("kind", [JSON, CSV, NAF, ""])
@given(body=st.one_of(st.binary(max_size=300), st.text('{}[]",:/SRE;lonat1.\n', max_size=200)))
def test_no_body_whatever_breaks_the_reader(kind, body):
    read = parse(body if isinstance(body, bytes) else body.encode(), kind)
    assert all(one.reason and one.line > 0 for one in read.refused)
