"""From the stage at gauges to a water surface along the drains, and to depth over the land."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from environment.terrain.conditioning import SEA, _pop, _push
from environment.terrain.flow import down_of
from environment.terrain.hand import AT_SEA, NO_DRAIN, Network

SLOPE = 0.0005
"""Fall of a surface that spreads away from its river, m per m: half a metre a kilometre."""
TRUST_M = 10_000.0
"""Way along the river after which a gauge's word is worth 1/e."""
UNGAUGED, SPILLED = 0.7, 0.6


class Gauge(NamedTuple):
    """A place in the network and how far the water there stands above the drain's height, m."""

    place: int
    rise_m: float


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


@njit(cache=True, nogil=True)
def _main_branches(down, total):
    """Of the branches that meet in each drain cell, the one with most behind it; -1 at sources."""
    main = np.full(down.size, -1, np.int32)
    for n in range(down.size):
        below = down[n]
        if below >= 0 and (main[below] < 0 or total[n] > total[main[below]]):
            main[below] = n
    return main


@njit(cache=True, nogil=True)
def _between(down, step, height, gauges, rises, sea, surface, way):
    """Surface from each gauge down to the next one, or to the sea; the rise changes evenly."""
    path = np.empty(down.size, np.int32)
    for g in range(gauges.size):
        n, length = gauges[g], 0
        total = 0.0
        start = n
        while True:
            path[length] = n
            length += 1
            below = down[n]
            total += step[n]
            if below < 0:
                break
            n = below
            if np.isfinite(surface[n]):
                break
        rise = rises[g]
        end = rise
        if below == AT_SEA:
            end = max(0.0, sea - height[n])
        elif below >= 0:
            end = surface[n] - height[n]
        gone = 0.0
        for k in range(length):
            here = path[k]
            share = gone / total if total > 0 else 0.0
            surface[here] = height[here] + rise + (end - rise) * share
            way[here] = gone
            gone += step[here]
        surface[start] = height[start] + rise


@njit(cache=True, nogil=True)
def _along(down, step, height, total, gauges, rises, sea):
    count = down.size
    surface = np.full(count, -np.inf)
    way = np.full(count, np.inf)
    known = np.ones(count)
    _between(down, step, height, gauges, rises, sea, surface, way)
    main = _main_branches(down, total)
    stem = np.zeros(count, np.bool_)
    for g in range(gauges.size):
        stem[gauges[g]] = True
    for n in range(count):  # each after what it drains to
        below = down[n]
        if np.isfinite(surface[n]):
            continue
        if below >= 0:
            level = surface[below]
            if stem[below] and main[below] == n:
                stem[n] = True
                level = max(level, height[n] + surface[below] - height[below])
            else:
                known[n] = UNGAUGED
            known[n] = min(known[n], known[below])
            way[n] = way[below] + step[n]
        else:
            level = sea if below == AT_SEA else height[n]
            known[n] = UNGAUGED
            way[n] = step[n]
        surface[n] = max(height[n], level)
    trust = known * np.exp(-way / TRUST_M)
    return surface.astype(np.float32), trust.astype(np.float32)


def along(network: Network, gauges: Sequence[Gauge], sea_m: float) -> tuple[Any, Any]:
    """Water surface (m) and trust at each drain cell.

    Between gauges, and between a gauge and the sea, the rise above the drain changes evenly with
    the way. Above the highest gauge of a river the rise stays; in side rivers without a gauge the
    water stands level with where they join (backwater). Nothing falls as a stage rises.
    """
    below = _ways_out(network)
    known = sorted(gauges, key=lambda gauge: below[gauge.place])
    places = np.array([gauge.place for gauge in known], np.int32)
    rises = np.array([max(0.0, gauge.rise_m) for gauge in known], np.float64)
    return _along(network.down, network.step_m, network.height_m, network.total, places, rises,
                  float(sea_m))  # fmt: skip


@njit(cache=True, nogil=True)
def _mouth_ways(down, step):
    way = np.zeros(down.size)
    for n in range(down.size):
        way[n] = step[n] + (way[down[n]] if down[n] >= 0 else 0.0)
    return way


def _ways_out(network: Network) -> np.ndarray:
    return _mouth_ways(network.down, network.step_m)


@njit(cache=True, nogil=True)
def raise_walls(z, d8, raised, walls):
    """Terrain with walls (m above ground, 0 without) and the height of each way down with them."""
    rows, cols = z.shape
    ground = z + walls
    high = np.maximum(raised, ground)
    done = np.zeros(rows * cols, np.bool_)
    flat = high.ravel()
    path = np.empty(1024, np.int64)
    for start in range(rows * cols):
        cell, length = np.int64(start), 0
        while cell >= 0 and not done[cell]:
            if length == path.size:
                longer = np.empty(2 * length, np.int64)
                longer[:length] = path
                path = longer
            path[length] = cell
            length += 1
            cell = down_of(d8, cell)
        for n in range(length - 1, -1, -1):
            here = path[n]
            if cell >= 0 and flat[cell] > flat[here]:
                flat[here] = flat[cell]
            done[here] = True
            cell = here
    return ground, high


@njit(cache=True, nogil=True)
def _spread_water(z, kind, raised, place, heights, surface, sea, dx, dy):  # noqa: C901
    """The water surface by cell (m, -inf dry): up each cell's own way, then over the divides.

    Water that spills keeps at most the depth it came with, or fills the hollow it comes to, and
    its surface falls by SLOPE. Taken from the highest surface down, so each cell is settled once.
    """
    rows, cols = z.shape
    level = np.full((rows, cols), np.float32(-np.inf), np.float32)
    for r in range(rows):
        for c in range(cols):
            here = place[r, c]
            if kind[r, c] == SEA:
                level[r, c] = sea
            elif here >= 0 and surface[here] > heights[here] and surface[here] > raised[r, c]:
                level[r, c] = surface[here]
            elif here == AT_SEA and sea > raised[r, c]:
                level[r, c] = sea
    keys, cells = np.empty(4096, np.float32), np.empty(4096, np.int32)
    n = 0
    for r in range(rows):
        for c in range(cols):
            if level[r, c] > -np.inf and _spills(z, raised, level, r, c, dx, dy):
                keys, cells = _push(keys, cells, n, -level[r, c], r * cols + c)
                n += 1
    while n > 0:
        key = -keys[0]
        cell = _pop(keys, cells, n)
        n -= 1
        r, c = cell // cols, cell % cols
        if key < level[r, c]:
            continue
        for k in range(4):
            nr, nc = r + (k == 0) - (k == 1), c + (k == 2) - (k == 3)
            if nr < 0 or nr >= rows or nc < 0 or nc >= cols:
                continue
            new = _arrives(z, raised, level, r, c, nr, nc, dx[r] if k > 1 else dy)
            if new > level[nr, nc] and kind[nr, nc] == 1:
                level[nr, nc] = new
                keys, cells = _push(keys, cells, n, -new, nr * cols + nc)
                n += 1
    return level


@njit(cache=True, nogil=True)
def _arrives(z, raised, level, r, c, nr, nc, way):
    """The surface that water of one cell has in the next; -inf where it does not get there."""
    depth = level[r, c] - z[r, c]
    most = max(z[nr, nc] + depth, raised[nr, nc])
    new = min(level[r, c], most) - np.float32(SLOPE * way)
    return np.float32(new) if new > z[nr, nc] else np.float32(-np.inf)


@njit(cache=True, nogil=True)
def _spills(z, raised, level, r, c, dx, dy):
    rows, cols = z.shape
    for k in range(4):
        nr, nc = r + (k == 0) - (k == 1), c + (k == 2) - (k == 3)
        if 0 <= nr < rows and 0 <= nc < cols and level[nr, nc] < level[r, c]:
            way = dx[r] if k > 1 else dy
            if _arrives(z, raised, level, r, c, nr, nc, way) > level[nr, nc]:
                return True
    return False


@njit(cache=True, nogil=True)
def _joined(level, z, kind, place, heights, surface, net_cells):
    """Depth (m) of wet land that touches a river that carries water, or the sea, side to side."""
    rows, cols = level.shape
    depth = np.zeros((rows, cols), np.float32)
    queue = np.empty(rows * cols, np.int32)
    tail = 0
    for n in range(net_cells.size):
        cell = net_cells[n]
        r, c = cell // cols, cell % cols
        if surface[n] > heights[n] and level[r, c] > -np.inf and depth[r, c] == 0:
            depth[r, c] = max(level[r, c] - min(z[r, c], heights[n]), np.float32(0.001))
            queue[tail] = cell
            tail += 1
    for r in range(rows):
        for c in range(cols):
            if kind[r, c] != 1 or level[r, c] == -np.inf or depth[r, c] > 0:
                continue
            for k in range(4):
                nr, nc = r + (k == 0) - (k == 1), c + (k == 2) - (k == 3)
                if 0 <= nr < rows and 0 <= nc < cols and kind[nr, nc] == SEA:
                    depth[r, c] = max(level[r, c] - z[r, c], np.float32(0.001))
                    queue[tail] = r * cols + c
                    tail += 1
                    break
    head = 0
    while head < tail:
        r, c = queue[head] // cols, queue[head] % cols
        head += 1
        for k in range(4):
            nr, nc = r + (k == 0) - (k == 1), c + (k == 2) - (k == 3)
            if nr < 0 or nr >= rows or nc < 0 or nc >= cols or kind[nr, nc] != 1:
                continue
            if depth[nr, nc] == 0 and level[nr, nc] > z[nr, nc]:
                depth[nr, nc] = level[nr, nc] - z[nr, nc]
                queue[tail] = nr * cols + nc
                tail += 1
    return depth


@njit(cache=True, nogil=True)
def _trust(depth, level, place, surface, trust, sea):
    """Trust by wet cell: its drain's, and less where the water came over a divide."""
    out = np.zeros(depth.shape, np.float32)
    for r in range(depth.shape[0]):
        for c in range(depth.shape[1]):
            here = place[r, c]
            if depth[r, c] > 0:
                own = surface[here] if here >= 0 else sea
                value = trust[here] if here >= 0 else np.float32(UNGAUGED)
                out[r, c] = value if level[r, c] <= own else value * SPILLED
    return out


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
    net = basin.network
    surface, trust = along(net, gauges, float(sea))
    ground, raised = basin.z, basin.raised
    if walls is not None and walls.any():
        ground, raised = raise_walls(ground, basin.d8, raised, walls.astype(np.float32))
    tide = sea if sea > rest else np.float32(-np.inf)  # the sea at rest floods nothing
    level = _spread_water(ground, basin.kind, raised, basin.place, net.height_m, surface, tide,
                          basin.dx, basin.dy)  # fmt: skip
    depth = _joined(level, ground, basin.kind, basin.place, net.height_m, surface, net.cell)
    level[depth == 0] = -np.inf
    return Water(level, depth, _trust(depth, level, basin.place, surface, trust, sea))


__all__ = ["Basin", "Gauge", "NO_DRAIN", "Water", "along", "flood", "open_basin", "snap"]
