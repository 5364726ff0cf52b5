"""Vector tiles: any layer, any viewer, one query; kept while the layer does not change."""

import asyncio
import gzip
import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse

from geo.errors import Refused
from layers import filters, mvt, registry
from layers.hub import hub
from layers.pool import pool
from layers.registry import Audience, Layer
from layers.viewers import aviewer

log = structlog.get_logger(__name__)
KEPT_BYTES = 48 * 1024 * 1024
KEPT_S = 60.0
"""A kept tile is made anew after this time even if no change of its layer was announced."""
MIME = "application/vnd.mapbox-vector-tile"


@dataclass(slots=True)
class Kept:
    body: bytes
    etag: str
    until: float


class TileCache:
    """The last tiles made, bounded in bytes, each made once however many ask at the same time."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self.limit = limit
        self.size = 0
        self.tiles: OrderedDict[Any, Kept] = OrderedDict()
        self.making: dict[Any, asyncio.Future[Kept]] = {}

    def find(self, key: Any) -> Kept | None:
        kept = self.tiles.get(key)
        if kept is None or kept.until < time.monotonic():
            return None
        self.tiles.move_to_end(key)
        return kept

    def keep(self, key: Any, kept: Kept) -> None:
        if (old := self.tiles.pop(key, None)) is not None:
            self.size -= len(old.body)
        self.tiles[key] = kept
        self.size += len(kept.body)
        while self.size > self.limit:
            _, dropped = self.tiles.popitem(last=False)
            self.size -= len(dropped.body)

    async def get(self, key: Any, make: Any) -> Kept:
        if (kept := self.find(key)) is not None:
            return kept
        if (running := self.making.get(key)) is not None:
            return await asyncio.shield(running)
        task = asyncio.ensure_future(make())
        self.making[key] = task
        try:
            kept = await asyncio.shield(task)
        finally:
            self.making.pop(key, None)
        self.keep(key, kept)
        return kept


cache = TileCache()


def plan(
    layer: Layer, audience: Audience, user: Any, at: mvt.Tile, wanted: dict[str, str]
) -> tuple[str, tuple[Any, ...]]:
    """The one query of a tile."""
    if layer.drawn is not None:
        rows, drawn = layer.drawn(user, wanted, at.z)
        return mvt.raw(layer, audience, rows, at, drawn)
    if layer.geometry != "point" or at.z >= layer.raw_zoom:
        snapped = layer.geometry_field(audience) != layer.geom_field
        how = mvt.stacked if snapped and at.z <= mvt.STACKED_TO else mvt.raw
        return how(layer, audience, filters.apply(layer, audience, user, wanted), at)
    unrestricted = layer.scopes is None or layer.scopes(user) is None
    if layer.grid and not wanted and unrestricted:
        return mvt.gridded(layer, audience, at)
    return mvt.counted(layer, audience, filters.apply(layer, audience, user, wanted), at)


async def _make(sql: str, params: tuple[Any, ...]) -> Kept:
    async with (await pool()).connection() as connection:
        cursor = await connection.execute(sql, params)
        row = await cursor.fetchone()
    body = gzip.compress(bytes(row[0] or b"") if row else b"", compresslevel=5, mtime=0)
    etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    return Kept(body, etag, time.monotonic() + KEPT_S)


def _error(status: int, code: str, message: Any, **headers: str) -> HttpResponse:
    body = {"error": {"code": code, "message": str(message)}}
    return JsonResponse(body, status=status, headers=headers)


async def tile(request: HttpRequest, slug: str, z: int, x: int, y: int) -> HttpResponse:
    """One tile: 404 for a layer one may not see or a tile that does not exist, 304 if unchanged."""
    user = await aviewer(request)
    layer = registry.get(slug)
    at = mvt.Tile(z, x, y)
    audience = layer.audience(user) if layer else None
    if layer is None or audience is None or not at.exists:
        return _error(404, "not-found", "no such tile")
    try:
        wanted = filters.parse(layer, audience, request.GET)
    except Refused as refused:
        return _error(refused.status, refused.code, refused.message)
    scopes = layer.scopes(user) if layer.scopes else None
    version = await hub.version(slug)
    key = (slug, audience, scopes, at, tuple(sorted(wanted.items())), version)

    async def make() -> Kept:
        # Compiling the query asks Django for the backend only; no query runs in this thread.
        sql, params = await sync_to_async(plan)(layer, audience, user, at, wanted)
        return await _make(sql, params)

    try:
        kept = await cache.get(key, make)
    except psycopg.errors.QueryCanceled:
        log.warning("tile-timeout", layer=slug, z=z, x=x, y=y)
        return _error(503, "too-slow", "the tile took too long; zoom in", **{"Retry-After": "2"})
    except (psycopg.OperationalError, TimeoutError):
        return _error(503, "database", "the database is not reachable", **{"Retry-After": "2"})
    return _answer(request, kept, private=bool(layer.permission and audience == "full"))


def _answer(request: HttpRequest, kept: Kept, private: bool) -> HttpResponse:
    headers = {
        "ETag": kept.etag,
        "Cache-Control": f"{'private' if private else 'public'}, no-cache",
        "Vary": "Accept-Encoding, Cookie, Authorization",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("If-None-Match") == kept.etag:
        return HttpResponse(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return HttpResponse(kept.body, content_type=MIME, headers=headers)
    return HttpResponse(gzip.decompress(kept.body), content_type=MIME, headers=headers)
