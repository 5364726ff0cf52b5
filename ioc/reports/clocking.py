"""The clocks of a case in its row and on the desk: what `clocks` tells from the log."""

from datetime import datetime
from typing import Any

from ioc.reports import ledger
from ioc.reports.models import Report


def keep(report: Report, lines: list[ledger.Line]) -> None:
    """Put into the row, unsaved, when its clocks are due."""


def used_of(report: Report, now: datetime) -> float | None:
    """The share of its time that the clock which is due first has used."""
    return None


def faces_out(report: Report, now: datetime) -> list[dict[str, Any]]:
    """The three clocks as the desk shows them."""
    return []
