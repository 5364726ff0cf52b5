"""Where a level is going: trend, time to the next alarm level, and a short line ahead.

Simple on purpose, and marked as such wherever it shows: a damped trend of the station's own
values. How far it can be trusted is measured, not assumed: the same line is drawn from earlier
hours of the same series and compared with what came (held back), and the interval is what nine in
ten of those errors stayed within.

Source: damped trend after Gardner and McKenzie (1985).
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
FARTHEST_H = 24.0
AHEAD_H = 6
# Share of the trend that is left after each hour.
DAMPING = 0.8
# Starts from which the line is held against what came; fewer say nothing of its error.
LEAST_TRIALS, MOST_TRIALS = 8, 48
COVERAGE = 0.9


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


@dataclass(frozen=True)
class Ahead:
    """The line ahead: times, values, and how far errors of the held-back hours reached."""

    t: list[datetime]
    v: list[float]
    low: list[float]
    high: list[float]
    trials: int


def trend(values: Sequence[Point], over: timedelta = TREND_OVER) -> Trend | None:
    """The trend of the last hours, by least squares; None with fewer than two values."""
    recent = [(t, v) for t, v in values if values[-1][0] - t <= over] if values else []
    if len(recent) < 2:
        recent = list(values[-2:])
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


def hourly(values: Sequence[Point]) -> tuple[list[datetime], np.ndarray]:
    """The last value of each hour, from the first hour to the last; NaN where there is none."""
    if not values:
        return [], np.empty(0)
    first = values[0][0].replace(minute=0, second=0, microsecond=0)
    count = int((values[-1][0] - first).total_seconds() // 3600) + 1
    v = np.full(count, np.nan)
    for t, value in values:
        v[int((t - first).total_seconds() // 3600)] = value
    return [first + timedelta(hours=n) for n in range(count)], v


def ahead(values: Sequence[Point], hours: int = AHEAD_H) -> Ahead | None:
    """The line of the next hours; None where the series is too short to measure its error."""
    times, v = hourly(values)
    steps = _damped(hours)
    errors = [e for n in range(3, len(v) - hours) if (e := _trial(v, n, steps)) is not None]
    errors = errors[-MOST_TRIALS:]
    slope = _slope(v, len(v) - 1)
    if len(errors) < LEAST_TRIALS or slope is None:
        return None
    line = v[-1] + slope * steps
    # Errors reach further with each hour: a later hour is never told to be surer than an earlier.
    reach = np.maximum.accumulate(np.quantile(np.abs(errors), COVERAGE, axis=0))
    last = values[-1][0]
    return Ahead(
        [last + timedelta(hours=n + 1) for n in range(hours)],
        [round(float(x), 3) for x in line],
        [round(float(x), 3) for x in line - reach],
        [round(float(x), 3) for x in line + reach],
        len(errors),
    )


def _damped(hours: int) -> np.ndarray:
    """How many hours of full trend each hour ahead amounts to."""
    return np.cumsum(DAMPING ** np.arange(1, hours + 1))


def _slope(v: np.ndarray, at: int) -> float | None:
    """Change per hour over the two hours up to `at`."""
    if at < 2 or np.isnan(v[at]) or np.isnan(v[at - 2]):
        return None
    return float(v[at] - v[at - 2]) / 2


def _trial(v: np.ndarray, at: int, steps: np.ndarray) -> np.ndarray | None:
    slope = _slope(v, at)
    came = v[at + 1 : at + 1 + len(steps)]
    if slope is None or np.isnan(came).any():
        return None
    return v[at] + slope * steps - came
