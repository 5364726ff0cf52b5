"""What vessels do for hours is found where it happens, none is invented, and it is told once."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from geo.models import Notice
from tests.vessels.fleet_factories import NOW, at_port, hear, make_boat, make_sea, way
from vessels import sweep
from vessels.models import Alert, DangerArea, Permit, Position, Vessel, VesselEvent
from vessels.models.control import Threshold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sea(db):
    return make_sea()


def looked(now=NOW):
    return sweep.run_conduct(now=now)


def found():
    rows = Alert.objects.exclude(ended_at__isnull=False, closed_at__isnull=False)
    return sorted(rows.values_list("kind", flat=True))


def ship(kind="cargo", mmsi=1, **fields):
    return Vessel.objects.create(name=f"SHIP {mmsi}", kind=kind, mmsi=mmsi, **fields)


def drift(hours, lon=108.6, lat=16.5, *, step=0.004, every_h=0.2, speed=1.0):
    """Fixes of a drift to the east from so many hours ago on."""
    count = round((hours[0] - hours[1]) / every_h) + 1
    return [(hours[0] - n * every_h, lon + n * step, lat, speed, 90.0) for n in range(count)]


def fishing_way(hours=(5.0, 0.2), lon=108.2, lat=16.5):
    return way(lon, lon + 0.25, lat=lat, hours=hours, speed=3.0)


def test_a_ship_that_drifts_for_hours_loiters_and_one_at_anchor_does_not():
    drifter, anchored, boat = ship(mmsi=1), ship(mmsi=2), make_boat(16)
    hear(drifter, *drift((7.0, 0.2)))
    hear(anchored, *drift((7.0, 0.2), lat=16.8, step=0.00005, speed=0.1))
    hear(boat, *drift((7.0, 0.2), lat=16.2))
    looked()
    alert = Alert.objects.get()
    assert (alert.kind, alert.vessel, alert.ended_at) == ("loitering", drifter, None)
    assert alert.evidence["figures"][0]["value"] == pytest.approx(6.8, abs=0.3)
    assert set(alert.evidence["figures"][0]["how"]) == {"vi", "en"}
    assert {rule["kind"] for rule in alert.evidence["rules"]} > {"loitering_time"}


def test_an_open_event_grows_in_place_and_is_told_once():
    drifter = ship()
    fixes = drift((9.0, 0.2))
    hear(drifter, *(fix for fix in fixes if fix[0] >= 3.2))
    looked(NOW - timedelta(hours=3))
    first = Alert.objects.get()
    hear(drifter, *fixes)
    looked()
    again = Alert.objects.get()
    assert (again.pk, again.opened_at, again.ended_at) == (first.pk, first.opened_at, None)
    assert again.evidence["figures"][0]["value"] > first.evidence["figures"][0]["value"]
    assert Notice.objects.count() == 1
    assert looked() == {"opened": 0, "updated": 0, "ended": 0, "added": 0, "changed": 0, "gone": 0}
    looked(NOW + timedelta(hours=6))
    assert Alert.objects.get().ended_at is not None


@pytest.mark.parametrize(("apart", "kinds"), [(0.002, ["encounter"]), (0.02, [])])
@pytest.mark.parametrize("vms", [False, True])
def test_boats_side_by_side_for_hours_meet(apart, kinds, vms):
    boats = make_boat(16), make_boat(18)
    for n, boat in enumerate(boats):
        every_h = 2.0 if vms else 0.2
        hear(boat, *drift((9.0, 0.9), lat=16.5 + n * apart, step=0.0004 * every_h * 5,
                          every_h=every_h, speed=0.8), vms=vms)  # fmt: skip
    looked()
    assert found() == kinds
    if kinds:
        assert Alert.objects.get().evidence["vessels"] == sorted(boat.pk for boat in boats)


def test_boats_side_by_side_in_port_do_not():
    for n in range(2):
        hear(make_boat(16), *((h / 5, 107.5 + n / 10_000, 16.5, 0.0, 0.0) for h in range(1, 40)))
    looked()
    assert found() == []
    assert VesselEvent.objects.filter(kind="port_visit", ended_at=None).count() == 2


def test_fishing_is_a_line_of_the_file_and_without_papers_an_alert():
    papered, lapsed, stranger = make_boat(16), make_boat(16), ship("fishing", mmsi=9)
    for boat, until in ((papered, NOW + timedelta(days=1)), (lapsed, NOW - timedelta(days=2))):
        Permit.objects.create(vessel=boat, number="1", valid_until=until.date())
    for n, boat in enumerate((papered, lapsed, stranger)):
        hear(boat, at_port(9.0), *fishing_way(lat=16.3 + n * 0.2))
    looked()
    assert VesselEvent.objects.filter(kind="fishing").count() == 3
    alerts = Alert.objects.filter(kind="fishing_no_permit")
    assert {alert.vessel for alert in alerts} == {lapsed, stranger}
    assert "giấy phép hết hạn" in alerts.get(vessel=lapsed).title_vi


def test_visits_and_stops_are_written_once_and_close():
    boat = make_boat(16)
    stay = [(h, *at_port()[1:]) for h in (9.0, 8.5, 8.0, 7.5, 7.0)]
    hear(boat, *stay, *way(107.6, 108.6, hours=(6.5, 3.0)),
         *((h, 108.6, 16.5, 0.1, 0.0) for h in (2.8, 2.3, 1.8, 1.3)),
         *way(108.6, 108.7, hours=(1.2, 0.1)))  # fmt: skip
    looked()
    rows = list(VesselEvent.objects.order_by("began_at").values_list("kind", "ended_at"))
    assert [kind for kind, _ in rows] == ["port_visit", "stopped"]
    assert all(ended for _, ended in rows)
    before = list(VesselEvent.objects.order_by("pk").values())
    looked()
    assert list(VesselEvent.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("seed", range(3))
def test_no_order_of_positions_changes_the_events(seed):
    boats = make_boat(16), make_boat(18), ship()
    fixes = [
        *((boats[0], fix) for fix in drift((9.0, 0.2), lat=16.5)),
        *((boats[1], fix) for fix in drift((9.0, 0.2), lat=16.502)),
        *((boats[2], fix) for fix in drift((8.0, 0.4), lat=16.8)),
    ]

    def told():
        looked()
        alerts = Alert.objects.order_by("kind").values_list("kind", "opened_at", "ended_at")
        deeds = VesselEvent.objects.order_by("vessel", "kind", "began_at")
        return list(alerts), list(deeds.values_list("vessel", "kind", "began_at", "ended_at"))

    for boat in boats:
        hear(boat, *(fix for of, fix in fixes if of == boat))
    expected = told()
    assert len(expected[0]) == 2
    for model in (Position, Alert, VesselEvent):
        model.objects.all().delete()
    random.Random(seed).shuffle(fixes)
    for boat, fix in fixes:
        hear(boat, fix)
    assert told() == expected


def area(west, east, *, start=-1, end=12, key="bao-1"):
    return DangerArea.objects.create(
        key=key, name_vi="bão số 9", name_en="storm 9", source="forecast",
        geom=f"SRID=4326;MULTIPOLYGON((({west} 16,{east} 16,{east} 17,{west} 17,{west} 16)))",
        valid_from=NOW + timedelta(hours=start), valid_to=NOW + timedelta(hours=end),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lon", "speed", "course", "span", "word"),
    [
        (108.6, 0.0, 0.0, (-1, 12), "trong"),
        (108.0, 8.0, 90.0, (-1, 12), "hướng vào"),
        (108.0, 8.0, 270.0, (-1, 12), None),
        (108.0, 8.0, 90.0, (-1, 2), None),
        (108.0, 8.0, 90.0, (13, 20), None),
        (108.0, 0.0, 0.0, (-1, 12), None),
    ],
)  # fmt: skip
def test_a_storm_is_told_to_who_is_in_it_or_bound_for_it(lon, speed, course, span, word):
    area(108.5, 109.0, start=span[0], end=span[1])
    boat = make_boat(24)
    hear(boat, (0.2, lon, 16.5, speed, course))
    sweep.run(now=NOW)
    alerts = Alert.objects.filter(kind="storm")
    assert alerts.count() == (1 if word else 0)
    if word:
        assert word in alerts.get().title_vi
        assert (alerts.get().due_at is None) is (word == "trong")
        sweep.run(now=NOW + timedelta(minutes=1))
        assert Notice.objects.filter(kind="vessels.storm").count() == 1
        DangerArea.objects.update(active=False)
        sweep.run(now=NOW + timedelta(minutes=2))
        assert alerts.get().ended_at == NOW + timedelta(minutes=2)


def test_a_boat_in_port_or_of_yesterday_is_in_no_storm():
    area(107.0, 109.0)
    hear(make_boat(24), at_port(0.2))
    hear(make_boat(24), (13.0, 108.6, 16.5, 0.0, 0.0))
    sweep.run(now=NOW)
    assert not Alert.objects.filter(kind="storm").exists()


def test_every_figure_comes_from_a_dated_row(monkeypatch):
    Threshold.objects.filter(kind="loitering_time").update(value=8)
    hear(ship(), *drift((7.0, 0.2)))
    looked()
    assert found() == []
    assert all(row.source and row.in_force_from for row in Threshold.objects.all())
    assert timezone.is_aware(NOW)
