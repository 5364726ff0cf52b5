"""Rivers, sea, lagoons and walls as cells of a terrain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from environment.terrain.conditioning import SEA
from environment.terrain.dem import BadTerrain, Dem
from environment.words import counted

LEVEL_M = 1.5
"""Water whose median height lies above this is an inland lake and no drain of the land."""


def shapes_of(path: Path, dem: Dem) -> Any:
    """The geometries of a vector file in the terrain's CRS, cut to it (shapely array)."""
    import pyogrio
    import shapely

    try:
        frame = pyogrio.read_dataframe(path, on_invalid="ignore")
    except Exception as problem:
        raise BadTerrain(f"{path.name} is no readable vector file ({problem})") from None
    if not hasattr(frame, "geometry"):
        raise BadTerrain(f"{path.name} holds no geometry")
    if frame.crs is None:
        raise BadTerrain(f"{path.name} states no CRS")
    found = frame.to_crs(dem.crs).geometry.dropna().values
    west, south, east, north = dem.bounds
    found = shapely.force_2d(np.asarray(found))
    return found[shapely.intersects(found, shapely.box(west, south, east, north))]


def cells_of(shapes: Any, dem: Dem, *, touched: bool = False) -> np.ndarray:
    """The cells under the shapes (uint8, 1); with `touched`, lines leave no diagonal gap."""
    from rasterio.features import rasterize

    if not len(shapes):
        return np.zeros(dem.z.shape, np.uint8)
    return rasterize(
        shapes, out_shape=dem.z.shape, transform=dem.transform, all_touched=touched, dtype="uint8"
    )


def rivers(path: Path, dem: Dem) -> np.ndarray:
    """The cells of mapped rivers (uint8, 1), lines or areas; on land only."""
    found = cells_of(shapes_of(path, dem), dem)
    found[dem.kind != 1] = 0
    count = int(found.sum())
    told = f"{counted(count, 'cell')} of mapped rivers burned"
    dem.notes.append(told if count else "no mapped river lies in the terrain")
    return found


def take_sea(path: Path, dem: Dem) -> float:
    """The level of the sea (m); sea and lagoon cells become SEA at that level in `dem`.

    Coast lines or areas cut the terrain into faces; a face is water where its median height is
    LEVEL_M or less and half of it is flat at its lowest level or without data.
    """
    import shapely

    edges = [g.boundary if shapely.get_dimensions(g) == 2 else g for g in shapes_of(path, dem)]
    if not edges:
        dem.notes.append("no coast lies in the terrain")
        return float("-inf")
    west, south, east, north = dem.bounds
    frame = shapely.box(west, south, east, north)
    lines = shapely.union_all([*(e.intersection(frame) for e in edges), frame.exterior])
    faces = [f for f in shapely.get_parts(shapely.polygonize([lines])) if f.area > 0]
    water = np.zeros(dem.z.shape, bool)
    for face in faces:
        inside = cells_of([face], dem).astype(bool)
        if _is_water(dem.z[inside]):
            water |= inside
    if not water.any():
        dem.notes.append("no side of the coast lies low enough to be water")
        return float("-inf")
    known = dem.z[water & ~np.isnan(dem.z)]
    level = float(np.median(known)) if known.size else 0.0
    dem.kind[water] = SEA
    dem.z[water] = level
    told = counted(int(water.sum()), "cell")
    dem.notes.append(f"{told} of sea and lagoon at {level:.2f} m: drains")
    return level


def _is_water(heights: np.ndarray) -> bool:
    if not heights.size:
        return False
    known = heights[~np.isnan(heights)]
    if known.size < heights.size / 2:
        return True
    level = np.median(known)
    return bool(level <= LEVEL_M and (known <= level + 0.5).mean() > 0.5)


def walls(path: Path, dem: Dem, usual_m: float = 2.0) -> np.ndarray:
    """Height of levees and walls above ground by cell (float32 m, 0 without).

    A feature's `height_m` (or `height`) says how high it is, else `usual_m`. Each lies on a band
    of cells that water cannot slip through at a corner.
    """
    import pyogrio
    import shapely
    from rasterio.features import rasterize

    try:
        frame = pyogrio.read_dataframe(path, on_invalid="ignore")
    except Exception as problem:
        raise BadTerrain(f"{path.name} is no readable vector file ({problem})") from None
    if getattr(frame, "crs", None) is None:
        raise BadTerrain(f"{path.name} states no CRS")
    frame = frame.to_crs(dem.crs)
    column = next((name for name in ("height_m", "height") if name in frame), None)
    heights = frame[column].astype(float).fillna(usual_m) if column else [usual_m] * len(frame)
    pairs = [
        (shapely.force_2d(shape), float(height))
        for shape, height in zip(frame.geometry, heights, strict=True)
        if shape is not None and not shape.is_empty and height > 0
    ]
    if not pairs:
        return np.zeros(dem.z.shape, np.float32)
    pairs.sort(key=lambda pair: pair[1])  # the higher one wins where two cross
    return rasterize(
        pairs, out_shape=dem.z.shape, transform=dem.transform, all_touched=True, dtype="float32"
    )
