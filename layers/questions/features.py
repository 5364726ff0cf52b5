"""Features as GeoJSON that the database writes: no row becomes an object here, so a page costs what
its text costs."""

import re
from typing import Any

from django.db.models import F, QuerySet

from layers import mvt
from layers.questions.views import View

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def geometry_sql(column: str, srid: int = 4326, flip: bool = False) -> str:
    """SQL of a geometry as GeoJSON text in a CRS, in its order of axes."""
    digits = 7 if srid == 4326 else 3  # a centimetre, a millimetre
    sql = column if srid == 4326 else f"ST_Transform({column}, {srid:d})"
    sql = f"ST_FlipCoordinates({sql})" if flip else sql
    return f"coalesce(ST_AsGeoJSON({sql}, {digits:d}), 'null')"


def feature_sql(view: View, srid: int = 4326, flip: bool = False) -> tuple[dict[str, Any], str]:
    """Columns to select under names of their own, and SQL of a feature's JSON made of them."""
    columns = {"f_id": F("pk"), "f_geom": F(view.geom)}
    listed = []
    names = [
        *view.fields,
        *(["synthetic"] if view.synthetic and "synthetic" not in view.fields else []),
    ]
    for n, name in enumerate(names):
        if not _NAME.match(name):
            raise ValueError(f"layer {view.layer.slug!r}: {name!r} is no name of a field")
        columns[f"f_{n}"] = F(name)
        listed.append(f'f.f_{n} AS "{name}"')
    properties = f"row_to_json((SELECT p FROM (SELECT {', '.join(listed)}) p))"
    sql = (
        """'{"type":"Feature","id":' || to_json(f.f_id) || ',"geometry":' || """
        f"""{geometry_sql("f.f_geom", srid, flip)} || ',"properties":' || {properties} || '}}'"""
    )
    return columns, sql


def listing_sql(
    view: View, rows: QuerySet[Any], size: int, srid: int = 4326, flip: bool = False
) -> tuple[str, tuple[Any, ...]]:
    """The query of the newest of some rows: their JSON, how many with one more, the last id."""
    columns, feature = feature_sql(view, srid, flip)
    rows = rows.order_by("-pk").annotate(**columns).values(*columns)[: size + 1]
    sql, params = mvt.compiled(rows)
    outer = (
        f"SELECT string_agg(j, ',' ORDER BY n) FILTER (WHERE n <= {size:d}), count(*), "
        f"min(f_id) FILTER (WHERE n <= {size:d}) FROM (SELECT f.f_id, "
        f"row_number() OVER (ORDER BY f.f_id DESC) AS n, {feature} AS j FROM ({sql}) f) t"
    )
    return outer, params
