"""Two boats side by side at sea for hours: fuel, catch or people may have changed hands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from vessels.science.arrivals import dated
from vessels.science.cadence import at_least, cadence_s
from vessels.science.tracks import HOUR_S, KNOT_MPS, Floats, Track, distance_m, on_sphere_m


class Encounter(NamedTuple):
    """Two tracks close together: epoch seconds, the mean position, median knots, nearest metres.

    ``duration_s`` adds to what was seen half of the intervals at both ends, in which they may have
    met and parted.
    """

    a: Any
    b: Any
    start: float
    end: float
    duration_s: float
    lon: float
    lat: float
    median_kn: float
    nearest_m: float


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds of encounters.

    Positions every ``step_s``; within ``within_m`` for ``least_s``; events closer than ``merge_s``
    are one; published from ``publish_s`` with the median speed under ``slow_kn``. Source: Global
    Fishing Watch, encounters (10 min, 500 m, 1 h, 4 h, 2 h, 2 kn).

    Ours, for any cadence: interpolate over ``bridge_s`` or ``bridge`` intervals of the track's own
    cadence, and allow ``drift_m_per_h`` more metres for each hour between two positions, in which
    drifting boats part and meet again.
    """

    step_s: float = 600.0
    within_m: float = 500.0
    least_s: float = HOUR_S
    merge_s: float = 4 * HOUR_S
    publish_s: float = 2 * HOUR_S
    slow_kn: float = 2.0
    bridge_s: float = HOUR_S
    bridge: float = 2.2
    drift_m_per_h: float = 100.0


def find(
    tracks: Mapping[Any, Track], params: Params | None = None, *,
    away: Callable[[Floats, Floats], NDArray[np.bool_]] | None = None,
) -> list[Encounter]:  # fmt: skip
    """Encounters among the tracks, by start; ``a`` comes before ``b`` in the mapping.

    ``away`` says of longitudes and latitudes which count (out of port, where all lie side by side).
    """
    params = params or Params()
    names = [name for name, track in tracks.items() if len(track) >= 2]
    if len(names) < 2:
        return []
    begin = min(tracks[name]["t"][0] for name in names) // params.step_s
    end = max(tracks[name]["t"][-1] for name in names) // params.step_s
    steps = np.arange(begin, end + 1) * params.step_s
    lon, lat, gap_s, speed = (
        np.stack(column)
        for column in zip(*(_resampled(tracks[n], steps, params) for n in names), strict=True)
    )
    if away is not None:
        known = ~np.isnan(lon)
        known[known] = ~away(lon[known], lat[known])
        lon[known] = np.nan
    found = []
    for i, j, at, apart_m in _meetings(lon, lat, gap_s, params):
        for when in _events(at, params):
            k = at[when]
            edges_s = sum(max(gap_s[i, e], gap_s[j, e]) for e in (k[0], k[-1])) / 2
            duration_s = (k[-1] - k[0]) * params.step_s + edges_s
            median_kn = float(np.median(speed[[i, j]][:, k]))
            if duration_s >= params.publish_s and median_kn < params.slow_kn:
                found.append(Encounter(
                    names[i], names[j], float(steps[k[0]]), float(steps[k[-1]]), float(duration_s),
                    float(lon[[i, j]][:, k].mean()), float(lat[[i, j]][:, k].mean()), median_kn,
                    float(apart_m[when].min()),
                ))  # fmt: skip
    return sorted(found, key=lambda e: (e.start, names.index(e.a), names.index(e.b)))


def _resampled(track: Track, steps: Floats, params: Params) -> tuple[Floats, ...]:
    """Longitude, latitude (nan where not bridged), interval around and knots at each step."""
    t = track["t"]
    after = np.clip(np.searchsorted(t, steps, "left"), 1, len(t) - 1)
    gap_s = t[after] - t[after - 1]
    bridged = (gap_s <= at_least(params.bridge_s, cadence_s(t), params.bridge)) & (
        (steps >= t[0]) & (steps <= t[-1])
    )
    path = dated(track, slow_kn=params.slow_kn)
    lon = np.where(bridged, np.interp(steps, path["t"], path["lon"]), np.nan)
    lat = np.where(bridged, np.interp(steps, path["t"], path["lat"]), np.nan)
    went = distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]) / params.step_s / KNOT_MPS
    speed = np.fmax(np.append(went, np.nan), np.insert(went, 0, np.nan))
    return lon, lat, gap_s, np.where(np.isnan(speed), 0.0, speed)


def _meetings(lon: Floats, lat: Floats, gap_s: Floats, params: Params):
    """For each pair ever close: its two rows, the steps, and metres apart at them."""
    slack = params.drift_m_per_h / HOUR_S
    pairs, at = [], []
    for step in range(lon.shape[1]):
        here = np.flatnonzero(~np.isnan(lon[:, step]))
        if len(here) < 2:
            continue
        reach = (params.within_m + slack * gap_s[here, step].max()) * 1.01
        close = cKDTree(on_sphere_m(lon[here, step], lat[here, step])).query_pairs(
            reach, output_type="ndarray"
        )
        pairs.append(here[close])
        at.append(np.full(len(close), step))
    if not pairs:
        return
    (i, j), k = np.concatenate(pairs).T, np.concatenate(at)
    apart_m = distance_m(lon[i, k], lat[i, k], lon[j, k], lat[j, k])
    close = apart_m <= params.within_m + slack * np.maximum(gap_s[i, k], gap_s[j, k])
    i, j, k, apart_m = i[close], j[close], k[close], apart_m[close]
    order = np.lexsort((k, j, i))
    i, j, k, apart_m = i[order], j[order], k[order], apart_m[order]
    cuts = np.flatnonzero((np.diff(i) != 0) | (np.diff(j) != 0)) + 1
    for part in np.split(np.arange(len(i)), cuts):
        if len(part):
            yield int(i[part[0]]), int(j[part[0]]), k[part], apart_m[part]


def _events(at: NDArray[np.intp], params: Params) -> list[NDArray[np.intp]]:
    """Indices into the steps of each event: long enough stretches, merged where close."""
    stretches = [
        part
        for part in np.split(np.arange(len(at)), np.flatnonzero(np.diff(at) > 1) + 1)
        if (at[part[-1]] - at[part[0]]) * params.step_s >= params.least_s
    ]
    merged: list[NDArray[np.intp]] = []
    for part in stretches:
        if merged and (at[part[0]] - at[merged[-1][-1]]) * params.step_s < params.merge_s:
            merged[-1] = np.concatenate([merged[-1], part])
        else:
            merged.append(part)
    return merged
