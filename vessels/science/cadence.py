"""How often a vessel is heard. Every rule about time stands on it."""

import numpy as np

from vessels.science.tracks import Floats

SHORTEST_S = 1.0  # two receivers hear one message within this


def cadence_s(t: Floats) -> float:
    """Seconds between positions as a rule: the median interval; nan with fewer than two.

    Seconds to hours: 10 for AIS under way, 7,200 to 10,800 for VMS. Up to half of the intervals
    may be silences or repeats without moving it. Order does not matter.
    """
    intervals = np.diff(np.sort(np.asarray(t, "f8")))
    intervals = intervals[intervals >= SHORTEST_S]
    return float(np.median(intervals)) if len(intervals) else float("nan")


def at_least(limit_s: float, cadence: float, times: float) -> float:
    """A limit in seconds that a vessel of this cadence can keep: never under ``times`` of it."""
    return limit_s if np.isnan(cadence) else max(limit_s, times * cadence)
