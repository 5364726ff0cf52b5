"""Terrain from which every cell drains: depressions filled, flats given a direction.

Grids are float32 metres of shape (rows, columns). `kind` (uint8, same shape) says what a cell is:
OUTSIDE (no data that touches the edge: water leaves there), LAND, SEA (sea and lagoon: a drain at
its own level) or HOLE (no data within the land: water goes round it).
"""

from __future__ import annotations

import numpy as np
from numba import njit

OUTSIDE, LAND, SEA, HOLE = 0, 1, 2, 3
# Clockwise from east; codes are Esri's powers of two. 0 is an outlet, 247 is no data.
DR = np.array([0, 1, 1, 1, 0, -1, -1, -1], np.int64)
DC = np.array([1, 1, 0, -1, -1, -1, 0, 1], np.int64)
CODE = np.array([1, 2, 4, 8, 16, 32, 64, 128], np.uint8)
OUTLET, NO_FLOW = 0, 247
UNSET = 255


@njit(cache=True, nogil=True)
def _is_rim(kind, r, c):
    """Whether water can leave the terrain from this cell."""
    rows, cols = kind.shape
    for k in range(8):
        nr, nc = r + DR[k], c + DC[k]
        if nr < 0 or nr >= rows or nc < 0 or nc >= cols or kind[nr, nc] == OUTSIDE:
            return True
    return False


@njit(cache=True, nogil=True)
def offsets(cols):
    """The eight neighbours as differences of linear indices."""
    around = np.empty(8, np.int64)
    for k in range(8):
        around[k] = DR[k] * cols + DC[k]
    return around


@njit(cache=True, nogil=True)
def longer(array):
    """A copy with room for as much again. (A slice assigned would take seconds to compile.)"""
    more = np.empty(2 * array.size, array.dtype)
    for n in range(array.size):
        more[n] = array[n]
    return more


# What _ways_to_lower says: 0 to 3 of those seen before, 4 to 7 of those to come, or none.
EARLIER, NONE_LOWER, DRAINS = 4, 8, 9
INF = np.float32(np.inf)


def fill_depressions(grid: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """The grid raised in place to where each cell can spill: the lowest such surface.

    No data becomes +inf. Land that no water can leave, within a hole, stays as it is. Every cell
    goes down to one pit, so the land falls into basins; each basin joins the one beyond its lowest
    pass, all at once and again, until all have joined the outside, and a cell is raised to the
    highest pass on its basin's way. No queue: the terrain is read row by row. Source: Cordonnier,
    Bovy and Braun 2019 (doi 10.5194/esurf-7-549-2019); Borůvka 1926.
    """
    # Arrays are numpy's, not the compiler's: numpy asks the system for large pages.
    grid[(kind == OUTSIDE) | (kind == HOLE)] = INF
    basin = np.zeros(grid.shape, np.int32)
    z, basins = grid.reshape(-1), basin.reshape(-1)
    count = _basins(grid, kind, basins)
    root, parent = np.arange(count, dtype=np.int32), np.full(count, -1, np.int32)
    level, where = np.full(count, -INF, np.float32), np.empty(count, np.int32)
    live, left, before = root[1:].copy(), count - 1, count
    while left < before:
        level[live[:left]] = INF
        _lowest_passes(grid, basin, root, level, where)
        _follow(z, basins, root, parent, level, where, live[:left], grid.shape[1])
        before, left = left, _join(root, parent, live, left)
    _raise(z, basins, root, parent, level)
    return grid


@njit(cache=True, nogil=True)
def _ways_to_lower(up, here, down, ways):
    """The lowest neighbour already seen, if no higher; else the lowest of the others, if lower.

    No branch, so that the compiler takes many cells at once.
    """
    for c in range(1, here.size - 1):
        z = here[c]
        low, way = here[c - 1], np.uint8(0)
        low, way = (up[c - 1], np.uint8(1)) if up[c - 1] < low else (low, way)
        low, way = (up[c], np.uint8(2)) if up[c] < low else (low, way)
        low, way = (up[c + 1], np.uint8(3)) if up[c + 1] < low else (low, way)
        deep, other = z, np.uint8(NONE_LOWER)
        deep, other = (here[c + 1], np.uint8(4)) if here[c + 1] < deep else (deep, other)
        deep, other = (down[c + 1], np.uint8(5)) if down[c + 1] < deep else (deep, other)
        deep, other = (down[c], np.uint8(6)) if down[c] < deep else (deep, other)
        deep, other = (down[c - 1], np.uint8(7)) if down[c - 1] < deep else (deep, other)
        ways[c] = way if low <= z else other


@njit(cache=True, nogil=True)
def _mark_drains(up, here, down, ways):
    """DRAINS where water leaves, and where there is no land."""
    for c in range(1, here.size - 1):
        rim = (here[c] != LAND) | (here[c - 1] == OUTSIDE) | (here[c + 1] == OUTSIDE)
        rim |= (up[c - 1] == OUTSIDE) | (up[c] == OUTSIDE) | (up[c + 1] == OUTSIDE)
        rim |= (down[c - 1] == OUTSIDE) | (down[c] == OUTSIDE) | (down[c + 1] == OUTSIDE)
        ways[c] = np.uint8(DRAINS) if rim else ways[c]


@njit(cache=True, nogil=True)
def _basins(grid, kind, basin):
    """The basin of each cell into `basin`, zero before: 0 drains outside; the number of them."""
    rows, cols = grid.shape
    step = np.array([-1, -cols - 1, -cols, 1 - cols, 1, cols + 1, cols, cols - 1], np.int64)
    ways = np.empty(cols, np.uint8)
    count = 1
    for r in range(1, rows - 1):  # at the edge of the grid all is outside
        _ways_to_lower(grid[r - 1], grid[r], grid[r + 1], ways)
        _mark_drains(kind[r - 1], kind[r], kind[r + 1], ways)
        for c in range(1, cols - 1):
            cell, way = r * cols + c, ways[c]
            if way < EARLIER:
                basin[cell] = basin[cell + step[way]]
            elif way < NONE_LOWER:
                basin[cell] = -(cell + step[way])  # as that cell, of which nothing is known yet
            elif way == NONE_LOWER:
                basin[cell] = count
                count += 1
    for cell in range(basin.size - 1, -1, -1):
        at = cell
        while basin[at] < 0:
            there = -basin[at]
            if basin[there] < 0:
                basin[at] = basin[there]
            at = there
        basin[cell] = basin[at]
    return count


@njit(cache=True, nogil=True)
def _row_passes(z_up, z, z_down, up, here, down, low):
    """How high water must rise in each cell of a row to enter another basin; +inf within one."""
    for c in range(1, z.size - 1):
        own = here[c]
        least = z_up[c - 1] if up[c - 1] != own else INF
        least = min(least, z_up[c] if up[c] != own else INF)
        least = min(least, z_up[c + 1] if up[c + 1] != own else INF)
        least = min(least, z[c - 1] if here[c - 1] != own else INF)
        least = min(least, z[c + 1] if here[c + 1] != own else INF)
        least = min(least, z_down[c - 1] if down[c - 1] != own else INF)
        least = min(least, z_down[c] if down[c] != own else INF)
        least = min(least, z_down[c + 1] if down[c + 1] != own else INF)
        low[c] = max(least, z[c])


@njit(cache=True, nogil=True)
def _lowest_passes(z, basin, root, level, where):
    """The lowest pass out of each basin into `level`, and on which of its cells, into `where`."""
    rows, cols = z.shape
    joined, low = np.empty((3, cols), np.int32), np.empty(cols, np.float32)
    for r in range(rows):
        newest = joined[r % 3]
        for c in range(cols):
            newest[c] = root[basin[r, c]]
        if r < 2:
            continue
        here = joined[(r - 1) % 3]
        _row_passes(z[r - 2], z[r - 1], z[r], joined[(r - 2) % 3], here, newest, low)
        for c in range(1, cols - 1):
            if low[c] < level[here[c]]:
                level[here[c]], where[here[c]] = low[c], (r - 1) * cols + c


@njit(cache=True, nogil=True)
def _follow(z, basin, root, parent, level, where, live, cols):
    """The basin beyond each live one's lowest pass, into `parent`."""
    around = offsets(cols)
    for n in range(live.size):
        own = live[n]
        if level[own] == INF:  # there is none: within a hole
            continue
        for k in range(8):
            there = where[own] + around[k]
            other = root[basin[there]]
            if other != own and z[there] <= level[own]:
                parent[own] = other
                break


@njit(cache=True, nogil=True)
def _join(root, parent, live, count):
    """`root` and `live` once basins have parents; how many are left to join."""
    for n in range(count):
        start = node = live[n]
        while root[node] == node and parent[node] >= 0:
            root[node] = -start
            node = parent[node]
        if root[node] == -start:  # a ring, all of one level: whichever stays for the others
            at, parent[node], root[node] = parent[node], -1, node
            while at != node:
                root[at], at = node, parent[at]
        end, node = root[node], start
        while root[node] == -start:
            root[node], node = end, parent[node]
    left = 0
    for n in range(count):
        if root[live[n]] == live[n]:
            live[left] = live[n]
            left += 1
    for b in range(root.size):
        root[b] = root[root[b]]
    return left


@njit(cache=True, nogil=True)
def _raise(z, basin, root, parent, level):
    """Each cell of `z` raised to the highest pass on its basin's way out; `root` is used up."""
    path = np.empty(root.size, np.int32)
    for start in range(root.size):
        node, length = start, 0
        while node >= 0 and root[node] >= 0:
            root[node] = -1
            path[length] = node
            length += 1
            node = parent[node]
        high = level[node] if node >= 0 else -INF
        for n in range(length - 1, -1, -1):
            high = max(high, level[path[n]])
            level[path[n]] = high
    for cell in range(z.size):
        to = level[basin[cell]]
        z[cell] = to if (to > z[cell]) & (to < INF) else z[cell]
