"""A layer as a file, with what this viewer may see of it: written row by row, in little memory."""

import csv
import io
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson
import shapely
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from geo.errors import Refused
from layers import filters
from layers.changes import props_of
from layers.queries import in_box, visible
from layers.questions.arrow import GeoPackage
from layers.questions.files import harmless
from layers.questions.views import View

LIMIT = 200_000
CHUNK = 2_000
IN_MEMORY = 1 << 20
FORMATS = {
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
}


@dataclass(frozen=True)
class Sheet:
    """The rows to write: ``id``, the fields this viewer sees, ``synthetic``; then the shape."""

    view: View
    found: QuerySet[Any]

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(("id", *self.view.fields, "synthetic")))

    def rows(self) -> Iterator[tuple[dict[str, Any], Any]]:
        """Values that JSON has, and a shape of shapely's or None. EPSG:4326."""
        layer, audience = self.view.layer, self.view.audience
        for obj in self.found.iterator(CHUNK):
            props = {"id": obj.pk, "synthetic": False, **props_of(layer, obj, audience)}
            geom = getattr(obj, self.view.geom)
            yield props, shapely.from_wkb(bytes(geom.wkb)) if geom else None


def export(
    user: Any, slug: str, kind: str, box: Any, wanted: dict[str, str]
) -> tuple[IO[bytes], int, str, str]:
    """The file, its bytes, media type and name. CSV has ``lon`` and ``lat``, or ``wkt``.

    Raises:
        Refused: for an unknown format, a hidden layer, or more rows than a file may hold.
    """
    if kind not in FORMATS:
        raise Refused("bad-format", _("format must be geojson, csv or gpkg"))
    layer, audience = visible(user, slug)
    rows = in_box(layer, audience, filters.apply(layer, audience, user, wanted), box)
    if rows[: LIMIT + 1].count() > LIMIT:
        raise Refused("too-many", _("Too many rows for one file; draw a smaller box."), status=413)
    sheet = Sheet(View(layer, audience, user), rows.order_by("pk"))
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (the answer closes it)
    {"geojson": _geojson, "csv": _csv, "gpkg": _gpkg}[kind](sheet, file)
    size = file.tell()
    file.seek(0)
    return file, size, FORMATS[kind], f"{slug}.{kind}"


def _geojson(sheet: Sheet, file: IO[bytes]) -> None:
    name = orjson.dumps(sheet.view.layer.slug)
    file.write(b'{"type":"FeatureCollection","name":%b,"features":[' % name)
    for n, (props, shape) in enumerate(sheet.rows()):
        geometry = orjson.Fragment(shapely.to_geojson(shape)) if shape else None
        feature = {"type": "Feature", "properties": props, "geometry": geometry}
        file.write(b"," * bool(n) + orjson.dumps(feature))
    file.write(b"]}")


def _csv(sheet: Sheet, file: IO[bytes]) -> None:
    point = sheet.view.layer.geometry == "point"
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([*sheet.names, *(("lon", "lat") if point else ("wkt",))])
    for props, shape in sheet.rows():
        place = ("",) * (1 + point)
        if shape:
            place = (shape.x, shape.y) if point else (shape.wkt,)
        writer.writerow([*(_cell(props[name]) for name in sheet.names), *place])
    text.detach()


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, dict):
        return _text(value)
    return harmless(value)


def _gpkg(sheet: Sheet, file: IO[bytes]) -> None:
    import pyarrow as pa

    view = sheet.view
    kinds = {name: view.kind(name) for name in view.fields} | {"synthetic": "bool"}
    kinds["id"] = "integer" if view.whole_ids else "text"
    makers = [(name, *COLUMNS.get(kinds[name], TEXT)) for name in sheet.names]
    schema = pa.schema([*((name, kind) for name, kind, _make in makers), ("geometry", "binary")])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.gpkg"
        writer, given = GeoPackage(view, path, schema), sheet.rows()
        for rows in iter(lambda: list(islice(given, CHUNK)), []):
            made = [
                {
                    name: None if props[name] is None else make(props[name])
                    for name, _, make in makers
                }
                | {"geometry": shape and shapely.to_wkb(shape)}
                for props, shape in rows
            ]
            writer.add(pa.RecordBatch.from_pylist(made, schema))
        writer.close()
        with path.open("rb") as written:
            shutil.copyfileobj(written, file)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


COLUMNS: dict[str, tuple[str, Any]] = {
    "number": ("float64", float),
    "integer": ("int64", int),
    "bool": ("bool", bool),
}
TEXT = ("string", _text)
