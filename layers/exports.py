"""A layer as a file, with what this viewer may see of it."""

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import shapely
from django.utils.translation import gettext as _

from geo.errors import Refused
from layers.changes import props_of
from layers.queries import in_box, visible

LIMIT = 200_000
FORMATS = {
    "geojson": ("application/geo+json", "geojson"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "gpkg": ("application/geopackage+sqlite3", "gpkg"),
}


def export(
    user: Any, slug: str, kind: str, box: Any, wanted: dict[str, str]
) -> tuple[bytes, str, str]:
    """Content, media type and file name. CRS is EPSG:4326; CSV has ``lon`` and ``lat`` or ``wkt``.

    Raises:
        Refused: for an unknown format, a hidden layer, or more rows than a file may hold.
    """
    if kind not in FORMATS:
        raise Refused("bad-format", _("format must be geojson, csv or gpkg"))
    frame = _frame(user, slug, box, wanted)
    mime, ending = FORMATS[kind]
    content = {"geojson": _geojson, "csv": _csv, "gpkg": _gpkg}[kind](frame, slug)
    return content, mime, f"{slug}.{ending}"


def _frame(user: Any, slug: str, box: Any, wanted: dict[str, str]) -> Any:
    import geopandas  # here, because a web process that never exports need not hold it

    from layers import filters

    layer, audience = visible(user, slug)
    geom = layer.geometry_field(audience)
    rows = in_box(layer, audience, filters.apply(layer, audience, user, wanted), box)
    objects = list(rows.order_by("pk")[: LIMIT + 1])
    if len(objects) > LIMIT:
        raise Refused("too-many", _("Too many rows for one file; draw a smaller box."), status=413)
    columns: dict[str, list[Any]] = {"id": [obj.pk for obj in objects]}
    properties = [props_of(layer, obj, audience) for obj in objects]
    for field in layer.visible_fields(audience):
        columns[field.name] = [p[field.name] for p in properties]
    columns["synthetic"] = [bool(p.get("synthetic")) for p in properties]
    shapes = shapely.from_wkb([bytes(g.wkb) if (g := getattr(o, geom)) else None for o in objects])
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=4326)


def _geojson(frame: Any, slug: str) -> bytes:
    body = json.loads(frame.to_json(drop_id=True))
    body["name"] = slug
    return json.dumps(body, ensure_ascii=False).encode()


def _csv(frame: Any, slug: str) -> bytes:
    table = frame.drop(columns="geometry")
    if (frame.geometry.geom_type == "Point").all():
        table = table.assign(lon=frame.geometry.x, lat=frame.geometry.y)
    else:
        table = table.assign(wkt=frame.geometry.to_wkt())
    out = io.StringIO()
    table.map(_harmless).to_csv(out, index=False)
    return "\ufeff".encode() + out.getvalue().encode()


def _harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value


def _gpkg(frame: Any, slug: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{slug}.gpkg"
        frame.to_file(path, layer=slug, driver="GPKG", engine="pyogrio")
        return path.read_bytes()
