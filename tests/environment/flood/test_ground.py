"""The demo's made-up terrain, and what an extract holds that a flood may reach."""

from pathlib import Path
from types import SimpleNamespace

import geopandas
import pytest
from shapely.geometry import LineString, Point, box

from environment import pack
from environment.flood import actions, assets, queries, summaries
from environment.flood.models import FloodAsset, TerrainModel
from geo.packs import Report, find_pack
from ioc.demo import ground
from tests.environment.factories import make_sensor
from tests.environment.flood.factories import CELL, NORTH, WEST, heights, lonlat, make_gauge
from tests.environment.terrain.grids import write

PACKS = Path(__file__).resolve().parents[3] / "fixtures" / "packs"


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demos_terrain_is_marked_and_speaks_for_no_real_gauge(settings, tmp_path):
    settings.IOC_VAR = tmp_path
    make_sensor()
    make_sensor("demo", "Cầu Bạch Hổ", lon=107.5735, lat=16.459, synthetic=True)
    assert ground.prepare(tmp_path, find_pack("hue", [PACKS]), 1)
    assert queries.terrain_in_use().synthetic
    (gauge,) = queries.gauges_in_use()
    assert gauge.sensor.code == "demo"
    low, high = (actions.zone(gauge=gauge, stage_m=m) for m in (1.0, 3.0))
    assert low.synthetic and 0 < low.area_km2 < high.area_km2
    assert not ground.prepare(tmp_path, find_pack("hue", [PACKS]), 1)
    assert TerrainModel.objects.count() == 1


@pytest.mark.django_db
def test_a_broken_extract_is_told_once_by_its_name(tmp_path):
    (tmp_path / "x.osm.pbf").write_bytes(b"\x00\x00\x00\x0dnot an extract" * 9)
    extract = tmp_path / "x.osm.pbf"
    small, report = SmallPack(osm=extract), Report()
    report.unreadable(extract.name, "is no readable OpenStreetMap extract")  # the places' words
    pack.import_assets(small, report)
    assert len(report.refusals) == 1
    pack.import_assets(small, fresh := Report())
    assert "x.osm.pbf: is no readable" in str(fresh.refusals[0])
    assert str(tmp_path) not in str(fresh.refusals[0])


def test_an_extract_gives_schools_roads_and_buildings(monkeypatch):
    def frame(shapes, **tags):
        return geopandas.GeoDataFrame(geometry=shapes, crs=4326).assign(**tags, other_tags="")

    layers = {
        "points": frame([Point(1, 1), Point(2, 2)], name="Trường A", amenity=["school", "bench"]),
        "multipolygons": frame([box(0, 0, 1, 1)], name="Nhà B", amenity="", building="yes"),
        "lines": frame([LineString([(0, 0), (1, 1)])], name="Lê Lợi", highway="primary"),
    }
    monkeypatch.setattr(assets.osm, "read_layer", lambda path, name, bounds: layers[name])
    found = [(kind, name) for kind, name, _, _ in assets.of_extract(Path("x.pbf"), None)]
    assert found == [("school", "Trường A"), ("building", "Nhà B"), ("road", "Lê Lợi")]


class SmallPack:
    """A pack of these files."""

    slug = "small"
    manifest = SimpleNamespace(bounds=(107.4, 16.3, 107.7, 16.6))

    def __init__(self, **files):
        self.files = {name.replace("__", "."): path for name, path in files.items()}

    def part(self, name):
        return self.files.get(name)

    def is_own(self, name):
        return name in self.files


@pytest.mark.django_db
def test_a_packs_heights_are_asked_for_once(
    tmp_path, settings, monkeypatch, django_capture_on_commit_callbacks
):
    settings.IOC_VAR = tmp_path
    asked = []
    monkeypatch.setattr(pack.tasks.build_terrain, "delay", asked.append)
    dem = write(tmp_path / "dem.tif", heights(), crs=4326, cell=CELL, at=(WEST, NORTH))
    small = SmallPack(dem__tif=dem)
    for _ in range(2):
        report = Report()
        with django_capture_on_commit_callbacks(execute=True):
            pack.import_terrain(small, report)
    terrain = TerrainModel.objects.get()
    assert asked == [terrain.pk] and report.counts["terrain"] == 0
    assert f"terrain {terrain.pk} is waiting already" in report.lines()[-1]
    actions.build(terrain=terrain)
    assert queries.terrain_in_use() == terrain
    dem.write_bytes(dem.read_bytes() + b" ")  # another file
    pack.import_terrain(small, Report())
    assert TerrainModel.objects.count() == 2
    pack.import_terrain(SmallPack(), Report())
    assert TerrainModel.objects.count() == 2


@pytest.mark.django_db
def test_things_at_risk_come_with_the_pack_and_are_read_once(
    tmp_path, settings, monkeypatch, django_assert_num_queries
):
    gauge = make_gauge(tmp_path, settings)
    spots = [lonlat(30, 40), lonlat(5, 5)]
    found = [("school", f"Trường {n}", "", Point(*spot)) for n, spot in enumerate(spots)]
    monkeypatch.setattr(assets, "of_extract", lambda path, bounds: iter(found))
    extract = tmp_path / "a.osm.pbf"
    extract.write_bytes(b"one")
    small = SmallPack(osm=extract)
    pack.import_assets(small, Report())
    keys = set(FloodAsset.objects.values_list("pk", flat=True))
    zone = actions.zone(gauge=gauge, stage_m=1.0)
    schools = summaries.of_zone(zone)["assets"]["school"]
    assert (schools["count"], schools["names"][0]["vi"]) == (1, "Trường 0")
    state = summaries.water.state_of(zone)
    with django_assert_num_queries(1):  # whether what is known still stands
        summaries._assets(state)
    pack.import_assets(small, Report())
    assert set(FloodAsset.objects.values_list("pk", flat=True)) == keys
    found.append(("school", "Trường mới", "", Point(*lonlat(30, 41))))
    extract.write_bytes(b"two")
    report = Report()
    pack.import_assets(small, report)
    assert report.counts["things at risk"] == 3
    zone.refresh_from_db()
    assert zone.exposure is None
    assert summaries.of_zone(zone)["assets"]["school"]["count"] == 2
