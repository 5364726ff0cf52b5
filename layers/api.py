from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from geo.errors import Refused
from geo.queries import Box, parse_bbox
from layers import exports, filters, queries, registry, search, summary
from layers.questions.files import blocks
from layers.viewers import viewer

router = Router(tags=["layers"])
MAX_REPLAY = timedelta(hours=6)


def _asked(request: HttpRequest, slug: str, bbox: str) -> tuple[Any, Box | None, dict[str, str]]:
    user = viewer(request)
    layer, audience = queries.visible(user, slug)
    return user, parse_bbox(bbox) if bbox else None, filters.parse(layer, audience, request.GET)


@router.get("/layers", summary="The catalogue: city, viewer and the layers they may see")
def catalogue(request: HttpRequest) -> dict[str, Any]:
    user = viewer(request)
    layers = [queries.describe(user, *pair) for pair in registry.visible_layers(user)]
    return {
        "city": queries.describe_city(),
        "viewer": {
            "name": str(user) if user.is_authenticated else None,
            "role": getattr(user, "role", None),
        },
        "now": timezone.now(),
        "seq": queries.published_seq(),
        "synthetic": any(layer["has_synthetic"] for layer in layers),
        "layers": layers,
    }


@router.get("/layers/{slug}/snapshot", summary="All features of a point layer, in columns")
def snapshot(request: HttpRequest, slug: str, bbox: str = "") -> dict[str, Any]:
    user, box, wanted = _asked(request, slug, bbox)
    return queries.snapshot(user, slug, box, wanted)


@router.get("/layers/{slug}/features", summary="A page of features")
def features(
    request: HttpRequest,
    slug: str,
    bbox: str = "",
    q: str = Query("", max_length=80),
    limit: int = Query(50, ge=1, le=500),
    cursor: str = "",
) -> dict[str, Any]:
    user, box, wanted = _asked(request, slug, bbox)
    return queries.listing(user, slug, box=box, text=q, wanted=wanted, limit=limit, cursor=cursor)


@router.get("/layers/{slug}/features/{feature_id}", summary="One feature with its card")
def feature(request: HttpRequest, slug: str, feature_id: str) -> dict[str, Any]:
    return queries.one(viewer(request), slug, feature_id)


@router.get("/layers/{slug}/export", summary="A layer as GeoJSON, CSV or GeoPackage")
def export(
    request: HttpRequest, slug: str, format: str = "geojson", bbox: str = ""
) -> HttpResponseBase:
    user, box, wanted = _asked(request, slug, bbox)
    file, size, mime, name = exports.export(user, slug, format, box, wanted)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)}
    if size <= exports.IN_MEMORY:
        return HttpResponse(file.read(), content_type=mime, headers=headers)
    return StreamingHttpResponse(blocks(file), content_type=mime, headers=headers)


@router.get("/status", summary="Counts by class and freshness of every layer")
def status(request: HttpRequest) -> dict[str, Any]:
    user = viewer(request)
    pairs = registry.visible_layers(user)
    return {
        "now": timezone.now(),
        "seq": queries.published_seq(),
        "layers": {layer.slug: queries.state_of(user, layer, a) for layer, a in pairs},
    }


@router.get("/replay", summary="What live layers showed in the last day")
def replay(
    request: HttpRequest,
    layers: str,
    start: Annotated[datetime, Query(alias="from")],
    end: Annotated[datetime, Query(alias="to")],
    step_s: int = Query(60, ge=60, le=3600),
) -> dict[str, Any]:
    if start.tzinfo is None or end.tzinfo is None:
        raise Refused("bad-time", _("Times need a zone: 2026-11-21T12:00:00Z"))
    if not timedelta(0) < end - start <= MAX_REPLAY:
        raise Refused("bad-window", _("Ask for at most six hours at once."))
    slugs = sorted({slug for slug in layers.split(",") if slug})[:20]
    return queries.replay(viewer(request), slugs, start, end, step_s)


@router.get("/search", summary="Places, wards, features and coordinates")
def find(request: HttpRequest, q: str = Query("", max_length=80)) -> dict[str, Any]:
    return {"results": search.search(viewer(request), q)}


@router.get("/tiles-summary", summary="The wall's sentences with their trends")
def tiles_summary(request: HttpRequest) -> dict[str, Any]:
    return {"tiles": summary.tiles_for(viewer(request))}
