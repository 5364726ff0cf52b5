"""The water surface along the drains: what gauges and the sea say, and how far that is believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from environment.terrain.hand import AT_SEA, Network

TRUST_M = 10_000.0
"""Way along the river after which a gauge's word is worth 1/e."""
UNGAUGED = 0.7


class Gauge(NamedTuple):
    """A place in the network and how far the water there stands above the drain's height, m."""

    place: int
    rise_m: float


@njit(cache=True, nogil=True)
def main_branches(down, total):
    """Of the branches that meet in each drain cell, the one with most behind it; -1 at sources."""
    main = np.empty(down.size, np.int32)
    for n in range(down.size):
        main[n] = -1
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
def _upwards(down, step, height, main, sea, surface, way, known, stem):
    """Surface, way and worth of what no gauge stands below of, from the mouths up."""
    for n in range(down.size):  # each after what it drains to
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


def along(network: Network, gauges: Sequence[Gauge], sea_m: float) -> tuple[Any, Any]:
    """Water surface (m) and trust at each drain cell (float32).

    Between gauges, and between a gauge and the sea, the rise above the drain changes evenly with
    the way. Above the highest gauge of a river the rise stays; in side rivers without a gauge the
    water stands level with where they join (backwater). Nothing falls as a stage rises.
    """
    down, step, height = network.down, network.step_m, network.height_m
    below = _mouth_ways(down, step)
    gauges = sorted(gauges, key=lambda gauge: below[gauge.place])
    places = np.array([gauge.place for gauge in gauges], np.int32)
    rises = np.array([max(0.0, gauge.rise_m) for gauge in gauges], np.float64)
    surface, way = np.full(down.size, -np.inf), np.full(down.size, np.inf)
    known, stem = np.ones(down.size), np.zeros(down.size, bool)
    stem[places] = True
    _between(down, step, height, places, rises, float(sea_m), surface, way)
    main = main_branches(down, network.total)
    _upwards(down, step, height, main, float(sea_m), surface, way, known, stem)
    trust = known * np.exp(-way / TRUST_M)
    return surface.astype(np.float32), trust.astype(np.float32)


@njit(cache=True, nogil=True)
def _mouth_ways(down, step):
    """Metres from each drain cell to where its river ends."""
    way = np.zeros(down.size)
    for n in range(down.size):
        way[n] = step[n] + (way[down[n]] if down[n] >= 0 else 0.0)
    return way
