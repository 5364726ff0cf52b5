"""Where water goes on conditioned terrain: steepest directions, and how much comes together.

Directions are D8 (uint8) in Esri's powers of two: 1 east, 2 south-east, … 128 north-east; 0 where
water leaves the terrain, 247 where there is no data. `dx` is metres per cell from west to east by
row (float64), `dy` from north to south.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from environment.terrain.conditioning import (
    CODE,
    DC,
    DR,
    LAND,
    NO_FLOW,
    OUTLET,
    SEA,
    UNSET,
    _is_rim,
    longer,
    offsets,
)

TAKEN = 254
STEP = np.full(256, -1, np.int64)
STEP[CODE] = np.arange(8)


@njit(cache=True, nogil=True)
def down_of(d8, cell):
    """The cell that a cell drains to, as a linear index; -1 where water leaves or is none."""
    cols = d8.shape[1]
    k = STEP[d8[cell // cols, cell % cols]]
    return cell + DR[k] * cols + DC[k] if k >= 0 else np.int64(-1)


def directions(z: np.ndarray, kind: np.ndarray, dx: np.ndarray, dy: float) -> np.ndarray:
    """The way of steepest descent from each cell of filled terrain; level ground is resolved.

    Steepest is drop by distance, diagonals counted in full length; of equals the first clockwise
    from east. A cell with nothing lower beside it is an outlet at the rim, else level ground.
    """
    d8 = np.full(z.shape, NO_FLOW, np.uint8)
    if _steepest(z, kind, dx, dy, d8):
        _resolve_flats(z, d8, np.zeros(z.size, np.int32), np.zeros(z.size, np.int32))
    return d8


@njit(cache=True, nogil=True)
def _steepest(z, kind, dx, dy, d8):
    rows, cols = z.shape
    level = 0
    by = np.empty(8, np.float32)
    for r in range(rows):
        for k in range(8):
            east, south = DC[k] * dx[r], DR[k] * dy
            by[k] = 1.0 / np.sqrt(east * east + south * south)
        inner = 0 < r < rows - 1
        if inner:
            _row(z[r - 1], z[r], z[r + 1], by[0], by[1], by[2], d8[r])
        for c in range(cols):
            if kind[r, c] != LAND:
                d8[r, c] = OUTLET if kind[r, c] == SEA else NO_FLOW
                continue
            if not inner or c == 0 or c == cols - 1:
                d8[r, c] = _edge_way(z, r, c, by)
            if d8[r, c] == UNSET:
                if _is_rim(kind, r, c):
                    d8[r, c] = OUTLET
                else:
                    level += 1
    return level


@njit(cache=True, nogil=True)
def _row(up, here, down, across, slant, along, ways):
    """The steepest ways of a row but its ends, or UNSET: eight cells at once on a usual machine.

    Each neighbour in turn, clockwise from east, and no branch, so that the compiler can. No data
    is +inf, and never lower. `across`, `slant`, `along`: one by the distance.
    """
    for c in range(1, here.size - 1):
        z, best, way = here[c], np.float32(0.0), np.uint8(UNSET)
        drop = (z - here[c + 1]) * across
        best, way = (drop, np.uint8(1)) if drop > best else (best, way)
        drop = (z - down[c + 1]) * slant
        best, way = (drop, np.uint8(2)) if drop > best else (best, way)
        drop = (z - down[c]) * along
        best, way = (drop, np.uint8(4)) if drop > best else (best, way)
        drop = (z - down[c - 1]) * slant
        best, way = (drop, np.uint8(8)) if drop > best else (best, way)
        drop = (z - here[c - 1]) * across
        best, way = (drop, np.uint8(16)) if drop > best else (best, way)
        drop = (z - up[c - 1]) * slant
        best, way = (drop, np.uint8(32)) if drop > best else (best, way)
        drop = (z - up[c]) * along
        best, way = (drop, np.uint8(64)) if drop > best else (best, way)
        drop = (z - up[c + 1]) * slant
        ways[c] = np.uint8(128) if drop > best else way


@njit(cache=True, nogil=True)
def _edge_way(z, r, c, by):
    rows, cols = z.shape
    best, way = np.float32(0.0), np.uint8(UNSET)
    for k in range(8):
        nr, nc = r + DR[k], c + DC[k]
        if 0 <= nr < rows and 0 <= nc < cols:
            drop = (z[r, c] - z[nr, nc]) * by[k]
            if drop > best:
                best, way = drop, CODE[k]
    return way


@njit(cache=True, nogil=True)
def _flat_of(z, d8, first, part, around):
    """The level cells without a way that join one, in `part` and marked TAKEN; how many."""
    d8[first] = TAKEN
    part[0] = first
    head, tail = 0, 1
    while head < tail:
        cell = np.int64(part[head])
        head += 1
        if tail + 8 > part.size:
            part = longer(part)
        for k in range(8):
            there = cell + around[k]
            if there < 0 or there >= d8.size:  # beside the edge: such a cell has no way across
                continue
            if d8[there] == UNSET and z[there] == z[cell]:
                d8[there] = TAKEN
                part[tail] = there
                tail += 1
    return part, tail


@njit(cache=True, nogil=True)
def _spread(d8, queue, tail, far, around):
    """Steps from the cells queued, over the flat that is TAKEN, written into `far`."""
    head = 0
    while head < tail:
        cell = np.int64(queue[head])
        head += 1
        for k in range(8):
            there = cell + around[k]
            if there < 0 or there >= d8.size:
                continue
            if d8[there] == TAKEN and far[there] == 0:
                far[there] = far[cell] + 1
                queue[tail] = there
                tail += 1


@njit(cache=True, nogil=True)
def _flat_edges(z, d8, part, count, near, away, low, high, around):
    """Where level ground is left (in `low`) and where it meets a rise (in `high`)."""
    lows = highs = 0
    for n in range(count):
        cell = np.int64(part[n])
        rises = False
        for k in range(8):
            there = cell + around[k]
            if z[there] > z[cell] and d8[there] != NO_FLOW:
                rises = True
            elif z[there] == z[cell] and d8[there] != TAKEN and near[there] == 0:
                near[there] = 1
                low[lows] = there
                lows += 1
        if rises:
            away[cell] = 1
            high[highs] = cell
            highs += 1
    return lows, highs


@njit(cache=True, nogil=True)
def _resolve_flats(grid, ways, near, away):
    """Directions on level ground: towards where it is left, away from what rises around it.

    `near` and `away`, zero before, take the steps from the way out (1 there) and from higher
    ground. No height is changed, however wide the flat. One flat after the other, so that what
    is looked at lies close together. Source: Barnes et al. 2014
    (doi 10.1016/j.cageo.2013.01.009), after Garbrecht and Martz 1997.
    """
    z, d8, around = grid.ravel(), ways.ravel(), offsets(grid.shape[1])
    part = np.empty(1024, np.int32)
    low, high = np.empty(1024, np.int32), np.empty(1024, np.int32)
    for first in range(d8.size):
        if d8[first] != UNSET:
            continue
        part, count = _flat_of(z, d8, first, part, around)
        if low.size < 9 * count:
            low, high = np.empty(18 * count, np.int32), np.empty(2 * count, np.int32)
        lows, highs = _flat_edges(z, d8, part, count, near, away, low, high, around)
        _spread(d8, low, lows, near, around)
        _spread(d8, high, highs, away, around)
        for n in range(count):
            cell = np.int64(part[n])
            best, way = 2 * near[cell] - away[cell], -1
            for k in range(8):
                there = cell + around[k]
                if near[there] and z[there] == z[cell]:
                    # The way out itself lies on no slope away from higher ground: it comes first.
                    rank = 2 * near[there] - away[there] if near[there] > 1 else -(1 << 30)
                    if rank < best:
                        best, way = rank, k
            d8[cell] = CODE[way]
        for n in range(lows):  # of the way out, not of the flat: another may be left by it as well
            near[low[n]] = 0


def accumulate(d8: np.ndarray) -> np.ndarray:
    """The number of cells that drain through each cell, itself included (int32).

    Sums over outlets to the number of cells with data. Follows each stream once, from its source.
    """
    return _accumulate(d8, np.zeros(d8.shape, np.int32), np.zeros(d8.size, np.uint8))


@njit(cache=True, nogil=True)
def _accumulate(d8, total, waiting):
    rows, cols = d8.shape
    flat = total.ravel()
    ways = d8.ravel()
    for cell in range(rows * cols):
        if ways[cell] != NO_FLOW:
            flat[cell] = 1
            k = STEP[ways[cell]]
            if k >= 0:
                waiting[cell + DR[k] * cols + DC[k]] += 1
    for source in range(rows * cols):
        if waiting[source] != 0 or ways[source] == NO_FLOW:
            continue
        cell = source
        while waiting[cell] == 0:
            waiting[cell] = 255
            k = STEP[ways[cell]]
            if k < 0:
                break
            below = cell + DR[k] * cols + DC[k]
            flat[below] += flat[cell]
            waiting[below] -= 1
            cell = below
    return total


@njit(cache=True, nogil=True)
def drains(total, d8, kind, rivers, least):
    """Where water runs (uint8, 1): `least` cells or more come together, a mapped river, the sea.

    What a mapped river drains to is a drain as well, down to the next one, so that no drain ends
    in the middle of the land.
    """
    rows, cols = total.shape
    found = np.zeros((rows, cols), np.uint8)
    for r in range(rows):
        for c in range(cols):
            if kind[r, c] == SEA or (kind[r, c] == LAND and total[r, c] >= least):
                found[r, c] = 1
    for r in range(rows):
        for c in range(cols):
            if rivers[r, c] and kind[r, c] == LAND:
                cell = np.int64(r * cols + c)
                while cell >= 0 and found[cell // cols, cell % cols] == 0:
                    found[cell // cols, cell % cols] = 1
                    cell = down_of(d8, cell)
    return found
