"""Grids as cloud-optimised GeoTIFFs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def write(
    path: Path, grid: np.ndarray, transform: Any, crs: Any, *, nodata: float, **tags: str
) -> Path:
    """A COG of the grid with overviews, there in one step at the end."""
    import rasterio

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    smooth = grid.dtype.kind == "f"
    with rasterio.open(
        unfinished, "w", driver="COG", width=grid.shape[1], height=grid.shape[0], count=1,
        dtype=grid.dtype, crs=crs, transform=transform, nodata=nodata, compress="DEFLATE",
        level=1, predictor="YES" if smooth else "NO",
        overview_resampling="average" if smooth else "nearest", bigtiff="IF_SAFER",
    ) as target:  # fmt: skip
        target.write(grid, 1)
        target.update_tags(**tags)
    unfinished.replace(path)
    return path
