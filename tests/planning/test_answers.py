"""The planning desk's addresses: who may ask, what is counted, refused and exported."""

import io
import json
import zipfile
from datetime import datetime

import geopandas
import pyarrow.parquet as pq
import pytest
import shapely
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from geo.models import District, Place
from ioc.accounts.models import User
from ioc.accounts.roles import Role
from ioc.planning import answers
from layers.questions import costs, files, summing
from layers.questions.arrow import GeoPackage
from layers.questions.terms import Everything
from layers.questions.views import view_of
from layers.registry import registered, visible_layers
from tests.billboards.factories import make_billboard
from tests.layers.conftest import make_layer, make_place
from tests.reports.factories import make_city, make_district, make_report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
RING = [[107.5, 16.4], [107.7, 16.4], [107.7, 16.5], [107.5, 16.5], [107.5, 16.4]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}
AREA = {"geometry": SQUARE}
DOORS = ("answer", "question", "words", "estimate", "export", "area")


def signed_in(role):
    client = Client()
    user = User.objects.create_user(f"x-{role}", role=role)
    client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    return client


@pytest.fixture
def planner():
    return signed_in(Role.PLANNER)


def post(client, door, given):
    return client.post(f"/api/v1/plan/{door}", given, content_type="application/json")


def content(answer):
    return b"".join(answer) if answer.streaming else answer.content


@pytest.fixture
def places():
    with registered(make_layer(slug="test-places")):
        yield [make_place(107.45 + n / 20, 16.45, n, kind="ab"[n % 2], rank=n) for n in range(6)]


@pytest.mark.parametrize("role", [None, *Role.values])
@pytest.mark.parametrize("door", DOORS)
def test_who_may_ask(role, door):
    client = signed_in(role) if role else Client()
    allowed = role in {Role.PLANNER, Role.OPERATOR, Role.ADMINISTRATOR}
    status = post(client, door, {}).status_code
    assert status in ({400, 422} if allowed else {401} if role is None else {403, 422}), status
    if not allowed and door != "area":
        assert status in {401, 403}


def test_an_area_is_answered_layer_by_layer(planner, places):
    make_city()
    make_district()
    make_report(lon=107.6, lat=16.45)
    make_billboard()
    body = post(planner, "answer", {"area": AREA, "limit": 2}).json()
    layers = {about["layer"]: about for about in body["layers"]}
    assert not body["partial"]
    assert body["area"]["km2"] == pytest.approx(236.3, rel=0.01)
    mine = layers["test-places"]
    assert mine["count"] == {"value": 5, "kind": "exact", "margin": 0}
    assert mine["density_per_km2"] == pytest.approx(5 / 236.3, rel=0.05)
    kinds = {value["value"]: value["count"] for value in mine["by"][0]["values"]}
    assert kinds == {"b": 3, "a": 2}
    assert [f["properties"]["rank"] for f in mine["features"]] == [5, 4]
    assert mine["next"]
    assert mine["in_words"]["en"] == "Test meeting the area drawn"
    assert layers["reports"]["count"]["value"] == 1
    assert sum(layers["reports"]["time"]["counts"]) == 1
    assert layers["billboards"]["count"]["value"] == layers["wards"]["count"]["value"] == 1
    assert layers["wards"]["density_per_km2"] is None


def test_filters_period_wards_and_buffers(planner, places):
    make_district()
    ward = District.objects.get()
    where = {"op": "=", "field": "kind", "value": "a"}
    asked = {"area": AREA, "layers": ["test-places"], "filters": {"test-places": where}}
    assert post(planner, "answer", asked).json()["layers"][0]["count"]["value"] == 2
    in_ward = {"area": {"wards": [ward.pk]}, "layers": ["test-places"]}
    body = post(planner, "answer", in_ward).json()
    assert (body["area"]["name"], body["layers"][0]["count"]["value"]) == ("Thuận Hóa", 2)
    around = {"feature": {"layer": "test-places", "id": str(places[0].pk)}, "buffer_m": 6000}
    body = post(planner, "answer", {"area": around, "layers": ["test-places"]}).json()
    assert body["layers"][0]["count"]["value"] == 2
    period = {
        "area": AREA,
        "layers": ["reports"],
        "period": {"last": {"amount": 5, "unit": "hours"}},
    }
    make_report(lon=107.6, lat=16.45)
    assert post(planner, "answer", period).json()["layers"][0]["count"]["value"] == 1
    century = period | {"period": {"start": "1900-01-01", "end": "2000-01-01"}}
    assert post(planner, "answer", century).json()["layers"][0]["count"]["value"] == 0


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 400), ([], 400), ("x", 400), ({"area": {}}, 400), ({"area": AREA, "x": 1}, 400),
        ({"area": AREA, "layers": ["no-such"]}, 404), ({"area": AREA, "layers": []}, 400),
        ({"area": AREA, "filters": {"no-such": {}}}, 404), ({"area": {"wards": [99999]}}, 404),
        ({"area": {"wards": ["x"]}}, 404), ({"area": AREA | {"crs": 1}}, 400),
        ({"area": AREA | {"buffer_m": -1}}, 400), ({"area": AREA, "limit": 1e9}, 400),
        ({"area": AREA, "period": {"start": "x"}}, 400),
        ({"area": {"feature": {"layer": "reports", "id": "9"}}}, 404),
        ({"area": AREA | {"buffer": 9}}, 400), ({"area": AREA, "period": {"from": "2026"}}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_said(planner, given, status):
    make_district()
    answer = post(planner, "answer", json.dumps(given))
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_a_body_too_large_is_refused_unread(planner):
    answer = post(planner, "answer", '{"area": "' + "x" * 2_100_000 + '"}')
    assert answer.status_code == 413
    assert post(planner, "answer", "{").status_code == 400


def test_one_slow_layer_costs_nobody_the_others(planner, places):
    slow = make_layer(
        slug="test-slow",
        queryset=lambda user: Place.objects.extra(where=["(SELECT pg_sleep(9)) IS NOT NULL"]),
    )
    with registered(slow):
        asked = {"area": AREA, "layers": ["test-slow", "test-places"]}
        answers_limit, answers.LIMIT_S = answers.LIMIT_S, 0.3
        try:
            body = post(planner, "answer", asked).json()
        finally:
            answers.LIMIT_S = answers_limit
    assert body["partial"]
    first, second = body["layers"]
    assert first["error"]["code"] == "too-slow"
    assert second["count"]["value"] == 5


def test_very_many_rows_are_sampled_and_said(places):
    Place.objects.bulk_create(
        Place(
            key=f"m{n}",
            kind="ab"[n % 2],
            name_vi="x",
            geom=f"SRID=4326;POINT({107.55 + n % 100 / 1000} 16.45)",
        )
        for n in range(1000)
    )
    view = view_of(AnonymousUser(), "test-places")
    plan = summing.plan(view, Everything(), every=4, limit=1, hours=False)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(plan.sql, plan.params)
        found = summing.read(plan, cursor.fetchone())
    assert found["count"]["kind"] == "estimated"
    margin = found["count"]["margin"]  # at 95 %; twice of it holds but once in 10,000
    assert abs(found["count"]["value"] - 1006) <= 2 * margin
    assert summing.sampling(10) == 1
    assert summing.sampling(1_000_000) == 64


def test_a_question_is_paged_counted_and_said(planner, places):
    asked = {"layer": "test-places", "where": {"op": ">", "field": "rank", "value": 1}, "limit": 3}
    first = post(planner, "question", asked).json()
    assert first["count"] == {"value": 4, "kind": "exact"}
    assert [f["properties"]["rank"] for f in first["features"]] == [5, 4, 3]
    second = post(planner, "question", asked | {"cursor": first["next"]}).json()
    assert [f["properties"]["rank"] for f in second["features"]] == [2]
    assert second["next"] is None
    assert (
        post(planner, "words", asked).json()["in_words"]["en"] == "Test whose rank is more than 1"
    )
    assert post(planner, "estimate", asked).json()["expected_rows"] >= 1
    assert post(planner, "question", asked | {"layer": "nothing"}).status_code == 404


def test_a_question_that_costs_too_much_is_refused_before_it_runs(planner, places, settings):
    settings.IOC_QUESTION_COST = 0.01
    answer = post(planner, "question", {"layer": "test-places"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "too-much")
    with pytest.raises(costs.Refused):
        costs.check(costs.Estimate(1, 1e12))


def test_files_open_in_the_tools_they_are_for(planner, places, monkeypatch):
    monkeypatch.setattr("layers.questions.files.CHUNK", 2)
    monkeypatch.setattr("layers.questions.arrow.CHUNK", 2)
    Place.objects.filter(rank=5).update(name_vi="=SUM(A1)")
    asked = {"layer": "test-places", "where": {"op": ">", "field": "rank", "value": 0}}
    sent = {
        k: content(post(planner, f"export?format={k}", asked))
        for k in ("geojson", "csv", "gpkg", "parquet")
    }
    for kind in ("geojson", "gpkg"):
        frame = geopandas.read_file(io.BytesIO(sent[kind]))
        assert sorted(frame["rank"]) == [1, 2, 3, 4, 5]
        assert frame.crs.to_epsg() == 4326
    frame = geopandas.read_parquet(io.BytesIO(sent["parquet"]))
    assert sorted(frame["rank"]) == [1, 2, 3, 4, 5]
    assert frame.crs.to_epsg() is None or frame.crs.to_epsg() == 4326
    assert pq.read_table(io.BytesIO(sent["parquet"])).schema.metadata[b"geo"]
    text = sent["csv"].decode("utf-8-sig").splitlines()
    assert text[0] == "id,name_vi,kind,rank,lon,lat"
    assert "'=SUM(A1)" in text[1]
    assert len(text) == 6
    none = asked | {"where": {"op": "=", "field": "rank", "value": 999}}
    for kind in sent:
        assert post(planner, f"export?format={kind}", none).status_code == 200
    assert post(planner, "export?format=exe", asked).status_code == 400


def test_arrow_says_what_geojson_says_of_every_layer(places):
    make_city(), make_district(), make_report(), make_billboard()
    words = 'a"b\\\n,ạ\u2028 null'
    Place.objects.filter(rank=4).update(name_vi=words)
    Place.objects.filter(rank=5).update(name_vi="")
    user, seen = User.objects.create_user("w", role=Role.PLANNER), 0
    for layer, _audience in visible_layers(user):
        view = view_of(user, layer.slug)
        told = json.loads(content(files.response(view, Everything(), "geojson")))["features"]
        body = content(files.response(view, Everything(), "parquet"))
        for row, feature in zip(pq.read_table(io.BytesIO(body)).to_pylist(), told, strict=True):
            expected = feature["properties"] | {"id": feature["id"]}
            place = shapely.from_geojson(json.dumps(feature["geometry"]))
            assert shapely.equals_exact(shapely.from_wkb(row.pop("geometry")), place, 1e-7)
            for name, value in row.items():
                if isinstance(value, datetime):
                    expected[name] = datetime.fromisoformat(expected[name])
                assert value == expected[name], (layer.slug, name)
        seen += len(told)
    assert seen >= 9


def upload(client, name, data):
    file = SimpleUploadedFile(name, data)
    return client.post("/api/v1/plan/area", {"file": file})


def test_an_area_from_a_file_of_each_kind(planner, tmp_path):
    frame = geopandas.GeoDataFrame(geometry=[shapely.from_geojson(json.dumps(SQUARE))], crs=4326)
    frame.to_crs(3857).to_file(tmp_path / "a.gpkg")
    frame.to_crs(32648).to_file(tmp_path / "a.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for path in tmp_path.glob("a.??[xpfj]"):
            packed.write(path, f"x/{path.name}")
    halves = [shapely.box(107.5, 16.4, 107.6, 16.5), shapely.box(107.6, 16.4, 107.7, 16.5)]
    for name, half in zip("xy", halves, strict=True):
        geopandas.GeoDataFrame(geometry=[half], crs=4326).to_file(
            tmp_path / "a.kml", driver="KML", layer=name, mode="w" if name == "x" else "a"
        )
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as packed:
        packed.write(tmp_path / "a.kml", "doc.kml")
    geojson = frame.to_json().encode()
    sent = {name: (tmp_path / name).read_bytes() for name in ("a.gpkg", "a.zip", "a.kmz")}
    for name, data in (sent | {"a.geojson": geojson}).items():
        answer = upload(planner, name, data)
        assert answer.status_code == 200, (name, answer.content)
        body = answer.json()
        assert body["km2"] == pytest.approx(236.3, rel=0.01), name
        shape = shapely.from_geojson(json.dumps(body["geometry"]))
        assert shape.bounds == pytest.approx((107.5, 16.4, 107.7, 16.5), abs=1e-6)


def test_a_track_is_read_and_metres_without_a_system_are_told(planner):
    points = "".join(f'<trkpt lat="{16.4 + n / 100}" lon="107.6"/>' for n in range(3))
    track = f'<wpt lat="1" lon="1"/><trk><trkseg>{points}</trkseg></trk>'
    gpx = f'<gpx version="1.1" creator="x">{track}</gpx>'
    body = upload(planner, "a.gpx", gpx.encode()).json()
    assert body["bbox"] == pytest.approx([107.6, 16.4, 107.6, 16.42], abs=1e-4)
    metres = json.dumps({"type": "Polygon", "coordinates": [[[562000, 1819000], [563000, 1819000],
                         [563000, 1820000], [562000, 1819000]]]})  # fmt: skip
    answer = upload(planner, "a.geojson", metres.encode())
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "metres")


def test_a_tangle_in_a_file_is_told_and_overlapping_parts_are_one_area(planner):
    tangle = [[107 + n * 7919 % 997 / 2000, 16 + n * 104729 % 991 / 2000] for n in range(2000)]
    ring = {"type": "Polygon", "coordinates": [[*tangle, tangle[0]]]}
    answer = upload(planner, "a.geojson", json.dumps(ring).encode())
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "too-tangled")
    boxes = [shapely.box(107.5, 16.4, 107.6, 16.5), shapely.box(107.55, 16.4, 107.7, 16.5)]
    both = upload(planner, "a.geojson", shapely.to_geojson(shapely.MultiPolygon(boxes)).encode())
    assert both.json()["km2"] == pytest.approx(236.3, rel=0.01)


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"PK\x03\x04broken", b"SQLite format 3\0" + b"x" * 200,
     b"<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>",
     b"{}"],
)  # fmt: skip
def test_a_file_that_is_no_area_is_refused(planner, data):
    answer = upload(planner, "x.geojson", data)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["message"]


def test_the_area_of_a_square():
    assert answers.area_km2(shapely.box(107, 16, 107.01, 16.01)) == pytest.approx(1.184, rel=0.01)
    assert answers.area_km2(shapely.LineString([(107, 16), (107, 16.1), (107.1, 16.1)])) == 0


def test_places_have_their_name_in_each_language(planner):
    make_city()
    ward = make_district()
    place = {"op": "inside", "wards": [ward.pk], "buffer_m": 50}
    said = post(planner, "words", {"layer": "reports", "where": place}).json()["in_words"]
    assert ward.name_vi in said["vi"] and ward.name_en in said["en"]
    assert ward.name_en not in said["vi"]


def test_what_gdal_cannot_write_is_told(places, tmp_path):
    view = view_of(AnonymousUser(), "test-places")
    (tmp_path / "places.gpkg").mkdir()  # stands where the file should
    file = GeoPackage(view, tmp_path / "places.gpkg")
    with pytest.raises(RuntimeError, match=r"places\.gpkg"):
        file.close()
