"""Geometry as people send it, made fit for a query: valid, in EPSG:4326, of bearable size."""

import math
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from geo.queries import Box
from layers.questions import mending
from layers.questions.mending import mended, refuse, too_many
from layers.questions.terms import Area

MAX_VERTICES = 100_000
"""A shape with more is refused unread."""
TYPES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)
MAX_PARTS = 10_000


def area_of(geojson: Any, *, srid: int = 4326, name: str = "") -> Area:
    """A GeoJSON geometry (or feature) as part of a question.

    Made valid where it crosses itself, split where it crosses the antimeridian, made simpler
    where it has more vertices than a query should carry.

    Raises:
        Refused: if it is no geometry, empty, out of range, or far too large.
    """
    shape = shape_of(geojson)
    return area_from(settle(shape, srid), name=name)


def area_from(shape: shapely.Geometry, *, name: str = "", name_en: str = "") -> Area:
    """The part of a question for a shape that is already fit: EPSG:4326, valid, not empty."""
    west, south, east, north = (float(edge) for edge in shape.bounds)
    ewkb = shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True)
    vertices = int(shapely.get_num_coordinates(shape))
    return Area(ewkb, (west, south, east, north), shape.geom_type, vertices, name, name_en)


def shape_of(geojson: Any) -> shapely.Geometry:
    """A shape from GeoJSON, counted before it is built."""
    if isinstance(geojson, dict) and geojson.get("type") == "Feature":
        geojson = geojson.get("geometry")
    if not isinstance(geojson, dict) or geojson.get("type") not in TYPES:
        raise refuse(_("A geometry is GeoJSON of type: %(types)s") % {"types": _types()})
    coordinates = geojson.get("coordinates")
    if _count(coordinates) > MAX_VERTICES:
        raise too_many(MAX_VERTICES)
    try:
        shape = _BUILD[geojson["type"]](coordinates)
    except (TypeError, ValueError, IndexError, OverflowError, shapely.errors.ShapelyError):
        raise refuse(_("The coordinates do not make a geometry.")) from None
    return shapely.force_2d(shape)


def settle(shape: shapely.Geometry, srid: int = 4326) -> shapely.Geometry:
    """A shape fit for a query: EPSG:4326, valid, not empty, within the world, bearable."""
    if shape.is_empty:
        raise refuse(_("The geometry is empty."))
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise refuse(_("The coordinates do not make a geometry."))
    shape = _to_degrees(shape, srid) if srid != 4326 else _short_way(shape)
    west, south, east, north = shape.bounds
    if west < -360 or east > 360 or south < -90 or north > 90:
        raise refuse(_("Coordinates are longitude and latitude in degrees, in this order."))
    shape = _within_world(mended(shape))
    if shape.is_empty:
        raise refuse(_("The geometry is empty."))
    return shape


def _within_world(shape: shapely.Geometry) -> shapely.Geometry:
    """Parts beyond ±180° brought to the other side of the antimeridian."""
    west, _south, east, _north = shape.bounds
    if west >= -180 and east <= 180:
        return shape
    if east - west > 360:
        raise refuse(_("The shape is wider than the world."))
    parts = []
    for turn in (-360, 0, 360):
        window = shapely.box(-180 + turn, -90, 180 + turn, 90)
        part = shapely.intersection(shape, window)
        if not part.is_empty:
            parts.append(shapely.transform(part, lambda xy, turn=turn: xy - [turn, 0]))
    return shapely.union_all(parts)


def _short_way(shape: shapely.Geometry) -> shapely.Geometry:
    """The shape with edges across the antimeridian where they would go around the world.

    An edge from 170° to −170° is 20° long, not 340°; it goes on beyond 180°. One of exactly 360°
    spans the world and stays.

    Raises:
        Refused: for a ring around a pole, which degrees cannot hold.

    Source: RFC 7946, 3.1.9 (such shapes are to be cut in two).
    """
    west, _south, east, _north = shape.bounds
    if not 180 < east - west <= 360:
        return shape
    parts = [_turned(part) for part in shapely.get_parts(shape)]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _turned(part: shapely.Geometry) -> shapely.Geometry:
    if shapely.get_dimensions(part) == 2:
        shell, *holes = [_line_on(ring) for ring in shapely.get_rings(part)]
        if any(line[0, 0] != line[-1, 0] for line in (shell, *holes)):
            message = _("The shape goes around a pole. Cut it at the antimeridian, at 180°.")
            raise refuse(message)
        for hole in holes:
            hole[:, 0] += 360 * round((shell[:, 0].mean() - hole[:, 0].mean()) / 360)
        return shapely.Polygon(shell, holes)
    return shapely.LineString(_line_on(part)) if shapely.get_dimensions(part) == 1 else part


def _line_on(line: shapely.Geometry) -> np.ndarray:
    """A line's coordinates, each no more than 180° of longitude from the one before."""
    xy = shapely.get_coordinates(line)
    step = np.diff(xy[:, 0])
    turns = np.where((abs(step) > 180) & (abs(step) < 360), -np.sign(step), 0)
    xy[1:, 0] += 360 * np.cumsum(turns)
    return xy


def _to_degrees(shape: shapely.Geometry, srid: int) -> shapely.Geometry:
    return _same_kind(shapely.transform(shape, to_degrees(srid)))


def _same_kind(shape: shapely.Geometry) -> shapely.Geometry:
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise refuse(_("The coordinates lie outside the area of their coordinate system."))
    return shape


@lru_cache(maxsize=16)
def to_degrees(srid: int) -> Any:
    """A function from coordinates (n, 2), x before y, in a CRS to degrees."""
    from pyproj import Transformer
    from pyproj.exceptions import CRSError

    try:
        turn = Transformer.from_crs(srid, 4326, always_xy=True)
    except CRSError:
        raise refuse(
            _("EPSG:%(srid)s is not a coordinate system that is known here.") % {"srid": srid},
            "bad-crs",
        ) from None
    return lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1]))


def box_area(box: Box) -> Area:
    """A box as an area; west > east: across the antimeridian."""
    west, south, east, north = box
    shape = shapely.box(west, south, east if west <= east else east + 360, north)
    return area_from(_within_world(shape), name="bbox")


def buffered(area: Area, metres: float) -> shapely.Geometry:
    """The shape of an area grown by metres (within 1 %, for areas up to some 100 km wide)."""
    shape = shapely.from_wkb(area.ewkb)
    lat = math.radians((area.box[1] + area.box[3]) / 2)
    scale = np.array([111_320 * max(0.05, math.cos(lat)), 110_900])
    flat = shapely.transform(shape, lambda xy: xy * scale)
    return shapely.transform(mending.grown(flat, metres), lambda xy: xy / scale)


def grown(box: Box, metres: float) -> Box:
    """A box that holds all within so many metres of a box."""
    west, south, east, north = box
    high = metres / 110_500
    widest = max(abs(south - high), abs(north + high))
    wide = metres / 111_320 / max(0.01, math.cos(math.radians(min(89.5, widest))))
    return (
        max(-180.0, west - wide), max(-90.0, south - high),
        min(180.0, east + wide), min(90.0, north + high),
    )  # fmt: skip


def _count(coordinates: Any) -> int:
    """How many numbers-lists there are, without walking more than the limit."""
    total, stack = 0, [coordinates]
    while stack:
        part = stack.pop()
        if not isinstance(part, list) or not part:
            continue
        if isinstance(part[0], list) and part[0] and isinstance(part[0][0], list):
            if len(part) > MAX_PARTS:
                return MAX_VERTICES + 1
            stack.extend(part)
        else:
            total += len(part)
        if total > MAX_VERTICES:
            return total
    return total


def _ring(coordinates: Any) -> Any:
    return np.array(coordinates, dtype=float)[:, :2]


def _polygon(rings: Any) -> shapely.Polygon:
    if not rings:
        return shapely.Polygon()
    return shapely.Polygon(_ring(rings[0]), [_ring(hole) for hole in rings[1:]])


_BUILD: dict[str, Any] = {
    "Point": lambda c: shapely.Point(np.array(c, dtype=float)[:2]),
    "MultiPoint": lambda c: shapely.MultiPoint(_ring(c)),
    "LineString": lambda c: shapely.LineString(_ring(c)),
    "MultiLineString": lambda c: shapely.MultiLineString([_ring(line) for line in c]),
    "Polygon": _polygon,
    "MultiPolygon": lambda c: shapely.MultiPolygon([_polygon(rings) for rings in c]),
}


def _types() -> str:
    return ", ".join(sorted(TYPES))


def with_inner(area: Area, shape: shapely.Geometry, cells: int = 24, most: int = 10) -> Area:
    """The area with the largest boxes of a grid that lie wholly inside it.

    The boxes are a little smaller than the truth: the database compares boxes in single
    precision, and a point in a box must be in the area without a closer look.
    """
    west, south, east, north = area.box
    if shapely.get_dimensions(shape) != 2 or east - west < 1e-3 or north - south < 1e-3:
        return area
    xs, ys = np.linspace(west, east, cells + 1), np.linspace(south, north, cells + 1)
    x, y = np.meshgrid(xs[:-1], ys[:-1])
    boxes = shapely.box(x, y, x + (xs[1] - xs[0]), y + (ys[1] - ys[0]))
    shapely.prepare(shape)
    free = shapely.contains_properly(shape, boxes)
    found = []
    while len(found) < most and (box := _largest(free)) is not None:
        top, left, bottom, right = box
        if (bottom - top) * (right - left) < 4:
            break
        free[top:bottom, left:right] = False
        gap = 4e-5
        found.append((xs[left] + gap, ys[top] + gap, xs[right] - gap, ys[bottom] - gap))
    return replace(area, inner=tuple(tuple(map(float, box)) for box in found))


def _largest(free: np.ndarray) -> tuple[int, int, int, int] | None:
    """The largest rectangle of true cells: top, left, bottom, right (the last two left out)."""
    best, where = 0, None
    heights = np.zeros(free.shape[1] + 1, dtype=int)
    for row in range(free.shape[0]):
        heights[:-1] = np.where(free[row], heights[:-1] + 1, 0)
        stack: list[int] = []
        for column, height in enumerate(heights):
            while stack and heights[stack[-1]] >= height:
                tall = int(heights[stack.pop()])
                left = stack[-1] + 1 if stack else 0
                if tall * (column - left) > best:
                    best, where = tall * (column - left), (row - tall + 1, left, row + 1, column)
            stack.append(column)
    return where
