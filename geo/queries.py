"""Spatial questions that every app asks, in metres."""

import math
from typing import TypeVar

import shapely
from django.contrib.gis.db.models.functions import AsWKB
from django.contrib.gis.geos import Point, Polygon
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from geo import reference
from geo.crs import point
from geo.errors import Refused
from geo.models import City, District

M = TypeVar("M", bound=Model)
Box = tuple[float, float, float, float]


def within_m(
    queryset: QuerySet[M], centre: Point, metres: float, field: str = "geom"
) -> QuerySet[M]:
    """Rows within so many metres of a point, through the spatial index.

    The degree box is made a little larger than the circle and the exact distance is measured on
    the spheroid, so that an index on the geometry serves the first and only few rows the second.
    """
    degrees = metres / 111_320 / max(0.05, math.cos(math.radians(centre.y)))
    box = box_of((centre.x - degrees, centre.y - degrees, centre.x + degrees, centre.y + degrees))
    table = queryset.model._meta.db_table
    column = queryset.model._meta.get_field(field).column
    exact = RawSQL(
        f'ST_DWithin("{table}"."{column}"::geography, ST_SetSRID(ST_MakePoint(%s, %s), 4326)'
        "::geography, %s)",
        (centre.x, centre.y, metres),
    )
    return queryset.filter(**{f"{field}__bboverlaps": box}).alias(near=exact).filter(near=True)


def district_at(lon: float, lat: float) -> District | None:
    """The district in force that holds a position; its border is read when it is asked for."""
    tree, districts = reference.now().get("districts", _districts)
    held = tree.query(shapely.Point(lon, lat), predicate="intersects")
    return districts[held.min()] if held.size else None


def _districts() -> tuple[shapely.STRtree, list[District]]:
    """All districts in force, by code, and a tree of their borders in the same order."""
    known = District.objects.filter(retired_at=None).order_by("code")
    rows = list(known.defer("geom").annotate(border=AsWKB("geom")))
    return shapely.STRtree(shapely.from_wkb([bytes(row.border) for row in rows])), rows


def in_city(lon: float, lat: float) -> bool:
    """Whether a position lies within the city's outline, or its bounds where it has no outline."""
    at = point(lon, lat)
    inside = Q(outline__intersects=at) | Q(outline=None, bounds__intersects=at)
    held = Coalesce(ExpressionWrapper(inside, BooleanField()), False)
    said = City.objects.filter(active=True).annotate(holds=held)
    # Without a city every place will do.
    return said.values_list("holds", flat=True).first() is not False


def box_of(box: Box) -> Polygon:
    """The box as a polygon in EPSG:4326."""
    area = Polygon.from_bbox(box)
    area.srid = 4326
    return area


def parse_bbox(text: str) -> Box:
    """West, south, east, north in degrees from ``w,s,e,n``.

    Raises:
        Refused: if it is not four finite numbers in range and order.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Refused("bad-bbox", "bbox needs four numbers: west,south,east,north") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Refused(
            "bad-bbox", "bbox must be west ≤ east within ±180 and south ≤ north within ±90"
        )
    return west, south, east, north
