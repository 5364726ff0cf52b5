"""Fewer positions that still say where a boat was and when."""

import numpy as np
from numpy.typing import NDArray

from vessels.science.tracks import Floats, Track, degree_m, wrapped


def time_ratio(track: Track, tolerance_m: float) -> NDArray[np.intp]:
    """Ascending indices of the positions to keep, first and last included.

    At the time of every position left out, the straight line between the kept ones around it is
    within ``tolerance_m`` metres of it: a stop stays a stop, which keeping the shape alone loses.
    Source: Meratnia and de By, Spatiotemporal compression techniques for moving point objects,
    EDBT 2004 (top-down time ratio).
    """
    keep = np.zeros(len(track), bool)
    if len(track):
        keep[[0, -1]] = True
    columns = (track["t"], *_plane(track))
    waiting = [(0, len(track) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        worst, far2 = _worst(columns, first, last)
        if far2 > tolerance_m**2:
            keep[worst] = True
            waiting += [(first, worst), (worst, last)]
    return np.flatnonzero(keep)


def _plane(track: Track) -> tuple[Floats, ...]:
    """Degrees east and north of the first position, and metres of both at each position."""
    if not len(track):
        return (np.empty(0),) * 4
    lon, lat = wrapped(track["lon"] - track["lon"][0]), track["lat"] - track["lat"][0]
    return (lon, lat, *degree_m(track["lat"]))


def _worst(columns: tuple[Floats, ...], first: int, last: int) -> tuple[int, float]:
    """The position farthest from the line at its own time, and the square of how far, in metres."""
    t, lon, lat, east_m, north_m = columns
    inner = slice(first + 1, last)
    share = (t[inner] - t[first]) / (t[last] - t[first])
    off_lon = lon[first] + share * (lon[last] - lon[first]) - lon[inner]
    off_lat = lat[first] + share * (lat[last] - lat[first]) - lat[inner]
    far2 = (off_lon * east_m[inner]) ** 2 + (off_lat * north_m[inner]) ** 2
    worst = int(far2.argmax())
    return first + 1 + worst, float(far2[worst])
