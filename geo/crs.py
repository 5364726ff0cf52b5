"""Metres in the city's own CRS, and the fixed grid that hides exact places from the public."""

import math
from functools import lru_cache

from django.conf import settings
from django.contrib.gis.geos import Point
from pyproj import Transformer

from geo import reference
from geo.models import City

DEFAULT_METRIC_SRID = 9214
"""VN-2000 / TM-3 107-00, the official metric CRS of Huế; PostGIS 3.3 lacks it, so a migration
adds it to spatial_ref_sys."""

LonLat = tuple[float, float]


def city() -> City | None:
    """The city that this installation serves, or None before a pack is imported.

    Its outline, large as it is, is read when it is asked for.
    """
    return reference.now().get(
        "city", lambda: City.objects.filter(active=True).defer("outline").first()
    )


def metric_srid() -> int:
    """EPSG code of the city's metric CRS."""
    here = city()
    return (here and here.metric_srid) or DEFAULT_METRIC_SRID


@lru_cache(maxsize=8)
def _transformers(srid: int) -> tuple[Transformer, Transformer]:
    there = Transformer.from_crs(4326, srid, always_xy=True)
    back = Transformer.from_crs(srid, 4326, always_xy=True)
    return there, back


def to_metric(lon: float, lat: float, srid: int = DEFAULT_METRIC_SRID) -> tuple[float, float]:
    """East and north in metres of a position in degrees."""
    return _transformers(srid)[0].transform(lon, lat)


def to_lonlat(x: float, y: float, srid: int = DEFAULT_METRIC_SRID) -> LonLat:
    """Longitude and latitude in degrees of a position in metres."""
    return _transformers(srid)[1].transform(x, y)


def distance_m(a: LonLat, b: LonLat, srid: int = DEFAULT_METRIC_SRID) -> float:
    """Metres between two positions in degrees, in the metric CRS."""
    (ax, ay), (bx, by) = to_metric(*a, srid), to_metric(*b, srid)
    return math.hypot(ax - bx, ay - by)


def snap_to_grid(
    lon: float, lat: float, step_m: int | None = None, srid: int = DEFAULT_METRIC_SRID
) -> LonLat:
    """The middle of the fixed grid square that holds a position.

    A fixed grid and not random noise: many reports of one place must not average back to it.
    """
    step = step_m or settings.IOC_PUBLIC_GRID_M
    x, y = to_metric(lon, lat, srid)
    lon_, lat_ = to_lonlat((x // step + 0.5) * step, (y // step + 0.5) * step, srid)
    return round(lon_, 6), round(lat_, 6)


def point(lon: float, lat: float) -> Point:
    """A GEOS point in EPSG:4326."""
    return Point(lon, lat, srid=4326)
