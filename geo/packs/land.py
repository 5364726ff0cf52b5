"""Land, sea and lagoons as polygons, from coast lines."""

from __future__ import annotations

import geopandas
import shapely
from shapely.geometry.base import BaseGeometry

from .vectors import Bounds, polygons_of

EDGE_DEG = 1e-4


def land_polygon(coast: geopandas.GeoDataFrame, wards: BaseGeometry, bounds: Bounds) -> BaseGeometry | None:
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
    return shapely.union_all([face for face, dry in zip(faces, _dry(faces, wards, box), strict=True) if dry])


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
    edges = list(extent)
    for side in range(4):
        axis = side % 2
        at_edge = any(abs((end.x, end.y)[axis] - extent[side]) < EDGE_DEG for end in loose)
        if not at_edge:
            outward = min if side < 2 else max
            edges[side] = outward(extent[side], bounds[side] + (-0.3 if side < 2 else 0.3))
    return shapely.box(*edges)


def _lines(coast: geopandas.GeoDataFrame, level: int) -> list[BaseGeometry]:
    levels = coast["level"].fillna(1).astype(float) if "level" in coast else None
    chosen = coast.geometry if levels is None else coast.geometry[levels == level]
    if levels is None and level != 1:
        return []
    return [g.boundary if shapely.get_dimensions(g) == 2 else g for g in chosen]


def _merged(lines: list[BaseGeometry]) -> list[BaseGeometry]:
    whole = shapely.line_merge(shapely.union_all(lines))
    return [line for line in shapely.get_parts(whole) if line.geom_type == "LineString" and not line.is_closed]


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
