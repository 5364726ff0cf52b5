"""OGC API – Features: pages, filters, coordinate systems, rights of every role on every layer."""

import json
import re
from datetime import UTC, datetime

import pytest
import shapely
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from geo import notices
from geo.crs import point
from geo.text import Text
from ioc.accounts.models import User
from ioc.accounts.roles import Role
from ioc.incidents import actions as incidents
from layers import registry
from layers.changes import props_of
from tests.billboards.factories import make_billboard
from tests.environment.factories import make_sensor
from tests.layers.conftest import make_place
from tests.reports.factories import make_city, make_district, make_report
from tests.vessels.factories import ingest, said
from tests.vision.factories import make_camera
from vessels.models import Alert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = {"vessels", "vessel-alerts", "incidents", "reports", "cameras", "sensors"}
ITEMS = "/ogc/collections/test-places/items"


def get(path, client=None, **query):
    return (client or Client()).get(path, query)


def body(answer):
    if answer.streaming:
        return json.loads(b"".join(answer))
    return answer.json()


@pytest.fixture
def places(layer):
    return [make_place(107.4 + n / 10, 16.4, n, kind="ab"[n % 2], rank=n) for n in range(5)]


def test_documents_lead_to_each_other_for_machines_and_people(places):
    start = get("/ogc").json()
    rels = {link["rel"]: link["href"] for link in start["links"]}
    kinds = {
        "service-desc": "application/vnd.oai.openapi+json;version=3.0",
        "conformance": "application/json",
        "data": "application/json",
    }
    for rel, kind in kinds.items():
        answer = get(rels[rel])
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert get(rels[rel], f="html")["Content-Type"].startswith("text/html")
    page = Client().get("/ogc/", headers={"Accept": "text/html,*/*;q=0.8", "Accept-Language": "vi"})
    assert b'lang="vi"' in page.content
    assert "default-src 'none'" in page["Content-Security-Policy"]
    for path in ("/ogc/collections/test-places", f"{ITEMS}/{places[0].pk}", ITEMS):
        assert b"<table>" in get(path, f="html").content or b"<ul>" in get(path, f="html").content


def test_a_feature_is_as_the_layer_has_it(places):
    feature = get(f"{ITEMS}/{places[1].pk}").json()
    assert feature["id"] == places[1].pk
    assert feature["geometry"] == {"type": "Point", "coordinates": [107.5, 16.4]}
    assert feature["properties"] == {"name_vi": "Nơi 1", "kind": "b", "rank": 1}
    for none in ("0", "x", "9" * 30, "%00"):
        assert get(f"{ITEMS}/{none}").status_code == 404


def test_pages_follow_each_other_without_gaps(places):
    path, seen = f"{ITEMS}?limit=2", []
    while path:
        page = Client().get(path).json()
        seen += [feature["id"] for feature in page["features"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert seen == [place.pk for place in reversed(places)]
    assert page["numberReturned"] == 1


def test_how_many_match_is_exact_or_says_what_it_is(places):
    whole = get(ITEMS).json()
    assert (whole["numberMatched"], whole["matched"]["kind"]) == (5, "exact")
    part = get(ITEMS, limit=2).json()
    assert part["matched"] == {"count": None, "kind": "not counted"}
    assert "numberMatched" not in part
    assert get(ITEMS, limit=2, count="exact").json()["numberMatched"] == 5
    assert get(ITEMS, limit=2, count="estimated").json()["matched"]["kind"] == "estimated"


def test_a_long_page_is_written_in_chunks(places, monkeypatch):
    monkeypatch.setattr("layers.ogc.pages.CHUNK", 2)
    answer = get(ITEMS, limit=4)
    assert answer.streaming
    page = body(answer)
    assert [f["properties"]["rank"] for f in page["features"]] == [4, 3, 2, 1]
    assert page["numberReturned"] == 4
    assert any(link["rel"] == "next" for link in page["links"])


def ranks(**query):
    answer = get(ITEMS, **query)
    assert answer.status_code == 200, answer.content
    return sorted(feature["properties"]["rank"] for feature in answer.json()["features"])


def test_parameters_narrow(places):
    assert ranks(bbox="107.45,16,107.65,17") == [1, 2]
    assert ranks(bbox="107.45,16,-10,107.65,17,10") == [1, 2]
    assert ranks(
        bbox="16,107.45,17,107.65", **{"bbox-crs": "http://www.opengis.net/def/crs/EPSG/0/4326"}
    ) == [1, 2]
    assert ranks(kind="a", rank="2") == [2]
    assert ranks(q="Nơi 3") == [3]
    assert ranks(datetime="2026-01-01T00:00:00Z/..") == [0, 1, 2, 3, 4]
    assert ranks(filter="rank > 2 AND kind = 'a'") == [4]
    tree = {"op": ">", "args": [{"property": "rank"}, 2]}
    assert ranks(filter=json.dumps(tree), **{"filter-lang": "cql2-json"}) == [3, 4]


@pytest.mark.parametrize(
    "query",
    [
        {"ooga": "booga"}, {"limit": "unlimited"}, {"limit": "0"}, {"limit": "-1"}, {"bbox": "1,2"},
        {"bbox": "1,2,3,x"}, {"bbox": "0,9,0,1"}, {"crs": "http://x"}, {"datetime": "soon"},
        {"datetime": "a/b/c"}, {"kind": "z"}, {"rank": "many"}, {"filter": "kind ="},
        {"filter": "{", "filter-lang": "cql2-json"}, {"filter-lang": "sql"}, {"f": "xml"},
        {"cursor": "x"}, {"count": "all"}, {"q": "\0"}, {"key": "1"}, {"bbox": "nan,1,2,3"},
        {"filter": "S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))"}, {"limit": "9" * 40},
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said(places, query):
    answer = get(ITEMS, **query)
    assert answer.status_code == 400
    assert answer.json()["description"]


def test_coordinate_systems_keep_their_order_of_axes(places):
    epsg = "http://www.opengis.net/def/crs/EPSG/0/"
    answer = get(f"{ITEMS}/{places[0].pk}", crs=f"{epsg}4326")
    assert answer.json()["geometry"]["coordinates"] == [16.4, 107.4]
    assert answer["Content-Crs"] == f"<{epsg}4326>"
    mercator = get(ITEMS, crs=f"{epsg}3857", limit=1).json()["features"][0]["geometry"][
        "coordinates"
    ]
    assert mercator[0] == pytest.approx(107.8 / 180 * 20037508.342789244, abs=0.01)
    point = shapely.from_wkt(f"POINT({mercator[0]} {mercator[1]})")
    text = f"S_INTERSECTS(geometry, {point.buffer(1).wkt})"
    assert ranks(filter=text, **{"filter-crs": f"{epsg}3857"}) == [4]


def test_the_etag_saves_the_body(places):
    first = get(ITEMS, limit=2)
    again = Client().get(ITEMS, {"limit": 2}, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_place(107, 16, 99)
    changed = Client().get(ITEMS, {"limit": 2}, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_nothing_can_be_written(places):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Client(), method)(ITEMS).status_code == 405
    assert Client().head(ITEMS).status_code == 200


@pytest.fixture
def everything(tmp_path):
    make_city()
    make_district()
    make_report(words="Bí mật 0905123456")
    make_billboard()
    make_sensor()
    make_sensor("s-2", "Kín", public=False)
    make_camera()
    make_ship_in_trouble(tmp_path)


def make_ship_in_trouble(tmp_path):
    """A vessel, an alert about it, and the incident of a river alarm: none is for the public."""
    ingest(tmp_path, said(574_000_001, 107.7, 16.5))
    Alert.objects.create(
        kind="border", slot="574000001", severity="severe", title_vi="Vượt ranh giới",
        title_en="Over the border", opened_at=NOW, updated_at=NOW, geom=point(107.7, 16.5),
    )  # fmt: skip
    notices.publish(
        key="kl:2", kind="river-alarm", severity="moderate", layer="sensors", feature_id="7",
        point=(107.56, 16.46), occurred_at=NOW, title=Text("Kim Long ≥ BĐ2", "Kim Long ≥ A2"),
    )  # fmt: skip
    incidents.sweep()


@pytest.mark.parametrize("role", [None, *Role.values])
def test_every_role_sees_of_every_layer_what_the_layer_shows(everything, role):
    client, user = Client(), AnonymousUser()
    if role:
        user = User.objects.create_user(f"x-{role}", role=role)
        client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    listed = {c["id"] for c in client.get("/ogc/collections").json()["collections"]}
    described = client.get("/ogc/api").json()["paths"]
    for layer in registry.all_layers():
        audience, at = layer.audience(user), f"/ogc/collections/{layer.slug}"
        assert (layer.slug in listed) == (audience is not None)
        assert (f"/collections/{layer.slug}/items" in described) == (audience is not None)
        doors = [at, f"{at}/items", f"{at}/items/1", f"{at}/queryables", f"{at}/items?filter=TRUE"]
        if audience is None:
            assert {client.get(door).status_code for door in doors} == {404}, layer.slug
            continue
        expected = {obj.pk: props_of(layer, obj, audience) for obj in layer.queryset(user)}
        seen = {
            f["id"]: f["properties"] for f in client.get(f"{at}/items?limit=100").json()["features"]
        }
        assert set(seen) == set(expected)
        assert seen or layer.slug not in SECRET
        names = {field.name for field in layer.visible_fields(audience)}
        assert all(set(props) - {"synthetic"} <= names for props in seen.values())
        assert (
            set(client.get(f"{at}/queryables").json()["properties"]) - {"geometry", "datetime"}
            == names
        )
        for hidden in {field.name for field in layer.fields} - names:
            assert client.get(f"{at}/items", {hidden: "1"}).status_code == 400
            asked = client.get(f"{at}/items", {"filter": f"{hidden} IS NOT NULL"})
            assert asked.status_code == 400, (layer.slug, hidden)


def test_the_public_learns_no_exact_place_by_asking(everything):
    planner = User.objects.create_user("p", role=Role.PLANNER)
    key = Client()
    key.force_login(planner, backend="ioc.accounts.backends.RoleBackend")
    items = "/ogc/collections/reports/items"
    exact = key.get(items).json()["features"][0]["geometry"]["coordinates"]
    box = ",".join(
        f"{edge:.7f}"
        for edge in (exact[0] - 1e-5, exact[1] - 1e-5, exact[0] + 1e-5, exact[1] + 1e-5)
    )
    assert key.get(items, {"bbox": box}).json()["numberReturned"] == 1
    public = Client().get(items, {"bbox": box}).json()
    assert public["numberReturned"] == 0
    text = Client().get(items).content.decode()
    assert "0905123456" not in text
    assert not re.search(rf"{exact[0]}\b", text)
