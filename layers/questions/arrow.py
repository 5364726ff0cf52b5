"""The rows of a question as Arrow, without an object a value: the database writes JSON lines,
Arrow reads them, GDAL and Parquet write what Arrow holds."""

import binascii
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from asgiref.sync import sync_to_async
from django.db.models import F

from layers import mvt
from layers.questions import geopackage, running
from layers.questions.compiling import rows_of
from layers.questions.terms import Term
from layers.questions.views import View

CHUNK, CHUNK_OF_SHAPES = 2_000, 1_000
LIMIT_S, GDAL_LIMIT_S = 10.0, 120.0
MICROSECONDS = "(extract(epoch FROM {0}) * 1000000)::bigint"
DAYS = "{0} - '1970-01-01'::date"
GEOMETRY = "encode(ST_AsBinary({0}), 'hex')"


def names_of(view: View) -> list[str]:
    """The columns of a file: what this person sees, and whether a row is made up."""
    own = ["synthetic"] if view.synthetic and "synthetic" not in view.fields else []
    return [*view.fields, *own]


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


async def batches(view: View, term: Term) -> AsyncIterator[Any]:
    """Record batches of ``schema_of``, newest first; shapes may be large, so fewer at a time."""
    size = CHUNK if view.layer.geometry == "point" else CHUNK_OF_SHAPES
    schema = await sync_to_async(schema_of)(view)
    after: int | None = None
    while True:
        sql, params = await sync_to_async(_lines_sql)(view, term, after, size, schema)
        ((text, count, last),) = await running.fetch(sql, params, limit_s=LIMIT_S)
        if text:
            yield await sync_to_async(_batch)(text, schema)
        if count <= size:
            return
        after = last


def _lines_sql(
    view: View, term: Term, after: int | None, size: int, schema: Any
) -> tuple[str, tuple[Any, ...]]:
    """The query of the newest rows before one: a line of JSON each, how many with one more, and
    the last id. Names are numbers here: short, and none is taken twice."""
    names = ["pk", *names_of(view), view.geom]
    columns = {f"f_{n}": F(name) for n, name in enumerate(names)}
    rows = rows_of(view, term)
    rows = rows if after is None else rows.filter(pk__lt=after)
    sql, params = mvt.compiled(
        rows.order_by("-pk").annotate(**columns).values(*columns)[: size + 1]
    )
    listed = ", ".join(
        f'{_sent(field.type).format(f"f.f_{n}")} AS "{n}"' for n, field in enumerate(schema)
    )
    outer = (
        f"SELECT string_agg(j, E'\\n' ORDER BY n) FILTER (WHERE n <= {size:d}), count(*), "
        f"min(f_0) FILTER (WHERE n <= {size:d}) FROM (SELECT f.f_0, "
        "row_number() OVER (ORDER BY f.f_0 DESC) AS n, "
        f"row_to_json((SELECT p FROM (SELECT {listed}) p))::text AS j FROM ({sql}) f) t"
    )
    return outer, params


def _sent(kind: Any) -> str:
    """SQL of a value as it stands in a line of JSON."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return MICROSECONDS
    if pa.types.is_date(kind):
        return DAYS
    return GEOMETRY if pa.types.is_binary(kind) else "{0}::text" if kind == pa.string() else "{0}"


def _batch(text: str, schema: Any) -> Any:
    import pyarrow as pa
    from pyarrow import json

    sent = {
        pa.binary(): pa.string(),
        pa.date32(): pa.int32(),
        pa.timestamp("us", "UTC"): pa.int64(),
    }
    lines = pa.schema([pa.field(str(n), sent.get(f.type, f.type)) for n, f in enumerate(schema)])
    data = text.encode()
    table = json.read_json(
        pa.BufferReader(data),
        json.ReadOptions(use_threads=False, block_size=len(data) + 1),
        json.ParseOptions(explicit_schema=lines, unexpected_field_behavior="error"),
        # the default pool keeps for itself what it once had
        memory_pool=pa.system_memory_pool(),
    )
    columns = [column.combine_chunks() for column in table.columns]
    made = [_unhexed(column) if field.type == pa.binary() else column.cast(field.type)
            for column, field in zip(columns, schema, strict=True)]  # fmt: skip
    return pa.RecordBatch.from_arrays(made, schema=schema)


def _unhexed(texts: Any) -> Any:
    """Text of hexadecimal digits as the bytes that it says: one pass over all of them at once."""
    import pyarrow as pa

    if texts.offset:
        texts = pa.concat_arrays([texts])
    there, offsets, data = texts.buffers()
    halved = np.frombuffer(offsets, np.int32, len(texts) + 1) // 2
    body = binascii.unhexlify(memoryview(data)[: int(halved[-1]) * 2]) if data else b""
    return pa.Array.from_buffers(
        pa.binary(), len(texts), [there, pa.py_buffer(halved), pa.py_buffer(body)]
    )


class Parquet:
    """GeoParquet, a group of rows a batch."""

    def __init__(self, view: View, path: Path) -> None:
        import pyarrow.parquet as pq

        self._writer = pq.ParquetWriter(path, schema_of(view), compression="zstd")
        self.add, self.close = self._writer.write_batch, self._writer.close


class GeoPackage:
    """GeoPackage: the rows lie in a file of Arrow's until all are there, then GDAL writes them."""

    def __init__(self, view: View, path: Path, schema: Any = None) -> None:
        import pyarrow as pa

        kinds = {"point": "Point", "line": "MultiLineString", "polygon": "MultiPolygon"}
        self._rows = path.with_suffix(".arrow")
        self._asked = [str(self._rows), str(path), view.layer.slug, kinds[view.layer.geometry]]
        self._writer = pa.ipc.new_stream(self._rows, schema or schema_of(view))
        self.add = self._writer.write_batch

    def close(self) -> None:
        """Raises RuntimeError with GDAL's words where it could not write."""
        self._writer.close()
        done = subprocess.run(
            [sys.executable, "-I", geopackage.__file__, *self._asked],
            capture_output=True, timeout=GDAL_LIMIT_S, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace")[-500:])
        self._rows.unlink()


WRITERS = {"parquet": Parquet, "gpkg": GeoPackage}
