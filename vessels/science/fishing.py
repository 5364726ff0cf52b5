"""When a boat was likely fishing, by its speed."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vessels.science.cadence import at_least, cadence_s
from vessels.science.tracks import (
    HOUR_S,
    KNOT_MPS,
    Track,
    distance_m,
    extent_m,
    legs_m,
    runs,
    speeds_kn,
)


class Fishing(NamedTuple):
    """A likely fishing event: epoch seconds, the mean position, mean knots, metres across."""

    start: float
    end: float
    lon: float
    lat: float
    mean_kn: float
    extent_m: float
    positions: int


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds of likely fishing.

    From ``least_kn`` up to ``most_kn``, two positions in a row, ``at_sea_s`` after leaving port.
    Source: MonitorFish (0.025 to 5.5 kn, two in a row, 60 min at sea).

    Split above ``split_m`` or ``split_s`` between neighbours; merged up to ``merge_s`` and
    ``merge_m`` apart; kept if longer than ``longer_s``, with more than ``more_than`` positions,
    below ``below_kn`` on average and over more than ``wider_m``. Source: Global Fishing Watch,
    fishing events (10 km, 1 h, 2 km, 20 min, 5, 10 kn, 500 m); ``split_s`` is ours.

    Ours, for any cadence: ``split_s`` holds for at least ``missed`` intervals, ``split_m`` for what
    ``most_kn`` makes in one, and of a slow cadence so many positions are asked as fit into
    ``span_s``, two at least. Across more than ``average_s`` an average speed means nothing: there
    only a reported speed counts.
    """

    least_kn: float = 0.025
    most_kn: float = 5.5
    at_sea_s: float = HOUR_S
    split_m: float = 10_000.0
    split_s: float = 2 * HOUR_S
    missed: float = 2.2
    merge_s: float = HOUR_S
    merge_m: float = 2_000.0
    longer_s: float = 1_200.0
    more_than: int = 5
    span_s: float = HOUR_S
    below_kn: float = 10.0
    wider_m: float = 500.0
    average_s: float = HOUR_S


def find(
    track: Track, params: Params | None = None, *, at_sea: NDArray[np.bool_] | None = None
) -> list[Fishing]:
    """Likely fishing events in time order. ``at_sea`` says of each position whether it is out."""
    p = params or Params()
    if len(track) < 2:
        return []
    cadence = cadence_s(track["t"])
    speed = speeds_kn(track, longest_s=p.average_s)
    likely = (speed >= p.least_kn) & (speed <= p.most_kn) & _long_out(track, at_sea, p)
    stretches = [
        part
        for first, last in runs(likely)
        if last > first
        for part in _split(track, first, last, cadence, p)
    ]
    needed = p.more_than + 1
    if cadence > p.span_s / needed:
        needed = max(2, int(p.span_s / cadence) + 1)
    found = []
    for first, last in _merged(track, stretches, p):
        part = track[first : last + 1]
        took = part["t"][-1] - part["t"][0]
        if took <= p.longer_s or len(part) < needed:
            continue
        mean_kn, across_m = float(legs_m(part).sum() / took / KNOT_MPS), extent_m(part)
        if mean_kn < p.below_kn and across_m > p.wider_m:
            found.append(Fishing(
                float(part["t"][0]), float(part["t"][-1]), float(part["lon"].mean()),
                float(part["lat"].mean()), mean_kn, across_m, len(part),
            ))  # fmt: skip
    return found


def _long_out(track: Track, at_sea: NDArray[np.bool_] | None, p: Params) -> NDArray[np.bool_]:
    """Where the boat is out and has been for long enough; where never seen in port, long enough."""
    if at_sea is None:
        return np.ones(len(track), bool)
    ashore = np.where(at_sea, -np.inf, track["t"])
    return at_sea & (track["t"] - np.maximum.accumulate(ashore) >= p.at_sea_s)


def _split(track: Track, first: int, last: int, cadence: float, p: Params):
    """The stretch in parts whose neighbours are close in time and place."""
    part = track[first : last + 1]
    far_m = max(p.split_m, p.most_kn * KNOT_MPS * cadence * p.missed) if cadence > 0 else p.split_m
    apart = (legs_m(part) > far_m) | (np.diff(part["t"]) > at_least(p.split_s, cadence, p.missed))
    cuts = [first, *(first + 1 + np.flatnonzero(apart)), last + 1]
    return [(int(a), int(b) - 1) for a, b in zip(cuts[:-1], cuts[1:], strict=True)]


def _merged(track: Track, stretches: list[tuple[int, int]], p: Params) -> list[tuple[int, int]]:
    """Stretches joined where little time and way lies between."""
    t, lon, lat = track["t"], track["lon"], track["lat"]
    merged: list[tuple[int, int]] = []
    for first, last in stretches:
        if merged:
            end = merged[-1][1]
            away_m = distance_m(lon[end], lat[end], lon[first], lat[first])
            if t[first] - t[end] <= p.merge_s and away_m <= p.merge_m:
                merged[-1] = (merged[-1][0], last)
                continue
        merged.append((first, last))
    return merged
