"""How much of areas, lines and points lies under water, by depth class."""

from __future__ import annotations

from typing import Any

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


def of_shapes(shapes: Any, grid: np.ndarray, transform: Any, step: float) -> Any:
    """For each shape the highest class it touches, and its length by class in units of the CRS.

    Borders and lines are sampled every `step` and where they bend; an area also within.
    """
    import shapely

    count = len(shapes)
    top = np.zeros(count, np.uint8)
    if not count:
        return top, np.zeros((0, 5))
    dense = shapely.segmentize(shapes, step)
    xy, owner = shapely.get_coordinates(dense, return_index=True)
    found = at_points(xy[:, 0], xy[:, 1], grid, transform)
    np.maximum.at(top, owner, found)
    inner = shapely.get_coordinates(shapely.point_on_surface(shapes))
    if len(inner) == count:
        top = np.maximum(top, at_points(inner[:, 0], inner[:, 1], grid, transform))
    share = np.zeros((count, 5))
    np.add.at(share, (owner, found), 1.0)
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1.0)
    return top, share * shapely.length(shapes)[:, None]


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
