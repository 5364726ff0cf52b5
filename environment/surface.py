"""A surface of air quality between stations, only where leaving one out shows that it holds.

Inverse distance (power 2) over metric coordinates. Each station is foretold from the others; the
surface is given where its error is clearly below that of saying the same everywhere, and only
within reach of stations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from environment.words import counted

LEAST_STATIONS = 5
BETTER_THAN = 0.8
CELLS = 60


@dataclass(frozen=True)
class Proof:
    """Errors of foretelling each station from the others (same unit as the values)."""

    stations: int
    error: float
    flat_error: float
    reach_m: float

    @property
    def holds(self) -> bool:
        return self.stations >= LEAST_STATIONS and self.error <= BETTER_THAN * self.flat_error

    def why_not(self) -> tuple[str, str]:
        if self.stations < LEAST_STATIONS:
            only = counted(self.stations, "station")
            return (
                f"Chỉ có {self.stations} trạm; cần ít nhất {LEAST_STATIONS} để vẽ bề mặt.",
                f"Only {only}; a surface needs at least {LEAST_STATIONS}.",
            )
        return (
            f"Bề mặt không đáng tin: bỏ từng trạm ra, sai số {self.error:.0f} không nhỏ hơn rõ rệt "
            f"so với một giá trị chung ({self.flat_error:.0f}).",
            f"A surface would mislead: leaving out each station, its error of {self.error:.0f} is "
            f"not clearly below that of one value for all ({self.flat_error:.0f}).",
        )


def prove(xy: np.ndarray, values: np.ndarray) -> Proof:
    """Leave-one-out errors. `xy` metres, shape (n, 2)."""
    n = len(values)
    if n < 2:
        return Proof(n, float("inf"), float("inf"), 0.0)
    d = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    np.fill_diagonal(d, np.inf)
    weights = 1 / np.maximum(d, 1.0) ** 2
    told = weights @ values / weights.sum(axis=1)
    flat = (values.sum() - values) / (n - 1)
    rms = lambda e: float(np.sqrt(np.mean(e**2)))  # noqa: E731
    return Proof(n, rms(told - values), rms(flat - values), float(np.median(d.min(axis=1))) * 1.5)


def grid(
    xy: np.ndarray, values: np.ndarray, proof: Proof, cells: int = CELLS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Axes x and y (m) and values with NaN out of reach of every station."""
    low, high = xy.min(axis=0) - proof.reach_m, xy.max(axis=0) + proof.reach_m
    x, y = np.linspace(low[0], high[0], cells), np.linspace(low[1], high[1], cells)
    gx, gy = np.meshgrid(x, y)
    d2 = (gx[..., None] - xy[:, 0]) ** 2 + (gy[..., None] - xy[:, 1]) ** 2
    weights = 1 / np.maximum(d2, 1.0)
    found = (weights * values).sum(axis=-1) / weights.sum(axis=-1)
    found[np.sqrt(d2.min(axis=-1)) > proof.reach_m] = np.nan
    return x, y, found


def stations_xy(lonlat: Sequence[tuple[float, float]], srid: int) -> np.ndarray:
    """Positions in the city's metric CRS."""
    from pyproj import Transformer

    there = Transformer.from_crs(4326, srid, always_xy=True)
    return np.array([there.transform(*p) for p in lonlat], float).reshape(-1, 2)


def lonlat_grid(
    xy: np.ndarray, values: np.ndarray, proof: Proof, srid: int
) -> tuple[list[float], list[float], np.ndarray]:
    """The grid by longitude and latitude; over a city the axes stay straight to a few metres."""
    from pyproj import Transformer

    x, y, found = grid(xy, values, proof)
    back = Transformer.from_crs(srid, 4326, always_xy=True)
    lon, _ = back.transform(x, np.full_like(x, y.mean()))
    _, lat = back.transform(np.full_like(y, x.mean()), y)
    return [round(float(v), 5) for v in lon], [round(float(v), 5) for v in lat], found
