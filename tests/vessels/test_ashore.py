"""Positions ashore say so; stations are no vessels."""

import numpy as np
import pytest
import shapely

from geo.packs.pack import bundled_pack
from geo.packs.report import Report
from tests.vessels.factories import NOON, ingest, said
from vessels import ashore, pack
from vessels.ais import encode
from vessels.ais.messages import AID, AID_NAME, BASE
from vessels.models import Land, LiveVessel, Position, Station, Vessel
from vessels.quality import Flag

LAND = shapely.box(107.0, 16.0, 107.5, 16.5)


def test_land_begins_behind_the_tolerance_and_ports_are_water():
    grid = ashore.of(LAND, [(107.45, 16.25, 3_000.0)])
    lon = np.array([107.25, 107.497, 107.45, 107.6, 0.0])
    lat = np.array([16.25, 16.1, 16.25, 16.25, 0.0])
    assert grid.at(lon, lat).tolist() == [True, False, False, False, False]
    assert ashore.NOWHERE.at(lon, lat).tolist() == [False] * 5


@pytest.mark.django_db
def test_a_position_ashore_is_doubted_and_stays_on_its_track(tmp_path):
    pack.import_ports(bundled_pack(), Report())
    pack.import_land(bundled_pack(), Report())
    pack.import_land(bundled_pack(), Report())
    assert Land.objects.count() == 1
    told = ingest(tmp_path, said(574_000_001, 107.45, 16.2), said(574_000_002, 107.9, 16.7),
                  said(574_000_003, 107.6320, 16.5562))  # fmt: skip
    flags = Position.objects.order_by("vessel__mmsi").values_list("flags", flat=True)
    assert list(flags) == [Flag.ON_LAND, 0, 0]
    assert "doubtful: 1 land" in told
    doubts = LiveVessel.objects.order_by("mmsi").values_list("doubt", flat=True)
    assert list(doubts) == ["land", "none", "none"]


def still(kind, bits, table, at, **values):
    armour, fill = encode.payload(kind, bits, table, values)
    return encode.tagged(encode.sentences(armour, fill)[0], at_s=at, station="test")


@pytest.mark.django_db
def test_stations_are_kept_apart_and_counted_once(tmp_path):
    place = {"lon": round(107.8 * 600_000), "lat": round(16.6 * 600_000)}
    lines = [still(4, 168, BASE, NOON + n, mmsi=5_740_001, **place) for n in (0, 10)]
    lines += [
        still(21, 272, AID | {"name": AID_NAME}, NOON, mmsi=995_740_001, name="PHAO SO 0", **place)
    ]
    told = ingest(tmp_path, *lines)
    assert "3 messages of what stands still" in told
    ingest(tmp_path, *lines)
    rows = Station.objects.order_by("mmsi")
    assert [(r.kind, r.name, r.messages) for r in rows] == [
        ("base", "", 2), ("aid", "PHAO SO 0", 1),
    ]  # fmt: skip
    assert (round(rows[0].geom.x, 4), rows[0].heard_at.timestamp()) == (107.8, NOON + 10)
    assert not Vessel.objects.exists()
