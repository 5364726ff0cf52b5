"""Which thresholds are in force on a day for which vessel, and how evidence names their rows."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from vessels.models import Threshold

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


class NoThreshold(LookupError):
    """No row of this kind is in force; the migration seeds one of each."""


@dataclass(frozen=True)
class Rules:
    """The rows in force on one day, the latest first."""

    rows: tuple[Threshold, ...]

    def row(self, kind: str, length_m: float | None = None) -> Threshold:
        """The row of a kind for a vessel of this length; the most particular one that applies.

        Raises NoThreshold where none is in force.
        """
        fitting = [row for row in self.rows if row.kind == kind and _applies(row, length_m)]
        if not fitting:
            raise NoThreshold(kind)
        return max(fitting, key=lambda row: (len(row.applies_to), row.in_force_from, row.pk))

    def value(self, kind: str, length_m: float | None = None) -> float:
        """The figure in the row's own unit."""
        return self.row(kind, length_m).value

    def seconds(self, kind: str, length_m: float | None = None) -> float:
        """The figure of a row that tells a time, in seconds."""
        row = self.row(kind, length_m)
        return row.value * SECONDS[row.unit]


def _applies(row: Threshold, length_m: float | None) -> bool:
    least, below = row.applies_to.get("least_length_m"), row.applies_to.get("below_length_m")
    if least is None and below is None:
        return True
    return length_m is not None and (least or 0) <= length_m < (below or float("inf"))


def in_force(at: datetime | date) -> Rules:
    """The rows in force at a time (UTC day). One query."""
    day = at.astimezone(UTC).date() if isinstance(at, datetime) else at
    return Rules(tuple(Threshold.objects.filter(in_force_from__lte=day)))


def as_of(rules: Rules) -> date | None:
    """The day on which the newest of these rows came into force."""
    return max((row.in_force_from for row in rules.rows), default=None)


def told(*rows: Threshold) -> list[dict[str, Any]]:
    """Rows as evidence keeps them: the figures of that day, whatever the table says later."""
    return [
        {
            "title": {"vi": row.title_vi, "en": row.title_en}, "kind": row.kind,
            "value": row.value, "unit": row.unit, "source": row.source,
            "in_force_from": row.in_force_from.isoformat(),
        }
        for row in rows
    ]  # fmt: skip
