"""Two vessels under one MMSI become two tracks, whatever order and however often they come."""

import random

import numpy as np
import pytest

from geo.models import Notice
from tests.vessels.factories import NOON, ingest, said
from vessels.ais import encode
from vessels.ingest import parting, shared
from vessels.models import Alert, IdentityChange, LatestPosition, Position, RawBatch, Vessel
from vessels.quality import Flag

pytestmark = pytest.mark.django_db
MMSI = 574_001_234


def boat(lon, lat=16.6, *, minutes=range(0, 60, 2), mmsi=MMSI, east=0.002, late_s=0):
    """A report each two minutes of a boat that goes east at 3.5 kn."""
    return [
        said(mmsi, lon + east * n / 2, lat, at=NOON + n * 60 + late_s, speed_kn=3.5,
             course_deg=90.0)
        for n in minutes
    ]  # fmt: skip


def tracks():
    """Each part's track as it is stored: (time, longitude, flags)."""
    found = {}
    rows = Position.objects.order_by("vessel__mmsi", "observed_at").values_list(
        "vessel__part", "observed_at", "geom", "flags"
    )
    for part, at, geom, flags in rows:
        found.setdefault(part, []).append((at.timestamp(), round(geom.x, 5), flags))
    return found


def names_of():
    return list(Vessel.objects.order_by("part").values_list("name", flat=True))


def mixed(*fleets):
    return [line for lines in zip(*fleets, strict=True) for line in lines]


def latest():
    rows = LatestPosition.objects.order_by("vessel__mmsi", "vessel__part")
    return [(row.vessel.part, row.observed_at.timestamp(), round(row.geom.x, 5)) for row in rows]


def test_two_boats_under_one_mmsi_are_two_vessels(tmp_path):
    ingest(tmp_path, *mixed(boat(107.8), boat(109.5)))
    found = tracks()
    assert {part: len(rows) for part, rows in found.items()} == {0: 30, 1: 30}
    for rows in found.values():
        assert np.ptp([lon for _, lon, _ in rows]) < 0.1
        assert {flags for *_, flags in rows} == {0}
    assert [row[0] for row in latest()] == [0, 1]
    first, second = Vessel.objects.order_by("part")
    assert (first.mmsi, second.mmsi) == (MMSI, MMSI)
    kept = IdentityChange.objects.filter(field="mmsi").order_by("vessel__part")
    assert [row.now for row in kept] == [f"{MMSI} (1)", f"{MMSI} (2)"]


@pytest.mark.parametrize("size", [1, 7])
def test_as_they_come_over_a_line_they_are_two_as_well(tmp_path, size):
    lines = mixed(boat(107.8), boat(109.5, late_s=40))
    ingest(tmp_path, *lines)
    at_once = tracks(), latest()
    Position.objects.all().delete()
    LatestPosition.objects.all().delete()
    Vessel.objects.all().delete()
    for start in range(0, len(lines), size):
        ingest(tmp_path, *lines[start : start + size])
    assert (tracks(), latest()) == at_once


@pytest.mark.parametrize("seed", range(4))
def test_no_order_changes_the_tracks_and_twice_changes_nothing(tmp_path, seed):
    lines = mixed(boat(107.8), boat(109.5, late_s=40), boat(107.9, mmsi=574_000_777))
    ingest(tmp_path, *lines)
    sorted_ones = tracks(), latest()
    Position.objects.all().delete()
    LatestPosition.objects.all().delete()
    Vessel.objects.all().delete()
    random.Random(seed).shuffle(lines)
    for start in range(0, len(lines), 25):
        ingest(tmp_path, *lines[start : start + 25])
    assert (tracks(), latest()) == sorted_ones
    before = tracks(), latest(), Alert.objects.count(), IdentityChange.objects.count()
    ingest(tmp_path, *lines)
    after = tracks(), latest(), Alert.objects.count(), IdentityChange.objects.count()
    assert after == before
    assert RawBatch.objects.count() > 1


def test_it_is_told_once(tmp_path):
    lines = mixed(boat(107.8), boat(109.5, late_s=40))
    for start in range(0, len(lines), 20):
        ingest(tmp_path, *lines[start : start + 20])
    alert = Alert.objects.get(kind="shared_mmsi")
    assert alert.evidence["figures"][0]["value"] > 150_000
    assert alert.vessel.part == 0
    assert Notice.objects.filter(kind="vessels.shared_mmsi").count() == 1


def test_boats_that_jump_once_or_lie_still_stay_one_vessel(tmp_path):
    jumpy = boat(107.8)
    jumpy[10] = said(MMSI, 109.9, 17.2, at=NOON + 20 * 60)
    moved = [*boat(107.8, mmsi=574_000_002, minutes=range(0, 30, 2)),
             *boat(109.8, mmsi=574_000_002, minutes=range(600, 630, 2))]  # fmt: skip
    ingest(tmp_path, *jumpy, *moved)
    assert not Vessel.objects.filter(part__gt=0).exists()
    assert not Alert.objects.exists()
    flags = Position.objects.filter(vessel__mmsi=MMSI).order_by("observed_at")
    assert flags[10].flags & Flag.IMPOSSIBLE_JUMP


def test_a_quiet_fleet_never_asks_the_splitter(tmp_path, monkeypatch):
    def fail(*_):
        raise AssertionError("a window was read")

    monkeypatch.setattr(parting, "window", fail)
    ingest(tmp_path, *mixed(*(boat(107 + n / 10, mmsi=574_000_000 + n) for n in range(1, 20))))
    assert Position.objects.count() == 19 * 30


def test_names_go_with_the_part_that_they_belong_to(tmp_path):
    class_b = [
        encode.tagged(
            encode.position(MMSI, 109.5 + n / 1000, 16.6, speed_kn=3.5, course_deg=90.0, second=0),
            at_s=NOON + n * 60, station="test",
        )
        for n in range(0, 60, 2)
    ]  # fmt: skip

    def told(say, name, at):
        lines = say(MMSI, name=name, callsign=name, ship_type=30, length_m=20, width_m=5)
        return [encode.tagged(line, at_s=at, station="test") for line in lines]

    names = [*told(encode.voyage, "ALPHA", NOON + 3000),
             *told(encode.particulars, "BRAVO", NOON + 3001)]  # fmt: skip
    ingest(tmp_path, *mixed(boat(107.8), class_b), *names)
    assert names_of() == ["ALPHA", "BRAVO"]
    ingest(tmp_path, *told(encode.particulars, "BRAVO", NOON + 3300))
    assert names_of() == ["ALPHA", "BRAVO"]


def test_memory_of_a_window_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(shared, "MOST_KEPT", 40)
    monkeypatch.setattr(shared, "FRESH", 20)
    lines = mixed(boat(107.8), boat(109.5, late_s=40))
    for start in range(0, len(lines), 10):
        ingest(tmp_path, *lines[start : start + 10])
    assert {part: len(rows) for part, rows in tracks().items()} == {0: 30, 1: 30}


def test_a_new_name_keeps_the_old_one_and_a_late_one_changes_nothing(tmp_path):
    def told(name, at):
        lines = encode.voyage(MMSI, name=name, callsign="XV", ship_type=30, length_m=9, width_m=3)
        return [encode.tagged(line, at_s=at, station="test") for line in lines]

    for name, at in (("FIRST", NOON), ("SECOND", NOON + 600), ("FIRST", NOON), ("ZERO", NOON - 60)):
        ingest(tmp_path, *told(name, at))
    assert Vessel.objects.get().name == "SECOND"
    kept = IdentityChange.objects.get(field="name")
    assert (kept.was, kept.now, kept.at.timestamp()) == ("FIRST", "SECOND", NOON + 600)


def test_many_spoofers_cost_a_batch_a_bounded_number_of_windows(tmp_path, monkeypatch):
    monkeypatch.setattr(shared, "MOST_NEW", 2)
    read = []
    monkeypatch.setattr(parting, "window", lambda ids, *_: read.append(ids) or (0.0, []))
    jumps = [said(574_000_000 + n, lon, at=NOON + t) for n in range(1, 9)
             for t, lon in ((0, 107.8), (60, 109.8))]  # fmt: skip
    ingest(tmp_path, *jumps)
    assert len(read) == 2
    assert Position.objects.count() == len(jumps)
