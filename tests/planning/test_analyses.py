"""Analyses from the question to the map: every method on planted data, and who may see them."""

import uuid
from datetime import timedelta

import numpy as np
import pytest
import shapely
from django.test import Client
from django.utils import timezone

from geo import crs
from geo.errors import Refused
from geo.models import District
from ioc.accounts.models import User
from ioc.accounts.roles import Role
from ioc.celery import LIMIT_S
from ioc.planning import actions, computing, gathering
from ioc.planning.models import Analysis, Result, Run
from ioc.planning.recipes import RECIPES
from ioc.planning.tasks import compute
from ioc.reports.models import Report
from layers import registry
from tests.layers.conftest import make_layer
from tests.planning.factories import SPOT, make_ground, make_reports

DBSCAN = {"method": "dbscan", "asked": {"layer": "reports"}}
API = "/api/v1/plan"
SLOPE = registry.Style(kind="fill", color="#888888")
EXTRA = {
    "local-moran": {"asked": {"resolution": 9}, "parameters": {"alpha": 0.2}},
    "kernel-density": {"parameters": {"bandwidth_m": 400, "cell_m": 100}},
    "dbscan": {"parameters": {"eps_m": 150, "least": 8}},
    "space-time-dbscan": {"parameters": {"eps_m": 200, "eps_s": 400_000, "least": 8}},
    "coverage": {"asked": {"against": {"layer": "reports"}}},
    "bivariate": {"asked": {"against": {"layer": "reports"}}, "parameters": {"count": 2}},
    "classes": {"parameters": {"count": 2}},
    "best-sites": {"parameters": {"sites": 2}},
    "exposure": {"asked": {"zones": {"layer": "wards"}}},
    "zonal": {"asked": {"layer": "test-grid"}},
    "before-after": {
        "asked": {
            "before": {"start": "2026-09-25", "end": "2026-10-23"},
            "after": {"start": "2026-10-24", "end": "2026-11-21"},
        }
    },
}


@pytest.fixture
def planner(db):
    make_ground()
    make_reports()
    return User.objects.create_user("planner", role=Role.PLANNER)


def asked(user, method, **more):
    extra = EXTRA.get(method, {})
    question = {"layer": "reports", "resolution": 8} | extra.get("asked", {}) | more
    return actions.ask(user, method=method, asked=question, parameters=extra.get("parameters"))


def computed(run):
    assert computing.compute(str(run.pk)), Run.objects.get(pk=run.pk).problem
    run.refresh_from_db()
    return run


@pytest.fixture
def grid():
    """A layer of ground that holds figures: a slope from west to east over both wards."""
    values = np.tile(np.linspace(0, 10, 40), (20, 1))
    box = shapely.bounds(gathering.to_metric(shapely.box(107.5, 16.4, 107.7, 16.5)))

    def held(rows):
        names = ", ".join(rows.order_by("pk").values_list("name_vi", flat=True))
        return registry.Grid(values, tuple(box), crs.metric_srid(), "m", names) if names else None

    layer = make_layer(
        slug="test-grid", geometry="polygon", queryset=lambda user: District.objects.all(),
        grid_of=held, fields=(), style=SLOPE,
    )  # fmt: skip
    with registry.registered(layer):
        yield registry.Grid(values, tuple(box), crs.metric_srid(), "m")


@pytest.mark.parametrize("method", RECIPES)
def test_every_method_runs_on_the_citys_reports(planner, grid, method):
    run = computed(asked(planner, method))
    assert run.state == "done" and run.progress == 1 and run.code_version
    of_reports = RECIPES[method].kind == "point"
    assert run.data_at == (Report.objects.latest("changed_at").changed_at if of_reports else None)
    assert run.figures["in_words"]["vi"] and run.results.count() == run.figures["features"]
    first = run.results.first()
    assert first is not None and first.geom.valid and first.kind


def test_the_figures_of_one_feature_are_chosen(planner, grid):
    ward = _ward("Vỹ Dạ")
    run = computed(asked(planner, "zonal", layer="test-grid", feature=ward.pk))
    assert run.figures["grid"] == "Vỹ Dạ" and run.figures["wards_touched"]
    for wrong, code in ((10**9, "not-found"), ("1", "bad-question"), (True, "bad-question")):
        with pytest.raises(Refused) as refused:
            asked(planner, "zonal", layer="test-grid", feature=wrong)
        assert refused.value.code == code
    with pytest.raises(Refused):
        asked(planner, "hot-spots", feature=1)


def test_the_planted_crowd_is_hot_and_counts_equal_sql(planner):
    run = computed(asked(planner, "hot-spots"))
    assert run.figures["events"] == Report.objects.count()
    hottest = run.results.filter(kind="hot").first()
    assert hottest.geom.buffer(0.003).contains(
        Report(geom=f"SRID=4326;POINT({SPOT[0]} {SPOT[1]})").geom
    )
    clusters = computed(asked(planner, "dbscan"))
    assert clusters.figures["clusters"] == 1 and clusters.results.get().value >= 60


def test_wards_count_as_sql_counts(planner):
    run = computed(asked(planner, "before-after"))
    told = {one.title: one.facts for one in run.results.all()}
    for ward in ("Thuận Hóa", "Vỹ Dạ"):
        inside = Report.objects.filter(geom__intersects=_ward(ward).geom)
        before = inside.filter(changed_at__range=("2026-09-24T17:00Z", "2026-10-22T17:00Z"))
        after = inside.filter(changed_at__range=("2026-10-23T17:00Z", "2026-11-20T17:00Z"))
        assert (told[ward]["before"], told[ward]["after"]) == (before.count(), after.count())


def test_what_lies_in_zones_counts_as_sql_counts(planner):
    ward = _ward("Vỹ Dạ")
    one = {"layer": "wards", "where": {"op": "=", "field": "name_vi", "value": "Vỹ Dạ"}}
    run = computed(asked(planner, "exposure", zones=one))
    inside = Report.objects.filter(geom__intersects=ward.geom).count()
    assert run.figures["exposed"] == inside > 0 and run.figures["events"] > inside
    told = {row.title: row for row in run.results.all()}
    assert told["Vỹ Dạ"].value == told["Vỹ Dạ"].facts["count"] == inside
    assert told["Vỹ Dạ"].facts["area_share"] == pytest.approx(1, abs=1e-6)
    # widened by so many metres it reaches over the border: never fewer
    wider = actions.ask(planner, method="exposure", asked={"layer": "reports", "zones": one},
                        parameters={"margin_m": 800})  # fmt: skip
    assert computed(wider).figures["exposed"] > inside
    assert run.analysis.layers == ["reports", "wards"]


def test_figures_of_a_grid_by_ward(planner, grid):
    run = computed(asked(planner, "zonal"))
    west, east = (run.results.get(title=name) for name in ("Thuận Hóa", "Vỹ Dạ"))
    assert 0 < west.value < east.value < 10 and run.figures["unit"] == "m"
    degrees = registry.Grid(grid.values, (107.5, 16.4, 107.7, 16.5), 4326)
    assert degrees.cell_m2() == pytest.approx(grid.cell_m2(), rel=0.01)
    assert west.facts["lowest"] <= west.value <= west.facts["highest"]
    assert west.facts["km2"] == pytest.approx(
        shapely.area(gathering.to_metric(shapely.from_wkb(bytes(west.geom.wkb)))) / 1e6, rel=0.02
    )


def test_many_places_are_summed_up_by_cell(planner, monkeypatch):
    from geo.analytics import siting

    monkeypatch.setattr(siting, "MOST_PAIRS", 8_000)
    run = computed(asked(planner, "best-sites"))
    assert run.figures["places"] == Report.objects.count() and run.figures["notes"]
    assert run.results.count() == 2


def _ward(name):
    return District.objects.get(name_vi=name)


def test_a_message_carries_the_time_of_its_queue():
    """The worker keeps to the limits that came with the message, so the sender must know them."""
    sent = compute._get_exec_options()
    assert sent["time_limit"] == LIMIT_S["long"] > sent["soft_time_limit"] > LIMIT_S["fast"]


def test_asked_twice_with_one_key_is_one_run(planner):
    key = uuid.uuid4()
    first, second = (
        actions.ask(planner, method="classes", asked={"layer": "reports"}, parameters={}, key=key)
        for _ in range(2)
    )
    assert first == second and Analysis.objects.count() == 1
    assert computing.compute(str(first.pk)) and not computing.compute(str(first.pk))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"method": "magic", "asked": {"layer": "reports"}}, "unknown-method"),
        (DBSCAN | {"parameters": {"eps_m": 0.0}}, "bad-parameter"),
        (DBSCAN | {"parameters": {"x": 1}}, "unknown-parameter"),
        ({"method": "kernel-density", "asked": {"layer": "reports"}}, "missing-parameter"),
        ({"method": "coverage", "asked": {"layer": "reports"}}, "bad-question"),
        ({"method": "classes", "asked": {"layer": "nothing"}}, "not-found"),
        ({"method": "classes", "asked": {"layer": "vessels"}}, "not-found"),
        ({"method": "classes", "asked": {"layer": "wards"}}, "bad-layer"),
        ({"method": "classes", "asked": {"layer": "reports", "drop": 1}}, "bad-question"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_words(planner, client, body, code):
    client.force_login(planner)
    answer = client.post(f"{API}/analyses", body, content_type="application/json")
    assert answer.status_code in {400, 404, 422} and answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"] and not Run.objects.exists()


def test_a_run_is_stopped_and_a_dead_one_is_given_up(planner, monkeypatch):
    waiting = asked(planner, "hot-spots")
    assert actions.stop(waiting).state == "cancelled" and not computing.compute(str(waiting.pk))
    monkeypatch.setattr(computing, "BEAT_S", 0)
    started = asked(planner, "hot-spots")
    Run.objects.filter(pk=started.pk).update(stop=True)
    assert not computing.compute(str(started.pk))
    started.refresh_from_db()
    assert started.state == "cancelled" and not started.results.exists()
    Run.objects.filter(pk=started.pk).update(
        state="running", beat_at=timezone.now() - timedelta(hours=1)
    )
    assert computing.end_lost() == 1
    started.refresh_from_db()
    assert started.state == "failed" and started.problem["vi"]


def test_named_scheduled_and_on_the_map_until_it_is_put_away(planner, client):
    client.force_login(planner)
    run = computed(asked(planner, "hot-spots"))
    address = f"{API}/analyses/{run.analysis_id}"
    refused = client.patch(
        address, {"version": 1, "on_wall": True}, content_type="application/json"
    )
    assert refused.json()["error"]["code"] == "needs-name"
    given = {"version": 1, "name": "Điểm nóng rác", "every": "day", "on_wall": True, "shared": True}
    said = client.patch(address, given, content_type="application/json").json()
    assert said["on_wall"] and said["next_run_at"] and said["latest"]["state"] == "done"
    stale = client.patch(address, given, content_type="application/json")
    assert stale.status_code == 409

    hotspots = registry.get("hotspots")
    assert hotspots.queryset(planner).count() == run.results.count() > 0
    assert computing.start_due(timezone.now() + timedelta(days=1)) == 1
    later = computed(Run.objects.get(state="queued"))
    assert {one.run_id for one in hotspots.queryset(planner)} == {later.pk}
    assert client.delete(address).status_code == 204
    assert not hotspots.queryset(planner).exists()
    assert client.post(f"{address}/back").status_code == 204
    assert hotspots.queryset(planner).exists()


def test_what_is_made_of_a_layer_one_may_not_see_is_not_theirs(planner):
    run = computed(asked(planner, "hot-spots"))
    Analysis.objects.update(name="x", shared=True, on_wall=True)
    actions.show(run.analysis)
    colleague = User.objects.create_user("colleague", role=Role.PLANNER)
    fisher = User.objects.create_user("fisher", role=Role.FISHERIES_OFFICER)
    assert Analysis.objects.visible_to(colleague).count() == 1
    assert Result.objects.visible_to(colleague).exists()
    assert not Result.objects.visible_to(fisher).exists()
    Analysis.objects.update(layers=["vessels"])
    assert not Analysis.objects.visible_to(colleague).exists()
    assert Analysis.objects.visible_to(planner).exists()


QUESTION = {"method": "classes", "asked": {"layer": "reports"}}
ADDRESSES = [
    ("get", "methods", None), ("get", "analyses", None), ("post", "analyses", QUESTION),
    ("get", "analyses/{a}", None), ("patch", "analyses/{a}", {"version": 1}),
    ("delete", "analyses/{a}", None), ("post", "analyses/{a}/back", {}),
    ("post", "analyses/{a}/runs", {}), ("get", "runs/{r}", None), ("post", "runs/{r}/stop", {}),
    ("get", "runs/{r}/features", None), ("get", "runs/{r}/file", None),
    ("get", "runs/{r}/report.pdf", None),
]  # fmt: skip


@pytest.mark.parametrize("role", [None, *Role.values])
def test_every_address_by_role(planner, role):
    run = asked(planner, "classes")
    client = Client()
    if role:
        client.force_login(User.objects.create_user(f"a-{role}", role=role))
    may = role in {Role.PLANNER, Role.OPERATOR, Role.ADMINISTRATOR}
    for verb, path, body in ADDRESSES:
        address = f"{API}/{path.format(a=run.analysis_id, r=run.pk)}"
        given = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = getattr(client, verb)(address, **given)
        # another's analysis that is not shared does not exist for them
        theirs = 404 if "{" in path else 202 if verb == "post" else 200
        wanted = 401 if role is None else theirs if may else 403
        assert answer.status_code == wanted, f"{verb} {path}: {answer.status_code}"


def test_features_are_paged_by_rank(planner, client):
    client.force_login(planner)
    run = computed(asked(planner, "kernel-density"))
    total, after, ranks = run.results.count(), 0, []
    while after is not None:
        page = client.get(f"{API}/runs/{run.pk}/features?limit=25&after={after}").json()
        ranks += [feature["id"] for feature in page["features"]]
        after = page["next"]
    assert ranks == list(range(1, total + 1))
    assert page["features"][0]["geometry"]["type"] in {"Polygon", "MultiPolygon"}
