"""What time alone does to cases: steps of escalation, marks of lateness, the end of a wait.

Each sweep is bounded, may run beside itself, does nothing twice, and finds what it missed while
nothing ran.
"""

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import cast

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from geo import notices
from geo.text import Text
from ioc.reports import clocks, messages, terms
from ioc.reports.actions.log import Entry, append, lines_of
from ioc.reports.clocks import Escalation
from ioc.reports.models import Moderation, Report, ReportEvent
from ioc.reports.queries import ReportQuerySet
from ioc.reports.workflow import State
from layers import changes

PAGE = 50
LIMIT = 300
LIMIT_OVERDUE = 1000
RUN_S = 5.0  # a task of the fast queue is ended after eight

log = structlog.get_logger(__name__)

SAID = {
    "acknowledge": Text("Chưa ai tiếp nhận", "Nobody has taken it on"),
    "resolve": Text("Quá hạn xử lý", "Overdue"),
    "dwell": Text("Lâu không có tiến triển", "No progress for long"),
}
DUE_SOON = Text("Sắp đến hạn xử lý", "Due soon")


def escalate(now: datetime | None = None, *, limit: int = LIMIT) -> int:
    """How many cases were told on whose next step of escalation has come.

    Whoever touched the case is never asked, nor whether it has an agency: without one the centre
    hears. What waits for a moderator is no case yet.
    """
    now = now or timezone.now()
    due = Report.objects.filter(next_escalation_at__lte=now).exclude(moderation=Moderation.HELD)
    return _each(due.order_by("next_escalation_at", "id"), lambda one: _escalate(one, now), limit)


def _escalate(report: Report, now: datetime) -> bool:
    lines = lines_of(report)
    rules = terms.content(report.terms_id)
    taken = terms.steps_taken(lines)
    faces = terms.faces_of(report, lines, now)
    due = [s for s in clocks.escalations_due(faces, rules, now) if s.name not in taken]
    awake_at = clocks.awake_at(rules, now)
    if not due or awake_at > now:
        # Either the row was older than its log, or the sweep is late and staff are at home.
        terms.set_clocks(report, lines, now)
        if due:
            report.next_escalation_at = awake_at
        report.save()
        return False
    events = append(
        report, *(Entry(kind="escalate", key=s.key(report.pk), detail=_detail(s)) for s in due)
    )
    for step, event in zip(due, events, strict=True):
        _tell(report, event, step, now)
    return True


def _detail(step: Escalation) -> dict[str, object]:
    return {
        "step": step.name,
        "clock": step.clock,
        "share": step.share,
        "to": step.to,
        "at": step.at.isoformat(),
    }


def _tell(report: Report, event: ReportEvent, step: Escalation, now: datetime) -> None:
    to = step.to if report.agency_id is not None else "centre"
    messages.queue(
        key=f"escalation:{event.key}", report=report, event=event, kind="escalation", to=to,
        delay_s=0,
    )  # fmt: skip
    if to != "centre":
        return
    said = DUE_SOON if step.clock == "resolve" and step.share < 1 else SAID[step.clock]
    category, place = report.category, report.district
    where_vi, where_en = (place.name_vi, place.name_en) if place else ("", "")
    notices.publish(
        key=f"report-escalated-{event.key}",
        kind="report-escalated",
        severity="severe" if report.emergency else "moderate",
        layer="reports",
        feature_id=report.pk,
        point=(report.geom.x, report.geom.y),
        occurred_at=now,
        title=Text(f"{said.vi}: {report.code}", f"{said.en}: {report.code}"),
        body=Text(
            ", ".join(filter(None, (category.name_vi, where_vi))),
            ", ".join(filter(None, (category.name_en, where_en))),
        ),
        data={"code": report.code, "clock": step.clock, "share": step.share},
        synthetic=report.synthetic,
    )


def mark_overdue(now: datetime | None = None, *, limit: int = LIMIT_OVERDUE) -> int:
    """How many open cases are late from now on, in their rows and on the map.

    The row's `resolve_due_at` is what the log says whenever a line is added, and nothing but a
    line moves it: no clock need be read.
    """
    now = now or timezone.now()
    deadline, done = monotonic() + RUN_S, 0
    while done < limit and monotonic() < deadline:
        marked = _mark_overdue(now, min(100, limit - done))
        done += marked
        if not marked:
            break
    return done


@transaction.atomic
def _mark_overdue(now: datetime, limit: int) -> int:
    due = Report.objects.filter(closed_at=None, overdue=False, resolve_due_at__lt=now)
    rows = due.select_for_update(of=("self",), skip_locked=True).select_related("category")
    late = list(rows.order_by("resolve_due_at")[:limit])
    for report in late:
        report.overdue = True
        report.icon = report.category.icon  # type: ignore[attr-defined]
    Report.objects.filter(pk__in=[report.pk for report in late]).update(overdue=True)
    changes.upsert_many("reports", late, at=now)
    return len(late)


def end_waits(now: datetime | None = None, *, limit: int = LIMIT) -> int:
    """How many cases are at work again: their planned day has come, or the wait is over.

    The clocks went on by themselves at that moment, however late this runs.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    over = Report.objects.filter(
        Q(state=State.PLANNED, planned_for__lte=today)
        | Q(
            state__in=(State.WAITING_FOR_REPORTER, State.WAITING_FOR_THIRD_PARTY),
            waiting_until__lt=today,
        )
    ).exclude(moderation=Moderation.HELD)
    return _each(over.order_by("id"), _resume, limit)


def _resume(report: Report) -> bool:
    asked = report.state == State.WAITING_FOR_REPORTER
    until = report.planned_for if report.state == State.PLANNED else report.waiting_until
    entry = Entry(
        kind="no_answer" if asked else "resume",
        facts={"planned_for": None, "waiting_until": None},
        detail={"waited": report.state, "until": str(until)},
    )
    append(report, entry)
    return True


def adopt(*, limit: int = LIMIT) -> int:
    """How many open cases were given terms that had none: those older than terms are."""
    without = Report.objects.filter(terms=None, closed_at=None).order_by("id")
    return _each(without, _adopt, limit)


def _adopt(report: Report) -> bool:
    report.terms = terms.freeze(report.category, report.emergency)
    terms.set_clocks(report, lines_of(report))
    report.save(update_fields=["terms", *terms.NO_CLOCKS])
    return True


def _each(due: ReportQuerySet, do: Callable[[Report], bool], limit: int) -> int:
    """How many of these were done, each in a transaction of its own: one that fails, or that
    somebody else holds, keeps no other waiting."""
    deadline, done = monotonic() + RUN_S, 0
    seen: set[int] = set()
    while done < limit:
        page = list(due.exclude(pk__in=seen).values_list("pk", flat=True)[:PAGE])
        if not page:
            break
        for pk in page:
            if monotonic() > deadline or done >= limit:
                return done
            seen.add(pk)
            done += _one(due, do, pk)
    return done


def _one(due: ReportQuerySet, do: Callable[[Report], bool], pk: int) -> bool:
    try:
        with transaction.atomic():
            # Asked again under the lock: the other who held it may have done this already.
            rows = due.select_for_update(of=("self",), skip_locked=True).order_by()
            report = cast("Report | None", rows.filter(pk=pk).first())
            return report is not None and do(report)
    except Exception:
        log.exception("report-sweep-failed", report=pk)
        return False
