"""A planted name, telephone number and exact place are found nowhere a stranger can look."""

import math
import uuid

import mapbox_vector_tile
import pytest
from django.db import connection
from django.test import Client

from geo.crs import distance_m
from ioc.accounts.models import User
from ioc.reports.models import Report
from layers import tiles
from layers.models import PendingChange
from layers.mvt import Tile
from layers.registry import get
from tests.reports.factories import make_photo, make_report

EXACT = (107.591234, 16.463789)
WORDS = "Chị Hoàng Bích Ngọc, 0905 777 123, nhà ngay trước mặt"
PLANTED = ("Ngọc", "0905", "hoang-bich-ngoc", "107.59123", "16.46378", "planted@")
BOX = "107.5,16.4,107.7,16.5"

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def planted() -> Report:
    who = User.objects.create_user(
        username="hoang-bich-ngoc", email="planted@example.org", password="x", role="citizen"
    )
    return make_report(
        who, lon=EXACT[0], lat=EXACT[1], words=WORDS, accuracy_m=3.0, photos=[make_photo()]
    )


def doors(report: Report) -> list[str]:
    layer = "/api/v1/layers/reports"
    return [
        "/api/v1/layers",
        "/api/v1/status",
        "/api/v1/tiles-summary",
        f"{layer}/snapshot",
        f"{layer}/snapshot?bbox={BOX}",
        f"{layer}/features",
        f"{layer}/features?q=Ngọc",
        f"{layer}/features?words=Ngọc",
        f"{layer}/features/{report.pk}",
        f"{layer}/export?format=geojson",
        f"{layer}/export?format=csv",
        f"{layer}/export?format=gpkg",
        f"/api/v1/reports/by-code/{report.code}",
        f"/api/v1/reports/nearby?lon={EXACT[0]}&lat={EXACT[1]}",
        "/api/v1/search?q=Ngọc",
        f"/api/v1/search?q={report.code}",
        f"/r/{report.code}",
        "/",
    ]


def tile_of(lon: float, lat: float, *, z: int) -> Tile:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return Tile(z, int((lon + 180) / 360 * 2**z), int(y * 2**z))


def lonlat_of(unit: list[int], tile: Tile, extent: int = 4096) -> tuple[float, float]:
    side = 2**tile.z
    x, y = (tile.x + unit[0] / extent) / side, (tile.y + 1 - unit[1] / extent) / side
    return x * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))


def body_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("role", [None, "citizen", "fisheries_officer"])
def test_no_door_tells_what_was_planted(planted, role):
    client = Client()
    if role:
        client.force_login(User.objects.create_user(username=role, password="x", role=role))
    for door in doors(planted):
        response = client.get(door)
        assert response.status_code < 500, door
        # The page repeats nothing of the question but the question itself.
        said = body_of(response).decode("utf-8", "replace").replace("?q=Ngọc", "")
        assert not [word for word in PLANTED if word in said], door


def test_staff_see_what_they_need(planted):
    client = Client()
    client.force_login(User.objects.create_user(username="op", password="x", role="operator"))
    said = client.get(f"/api/v1/layers/reports/features/{planted.pk}").json()
    assert said["properties"]["words"] == WORDS
    assert said["geometry"]["coordinates"] == pytest.approx(EXACT)
    assert len(said["card"]["media"]) == 1
    assert client.get(said["card"]["media"][0]["thumb"]).status_code == 200
    assert "hoang-bich-ngoc" not in str(said)


def test_the_live_change_has_two_views(planted):
    change = PendingChange.objects.get()
    assert change.public and not {"words", "accuracy_m", "emergency"} & set(change.public_props)
    assert (change.public_lon, change.public_lat) == planted.geom_public.coords
    assert change.props["words"] == WORDS and (change.lon, change.lat) == EXACT
    assert change.public_props["category_id"] == "hygiene" and change.public_props["icon"]


@pytest.mark.parametrize(("audience", "words"), [("public", False), ("full", True)])
def test_a_tile_shows_the_grid_to_strangers_and_the_place_to_staff(planted, audience, words):
    layer = get("reports")
    assert layer is not None
    place = planted.geom_public.coords if audience == "public" else EXACT
    tile = tile_of(*place, z=17)
    with connection.cursor() as cursor:
        cursor.execute(*tiles.plan(layer, audience, None, tile, {}))
        decoded = mapbox_vector_tile.decode(bytes(cursor.fetchone()[0]))
    (feature,) = decoded["reports"]["features"]
    assert ("words" in feature["properties"]) is words
    # A tile's unit is 7 cm here: the decoded point is the public one to a metre, or the exact.
    assert distance_m(lonlat_of(feature["geometry"]["coordinates"], tile), place) < 1


def test_the_public_layer_has_no_words_to_search(planted):
    layer = get("reports")
    assert layer is not None
    names = {field.name for field in layer.visible_fields("public")}
    seen = {"code", "category_id", "state", "overdue", "me_too", "received_at"}
    seen |= {"changed_at", "icon"}
    assert names == seen


def test_the_reporter_is_in_no_layer_and_no_query(planted, django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as seen:
        Client().get("/api/v1/layers/reports/snapshot")
    assert not any("reports_reporter" in query["sql"] for query in seen.captured_queries)


def test_a_key_of_another_report_opens_nothing(planted):
    make_report(client_key=(key := uuid.uuid4()))
    said = Client().get(
        f"/api/v1/reports/by-code/{planted.code}", headers={"X-Report-Key": str(key)}
    )
    assert said.json()["words"] is None and said.json()["photos"] == []
