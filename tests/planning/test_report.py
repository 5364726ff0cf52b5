"""What leaves the desk: reports and files whose counts are SQL's own, and what is forgotten."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import geopandas
import pyarrow.parquet as pq
import pytest
import shapely
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from geo.models import District
from ioc.accounts.models import User
from ioc.accounts.roles import Role
from ioc.planning import actions, computing, elsewhere, retention
from ioc.planning.models import Analysis, Run
from ioc.reports.models import Report
from tests.planning.factories import make_ground, make_reports

API = "/api/v1/plan/runs"
WARDS = Path("../shared/packs/hue/wards.geojson")
PERIODS = {
    "before": {"start": "2026-09-25", "end": "2026-10-23"},
    "after": {"start": "2026-10-24", "end": "2026-11-21"},
}


@pytest.fixture
def planner(db):
    make_ground()
    make_reports()
    return User.objects.create_user("planner", role=Role.PLANNER)


def computed(user, method, parameters=None, name="", **asked):
    run = actions.ask(user, method=method, asked={"layer": "reports"} | asked,
                      parameters=parameters or {}, name=name)  # fmt: skip
    assert computing.compute(str(run.pk)), Run.objects.get(pk=run.pk).problem
    return Run.objects.select_related("analysis__owner").get(pk=run.pk)


def counted(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return dict(cursor.fetchall())


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_counts_of_a_report_are_those_of_sql(planner):
    from ioc.planning.report_told import told
    from ioc.planning.report_words import FIGURES

    run = computed(planner, "before-after", **PERIODS)
    said = told(run, "en")
    inside = (
        "SELECT d.name_en, count(r.id) FROM geo_district d LEFT JOIN reports_report r "
        "ON ST_Intersects(d.geom, r.geom) AND r.changed_at >= %s AND r.changed_at < %s "
        "GROUP BY d.name_en"
    )
    before = counted(inside, "2026-09-25 00:00+07", "2026-10-23 00:00+07")
    after = counted(inside, "2026-10-24 00:00+07", "2026-11-21 00:00+07")
    at = {name: said.head.index(name) for name in ("Place", "Before", "After")}
    assert {row[at["Place"]]: int(row[at["Before"]]) for row in said.rows} == before
    assert {row[at["Place"]]: int(row[at["After"]]) for row in said.rows} == after
    figures = dict(said.figures)
    assert int(figures[FIGURES["before"].en]) == sum(before.values()) > 0
    kinds = "SELECT kind, count(*) FROM planning_result WHERE run_id = %s GROUP BY kind"
    assert {one.kind: one.count for one in said.legend} == counted(kinds, run.pk)

    classes = told(computed(planner, "classes", {"count": 2}), "vi")
    everything = counted(
        "SELECT d.name_vi, count(r.id) FROM geo_district d JOIN reports_report r "
        "ON ST_Intersects(d.geom, r.geom) GROUP BY d.name_vi"
    )
    assert {row[1]: int(row[-1]) for row in classes.rows} == everything

    hot = told(computed(planner, "hot-spots"), "en")
    assert dict(hot.figures)[FIGURES["events"].en] == f"{Report.objects.count():,}"
    assert hot.notes and hot.notes[0].startswith("Counts, not rates")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_report_says_all_that_the_screen_knows(planner, language):
    run = computed(planner, "hot-spots", name="Điểm nóng <b>&</b> rác")
    answer = signed_in(planner).get(f"{API}/{run.pk}/report.pdf?language={language}")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-") and b"/Subtype /Image" not in answer.content
    pdfium = pytest.importorskip("pypdfium2")
    pages = [page.get_textpage().get_text_bounded() for page in pdfium.PdfDocument(answer.content)]
    text = " ".join(" ".join(pages).split())
    for word in (
        run.analysis.name, run.figures["in_words"][language], "EPSG:9214", "km", "N",
        run.code_version, str(run.pk), "Benjamini", "MÔ PHỎNG" if language == "vi" else "SYNTHETIC",
    ):  # fmt: skip
        assert (word in text) == (run.synthetic or word not in {"MÔ PHỎNG", "SYNTHETIC"}), word


@pytest.mark.parametrize(
    ("method", "parameters", "asked"),
    [
        ("kernel-density", {"bandwidth_m": 400, "cell_m": 100}, {}),
        ("coverage", {}, {"against": {"layer": "reports"}}),
        ("best-sites", {"sites": 2}, {"area": {"wards": "first"}}),
        ("bivariate", {"count": 2}, {"against": {"layer": "reports"}}),
    ],
)
def test_every_kind_of_result_is_drawn(planner, method, parameters, asked):
    from ioc.planning.report import pdf

    if "area" in asked:
        asked = {"area": {"wards": [District.objects.first().pk]}}
    run = computed(planner, method, parameters, **asked)
    assert len(pdf(run, "vi")) > 20_000
    run.results.all().delete()  # of an old run only the figures are kept
    assert pdf(run, "en").startswith(b"%PDF-")


def test_the_real_wards_on_paper(planner, settings):
    if not WARDS.exists():
        pytest.skip("the real wards are not here")
    from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

    from ioc.planning.report import pdf

    District.objects.all().delete()
    for feature in json.loads(WARDS.read_text())["features"]:
        told = feature["properties"]
        geom = GEOSGeometry(json.dumps(feature["geometry"]))
        geom = geom if geom.geom_type == "MultiPolygon" else MultiPolygon(geom)
        District.objects.create(
            code=told["code"], name_vi=told["name"], name_en=told["nameEn"], geom=geom,
            label_point=geom.point_on_surface, area_km2=told["areaKm2"],
        )  # fmt: skip
    run = computed(planner, "classes", {"count": 3})
    assert run.results.count() == 40 and len(pdf(run, "vi")) > 50_000


def test_every_format_has_every_result(planner, tmp_path):
    run, client = computed(planner, "hot-spots"), signed_in(planner)
    results = list(run.results.order_by("rank").values_list("rank", "kind", "z"))

    def got(kind):
        answer = client.get(f"{API}/{run.pk}/file?format={kind}")
        assert answer.status_code == 200 and kind in answer["Content-Disposition"]
        return b"".join(answer) if answer.streaming else answer.content

    made = json.loads(got("geojson"))
    assert [feature["id"] for feature in made["features"]] == [rank for rank, _k, _z in results]
    assert made["run"]["code_version"] == run.code_version
    rows = list(csv.DictReader(io.StringIO(got("csv").decode("utf-8-sig"))))
    assert [int(row["rank"]) for row in rows] == [rank for rank, _k, _z in results]
    assert shapely.from_wkt(rows[0]["wkt"]).is_valid
    for kind in ("gpkg", "parquet"):
        path = tmp_path / f"results.{kind}"
        path.write_bytes(got(kind))
        frame = geopandas.read_file(path) if kind == "gpkg" else geopandas.read_parquet(path)
        assert frame["kind"].tolist() == [name for _r, name, _z in results]
        assert frame.crs.to_epsg() == 4326 or kind == "parquet"
    assert client.get(f"{API}/{run.pk}/file?format=exe").status_code == 400


def test_a_run_that_is_not_done_leaves_nothing(planner):
    run = actions.ask(planner, method="classes", asked={"layer": "reports"}, parameters={})
    client = signed_in(planner)
    for path in ("file?format=csv", "report.pdf"):
        answer = client.get(f"{API}/{run.pk}/{path}")
        assert answer.status_code == 409 and answer.json()["error"]["code"] == "not-done"


def test_parts_by_cell_and_month_hold_every_row_once(planner, tmp_path):
    where = json.dumps({"op": "last", "amount": 3650, "unit": "days"})
    call_command("plan", "export", str(tmp_path / "a"), layer="reports", where=where,
                 user="planner", stdout=io.StringIO())  # fmt: skip
    table = pq.read_table(tmp_path / "a")
    assert table.num_rows == len(set(table["id"].to_pylist())) == Report.objects.count()
    months = counted(
        "SELECT to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM'), count(*) "
        "FROM reports_report GROUP BY 1"
    )
    found = table["month"].to_pylist()
    assert {month: found.count(month) for month in set(found)} == months
    # without a name it is what the public sees: another place, another cell, fewer columns
    call_command("plan", "export", str(tmp_path / "b"), layer="reports", stdout=io.StringIO())
    public = pq.read_table(tmp_path / "b")
    exact = set(table["geometry"].to_pylist())
    assert not exact & set(public["geometry"].to_pylist())
    for wrong in (
        {"layer": "vessels"}, {"layer": "reports", "where": "{"},
        {"layer": "reports", "user": "nobody"}, {"layer": "reports", "resolution": 12},
    ):  # fmt: skip
        with pytest.raises(CommandError):
            call_command("plan", "export", str(tmp_path / "c"), **wrong)
    with pytest.raises(CommandError):
        call_command("plan", "export", str(tmp_path / "a"), layer="reports")


def test_old_runs_without_a_name_are_erased(planner, settings):
    settings.IOC_PLAN_KEEP_DAYS = 365
    old, named, young = (computed(planner, "classes", {"count": 2}) for _ in range(3))
    Analysis.objects.filter(pk=named.analysis_id).update(name="Giữ lại")
    long_ago = timezone.now() - timedelta(days=366)
    Run.objects.exclude(pk=young.pk).update(queued_at=long_ago)
    Analysis.objects.update(created_at=long_ago)
    assert retention.erase_old() == 1 and retention.erase_old() == 0
    assert set(Run.objects.values_list("pk", flat=True)) == {named.pk, young.pk}
    assert not Analysis.objects.filter(pk=old.analysis_id).exists()
    assert Analysis.objects.filter(pk=young.analysis_id).exists()


def test_the_administrator_looks_and_changes_nothing(planner):
    run = computed(planner, "classes", {"count": 2})
    admin = User.objects.create_superuser("root", role=Role.ADMINISTRATOR)
    client = signed_in(admin)
    for path in ("analysis", "run"):
        assert client.get(f"/admin/planning/{path}/").status_code == 200
        assert client.get(f"/admin/planning/{path}/add/").status_code == 403
    assert client.get(f"/admin/planning/run/{run.pk}/change/").status_code == 200
    assert client.get(f"/admin/planning/analysis/{run.analysis_id}/change/").status_code == 200


@pytest.mark.parametrize(
    ("method", "parameters"),
    [("hot-spots", {}), ("local-moran", {}), ("dbscan", {"eps_m": 150, "least": 8})],
)
def test_a_scheduler_computes_the_same(
    planner, settings, monkeypatch, scheduler, method, parameters
):
    here = computed(planner, method, parameters)
    settings.IOC_DASK_SCHEDULER, settings.IOC_DASK_POINTS = scheduler.scheduler_address, 10
    there = computed(planner, method, parameters)
    told = [list(run.results.order_by("rank").values("kind", "value", "z", "q"))
            for run in (here, there)]  # fmt: skip
    assert told[0] == told[1] and here.figures == there.figures
    assert told[0] or method == "local-moran"
    assert scheduler.scheduler.transition_log  # it did go there
    settings.IOC_DASK_SCHEDULER = "tcp://127.0.0.1:1"  # nobody answers there
    monkeypatch.setattr(elsewhere, "CONNECT_S", 0.2)
    assert computed(planner, method, parameters).state == "done"


@pytest.fixture(scope="module")
def scheduler():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None,
    ) as cluster:  # fmt: skip
        yield cluster
