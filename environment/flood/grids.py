"""Depths and heights as figures on a grid, for whoever reckons with them by area."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from environment.flood import files, water
from geo.errors import Refused
from layers.registry import Grid

MOST_SIDE = 3_000
"""Cells along a side: a finer grid is averaged when it is read."""


def depth(rows: QuerySet[Any]) -> Grid | None:
    """The depth in metres of the zone that was reckoned last; empty where it is dry."""
    zone = rows.order_by("-updated_at", "-pk").first()
    if zone is None:
        return None
    try:
        return _read(water.depth_file(zone), zone.title)
    except (Refused, OSError):
        return None


def height(rows: QuerySet[Any]) -> Grid | None:
    """The height in metres of the terrain in use, conditioned for flow."""
    terrain = rows.order_by("-pk").first()
    try:
        return _read(files.height_file(terrain), terrain.name) if terrain else None
    except OSError:
        return None


def _read(path: Path, name: str) -> Grid:
    import numpy as np
    import rasterio

    with rasterio.open(path) as source:
        shrink = max(1.0, max(source.width, source.height) / MOST_SIDE)
        shape = (max(1, round(source.height / shrink)), max(1, round(source.width / shrink)))
        found = source.read(1, out_shape=shape, masked=True).astype(np.float32)
        return Grid(found.filled(np.nan), tuple(source.bounds), source.crs.to_wkt(), "m", name)
