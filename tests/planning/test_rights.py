"""The desk's addresses against those who may not, and against what is meant to break them."""

import json
import math

import pytest
from django.test import Client

from geo.models import Place
from ioc.accounts.models import User
from ioc.accounts.roles import Role
from ioc.planning import actions, computing
from ioc.planning.models import Analysis, Run
from ioc.reports.models import Report
from layers.registry import registered
from tests.layers.conftest import make_layer, make_place
from tests.planning.factories import make_ground, make_reports

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
API = "/api/v1/plan"
RING = [[107.5, 16.4], [107.7, 16.4], [107.7, 16.5], [107.5, 16.5], [107.5, 16.4]]
AREA = {"geometry": {"type": "Polygon", "coordinates": [RING]}}
PERIOD = {"start": "2026-01-01", "end": "2026-02-01"}
INJECTED = ["'; DROP TABLE geo_place; --", "1) OR (1=1", '"; SELECT 1', "%s", "\\'", "{0}", "a'||b"]


def signed_in(role):
    user = User.objects.create_user(f"x-{role}", role=role)
    client = Client()
    client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    return client


def post(client, door, given):
    return client.post(f"{API}/{door}", given, content_type="application/json")


@pytest.fixture
def ground():
    make_ground()
    make_reports(8, 4)


@pytest.fixture
def run(ground):
    owner = User.objects.create_user("owner", role=Role.PLANNER)
    made = actions.ask(owner, method="classes", asked={"layer": "reports"},
                       parameters={"count": 2}, name="Phản ánh")  # fmt: skip
    assert computing.compute(str(made.pk))
    return made


@pytest.mark.parametrize("role", [None, *Role.values])
def test_who_takes_results_away(run, role):
    client = signed_in(role) if role else Client()
    may = role in {Role.PLANNER, Role.OPERATOR, Role.ADMINISTRATOR}
    wanted = 401 if role is None else 404 if may else 403
    sees_vessels = role in {Role.OPERATOR, Role.ADMINISTRATOR}
    steps = [
        ({}, wanted),
        ({"shared": True}, 200 if may else wanted),
        # shared, but made of a layer that this person does not see whole
        ({"layers": ["vessels"]}, 200 if sees_vessels else wanted),
    ]
    for changed, status in steps:
        Analysis.objects.update(**changed) if changed else None
        for path in ("file?format=csv", "report.pdf", "features"):
            assert client.get(f"{API}/runs/{run.pk}/{path}").status_code == status


@pytest.fixture
def hidden():
    layer = make_layer(slug="test-hidden", permission="geo.no_such_right", public_fields=None)
    with registered(layer):
        yield [make_place(107.6, 16.45, n) for n in range(3)]


def test_a_layer_one_may_not_see_is_nowhere(ground, hidden):
    client = signed_in(Role.PLANNER)
    named = {"layer": "test-hidden"}
    near = {"op": "near", "layer": "test-hidden", "metres": 100}
    asked = [
        ("answer", {"area": AREA, "layers": ["test-hidden"]}),
        ("answer", {"area": {"feature": named | {"id": "1"}}}),
        ("answer", {"area": AREA, "filters": {"reports": near}}),
        *((door, named) for door in ("question", "words", "estimate", "export")),
        ("question", {"layer": "reports", "where": near}),
        ("analyses", {"method": "hot-spots", "asked": named}),
        ("analyses", {"method": "coverage", "asked": {"layer": "reports", "against": named}}),
        ("analyses", {"method": "classes", "asked": {"layer": "reports", "denominator": named}}),
        ("analyses", {"method": "classes", "asked": {"layer": "reports", "where": near}}),
    ]
    for door, given in asked:
        answer = post(client, door, given)
        # the same words as for a layer that does not exist
        never = post(client, door, json.loads(json.dumps(given).replace("test-hidden", "no-such")))
        assert answer.status_code == never.status_code == 404, (door, given, answer.content)
        said = answer.json()["error"]["message"].replace("test-hidden", "no-such")
        assert said == never.json()["error"]["message"]
    slugs = [about["layer"] for about in post(client, "answer", {"area": AREA}).json()["layers"]]
    assert "reports" in slugs and "test-hidden" not in slugs
    assert client.get("/ogc/collections/test-hidden/items").status_code == 404


def test_no_string_becomes_sql_or_cql(ground):
    client, before = signed_in(Role.PLANNER), Report.objects.count()
    for text in INJECTED:
        injected(client, text)
        Run.objects.all().delete()
    assert Report.objects.count() == before > 0 and Place.objects.count() == 0


def injected(client, text):
    """Every door with a text where a word is expected: refused or taken as a word."""
    for given in (
        {"op": "contains", "field": "category", "value": text},
        {"op": "=", "field": text, "value": 1},
        {"op": text, "field": "category", "value": 1},
        {"op": "search", "text": text},
    ):
        assert post(client, "question", {"layer": "reports", "where": given}).status_code < 500
    wild = {"layer": "reports", "resolution": text, "slice": text}
    asked = post(client, "analyses", {"method": "trends", "asked": wild, "name": text})
    assert asked.status_code < 500
    for method in ("trends", "hot-spots", "emerging-hot-spots"):
        made = post(client, "analyses", {"method": method, "asked": wild})
        if made.status_code == 202:
            assert not computing.compute(made.json()["id"])
            assert Run.objects.get(pk=made.json()["id"]).problem
    for name in ("filter", "q", "category", "bbox", "datetime", "filter-lang", "crs"):
        answer = client.get("/ogc/collections/reports/items", {name: text})
        assert answer.status_code < 500
    quoted = {"filter": f"category = '{text.replace(chr(39), chr(39) * 2)}'"}
    assert client.get("/ogc/collections/reports/items", quoted).status_code in {200, 400}


def circle(n):
    ring = [[107.6 + 0.05 * math.cos(k / n * math.tau), 16.45 + 0.05 * math.sin(k / n * math.tau)]
            for k in range(n)]  # fmt: skip
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


BOW = {"type": "Polygon", "coordinates": [
    [[107.5, 16.4], [107.7, 16.5], [107.7, 16.4], [107.5, 16.5], [107.5, 16.4]]]}  # fmt: skip
ANTIMERIDIAN = {"type": "Polygon", "coordinates": [
    [[179, 16], [181, 16], [181, 17], [179, 17], [179, 16]]]}  # fmt: skip
METRES = {"type": "Polygon", "coordinates": [
    [[550000, 1815000], [575000, 1815000], [575000, 1825000], [550000, 1825000],
     [550000, 1815000]]]}  # fmt: skip
EMPTY = {"type": "Polygon", "coordinates": []}


@pytest.mark.parametrize(
    ("area", "statuses"),
    [
        ({"geometry": BOW}, {200}),
        ({"geometry": circle(20_000)}, {200}),
        ({"geometry": circle(60_000)}, {200, 400, 413}),
        ({"geometry": ANTIMERIDIAN}, {200, 400}),
        ({"geometry": METRES, "crs": 9214}, {200}),
        ({"geometry": METRES}, {400}),
        ({"geometry": EMPTY}, {400}),
        ({"geometry": {"type": "Polygon", "coordinates": [[[1e308, 0]] * 4]}}, {400}),
        ({"geometry": {"type": "GeometryCollection", "geometries": []}}, {400}),
    ],
)
def test_strange_shapes_are_mended_or_refused_with_words(ground, area, statuses):
    client = signed_in(Role.PLANNER)
    answer = post(client, "answer", {"area": area, "layers": ["reports"]})
    assert answer.status_code in statuses, answer.content[:300]
    if answer.status_code == 200:
        counted = answer.json()["layers"][0]["count"]["value"]
        assert counted <= Report.objects.count()
    else:
        assert len(answer.json()["error"]["message"]) > 5


def test_a_century_and_five_hundred_filters(ground):
    client = signed_in(Role.PLANNER)
    century = {"area": AREA, "layers": ["reports"],
               "period": {"start": "1926-01-01", "end": "2026-12-31"}}  # fmt: skip
    body = post(client, "answer", century).json()
    assert body["layers"][0]["count"]["value"] == Report.objects.count()
    assert len(body["layers"][0]["time"]["counts"]) <= 60
    nested = '{"op":"not","term":' * 500 + '{"op":"=","field":"category","value":"x"}' + "}" * 500
    refused = client.post(
        f"{API}/question", f'{{"layer":"reports","where":{nested}}}', "application/json"
    )
    assert refused.status_code == 400 and refused.json()["error"]["message"]
    long = " AND ".join(["category = 'x'"] * 500)
    assert client.get("/ogc/collections/reports/items", {"filter": long}).status_code in {200, 400}
    deep = "NOT (" * 500 + "category = 'x'" + ")" * 500
    assert client.get("/ogc/collections/reports/items", {"filter": deep}).status_code == 400


def test_a_join_of_far_too_much_is_refused_before_it_runs(ground, settings):
    client = signed_in(Role.PLANNER)
    settings.IOC_QUESTION_COST = 1
    join = {"op": "near", "layer": "reports", "metres": 5000}
    for door in ("question", "estimate", "export"):
        answer = post(client, door, {"layer": "reports", "where": join})
        assert answer.status_code == 422 and answer.json()["error"]["code"] == "too-much"
    asked = {"method": "classes", "asked": {"layer": "reports", "where": join}}
    assert post(client, "analyses", asked).json()["error"]["code"] == "too-much"


@pytest.mark.parametrize(
    ("box", "crs"),
    [("0,0,0,0", 9214), ("560000,1820000,560000,1830000", 9214), ("0,0,0,0", 3857), ("5,5,5,5", 0)],
)
def test_a_box_without_extent_is_a_box(ground, box, crs):
    asked = {"bbox": box}
    if crs:
        asked["bbox-crs"] = f"http://www.opengis.net/def/crs/EPSG/0/{crs}"
    assert Client().get("/ogc/collections/reports/items", asked).status_code == 200


def test_words_that_no_feature_can_hold_find_none(ground):
    nobody = make_layer(slug="test-none", find=lambda rows, text, audience: rows.none())
    with registered(nobody):
        answer = Client().get("/ogc/collections/test-none/items", {"q": "0"})
        assert answer.status_code == 200 and answer.json()["features"] == []


@pytest.mark.parametrize("key", ["26045408164298700", "2147483648", "0", "x", "-1"])
def test_an_id_that_cannot_exist_is_not_there(ground, key):
    assert Client().get(f"/ogc/collections/reports/items/{key}").status_code == 404


@pytest.mark.parametrize(
    "door, given",
    [
        ("answer", {"area": AREA}),
        ("analyses", {"method": "classes", "asked": {"layer": "reports"}}),
    ],
)
def test_more_than_a_drawn_area_needs_is_refused_unread(ground, door, given):
    answer = post(signed_in(Role.PLANNER), door, given | {"more": "x" * 2_000_000})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too-large")
    assert not Analysis.objects.exists()
    assert post(Client(), "analyses", given).status_code == 401
