"""The rows of a question as a file: written chunk by chunk, so that memory stays small.

GeoJSON and CSV flow while the database still reads; GeoPackage and GeoParquet need a whole file and
are written to disk first. EPSG:4326, longitude before latitude.
"""

import csv
import io
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import shapely
from asgiref.sync import async_to_sync, sync_to_async
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from geo.errors import Refused
from layers.questions import costs, running
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
    return _blocks(await _written(view, term, kind))


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


def names_of(view: View) -> list[str]:
    """The columns of a file: what this person sees, and whether a row is made up."""
    own = ["synthetic"] if view.synthetic and "synthetic" not in view.fields else []
    return [*view.fields, *own]


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
            values = [_harmless(feature["properties"][name]) for name in names]
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


def _harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value


async def _blocks(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while block := await sync_to_async(file.read)(BLOCK):
            yield block


async def _written(view: View, term: Term, kind: str) -> BinaryIO:
    """The open file; it has no name any more and vanishes when it is closed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{view.layer.slug}.{kind}"
        writer = await sync_to_async(_Parquet if kind == "parquet" else _GeoPackage)(view, path)
        async for features in _features(view, term):
            await sync_to_async(writer.add)(features)
        await sync_to_async(writer.close)()
        return path.open("rb")


def schema_of(view: View) -> Any:
    """The columns as Arrow has them, the geometry as WKB with GeoParquet's description."""
    import pyarrow as pa

    types = {
        "text": pa.string(), "number": pa.float64(), "integer": pa.int64(), "bool": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"), "date": pa.date32(),
    }  # fmt: skip
    kinds = {name: view.kind(name) if name in view.fields else "bool" for name in names_of(view)}
    columns = [pa.field("id", pa.int64() if view.whole_ids else pa.string())]
    columns += [pa.field(name, types[kind]) for name, kind in kinds.items()]
    columns.append(pa.field("geometry", pa.binary()))
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    return pa.schema(columns, metadata={"geo": orjson.dumps(geo)})


def table_of(schema: Any, features: list[dict[str, Any]]) -> Any:
    """Features as an Arrow table; text that says a time becomes one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = []
    for field in schema:
        if field.name == "id":
            values = [feature["id"] for feature in features]
        elif field.name == "geometry":
            values = [_wkb(feature["geometry"]) for feature in features]
        else:
            values = [feature["properties"][field.name] for feature in features]
        if pa.types.is_temporal(field.type):
            texts = pa.array([v and v.replace("+00:00", "") for v in values], pa.string())
            columns.append(pc.cast(texts, _naive(field.type)).cast(field.type))
        else:
            if pa.types.is_string(field.type):
                values = [v if v is None or isinstance(v, str) else str(v) for v in values]
            columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _naive(kind: Any) -> Any:
    import pyarrow as pa

    return pa.timestamp("us") if pa.types.is_timestamp(kind) else kind


def _wkb(geometry: Any) -> bytes | None:
    if geometry is None:
        return None
    return bytes(shapely.to_wkb(shapely.from_geojson(orjson.dumps(geometry))))


class _Parquet:
    def __init__(self, view: View, path: Path) -> None:
        import pyarrow.parquet as pq

        self.schema = schema_of(view)
        self.writer = pq.ParquetWriter(path, self.schema, compression="zstd")

    def add(self, features: list[dict[str, Any]]) -> None:
        self.writer.write_table(table_of(self.schema, features))

    def close(self) -> None:
        self.writer.close()


class _GeoPackage:
    """Written by GDAL from Arrow, a chunk after the other."""

    def __init__(self, view: View, path: Path) -> None:
        self.schema, self.path, self.name = schema_of(view), path, view.layer.slug
        kinds = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon"}
        self.kind, self.begun = kinds[view.layer.geometry], False

    def add(self, features: list[dict[str, Any]]) -> None:
        import pyogrio

        pyogrio.write_arrow(
            table_of(self.schema, features), self.path, layer=self.name, driver="GPKG",
            geometry_name="geometry", geometry_type=self.kind, crs="EPSG:4326",
            append=self.begun, layer_options=None if self.begun else {"FID": "fid"},
        )  # fmt: skip
        self.begun = True

    def close(self) -> None:
        if not self.begun:
            self.add([])
