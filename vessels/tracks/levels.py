"""Every tier of a track from one look at it. Compiled; imported where tracks are built alone."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vessels.science.tracks import Floats, Track, degree_m, wrapped


def needed_m(track: Track, least_m: float) -> Floats:
    """For each position the largest tolerance in metres, if over ``least_m``, that still keeps it.

    0 for those that no tolerance over ``least_m`` keeps, infinity for the first and last. Those
    above a tolerance are what `vessels.science.simplify.time_ratio` keeps with it (a test holds
    the two together).
    """
    lon, lat = wrapped(track["lon"] - track["lon"][0]), track["lat"] - track["lat"][0]
    east_m, north_m = degree_m(track["lat"])
    return np.sqrt(_split(track["t"].astype("f8"), lon, lat, east_m, north_m, least_m**2))


@njit(cache=True)
def _split(  # type: ignore[no-untyped-def]
    t: NDArray[np.float64], lon, lat, east_m, north_m, least2: float
) -> NDArray[np.float64]:
    count = len(t)
    needed = np.zeros(count)
    needed[0] = needed[count - 1] = np.inf
    first_of, last_of = np.empty(count, np.int64), np.empty(count, np.int64)
    most_of = np.empty(count)
    first_of[0], last_of[0], most_of[0] = 0, count - 1, np.inf
    waiting = 1
    while waiting:
        waiting -= 1
        first, last, most = first_of[waiting], last_of[waiting], most_of[waiting]
        worst, far2 = -1, -1.0
        for i in range(first + 1, last):
            share = (t[i] - t[first]) / (t[last] - t[first])
            off_lon = lon[first] + share * (lon[last] - lon[first]) - lon[i]
            off_lat = lat[first] + share * (lat[last] - lat[first]) - lat[i]
            off2 = (off_lon * east_m[i]) ** 2 + (off_lat * north_m[i]) ** 2
            if off2 > far2:
                worst, far2 = i, off2
        if far2 > least2:
            needed[worst] = min(far2, most)
            for a, b in ((first, worst), (worst, last)):
                first_of[waiting], last_of[waiting], most_of[waiting] = a, b, needed[worst]
                waiting += 1
    return needed
