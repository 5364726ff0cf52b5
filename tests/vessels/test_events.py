"""Planted cases are each found, none is invented on quiet boats, and no order changes them."""

import random
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from geo.models import Notice
from tests.vessels.fleet_factories import (
    NOW,
    at_port,
    hear,
    make_boat,
    make_sea,
    make_zone,
    way,
)  # fmt: skip
from vessels import declarations, sweep
from vessels.models import Alert, FleetState, Port, Vessel

pytestmark = pytest.mark.django_db


@pytest.fixture
def port(db):
    return make_sea()


def swept(now=NOW, **options):
    return sweep.run(now=now, **options)


def kinds_of(vessel):
    return sorted(Alert.objects.filter(vessel=vessel, ended_at=None).values_list("kind", flat=True))


def state_of(vessel):
    return FleetState.objects.get(pk=vessel.pk).state


def vms_at_sea(boat, last_h, lon=108.6, every_h=2.5, count=6):
    hear(boat, *((last_h + n * every_h, lon, 16.5, 8.0, 90.0) for n in range(count)), vms=True)


def test_quiet_boats_raise_nothing(port):
    moored, working, near_shore, inshore = (
        make_boat(16), make_boat(24, vms="vnpt"), make_boat(10), make_boat(13),
    )  # fmt: skip
    lone = make_boat(16, vms="vnpt")
    hear(moored, at_port(30.0))
    vms_at_sea(working, last_h=2.9)
    vms_at_sea(lone, last_h=5.9, every_h=3.0)
    hear(near_shore, *way(107.75, 107.9, speed=3.0, course=180.0))
    hear(inshore, *way(107.9, 108.1, hours=(3.0, 2.0), speed=9.0),
         *way(108.1, 108.12, hours=(1.9, 0.1), speed=2.5, course=180.0))  # fmt: skip
    passing = Vessel.objects.create(name="CARGO", kind="cargo", mmsi=1, length_m=150)
    hear(passing, *way(108.7, 108.8, hours=(9.0, 8.0), lat=16.9, speed=12.0))
    swept()
    assert list(Alert.objects.all()) == []
    assert [state_of(b) for b in (moored, working, near_shore, inshore, lone)] == [
        "in_port", "at_sea", "at_sea", "at_sea", "at_sea",
    ]  # fmt: skip
    assert Notice.objects.count() == 0


@pytest.mark.parametrize(
    ("hours", "kind"),
    [(5.9, None), (6.1, "signal_lost"), (239.0, "signal_lost"), (241.0, "signal_lost_long")],
)  # fmt: skip
def test_silence_is_found_at_its_hour(port, hours, kind):
    boat = make_boat(16, vms="vnpt")
    vms_at_sea(boat, last_h=hours)
    swept()
    assert kinds_of(boat) == ([kind] if kind else [])
    assert state_of(boat) == ("silent" if kind else "at_sea")
    if kind:
        alert = Alert.objects.get()
        assert alert.opened_at == NOW - timedelta(hours=hours)
        assert alert.due_at == alert.opened_at + timedelta(days=10)
        assert "26/2019" in alert.clock["source"]
        assert alert.evidence["rules"][0]["value"] == 6
        assert len(alert.evidence["positions"]) == 1


def test_a_silence_that_ends_closes_itself_and_a_new_one_is_another(port):
    boat = make_boat(16, vms="vnpt")
    vms_at_sea(boat, last_h=7)
    swept()
    hear(boat, (-1.0, 108.6, 16.5, 8.0, 90.0), vms=True)
    swept(NOW + timedelta(hours=2))
    first = Alert.objects.get()
    assert (first.stage, first.cause) == ("closed", "passed")
    assert (state_of(boat), first.ended_at) == ("at_sea", NOW + timedelta(hours=1))
    swept(NOW + timedelta(hours=8))
    assert Alert.objects.count() == Notice.objects.count() == 2


def test_ais_on_while_vms_is_off_is_one_alert_and_not_two(port):
    boat = make_boat(16, vms="vnpt")
    vms_at_sea(boat, last_h=7)
    hear(boat, *way(108.6, 108.7, hours=(4, 0.1)))
    swept()
    assert kinds_of(boat) == ["ais_on_vms_off"]
    assert Alert.objects.get().due_at == NOW + timedelta(days=10, hours=-7)


def test_an_outage_of_a_provider_holds_its_boats_back_and_says_so(port):
    boats = [make_boat(16, vms="vnpt") for _ in range(8)]
    healthy = make_boat(16, vms="viettel")
    for boat in boats:
        vms_at_sea(boat, last_h=7)
    vms_at_sea(healthy, last_h=7)
    swept()
    outage = Alert.objects.get(kind="provider_outage")
    held = Alert.objects.filter(kind="signal_lost", held_by=outage)
    assert {a.vessel_id for a in held} == {boat.pk for boat in boats}
    assert kinds_of(healthy) == ["signal_lost"]
    assert Notice.objects.count() == 2  # the outage, and the boat whose provider is up
    assert FleetState.objects.filter(need_rank__isnull=False).count() == 1
    for boat in boats[:-1]:
        hear(boat, (-1.0, 108.6, 16.5, 8.0, 90.0), vms=True)
    swept(NOW + timedelta(hours=1.2))
    outage.refresh_from_db()
    assert (outage.stage, outage.cause) == ("closed", "passed")
    assert Alert.objects.get(vessel=boats[-1]).held  # it gets an interval's time to be heard
    swept(NOW + timedelta(hours=4.5))
    assert not Alert.objects.get(vessel=boats[-1]).held
    assert Notice.objects.filter(kind="vessels.signal_lost").count() == 2


def test_the_line_is_crossed_where_and_when_it_was(port):
    boat = make_boat(10)
    hear(boat, (2.0, 107.95, 16.5, 7.0, 90.0), (1.0, 108.05, 16.5, 7.0, 90.0))
    swept()
    alert = Alert.objects.get(kind="zone_entry")
    assert alert.opened_at == NOW - timedelta(hours=1.5)
    assert (alert.geom.x, alert.geom.y) == pytest.approx((108.0, 16.5), abs=1e-6)
    assert state_of(boat) == "over_line"
    shown = {f["title"]["en"]: f for f in alert.evidence["figures"]}
    assert shown["Error of the crossing"]["value"] > 10
    assert len(alert.evidence["positions"]) == 2
    hear(boat, (0.0, 107.95, 16.5, 5.0, 270.0))
    swept(NOW + timedelta(minutes=1))
    alert.refresh_from_db()
    assert (alert.ended_at, alert.stage) == (NOW - timedelta(hours=0.5), "new")
    assert state_of(boat) == "at_sea"  # it left; the violation still waits for an officer
    assert FleetState.objects.get(pk=boat.pk).alert_id == alert.pk


def test_in_and_out_between_two_rounds_is_found(port):
    boat = make_boat(13, vms="vnpt")
    hear(boat, (6.5, 108.3, 16.5), (3.5, 108.5, 16.5), (0.5, 108.3, 16.5), vms=True)
    swept()
    alert = Alert.objects.get()
    assert (alert.kind, alert.ended_at) == ("zone_entry", NOW - timedelta(hours=2))
    assert Notice.objects.count() == 1


def test_fishing_in_inner_waters_is_found_and_passing_through_is_not(port):
    fishing, passing = make_boat(18), make_boat(18)
    hear(fishing, *way(108.1, 108.14, hours=(2.0, 0.1), speed=2.0, course=0.0))
    hear(passing, *way(108.05, 108.35, hours=(2.0, 0.1), lat=16.2, speed=9.0))
    swept()
    assert kinds_of(fishing) == ["zone_entry"]
    assert kinds_of(passing) == []


def test_leaving_waters_that_are_watched_and_a_forbidden_neighbour(port):
    make_zone("foreign", 109.0, 109.4, code="nuoc-khac")
    make_zone("offshore", 106.0, 107.0, code="dac-quyen", keep_in=True)
    abroad, out = make_boat(20), make_boat(20)
    hear(abroad, *way(108.9, 109.1, hours=(2.0, 0.1)))
    hear(out, *way(106.1, 105.9, hours=(2.0, 0.1), course=270.0))
    swept()
    assert kinds_of(abroad) == ["zone_entry"]
    assert Alert.objects.get(vessel=abroad).severity == "extreme"
    assert kinds_of(out) == ["zone_exit"]


def test_a_boat_that_heads_for_the_line_is_told_before(port):
    heading, along = make_boat(10), make_boat(10)
    hear(heading, (0.1, 107.99, 16.5, 7.0, 90.0))
    hear(along, (0.1, 107.99, 16.3, 7.0, 0.0))
    swept()
    assert (kinds_of(heading), kinds_of(along)) == (["near_line"], [])


def test_a_ship_that_bears_down_on_a_boat_is_found_and_boats_side_by_side_are_not(port):
    boat, other, third = make_boat(16), make_boat(16), make_boat(16)
    ship = Vessel.objects.create(name="SHIP", kind="cargo", mmsi=2, length_m=180)
    hear(boat, (0.02, 108.6, 16.5, 2.0, 0.0))
    hear(ship, (0.05, 108.65, 16.5, 14.0, 270.0))
    hear(other, (0.02, 108.6, 16.2, 3.0, 0.0))
    hear(third, (0.02, 108.601, 16.2, 3.0, 0.0))
    swept()
    alert = Alert.objects.get()
    assert (alert.kind, alert.vessel) == ("collision_risk", boat)
    assert sorted(alert.evidence["vessels"]) == sorted([boat.pk, ship.pk])
    assert {state_of(boat), state_of(ship)} == {"danger"}
    hear(ship, (-0.5, 108.4, 16.55, 14.0, 270.0))
    hear(boat, (-0.5, 108.6, 16.51, 2.0, 0.0))
    swept(NOW + timedelta(hours=0.51))
    alert.refresh_from_db()
    assert (alert.stage, state_of(boat)) == ("closed", "at_sea")


def test_a_declared_departure_without_a_track_is_found_and_overrides_the_port(port):
    boat = make_boat(16, vms="vnpt")
    hear(boat, at_port(8.0), vms=True)
    swept()
    assert (kinds_of(boat), state_of(boat)) == ([], "in_port")
    declarations.declare(
        vessel=boat, kind="departure", port=Port.objects.get(), at=NOW - timedelta(hours=4),
        by=None, key="a",
    )  # fmt: skip
    swept()
    assert kinds_of(boat) == ["declared_no_track"]
    declarations.declare(
        vessel=boat, kind="arrival", port=Port.objects.get(), at=NOW - timedelta(hours=1),
        by=None, key="b",
    )  # fmt: skip
    swept()
    assert (kinds_of(boat), state_of(boat)) == ([], "in_port")


def picture_of_alerts():
    return sorted(
        (a.kind, a.vessel_id, a.opened_at, a.ended_at, a.geom and a.geom.coords, str(a.evidence))
        for a in Alert.objects.exclude(cause="withdrawn")
    )


def planted():
    """Boats, each with what is heard of it: (vessel, fix, vms)."""
    silent, over, back, inner = (
        make_boat(16, vms="vnpt", fitted_h=13), make_boat(10), make_boat(13), make_boat(18),
    )  # fmt: skip
    heard = [(silent, (h, 108.6, 16.5, 8.0, 90.0), True) for h in (7.0, 9.5, 12.0)]
    heard += [(over, fix, False) for fix in way(107.95, 108.05, hours=(3.0, 0.5))]
    heard += [(back, fix, False) for fix in way(108.3, 108.5, hours=(3.0, 2.0))]
    heard += [(back, fix, False) for fix in way(108.5, 108.3, hours=(1.9, 0.5), course=270.0)]
    heard += [(inner, fix, False) for fix in way(108.1, 108.14, hours=(3.0, 0.5), speed=2.0)]
    return heard


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_ingest_does_not_change_events(port, seed):
    heard = planted()
    for boat, fix, vms in heard:
        hear(boat, fix, vms=vms)
    swept()
    expected = picture_of_alerts()
    assert len(expected) == 4
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE vessels_alert CASCADE")
        cursor.execute("TRUNCATE vessels_hot, vessels_latest, vessels_fleet")
    dice = random.Random(seed)
    dice.shuffle(heard)
    for n, (boat, fix, vms) in enumerate(heard):
        hear(boat, fix, vms=vms)
        if n % 20 == seed:
            swept()
    swept(deep=True)
    assert [one[:5] for one in picture_of_alerts()] == [one[:5] for one in expected]
    assert [one[5].replace(" ", "") for one in picture_of_alerts()] == [
        one[5].replace(" ", "") for one in expected
    ]


def test_a_second_round_changes_nothing(port):
    for boat, fix, vms in planted():
        hear(boat, fix, vms=vms)
    assert swept()["opened"] == 4
    before = list(Alert.objects.order_by("pk").values()), list(FleetState.objects.values())
    for deep in (False, True):
        assert swept(deep=deep) == {"opened": 0, "updated": 0, "ended": 0, "states": 0}
    after = list(Alert.objects.order_by("pk").values()), list(FleetState.objects.values())
    assert after == before
    assert Notice.objects.count() == 4


def test_what_late_data_refute_is_withdrawn(port):
    boat = make_boat(10)
    hear(boat, (2.0, 107.9, 16.5, 5.0, 90.0), (1.0, 108.05, 16.5, 5.0, 90.0))
    swept()
    with connection.cursor() as cursor:  # a swapped position that was set right
        cursor.execute("UPDATE vessels_hot SET flags = 1 WHERE lon_e7 > 1080000000")
        cursor.execute("UPDATE vessels_latest SET flags = 1")
    swept()
    alert = Alert.objects.get()
    assert (alert.stage, alert.cause) == ("closed", "withdrawn")


def test_two_rounds_at_once_are_one(port):
    with psycopg.connect(**_address()) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [sweep.LOCK])
        assert swept() is None
        other.execute("SELECT pg_advisory_unlock(%s)", [sweep.LOCK])
    assert swept() is not None


def _address():
    known = connection.get_connection_params()
    return {name: known[name] for name in ("dbname", "user", "password", "host", "port")
            if name in known}  # fmt: skip


def test_a_round_costs_the_same_queries_for_any_fleet(port, django_assert_max_num_queries):
    for n in range(30):
        hear(make_boat(16, vms="vnpt"), (1.0 + n / 60, 108.6, 16.5, 8.0, 90.0), vms=True)
    with django_assert_max_num_queries(26):
        swept()


@pytest.mark.parametrize(("age_h", "near"), [(0.9, True), (1.3, False)])
def test_near_a_line_counts_by_the_devices_own_interval(port, age_h, near):
    boat = make_boat(13, vms="vnpt")
    hear(boat, (age_h, 108.3, 16.5, 6.5, 90.0), vms=True)
    swept()
    assert (kinds_of(boat) == ["near_line"]) is near
