"""Water from the drains over the land: up the ways down, over divides, and only where joined."""

from __future__ import annotations

import numpy as np
from numba import njit

from environment.terrain.conditioning import LAND, SEA, longer, offsets
from environment.terrain.flow import STEP
from environment.terrain.hand import AT_SEA, Network
from environment.terrain.profile import UNGAUGED

SLOPE = 0.0005
"""Fall of a surface that spreads away from its river, m per m: half a metre a kilometre."""
SPILLED = 0.6
LEAST_M = np.float32(0.001)
"""Depth of a river and of a shore that water just reaches."""


@njit(cache=True, nogil=True)
def _push(keys, cells, n, key, cell):
    """A cell into the binary heap of n; the arrays, grown where they were full."""
    if n == keys.size:
        keys, cells = longer(keys), longer(cells)
    at = n
    while at > 0:
        parent = (at - 1) >> 1
        if keys[parent] <= key:
            break
        keys[at], cells[at] = keys[parent], cells[parent]
        at = parent
    keys[at], cells[at] = key, cell
    return keys, cells


@njit(cache=True, nogil=True)
def _pop(keys, cells, n):
    """The lowest cell of the heap of n; the caller counts n down."""
    cell, key, last = cells[0], keys[n - 1], cells[n - 1]
    n -= 1
    at = 0
    while True:
        child = 2 * at + 1
        if child >= n:
            break
        if child + 1 < n and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[at], cells[at] = keys[child], cells[child]
        at = child
    keys[at], cells[at] = key, last
    return cell


def raise_walls(
    z: np.ndarray, d8: np.ndarray, raised: np.ndarray, walls: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Terrain with walls (m above ground, 0 without) and the height of each way down with them."""
    ground = z + walls
    high = np.maximum(raised, ground)
    _raise_ways(d8.reshape(-1), high.reshape(-1), np.zeros(z.size, bool), z.shape[1])
    return ground, high


@njit(cache=True, nogil=True)
def _raise_ways(ways, high, done, cols):
    """Nothing on a way down rises: each cell at least as high as what it drains to."""
    around = offsets(cols)
    path = np.empty(1024, np.int32)
    for start in range(ways.size):
        cell, length = np.int64(start), 0
        while cell >= 0 and not done[cell]:
            if length == path.size:
                path = longer(path)
            path[length] = cell
            length += 1
            k = STEP[ways[cell]]
            cell = cell + around[k] if k >= 0 else np.int64(-1)
        for n in range(length - 1, -1, -1):
            here = np.int64(path[n])
            if cell >= 0 and high[cell] > high[here]:
                high[here] = high[cell]
            done[here] = True
            cell = here


@njit(cache=True, nogil=True)
def _begin(level, kind, raised, place, heights, surface, sea):
    """Where water comes up each cell's own way down, into `level`, which is -inf before."""
    for r in range(level.shape[0]):
        for c in range(level.shape[1]):
            here = place[r, c]
            if kind[r, c] == SEA:
                level[r, c] = sea
            elif here >= 0 and surface[here] > heights[here] and surface[here] > raised[r, c]:
                level[r, c] = surface[here]
            elif here == AT_SEA and sea > raised[r, c]:
                level[r, c] = sea


@njit(cache=True, nogil=True)
def _edges(z, raised, level, dx, dy):
    """The cells that water spills from, as a heap with the highest surface first; how many."""
    rows, cols = z.shape
    keys, cells, n = np.empty(4096, np.float32), np.empty(4096, np.int32), np.int64(0)
    for r in range(rows):
        for c in range(cols):
            if level[r, c] > -np.inf and _spills(z, raised, level, r, c, dx, dy):
                keys, cells = _push(keys, cells, n, -level[r, c], r * cols + c)
                n += 1
    return keys, cells, n


def spread_water(
    level: np.ndarray, z: np.ndarray, kind: np.ndarray, raised: np.ndarray, place: np.ndarray,
    heights: np.ndarray, surface: np.ndarray, sea: np.float32, dx: np.ndarray, dy: float,
) -> None:  # fmt: skip
    """The water surface by cell into `level` (m, -inf dry): up each way down, then over divides.

    Water that spills keeps at most the depth it came with, or fills the hollow it comes to, and
    its surface falls by SLOPE. Taken from the highest surface down, so each cell is settled once.
    """
    _begin(level, kind, raised, place, heights, surface, sea)
    _spill(z, kind, raised, level, dx, dy, *_edges(z, raised, level, dx, dy))


@njit(cache=True, nogil=True)
def _spill(z, kind, raised, level, dx, dy, keys, cells, n):
    rows, cols = z.shape
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
            if new > level[nr, nc] and kind[nr, nc] == LAND:
                level[nr, nc] = new
                keys, cells = _push(keys, cells, n, -new, nr * cols + nc)
                n += 1


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


def joined(
    level: np.ndarray, z: np.ndarray, kind: np.ndarray, net: Network, surface: np.ndarray
) -> np.ndarray:
    """Depth (float32 m) of wet land that touches a river that carries water, or the sea."""
    depth = np.zeros(level.shape, np.float32)
    deep, at, ground = depth.reshape(-1), level.reshape(-1), z.reshape(-1)
    river = net.cell[surface > net.height_m]
    bed = np.minimum(ground[river], net.height_m[surface > net.height_m])
    river, bed = river[at[river] > -np.inf], bed[at[river] > -np.inf]
    deep[river] = np.maximum(at[river] - bed, LEAST_M)
    shore = np.flatnonzero(_beside_sea(kind) & (level > -np.inf) & (depth == 0))
    deep[shore] = np.maximum(at[shore] - ground[shore], LEAST_M)
    queue = np.empty(level.size, np.int32)
    begun = np.concatenate([river, shore])
    queue[: begun.size] = begun
    _flow_over(level, z, kind, depth, queue, begun.size)
    return depth


def _beside_sea(kind: np.ndarray) -> np.ndarray:
    """The land that has the sea at one of its sides."""
    sea, beside = kind == SEA, np.zeros(kind.shape, bool)
    beside[1:] |= sea[:-1]
    beside[:-1] |= sea[1:]
    beside[:, 1:] |= sea[:, :-1]
    beside[:, :-1] |= sea[:, 1:]
    return beside & (kind == LAND)


@njit(cache=True, nogil=True)
def _flow_over(level, z, kind, depth, queue, tail):
    """Depth over all that joins the cells queued side to side."""
    rows, cols = level.shape
    head = 0
    while head < tail:
        r, c = queue[head] // cols, queue[head] % cols
        head += 1
        for k in range(4):
            nr, nc = r + (k == 0) - (k == 1), c + (k == 2) - (k == 3)
            if nr < 0 or nr >= rows or nc < 0 or nc >= cols or kind[nr, nc] != LAND:
                continue
            if depth[nr, nc] == 0 and level[nr, nc] > z[nr, nc]:
                depth[nr, nc] = level[nr, nc] - z[nr, nc]
                queue[tail] = nr * cols + nc
                tail += 1


def trust_of(
    depth: np.ndarray, level: np.ndarray, place: np.ndarray, surface: np.ndarray,
    trust: np.ndarray, sea: np.float32,
) -> np.ndarray:  # fmt: skip
    """Trust by wet cell: its drain's, and less where the water came over a divide (float32)."""
    out = np.zeros(depth.shape, np.float32)
    wet = np.flatnonzero(depth)
    at = place.reshape(-1)[wet]
    drained = at >= 0
    own, value = np.full(wet.size, sea, np.float32), np.full(wet.size, UNGAUGED, np.float32)
    own[drained], value[drained] = surface[at[drained]], trust[at[drained]]
    value[level.reshape(-1)[wet] > own] *= np.float32(SPILLED)
    out.reshape(-1)[wet] = value
    return out
