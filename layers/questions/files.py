"""The rows of a question as a file: written chunk by chunk, so that memory stays small.

GeoJSON and CSV flow while the database still reads; GeoPackage and GeoParquet need a whole file and
are written to disk first. EPSG:4326, longitude before latitude.
"""

import csv
import io
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any, BinaryIO

import orjson
import shapely
from asgiref.sync import async_to_sync, sync_to_async
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from geo.errors import Refused
from layers.questions import costs, running
from layers.questions.arrow import WRITERS, batches, names_of
from layers.questions.compiling import rows_of
from layers.questions.features import listing_sql
from layers.questions.terms import Term
from layers.questions.views import View

LIMIT = 500_000
CHUNK = 2_000
BLOCK = 1 << 18
FORMATS = {
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
}


def response(view: View, term: Term, kind: str) -> StreamingHttpResponse:
    """The file as a download.

    Raises:
        Refused: for an unknown format, or more rows than a file may hold.
    """
    if kind not in FORMATS:
        raise Refused(
            "bad-format", _("format is one of: %(known)s") % {"known": ", ".join(FORMATS)}
        )
    costs.check(async_to_sync(costs.estimate)(view, term))
    if async_to_sync(costs.count_upto)(view, term, LIMIT + 1) > LIMIT:
        message = _("More than %(limit)s rows: draw a smaller area or ask for a shorter time.")
        raise Refused("too-many", message % {"limit": f"{LIMIT:,}"}, status=413)
    body = async_to_sync(body_of)(view, term, kind)
    answer = StreamingHttpResponse(body, content_type=FORMATS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{view.layer.slug}.{kind}"'
    return answer


async def body_of(view: View, term: Term, kind: str) -> AsyncIterator[bytes]:
    """The bytes of the file; a GeoPackage or GeoParquet is written once this is awaited."""
    if kind in {"geojson", "csv"}:
        return (_geojson if kind == "geojson" else _csv)(view, term)
    return blocks(await _written(view, term, kind))


async def texts(view: View, term: Term) -> AsyncIterator[str]:
    """Chunks of features as JSON with commas between them, newest first."""

    def plan(after: int | None) -> tuple[str, Any]:
        rows = rows_of(view, term)
        return listing_sql(view, rows if after is None else rows.filter(pk__lt=after), CHUNK)

    after: int | None = None
    while True:
        sql, params = await sync_to_async(plan)(after)
        ((text, count, last),) = await running.fetch(sql, params, limit_s=10)
        if text:
            yield text
        if count <= CHUNK:
            return
        after = last


async def _features(view: View, term: Term) -> AsyncIterator[list[dict[str, Any]]]:
    async for text in texts(view, term):
        yield orjson.loads(f"[{text}]")


async def _geojson(view: View, term: Term) -> AsyncIterator[bytes]:
    name = orjson.dumps(view.layer.slug).decode()
    yield f'{{"type":"FeatureCollection","name":{name},"features":['.encode()
    between = ""
    async for text in texts(view, term):
        yield (between + text).encode()
        between = ","
    yield b"]}"


async def _csv(view: View, term: Term) -> AsyncIterator[bytes]:
    names, point = names_of(view), view.layer.geometry == "point"
    place = ["lon", "lat"] if point else ["wkt"]
    yield "\ufeff".encode()
    head: list[Any] | None = ["id", *names, *place]
    async for features in _features(view, term):
        out = io.StringIO()
        writer = csv.writer(out)
        if head:
            writer.writerow(head)
            head = None
        for feature in features:
            values = [harmless(feature["properties"][name]) for name in names]
            writer.writerow([feature["id"], *values, *_cells(feature["geometry"], point)])
        yield out.getvalue().encode()
    if head:
        yield (",".join(head) + "\r\n").encode()


def _cells(geometry: Any, point: bool) -> list[Any]:
    if geometry is None:
        return ["", ""] if point else [""]
    if point:
        return list(geometry["coordinates"][:2])
    return [shapely.from_geojson(orjson.dumps(geometry)).wkt]


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value


async def blocks(file: IO[bytes]) -> AsyncIterator[bytes]:
    """What is in the file, piece by piece; it is closed in the end."""
    with file:
        while block := await sync_to_async(file.read)(BLOCK):
            yield block


async def _written(view: View, term: Term, kind: str) -> BinaryIO:
    """The open file; it has no name any more and vanishes when it is closed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{view.layer.slug}.{kind}"
        writer = await sync_to_async(WRITERS[kind])(view, path)
        async for batch in batches(view, term):
            await sync_to_async(writer.add)(batch)
        await sync_to_async(writer.close)()
        return path.open("rb")
