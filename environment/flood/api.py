"""Flood zones over HTTP: for the slider, the comparison, the table, downloads, tiles and print."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from environment.flood import actions, files, pictures, queries, summaries, water
from environment.flood.models import FloodZone, TerrainModel
from environment.queries import thresholds_on
from geo.connections import release
from geo.errors import Refused
from geo.text import Text
from ioc.accounts.auth import session_or_token
from layers.viewers import viewer

router = Router(tags=["flood"])
GEOJSON, PNG = "application/geo+json", "image/png"
SEE, CHANGE = "environment.view_floodzone", "environment.change_floodzone"
MAX_ZOOM = 18


def _may(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionError


def _zone(code: str, stage_cm: int, tide_cm: int | None, also: str = "") -> FloodZone:
    others = {}
    for pair in filter(None, also.split(",")):
        name, _colon, value = pair.partition(":")
        try:
            others[name] = int(value) / 100
        except ValueError:
            raise Refused("bad-also", _("also needs CODE:cm, several with commas.")) from None
    if code in others:
        raise Refused("bad-also", _("also names the gauge itself; its stage is stage_cm."))
    return actions.zone(
        gauge=queries.gauge(code), stage_m=stage_cm / 100,
        tide_m=None if tide_cm is None else tide_cm / 100, others=others,
    )  # fmt: skip


@router.get("/terrains", auth=session_or_token, summary="Terrain models, how they were built")
def terrains(request: HttpRequest) -> dict[str, Any]:
    _may(request, SEE)
    rows = TerrainModel.objects.all()[:50]
    return {"terrains": [_terrain(row) for row in rows]}


def _terrain(row: TerrainModel) -> dict[str, Any]:
    return {
        "id": row.pk, "name": row.name, "state": row.state, "progress": round(row.progress, 2),
        "message": row.message, "active": row.active, "digest": row.digest, "crs": row.crs,
        "method": row.method.dict(), "facts": row.facts, "synthetic": row.synthetic,
        "bounds": row.geom.extent if row.geom else None, "created_at": row.created_at,
    }  # fmt: skip


@router.post("/terrains/{terrain_id}/cancel", auth=session_or_token, summary="Stop building")
def cancel(request: HttpRequest, terrain_id: int) -> dict[str, Any]:
    _may(request, CHANGE)
    row = TerrainModel.objects.filter(pk=terrain_id).first()
    if row is None:
        raise Http404
    actions.stop(terrain=row)
    return {"id": row.pk, "cancel": True}


@router.get("/gauges", auth=session_or_token, summary="Gauges that the slider can move")
def gauges(request: HttpRequest) -> dict[str, Any]:
    _may(request, SEE)
    can = ["show"] if request.user.has_perm(CHANGE) else []
    rows = queries.gauges_in_use()
    sea = _sea(request.user, rows[0].terrain) if rows else None
    return {"gauges": [_gauge(row) for row in rows], "can": can, "sea": sea}


def _sea(user: Any, terrain: TerrainModel) -> dict[str, Any] | None:
    """How far the coast's level can be moved, in the terrain's heights; None without a coast."""
    rest = water.sea_at_rest(terrain)
    if rest is None:
        return None
    near = queries.tide_gauges(user, terrain)
    return {
        "rest_cm": round(rest * 100), "min_cm": round(rest * 100),
        "max_cm": round(rest * 100) + water.SURGE_CM, "step_cm": 10,
        "stations": [
            {"code": s.code, "name": Text(s.name_vi, s.name_en).dict(), "datum": s.datum,
             "value_cm": round(s.value * 100), "observed_at": s.observed_at,
             "synthetic": s.synthetic} for s in near
        ],
    }  # fmt: skip


def _gauge(row: Any) -> dict[str, Any]:
    sensor = row.sensor
    limits = thresholds_on(sensor, "water_level", timezone.now())  # those of today, once each
    levels = [{"level": limit.level, "stage_cm": round(limit.value * 100)} for limit in limits]
    highest = max((level["stage_cm"] for level in levels), default=400)
    return {
        "code": sensor.code,
        "name": Text(sensor.name_vi, sensor.name_en).dict(),
        "lon": sensor.geom.x, "lat": sensor.geom.y, "datum": sensor.datum,
        "stage_cm": None if sensor.value is None else round(sensor.value * 100),
        "min_cm": 0, "max_cm": highest + 300, "step_cm": 10, "levels": levels,
        "way_to_river_m": round(row.way_m), "terrain": row.terrain_id,
    }  # fmt: skip


@router.get("/zone", auth=session_or_token, summary="The zone of a stage, as GeoJSON")
def zone(
    request: HttpRequest, gauge: str, stage_cm: int = Query(..., ge=-500, le=3000),
    tide_cm: int | None = Query(None, ge=-500, le=3000), also: str = Query("", max_length=100),
) -> HttpResponse:  # fmt: skip
    """One feature for each depth class, each within the one before; kept for each 10 cm."""
    _may(request, SEE)
    return _sent(request, _zone(gauge, stage_cm, tide_cm, also))


def _sent(request: HttpRequest, row: FloodZone) -> HttpResponse:
    packed = water.geojson_path(row).read_bytes()
    etag = f'W/"{hashlib.blake2b(packed, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(packed, GEOJSON, headers={**headers, "Content-Encoding": "gzip"})
    return HttpResponse(gzip.decompress(packed), GEOJSON, headers=headers)


@router.get("/published", auth=None, summary="Zones shown to the public")
def published(request: HttpRequest) -> dict[str, Any]:
    """Where water may stand, plainly: no figures but the time and whether it is synthetic."""
    rows = FloodZone.objects.filter(shown=True, published=True).only(
        "title_vi", "title_en", "geom", "synthetic"
    )
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(row.geom.simplify(2e-4, preserve_topology=True).geojson),
            "properties": {"title": row.title.dict(), "synthetic": row.synthetic},
        }
        for row in rows[:20]
    ]
    return {"type": "FeatureCollection", "features": features}


class Shown(Schema):
    shown: bool
    published: bool = False


@router.post("/zones/{zone_id}/show", auth=session_or_token, summary="Put a zone on the map")
def show(request: HttpRequest, zone_id: int, body: Shown) -> dict[str, Any]:
    _may(request, CHANGE)
    row = actions.show(zone=_kept(zone_id), shown=body.shown, published=body.published)
    return {"zone": row.pk, "shown": row.shown, "published": row.published}


def _kept(zone_id: int) -> FloodZone:
    row = FloodZone.objects.select_related("terrain", "sensor").filter(pk=zone_id).first()
    if row is None:
        raise Http404
    return row


@router.get("/exposure", auth=session_or_token, summary="Who and what stands in a zone")
def exposure(
    request: HttpRequest, gauge: str, stage_cm: int = Query(..., ge=-500, le=3000),
    tide_cm: int | None = Query(None, ge=-500, le=3000),
) -> dict[str, Any]:  # fmt: skip
    _may(request, SEE)
    row = _zone(gauge, stage_cm, tide_cm)
    told = summaries.whole(row, request.user)
    return {**told, "shown": row.shown, "published": row.published}


@router.get("/compare", auth=session_or_token, summary="Two stages beside each other")
def compare(
    request: HttpRequest, gauge: str, a_cm: int = Query(..., ge=-500, le=3000),
    b_cm: int = Query(..., ge=-500, le=3000),
    tide_cm: int | None = Query(None, ge=-500, le=3000),
) -> dict[str, Any]:  # fmt: skip
    """Exposure of both, and as GeoJSON what only the higher one floods; one sea for both."""
    _may(request, SEE)
    rows = [_zone(gauge, stage, tide_cm) for stage in (a_cm, b_cm)]
    return {
        "a": summaries.whole(rows[0], request.user),
        "b": summaries.whole(rows[1], request.user),
        "difference": files.difference(*rows),
    }


@router.get("/zone.{ending}", auth=session_or_token, summary="A zone as gpkg, tif or png")
def download(
    request: HttpRequest, ending: str, gauge: str, stage_cm: int = Query(..., ge=-500, le=3000),
    tide_cm: int | None = Query(None, ge=-500, le=3000),
) -> HttpResponse:  # fmt: skip
    _may(request, SEE)
    if ending not in files.MIMES:
        raise Refused("bad-format", _("A zone comes as geojson, gpkg, tif or png."))
    row = _zone(gauge, stage_cm, tide_cm)
    sea = "" if row.tide_m is None else f"-sea{round(row.tide_m * 100)}"
    name = f"flood-{row.sensor.code}-{round(row.stage_m * 100)}{sea}.{ending}"
    return HttpResponse(
        files.content(row, ending, request.user), files.MIMES[ending],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


@router.get("/print", auth=session_or_token, summary="What a printed sheet of a zone says")
def sheet(
    request: HttpRequest, gauge: str, stage_cm: int = Query(..., ge=-500, le=3000),
    tide_cm: int | None = Query(None, ge=-500, le=3000),
) -> dict[str, Any]:  # fmt: skip
    _may(request, SEE)
    row = _zone(gauge, stage_cm, tide_cm)
    query = f"gauge={gauge}&stage_cm={stage_cm}" + (
        f"&tide_cm={tide_cm}" if tide_cm is not None else ""
    )
    return {
        "title": row.title.dict(),
        "printed_at": timezone.now(),
        "picture": f"/api/v1/flood/zone.png?{query}",
        "legend": [
            {"from_m": depth, "color": color}
            for depth, color in zip(water.DEPTHS_M, water.COLORS, strict=True)
        ],
        **summaries.whole(row, request.user),
    }  # fmt: skip


def _tile_exists(z: int, x: int, y: int) -> None:
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise Http404


def _tile(body: bytes, private: bool) -> HttpResponse:
    kept = f"{'private' if private else 'public'}, max-age=300"
    return HttpResponse(body, PNG, headers={"Cache-Control": kept})


@router.get("/tiles/depth/{zone_id}/{z}/{x}/{y}.png", auth=None, summary="Depth, as a tile")
def depth_tile(request: HttpRequest, zone_id: int, z: int, x: int, y: int) -> HttpResponse:
    """For those who may see the zone; the public sees a published one."""
    _tile_exists(z, x, y)
    user, row = viewer(request), _kept(zone_id)
    full = user.has_perm(SEE)
    if not full and not (row.shown and row.published):
        raise Http404
    path = water.depth_file(row)
    release()
    return _tile(pictures.depth_tile(path, z, x, y), private=full)


@router.get("/tiles/contours/{terrain_id}/{z}/{x}/{y}.png", auth=None, summary="Contours")
def contour_tile(
    request: HttpRequest, terrain_id: int, z: int, x: int, y: int,
    every_m: float | None = Query(None, ge=0.5, le=500),
) -> HttpResponse:  # fmt: skip
    _tile_exists(z, x, y)
    row = TerrainModel.objects.filter(pk=terrain_id, state=TerrainModel.State.READY).first()
    if row is None or not viewer(request).has_perm(SEE):
        raise Http404
    path = files.height_file(row)
    release()
    body = pictures.contour_tile(path, z, x, y, every_m or pictures.interval_of(z))
    return _tile(body, private=True)
