"""Who gets what of floods over HTTP."""

import io
import math
from datetime import timedelta

import geopandas
import numpy as np
import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from PIL import Image

from environment.flood import actions, water
from environment.flood.models import TerrainModel
from environment.models import Sensor
from environment.stations import change_thresholds
from ioc.accounts.models import User
from ioc.accounts.roles import Role
from tests.environment.factories import make_sensor
from tests.environment.flood.factories import make_gauge, make_ward

pytestmark = pytest.mark.django_db
BASE = "/api/v1/flood"
ASK = "gauge=G1&stage_cm=200"


@pytest.fixture
def gauge(tmp_path, settings):
    caches["local"].clear()
    water._kept.clear()
    return make_gauge(tmp_path, settings)


def client_of(role: str | None) -> Client:
    client = Client()
    if role:
        user = User.objects.create_user(f"u-{role}", role=role)
        client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    return client


@pytest.mark.parametrize(
    ("role", "sees", "changes"),
    [
        (None, 401, 401), (Role.CITIZEN, 403, 403), (Role.AGENCY_OFFICER, 403, 403),
        (Role.FISHERIES_OFFICER, 403, 403), (Role.PLANNER, 200, 403), (Role.OPERATOR, 200, 200),
        (Role.ADMINISTRATOR, 200, 200),
    ],
)  # fmt: skip
def test_role_by_address(gauge, role, sees, changes):
    client = client_of(role)
    zone = actions.zone(gauge=gauge, stage_m=2.0)
    for path in (
        "terrains", "gauges", f"zone?{ASK}", f"exposure?{ASK}", f"print?{ASK}", f"zone.png?{ASK}",
        "compare?gauge=G1&a_cm=100&b_cm=200",
    ):  # fmt: skip
        assert client.get(f"{BASE}/{path}").status_code == sees, path
    hidden = 200 if sees == 200 else 404
    assert client.get(f"{BASE}/tiles/depth/{zone.pk}/12/3272/1858.png").status_code == hidden
    contours = f"{BASE}/tiles/contours/{gauge.terrain_id}/12/3272/1858.png"
    assert client.get(contours).status_code == hidden
    for path, body in (
        (f"zones/{zone.pk}/show", '{"shown": true}'), (f"terrains/{gauge.terrain_id}/cancel", "{}")
    ):  # fmt: skip
        sent = client.post(f"{BASE}/{path}", body, content_type="application/json")
        assert sent.status_code == changes, path
    assert client.get(f"{BASE}/published").json()["features"] == []


@pytest.mark.parametrize(("role", "can"), [(Role.OPERATOR, ["show"]), (Role.PLANNER, [])])
def test_the_panel_is_told_what_one_may_do_and_what_is_shown(gauge, role, can):
    client = client_of(role)
    assert client.get(f"{BASE}/gauges").json()["can"] == can
    zone = actions.zone(gauge=gauge, stage_m=2.0)
    actions.show(zone=zone, shown=True, published=False)
    told = client.get(f"{BASE}/exposure?{ASK}").json()
    assert (told["zone"], told["shown"], told["published"]) == (zone.pk, True, False)


def test_the_slider_is_answered_once_and_then_not_modified(gauge):
    client = client_of(Role.OPERATOR)
    first = client.get(f"{BASE}/zone?{ASK}")
    assert first["Content-Type"] == "application/geo+json"
    assert first.json()["features"][0]["properties"]["color"].startswith("#")
    again = client.get(f"{BASE}/zone?gauge=G1&stage_cm=203", HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304 and not again.content
    packed = client.get(f"{BASE}/zone?{ASK}", HTTP_ACCEPT_ENCODING="gzip")
    assert packed["Content-Encoding"] == "gzip" and len(packed.content) < len(first.content)
    listed = client.get(f"{BASE}/gauges").json()["gauges"][0]
    assert listed["code"] == "G1" and listed["levels"] == [{"level": 1, "stage_cm": 100}]


def test_the_slider_marks_the_alarm_levels_of_today_once_each(gauge):
    today = timezone.now().date()
    dated = [{"level": 1, "value": value, "source": "test", "valid_from": today + timedelta(days)}
             for value, days in ((1.5, -10), (9.0, 30))]  # fmt: skip
    change_thresholds(sensor=gauge.sensor, limits=dated)
    listed = client_of(Role.OPERATOR).get(f"{BASE}/gauges").json()["gauges"][0]
    assert listed["levels"] == [{"level": 1, "stage_cm": 150}]
    assert listed["max_cm"] == 450


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("zone?gauge=X&stage_cm=200", 404, "no-gauge"),
        ("zone?gauge=G1&stage_cm=99999", 422, "invalid-input"),
        ("zone?gauge=G1&stage_cm=200&also=G2:x", 400, "bad-also"),
        ("zone?gauge=G1&stage_cm=200&also=G2:300", 404, "no-gauge"),
        ("zone?gauge=G1&stage_cm=200&also=G1:300", 400, "bad-also"),
        ("zone.exe?gauge=G1&stage_cm=200", 400, "bad-format"),
    ],
)
def test_what_makes_no_sense_is_refused(gauge, path, status, code):
    answer = client_of(Role.PLANNER).get(f"{BASE}/{path}")
    assert answer.status_code == status and answer.json()["error"]["code"] == code


def test_two_stages_are_compared_with_what_only_the_higher_floods(gauge):
    make_ward("W1", (0, 61), (0, 80))
    body = client_of(Role.PLANNER).get(f"{BASE}/compare?gauge=G1&a_cm=300&b_cm=100").json()
    more = body["a"]["area_km2"] - body["b"]["area_km2"]
    assert body["difference"]["area_km2"] == pytest.approx(more, abs=1e-3) and more > 0
    assert body["difference"]["from_cm"] == 100
    assert body["a"]["wards"][0]["area_km2"] > body["b"]["wards"][0]["area_km2"]


def test_the_sea_is_moved_only_where_a_coast_was_given(gauge):
    client = client_of(Role.PLANNER)
    assert client.get(f"{BASE}/gauges").json()["sea"] is None
    TerrainModel.objects.update(facts={"sea_m": 0.2})
    lon, lat = gauge.sensor.geom.coords
    make_sensor("T1", "Triều thử", kind="tide", lon=lon, lat=lat, datum="MSL")
    Sensor.objects.filter(code="T1").update(value=0.55, state="unknown")
    sea = client.get(f"{BASE}/gauges").json()["sea"]
    assert (sea["rest_cm"], sea["min_cm"], sea["max_cm"], sea["step_cm"]) == (20, 20, 320, 10)
    assert [(s["code"], s["value_cm"], s["datum"]) for s in sea["stations"]] == [("T1", 55, "MSL")]
    told = client.get(f"{BASE}/exposure?{ASK}&tide_cm=120").json()
    assert told["tide_cm"] == 120 and told["inputs"]["tide_m"] == 1.2
    both = client.get(f"{BASE}/compare?gauge=G1&a_cm=100&b_cm=200&tide_cm=120").json()
    assert both["a"]["tide_cm"] == both["b"]["tide_cm"] == 120
    file = client.get(f"{BASE}/zone.geojson?{ASK}&tide_cm=120")
    assert "flood-G1-200-sea120.geojson" in file["Content-Disposition"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_zone_speaks_both_languages_whoever_asked_first(gauge, lang):
    sheet = client_of(Role.PLANNER).get(
        f"{BASE}/print?{ASK}&tide_cm=120", HTTP_ACCEPT_LANGUAGE=lang
    ).json()  # fmt: skip
    assert sheet["title"] == {
        "vi": "Trạm thử: 2,0 m, biển 1,2 m", "en": "Test gauge: 2.0 m, sea at 1.2 m"
    }  # fmt: skip
    assert sheet["method"]["vi"].startswith("Mực nước ở trạm")
    assert sheet["method"]["en"].startswith("Stage at gauges")


def test_downloads_open_in_a_gis(gauge, tmp_path):
    make_ward("W1", (0, 61), (0, 80))
    client = client_of(Role.PLANNER)
    (tmp_path / "z.gpkg").write_bytes(client.get(f"{BASE}/zone.gpkg?{ASK}").content)
    frame = geopandas.read_file(tmp_path / "z.gpkg", layer="zone")
    assert frame.geometry.is_valid.all() and frame.crs.to_epsg() == 4326 and len(frame) == 4
    wards = geopandas.read_file(tmp_path / "z.gpkg", layer="wards")
    assert wards.code.tolist() == ["W1"] and wards.area_km2[0] > 0
    (tmp_path / "z.tif").write_bytes(client.get(f"{BASE}/zone.tif?{ASK}").content)
    import rasterio

    with rasterio.open(tmp_path / "z.tif") as grid:
        assert grid.read(1, masked=True).max() == pytest.approx(2.0, abs=0.2)


def test_the_public_sees_a_published_zone_plainly(gauge):
    client, stranger = client_of(Role.OPERATOR), Client()
    zone = client.get(f"{BASE}/zone?{ASK}").json()["zone"]
    tile = f"{BASE}/tiles/depth/{zone}/12/3272/1858.png"
    refused = client.post(
        f"{BASE}/zones/{zone}/show", {"shown": False, "published": True},
        content_type="application/json",
    )  # fmt: skip
    assert refused.status_code == 400
    client.post(f"{BASE}/zones/{zone}/show", {"shown": True, "published": True},
                content_type="application/json")  # fmt: skip
    feature = stranger.get(f"{BASE}/published").json()["features"][0]
    assert set(feature["properties"]) == {"title", "synthetic"}
    assert stranger.get(tile).status_code == 200
    listed = stranger.get("/api/v1/layers").json()["layers"]
    layers = {layer["slug"]: layer for layer in listed}
    assert "contours" not in layers and layers["flood-zones"]["count"] == 1
    assert layers["flood-depth"]["urls"]["raster"].endswith("/{id}/{z}/{x}/{y}.png")


def test_tiles_show_the_depth_and_the_lines(gauge):
    client = client_of(Role.OPERATOR)
    zone = actions.zone(gauge=gauge, stage_m=2.0)
    lon, lat = gauge.sensor.geom.coords
    x = int((lon + 180) / 360 * 2**14)
    y = int((0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)) * 2**14)
    where = f"14/{x}/{y}.png"
    depth = client.get(f"{BASE}/tiles/depth/{zone.pk}/{where}")
    image = np.asarray(Image.open(io.BytesIO(depth.content)))
    assert image.shape == (256, 256, 4) and 0 < (image[..., 3] > 0).mean() < 1
    lines = client.get(f"{BASE}/tiles/contours/{gauge.terrain_id}/{where}?every_m=5")
    image = np.asarray(Image.open(io.BytesIO(lines.content)))
    assert 0.001 < (image[..., 3] > 0).mean() < 0.2
    assert client.get(f"{BASE}/tiles/depth/{zone.pk}/14/99999/1.png").status_code == 404
