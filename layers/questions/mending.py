"""Shapes mended, made simpler and grown in bounded time, however badly they are drawn."""

from collections.abc import Iterator

import shapely
from django.utils.translation import gettext as _

from geo.errors import Refused
from layers.questions.crossings import MOST, crossings

KEPT_VERTICES = 10_000
CHUNK = 50
FINE = 0.004
"""Part of the distance that may be cut from what is grown by it: it is right to 1 %."""


def refuse(message: str, code: str = "bad-geometry", status: int = 400) -> Refused:
    return Refused(code, message, status=status)


def mended(shape: shapely.Geometry) -> shapely.Geometry:
    """The shape, valid and of at most KEPT_VERTICES: what lies in any of its parts lies in it.

    Raises:
        Refused: for a shape that crosses itself too often, or encloses nothing.
    """
    return _valid(_simpler(_valid(shape)))


def untangled(shape: shapely.Geometry) -> None:
    """Raises Refused for a shape that crosses itself so often that mending it would take long."""
    if (found := crossings(shape)) > MOST:
        message = _("The shape crosses itself some %(times)s times. Draw a simpler one.")
        raise refuse(message % {"times": f"{found:,}"}, "too-tangled")


def _valid(shape: shapely.Geometry) -> shapely.Geometry:
    if shape.is_valid:
        return shape
    untangled(shape)
    fixed = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    wanted = shapely.get_dimensions(shape)
    parts = [p for p in shapely.get_parts(fixed) if shapely.get_dimensions(p) == wanted]
    if not parts or fixed.is_empty:
        raise refuse(_("The shape encloses nothing."))
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _simpler(shape: shapely.Geometry) -> shapely.Geometry:
    """The shape with at most KEPT_VERTICES, coarser until it fits."""
    tolerance = 1e-5  # about a metre
    while shapely.get_num_coordinates(shape) > KEPT_VERTICES:
        if tolerance > 1:
            raise too_many(KEPT_VERTICES)
        shape = shapely.simplify(shape, tolerance, preserve_topology=False)
        tolerance *= 3
    return shape


def too_many(limit: int) -> Refused:
    message = _(
        "The shape has more than %(limit)s vertices. Make it simpler, or upload it as a file: "
        "it is made simpler there."
    )
    return refuse(message % {"limit": f"{limit:,}"}, "too-many-vertices", 413)


def grown(shape: shapely.Geometry, distance: float) -> shapely.Geometry:
    """A plane shape and all within a distance of it (within 1 %).

    Edges are grown some at a time and joined: grown at once, a wavy edge's outlines would all
    cross each other.
    """
    if shapely.get_num_coordinates(shape) > CHUNK:
        if shapely.get_dimensions(shape) == 1:
            untangled(shape)
        shape = shapely.simplify(shape, distance * FINE, preserve_topology=True)
    pieces = list(_pieces(shape))
    parts = list(shapely.buffer(pieces, distance, quad_segs=16 if len(pieces) < 1000 else 8))
    return shapely.union_all([*parts, shape] if shapely.get_dimensions(shape) == 2 else parts)


def _pieces(shape: shapely.Geometry) -> Iterator[shapely.Geometry]:
    """A small shape whole; points, and pieces of lines and borders."""
    if shapely.get_num_coordinates(shape) <= CHUNK:
        yield shape
        return
    lines = shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape
    for line in shapely.get_parts(lines):
        xy = shapely.get_coordinates(line)
        if len(xy) == 1:
            yield line
        for at in range(0, len(xy) - 1, CHUNK):
            yield shapely.LineString(xy[at : at + CHUNK + 1])
