"""Judge a series by its context: spike, rate of change, flat line; and one value by its neighbours.

Times are seconds, values in the parameter's unit with NaN where missing; flags are QARTOD's.

Source: QARTOD manuals for water level and in-situ temperature (tests and flags). Two wishes open
in the usual implementation are kept here: a rate of change can fail, and a gap does not hide a
flat line. The thresholds are the house's own, wide of what Huế's gauges showed in November 2025.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from environment.parameters import Parameter
from environment.quality import FAIL, GOOD, MISSING, SUSPECT

HOUR = 3600.0
# Below this a difference of two values is the instrument's grain, not a rate.
LEAST_STEP_S = 600.0
# How far apart values may be and still tell of each other.
NEAR_S = 6 * HOUR
# A run shorter than this many values is not yet a flat line.
FLAT_COUNT = 4

WORDS = ("", "out-of-range", "unusual", "spike", "rate", "flat", "missing", "neighbour")
RANGE, UNUSUAL, SPIKE, RATE, FLAT, GONE, NEIGHBOUR = range(1, len(WORDS))
Array = np.ndarray


@dataclass(frozen=True)
class Checks:
    """Thresholds of one property; None switches a test off.

    spike and rate (per hour) in the parameter's unit; flat in seconds; `plain` are values at which
    a flat line is ordinary. `neighbour` is the difference from the neighbours' median that is not
    believed, among stations within `neighbour_km`.
    """

    spike_suspect: float | None = None
    spike_fail: float | None = None
    rate_suspect: float | None = None
    rate_fail: float | None = None
    flat_suspect_s: float | None = None
    flat_fail_s: float | None = None
    grain: float = 1e-6
    plain: tuple[float, ...] = ()
    neighbour: float | None = None
    neighbour_km: float = 15.0

    def changed(self, asked: dict[str, Any]) -> Checks:
        """These with single thresholds replaced; names that are none are left out."""
        known = {f.name for f in fields(self)} - {"plain"}
        return replace(self, **{k: v for k, v in asked.items() if k in known})


DAY = 24 * HOUR
_GAS = Checks(flat_suspect_s=24 * HOUR, flat_fail_s=72 * HOUR)
CHECKS = {
    "water_level": Checks(2, 5, 2, 5, 36 * HOUR, 96 * HOUR),
    "tide": Checks(1, 2, 1.5, 3, 12 * HOUR, 36 * HOUR, neighbour=1.0, neighbour_km=30),
    "reservoir_level": Checks(3, 8, 3, 8),
    "rain": Checks(None, None, None, None, 6 * HOUR, 24 * HOUR, plain=(0.0,)),
    "pm25": replace(_GAS, spike_suspect=200, spike_fail=600, neighbour=150),
    "pm10": replace(_GAS, spike_suspect=300, spike_fail=900, neighbour=250),
    "o3": _GAS, "no2": _GAS, "so2": _GAS, "co": _GAS,
    "temp": Checks(8, 15, 12, 20, 24 * HOUR, 48 * HOUR, neighbour=10),
    "hum": Checks(40, 60, 60, 90, 36 * HOUR, 72 * HOUR, plain=(100.0,), neighbour=50),
}  # fmt: skip
NONE = Checks()


def checks_of(code: str, asked: dict[str, Any] | None = None) -> Checks:
    """The thresholds of a property, with what a datastream of its own asks for."""
    found = CHECKS.get(code, NONE)
    return found.changed(asked) if asked else found


def judge(t: Array, v: Array, parameter: Parameter, checks: Checks) -> tuple[Array, Array]:
    """Flags and codes of `WORDS` for a series in order of time, both int8.

    A value that fails a test is no witness against its neighbours: a spike does not make the
    value after it a leap.
    """
    flags = np.full(len(v), GOOD, np.int8)
    why = np.zeros(len(v), np.int8)
    gone = ~np.isfinite(v)
    _set(flags, why, gone, MISSING, GONE)
    if parameter.suspect:
        low, high = parameter.suspect
        _set(flags, why, ~gone & ((v < low) | (v > high)), SUSPECT, UNUSUAL)
    low, high = parameter.fail
    _set(flags, why, ~gone & ((v < low) | (v > high)), FAIL, RANGE)
    for test in (_spike, _rate, _flat):
        at = np.flatnonzero((flags != FAIL) & ~gone)
        if len(at) > 1:
            test(t[at], v[at], at, checks, flags, why)
    return flags, why


def _set(flags: Array, why: Array, where: Array, flag: int, reason: int) -> None:
    flags[where], why[where] = flag, reason


def _mark(flags: Array, why: Array, at: Array, fails: Array, reason: int) -> None:
    """Raise the flags at these places to fail or suspect; none is lowered."""
    flag = np.where(fails, FAIL, SUSPECT).astype(np.int8)
    worse = flag > flags[at]
    flags[at[worse]], why[at[worse]] = flag[worse], reason


def _spike(t: Array, v: Array, at: Array, checks: Checks, flags: Array, why: Array) -> None:
    """A value above or below both neighbours by the threshold."""
    if checks.spike_suspect is None or len(v) < 3:
        return
    before, after = v[1:-1] - v[:-2], v[1:-1] - v[2:]
    near = (t[1:-1] - t[:-2] <= NEAR_S) & (t[2:] - t[1:-1] <= NEAR_S)
    size = np.where(near & (before * after > 0), np.minimum(abs(before), abs(after)), 0.0)
    hit = np.flatnonzero(size > checks.spike_suspect)
    fails = size[hit] > (np.inf if checks.spike_fail is None else checks.spike_fail)
    _mark(flags, why, at[hit + 1], fails, SPIKE)


def _rate(t: Array, v: Array, at: Array, checks: Checks, flags: Array, why: Array) -> None:
    """A change per hour above the threshold, measured from the last value that stands."""
    if checks.rate_suspect is None:
        return
    own = np.flatnonzero(why[at] != SPIKE)
    t, v, at = t[own], v[own], at[own]
    fail = np.inf if checks.rate_fail is None else checks.rate_fail
    leaps = _rates(t[1:] - t[:-1], v[1:] - v[:-1])
    i, n = 0, len(v)
    for first in np.flatnonzero(leaps > checks.rate_suspect) + 1:
        if first <= i:  # judged already, from further back
            continue
        i = int(first)
        last = i - 1  # the last value that stands; what leaps is no witness
        while i < n and (rate := float(_rates(t[i] - t[last], v[i] - v[last]))) > (
            checks.rate_suspect
        ):
            _mark(flags, why, at[i : i + 1], np.array([rate > fail]), RATE)
            i += 1


def _rates(dt: Any, dv: Any) -> Any:
    """Absolute change per hour; 0 across gaps in which anything may have happened."""
    return np.where(dt <= NEAR_S, abs(dv) / np.maximum(dt, LEAST_STEP_S) * HOUR, 0.0)


def _flat(t: Array, v: Array, at: Array, checks: Checks, flags: Array, why: Array) -> None:
    """The same value for too long; a gap in between does not make it younger."""
    if checks.flat_suspect_s is None:
        return
    starts = np.concatenate(([True], abs(np.diff(v)) > checks.grain))
    first = np.maximum.accumulate(np.where(starts, np.arange(len(v)), 0))
    age, count = t - t[first], np.arange(len(v)) - first + 1
    ordinary = np.isin(v, checks.plain) if checks.plain else np.zeros(len(v), bool)
    hit = np.flatnonzero((age >= checks.flat_suspect_s) & (count >= FLAT_COUNT) & ~ordinary)
    fail_s = np.inf if checks.flat_fail_s is None else checks.flat_fail_s
    _mark(flags, why, at[hit], age[hit] >= fail_s, FLAT)


def against_neighbours(v: Array, medians: Array, checks: Checks) -> Array:
    """Where a value is further from the neighbours' median than is believed; NaN: no neighbours."""
    if checks.neighbour is None:
        return np.zeros(len(v), bool)
    with np.errstate(invalid="ignore"):
        return abs(v - medians) > checks.neighbour
