"""Server-sent events: a layer's changes as they are committed, resumable without loss."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from io import BytesIO
from typing import Any

import orjson
from django.core.handlers.asgi import ASGIRequest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from geo.errors import Refused
from geo.queries import parse_bbox
from layers import registry
from layers.hub import PING, Stream, View, hub
from layers.viewers import aviewer

HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


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


async def opened(request: HttpRequest) -> View | HttpResponse:
    """The view that a request asks for, or the answer that says why there is none."""
    try:
        user = await aviewer(request)
        view = view_of(user, request.GET.get("layers", ""), request.GET.get("bbox", ""))
        await hub.start()
    except Refused as refused:
        body = {"error": {"code": refused.code, "message": str(refused)}}
        return JsonResponse(body, status=refused.status)
    except (TimeoutError, OperationalError):
        body = {"error": {"code": "database", "message": "the database is not reachable"}}
        return JsonResponse(body, status=503, headers={"Retry-After": "2"})
    return view


async def application(scope: Any, receive: Any, send: Any) -> None:
    """``/live/`` as an ASGI application of its own: a stream lasts for hours, and what Django
    keeps for a request would be kept three thousand times."""
    request = ASGIRequest(scope, BytesIO())
    view, since = await opened(request), start_of(request)
    del request
    if isinstance(view, HttpResponse):
        headers = [(k.lower().encode(), v.encode()) for k, v in view.items()]
        await send({"type": "http.response.start", "status": view.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": view.content})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    here = asyncio.current_task()
    gone = asyncio.ensure_future(_gone(receive))
    gone.add_done_callback(lambda _: here and here.cancel())
    try:
        async with aclosing(messages(view, since)) as parts:
            async for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except asyncio.CancelledError:
        if not gone.done():  # it is the server that stops, not the reader that went
            raise
    finally:
        if not gone.done():
            here = None
            gone.cancel()


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def event(name: str, body: dict[str, Any], seq: int | None = None) -> bytes:
    mark = b"id: %d\n" % seq if seq is not None else b""
    return mark + b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(body))


async def messages(view: View, since: int | None) -> AsyncGenerator[bytes, None]:
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
        mark = since if missed else upto
        yield b"retry: 2000\n" + event("hello", {"seq": upto, "now": timezone.now()}, mark)
        if missed:
            yield missed
        while (ready := await reader.next()) is not None:
            seq, body = ready
            if seq > upto or body is PING:
                yield body
        yield event("reset", {"reason": "the reader was too slow, or what it missed is gone"})
    finally:
        hub.streams.discard(reader)
