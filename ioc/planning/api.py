"""The planning desk's questions over HTTP. What is asked is read by hand: a body that is too large
is refused before it is parsed."""

from collections.abc import Callable
from typing import Any

import orjson
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Query, Router
from ninja.files import UploadedFile

from geo.errors import Refused
from ioc.accounts.auth import session_or_token
from ioc.planning import answers, areas
from ioc.planning.api_analyses import router as analyses
from ioc.planning.rights import may, refuse_large
from layers.questions import files, words

router = Router(tags=["planning"], auth=session_or_token)
router.add_router("", analyses)


def _body(request: HttpRequest) -> Any:
    """The JSON sent. Raises Refused 413 for more than a drawn area ever needs."""
    refuse_large(request)
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise Refused("bad-question", _("The question is not JSON.")) from None


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """The body for the description of the API."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"requestBody": body}


AREA = {
    "type": "object",
    "description": "One of geometry (GeoJSON, with crs as an EPSG number), wards, feature",
    "properties": {
        "geometry": {"type": "object"},
        "crs": {"type": "integer", "default": 4326},
        "wards": {"type": "array", "items": {"type": "integer"}},
        "feature": {
            "type": "object",
            "properties": {"layer": {"type": "string"}, "id": {"type": "string"}},
        },
        "buffer_m": {"type": "number", "minimum": 0},
    },
}
ANSWER = {
    "type": "object",
    "required": ["area"],
    "additionalProperties": False,
    "properties": {
        "area": AREA,
        "layers": {"type": "array", "items": {"type": "string"}},
        "filters": {"type": "object", "additionalProperties": {"type": "object"}},
        "period": {"type": "object"},
        "exact": {"type": "boolean"},
        "limit": {"type": "integer", "minimum": 0, "maximum": 200},
    },
}
QUESTION = {
    "type": "object",
    "required": ["layer"],
    "additionalProperties": False,
    "properties": {
        "layer": {"type": "string"},
        "where": {"type": "object"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 500},
        "cursor": {"type": "string", "nullable": True},
    },
}


def _answered(
    request: HttpRequest,
    ask: Callable[[Any, Any], Any],
    *,
    inside: Callable[[dict[str, Any]], list[Any]],
) -> HttpResponse:
    """An answer whose features are JSON already, put into place without being parsed again."""
    user, given = may(request), _body(request)
    body = async_to_sync(ask)(user, given)
    for part in inside(body):
        if "features" in part:
            part["features"] = orjson.Fragment(f"[{part['features'] or ''}]")
    return HttpResponse(orjson.dumps(body), content_type="application/json")


@router.post("/answer", summary="Every layer in an area at once", openapi_extra=described(ANSWER))
def answer(request: HttpRequest) -> HttpResponse:
    return _answered(request, answers.answer, inside=lambda body: body["layers"])


@router.post("/question", summary="One question to one layer", openapi_extra=described(QUESTION))
def question(request: HttpRequest) -> HttpResponse:
    return _answered(request, answers.question, inside=lambda body: [body])


@router.post("/words", summary="A question as a sentence", openapi_extra=described(QUESTION))
def say(request: HttpRequest) -> dict[str, Any]:
    view, term, _limit, _cursor = answers.asked_of(may(request), _body(request))
    return {"layer": view.layer.slug, "in_words": words.in_words(view, term).dict()}


@router.post(
    "/export",
    summary="The rows of a question as a file: geojson, csv, gpkg or parquet",
    openapi_extra=described(QUESTION),
)
def export(request: HttpRequest, format: str = Query("geojson", max_length=20)) -> Any:
    view, term, _limit, _cursor = answers.asked_of(may(request), _body(request))
    return files.response(view, term, format)


@router.post("/area", summary="An area from a file: GeoJSON, GeoPackage, zipped Shapefile, KML")
def area(request: HttpRequest, file: UploadedFile = File(...)) -> dict[str, Any]:  # noqa: B008
    may(request)
    return areas.read(file)


@router.post("/estimate", summary="What a question would cost", openapi_extra=described(QUESTION))
def estimate(request: HttpRequest) -> dict[str, Any]:
    from layers.questions import costs

    view, term, _limit, _cursor = answers.asked_of(may(request), _body(request))
    expected = async_to_sync(costs.estimate)(view, term)
    costs.check(expected)
    return {"expected_rows": expected.rows, "cost": expected.cost}
