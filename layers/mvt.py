"""The SQL of a vector tile: one query, aggregated without loss below the raw zoom.

A point belongs to exactly one 1/64 tile, by its index on the Web Mercator grid, so that the
counts of the tiles of one zoom add up to the number of rows.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.gis.db.backends.postgis.adapter import PostGISAdapter
from django.contrib.gis.geos import Polygon
from django.db import models
from django.db.models import BinaryField, Count, F, Func, QuerySet, Value

from layers.registry import Audience, Layer

CELLS = 64
EXTENT = 4096
BUFFER = 64
MAX_ZOOM = 22
STACKED_TO = 16
"""Features that lie on one point of the public grid are told as a number up to this zoom."""


class Tile(NamedTuple):
    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        side = 1 << self.z if self.z <= MAX_ZOOM else 0
        return 0 <= self.x < side and 0 <= self.y < side

    def box(self, margin: float) -> Polygon:
        """The tile in degrees, larger by ``margin`` (a share of its side) on each side."""
        side = 1 << self.z
        west, east = ((self.x + n) / side * 360 - 180 for n in (-margin, 1 + margin))
        north, south = (_latitude((self.y + n) / side) for n in (-margin, 1 + margin))
        box = Polygon.from_bbox((max(west, -180), south, min(east, 180), north))
        box.srid = 4326
        return box


def _latitude(share: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * share))))


class MvtGeom(Func):
    """A geometry in tile coordinates, clipped; NULL where nothing of it lies in the tile."""

    def __init__(self, field: str, tile: Tile) -> None:
        super().__init__(F(field), output_field=BinaryField())
        self.template = (
            f"ST_AsMVTGeom(ST_Transform(%(expressions)s, 3857), "
            f"ST_TileEnvelope({tile.z:d}, {tile.x:d}, {tile.y:d}), {EXTENT}, {BUFFER}, true)"
        )


def column_sql(geom: str, cells: int) -> str:
    """SQL of a point's column on a grid of so many cells from west to east.

    Plain arithmetic on degrees: ST_Transform in a trigger looks its CRS up anew at each call,
    which took 0.5 ms a row. Powers of two scale without rounding, so the column at one zoom is
    the column at a deeper zoom shifted right.
    """
    return f"least({cells - 1}, greatest(0, floor((ST_X({geom}) + 180) / 360 * {cells})))"


def row_sql(geom: str, cells: int) -> str:
    """SQL of a point's row from north to south; beyond 85.05° it counts in the outermost row."""
    latitude = f"least(85.0511287798, greatest(-85.0511287798, ST_Y({geom})))"
    share = f"(0.5 - asinh(tand({latitude})) / (2 * pi()))"
    return f"least({cells - 1}, greatest(0, floor({share} * {cells})))"


class CellIndex(Func):
    """Column or row of a point on the grid of 1/64 tiles at one zoom."""

    def __init__(self, field: str, z: int, sql: Callable[[str, int], str]) -> None:
        super().__init__(F(field), output_field=models.IntegerField())
        self.template = sql("%(expressions)s", CELLS << z) + "::int"


def raw(
    layer: Layer, audience: Audience, rows: QuerySet[Any], tile: Tile, drawn: str = ""
) -> tuple[str, tuple[Any, ...]]:
    """Every feature with what this audience sees of it, drawn by its geometry or another one."""
    geom = layer.geometry_field(audience)
    names = [field.name for field in layer.visible_fields(audience)]
    features = (
        rows.filter(**{f"{geom}__bboverlaps": tile.box(BUFFER / EXTENT)})
        .order_by()
        .annotate(mvt_geom=MvtGeom(drawn or geom, tile), mvt_id=F("pk"))
        .values("mvt_id", "mvt_geom", *names)
    )
    sql, params = compiled(features)
    outer = (
        f"SELECT ST_AsMVT(t, %s, {EXTENT}, 'mvt_geom') FROM "
        # OFFSET 0 keeps the geometry from being made twice, for the filter and for the tile.
        f"(SELECT f.mvt_id AS id, f.* FROM ({sql} OFFSET 0) f WHERE f.mvt_geom IS NOT NULL) t"
    )
    return outer, (layer.slug, *params)


def stacked(
    layer: Layer, audience: Audience, rows: QuerySet[Any], tile: Tile
) -> tuple[str, tuple[Any, ...]]:
    """The features of a layer that is snapped to a grid: those that lie on one point and are of
    one class as their number, one that lies alone with what this audience sees of it."""
    by = layer.style_dict(audience)["by"]
    fields = layer.visible_fields(audience)
    features = (
        rows.filter(**{f"{layer.geometry_field(audience)}__bboverlaps": tile.box(BUFFER / EXTENT)})
        .order_by()
        .annotate(
            mvt_at=Func(
                F(layer.geometry_field(audience)),
                template="%(expressions)s",
                output_field=BinaryField(),
            ),
            mvt_id=F("pk"),
            mvt_by=F(by) if by else Value(""),
        )
        .values("mvt_at", "mvt_id", "mvt_by", *(field.name for field in fields))
    )
    sql, params = compiled(features)
    least = {f.name: "bool_or" if f.type == "bool" else "min" for f in fields}
    alone = {"id": "min(mvt_id)"} | {name: f'{of}("{name}")' for name, of in least.items()}
    told = {"n": "count(*) > 1 THEN count(*)", "by": "count(*) > 1 THEN mvt_by"}
    told |= {name: f"count(*) = 1 THEN {of}" for name, of in alone.items()}
    names = ", ".join(f'"{name}"' for name in told)
    columns = ", ".join(f'CASE WHEN {of} END AS "{name}"' for name, of in told.items())
    outer = (
        f"SELECT ST_AsMVT(t, %s, {EXTENT}, 'mvt_geom') FROM (SELECT ST_AsMVTGeom("
        f"ST_Transform(mvt_at, 3857), ST_TileEnvelope({tile.z:d}, {tile.x:d}, {tile.y:d}), "
        f"{EXTENT}, {BUFFER}, true) AS mvt_geom, {names} FROM ("
        f"SELECT mvt_at, {columns} FROM ({sql}) f GROUP BY mvt_at, mvt_by OFFSET 0) g"
        ") t WHERE mvt_geom IS NOT NULL"
    )
    return outer, (layer.slug, *params)


def counted(
    layer: Layer, audience: Audience, rows: QuerySet[Any], tile: Tile
) -> tuple[str, tuple[Any, ...]]:
    """Counts per 1/64 tile and class, made from the rows."""
    geom = layer.geometry_field(audience)
    by = layer.style_dict(audience)["by"]
    left, top = tile.x * CELLS, tile.y * CELLS
    cells = (
        rows.filter(**{f"{geom}__bboverlaps": tile.box(0.001)})
        .order_by()
        .annotate(
            cx=CellIndex(geom, tile.z, column_sql),
            cy=CellIndex(geom, tile.z, row_sql),
            grp=F(by) if by else Value(""),
        )
        .filter(cx__gte=left, cx__lt=left + CELLS, cy__gte=top, cy__lt=top + CELLS)
        .values("cx", "cy", "grp")
        .annotate(n=Count("pk"))
    )
    sql, params = compiled(cells)
    unit = EXTENT // CELLS
    outer = (
        f"SELECT ST_AsMVT(t, %s, {EXTENT}, 'geom') FROM (SELECT "
        f"ST_MakePoint((cx - {left}) * {unit} + {unit // 2}, (cy - {top}) * {unit} + {unit // 2}) "
        f'AS geom, n, grp AS "by" FROM ({sql}) c) t'
    )
    return outer, (layer.slug, *params)


def compiled(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """A queryset's SQL for psycopg itself: geometries as hex EWKB, which PostGIS reads."""
    sql, params = rows.query.sql_with_params()
    plain = (p.ewkb.hex() if isinstance(p, PostGISAdapter) else p for p in params)
    return sql, tuple(plain)


def _interleaved(bit: int) -> str:
    return " | ".join(f"((c >> {n + bit}) & {1 << n})" for n in range(6))


def gridded(layer: Layer, audience: Audience, tile: Tile) -> tuple[str, tuple[Any, ...]]:
    """Counts per 1/64 tile and class, from the counts that are kept (see ``layers.grid``)."""
    first = morton(tile.x, tile.y) << 12
    unit = EXTENT // CELLS
    sql = (
        f"SELECT ST_AsMVT(t, %s, {EXTENT}, 'geom') FROM (SELECT "
        f"ST_MakePoint(({_interleaved(0)}) * {unit} + {unit // 2}, "
        f'({_interleaved(1)}) * {unit} + {unit // 2}) AS geom, n, grp AS "by" FROM ('
        "SELECT (cell & 4095)::int AS c, grp, sum(n)::int AS n FROM layers_gridcount "
        "WHERE layer = %s AND view = %s AND z = %s AND cell BETWEEN %s AND %s "
        "GROUP BY cell, grp HAVING sum(n) > 0) g) t"
    )
    return sql, (layer.slug, layer.slug, audience, tile.z, first, first + 4095)


def morton(x: int, y: int) -> int:
    """The bits of column and row in turn: neighbours within a tile are one range of numbers."""
    code = 0
    for bit in range(max(x, y).bit_length()):
        code |= (x >> bit & 1) << (2 * bit) | (y >> bit & 1) << (2 * bit + 1)
    return code
