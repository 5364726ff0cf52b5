"""The results of a run as a file: GeoJSON, CSV, GeoPackage, GeoParquet; EPSG:4326, lon before lat.

A run has at most some 20,000 results, so that a file is made whole before it is sent.
"""

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import shapely
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.planning.models import Run
from layers.questions.features import geometry_sql
from layers.questions.files import FORMATS, harmless

COLUMNS = ("rank", "kind", "title", "value", "z", "q")
CHUNK = 1_000


def response(run: Run, kind: str) -> HttpResponseBase:
    """The file as a download. Raises Refused: bad-format, or 409 for a run that is not done."""
    if kind not in FORMATS:
        known = ", ".join(FORMATS)
        raise Refused("bad-format", _("format is one of: %(known)s") % {"known": known})
    if run.state != Run.State.DONE:
        raise Refused("not-done", _("This run is not done: there is no result yet."), status=409)
    name = f"{run.method}-{run.pk.hex[:8]}.{kind}"
    if kind in {"geojson", "csv"}:
        body = _geojson(run) if kind == "geojson" else _csv(run)
        answer: HttpResponseBase = HttpResponse(body, content_type=FORMATS[kind])
    else:
        answer = FileResponse(_written(run, kind, name), content_type=FORMATS[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def facts_of(run: Run) -> dict[str, Any]:
    """What a reader of the file must know of the run that made it."""
    return {
        "run": str(run.pk), "method": run.method, "asked": run.asked,
        "parameters": run.parameters, "in_words": run.figures.get("in_words"),
        "data_at": run.data_at, "computed_at": run.ended_at, "code_version": run.code_version,
        "synthetic": run.synthetic,
    }  # fmt: skip


def _rows(run: Run) -> Iterator[dict[str, Any]]:
    """Each result with its place as GeoJSON text, by rank."""
    place = geometry_sql('"planning_result"."geom"')
    rows = run.results.order_by("rank").extra(select={"place": place})
    yield from rows.values(*COLUMNS, "facts", "place").iterator(chunk_size=CHUNK)


def _geojson(run: Run) -> bytes:
    features = [
        {"type": "Feature", "id": row["rank"], "geometry": orjson.Fragment(row.pop("place")),
         "properties": row | {"synthetic": run.synthetic}}
        for row in _rows(run)
    ]  # fmt: skip
    head = {"type": "FeatureCollection", "name": run.method, "run": facts_of(run)}
    return orjson.dumps(head | {"features": features})


def _csv(run: Run) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, "facts", "synthetic", "wkt"])
    for row in _rows(run):
        shape = shapely.from_geojson(row["place"])
        facts = orjson.dumps(row["facts"]).decode() if row["facts"] else ""
        values = [harmless(row[name]) for name in COLUMNS]
        writer.writerow([*values, facts, run.synthetic, shape.wkt])
    return ("\ufeff" + out.getvalue()).encode()


def _table(run: Run) -> Any:
    """The results as Arrow, the geometry as WKB with GeoParquet's description."""
    import pyarrow as pa

    rows = list(_rows(run))
    shapes = shapely.to_wkb(shapely.from_geojson([row["place"] for row in rows]))
    types = {"rank": pa.int64(), "kind": pa.string(), "title": pa.string()}
    columns = {
        name: pa.array([row[name] for row in rows], types.get(name, pa.float64()))
        for name in COLUMNS
    }
    columns["facts"] = pa.array([orjson.dumps(row["facts"]).decode() for row in rows], pa.string())
    columns["synthetic"] = pa.array([run.synthetic] * len(rows), pa.bool_())
    columns["geometry"] = pa.array(list(shapes), pa.binary())
    told = {"encoding": "WKB", "geometry_types": []}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": told}}
    return pa.table(columns).replace_schema_metadata(
        {"geo": orjson.dumps(geo), "run": orjson.dumps(facts_of(run))}
    )


def _written(run: Run, kind: str, name: str) -> Any:
    """The open file; it has no name any more and vanishes when it is closed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        if kind == "parquet":
            import pyarrow.parquet as pq

            pq.write_table(_table(run), path, compression="zstd")
        else:
            import pyogrio

            pyogrio.write_arrow(
                _table(run), path, layer=run.method, driver="GPKG", geometry_name="geometry",
                geometry_type="Unknown", crs="EPSG:4326", layer_options={"FID": "fid"},
                dataset_metadata={"run": orjson.dumps(facts_of(run)).decode()},
            )  # fmt: skip
        return path.open("rb")
