"""How much of areas, lines and points lies under water, by depth class."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


def classes(depth: np.ndarray, limits: tuple[float, ...]) -> np.ndarray:
    """The depth class of each cell (uint8): 0 dry, n where depth lies above the n-th limit."""
    found = np.zeros(depth.shape, np.uint8)
    for n, limit in enumerate(limits, start=1):
        found[depth > limit] = n
    return found


def areas(shapes: Any, values: list[np.ndarray], transform: Any, crs: Any) -> np.ndarray:
    """The sum of each grid over each area, cells at an edge by their share (areas × grids).

    Areas in the grids' own CRS. Grids that share an area are read only within its box.
    """
    import geopandas
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    rows, cols = values[0].shape
    west, north = transform @ (0, 0)
    east, south = transform @ (cols, rows)
    frame = geopandas.GeoDataFrame({"n": range(len(shapes))}, geometry=list(shapes), crs=crs)
    out = np.zeros((len(shapes), len(values)))
    for k, grid in enumerate(values):
        raster = NumPyRasterSource(grid, west, south, east, north, name="v", srs_wkt=crs.to_wkt())
        found = exact_extract(raster, frame, ["sum"], output="pandas")
        out[:, k] = found.iloc[:, -1].fillna(0.0)
    return out


def at_points(x: np.ndarray, y: np.ndarray, grid: np.ndarray, transform: Any) -> np.ndarray:
    """The grid's value under each point in its CRS; 0 outside."""
    col, row = ~transform @ (np.asarray(x), np.asarray(y))
    row, col = np.floor(row).astype(np.int64), np.floor(col).astype(np.int64)
    inside = (row >= 0) & (row < grid.shape[0]) & (col >= 0) & (col < grid.shape[1])
    found = np.zeros(row.shape, grid.dtype)
    found[inside] = grid[row[inside], col[inside]]
    return found


class Samples(NamedTuple):
    """Where shapes lie on a grid, taken once and asked for every stage.

    By sample: `cell` linear index (int32), `owner` the shape's place (int32), in order of owners,
    `length` the part of the shape's length that it stands for (float32, units of the CRS).
    """

    count: int
    cell: np.ndarray
    owner: np.ndarray
    length: np.ndarray


def sample(shapes: Any, size: tuple[int, int], transform: Any, step: float) -> Samples:
    """Points every `step` of borders and lines and where they bend; of an area one within too."""
    import shapely

    count = len(shapes)
    dense = shapely.segmentize(shapes, step)
    xy, owner = shapely.get_coordinates(dense, return_index=True)
    share = shapely.length(shapes) / np.maximum(np.bincount(owner, minlength=count), 1)
    filled = np.flatnonzero(~shapely.is_empty(shapes))
    inner = shapely.get_coordinates(shapely.point_on_surface(np.asarray(shapes)[filled]))
    xy, owner = np.concatenate([xy, inner]), np.concatenate([owner, filled])
    length = np.concatenate([share[owner[: len(owner) - len(filled)]], np.zeros(len(filled))])
    col, row = ~transform @ (xy[:, 0], xy[:, 1])
    row, col = np.floor(row), np.floor(col)
    inside = (row >= 0) & (row < size[0]) & (col >= 0) & (col < size[1])
    order = np.flatnonzero(inside)
    order = order[np.argsort(owner[order], kind="stable")]
    cell = (row[order] * size[1] + col[order]).astype(np.int32)
    return Samples(count, cell, owner[order].astype(np.int32), length[order].astype(np.float32))


def of_samples(samples: Samples, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each shape the highest class it touches, and for each class 0–4 the length in it."""
    found = grid.ravel()[samples.cell]
    wet = np.flatnonzero(found)
    top = np.zeros(samples.count, np.uint8)
    np.maximum.at(top, samples.owner[wet], found[wet])
    by_class = np.bincount(found[wet], weights=samples.length[wet], minlength=5)[:5]
    by_class[0] = samples.length.sum() - by_class[1:].sum()
    return top, by_class


def check_density(path: Any) -> None:
    """Nothing, for a raster that `per_cell` can read. Raises: BadTerrain, before hours are spent
    on a terrain whose people nobody could count afterwards.
    """
    import rasterio

    from environment.terrain.dem import BadTerrain

    try:
        with rasterio.open(path) as source:
            known = source.crs is not None
            source.read(1, window=((0, 1), (0, 1)))
    except rasterio.errors.RasterioIOError as problem:
        raise BadTerrain(f"people: {problem}") from None
    if not known:
        raise BadTerrain(f"people: {path} states no CRS; give it one (gdal_edit.py -a_srs EPSG:…)")


def per_cell(path: Any, shape: tuple[int, int], transform: Any, crs: Any) -> np.ndarray:
    """People per km² of a density raster in any CRS, on the terrain's cells (float32)."""
    import rasterio
    from rasterio.warp import Resampling, reproject

    out = np.zeros(shape, np.float32)
    with rasterio.open(path) as source:
        reproject(
            rasterio.band(source, 1), out, dst_transform=transform, dst_crs=crs,
            resampling=Resampling.bilinear, dst_nodata=0,
        )  # fmt: skip
    return np.nan_to_num(np.maximum(out, 0))
