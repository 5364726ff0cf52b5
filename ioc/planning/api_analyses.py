"""Analyses over HTTP: methods in words, runs with progress, results for map, table and file."""

from typing import Any, Literal
from uuid import UUID

import orjson
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema, Status
from pydantic import Field

from geo.queries import parse_bbox
from ioc.accounts.auth import session_or_token
from ioc.planning import actions, files
from ioc.planning.models import Analysis, Run
from ioc.planning.recipes import described
from ioc.planning.rights import may, with_little
from ioc.planning.shown import analysis_out, run_out
from layers.questions.features import geometry_sql

router = Router(tags=["planning"], auth=session_or_token)
PAGE = 50
MOST_FEATURES = 5_000


class AskIn(Schema):
    method: str = Field(max_length=40)
    asked: dict[str, Any]
    parameters: dict[str, Any] = {}
    name: str = Field("", max_length=120)
    key: UUID | None = None


class AgainIn(Schema):
    key: UUID | None = None


class ChangeIn(Schema):
    version: int
    name: str | None = Field(None, max_length=120)
    every: str | None = Field(None, max_length=8)
    shared: bool | None = None
    on_wall: bool | None = None


class ListIn(Schema):
    mine: bool = False
    named: bool = False
    cursor: int = Field(0, ge=0, le=100_000)
    limit: int = Field(PAGE, ge=1, le=100)


class FeaturesIn(Schema):
    bbox: str = ""
    after: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(MOST_FEATURES, ge=1, le=MOST_FEATURES)


@router.get("/methods", summary="Every analysis in words, with its parameters")
def methods(request: HttpRequest) -> dict[str, Any]:
    may(request)
    return {"methods": described()}


@router.post("/analyses", auth=with_little, response={202: dict}, summary="Ask an analysis")
def ask(request: HttpRequest, given: AskIn) -> Status:
    run = actions.ask(
        may(request), method=given.method, asked=given.asked, parameters=given.parameters,
        key=given.key, name=given.name,
    )  # fmt: skip
    return Status(202, run_out(run, request.user))


@router.get("/analyses", summary="One's own analyses and those others share")
def listed(request: HttpRequest, asked: Query[ListIn]) -> dict[str, Any]:
    rows = Analysis.objects.visible_to(may(request)).select_related("owner")
    if asked.mine:
        rows = rows.filter(owner=request.user)
    if asked.named:
        rows = rows.exclude(name="")
    latest = Prefetch(
        "runs", Run.objects.order_by("analysis_id", "-queued_at").distinct("analysis_id")
    )
    page = list(rows.prefetch_related(latest)[asked.cursor : asked.cursor + asked.limit + 1])
    following = asked.cursor + asked.limit if len(page) > asked.limit else None
    shown = [analysis_out(one, request.user) for one in page[: asked.limit]]
    return {"analyses": shown, "next": following}


def _analysis(request: HttpRequest, number: UUID) -> Analysis:
    found = Analysis.objects.visible_to(may(request)).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _own(request: HttpRequest, number: UUID) -> Analysis:
    """An analysis of the person who asks. Raises Http404 for others', PermissionError if shared."""
    found = _analysis(request, number)
    if found.owner_id != request.user.pk:
        raise PermissionError
    return found


def run_of(request: HttpRequest, number: UUID) -> Run:
    """A run that this person may see. Raises Http404."""
    rows = Run.objects.visible_to(may(request)).select_related("analysis__owner")
    found = rows.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@router.get("/analyses/{number}")
def one(request: HttpRequest, number: UUID) -> dict[str, Any]:
    found = _analysis(request, number)
    runs = [run_out(run, request.user) for run in found.runs.order_by("-queued_at")[:20]]
    return analysis_out(found, request.user) | {"runs": runs}


@router.patch("/analyses/{number}", summary="Name, schedule, share, show on the map")
def change(request: HttpRequest, number: UUID, given: ChangeIn) -> dict[str, Any]:
    found = _own(request, number)
    wanted = given.dict(exclude={"version"}, exclude_unset=True)
    return analysis_out(actions.change(found, given.version, wanted), request.user)


@router.delete("/analyses/{number}", response={204: None})
def put_away(request: HttpRequest, number: UUID) -> Status:
    actions.put_away(_own(request, number))
    return Status(204, None)


@router.post("/analyses/{number}/back", response={204: None}, summary="Undo putting it away")
def bring_back(request: HttpRequest, number: UUID) -> Status:
    found = Analysis.objects.filter(pk=number, owner=may(request)).first()
    if found is None:
        raise Http404
    actions.put_away(found, back=True)
    return Status(204, None)


@router.post("/analyses/{number}/runs", response={202: dict}, summary="Compute it again")
def again(request: HttpRequest, number: UUID, given: AgainIn) -> Status:
    run = actions.again(_own(request, number), request.user, given.key)
    return Status(202, run_out(run, request.user))


@router.get("/runs/{number}", summary="State, progress and figures of a run")
def run(request: HttpRequest, number: UUID) -> dict[str, Any]:
    return run_out(run_of(request, number), request.user)


@router.post("/runs/{number}/stop", summary="Stop it")
def stop(request: HttpRequest, number: UUID) -> dict[str, Any]:
    found = run_of(request, number)
    if found.asker_id != request.user.pk:
        raise PermissionError
    return run_out(actions.stop(found), request.user)


@router.get("/runs/{number}/features", summary="What it found, as GeoJSON, by rank")
def features(request: HttpRequest, number: UUID, asked: Query[FeaturesIn]) -> HttpResponse:
    rows = run_of(request, number).results.filter(rank__gt=asked.after).order_by("rank")
    if asked.bbox:
        rows = rows.filter(geom__bboverlaps=parse_bbox(asked.bbox))
    rows = rows.extra(select={"place": geometry_sql('"planning_result"."geom"')})[: asked.limit + 1]
    found = list(rows.values("rank", "kind", "title", "value", "z", "q", "facts", "place"))
    page = found[: asked.limit]
    body = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": row["rank"], "geometry": orjson.Fragment(row.pop("place")),
             "properties": row}
            for row in page
        ],
        "next": page[-1]["rank"] if len(found) > asked.limit else None,
    }  # fmt: skip
    return HttpResponse(orjson.dumps(body), content_type="application/geo+json")


@router.get("/runs/{number}/file", summary="Its results: geojson, csv, gpkg or parquet")
def file(
    request: HttpRequest, number: UUID, format: str = Query("geojson", max_length=20)
) -> HttpResponseBase:
    return files.response(run_of(request, number), format)


@router.get("/runs/{number}/report.pdf", summary="A run on paper: map, figures, method, sources")
def report(
    request: HttpRequest, number: UUID, language: Literal["vi", "en"] = "vi"
) -> HttpResponse:
    found = run_of(request, number)
    # Loaded when first asked for: the writer of PDFs is large, and few print.
    from ioc.planning.report import pdf

    answer = HttpResponse(pdf(found, language), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.method}-{found.pk.hex[:8]}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer
