"""The short line ahead of a level, and how far it can be trusted.

Simple on purpose, and marked as such wherever it shows. Two ways are tried: the damped trend of
the station's own values, and what a station that changes earlier has already shown, by a lag and
shares fitted from the values of both. The second is taken only where, on hours held back from the
fit, it errs clearly less. The band is what nine in ten of the held-back errors stayed within, and
the line ends where its error is no better than knowing the usual spread.

Source: damped trend after Gardner and McKenzie (1985); lag by the greatest correlation of changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

Point = tuple[datetime, float]
AHEAD_H = 6
# Share of the trend that is left after each hour.
DAMPING = 0.8
# Starts from which the line is held against what came; fewer say nothing of its error.
LEAST_TRIALS, MOST_TRIALS = 8, 48
COVERAGE = 0.9
STEPS_MIN = (10, 30, 60)
# Farthest lag looked for, the correlation of changes that makes a lead, how much less it must err.
LONGEST_LAG_H = 12
LEAST_CORRELATION = 0.7
BETTER_THAN = 0.9
HELD_BACK = 1 / 3
# The line ends where its error passes this share of the usual spread, though never below 10 cm.
OF_SPREAD, SMALL_M = 0.8, 0.1


@dataclass(frozen=True)
class Lead:
    """A station that changes earlier: its key, by how much, and the errors with and without it."""

    key: Any
    lag_h: float
    correlation: float
    error: float
    error_alone: float


@dataclass(frozen=True)
class Ahead:
    """The line ahead: times, values, and how far errors of the held-back hours reached."""

    t: list[datetime]
    v: list[float]
    low: list[float]
    high: list[float]
    trials: int
    hours: float
    lead: Lead | None = None


@dataclass(frozen=True)
class _Way:
    """One way of telling: the line now (change per step) and its errors from earlier starts."""

    line: np.ndarray
    errors: np.ndarray
    lead: tuple[Any, int, float] | None = None

    @property
    def rms(self) -> float:
        return float(np.sqrt(np.mean(self.errors**2)))


def gridded(values: Sequence[Point], step: timedelta, first: datetime, count: int) -> np.ndarray:
    """The last value of each step from `first` on; NaN where there is none."""
    v = np.full(count, np.nan)
    for t, value in values:
        n = int((t - first) / step)
        if 0 <= n < count:
            v[n] = value
    return v


def step_of(values: Sequence[Point]) -> timedelta:
    """10, 30 or 60 minutes, as dense as the values are."""
    gaps = [(b[0] - a[0]).total_seconds() / 60 for a, b in zip(values, values[1:], strict=False)]
    usual = float(np.median(gaps[-200:])) if gaps else STEPS_MIN[-1]
    return timedelta(minutes=next((m for m in STEPS_MIN if usual <= m), STEPS_MIN[-1]))


def ahead(
    own: Sequence[Point], others: Mapping[Any, Sequence[Point]] | None = None, hours: int = AHEAD_H
) -> Ahead | None:
    """The line of the next hours; None where the past is too short to measure its error, or
    where its error is no better than the usual spread from the start."""
    if len(own) < 2:
        return None
    step = step_of(own)
    first = own[0][0].replace(minute=0, second=0, microsecond=0)
    count = int((own[-1][0] - first) / step) + 1
    v = gridded(own, step, first, count)
    per_h = round(timedelta(hours=1) / step)
    alone = _by_trend(v, hours * per_h, per_h)
    if alone is None:
        return None
    best = alone
    for key, values in (others or {}).items():
        way = _by_lead(key, v, gridded(values, step, first, count), hours * per_h, per_h)
        if way and way.rms <= BETTER_THAN * _shared(alone, way) and way.rms < best.rms:
            best = way
    return _told(best, alone, v, own[-1][0], step)


def _shared(alone: _Way, way: _Way) -> float:
    """The error of the trend from as many of the newest starts as the other way was tried from."""
    return float(np.sqrt(np.mean(alone.errors[-len(way.errors) :] ** 2)))


def _told(way: _Way, alone: _Way, v: np.ndarray, last: datetime, step: timedelta) -> Ahead | None:
    # Errors reach further with each step: a later one is never told to be surer than an earlier.
    reach = np.maximum.accumulate(np.quantile(np.abs(way.errors), COVERAGE, axis=0))
    rms = np.sqrt(np.mean(way.errors**2, axis=0))
    good = rms <= max(OF_SPREAD * float(np.nanstd(v)), SMALL_M)
    end = len(good) if good.all() else int(np.argmin(good))
    if not end:
        return None
    line = (v[-1] + way.line)[:end]
    h = step / timedelta(hours=1)
    lead = None
    if way.lead:
        key, lag, correlation = way.lead
        lead = Lead(key, lag * h, correlation, way.rms, _shared(alone, way))
    return Ahead(
        [last + step * (n + 1) for n in range(end)],
        [round(float(x), 3) for x in line],
        [round(float(x), 3) for x in line - reach[:end]],
        [round(float(x), 3) for x in line + reach[:end]],
        len(way.errors), end * h, lead,
    )  # fmt: skip


def _slopes(v: np.ndarray, back: int) -> np.ndarray:
    """Change per step over the `back` steps up to each."""
    out = np.full(len(v), np.nan)
    out[back:] = (v[back:] - v[:-back]) / back
    return out


def _damped(steps: int, per_h: int) -> np.ndarray:
    """How many steps of full trend each step ahead amounts to."""
    return np.cumsum((DAMPING ** (1 / per_h)) ** np.arange(1, steps + 1))


def _came(v: np.ndarray, steps: int) -> np.ndarray:
    """What came after each start: change in each of the next steps (starts × steps)."""
    starts = len(v) - steps
    windows = np.lib.stride_tricks.sliding_window_view(v[1:], steps)[:starts]
    return windows - v[:starts, None]


def _by_trend(v: np.ndarray, steps: int, per_h: int) -> _Way | None:
    if len(v) <= steps + 2:
        return None
    slopes, shape = _slopes(v, max(2, per_h)), _damped(steps, per_h)
    errors = slopes[: len(v) - steps, None] * shape - _came(v, steps)
    errors = errors[~np.isnan(errors).any(axis=1)]
    errors = errors[:: max(1, per_h // 2)][-MOST_TRIALS:]
    if len(errors) < LEAST_TRIALS or np.isnan(slopes[-1]):
        return None
    return _Way(slopes[-1] * shape, errors)


def lag_of(v: np.ndarray, u: np.ndarray, per_h: int) -> tuple[int, float] | None:
    """Steps by which `u` changes before `v` and the correlation of the changes; None where it
    does not lead."""
    dv, du = _slopes(v, max(1, per_h)), _slopes(u, max(1, per_h))
    found = []
    for lag in range(LONGEST_LAG_H * per_h + 1):
        a, b = dv[lag:], du[: len(du) - lag]
        both = ~(np.isnan(a) | np.isnan(b))
        if both.sum() < 4 * LEAST_TRIALS or not (a[both].std() and b[both].std()):
            found.append(-1.0)
        else:
            found.append(float(np.corrcoef(a[both], b[both])[0, 1]))
    best = int(np.argmax(found))
    return (best, found[best]) if best and found[best] >= LEAST_CORRELATION else None


def _shown(u: np.ndarray, steps: int, lag: int) -> np.ndarray:
    """What the leading station has shown of each step ahead, by start (starts × steps)."""
    n = np.arange(len(u))[:, None] - lag
    upto = np.minimum(n + np.arange(1, steps + 1), n + lag)
    found = u[np.clip(upto, 0, None)] - u[np.clip(n, 0, None)]
    found[n[:, 0] < 0] = np.nan
    return found


def _by_lead(key: Any, v: np.ndarray, u: np.ndarray, steps: int, per_h: int) -> _Way | None:
    found = lag_of(v, u, per_h)
    if found is None or len(v) <= steps + 2:
        return None
    lag, correlation = found
    starts = len(v) - steps
    slopes, shape = _slopes(v, max(2, per_h)), _damped(steps, per_h)
    shown, own = _shown(u, steps, lag), slopes[:, None] * shape
    came = _came(v, steps)
    whole = ~(np.isnan(shown[:starts]) | np.isnan(own[:starts]) | np.isnan(came)).any(axis=1)
    kept = np.flatnonzero(whole)
    split = int(len(kept) * (1 - HELD_BACK))
    # What came must not reach into the hours that are held back.
    learnt, tried = kept[: max(0, split - steps)], kept[split:]
    tried = tried[:: max(1, per_h // 2)][-MOST_TRIALS:]
    if len(learnt) < 4 * LEAST_TRIALS or len(tried) < LEAST_TRIALS:
        return None
    if np.isnan(shown[-1]).any() or np.isnan(own[-1]).any():
        return None
    errors = _fitted(shown, own, came, learnt, tried) - came[tried]
    now = _fitted(shown, own, came, kept, np.array([len(v) - 1]))[0]
    return _Way(now, errors, (key, lag, correlation))


def _fitted(
    shown: np.ndarray, own: np.ndarray, came: np.ndarray, learnt: np.ndarray, asked: np.ndarray
) -> np.ndarray:
    """Change ahead of the asked starts, with shares of both fitted on the learnt ones, by step."""
    out = np.empty((len(asked), came.shape[1]))
    for h in range(came.shape[1]):
        known = np.stack([shown[learnt, h], own[learnt, h]], axis=1)
        gram = known.T @ known + 1e-6 * np.eye(2)
        share = np.linalg.solve(gram, known.T @ came[learnt, h])
        out[:, h] = np.stack([shown[asked, h], own[asked, h]], axis=1) @ share
    return out
