"""Wet cells as valid polygons. Cells that meet only at a corner are not joined."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from environment.terrain.conditioning import longer

EAST, SOUTH, WEST, NORTH = 0, 1, 2, 3


@njit(cache=True, nogil=True)
def _wet(mask, r, c):
    return 0 <= r < mask.shape[0] and 0 <= c < mask.shape[1] and mask[r, c] != 0


@njit(cache=True, nogil=True)
def _edge(mask, r, c, way):
    """Whether the border runs from corner (r, c) this way, with its wet cell on the right."""
    if way == EAST:
        return _wet(mask, r, c) and not _wet(mask, r - 1, c)
    if way == SOUTH:
        return _wet(mask, r, c - 1) and not _wet(mask, r, c)
    if way == WEST:
        return _wet(mask, r - 1, c - 1) and not _wet(mask, r, c - 1)
    return _wet(mask, r - 1, c) and not _wet(mask, r - 1, c - 1)


@njit(cache=True, nogil=True)
def _trace(mask, label):
    """Rings of corners: columns and rows, where each begins, and the part each belongs to.

    A ring round a part turns clockwise on the map, one round a hole the other way.
    """
    rows, cols = mask.shape
    seen = np.zeros((rows, cols), np.bool_)  # upper borders already walked
    xs, ys = np.empty(1024, np.int32), np.empty(1024, np.int32)
    begins, parts = np.empty(256, np.int32), np.empty(256, np.int32)
    points = rings = 0
    for r0 in range(rows):
        for c0 in range(cols):
            if mask[r0, c0] == 0 or (r0 > 0 and mask[r0 - 1, c0] != 0) or seen[r0, c0]:
                continue
            if rings + 1 >= begins.size:
                begins, parts = longer(begins), longer(parts)
            begins[rings], parts[rings] = points, label[r0, c0]
            rings += 1
            r, c, way = r0, c0, EAST
            first = points
            while True:
                if way == EAST:
                    seen[r, c] = True
                r += (way == SOUTH) - (way == NORTH)
                c += (way == EAST) - (way == WEST)
                turn = way
                for by in (1, 0, 3):  # right first: corners do not join
                    if _edge(mask, r, c, (way + by) % 4):
                        turn = (way + by) % 4
                        break
                if turn != way:
                    if points + 2 >= xs.size:
                        xs, ys = longer(xs), longer(ys)
                    xs[points], ys[points] = c, r
                    points += 1
                way = turn
                if r == r0 and c == c0 and way == EAST:
                    break
            xs[points], ys[points] = xs[first], ys[first]
            points += 1
    begins[rings] = points
    return xs[:points], ys[:points], begins[: rings + 1], parts[:rings]


@njit(cache=True, nogil=True)
def _simple(xs, ys, begins, parts, cols, seen):
    """The rings cut where one meets itself at a corner, so that each is a simple loop.

    What is cut off lies within the part it belongs to: a hole that touches at one point. `seen`
    is -1 for each corner of the grid.
    """
    stack = np.empty(xs.size, np.int64)
    out_x, out_y = np.empty(2 * xs.size, np.int32), np.empty(2 * xs.size, np.int32)
    out_b, out_p = np.empty(xs.size + 1, np.int32), np.empty(xs.size, np.int32)
    points = rings = 0
    for ring in range(parts.size):
        n = 0
        for at in range(begins[ring], begins[ring + 1]):
            corner = np.int64(ys[at]) * (cols + 1) + xs[at]
            first = seen[corner]
            if first < 0:
                seen[corner] = n
                stack[n] = corner
                n += 1
                continue
            out_b[rings], out_p[rings] = points, parts[ring]
            rings += 1
            for k in range(first, n):
                out_x[points], out_y[points] = stack[k] % (cols + 1), stack[k] // (cols + 1)
                points += 1
                if k > first:
                    seen[stack[k]] = -1
            out_x[points], out_y[points] = xs[at], ys[at]
            points += 1
            n = first + 1
        for k in range(n):
            seen[stack[k]] = -1
    out_b[rings] = points
    return out_x[:points], out_y[:points], out_b[: rings + 1], out_p[:rings]


def polygonise(mask: np.ndarray) -> Any:
    """The wet parts of a mask as valid polygons in columns and rows (shapely array)."""
    import shapely
    from scipy import ndimage

    wet_rows, wet_cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not wet_rows.size:
        return np.empty(0, object)
    top, left = wet_rows[0], wet_cols[0]
    mask = np.ascontiguousarray(mask[top : wet_rows[-1] + 1, left : wet_cols[-1] + 1], np.uint8)
    rows, cols = mask.shape
    seen = np.full((rows + 1) * (cols + 1), -1, np.int32)
    xs, ys, begins, parts = _simple(*_trace(mask, ndimage.label(mask)[0]), cols, seen)
    corners = np.stack([xs + left, ys + top], axis=1).astype(np.float64)
    doubled = xs[:-1].astype(np.int64) * ys[1:] - xs[1:].astype(np.int64) * ys[:-1]
    doubled[begins[1:-1] - 1] = 0  # from one ring to the next
    areas = np.add.reduceat(doubled, begins[:-1])
    order = np.lexsort((areas < 0, parts))  # the hull first, then its holes
    sizes = np.diff(begins)[order]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    points = np.repeat(begins[:-1][order] - offsets[:-1], sizes) + np.arange(offsets[-1])
    starts = np.flatnonzero(np.diff(parts[order], prepend=-1))
    return shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, corners[points], (offsets, np.append(starts, parts.size))
    )


def on_earth(shapes: Any, transform: Any, crs: Any) -> Any:
    """The polygons as one valid MultiPolygon in EPSG:4326."""
    import shapely
    from pyproj import Transformer

    move = None
    if not crs.is_geographic:
        move = Transformer.from_crs(crs.to_wkt(), 4326, always_xy=True)

    def to_lonlat(xy: np.ndarray) -> np.ndarray:
        x = transform.c + transform.a * xy[:, 0]
        y = transform.f + transform.e * xy[:, 1]
        if move is not None:
            x, y = move.transform(x, y)
        return np.stack([x, y], axis=1)

    parts = shapely.get_parts(shapely.transform(shapes, to_lonlat))
    whole = shapely.MultiPolygon([p for p in parts if p.geom_type == "Polygon"])
    return whole if whole.is_valid else only_areas(shapely.make_valid(whole))


def only_areas(shape: Any) -> Any:
    """The polygons of a geometry as one MultiPolygon."""
    import shapely

    flat = [shape]
    while any(s.geom_type in {"GeometryCollection", "MultiPolygon"} for s in flat):
        flat = [part for s in flat for part in shapely.get_parts(s)]
    return shapely.MultiPolygon([s for s in flat if s.geom_type == "Polygon" and not s.is_empty])
