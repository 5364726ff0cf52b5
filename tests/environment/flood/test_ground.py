"""The demo's made-up terrain, and what an extract holds that a flood may reach."""

from pathlib import Path

import geopandas
import pytest
from shapely.geometry import LineString, Point, box

from environment.flood import actions, assets, queries
from environment.flood.models import TerrainModel
from geo.packs import find_pack
from ioc.demo import ground
from tests.environment.factories import make_sensor

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
