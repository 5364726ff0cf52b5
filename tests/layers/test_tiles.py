import gzip
import math

import mapbox_vector_tile
import pytest
from django.db import connection
from django.test import AsyncClient

from geo.models import Place
from layers import grid, mvt, pool, tiles
from layers.hub import hub
from layers.publisher import Publisher
from layers.registry import registered
from tests.layers.conftest import make_layer, make_place

pytestmark = [pytest.mark.django_db(transaction=True)]


def spread(count):
    """Positions over the city and one crowded corner, some on tile borders."""
    positions = [
        (107.4 + (n * 0.6180339 % 1) * 0.4, 16.3 + (n * 0.7548776 % 1) * 0.4) for n in range(count)
    ]
    positions += [(107.5790, 16.4637)] * (count // 4)
    positions += [(107.578125, 16.46769474828897), (106.875, 16.636191878397664)]
    return positions


def fill(count):
    rows = [
        Place(key=str(n), kind="ab"[n % 2], name_vi=f"n{n}", geom=f"SRID=4326;POINT({lon} {lat})")
        for n, (lon, lat) in enumerate(spread(count))
    ]
    Place.objects.bulk_create(rows)
    return len(rows)


def covering(z, positions):
    found = set()
    for lon, lat in positions:
        side = 1 << z
        x = int((lon + 180) / 360 * side)
        y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)
        found.update((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
    return {(x, y) for x, y in found if 0 <= x < side and 0 <= y < side}


def features(sql, params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        body = bytes(cursor.fetchone()[0] or b"")
    decoded = mapbox_vector_tile.decode(body)
    return next(iter(decoded.values()))["features"] if decoded else []


def test_counts_of_the_tiles_of_every_zoom_equal_the_rows(layer, django_assert_num_queries):
    rows = fill(400)
    for z in range(layer.raw_zoom):
        total = 0
        for x, y in covering(z, spread(400)):
            with django_assert_num_queries(1):
                found = features(*tiles.plan(layer, "full", None, mvt.Tile(z, x, y), {}))
            total += sum(feature["properties"]["n"] for feature in found)
        assert total == rows, f"zoom {z}"


def test_kept_counts_equal_the_rows_through_every_kind_of_write(layer):
    with (
        registered(make_layer(slug="test-grid", grid=True)) as gridded,
        connection.cursor() as cursor,
    ):
        sql = grid.trigger_sql(layer="test-grid", table="geo_place", geom="geom", group="kind")
        cursor.execute(sql)
        try:
            fill(300)
            Place.objects.filter(kind="a").update(kind="b")
            Place.objects.filter(pk__in=Place.objects.values_list("pk", flat=True)[:50]).delete()
            Place.objects.filter(kind="b")[:1].get()
            moved = Place.objects.first()
            moved.geom = "SRID=4326;POINT(107.1 16.2)"
            moved.save()
            watermark = grid.fold(0)
            make_place(107.6, 16.5, n=7)
            grid.fold(watermark)
            positions = [(p.x, p.y) for p in Place.objects.values_list("geom", flat=True)]
            for z in range(gridded.raw_zoom):
                kept = counted = 0
                for x, y in covering(z, positions):
                    at = mvt.Tile(z, x, y)
                    kept += sum(
                        f["properties"]["n"] for f in features(*mvt.gridded(gridded, "full", at))
                    )
                    rows = gridded.queryset(None)
                    counted += sum(
                        f["properties"]["n"]
                        for f in features(*mvt.counted(gridded, "full", rows, at))
                    )
                assert kept == counted == Place.objects.count(), f"zoom {z}"
        finally:
            cursor.execute(grid.drop_sql(layer="test-grid", table="geo_place"))


@pytest.fixture
def counted(cursor):
    """Points of which counts are kept, told of to the planner when there was one row of them."""
    sql = grid.trigger_sql(layer="test-grid", table="geo_place", geom="geom", group="kind")
    cursor.execute(sql)
    fill(300)
    Place.objects.all().delete()
    cursor.execute("DELETE FROM layers_gridcount WHERE id < (SELECT max(id) FROM layers_gridcount)")
    cursor.execute("VACUUM layers_gridcount")
    fill(300)
    Place.objects.filter(kind="a").update(kind="b")
    yield
    cursor.execute(grid.drop_sql(layer="test-grid", table="geo_place"))


@pytest.fixture
def cursor():
    with connection.cursor() as cursor:
        yield cursor


def test_a_planner_that_takes_the_counts_for_few_does_not_hold_up_their_folding(counted, cursor):
    kept = "SELECT z, cell, grp, sum(n) FROM layers_gridcount GROUP BY 1, 2, 3 HAVING sum(n) <> 0"
    cursor.execute(f"{kept} ORDER BY 1, 2, 3")
    before = cursor.fetchall()
    grid.fold(0)
    cursor.execute(f"{kept} ORDER BY 1, 2, 3")
    assert cursor.fetchall() == before
    cursor.execute("SELECT count(*) FROM layers_gridcount")
    assert cursor.fetchone() == (len(before),)


def test_folding_that_takes_too_long_holds_up_no_publisher(counted, cursor, monkeypatch):
    monkeypatch.setattr(grid, "FOLD_TIMEOUT_MS", 20)
    monkeypatch.setattr(grid, "FOLD", "SELECT %s, %s, pg_sleep(5)")
    publisher = Publisher()
    publisher.fold()
    assert publisher.folded_to == 0
    monkeypatch.undo()
    publisher.fold()
    assert publisher.folded_to > 0


def test_a_raw_tile_holds_every_feature_with_its_fields(layer):
    fill(40)
    place = make_place(107.6, 16.5, name_vi="Chợ Đông Ba", kind="b")
    at = next(iter(covering(14, [(107.6, 16.5)]) & covering(14, [(107.6, 16.5)])))
    wanted = mvt.Tile(14, int((107.6 + 180) / 360 * (1 << 14)), at[1])
    found = []
    for y in {y for _, y in covering(14, [(107.6, 16.5)])}:
        found += features(*tiles.plan(layer, "full", None, wanted._replace(y=y), {}))
    mine = [f["properties"] for f in found if f["properties"]["id"] == place.pk]
    assert mine[0]["name_vi"] == "Chợ Đông Ba"
    assert mine[0]["kind"] == "b"


@pytest.fixture
async def client(clean_spine):
    yield AsyncClient()
    await hub.stop()
    await pool.close()


async def test_over_http_a_tile_has_an_etag_and_is_not_sent_twice(layer, client):
    first = await client.get("/tiles/test-places/6/51/29.mvt", headers={"Accept-Encoding": "gzip"})
    assert first.status_code == 200
    gzip.decompress(first.content)
    again = await client.get(
        "/tiles/test-places/6/51/29.mvt", headers={"If-None-Match": first["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tiles/test-hidden/6/51/29.mvt", 404),
        ("/tiles/nothing/6/51/29.mvt", 404),
        ("/tiles/test-places/3/9/1.mvt", 404),
        ("/tiles/test-places/60/1/1.mvt", 404),
        ("/tiles/test-places/6/51/29.mvt?rank=3", 400),
        ("/tiles/test-places/6/51/29.mvt?kind=zzz", 400),
        ("/tiles/test-places/6/51/29.mvt?kind=a", 200),
    ],
)
async def test_hidden_layers_and_impossible_tiles_do_not_exist(
    layer, hidden_layer, client, path, status
):
    response = await client.get(path)
    assert response.status_code == status
