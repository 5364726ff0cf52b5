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
def _push(keys, cells, n, key, cell):
    """A cell into the binary heap of n; the arrays, grown where they were full."""
    if n == keys.size:
        more_keys, more_cells = np.empty(2 * n, np.float32), np.empty(2 * n, np.int32)
        more_keys[:n], more_cells[:n] = keys, cells
        keys, cells = more_keys, more_cells
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
    return DR * cols + DC


@njit(cache=True, nogil=True)
def _seeds(z, kind, done, keys, cells):
    """Where water leaves, on the heap; no data is done and too high to be a neighbour.

    `done` is 1, or 2 at the edge of the grid, where neighbours are to be checked for bounds.
    """
    rows, cols = z.shape
    n = 0
    for r in range(rows):
        for c in range(cols):
            if kind[r, c] == OUTSIDE or kind[r, c] == HOLE:
                z[r, c] = np.float32(np.inf)
                done[r * cols + c] = 1
            elif kind[r, c] == SEA or _is_rim(kind, r, c):
                edge = r == 0 or c == 0 or r == rows - 1 or c == cols - 1
                done[r * cols + c] = 2 if edge else 1
                keys, cells = _push(keys, cells, n, z[r, c], r * cols + c)
                n += 1
    return keys, cells, n


@njit(cache=True, nogil=True)
def _waits(z, done, cell, around):
    """Whether a neighbour no higher, known but not yet looked at, will reach this cell."""
    found = False
    for k in range(8):
        found = found or (done[cell + around[k]] != 0 and z[cell + around[k]] <= z[cell])
    return found


def fill_depressions(grid: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """The grid raised in place to where each cell can spill: the lowest such surface.

    No data becomes +inf. Priority flood with a plain queue for pits and for rising ground, so
    that few cells go through the heap. Source: Barnes et al. 2014
    (doi 10.1016/j.cageo.2013.04.024); Zhou et al. 2016 (doi 10.1016/j.cageo.2016.02.021).
    """
    # Large arrays are numpy's, not the compiler's: numpy asks the system for large pages.
    return _fill(grid, kind, np.zeros(grid.size, np.uint8))


@njit(cache=True, nogil=True)
def _fill(grid, kind, done):
    rows, cols = grid.shape
    keys, cells = np.empty(4096, np.float32), np.empty(4096, np.int32)
    keys, cells, n = _seeds(grid, kind, done, keys, cells)
    z, around = grid.ravel(), offsets(cols)
    queue = np.empty(4096, np.int32)
    while n > 0:
        queue[0] = _pop(keys, cells, n)
        n -= 1
        base = z[queue[0]]
        head, tail = 0, 1
        while head < tail:
            cell = np.int64(queue[head])
            head += 1
            level = z[cell]
            back, edge = False, done[cell] == 2
            if tail + 8 > queue.size:
                more = np.empty(2 * queue.size, np.int32)
                more[:tail] = queue[:tail]
                queue = more
            for k in range(8):
                there = cell + around[k]
                if edge and not _inside(cell, k, rows, cols):
                    continue
                if done[there]:
                    continue
                if z[there] < level:
                    if level > base:
                        # Lower ground beyond a slope: a lower way to it may yet be found.
                        back = back or not _waits(z, done, there, around)
                        continue
                    z[there] = level
                done[there] = 1
                queue[tail] = there
                tail += 1
            if back:
                keys, cells = _push(keys, cells, n, level, cell)
                n += 1
    return grid


@njit(cache=True, nogil=True)
def _inside(cell, k, rows, cols):
    r, c = cell // cols + DR[k], cell % cols + DC[k]
    return 0 <= r < rows and 0 <= c < cols
