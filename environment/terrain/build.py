"""From a file of heights to all that floods are reckoned from, as COGs and arrays in a folder.

What goes by windows: reading, writing, tiles, slopes. What cannot: filling, flow and accumulation,
because one cell may decide over cells at the other end; a terrain too large for that is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from environment.terrain import conditioning, flow, hand, masks, rasters
from environment.terrain.conditioning import LAND, SEA
from environment.terrain.dem import BadTerrain, Dem, read

BURN_M = 20.0
USUAL_DRAIN_KM2 = 1.0
METHOD = (
    "rivers burned 20 m for directions only; depressions filled to where they spill; flats "
    "resolved (Barnes 2014); steepest D8; HAND above drains whose height never rises downstream"
)
Progress = Callable[[float, str], None]


@dataclass
class Terrain:
    """Conditioned terrain in memory; grids as `build` writes them."""

    dem: Dem
    conditioned: np.ndarray
    d8: np.ndarray
    total: np.ndarray
    drain: np.ndarray
    hand: np.ndarray
    place: np.ndarray
    rivers: np.ndarray
    network: hand.Network
    sea_m: float

    def facts(self) -> dict[str, object]:
        """What a person wants to know of the result."""
        cells = int((self.dem.kind == LAND).sum())
        undrained = int((np.isnan(self.hand) & (self.dem.kind == LAND)).sum())
        return {
            "cells": cells,
            "rows": self.hand.shape[0],
            "cols": self.hand.shape[1],
            "cell_m": round(self.dem.cell_m, 3),
            "drain_cells": int(self.drain.sum()),
            "reaches": int(self.network.reach.max(initial=1)),
            "no_drain_cells": undrained,
            "sea_m": None if np.isinf(self.sea_m) else self.sea_m,
            "river_cells_by_flow": river_share(self),
            "notes": self.dem.notes,
        }


def river_share(terrain: Terrain, within_m: float = 90.0) -> float | None:
    """The share of mapped river cells within so many metres of where flow alone makes a drain."""
    from scipy import ndimage

    if not terrain.rivers.any():
        return None
    least = drain_cells(terrain.dem, None)
    streams = (terrain.total >= least) | (terrain.dem.kind == SEA)
    reach = max(1, round(within_m / terrain.dem.cell_m))
    span = np.arange(-reach, reach + 1)
    disc = span[:, None] ** 2 + span**2 <= reach**2
    near = ndimage.binary_dilation(streams, structure=disc)
    return round(float(near[terrain.rivers > 0].mean()), 4)


def drain_cells(dem: Dem, drain_km2: float | None) -> int:
    """Cells that must come together to make a drain: 1 km², or a hundredth of a small terrain."""
    cell_km2 = dem.cell_m**2 / 1e6
    land_km2 = (dem.kind == LAND).sum() * cell_km2
    wanted = drain_km2 or min(USUAL_DRAIN_KM2, land_km2 / 100)
    return max(2, round(wanted / cell_km2))


def condition(
    dem: Dem,
    *,
    rivers: np.ndarray | None = None,
    sea_m: float = float("-inf"),
    drain_km2: float | None = None,
    progress: Progress = lambda share, what: None,
) -> Terrain:
    """The terrain with drains, heights above them and the network; `dem.z` keeps its heights."""
    mapped = np.zeros(dem.z.shape, np.uint8) if rivers is None else rivers
    progress(0.05, "filling depressions")
    filled = dem.z.copy()
    if mapped.any():
        filled[mapped > 0] -= np.float32(BURN_M)
    conditioning.fill_depressions(filled, dem.kind)
    progress(0.4, "flow directions")
    d8 = flow.directions(filled, dem.kind, dem.dx, dem.dy)
    progress(0.55, "accumulation")
    total = flow.accumulate(d8)
    drain = flow.drains(total, d8, dem.kind, mapped, drain_cells(dem, drain_km2))
    progress(0.65, "height above drains")
    filled[...] = dem.z
    if mapped.any():
        hand.carve_rivers(filled, d8, mapped, np.float32(sea_m))
    above, place, count = hand.above_drains(filled, d8, drain, dem.kind)
    if not count and not (dem.kind == SEA).any():
        raise BadTerrain("no cell of the terrain is a drain; give rivers, or a smaller --drain-km2")
    net = hand.network(filled, d8, drain, dem.kind, place, total, dem.dx, dem.dy, count)
    return Terrain(dem, filled, d8, total, drain, above, place, mapped, net, sea_m)


def build(
    path: Path,
    folder: Path,
    *,
    rivers: Path | None = None,
    coast: Path | None = None,
    walls: Path | None = None,
    units: str = "auto",
    drain_km2: float | None = None,
    memory: int = 0,
    progress: Progress = lambda share, what: None,
) -> Terrain:
    """The terrain of a DEM file, written to a folder. `progress` may raise to stop it.

    Files: conditioned, d8, accumulation, drains, hand, catchments (.tif, COG) and the arrays that
    zones are made from (.npy, read without unpacking). Raises BadTerrain with what to do.
    """
    progress(0.0, "reading")
    dem = read(path, units=units, memory=memory)
    sea_m = masks.take_sea(coast, dem) if coast else float("-inf")
    mapped = masks.rivers(rivers, dem) if rivers else None
    terrain = condition(dem, rivers=mapped, sea_m=sea_m, drain_km2=drain_km2, progress=progress)
    save(terrain, folder, progress)
    (folder / "walls.npy").unlink(missing_ok=True)
    if walls:
        np.save(folder / "walls.npy", masks.walls(walls, dem))
    return terrain


def save(terrain: Terrain, folder: Path, progress: Progress) -> None:
    """The terrain's files."""
    dem = terrain.dem
    reaches = hand.catchments(terrain.place, terrain.network.reach)
    nothing = terrain.d8 == conditioning.NO_FLOW
    layers = {
        "conditioned": (terrain.conditioned, float("nan")),
        "d8": (terrain.d8, conditioning.NO_FLOW),
        "accumulation": (np.where(nothing, 0, terrain.total), 0),
        "drains": (np.where(nothing, 255, terrain.drain).astype(np.uint8), 255),
        "hand": (terrain.hand, float("nan")),
        "catchments": (reaches, 0),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for n, (name, (grid, nodata)) in enumerate(layers.items()):
        progress(0.7 + 0.04 * n, f"writing {name}")
        rasters.write(
            folder / f"{name}.tif", grid, dem.transform, dem.crs, nodata=nodata, METHOD=METHOD
        )
    arrays = {
        "z": dem.z,
        "kind": dem.kind,
        "d8": terrain.d8,
        "raised": terrain.conditioned,
        "place": terrain.place,
    }
    for name, grid in arrays.items():
        np.save(folder / f"{name}.npy", grid)
    np.savez(folder / "network.npz", **terrain.network._asdict())
    about = {
        "crs": dem.crs.to_wkt(),
        "transform": list(dem.transform)[:6],
        "dx": [float(dem.dx[0]), float(dem.dx[-1])],
        "dy": dem.dy,
        "sea_m": None if np.isinf(terrain.sea_m) else terrain.sea_m,
        "digest": dem.digest,
        "method": METHOD,
    }
    (folder / "terrain.json").write_text(json.dumps({**about, **terrain.facts()}, indent=1))
    progress(1.0, "done")
