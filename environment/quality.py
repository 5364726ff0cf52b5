"""Judge one observation on arrival: a flag, the value in the parameter's unit, and why.

Source: flags of QARTOD, 1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from environment.parameters import Parameter

GOOD, NOT_EVALUATED, SUSPECT, FAIL, MISSING = 1, 2, 3, 4, 9
TRUSTED = frozenset({GOOD, NOT_EVALUATED})

# Numbers that loggers write where nothing was measured.
SENTINELS = frozenset({-999.0, -9999.0, -99999.0, -999.9, -999.99, -32768.0})
MISSING_WORDS = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "--", "inf", "-inf"})

# A clock may run ahead this far before its time is not believed.
CLOCK_TOLERANCE = timedelta(minutes=10)
# Older than any automatic station: a broken clock, and a partition nobody wants.
OLDEST = datetime(1970, 1, 2, tzinfo=UTC)


class Verdict(NamedTuple):
    """`value` in the parameter's unit (None where missing), QARTOD `flag`, `note` says why."""

    value: float | None
    flag: int
    note: str = ""


class Unusable(ValueError):
    """The row cannot stand in a series; `code` is a stable word, the text says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_number(raw: object) -> float | None:
    """The number in `raw`, or None where the feed says that there is none.

    Raises: Unusable for text, booleans and anything else that is not a number.
    """
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        raise Unusable("not-a-number", f"value {raw!r} is not a number")
    if isinstance(raw, str):
        text = raw.strip()
        if text.lower() in MISSING_WORDS:
            return None
        try:
            number = float(text)
        except ValueError:
            raise Unusable("not-a-number", f"value {text[:40]!r} is not a number") from None
    else:
        try:
            number = float(raw)
        except OverflowError:
            raise Unusable("not-a-number", "value is too large for a number") from None
    return None if not math.isfinite(number) or number in SENTINELS else number


def check_time(at: datetime, now: datetime) -> None:
    """Nothing, for a believable time. Raises: Unusable for the future and the distant past."""
    if at > now + CLOCK_TOLERANCE:
        ahead = _span(at - now)
        raise Unusable("future-time", f"time {at:%Y-%m-%dT%H:%M:%SZ} is {ahead} ahead of now")
    if at < OLDEST:
        raise Unusable("absurd-time", f"time {at:%Y-%m-%d} is before any station was built")


def judge(parameter: Parameter, raw: object, unit: str = "") -> Verdict:
    """The verdict on one value as received.

    Raises: Unusable for a value that is no number or a unit that cannot be converted.
    """
    number = read_number(raw)
    factor, note = parameter.factor(unit), ""
    if factor is None:
        if not parameter.is_mislabelled(unit):
            raise Unusable(
                "wrong-unit",
                f"unit {unit!r} is not one of {parameter.code}; expected {parameter.unit}",
            )
        factor, note = 1.0, "unit-set-right"
    if number is None:
        return Verdict(None, MISSING, "missing")
    value = number if factor == 1.0 else round(number * factor, 9)
    low, high = parameter.fail
    if not low <= value <= high:
        return Verdict(value, FAIL, "out-of-range")
    if parameter.suspect and not parameter.suspect[0] <= value <= parameter.suspect[1]:
        return Verdict(value, SUSPECT, "unusual")
    return Verdict(value, GOOD, note)


def _span(delta: timedelta) -> str:
    hours = delta.total_seconds() / 3600
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
