"""Boats that hang about at sea."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vessels.science.arrivals import dated
from vessels.science.cadence import at_least, cadence_s
from vessels.science.tracks import HOUR_S, KNOT_MPS, Floats, Track, distance_m, extent_m, runs


class Loitering(NamedTuple):
    """A time of hanging about: epoch seconds, the mean position, mean knots, metres across."""

    start: float
    end: float
    lon: float
    lat: float
    mean_kn: float
    extent_m: float
    positions: int


def find(
    track: Track, *, away: NDArray[np.bool_] | None = None, slow_kn: float = 2.0,
    bucket_s: float = HOUR_S, least_s: float = 4 * HOUR_S, covered: float = 0.5,
    bridge: float = 2.2,
) -> list[Loitering]:  # fmt: skip
    """Stretches of slow buckets of at least ``least_s``, in time order.

    ``away`` says for each position whether it counts (out of port and anchorage). A bucket is slow
    if the mean reported speed, where any is reported, and the speed made good in it are both under
    ``slow_kn``, and its time is known for a share ``covered``: bridged up to ``bridge`` intervals.
    Cadence: a bucket is no shorter than an interval, ``least_s`` no shorter than two. Source:
    Global Fishing Watch, loitering (hourly, under 2 kn); ``least_s`` and the rest are ours.
    """
    rows = track if away is None else track[away]
    if len(rows) < 2:
        return []
    cadence = cadence_s(track["t"])
    bucket_s = at_least(bucket_s, cadence, 1.0)
    bridge_s = at_least(bucket_s, cadence, bridge)
    edges = np.arange(rows["t"][0] // bucket_s, rows["t"][-1] // bucket_s + 2) * bucket_s
    made_m, known_s = _between(rows, edges, bridge_s, slow_kn)
    reported = _reported(rows, edges)
    with np.errstate(divide="ignore", invalid="ignore"):
        made_kn = made_m / known_s / KNOT_MPS
    slow = (known_s >= covered * bucket_s) & (made_kn < slow_kn)
    slow &= np.isnan(reported) | (reported < slow_kn)
    found = []
    for a, b in runs(slow):
        start, end = max(edges[a], rows["t"][0]), min(edges[b + 1], rows["t"][-1])
        part = rows[(rows["t"] >= start) & (rows["t"] <= end)]
        if len(part) >= 2 and end - start >= at_least(least_s, cadence, 2.0):
            found.append(_event(part, float(start), float(end), made_m[a : b + 1].sum()))
    return found


def _event(part: Track, start: float, end: float, made_m: float) -> Loitering:
    lon, lat = float(part["lon"].mean()), float(part["lat"].mean())
    mean_kn = made_m / (end - start) / KNOT_MPS
    return Loitering(start, end, lon, lat, float(mean_kn), extent_m(part), len(part))


def _between(rows: Track, edges: Floats, bridge_s: float, slow_kn: float) -> tuple[Floats, Floats]:
    """Metres made good in each bucket and the seconds of it that lie in bridged intervals."""
    t = rows["t"]
    fine = np.diff(t) <= bridge_s
    seconds = np.concatenate(([0.0], np.cumsum(np.where(fine, np.diff(t), 0.0))))
    known_s = np.diff(np.interp(edges, t, seconds))
    path = dated(rows, slow_kn=slow_kn)
    lon, lat = (np.interp(edges, path["t"], path[name]) for name in ("lon", "lat"))
    return distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]), known_s


def _reported(rows: Track, edges: Floats) -> Floats:
    """Mean of the reported speeds in each bucket, nan without one."""
    speed = rows["speed_kn"].astype("f8")
    told = ~np.isnan(speed)
    bucket = np.searchsorted(edges, rows["t"][told], "right") - 1
    count = np.bincount(bucket, minlength=len(edges) - 1)
    total = np.bincount(bucket, speed[told], minlength=len(edges) - 1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
