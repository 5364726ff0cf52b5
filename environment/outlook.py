"""Where a level is going: its trend, and the time to the next alarm level.

Simple on purpose, and said with its uncertainty wherever it shows. The line ahead is drawn by
`environment.forecast`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

Point = tuple[datetime, float]
STEADY_M_PER_H = 0.03
TREND_OVER = timedelta(hours=3)
# The last of it speaks alone where it clearly goes another way: a river that has turned.
TURNED_WITHIN = (timedelta(hours=1), timedelta(minutes=30))
LEAST_TURNED = 4
FARTHEST_H = 24.0


@dataclass(frozen=True)
class Trend:
    """Change per hour with its standard error, and its word: rising, falling or steady."""

    per_h: float
    error: float
    word: str


@dataclass(frozen=True)
class Arrival:
    """Hours until a value is reached; `last_h` is None where it may not be reached at all."""

    hours: float
    first_h: float
    last_h: float | None


def trend(values: Sequence[Point], over: timedelta = TREND_OVER) -> Trend | None:
    """The trend of the last hours, by least squares; None with fewer than two values.

    Where the last hour or half hour goes clearly another way, it is that one's.
    """
    recent = _within(values, over)
    found = _line(recent if len(recent) >= 2 else values[-2:])
    for shorter in TURNED_WITHIN:
        newest = _within(recent, shorter)
        if found is None or shorter >= over or len(newest) < LEAST_TURNED:
            continue
        turned = _line(newest)
        if turned and abs(turned.per_h - found.per_h) > 2 * (turned.error + found.error):
            found = turned
    return found


def _within(values: Sequence[Point], over: timedelta) -> list[Point]:
    return [(t, v) for t, v in values if values[-1][0] - t <= over]


def _line(recent: Sequence[Point]) -> Trend | None:
    if len(recent) < 2 or recent[-1][0] == recent[0][0]:
        return None
    h = np.array([(t - recent[0][0]).total_seconds() / 3600 for t, _ in recent])
    v = np.array([value for _, value in recent])
    h0 = h - h.mean()
    slope = float(h0 @ (v - v.mean()) / (h0 @ h0))
    rest = v - v.mean() - slope * h0
    error = math.sqrt(float(rest @ rest) / (len(v) - 2) / float(h0 @ h0)) if len(v) > 2 else 0.0
    grain = 0.005 / max(float(h[-1]), 0.25)  # the gauge's own step of 1 cm
    return Trend(slope, max(error, grain), word(slope))


def word(per_h: float) -> str:
    if abs(per_h) < STEADY_M_PER_H:
        return "steady"
    return "rising" if per_h > 0 else "falling"


def time_to(value: float, now: float, going: Trend | None) -> Arrival | None:
    """When `value` above is reached if it goes on like this; None where it does not rise to it
    within a day."""
    if going is None or going.word != "rising" or value <= now:
        return None
    rest = value - now
    hours = rest / going.per_h
    if hours > FARTHEST_H:
        return None
    spread = 1.64 * going.error
    slow = going.per_h - spread
    last = rest / slow if slow > 0 and rest / slow <= 4 * FARTHEST_H else None
    return Arrival(hours, rest / (going.per_h + spread), last)
