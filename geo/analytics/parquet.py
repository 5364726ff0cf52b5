"""GeoParquet in folders by H3 cell and month, written from a stream of batches."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.analytics.lattice import parents

if TYPE_CHECKING:
    import pyarrow as pa

MOST_FILES = 256  # open at a time; more only makes more files
ROWS = 100_000


def write_partitioned(
    batches: Iterable["pa.RecordBatch"], folder: Path, *, cell: str = "h3", time: str = "t",
    geometry: str = "geometry", res: int = 5, crs: Any = None,
) -> int:  # fmt: skip
    """Rows written to ``folder/cell=<parent as hex>/month=<YYYY-MM>/*.parquet``.

    Batches have a cell (int64), a UTC time (timestamp; null goes to ``month=none``) and a geometry
    as WKB; memory is that of some batches. ``crs`` is PROJJSON, lon/lat without it. The folder must
    be empty or new. Raises ValueError otherwise, or if a column is missing.

    Source: GeoParquet 1.1, https://geoparquet.org/releases/v1.1.0/.
    """
    import pyarrow as pa
    from pyarrow import dataset

    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder.name} is not empty")
    stream = iter(batches)
    first = next(stream, None)
    if first is None:
        return 0
    if missing := {cell, time, geometry} - set(first.schema.names):
        raise ValueError(f"the batches have no column {', '.join(sorted(missing))}")
    kept = [field for field in first.schema if field.name not in ("cell", "month")]
    parts = [pa.field("cell", pa.string()), pa.field("month", pa.string())]
    schema = pa.schema([*kept, *parts], metadata={"geo": json.dumps(_geo(geometry, crs))})
    written = [0]

    def told() -> Iterator[pa.RecordBatch]:
        for batch in _with(first, stream):
            written[0] += batch.num_rows
            columns = [batch.column(field.name) for field in kept]
            yield pa.RecordBatch.from_arrays(
                [*columns, *_parts(batch, cell, time, res)], schema=schema
            )

    dataset.write_dataset(
        told(), folder, schema=schema, format="parquet", max_open_files=MOST_FILES,
        partitioning=dataset.partitioning(pa.schema(parts), flavor="hive"),
        max_partitions=100_000, max_rows_per_group=ROWS, preserve_order=False,
    )  # fmt: skip
    return written[0]


def _with(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _parts(batch: "pa.RecordBatch", cell: str, time: str, res: int) -> list[Any]:
    """The folder of each row: its parent cell and its month."""
    import pyarrow as pa

    cells = batch.column(cell).to_numpy(zero_copy_only=False).astype(np.int64)
    above = parents(cells, res) if len(cells) else cells
    distinct, of = np.unique(above, return_inverse=True)
    names = np.array([f"{each:x}" for each in distinct.tolist()], dtype=object)
    moments = batch.column(time).cast(pa.timestamp("us"), safe=False).to_numpy(zero_copy_only=False)
    months = np.datetime_as_string(moments.astype("datetime64[M]"))
    months = np.where(np.isnat(moments), "none", months)
    return [pa.array(names[of], pa.string()), pa.array(months, pa.string())]


def _geo(geometry: str, crs: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"encoding": "WKB", "geometry_types": []}
    if crs is not None:
        told["crs"] = crs
    return {"version": "1.1.0", "primary_column": geometry, "columns": {geometry: told}}
