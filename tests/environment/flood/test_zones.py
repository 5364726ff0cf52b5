"""Zones as rows and files: kept, counted, told."""

import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from django.contrib.gis.geos import LineString, Point
from django.core.cache import caches
from django.core.management import CommandError, call_command

from environment.flood import actions, exposed, queries, summaries, water
from environment.flood.models import FloodAsset, FloodMark, FloodZone, TerrainModel
from environment.terrain import stage
from environment.terrain.dem import BadTerrain
from geo import connections
from geo.errors import Refused
from tests.environment.flood.factories import CELL, lonlat, make_gauge, make_ward
from tests.environment.terrain.grids import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def gauge(tmp_path, settings):
    caches["local"].clear()
    water._kept.clear()
    return make_gauge(tmp_path, settings)


def test_a_terrain_is_taken_in_use_with_its_gauges(gauge):
    row = gauge.terrain
    assert row.state == "ready" and row.active and row.progress == 1
    assert len(row.digest) == 64 and row.crs == "EPSG:4326" and "Garbrecht" in row.method.vi
    assert gauge.way_m < 30
    assert row.geom.extent == pytest.approx((107.5, 16.5 - 61 * CELL, 107.5 + 80 * CELL, 16.5))


def test_a_zone_is_kept_for_each_ten_centimetres(gauge, django_assert_num_queries):
    one = actions.zone(gauge=gauge, stage_m=2.04)
    with django_assert_num_queries(1):
        same = actions.zone(gauge=gauge, stage_m=1.96)
    assert one.pk == same.pk and one.stage_m == 2.0
    higher = actions.zone(gauge=gauge, stage_m=3.0)
    assert higher.area_km2 > one.area_km2 and higher.geom.contains(one.geom.point_on_surface)
    assert one.geom.valid and one.geom.geom_type == "MultiPolygon"
    assert 0 < one.confidence < 1 and one.deepest_m == pytest.approx(2, abs=0.2)
    assert one.inputs["gauges"][0]["datum"] == "VN-2000"
    body = json.loads(gzip.decompress(water.geojson_path(one).read_bytes()))
    assert [f["properties"]["depth_from_m"] for f in body["features"]] == [0.0, 0.3, 1.0]
    assert body["stage_cm"] == 200 and body["gauge"] == "G1"


def test_two_who_ask_at_once_wait_for_one_reckoning_that_holds_no_connection(gauge, monkeypatch):
    held, asked = [], []

    def reckoned(*args, **more):
        asked.append(len(held))
        time.sleep(0.05)
        return flood(*args, **more)

    flood = stage.flood
    monkeypatch.setattr(stage, "flood", reckoned)
    monkeypatch.setattr(water, "release", lambda: held.append(1))
    with ThreadPoolExecutor(2) as threads:
        two = list(threads.map(lambda _n: water.reckon(gauge, 2.0, None, {}), range(2)))
    assert two[0] is two[1] and asked == [1]
    assert not water._making


def test_a_connection_is_given_back_but_not_within_a_transaction(monkeypatch):
    closed = []
    for inside in (True, False):
        stand_in = SimpleNamespace(in_atomic_block=inside, close=lambda: closed.append(1))
        monkeypatch.setattr(connections, "connection", stand_in)
        connections.release()
        assert len(closed) == (not inside)


def test_the_zero_of_a_gauge_counts(gauge):
    gauge.zero_m = 1.0
    gauge.save()
    assert actions.zone(gauge=gauge, stage_m=1.0).area_km2 == 0
    assert actions.zone(gauge=gauge, stage_m=2.0).deepest_m == pytest.approx(1, abs=0.2)


def test_a_stage_out_of_range_is_refused(gauge):
    with pytest.raises(Refused):
        actions.zone(gauge=gauge, stage_m=99)


def test_exposure_by_ward_is_exact_at_its_edges(gauge):
    make_ward("W1", (0, 30), (0, 80))
    make_ward("W2", (30, 61), (0, 40))
    make_ward("W3", (0, 5), (0, 80))
    zone = actions.zone(gauge=gauge, stage_m=2.2)
    table = summaries.of_zone(zone)
    assert {ward["code"] for ward in table["wards"]} == {"W1", "W2"}
    state = water.state_of(zone)
    cell_km2 = state.basin.dx[20] * state.basin.dy / 1e6
    first = next(ward for ward in table["wards"] if ward["code"] == "W1")
    assert first["area_km2"] == pytest.approx((state.depth[:30] > 0).sum() * cell_km2, rel=1e-3)
    deep = [((state.depth[:30] > a) & (state.depth[:30] <= b)).sum() * cell_km2
            for a, b in ((0, 0.3), (0.3, 1), (1, 2), (2, 99))]  # fmt: skip
    assert first["by_depth_km2"] == pytest.approx(deep, abs=1e-3)
    assert table["people"] is None and first["people"] is None
    assert 0 < first["confidence"] <= 1


def test_people_come_from_any_density_raster(tmp_path, settings):
    people = write(tmp_path / "people.tif", np.full((9, 9), 1000), crs=4326, cell=0.01,
                   at=(107.48, 16.52))  # fmt: skip
    gauge = make_gauge(tmp_path, settings, people=str(people))
    make_ward("W1", (0, 61), (0, 80))
    zone = actions.zone(gauge=gauge, stage_m=2.0)
    table = summaries.of_zone(zone)
    assert table["people"] == pytest.approx(zone.area_km2 * 1000, rel=0.02)
    assert sum(table["wards"][0]["people_by_depth"]) == table["wards"][0]["people"]


def test_things_of_the_pack_are_counted_by_depth(gauge):
    FloodAsset.objects.create(kind="school", name_vi="Trường A", geom=Point(*lonlat(31, 20)))
    FloodAsset.objects.create(kind="school", name_vi="Trường B", geom=Point(*lonlat(2, 20)))
    street = LineString(lonlat(10, 20), lonlat(50, 20))
    FloodAsset.objects.create(kind="road", name_vi="Đường C", geom=street)
    found = summaries.of_zone(actions.zone(gauge=gauge, stage_m=2.2))["assets"]
    assert found["school"]["count"] == 1 and found["school"]["names"][0]["vi"] == "Trường A"
    assert sum(found["school"]["by_depth"]) == 1
    assert found["road"]["count"] == 1
    assert found["road"]["km"] == pytest.approx(9 * 30.7 / 1000, rel=0.15)


def test_exposed_says_what_a_notice_needs_and_when_it_knows_nothing(gauge):
    make_ward("W1", (0, 61), (0, 80))
    FloodAsset.objects.create(kind="school", name_vi="Trường A", geom=Point(*lonlat(31, 20)))
    told = exposed("G1", 2.0)
    assert told["known"] and told["stage_cm"] == 200
    assert told["wards"] == {"count": 1, "names": [{"vi": "Phường W1", "en": "Ward W1"}]}
    assert told["schools"]["count"] == 1 and told["roads"]["count"] == 0
    assert {"reports", "cameras"} <= set(told)
    assert exposed("nowhere", 2.0)["known"] is False
    assert exposed("G1", 400)["why"]["en"]
    TerrainModel.objects.update(active=False)
    assert "terrain" in exposed("G1", 2.0)["why"]["en"]


def test_what_other_layers_show_is_found_through_the_registry(gauge):
    from ioc.billboards.models import Billboard

    fields = {f.name for f in Billboard._meta.get_fields()}
    extra = {"code": "B1"} if "code" in fields else {}
    Billboard.objects.create(geom=Point(*lonlat(30, 30), srid=4326), **extra)
    zone = actions.zone(gauge=gauge, stage_m=2.0)
    found = summaries.features(zone, summaries.centre())
    assert found["billboards"]["count"] == 1 and sum(found["billboards"]["by_depth"]) == 1
    assert not summaries.features(zone, None) or "cameras" not in summaries.features(zone, None)


def test_a_terrain_that_cannot_be_built_says_why_and_a_stopped_one_stops(tmp_path, settings):
    settings.IOC_VAR = tmp_path / "var"
    bad = write(tmp_path / "bad.tif", np.zeros((5, 5)), crs=None)
    row = actions.ask(name="bad", asked={"path": str(bad)})
    with pytest.raises(BadTerrain):
        actions.build(terrain=row)
    row.refresh_from_db()
    assert row.state == "failed" and "CRS" in row.message and not row.active
    good = write(tmp_path / "good.tif", np.random.default_rng(1).random((9, 9)))
    row = actions.ask(name="good", asked={"path": str(good)})
    actions.stop(terrain=row)
    with pytest.raises(actions.Stopped):
        actions.build(terrain=row)
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_marks_of_past_floods_are_checked(gauge, capsys):
    call_command("terrain", "check")
    assert "no marks" in capsys.readouterr().out
    for row, depth in ((31, 1.5), (5, 0.0)):
        FloodMark.objects.create(event="1999", sensor=gauge.sensor, stage_m=2.0, depth_m=depth,
                                 geom=Point(*lonlat(row, 40)), source="test")  # fmt: skip
    call_command("terrain", "check")
    said = capsys.readouterr().out
    assert "2 of 2 wet or dry alike" in said and "reckoned 1.5" in said


def test_the_command_builds_draws_and_refuses_in_words(tmp_path, settings, capsys):
    settings.IOC_VAR = tmp_path / "var"
    make_gauge(tmp_path, settings)
    call_command("terrain", "zone", gauge="G1", stage_m=[1.0, 2.0], out=tmp_path / "out",
                 endings=["png", "gpkg", "tif"])  # fmt: skip
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(names) == 6 and "flood-G1-200.png" in names
    with pytest.raises(CommandError, match=r"nothing.tif is no file"):
        call_command("terrain", "build", "--dem", str(tmp_path / "nothing.tif"))
    call_command("terrain", "build", "--dem", str(tmp_path / "dem.tif"), "--out",
                 str(tmp_path / "files"))  # fmt: skip
    assert (tmp_path / "files/hand.tif").is_file()
    assert TerrainModel.objects.count() == 1 and FloodZone.objects.count() == 2
    call_command("terrain", "list")
    assert "valley ready 100% in use" in capsys.readouterr().out
    assert [g.sensor.code for g in queries.gauges_in_use()] == ["G1"]
