"""Reads of any layer for any viewer: catalogue, snapshot, list, card, state, replay, search."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from django.core.cache import caches
from django.db import connection
from django.db.models import Count, Max, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.crs import city
from geo.errors import Refused
from geo.queries import Box, box_of
from layers import filters, registry
from layers.changes import plain, props_of
from layers.models import GridCount, LayerState, PublisherState
from layers.paging import page_by_id
from layers.registry import SNAPSHOT_LIMIT, Audience, Layer

COUNT_KEPT_S = 5
COUNT_LIMIT = 100_000
MAX_REPLAY_ROWS = 100_000


def visible(user: Any, slug: str) -> tuple[Layer, Audience]:
    """A layer and the view this person gets. Raises Refused 404 alike for unknown and hidden."""
    layer = registry.get(slug)
    audience = layer.audience(user) if layer else None
    if layer is None or audience is None:
        raise Refused("not-found", _("There is no layer %(slug)s.") % {"slug": slug}, status=404)
    return layer, audience


def published_seq() -> int:
    """The last sequence number given out. Read it before the rows that go with it."""
    return PublisherState.objects.values_list("seq", flat=True).filter(pk=1).first() or 0


def in_box(layer: Layer, audience: Audience, rows: QuerySet[Any], box: Box | None) -> QuerySet[Any]:
    if box is None:
        return rows
    return rows.filter(**{f"{layer.geometry_field(audience)}__bboverlaps": box_of(box)})


def kept(name: str, layer: Layer, audience: Audience, user: Any, make: Callable[[], Any]) -> Any:
    """A figure of a layer, remembered for a few seconds for all who see the same rows."""
    scopes = layer.scopes(user) if layer.scopes else None
    key = f"{name}:{layer.slug}:{audience}:{hash(scopes)}"
    return caches["local"].get_or_set(key, make, COUNT_KEPT_S)


def state_of(user: Any, layer: Layer, audience: Audience) -> dict[str, Any]:
    """Count, counts by class, newest time and freshness of a layer, as this person sees it."""
    return kept("state", layer, audience, user, lambda: _state(user, layer, audience))


def _state(user: Any, layer: Layer, audience: Audience) -> dict[str, Any]:
    by = layer.style_dict(audience)["by"]
    if layer.grid and (layer.scopes is None or layer.scopes(user) is None):
        counts = GridCount.objects.filter(layer=layer.slug, view=audience, z=0)
        groups = counts.values_list("grp").annotate(n=Sum("n"))
        newest = LayerState.objects.filter(layer=layer.slug).values_list("newest_at", flat=True)
        classes, newest_at = {str(g): n for g, n in groups}, newest.first()
    else:
        rows = layer.queryset(user).order_by()
        if by:
            groups = rows.values_list(by).annotate(n=Count("pk"))
            classes = {str(group): n for group, n in groups}
        else:
            classes = {"": rows.count()}
        newest_at = rows.aggregate(newest=Max(layer.time_field))["newest"]
    age = (timezone.now() - newest_at).total_seconds() if newest_at else None
    return {
        "count": sum(classes.values()),
        "newest_at": newest_at,
        "by": classes if by else {},
        "stale": bool(layer.stale_after_s) and (age is None or age > (layer.stale_after_s or 0)),
    }


def _has_synthetic(user: Any, layer: Layer, audience: Audience) -> bool:
    def look() -> bool:
        rows = layer.queryset(user)
        names = {field.name for field in rows.model._meta.get_fields()}
        names |= rows.query.annotations.keys()
        return "synthetic" in names and rows.filter(synthetic=True).exists()

    return bool(kept("synthetic", layer, audience, user, look))


def describe(user: Any, layer: Layer, audience: Audience) -> dict[str, Any]:
    """A layer as the front end needs it to draw, name, filter and ask."""
    base = f"/api/v1/layers/{layer.slug}"
    state = state_of(user, layer, audience)
    return {
        "slug": layer.slug,
        "title": layer.title.dict(),
        "geometry": layer.geometry,
        "audience": audience,
        "live": layer.live,
        "order": layer.order,
        "default_visible": layer.default_visible,
        "raw_zoom": layer.raw_zoom,
        "snapshot_limit": SNAPSHOT_LIMIT,
        "count": state["count"],
        "newest_at": state["newest_at"],
        "stale_after_s": layer.stale_after_s,
        "has_synthetic": _has_synthetic(user, layer, audience),
        "attribution": layer.attribution,
        "holds_figures": layer.grid_of is not None and audience == "full",
        "reach": layer.reach,
        "title_field": layer.title_field,
        "time_field": layer.time_field,
        "fields": [
            {
                "name": field.name,
                "title": field.title.dict(),
                "type": field.type,
                "unit": field.unit,
                "filter": field.filter,
                "card": field.card,
                "choices": [
                    {
                        "value": choice.value,
                        "title": choice.title.dict(),
                        "color": choice.color,
                        "shape": choice.shape,
                    }
                    for choice in field.choices
                ],
            }
            for field in layer.visible_fields(audience)
        ],
        "style": layer.style_dict(audience),
        "urls": {
            "tiles": f"/tiles/{layer.slug}/{{z}}/{{x}}/{{y}}.mvt",
            "snapshot": f"{base}/snapshot",
            "features": f"{base}/features",
            "feature": f"{base}/features/{{id}}",
            "export": f"{base}/export",
            "raster": layer.raster or None,
        },
    }


def describe_city() -> dict[str, Any] | None:
    here = city()
    if here is None:
        return None
    west, south, east, north = here.bounds.extent
    basemap = here.basemap and {
        "url": f"/basemap/{here.slug}.pmtiles",
        "min_zoom": here.basemap.get("min_zoom", 6),
        "max_zoom": here.basemap.get("max_zoom", 15),
        "attribution": here.basemap.get("attribution", ""),
    }
    return {
        "slug": here.slug,
        "name": {"vi": here.name_vi, "en": here.name_en},
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2],
        "time_zone": here.time_zone,
        "languages": here.languages,
        "attributions": here.attributions,
        "schematic": here.schematic,
        "basemap": basemap,
    }


def snapshot(user: Any, slug: str, box: Box | None, wanted: dict[str, str]) -> dict[str, Any]:
    """Every feature of a point layer in columns, with the sequence number it is true for.

    Raises:
        Refused: 404 if hidden, 400 if the layer has no points, 413 if it has too many.
    """
    layer, audience = visible(user, slug)
    if layer.geometry != "point":
        raise Refused("no-snapshot", _("Only point layers have a snapshot; use the tiles."))
    seq = published_seq()
    rows = in_box(layer, audience, filters.apply(layer, audience, user, wanted), box)
    objects = list(rows.order_by()[: SNAPSHOT_LIMIT + 1])
    if len(objects) > SNAPSHOT_LIMIT:
        raise Refused(
            "too-many", _("More features than a snapshot may hold; use the tiles."), status=413
        )
    geom = layer.geometry_field(audience)
    drawn = [obj for obj in objects if getattr(obj, geom) is not None]
    points = [getattr(obj, geom) for obj in drawn]
    times = [getattr(obj, layer.time_field, None) for obj in drawn]
    return {
        "seq": seq,
        "layer": slug,
        "at": timezone.now(),
        "ids": [str(obj.pk) for obj in drawn],
        "lon": [point.x for point in points],
        "lat": [point.y for point in points],
        "t": [at.timestamp() if at else 0 for at in times],
        "props": [props_of(layer, obj, audience) for obj in drawn],
    }


def feature(
    layer: Layer, audience: Audience, obj: Any, card: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A GeoJSON feature with what this audience sees of it."""
    geometry = getattr(obj, layer.geometry_field(audience))
    at = getattr(obj, layer.time_field, None)
    properties = props_of(layer, obj, audience)
    body = {
        "type": "Feature",
        "id": str(obj.pk),
        "geometry": geometry and {"type": geometry.geom_type, "coordinates": geometry.coords},
        "properties": properties,
        "title": str(properties.get(layer.title_field) or obj.pk),
        "layer": layer.slug,
        "at": plain(at),
        "synthetic": bool(properties.get("synthetic")),
    }
    if card is not None:
        body["card"] = {"media": [], "links": [], "series": [], "actions": [], **card}
    return body


def one(user: Any, slug: str, feature_id: str) -> dict[str, Any]:
    """One feature with its card. Raises Refused 404 unless this person may see it."""
    layer, audience = visible(user, slug)
    obj = None
    if feature_id.isascii() and feature_id.isdigit() and len(feature_id) < 19:
        obj = layer.queryset(user).filter(pk=int(feature_id)).first()
    if obj is None:
        raise Refused("not-found", _("There is nothing here that you may see."), status=404)
    card = layer.card(user, obj) if layer.card else {}
    return feature(layer, audience, obj, card)


def listing(
    user: Any, slug: str, *, box: Box | None, text: str, wanted: dict[str, str],
    limit: int, cursor: str,
) -> dict[str, Any]:  # fmt: skip
    """One page of a layer's features, newest id first, and how many there are in the box."""
    layer, audience = visible(user, slug)
    rows = in_box(layer, audience, filters.apply(layer, audience, user, wanted), box)
    if text:
        rows = filters.search(layer, audience, rows, text)
    page, following = page_by_id(rows, limit=limit, cursor=cursor)
    counted = rows.order_by()[:COUNT_LIMIT].count()
    return {
        "features": [feature(layer, audience, obj) for obj in page],
        "next": following,
        "count_in_view": counted,
        "count_capped": counted == COUNT_LIMIT,
    }


def replay(
    user: Any, slugs: list[str], start: datetime, end: datetime, step_s: int
) -> dict[str, Any]:
    """What the layers showed at ``start`` and what changed until ``end``.

    The state at the start is each feature's last value within the kept window; a feature that
    has not changed since is as the snapshot has it.
    """
    views = {slug: visible(user, slug) for slug in slugs}
    body: dict[str, Any] = {"from": start, "to": end, "step_s": step_s, "state": [], "changes": []}
    for slug, (layer, audience) in views.items():
        scopes = layer.scopes(user) if layer.scopes else None
        given = {"layer": slug, "from": start, "to": end, "step": step_s, "limit": MAX_REPLAY_ROWS}
        body["state"] += _replayed(_STATE, given, audience, scopes)
        body["changes"] += _replayed(_CHANGES, given, audience, scopes)
    if len(body["changes"]) >= MAX_REPLAY_ROWS:
        raise Refused(
            "too-much", _("Too many changes at once; ask for a shorter time or a longer step."), 413
        )
    body["changes"].sort(key=lambda change: change["t"])
    return body


_REPLAY_COLUMNS = (
    "feature_id, op, extract(epoch FROM at)::float8, lon, lat, props, "
    "public, public_lon, public_lat, public_props, scope"
)
_STATE = f"""
SELECT DISTINCT ON (feature_id) {_REPLAY_COLUMNS} FROM layers_replay
WHERE layer = %(layer)s AND minute <= %(from)s AND at <= %(from)s ORDER BY feature_id, minute DESC
"""
_CHANGES = f"""
SELECT DISTINCT ON (feature_id, floor(extract(epoch FROM minute) / %(step)s)) {_REPLAY_COLUMNS}
FROM layers_replay
WHERE layer = %(layer)s AND minute > %(from)s AND minute <= %(to)s
ORDER BY feature_id, floor(extract(epoch FROM minute) / %(step)s), minute DESC LIMIT %(limit)s
"""


def _replayed(
    sql: str, given: dict[str, Any], audience: Audience, scopes: frozenset[str] | None
) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        rows = cursor.fetchall()
    changes = []
    for fid, op, at, lon, lat, props, public, plon, plat, pprops, scope in rows:
        if scopes is not None and scope not in scopes:
            continue
        if audience == "public":
            if not public:
                continue
            op = "delete" if pprops is None else op
            lon, lat, props = plon, plat, pprops
        change = {"l": given["layer"], "id": fid, "op": op, "t": at}
        if op == "upsert":
            change |= {"p": None if lon is None else [lon, lat], "a": _loaded(props)}
        changes.append(change)
    return changes


def _loaded(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str | bytes) else value or {}
