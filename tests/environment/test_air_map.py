"""The air between stations is drawn where they support it, and the words say where not."""

import json
from datetime import UTC, datetime

import pytest
from django.contrib.gis.geos import Point

from environment import air_map
from environment.models import AirBand, Sensor
from tests.environment.factories import make_sensor
from tests.reports.factories import make_city

pytestmark = pytest.mark.django_db
AT = datetime(2025, 11, 21, 12, tzinfo=UTC)


def air(code, lon, lat, index, **fields):
    make_sensor(code, f"Air {code}", kind="air", lon=lon, lat=lat, **fields)
    Sensor.objects.filter(code=code).update(
        parameter="vn_aqi", value=index, state="good", observed_at=AT
    )


def row_of_stations(*indices, synthetic=False, lat=16.46):
    """Stations 2 km apart along a line to the east."""
    for n, index in enumerate(indices):
        air(f"S{lat}-{n}{synthetic:d}", 107.5 + n * 0.019, lat, index, synthetic=synthetic)


@pytest.fixture(autouse=True)
def city():
    make_city()


def test_classes_cover_what_lies_within_reach_and_nothing_else():
    row_of_stations(40, 60, 80, 100, 120, 140)
    assert air_map.redraw() == 3
    bands = {row.band: row for row in AirBand.objects.all()}
    assert set(bands) == {"good", "minor", "moderate"}
    assert bands["good"].stations == 6 and bands["good"].error < bands["good"].flat_error
    assert 2.5 < bands["good"].reach_km < 3.5
    assert "Leaving out each station" in bands["good"].method_en
    for row in bands.values():
        assert row.geom.valid
    assert bands["good"].geom.contains(Point(107.5, 16.46, srid=4326))
    assert bands["moderate"].geom.contains(Point(107.595, 16.46, srid=4326))
    far = Point(107.55, 16.52, srid=4326)  # 6 km from any station
    assert not any(row.geom.contains(far) for row in bands.values())


def test_too_few_or_contradicting_stations_draw_nothing_and_say_why(client):
    row_of_stations(40, 60, 80, 100, 120, 140)
    assert air_map.redraw() == 3
    Sensor.objects.filter(code__in=["S16.46-40", "S16.46-50"]).update(state="stale")
    told = client.get("/api/v1/environment/air/surface").json()
    assert told["known"] is False and told["stations"] == 4 and told["least_stations"] == 5
    assert "Chỉ có 4 trạm" in told["why"]["vi"]
    assert air_map.redraw() == 0 and not AirBand.objects.exists()
    row_of_stations(10, 190, 12, 185, 15, 180, lat=16.40)
    assert air_map.redraw() == 0


def test_a_made_up_station_never_colours_the_ground_between_real_ones(client):
    row_of_stations(40, 60, 80, 100, 120, 140)
    row_of_stations(300, 310, 320, 330, 340, 350, synthetic=True, lat=16.47)
    air_map.redraw()
    assert not AirBand.objects.filter(synthetic=True).exists()
    assert not AirBand.objects.filter(band="hazardous").exists()
    told = client.get("/api/v1/environment/air/surface").json()
    assert told["known"] and told["stations"] == 6 and told["synthetic"] is False
    layer = next(
        each for each in client.get("/api/v1/layers").json()["layers"]
        if each["slug"] == "air-surface"
    )  # fmt: skip
    colors = {c["value"]: c["color"] for f in layer["fields"] for c in f["choices"] or []}
    assert colors["good"] == "#00e400" and colors["hazardous"] == "#7e0023"
    assert json.dumps(layer["title"], ensure_ascii=False).count("VN_AQI") == 2
