"""The addresses of OGC API – Features. Read only; without middleware, so headers are set here."""

import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import orjson
import structlog
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from geo.errors import Refused
from layers import registry
from layers.ogc import asking, documents, html, openapi, pages
from layers.ogc import crs as systems
from layers.ogc.asking import Ask
from layers.questions import running
from layers.questions.views import View, view_of
from layers.viewers import aviewer

log = structlog.get_logger(__name__)
COMPILED_S, COMPILED_MOST = 1.0, 500
_compiled: dict[Any, tuple[float, tuple[View, Ask, int, str, Any]]] = {}
View_ = Callable[..., Awaitable[HttpResponseBase]]
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Access-Control-Allow-Origin": "*",
    "Vary": "Accept, Accept-Language, Cookie, Authorization",
}


def ogc(view: View_) -> View_:
    """A view in the asker's language that answers errors as OGC asks: a code and words."""

    @wraps(view)
    async def answer(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            response: HttpResponseBase = wrong("method", _("This interface is read only."), 405)
            response["Allow"] = "GET, HEAD"
            return response
        with translation.override(translation.get_language_from_request(request)):
            try:
                response = await view(request, await aviewer(request), **kwargs)
            except Refused as refused:
                response = wrong(refused.code, str(refused.message), refused.status)
        for name, value in SAFE.items():
            response.setdefault(name, value)
        response.setdefault("Cache-Control", "private, no-cache")
        return response

    return answer


def wrong(code: str, words: str, status: int) -> HttpResponse:
    # A value that a filter may not have is the asker's error here, whatever it is elsewhere.
    status = status if status in {404, 405, 503} else 400
    body = orjson.dumps({"code": code, "description": words})
    response = HttpResponse(body, status=status, content_type=documents.JSON)
    if status == 503:
        response["Retry-After"] = "2"
    return response


def base_of(request: HttpRequest) -> str:
    return request.build_absolute_uri("/ogc")


def kind_of(request: HttpRequest) -> str:
    """json or html: by the parameter ``f``, else by what the client would rather have."""
    asked = request.GET.get("f")
    if asked is not None:
        if asked not in asking.FORMATS:
            raise Refused("bad-format", _("f is json or html."))
        return asked
    accepted = request.headers.get("Accept", "")
    first = accepted.split(",")[0].split(";")[0].strip()
    return "html" if first in {"text/html", "application/xhtml+xml"} else "json"


async def document(request: HttpRequest, make: Any, mime: str = documents.JSON) -> HttpResponse:
    """A document as JSON or as a page for people; 304 where the client has it already."""
    asking.only(request.GET, "f")
    kind = kind_of(request)
    body = await sync_to_async(make)()
    if kind == "html":
        return page(html.document(base_of(request), body))
    return tagged(request, orjson.dumps(body), mime)


def page(text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    )
    response["X-Frame-Options"] = "DENY"
    return response


def tagged(request: HttpRequest, body: bytes, mime: str, tag: bytes | None = None) -> HttpResponse:
    """An answer with its ETag; 304 without a body if the client has it."""
    etag = f'W/"{hashlib.blake2b(body if tag is None else tag, digest_size=12).hexdigest()}"'
    known = request.headers.get("If-None-Match", "")
    if etag in {part.strip() for part in known.split(",")}:
        return HttpResponse(status=304, headers={"ETag": etag})
    return HttpResponse(body, content_type=mime, headers={"ETag": etag})


@ogc
async def landing(request: HttpRequest, user: Any) -> HttpResponseBase:
    return await document(request, lambda: documents.landing(base_of(request)))


@ogc
async def conformance(request: HttpRequest, user: Any) -> HttpResponseBase:
    return await document(request, documents.conformance)


@ogc
async def api(request: HttpRequest, user: Any) -> HttpResponseBase:
    make = lambda: openapi.describe(base_of(request), user)  # noqa: E731
    return await document(request, make, documents.OPENAPI)


@ogc
async def collections(request: HttpRequest, user: Any) -> HttpResponseBase:
    return await document(request, lambda: documents.collections(base_of(request), user))


@ogc
async def collection(request: HttpRequest, user: Any, slug: str) -> HttpResponseBase:
    def make() -> Any:
        view, base = view_of(user, slug), base_of(request)
        return documents.collection(base, view, documents.extent(), systems.offered())

    return await document(request, make)


@ogc
async def queryables(request: HttpRequest, user: Any, slug: str) -> HttpResponseBase:
    make = lambda: documents.queryables(base_of(request), view_of(user, slug))  # noqa: E731
    return await document(request, make, documents.SCHEMA)


async def planned(
    request: HttpRequest, user: Any, slug: str, kind: str
) -> tuple[View, Ask, int, str, Any]:
    """What is asked and its query; the same question of the same person is compiled once a second.

    Whether the layer exists for this person is looked at each time.
    """
    layer = registry.get(slug)
    audience = layer.audience(user) if layer else None
    key = (layer and id(layer), audience, user.pk, kind, request.META.get("QUERY_STRING", ""))
    now = time.monotonic()
    if audience and (known := _compiled.get(key)) and now - known[0] < COMPILED_S:
        return known[1]

    def plan() -> tuple[View, Ask, int, str, Any]:
        view = view_of(user, slug)
        ask = asking.ask_of(view, request.GET, kind)  # type: ignore[arg-type]
        size = min(ask.limit, pages.CHUNK)
        return view, ask, size, *pages.chunk_sql(view, ask, size, ask.cursor)

    made = await sync_to_async(plan)()
    if len(_compiled) >= COMPILED_MOST:
        _compiled.clear()
    if len(request.META.get("QUERY_STRING", "")) < 500:
        _compiled[key] = (now, made)
    return made


@ogc
async def items(request: HttpRequest, user: Any, slug: str) -> HttpResponseBase:
    kind = kind_of(request)
    view, ask, size, sql, params = await planned(request, user, slug, kind)
    first = await pages.fetch(sql, params, size)
    matched = await pages.matched(view, ask, first)
    base = base_of(request)
    headers = {
        "Content-Crs": f"<{ask.crs.uri}>",
        "OGC-NumberReturned": str(first.count),
        "Link": f"<{base}/collections/{slug}/queryables>; rel={documents.QUERYABLES}; "
        f'type="{documents.SCHEMA}", <{request.build_absolute_uri()}>; rel="self"; '
        f'type="{documents.GEOJSON}"',
    }
    if kind == "html":
        features = orjson.loads(f"[{first.text}]")
        links = links_of(request, base, slug, first.after)
        response = page(html.items(base, view, features, matched, links))
    elif first.after is not None and ask.limit > first.count:
        response = streamed(request, view, ask, first, matched)
        del headers["OGC-NumberReturned"]
    else:
        rest = closing(request, base, slug, matched, first.count, first.after)
        text = f'{{"type":"FeatureCollection","features":[{first.text}],{rest}'
        tag = f"{ask.crs.uri}{request.get_full_path()}{matched}{first.text}".encode()
        response = tagged(request, text.encode(), documents.GEOJSON, tag)
    for name, value in headers.items():
        response[name] = value
    return response


def streamed(
    request: HttpRequest, view: View, ask: Ask, first: pages.Chunk, matched: dict[str, Any]
) -> Any:
    """A long page, written as the database answers: never more of it in memory than a chunk."""
    base, slug = base_of(request), view.layer.slug

    async def write() -> AsyncIterator[bytes]:
        yield b'{"type":"FeatureCollection","features":['
        count, after = 0, None
        try:
            async for chunk in pages.chunks(view, ask, first):
                if chunk.text:
                    yield (("," if count else "") + chunk.text).encode()
                count, after = count + chunk.count, chunk.after
        except Refused as refused:
            # The answer has begun: a body that ends in the middle says that it is not whole.
            log.warning("page-broken-off", layer=slug, reason=refused.code)
            raise
        yield f"],{closing(request, base, slug, matched, count, after)}".encode()

    return StreamingHttpResponse(write(), content_type=documents.GEOJSON)


def links_of(request: HttpRequest, base: str, slug: str, after: int | None) -> list[dict[str, str]]:
    here = f"{base}/collections/{slug}/items"
    query = {name: value for name, value in request.GET.items() if name != "f"}

    def at(**more: Any) -> str:
        asked = query | more
        return f"{here}?{urlencode(asked)}" if asked else here

    links = [
        documents.link(request.build_absolute_uri(), "self", documents.GEOJSON),
        documents.link(at(f="html"), "alternate", documents.HTML),
        documents.link(f"{base}/collections/{slug}", "collection", documents.JSON),
    ]
    if after is not None:
        links.append(documents.link(at(cursor=after), "next", documents.GEOJSON))
    return links


def closing(
    request: HttpRequest,
    base: str,
    slug: str,
    matched: dict[str, Any],
    count: int,
    after: int | None,
) -> str:
    """What follows the features: links, counts, the time; and the end of the object."""
    rest: dict[str, Any] = {
        "numberReturned": count,
        "matched": matched,
        "timeStamp": timezone.now().isoformat().replace("+00:00", "Z"),
        "links": links_of(request, base, slug, after),
    }
    if matched["kind"] == "exact":
        rest["numberMatched"] = matched["count"]
    return orjson.dumps(rest).decode()[1:]


@ogc
async def item(request: HttpRequest, user: Any, slug: str, key: str) -> HttpResponseBase:
    kind = kind_of(request)
    asking.only(request.GET, "f", "crs")

    def plan() -> tuple[View, systems.Crs, Any]:
        view = view_of(user, slug)
        asked = request.GET.get("crs")
        crs = systems.read(asked, "crs") if asked is not None else systems.DEFAULT
        return view, crs, pages.one_sql(view, key, crs)

    view, crs, query = await sync_to_async(plan)()
    rows = await running.fetch(*query) if query else []
    if not rows:
        raise Refused("not-found", _("There is nothing here that you may see."), status=404)
    base = base_of(request)
    here = f"{base}/collections/{slug}"
    links = [
        *documents.both(f"{here}/items/{key}", documents.GEOJSON),
        documents.link(here, "collection", documents.JSON),
    ]
    text = f'{rows[0][0][:-1]},"links":{orjson.dumps(links).decode()}}}'
    if kind == "html":
        response = page(html.item(base, view, orjson.loads(text)))
    else:
        response = tagged(request, text.encode(), documents.GEOJSON)
    response["Content-Crs"] = f"<{crs.uri}>"
    return response
