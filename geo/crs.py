"""Metres in the city's own CRS, and the fixed grid that hides exact places from the public."""

import math
from functools import lru_cache

from django.conf import settings
from django.contrib.gis.geos import Point
from pyproj import Transformer
from pyproj.transformer import TransformerGroup

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
def transformers(srid: int) -> tuple[Transformer, Transformer]:
    """From degrees to metres of a CRS, and back; arrays of coordinates go through at once."""
    return _transformer(4326, srid), _transformer(srid, 4326)


def _transformer(source: int, target: int) -> Transformer:
    """Each thread makes its own of what is kept. Where only one operation leads from CRS to CRS it
    is spelled out, so that a new thread need not search for it: 0.3 ms instead of 6."""
    ways = TransformerGroup(source, target, always_xy=True)
    if len(ways.transformers) == 1 and ways.best_available:
        return Transformer.from_pipeline(ways.transformers[0].definition)
    return Transformer.from_crs(source, target, always_xy=True)


def to_metric(lon: float, lat: float, srid: int = DEFAULT_METRIC_SRID) -> tuple[float, float]:
    """East and north in metres of a position in degrees."""
    return transformers(srid)[0].transform(lon, lat)


def to_lonlat(x: float, y: float, srid: int = DEFAULT_METRIC_SRID) -> LonLat:
    """Longitude and latitude in degrees of a position in metres."""
    return transformers(srid)[1].transform(x, y)


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
