"""The rows of a question as GeoParquet in parts by H3 cell and month, for jobs larger than one
machine: dask-geopandas, DuckDB and Spark read the folder as one table."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import shapely
from django.db.models import BinaryField, F

from geo import cells
from layers.questions.arrow import names_of, schema_of
from layers.questions.compiling import Formula, rows_of
from layers.questions.terms import Term
from layers.questions.views import View

CHUNK = 50_000
CELL, TIME, PLACE = "h3", "t", "geometry"


def write(view: View, term: Term, folder: Path, *, res: int = 5) -> int:
    """Rows written to ``folder/cell=…/month=…/*.parquet``. Raises ValueError if it is not empty."""
    from geo.analytics.parquet import write_partitioned

    return write_partitioned(batches(view, term), folder, cell=CELL, time=TIME, res=res)


def batches(view: View, term: Term) -> Iterator[Any]:
    """Arrow batches of what this person sees: id, fields, geometry as WKB, cell ``h3``, time ``t``.

    The cell is that of the place as this person sees it, never of a hidden exact one.
    """
    names = names_of(view)
    columns: dict[str, Any] = {f"c_{n}": F(name) for n, name in enumerate(names)}
    place = Formula("ST_AsBinary({0})", F(view.geom), output_field=BinaryField())
    columns |= {"c_id": F("pk"), "c_place": place}
    if view.time:
        columns["c_time"] = F(view.time)
    rows = rows_of(view, term).filter(**{f"{view.geom}__isnull": False}).order_by("pk")
    found = rows.annotate(**columns).values(*columns)
    stream = found.iterator(chunk_size=CHUNK)
    while part := list(islice(stream, CHUNK)):
        yield _batch(view, names, part)


def _batch(view: View, names: list[str], rows: list[dict[str, Any]]) -> Any:
    import pyarrow as pa

    schema = schema_of(view)
    values: dict[str, list[Any]] = {"id": [row["c_id"] for row in rows]}
    for n, name in enumerate(names):
        values[name] = [row[f"c_{n}"] for row in rows]
    values[PLACE] = [bytes(row["c_place"]) for row in rows]
    arrays = [pa.array(_fitting(values[field.name], field.type), field.type) for field in schema]
    middle = shapely.get_coordinates(shapely.centroid(shapely.from_wkb(values[PLACE])))
    made = dict(zip(schema.names, arrays, strict=True))
    made[CELL] = pa.array(cells.cells_of(middle[:, 0], middle[:, 1]), pa.int64())
    moments = [row.get("c_time") for row in rows]
    made[TIME] = pa.array(moments, pa.timestamp("us", tz="UTC"))
    return pa.RecordBatch.from_pydict(made)


def _fitting(values: list[Any], kind: Any) -> list[Any]:
    """Values as Arrow takes them: text of what is no text, plain numbers of decimals."""
    import pyarrow as pa

    if pa.types.is_string(kind):
        return [v if v is None or isinstance(v, str) else str(v) for v in values]
    if pa.types.is_floating(kind):
        return [v if v is None else float(v) for v in values]
    return values
