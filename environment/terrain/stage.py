"""From the stage at gauges to a water surface along the drains, and to depth over the land."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from environment.terrain.hand import NO_DRAIN, Network
from environment.terrain.profile import Gauge, along
from environment.terrain.spread import joined, raise_walls, spread_water, trust_of


@dataclass
class Water:
    """Surface (m, -inf where dry land) and depth (m, 0 dry) by cell, and trust from 0 to 1."""

    surface: np.ndarray
    depth: np.ndarray
    trust: np.ndarray


@dataclass
class Basin:
    """What `build.save` wrote, opened without reading it whole."""

    folder: Path
    z: np.ndarray
    kind: np.ndarray
    d8: np.ndarray
    raised: np.ndarray
    place: np.ndarray
    network: Network
    transform: Any
    crs: Any
    dx: np.ndarray
    dy: float
    sea_m: float | None

    @property
    def cell_m(self) -> float:
        return float(np.sqrt(self.dx[len(self.dx) // 2] * self.dy))


@lru_cache(maxsize=4)
def open_basin(folder: Path) -> Basin:
    """The arrays of a built terrain, mapped from disk."""
    import rasterio

    about = json.loads((folder / "terrain.json").read_text())
    grids = {n: np.load(folder / f"{n}.npy", mmap_mode="c") for n in
             ("z", "kind", "d8", "raised", "place")}  # fmt: skip
    with np.load(folder / "network.npz") as arrays:
        net = Network(**{name: arrays[name] for name in Network._fields})
    rows = grids["z"].shape[0]
    dx = np.linspace(*about["dx"], rows)
    transform = rasterio.Affine(*about["transform"])
    crs = rasterio.crs.CRS.from_wkt(about["crs"])
    return Basin(folder, **grids, network=net, transform=transform, crs=crs, dx=dx,
                 dy=about["dy"], sea_m=about["sea_m"])  # fmt: skip


def snap(basin: Basin, x: float, y: float, within_m: float = 1500.0) -> tuple[int, float] | None:
    """The largest drain near a position in the terrain's CRS: its place and the way to it, m.

    Of drains within reach the one that drains most wins, less a quarter for each 100 m of way;
    None where no drain is near.
    """
    net = basin.network
    if not net.cell.size:
        return None
    cols = basin.z.shape[1]
    col, row = ~basin.transform @ (x, y)
    east = (net.cell % cols + 0.5 - col) * basin.dx[len(basin.dx) // 2]
    south = (net.cell // cols + 0.5 - row) * basin.dy
    way = np.hypot(east, south)
    near = np.flatnonzero(way <= within_m)
    if not near.size:
        return None
    score = net.total[near] * 0.75 ** (way[near] / 100.0)
    best = int(near[np.argmax(score)])
    return best, float(way[best])


def flood(
    basin: Basin,
    gauges: Sequence[Gauge],
    *,
    tide_m: float | None = None,
    walls: np.ndarray | None = None,
) -> Water:
    """The water over a terrain for stages at gauges and a tide (m, in the terrain's heights).

    `walls` holds metres above ground by cell. Everything wet touches a river that carries water,
    or the sea; with a higher stage, a higher tide or lower walls nothing dries.
    """
    rest = basin.sea_m if basin.sea_m is not None else -np.inf
    sea = np.float32(max(rest, tide_m) if tide_m is not None and np.isfinite(rest) else rest)
    net, kind, place = basin.network, basin.kind, basin.place
    surface, trust = along(net, gauges, float(sea))
    ground, raised = basin.z, basin.raised
    if walls is not None and walls.any():
        ground, raised = raise_walls(ground, basin.d8, raised, walls.astype(np.float32))
    tide = sea if sea > rest else np.float32(-np.inf)  # the sea at rest floods nothing
    level = np.full(ground.shape, -np.inf, np.float32)
    spread_water(level, ground, kind, raised, place, net.height_m, surface, tide, basin.dx,
                 basin.dy)  # fmt: skip
    depth = joined(level, ground, kind, net, surface)
    level[depth == 0] = -np.inf
    return Water(level, depth, trust_of(depth, level, place, surface, trust, sea))


__all__ = ["Basin", "Gauge", "NO_DRAIN", "Water", "along", "flood", "open_basin", "snap"]
