"""Height above nearest drainage, the drains as a network, and the catchment of each reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from environment.terrain.conditioning import DC, DR, NO_FLOW, OUTLET, SEA, longer
from environment.terrain.flow import STEP, down_of

NO_DRAIN, AT_SEA = -1, -2
UNKNOWN = -3


class Network(NamedTuple):
    """The cells of the drains, each after the one it drains to.

    `cell` linear index, `down` position in these arrays or NO_DRAIN (leaves the terrain) or AT_SEA,
    `step_m` way to that one, `height_m` conditioned height, `total` cells drained, `reach` number.
    """

    cell: np.ndarray
    down: np.ndarray
    step_m: np.ndarray
    height_m: np.ndarray
    total: np.ndarray
    reach: np.ndarray


@njit(cache=True, nogil=True)
def carve_rivers(z, d8, rivers, floor):
    """Heights along mapped rivers lowered in place so that none rises downstream.

    Where the terrain shows a bridge or trees over a river, the river goes through; `floor` is a
    level below which nothing is carved (the sea's), or -inf.
    """
    rows, cols = z.shape
    waiting = np.zeros((rows, cols), np.uint8)
    for r in range(rows):
        for c in range(cols):
            if rivers[r, c]:
                below = down_of(d8, r * cols + c)
                if below >= 0 and rivers[below // cols, below % cols]:
                    waiting[below // cols, below % cols] += 1
    for r in range(rows):
        for c in range(cols):
            if not rivers[r, c] or waiting[r, c] != 0:
                continue
            cell = np.int64(r * cols + c)
            while waiting[cell // cols, cell % cols] == 0:
                waiting[cell // cols, cell % cols] = 255
                below = down_of(d8, cell)
                if below < 0 or not rivers[below // cols, below % cols]:
                    break
                here = max(z[cell // cols, cell % cols], floor)
                br, bc = below // cols, below % cols
                if here < z[br, bc]:
                    z[br, bc] = here
                waiting[br, bc] -= 1
                cell = below
    return z


def above_drains(
    z: np.ndarray, d8: np.ndarray, drain: np.ndarray, kind: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """Height above the drain that each cell drains to, and that drain's place in the network.

    `z` is raised in place to the highest point on each cell's way down: the height water must
    reach to come back up that way. So the result (float32, m) is never negative, and where no
    river was burned the raised grid is the filled one. Cells that reach no drain are NaN and
    NO_DRAIN; the sea, which lies at one level, is 0 and AT_SEA. The last result is the number of
    drain cells; each comes after the one it drains to.
    """
    hand, place = np.full(z.shape, np.nan, np.float32), np.full(z.shape, UNKNOWN, np.int32)
    return hand, place, _above(z, d8, drain, kind, hand, place)


@njit(cache=True, nogil=True)
def _above(z, d8, drain, kind, hand, place):  # noqa: C901
    cols = z.shape[1]
    flat, ways, kinds, drained = z.ravel(), d8.ravel(), kind.ravel(), drain.ravel()
    above, places = hand.ravel(), place.ravel()
    base = np.empty(1024, np.float32)  # height of each drain, by its place
    path = np.empty(1024, np.int32)
    count = 0
    for start in range(flat.size):
        cell, length = np.int64(start), 0
        while cell >= 0 and places[cell] == UNKNOWN:
            if length == path.size:
                path = longer(path)
            path[length] = cell
            length += 1
            k = STEP[ways[cell]]
            cell = cell + DR[k] * cols + DC[k] if k >= 0 else np.int64(-1)
        below = cell
        for n in range(length - 1, -1, -1):
            cell = np.int64(path[n])
            if below >= 0 and flat[below] > flat[cell]:
                flat[cell] = flat[below]
            if ways[cell] == NO_FLOW:
                places[cell] = NO_DRAIN
            elif ways[cell] == OUTLET and kinds[cell] == SEA:
                places[cell], above[cell] = AT_SEA, 0.0
            elif drained[cell]:
                if count == base.size:
                    base = longer(base)
                base[count] = flat[cell]
                places[cell], above[cell] = count, 0.0
                count += 1
            elif below < 0:
                places[cell] = NO_DRAIN
            else:
                places[cell] = places[below]
                if places[below] >= 0:
                    above[cell] = flat[cell] - base[places[below]]
                elif places[below] == AT_SEA:
                    above[cell] = above[below] + (flat[cell] - flat[below])
            below = cell
    return count


@njit(cache=True, nogil=True)
def _network(z, d8, drain, kind, place, total, dx, dy, count):
    cols = z.shape[1]
    cells, down = np.empty(count, np.int64), np.empty(count, np.int32)
    step, height = np.zeros(count, np.float32), np.empty(count, np.float32)
    area, inflows = np.empty(count, np.int32), np.zeros(count, np.int32)
    for r in range(z.shape[0]):
        for c in range(cols):
            here = place[r, c]
            if here < 0 or drain[r, c] == 0:
                continue
            cells[here], height[here], area[here] = r * cols + c, z[r, c], total[r, c]
            below = down_of(d8, r * cols + c)
            down[here] = place[below // cols, below % cols] if below >= 0 else NO_DRAIN
            if below >= 0:
                east, south = (below % cols - c) * dx[r], (below // cols - r) * dy
                step[here] = np.sqrt(east * east + south * south)
            if down[here] >= 0:
                inflows[down[here]] += 1
    reach = np.empty(count, np.int32)
    reaches = 1  # 1 is the sea
    for here in range(count):
        if down[here] < 0 or inflows[down[here]] > 1:
            reaches += 1
            reach[here] = reaches
        else:
            reach[here] = reach[down[here]]
    return cells, down, step, height, area, reach


def network(z, d8, drain, kind, place, total, dx, dy, count) -> Network:
    """The drains of a terrain that `above_drains` has been over; a reach ends at a confluence."""
    return Network(*_network(z, d8, drain, kind, place, total, dx, dy, count))


@njit(cache=True, nogil=True)
def catchments(place, reach):
    """The number of the reach that each cell drains to (int32); 1 is the sea, 0 none."""
    found = np.zeros(place.shape, np.int32)
    for r in range(place.shape[0]):
        for c in range(place.shape[1]):
            if place[r, c] >= 0:
                found[r, c] = reach[place[r, c]]
            elif place[r, c] == AT_SEA:
                found[r, c] = 1
    return found
