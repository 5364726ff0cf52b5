import h3
import numpy as np
import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geo import cells, crs, heartbeat, partitions, queries
from geo.errors import Refused
from geo.models import City, District, Heartbeat, Place

LONS = st.floats(107.0, 108.3)
LATS = st.floats(15.9, 16.8)


@given(lon=LONS, lat=LATS)
def test_the_public_grid_is_fixed_and_near(lon, lat):
    snapped = crs.snap_to_grid(lon, lat, step_m=200)
    assert crs.distance_m((lon, lat), snapped) <= 200 * 2**0.5 / 2 + 0.2
    assert crs.snap_to_grid(*snapped, step_m=200) == snapped


@given(lon=LONS, lat=LATS)
def test_metres_there_and_back(lon, lat):
    assert crs.to_lonlat(*crs.to_metric(lon, lat)) == pytest.approx((lon, lat), abs=1e-8)


def test_cells_of_many_equal_cells_of_one():
    lons, lats = np.linspace(107, 108, 50), np.linspace(16, 17, 50)
    many = cells.cells_of(lons, lats)
    assert many.dtype == np.int64
    one = [
        h3.str_to_int(h3.latlng_to_cell(lat, lon, 9)) for lon, lat in zip(lons, lats, strict=True)
    ]
    assert many.tolist() == one


@pytest.mark.parametrize("srid", [crs.DEFAULT_METRIC_SRID, 9210, 32648, 3857])
def test_kept_transformations_are_those_that_proj_finds(srid):
    lon, lat = np.meshgrid(np.linspace(106.9, 108.3, 15), np.linspace(15.9, 16.8, 15))
    there, back = crs.transformers(srid)
    x, y = Transformer.from_crs(4326, srid, always_xy=True).transform(lon, lat)
    assert np.allclose(there.transform(lon, lat), (x, y), rtol=0, atol=1e-9)
    found = Transformer.from_crs(srid, 4326, always_xy=True).transform(x, y)
    assert np.allclose(back.transform(x, y), found, rtol=0, atol=1e-12)


@pytest.mark.django_db
def test_postgis_knows_the_citys_metric_crs_as_proj_does():
    there = Transformer.from_crs(4326, 9214, always_xy=True)
    with connection.cursor() as cursor:
        for lon, lat in ((107.0, 16.0), (107.59, 16.4637), (108.2, 16.7)):
            cursor.execute(
                "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform("
                "ST_SetSRID(ST_MakePoint(%s, %s), 4326), 9214) p) q",
                [lon, lat],
            )
            assert cursor.fetchone() == pytest.approx(there.transform(lon, lat), abs=0.01)


@pytest.mark.django_db
def test_within_metres_uses_the_index_and_the_exact_distance():
    centre = Point(107.59, 16.46, srid=4326)
    x, y = crs.to_metric(centre.x, centre.y)
    for n, metres in enumerate((0, 90, 99, 101, 150, 5000)):
        lon, lat = crs.to_lonlat(x + metres, y)
        Place.objects.create(key=str(n), name_vi=str(metres), geom=Point(lon, lat, srid=4326))
    near = queries.within_m(Place.objects.all(), centre, 100)
    assert set(near.values_list("name_vi", flat=True)) == {"0", "90", "99"}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "Index" in near.explain()


@pytest.mark.django_db
def test_the_district_at_a_point_is_the_one_in_force():
    square = Polygon.from_bbox((107.5, 16.4, 107.6, 16.5))
    for code in ("1", "2"):
        District.objects.create(
            code=code, name_vi=f"Phường {code}", geom=MultiPolygon(square, srid=4326),
            label_point=Point(107.55, 16.45, srid=4326), area_km2=100,
        )  # fmt: skip
    District.objects.filter(code="1").update(retired_at="2025-07-01T00:00Z")
    assert queries.district_at(107.55, 16.45).code == "2"
    assert queries.district_at(107.7, 16.45) is None


@pytest.mark.django_db
def test_in_city_follows_the_outline():
    assert queries.in_city(0, 0)
    City.objects.create(slug="hue", bounds=Polygon.from_bbox((107, 16, 108, 17)))
    assert queries.in_city(107.5, 16.4)
    assert not queries.in_city(105.8, 21.0)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "a,b,c,d", "3,0,1,9", "0,0,0,91", "nan,0,1,1", "0,0,inf,1"]
)
def test_a_bad_box_is_refused(text):
    with pytest.raises(Refused, match="bbox"):
        queries.parse_bbox(text)


@pytest.mark.django_db
def test_a_heartbeat_tells_work_from_mere_life():
    heartbeat.beat("x", 1)
    first = Heartbeat.objects.get()
    heartbeat.beat("x", 1)
    second = Heartbeat.objects.get()
    assert second.at > first.at
    assert second.progress_at == first.progress_at
    heartbeat.beat("x", 2)
    assert Heartbeat.objects.get().progress_at > first.progress_at


@pytest.mark.django_db
def test_partitions_are_made_once_and_dropped_behind():
    from datetime import date

    first, last = date(2026, 1, 1), date(2026, 1, 3)
    assert partitions.ensure_days("layers_change", first, last) == 3
    assert partitions.ensure_days("layers_change", first, last) == 0
    assert partitions.drop_before("layers_change", last) >= 2
    assert first not in partitions.days_of("layers_change")
