"""Server-sent events: a layer's changes as they are committed, resumable without loss."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils import timezone

from geo.errors import Refused
from geo.queries import parse_bbox
from layers import registry
from layers.hub import Stream, View, hub
from layers.viewers import viewer

log = structlog.get_logger(__name__)
PING_S = 15.0


def view_of(user: Any, wanted: str, box: str) -> View:
    """What this person's stream shows. Layers that do not exist for them are refused alike.

    Raises:
        Refused: 404 for an unknown layer, 400 for a bad box or no layer at all.
    """
    slugs = sorted({slug for slug in wanted.split(",") if slug})
    if not slugs:
        raise Refused("no-layers", "name at least one layer: /live/?layers=a,b")
    chosen = []
    for slug in slugs:
        layer = registry.get(slug)
        audience = layer.audience(user) if layer else None
        if layer is None or audience is None or not layer.live:
            raise Refused("not-found", f"there is no live layer {slug!r}", status=404)
        scopes = layer.scopes(user) if layer.scopes else None
        chosen.append((slug, audience, scopes))
    return View(tuple(chosen), parse_bbox(box) if box else None)


def start_of(request: HttpRequest) -> int | None:
    """The sequence number that a reader has seen, from the header or ``?since=``."""
    text = request.headers.get("Last-Event-ID") or request.GET.get("since") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    user = await viewer(request)
    try:
        view = view_of(user, request.GET.get("layers", ""), request.GET.get("bbox", ""))
        await hub.start()
    except Refused as refused:
        body = {"error": {"code": refused.code, "message": str(refused)}}
        return JsonResponse(body, status=refused.status)
    except TimeoutError:
        body = {"error": {"code": "database", "message": "the database is not reachable"}}
        return JsonResponse(body, status=503, headers={"Retry-After": "2"})
    return StreamingHttpResponse(
        messages(view, start_of(request)),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def event(name: str, body: dict[str, Any], seq: int | None = None) -> bytes:
    mark = b"id: %d\n" % seq if seq is not None else b""
    return mark + b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(body))


async def messages(view: View, since: int | None) -> AsyncIterator[bytes]:
    """A stream's messages until the reader goes or must start afresh."""
    reader = Stream(view)
    hub.streams.add(reader)
    upto = hub.seq
    try:
        if since is not None and since > upto:
            # Another process told the reader of changes that this one hears in a moment.
            await asyncio.sleep(1)
            upto = hub.seq
        missed = b"" if since is None else await hub.since(since, upto, view)
        if missed is None:
            yield event("reset", {"reason": "the gap is larger than what is kept"})
            return
        # The mark a reader resumes from moves only with the changes themselves: one cut off
        # between this greeting and what it missed must be sent that again.
        mark = upto if since is None else since
        yield b"retry: 2000\n" + event("hello", {"seq": upto, "now": timezone.now()}, mark)
        if missed:
            yield missed
        while True:
            if reader.overflow:
                yield event("reset", {"reason": "the reader was too slow"})
                return
            try:
                seq, body = await asyncio.wait_for(reader.queue.get(), PING_S)
            except TimeoutError:
                yield b": ping\n\n"
                continue
            if seq > upto:
                yield body
    finally:
        hub.streams.discard(reader)
