"""The clocks of a case as the desk shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ioc.reports import clocks, terms
from ioc.reports.calendars import ALL_HOURS, Calendar
from ioc.reports.ledger import Line
from ioc.reports.models import Report


def spent(report: Report, now: datetime) -> dict[str, float | None]:
    """Of the clock that is due first: the share `used`, over 1 when late, and the hours left.

    From the row alone: what is left until it is due, in working time, says what was used.
    """
    if report.next_due_at is None or report.terms_id is None:
        return {"used": None, "left_h": None}
    content = terms.content(report.terms_id)
    plan, urgent = content["plan"], content.get("emergency", report.emergency)
    calendar = ALL_HOURS if urgent else Calendar.from_content(content["calendar"])
    name = f"{report.next_clock}_h"
    hours = plan.get(f"emergency_{name}" if urgent else name) or plan[name]
    if report.next_due_at > now:
        left_s = calendar.working_s(now, report.next_due_at)
    else:
        left_s = -calendar.working_s(report.next_due_at, now)
    used = round(max(0.0, 1 - left_s / (hours * 3600)), 3)
    return {"used": used, "left_h": round(left_s / 3600, 2)}


def faces_out(report: Report, lines: Iterable[Line], now: datetime) -> list[dict[str, Any]]:
    """The clocks of a case, as its log tells them."""
    return [
        {
            "clock": face.clock,
            "state": face.state,
            "band": clocks.band(face, now),
            "started_at": face.started_at,
            "due_at": face.due_at,
            "warn_at": face.warn_at,
            "stopped_at": face.stopped_at,
            "used": round(face.used_s / face.budget_s, 3),
            "used_h": round(face.used_s / 3600, 2),
            "budget_h": round(face.budget_s / 3600, 2),
        }
        for face in terms.faces_of(report, lines, now).values()
    ]
