"""Which cameras see a junction, and what is seen: joins by what features reach."""

import pytest
from django.test import Client

from ioc.accounts.models import User
from ioc.accounts.roles import Role
from tests.planning.factories import make_ground
from tests.reports.factories import make_report
from tests.vision.factories import make_camera

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
JUNCTION = {"type": "Point", "coordinates": [107.5904, 16.46]}


@pytest.fixture
def planner():
    make_ground()
    make_camera("east", bearing_deg=90.0, fov_deg=60.0, range_m=80.0)
    make_camera("west", bearing_deg=270.0, fov_deg=60.0, range_m=80.0)
    make_camera("blind", bearing_deg=None)
    make_report(lon=107.5904, lat=16.46)
    client = Client()
    user = User.objects.create_user("sees", role=Role.PLANNER)
    client.force_login(user, backend="ioc.accounts.backends.RoleBackend")

    def ask(layer, where, status=200):
        given = {"layer": layer, "where": where}
        answer = client.post("/api/v1/plan/question", given, content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json()

    return ask


def test_the_cameras_that_see_a_junction(planner):
    def codes(term):
        told = planner("cameras", {"op": "reach", "term": term})
        return sorted(one["properties"]["code"] for one in told["features"])

    assert codes({"op": "intersects", "geometry": JUNCTION}) == ["east"]
    assert codes({"op": "meets", "layer": "reports"}) == ["east"]
    where = "REACH(S_INTERSECTS(geometry, POINT(107.5904 16.46)))"
    as_json = {"op": "reach", "args": [
        {"op": "s_intersects", "args": [{"property": "geometry"}, JUNCTION]}]}  # fmt: skip
    for given, codes_of in ((where, ["east"]), (as_json, ["east"]),
                            (f"NOT {where} AND code <> 'blind'", ["west"])):  # fmt: skip
        told = planner("cameras", {"op": "cql2", "filter": given})
        assert [one["properties"]["code"] for one in told["features"]] == codes_of
    near = {"op": "not", "term": {"op": "intersects", "geometry": JUNCTION}}
    assert codes(near) == ["west"]  # the one that sees nothing at all has no ground to ask of
    said = planner("cameras", {"op": "reach", "term": {"op": "meets", "layer": "reports"}})
    assert "vùng nhìn" in said["in_words"]["vi"] and "fields of view" in said["in_words"]["en"]
    seen = planner("reports", {"op": "meets", "layer": "camera-views"})
    assert seen["count"]["value"] == 1


def test_only_what_reaches_can_be_asked_so_and_only_of_what_one_sees(planner):
    planner("reports", {"op": "reach", "term": {"op": "meets", "layer": "cameras"}}, 400)
    for hidden in ("vessels", "no-such"):
        planner("cameras", {"op": "reach", "term": {"op": "meets", "layer": hidden}}, 404)
    deep = {"op": "reach", "term": {"op": "reach", "term": {"op": "bbox", "bbox": [0, 0, 1, 1]}}}
    planner("cameras", deep, 400)
    for given in ("REACH(REACH(code = 'x'))", "REACH(code = 'x'", "REACH()", "REACH = 1"):
        planner("cameras", {"op": "cql2", "filter": given}, 400)
    planner("reports", {"op": "cql2", "filter": "REACH(TRUE)"}, 400)
