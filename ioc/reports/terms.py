"""The terms a case is judged by: plan and calendar as they were, and its clocks under them."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
import structlog
from django.db import connection, transaction
from django.utils import timezone

from geo import reference
from ioc.reports import clocks
from ioc.reports.calendars import content_of
from ioc.reports.ledger import Line
from ioc.reports.marks import marks_of
from ioc.reports.models import CalendarDay, Category, Report, ServicePlan, Terms, WorkCalendar

log = structlog.get_logger(__name__)

NATIONAL = "holidays "  # how the source of a day begins that a country's list told
YEARS_BACK, YEARS_AHEAD = 1, 3
PLAN = (
    "code", "name_vi", "name_en", "acknowledge_h", "resolve_h", "dwell_h",
    "emergency_acknowledge_h", "emergency_resolve_h", "warn_share", "escalations",
    "answer_days", "reopen_days",
)  # fmt: skip
NO_CLOCKS: dict[str, Any] = {
    "ack_due_at": None, "resolve_due_at": None, "resolve_warn_at": None, "dwell_due_at": None,
    "next_due_at": None, "next_warn_at": None, "next_clock": "", "next_escalation_at": None,
    "paused": False, "overdue": False,
}  # fmt: skip


def freeze(category: Category, emergency: bool) -> Terms:
    """The terms of a new case of this category: the category's plan, or the city's usual one."""
    known = reference.now()
    key = ("terms", category.plan_id, emergency, timezone.localdate())
    digest, content = known.get(key, lambda: _drawn_up(category.plan, emergency))
    terms = Terms(digest=digest, content=content)
    kept: set[str] = known.get("terms-kept", set)
    if digest not in kept:
        if not Terms.objects.filter(pk=digest).exists():
            Terms.objects.bulk_create([terms], ignore_conflicts=True)
        if not connection.in_atomic_block:  # else the row may yet be taken back
            kept.add(digest)
    return terms


def _drawn_up(plan: ServicePlan | None, emergency: bool) -> tuple[str, dict[str, Any]]:
    """The content of terms, and its digest."""
    if plan is None or not plan.active:
        plan = usual_plan()
    content = {
        "plan": {name: getattr(plan, name) for name in PLAN},
        "calendar": content_of(plan.calendar, _days_of(plan.calendar)),
        "emergency": emergency,
    }
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return digest, content


def _days_of(calendar: WorkCalendar) -> list[Any]:
    """The calendar's days, the country's among them, in one query where they are there."""
    days = calendar.days.values_list("day", "working", "hours", "source", named=True)
    rows = list(days)
    last = timezone.localdate().year + YEARS_AHEAD
    told = any(row.day.year >= last and row.source.startswith(NATIONAL) for row in reversed(rows))
    return rows if told or not keep_holidays(calendar) else list(days.all())


def usual_plan() -> ServicePlan:
    """The plan of categories that name none: the first active one, made where a city has none."""
    plans = ServicePlan.objects.select_related("calendar").filter(active=True)
    if (plan := plans.order_by("id").first()) is not None:
        return plan
    calendar, _new = WorkCalendar.objects.get_or_create(
        code="office", defaults={"name_vi": "Giờ hành chính", "name_en": "Office hours"}
    )
    plan, _new = ServicePlan.objects.get_or_create(
        code="usual",
        defaults={"name_vi": "Thông thường", "name_en": "Usual", "calendar": calendar},
    )
    return plan


def plans_used() -> Counter[int | None]:
    """How many categories in use go by each plan, by its key: who names none by the usual one."""
    active = ServicePlan.objects.filter(active=True).order_by("id")
    usual = active.values_list("pk", flat=True).first()
    named = Category.objects.filter(active=True).values_list("plan_id", "plan__active")
    return Counter(plan if in_force else usual for plan, in_force in named)


def facts_of(report: Report, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the line that begins a case, or changes its category or urgency, sets of its terms."""
    changed = facts or {}
    code = changed.get("category", report.category_id)
    known = report.category if code == report.category_id else None
    category = known or Category.objects.select_related("plan__calendar").get(pk=code)
    emergency = changed.get("emergency", report.emergency)
    return {
        "category": category.pk,
        "emergency": emergency,
        "terms": freeze(category, emergency).digest,
    }


@lru_cache(maxsize=256)
def content(digest: str) -> Mapping[str, Any]:
    """The content of frozen terms; they never change, so each process asks once."""
    return Terms.objects.values_list("content", flat=True).get(pk=digest)


def faces_of(
    report: Report, lines: Iterable[Line], now: datetime | None = None
) -> dict[str, clocks.ClockFace]:
    """What the report's clocks show, by name; nothing where it has no terms."""
    if report.terms_id is None:
        return {}
    terms = content(report.terms_id)
    marks = marks_of(lines, content, terms)
    return clocks.read(marks, terms, report.emergency, now or timezone.now())


def set_clocks(report: Report, lines: Sequence[Line], now: datetime | None = None) -> None:
    """Make the clock columns of the row, unsaved, what the log says."""
    columns = NO_CLOCKS
    if report.terms_id is not None:
        faces = faces_of(report, lines, now)
        columns = clocks.columns(faces, content(report.terms_id), steps_taken(lines))
    for name, value in columns.items():
        setattr(report, name, value)


def steps_taken(lines: Iterable[Line]) -> frozenset[str]:
    """Names of the escalation steps that stand in the log."""
    return frozenset(line.detail.get("step", "") for line in lines if line.kind == "escalate")


def keep_holidays(calendar: WorkCalendar, *, again: bool = False) -> int:
    """How many of the country's days were new to the calendar: from last year to three ahead.

    What the city itself set for a day stands. Looks no further where the last year is there,
    unless `again`: a list is brought up to date when its package is.
    """
    if not calendar.holidays:
        return 0
    today = timezone.localdate()
    first, last = today.year - YEARS_BACK, today.year + YEARS_AHEAD
    told = CalendarDay.objects.filter(calendar=calendar, source__startswith=NATIONAL)
    if not again and told.filter(day__gte=date(last, 1, 1)).exists():
        return 0
    return _fill(calendar, first, last)


@transaction.atomic
def _fill(calendar: WorkCalendar, first: int, last: int) -> int:
    from ioc.reports import national  # 17 MB, once a year

    try:
        told = list(national.national_days(calendar.holidays, range(first, last + 1)))
    except NotImplementedError:
        log.warning("no-holidays-known", calendar=calendar.code, country=calendar.holidays)
        return 0
    source = national.source()
    wanted = [
        CalendarDay(
            calendar=calendar, day=one.day, working=one.working, name_vi=one.name.vi[:120],
            name_en=one.name.en[:120], source=source,
        )
        for one in told
    ]  # fmt: skip
    WorkCalendar.objects.select_for_update().get(pk=calendar.pk)  # others do the same just now
    days = CalendarDay.objects.filter(calendar=calendar, day__year__range=(first, last))
    own = set(days.exclude(source__startswith=NATIONAL).values_list("day", flat=True))
    wanted = [row for row in wanted if row.day not in own]
    before = {(row.day, row.working, row.source) for row in days if row.day not in own}
    after = {(row.day, row.working, row.source) for row in wanted}
    if before != after:
        days.filter(source__startswith=NATIONAL).delete()
        CalendarDay.objects.bulk_create(wanted, ignore_conflicts=True)
    return len(after - before)


def keep_calendars() -> int:
    """How many days were new to the city's calendars, their countries' lists as they now are."""
    return sum(keep_holidays(calendar, again=True) for calendar in WorkCalendar.objects.all())
