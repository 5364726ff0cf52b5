"""Small terrains, and the same answers found the slow way."""

import heapq
from pathlib import Path
from typing import Any

import numpy as np

from environment.terrain import conditioning as co
from environment.terrain import flow
from environment.terrain.dem import Dem, kinds
from environment.terrain.hand import above_drains

NAN = np.float32(np.nan)


def dem_of(
    z: Any, cell_m: float = 10.0, west: float = 700_000.0, north: float = 1_800_000.0
) -> Dem:
    """A terrain in EPSG:32648 with square cells."""
    import rasterio

    z = np.array(z, np.float32)
    transform = rasterio.transform.from_origin(west, north, cell_m, cell_m)
    crs = rasterio.crs.CRS.from_epsg(32648)
    return Dem(z, kinds(z), transform, crs, np.full(z.shape[0], cell_m), cell_m, "test")


def write(path: Path, z: Any, crs: Any = 32648, cell: float = 10.0, at: Any = None, **more: Any):
    """The grid as a GeoTIFF."""
    import rasterio

    z = np.asarray(z, np.float32)
    transform = rasterio.transform.from_origin(*(at or (700_000, 1_800_000)), cell, cell)
    profile = {"crs": None if crs is None else f"EPSG:{crs}", "nodata": -9999.0, **more}
    with rasterio.open(
        path, "w", driver="GTiff", width=z.shape[1], height=z.shape[0], count=1, dtype="float32",
        transform=transform, **profile,
    ) as target:  # fmt: skip
        target.write(np.nan_to_num(z, nan=-9999.0), 1)
    return path


def analysed(z: Any, kind: Any = None, least: int = 5, rivers: Any = None):
    """Filled heights, directions, accumulation, drains, HAND and places of a grid, 1 m cells."""
    z = np.array(z, np.float32)
    kind = kinds(z) if kind is None else kind
    filled = co.fill_depressions(z.copy(), kind)
    d8 = flow.directions(filled, kind, np.ones(z.shape[0]), 1.0)
    total = flow.accumulate(d8)
    mapped = np.zeros(z.shape, np.uint8) if rivers is None else rivers
    drain = flow.drains(total, d8, kind, mapped, least)
    raised = z.copy()
    hand, place, count = above_drains(raised, d8, drain, kind)
    return {"filled": filled, "kind": kind, "d8": d8, "total": total, "drain": drain,
            "hand": hand, "place": place, "count": count, "raised": raised}  # fmt: skip


def around(shape: tuple[int, int], r: int, c: int):
    for k in range(8):
        nr, nc = r + int(co.DR[k]), c + int(co.DC[k])
        if 0 <= nr < shape[0] and 0 <= nc < shape[1]:
            yield k, nr, nc


def fill_slowly(z: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """The lowest level at which each cell is joined to a way out, by plain Dijkstra."""
    out = np.full(z.shape, np.inf, np.float32)
    heap = []
    for r, c in np.argwhere((kind == co.LAND) | (kind == co.SEA)):
        near = list(around(z.shape, r, c))
        rim = len(near) < 8 or any(kind[nr, nc] == co.OUTSIDE for _, nr, nc in near)
        if rim or kind[r, c] == co.SEA:
            out[r, c] = z[r, c]
            heapq.heappush(heap, (z[r, c], r, c))
    while heap:
        level, r, c = heapq.heappop(heap)
        for _, nr, nc in around(z.shape, r, c):
            if kind[nr, nc] in (co.LAND, co.SEA) and max(level, z[nr, nc]) < out[nr, nc]:
                out[nr, nc] = max(level, z[nr, nc])
                heapq.heappush(heap, (out[nr, nc], nr, nc))
    return out


def way_down(d8: np.ndarray, r: int, c: int) -> list[tuple[int, int]]:
    """The cells from one to its outlet. Fails on a ring."""
    path = [(r, c)]
    while (below := int(flow.down_of(d8, r * d8.shape[1] + c))) >= 0:
        r, c = divmod(below, d8.shape[1])
        path.append((r, c))
        assert len(path) <= d8.size, "water runs in a ring"
    return path
