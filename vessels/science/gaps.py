"""Silences of a vessel, whether one looks deliberate, and whether its provider was heard at all."""

from typing import NamedTuple

import numpy as np

from vessels.science.cadence import at_least, cadence_s
from vessels.science.tracks import HOUR_S, Floats


class Gap(NamedTuple):
    """A silence, in epoch seconds; ``end`` is None while it lasts."""

    start: float
    end: float | None
    positions_before: int


def find(
    t: Floats, now: float, limit_s: float, before_s: float = 12 * HOUR_S, *, missed: float = 1.5
) -> list[Gap]:
    """Silences of ``limit_s`` or longer in time order, the one that lasts until ``now`` included.

    Epoch seconds in any order; times after ``now`` do not count. ``positions_before`` counts those
    of the ``before_s`` up to the last one heard. A silence must also outlast ``missed`` intervals
    of the vessel's own cadence, so that reports every 6 h under a limit of 6 h are no silence.
    Source: Decree 26/2019 Art. 44 (6 h); Global Fishing Watch (12 h, and the count before);
    ``missed`` is ours.
    """
    t = np.sort(np.asarray(t, "f8"))
    t = t[t <= now]
    if not len(t):
        return []
    limit_s = at_least(limit_s, cadence_s(t), missed)
    ends = np.append(t[1:], now)
    silent = np.flatnonzero(ends - t >= limit_s)
    before = silent + 1 - np.searchsorted(t, t[silent] - before_s, "left")
    last = len(t) - 1
    return [
        Gap(float(t[i]), None if i == last else float(ends[i]), int(n))
        for i, n in zip(silent, before, strict=True)
    ]


def looks_deliberate(
    gap: Gap, now: float, *, offshore_nm: float, heard_well: bool, cadence: float,
    shortest_s: float = 12 * HOUR_S, least_offshore_nm: float = 50.0, least_before: int = 14,
    before_s: float = 12 * HOUR_S, share: float = 0.75,
) -> bool:  # fmt: skip
    """Whether a silence looks like switching off: long, far out, and well heard just before.

    ``least_before`` positions in ``before_s``, or ``share`` of those that the cadence (s) allows.
    Source: Global Fishing Watch, disabling of AIS (12 h, 50 nm, 14 positions); ``share`` is ours.
    """
    able = before_s / cadence if cadence > 0 else np.inf
    long = (now if gap.end is None else gap.end) - gap.start >= shortest_s
    well = heard_well and gap.positions_before >= min(least_before, share * able)
    return bool(long and well and offshore_nm > least_offshore_nm)


def provider_up(
    last_heard: Floats, cadences: Floats, now: float, *, within_s: float = HOUR_S,
    missed: float = 1.5, share: float = 0.5,
) -> bool:  # fmt: skip
    """Whether more than ``share`` of a provider's devices were heard lately; False without any.

    Lately is ``within_s``, or ``missed`` intervals of the device's own cadence (s, nan unknown).
    Source: MonitorFish (half of the beacons within the hour); ``missed`` is ours.
    """
    if not len(last_heard):
        return False
    limits = np.fmax(within_s, missed * np.asarray(cadences, "f8"))
    return bool(np.mean(now - np.asarray(last_heard, "f8") <= limits) > share)
