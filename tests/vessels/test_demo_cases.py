"""The demonstration's planted cases are each found, and none is invented on its quiet boats."""

from datetime import UTC, datetime

import pytest

from geo.packs.pack import bundled_pack
from geo.packs.report import Report
from ioc.bench import _planted
from ioc.demo import boats, papers
from tests.vessels.factories import NOON
from vessels import pack, sweep
from vessels.ais import encode
from vessels.ingest.command import run_file
from vessels.ingest.fleet import Fleet
from vessels.models import Alert, FleetState, Vessel, VesselEvent

SEED = 7
EARLIER = NOON - 10 * 3600  # 11 in the morning in Huế; NOON is 9 in the evening
QUIET = 20


def sample():
    """The planted boats and some quiet ones."""
    return [b for b in boats.fleet(SEED)[: boats.FISHING_BOATS]
            if b.number in boats.PLANTED or b.number % (300 // QUIET) == 0]  # fmt: skip


def ingest(tmp_path, start, end):
    """What they send, through the real door, a position each two minutes."""
    path = tmp_path / "demo.nmea"
    with path.open("wb") as log:
        for boat in sample():
            for t in boat.due(start, end, past=True):
                line = encode.tagged(boats.report(boat, t), at_s=t, station="demo")
                log.write(line + b"\r\n")
    run_file(path, Fleet("demo", synthetic=True))


def found(kind):
    rows = Alert.objects.filter(kind=kind).values_list("vessel__mmsi", flat=True)
    return {mmsi - boats.FIRST_MMSI for mmsi in rows}


@pytest.mark.django_db
def test_planted_boats_are_found_and_quiet_ones_are_not(tmp_path):
    pack.import_ports(bundled_pack(), Report())
    pack.import_zones(bundled_pack(), Report())
    assert papers.register_all(sample(), datetime.fromtimestamp(EARLIER, UTC)) == len(sample())
    assert papers.register_all(sample(), datetime.fromtimestamp(EARLIER, UTC)) == 0
    ingest(tmp_path, EARLIER - 22 * 3600, EARLIER)
    sweep.run(now=datetime.fromtimestamp(EARLIER, UTC), deep=True)
    ingest(tmp_path, EARLIER, NOON)
    sweep.run(now=datetime.fromtimestamp(NOON, UTC), deep=True)
    assert found("signal_lost") == set(boats.SILENT)
    assert found("zone_entry") == set(boats.OVER_LINE)
    assert found("ais_on_vms_off") == set(boats.VMS_OFF)
    planted = {boats.FIRST_MMSI + number for number in boats.PLANTED}
    assert not Alert.objects.exclude(vessel__mmsi__in=planted).exists()
    assert set(Alert.objects.values_list("synthetic", flat=True)) == {True}
    assert not Vessel.objects.filter(synthetic=False).exists()
    heard = {boat.mmsi for boat in sample()}
    quiet = FleetState.objects.filter(vessel__mmsi__in=heard - planted)
    assert set(quiet.values_list("state", flat=True)) <= {"at_sea", "in_port"}
    assert quiet.filter(state="in_port").exists()


@pytest.mark.django_db
def test_every_planted_kind_is_found_and_nothing_is_made_up(tmp_path):
    scored, others = _planted.judge(_planted.play(sample(), tmp_path))
    table = _planted.table(scored, others)
    assert {(s.precision, s.recall) for s in scored} == {(1.0, 1.0)}, table
    assert others == {}, table
    assert Vessel.objects.filter(part__gt=0).count() == 1
    fished = VesselEvent.objects.filter(kind="fishing").values("vessel").distinct()
    assert fished.count() > QUIET / 2
