"""Land, sea and lagoons as polygons, from coast lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas
import shapely
from shapely.geometry.base import BaseGeometry

from .vectors import Bounds, polygons_of

EDGE_DEG = 1e-4
MARGIN_DEG = 1.2
SLIVER_DEG, HOLE_DEG2 = 2e-4, 1e-4  # some 20 m, some 1 km²


def land_polygon(
    coast: geopandas.GeoDataFrame, wards: BaseGeometry, bounds: Bounds
) -> BaseGeometry | None:
    """The land within `frame_box`, from lines of level 1; None where they do not part the box.

    The lines cut the box into faces; the face with most of the wards is land, and every step
    across a coast line turns land to sea or back. So islands need no word of their own.
    """
    lines = shapely.union_all(_lines(coast, 1))
    if lines.is_empty:
        return None
    box = frame_box(coast, bounds)
    cut = shapely.union_all([lines.intersection(box), box.exterior])
    faces = [face for face in shapely.get_parts(shapely.polygonize([cut])) if face.area > 0]
    if len(faces) < 2:
        return None
    return shapely.union_all(
        [face for face, dry in zip(faces, _dry(faces, wards, box), strict=True) if dry]
    )


def outline(areas: Sequence[BaseGeometry]) -> shapely.MultiPolygon:
    """What the areas cover together, without the slivers that gape between neighbours."""
    whole = shapely.union_all(areas)
    closed = whole.buffer(SLIVER_DEG, join_style="mitre").buffer(-SLIVER_DEG, join_style="mitre")
    filled = [
        shapely.Polygon(
            part.exterior, [h for h in part.interiors if shapely.Polygon(h).area > HOLE_DEG2]
        )
        for part in polygons_of(closed.union(whole)).geoms
    ]
    return polygons_of(shapely.make_valid(shapely.union_all(filled)))


def lagoon_polygon(coast: geopandas.GeoDataFrame) -> BaseGeometry:
    """Lagoons and lakes: what lines of level 2 enclose."""
    lines = shapely.union_all(_lines(coast, 2))
    return shapely.union_all(shapely.get_parts(shapely.polygonize([lines])))


def frame_box(coast: geopandas.GeoDataFrame, bounds: Bounds) -> shapely.Polygon:
    """The box the coast is known in: its extent, wider where no coast line ends at the edge."""
    lines = _lines(coast, 1)
    if not lines:
        return shapely.box(*bounds)
    extent = shapely.total_bounds(lines)
    ends = [shapely.get_point(line, at) for line in _merged(lines) for at in (0, -1)]
    loose = [end for end in ends if ends.count(end) == 1]
    held = _edges_with_ends(loose, extent)
    edges = list(extent)
    for side in set(range(4)) - held:
        outward = min if side < 2 else max
        edges[side] = outward(
            extent[side], bounds[side] + (-MARGIN_DEG if side < 2 else MARGIN_DEG)
        )
    return shapely.box(*edges)


def _edges_with_ends(ends: list[shapely.Point], extent: Any) -> set[int]:
    """The sides (west 0, south 1, east 2, north 3) at which the coast was cut off."""
    touching = [
        [side for side in (3, 1, 2, 0) if abs((end.x, end.y)[side % 2] - extent[side]) < EDGE_DEG]
        for end in ends
    ]
    held = {sides[0] for sides in touching if len(sides) == 1}
    for sides in touching:  # an end in a corner belongs to one side alone
        if len(sides) > 1 and not held & set(sides):
            held.add(sides[0])
    return held


def _lines(coast: geopandas.GeoDataFrame, level: int) -> list[BaseGeometry]:
    levels = coast["level"].fillna(1).astype(float) if "level" in coast else None
    chosen = coast.geometry if levels is None else coast.geometry[levels == level]
    if levels is None and level != 1:
        return []
    return [g.boundary if shapely.get_dimensions(g) == 2 else g for g in chosen]


def _merged(lines: list[BaseGeometry]) -> list[BaseGeometry]:
    whole = shapely.line_merge(shapely.union_all(lines))
    return [
        line
        for line in shapely.get_parts(whole)
        if line.geom_type == "LineString" and not line.is_closed
    ]


def _dry(faces: list[shapely.Polygon], wards: BaseGeometry, box: shapely.Polygon) -> list[bool]:
    """For each face whether it is land, stepping from face to face across the coast."""
    tree = shapely.STRtree(faces)
    inner = shapely.box(*box.bounds).buffer(-EDGE_DEG / 10)
    start = max(range(len(faces)), key=lambda i: faces[i].intersection(wards).area)
    state: dict[int, bool] = {start: True}
    queue = [start]
    while queue:
        here = queue.pop()
        for there in map(int, tree.query(faces[here], predicate="intersects")):
            if there in state:
                continue
            shared = faces[here].boundary.intersection(faces[there].boundary).intersection(inner)
            if shared.length > 0:
                state[there] = not state[here]
                queue.append(there)
    return [state.get(index, False) for index in range(len(faces))]


def clean(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry, valid."""
    return polygons_of(shapely.make_valid(geometry))
