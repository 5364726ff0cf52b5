"""River alarm levels from dated thresholds, with hysteresis.

Source: Decision 05/2020/QĐ-TTg (levels I, II, III); the values are rows, never constants.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

ROMAN = ("", "I", "II", "III")
# The class of a station at alarm level 0, I, II, III, in the words of the layer's colours.
STATES = ("good", "minor", "moderate", "severe")


@dataclass(frozen=True)
class Limit:
    """One threshold row: alarm `level` 1–3 from `value` (m), in force from/until local dates."""

    level: int
    value: float
    valid_from: date | None = None
    valid_until: date | None = None
    hysteresis: float = 0.05

    def holds_on(self, day: date) -> bool:
        """Whether the row is in force on `day`; both dates are inside."""
        after = self.valid_from is None or day >= self.valid_from
        return after and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True)
class Crossing:
    """The alarm level changed at `at`: `before` → `level`, seen at `value`."""

    at: datetime
    before: int
    level: int
    value: float
    limit: float

    @property
    def rising(self) -> bool:
        return self.level > self.before


def in_force(limits: Iterable[Limit], day: date) -> list[Limit]:
    """The limits of one day by level; of two rows for a level the later one counts."""
    chosen: dict[int, Limit] = {}
    for limit in sorted(limits, key=lambda x: x.valid_from or date.min):
        if limit.holds_on(day):
            chosen[limit.level] = limit
    return [chosen[level] for level in sorted(chosen)]


def disorder(limits: Sequence[Limit]) -> str:
    """What is wrong with the order of one day's limits, or an empty string."""
    for lower, upper in zip(limits, limits[1:], strict=False):
        if not upper.value > lower.value:  # what is no number is above nothing
            return (
                f"level {ROMAN[upper.level]} ({upper.value:g}) is not above "
                f"level {ROMAN[lower.level]} ({lower.value:g})"
            )
    return ""


def level_of(value: float, limits: Sequence[Limit], before: int = 0) -> int:
    """The alarm level 0–3 of `value`, given the level it was `before`.

    A level is reached at its value and left only below value − hysteresis, so that a river that
    trembles around a threshold raises one alarm.
    """
    reached = max((x.level for x in limits if value >= x.value), default=0)
    held = max(
        (x.level for x in limits if x.level <= before and value >= x.value - x.hysteresis),
        default=0,
    )
    return max(reached, held)


def crossings(
    series: Iterable[tuple[datetime, float]],
    limits: Sequence[Limit],
    zone: tzinfo,
    before: int = 0,
) -> Iterator[Crossing]:
    """Every change of alarm level in a time-ordered series of trusted values.

    The limits of an observation are those of its own local date in `zone`.
    """
    day, today = None, list[Limit]()
    for at, value in series:
        local_day = at.astimezone(zone).date()
        if local_day != day:
            day, today = local_day, in_force(limits, local_day)
        level = level_of(value, today, before)
        if level != before:
            edge = max(level, before)
            limit = next((x.value for x in today if x.level == edge), value)
            yield Crossing(at, before, level, value, limit)
            before = level
