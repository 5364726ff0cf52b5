"""Writes of what the centre sets up. Each checks what it was based on: nobody's work is lost."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.accounts.models import Agency
from ioc.reports import calendars, questionnaire, routing, setup
from ioc.reports.models import (
    CalendarDay,
    Category,
    RoutingRule,
    ServicePlan,
    WorkCalendar,
)
from ioc.reports.terms import keep_holidays, plans_used

STEP = 10
MOST_KEYWORDS = 60
CLOCKS = ("acknowledge", "resolve", "dwell")
HOURS = (
    "acknowledge_h", "resolve_h", "dwell_h", "emergency_acknowledge_h", "emergency_resolve_h",
)  # fmt: skip
Values = Mapping[str, Any]


class Faults:
    """What is wrong with a form, field by field, told all at once."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def unless(self, good: Any, field: str, message: str) -> None:
        if not good:
            self.fields.setdefault(field, message)

    def texts(self, values: Values, most: int, *names: str, needed: bool = False) -> None:
        for name in names:
            text = values.get(name, "")
            self.unless(not needed or str(text).strip(), name, _("This is needed."))
            too_long = _("At most %(most)s characters.") % {"most": most}
            self.unless(isinstance(text, str) and len(text) <= most, name, too_long)

    def refuse(self) -> None:
        if self.fields:
            first = next(iter(self.fields.values()))
            raise Refused("bad-setup", first, status=422, fields=self.fields)


def _fresh(shown: Mapping[str, Any], version: str, who: str = "") -> None:
    """Raises Refused: stale, where somebody changed it since it was read."""
    if shown["version"] != version:
        message = _("Somebody changed this while you were editing. Load it again.")
        if who:
            message = _("%(who)s changed this while you were editing. Load it again.") % {
                "who": who
            }
        raise Refused("stale", message, status=409, now=dict(shown))


@transaction.atomic
def save_rule(
    *, by: Any, values: Values, rule_id: int | None = None, version: str = ""
) -> RoutingRule:
    """The rule, checked and saved; a new one stands last unless `order` says where."""
    rows = RoutingRule.objects.select_for_update(of=("self",)).select_related("agency")
    rule = rows.get(pk=rule_id) if rule_id else RoutingRule()
    if rule_id:
        _fresh(setup.rule(rule), version, str(rule.changed_by or ""))
    faults = Faults()
    faults.texts(values, 120, "name", needed=True)
    faults.texts(values, 2000, "note")
    agency = Agency.objects.filter(code=values.get("agency"), active=True).first()
    faults.unless(agency, "agency", _("Choose an agency that is active."))
    try:
        conditions = routing.check(values.get("conditions") or {})
    except Refused as refused:
        faults.fields.update(refused.details["fields"])
    faults.refuse()
    assert agency is not None  # refused above
    rule.name, rule.note = values["name"].strip(), values.get("note", "").strip()
    rule.conditions = conditions.model_dump(mode="json", exclude_defaults=True)
    rule.agency, rule.live = agency, bool(values.get("live"))
    rule.version = (rule.version or 0) + bool(rule_id)
    rule.changed_by = by
    order = values.get("order")
    if not rule_id:
        rule.order = _last_order() + STEP
        if isinstance(order, int) and 0 <= order < 1_000_000:
            rule.order = order
    rule.save()
    return rule


def _last_order() -> int:
    return RoutingRule.objects.aggregate(last=Max("order"))["last"] or 0


@transaction.atomic
def delete_rule(*, rule_id: int, version: str) -> None:
    rule = RoutingRule.objects.select_for_update(of=("self",)).get(pk=rule_id)
    _fresh(setup.rule(rule), version, str(rule.changed_by or ""))
    rule.delete()


@transaction.atomic
def order_rules(*, ids: list[int]) -> None:
    """Rules in this order. Raises Refused: stale, where the list is not the whole list."""
    rows = {rule.pk: rule for rule in RoutingRule.objects.select_for_update().order_by("pk")}
    if set(rows) != set(ids) or len(ids) != len(rows):
        message = _("A rule was added or removed meanwhile. Load the list again.")
        raise Refused("stale", message, status=409)
    for place, pk in enumerate(ids, 1):
        rows[pk].order = place * STEP
    RoutingRule.objects.bulk_update(rows.values(), ["order"])


@transaction.atomic
def save_category(*, values: Values, code: str, new: bool = False, version: str = "") -> Category:
    """The category; retiring it is refused while a live rule asks for it."""
    category = (
        Category(pk=code) if new else Category.objects.select_for_update(of=("self",)).get(pk=code)
    )
    if not new:
        _fresh(setup.category(category), version)
    faults = Faults()
    _check_code(faults, code, taken=new and Category.objects.filter(pk=code).exists())
    faults.texts(values, 120, "name_vi", "name_en", needed=True)
    faults.texts(values, 300, "description_vi", "description_en")
    icon, color = str(values.get("icon", "")), str(values.get("color", ""))
    faults.unless(re.fullmatch(r"[a-z0-9-]{1,40}", icon), "icon", _("Choose an icon."))
    faults.unless(re.fullmatch(r"#[0-9a-fA-F]{6}", color), "color", _("A colour is #rrggbb."))
    agency = values.get("agency") or ""
    known = not agency or Agency.objects.filter(code=agency, active=True).exists()
    faults.unless(known, "agency", _("Choose an agency that is active."))
    plan = ServicePlan.objects.filter(code=values.get("plan") or "", active=True).first()
    faults.unless(plan or not values.get("plan"), "plan", _("Choose a plan that is in use."))
    keywords = values.get("keywords") or []
    good = isinstance(keywords, list) and len(keywords) <= MOST_KEYWORDS
    good = good and all(isinstance(w, str) and 0 < len(w.strip()) <= 60 for w in keywords)
    faults.unless(good, "keywords", _("At most 60 words, each of 1 to 60 characters."))
    asked, wrong = questionnaire.checked(values.get("attributes", category.attributes))
    faults.fields.update(wrong)
    active = bool(values.get("active", True))
    if not active:
        asking = _rules_asking_for(code)
        message = _("Live rules ask for this category: %(rules)s. Change them first.")
        faults.unless(not asking, "active", message % {"rules": ", ".join(asking)})
    faults.refuse()
    for name in ("name_vi", "name_en", "description_vi", "description_en"):
        setattr(category, name, values.get(name, "").strip())
    category.icon, category.color, category.agency, category.plan = icon, color, agency, plan
    category.keywords = list(dict.fromkeys(word.strip() for word in keywords))
    category.active, category.attributes = active, asked
    category.needs_result_photo = bool(values.get("needs_result_photo"))
    if isinstance(values.get("order"), int) and 0 <= values["order"] < 32_000:
        category.order = values["order"]
    category.save(force_insert=new)
    return category


def _rules_asking_for(code: str) -> list[str]:
    rows = RoutingRule.objects.filter(live=True, conditions__categories__contains=[code])
    return list(rows.values_list("name", flat=True))


def _check_code(faults: Faults, code: str, *, taken: bool) -> None:
    shape = re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", code)
    faults.unless(shape, "code", _("A code is 1 to 40 small letters, digits and hyphens."))
    faults.unless(not taken, "code", _("This code is taken."))


@transaction.atomic
def save_plan(*, values: Values, code: str, new: bool = False, version: str = "") -> ServicePlan:
    """The plan for cases to come; running ones keep the terms they began with."""
    rows = ServicePlan.objects.select_for_update(of=("self",))
    plan = ServicePlan(code=code) if new else rows.get(code=code)
    if not new:
        _fresh(setup.plan(plan), version)
    faults = Faults()
    _check_code(faults, code, taken=new and ServicePlan.objects.filter(code=code).exists())
    faults.texts(values, 120, "name_vi", "name_en", needed=True)
    for name in HOURS:
        good = _number(values.get(name), 0.05, 8760)
        faults.unless(good, name, _("Hours between 0.05 and 8,760."))
    warn = _number(values.get("warn_share"), 0.05, 0.99)
    faults.unless(warn, "warn_share", _("A share between 5 and 99 percent."))
    for name, most in (("answer_days", 90), ("reopen_days", 365)):
        good = isinstance(values.get(name), int) and 1 <= values[name] <= most
        faults.unless(good, name, _("Days between 1 and %(most)s.") % {"most": most})
    calendar = WorkCalendar.objects.filter(code=values.get("calendar")).first()
    faults.unless(calendar, "calendar", _("Choose a calendar."))
    _check_escalations(faults, values.get("escalations"))
    if not values.get("active", True) and not new:
        used = plans_used()[plan.pk]
        message = _("%(count)s categories in use have this plan. Give them another one first.")
        faults.unless(not used, "active", message % {"count": used})
    faults.refuse()
    assert calendar is not None  # refused above
    for name in (*HOURS, "warn_share", "answer_days", "reopen_days", "escalations"):
        setattr(plan, name, values[name])
    plan.name_vi, plan.name_en = values["name_vi"].strip(), values["name_en"].strip()
    plan.calendar, plan.active = calendar, bool(values.get("active", True))
    plan.version = (plan.version or 0) + (not new)
    plan.save()
    return plan


def _number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _check_escalations(faults: Faults, steps: Any) -> None:
    good = (
        isinstance(steps, list)
        and len(steps) <= 12
        and all(
            isinstance(step, dict)
            and set(step) == {"clock", "share", "to"}
            and step["clock"] in CLOCKS
            and step["to"] in ("agency", "centre")
            and _number(step["share"], 0.05, 10)
            for step in steps
        )
    )
    message = _("Each step names a clock, a share between 5 and 1,000 percent, and who is told.")
    faults.unless(good, "escalations", message)


@transaction.atomic
def save_calendar(
    *, values: Values, code: str, new: bool = False, version: str = ""
) -> WorkCalendar:
    """The calendar for cases to come, its country's holidays filled in."""
    rows = WorkCalendar.objects.select_for_update(of=("self",))
    calendar = WorkCalendar(code=code) if new else rows.get(code=code)
    if not new:
        _fresh(setup.calendar(calendar), version)
    faults = Faults()
    _check_code(faults, code, taken=new and WorkCalendar.objects.filter(code=code).exists())
    faults.texts(values, 120, "name_vi", "name_en", needed=True)
    faults.unless(values.get("holidays", "") in ("", "VN"), "holidays", _("Vietnam or none."))
    try:
        calendars.check(str(values.get("time_zone", "")), values.get("hours"))
    except Refused as refused:
        faults.fields.update(refused.details["fields"])
    faults.refuse()
    dropped = calendar.holidays and not values.get("holidays")
    for name in setup.CALENDAR:
        setattr(calendar, name, values.get(name, ""))
    calendar.save()
    if dropped:
        calendar.days.filter(source__startswith=setup.NATIONAL).delete()
    keep_holidays(calendar)
    return calendar


@transaction.atomic
def save_day(*, code: str, day: date, values: Values) -> CalendarDay:
    """What the city itself says of a day; it stands above what the country's list says."""
    calendar = WorkCalendar.objects.select_for_update().get(code=code)
    faults = Faults()
    faults.texts(values, 120, "name_vi", "name_en")
    hours = values.get("hours") or None
    if hours is not None:
        try:
            calendars.check_spans(hours, "hours")
        except Refused as refused:
            faults.fields.update(refused.details["fields"])
    today = timezone.localdate()
    faults.unless(abs(day.year - today.year) <= 5, "day", _("A day within five years."))
    faults.refuse()
    row, _new = CalendarDay.objects.update_or_create(
        calendar=calendar,
        day=day,
        defaults={
            "working": bool(values.get("working")),
            "hours": hours if values.get("working") else None,
            "name_vi": values.get("name_vi", "").strip(),
            "name_en": values.get("name_en", "").strip(),
            "source": "",
        },
    )
    return row


@transaction.atomic
def remove_day(*, code: str, day: date) -> None:
    """The day is again what the week and the country's list say."""
    calendar = WorkCalendar.objects.select_for_update().get(code=code)
    calendar.days.filter(day=day).delete()
    keep_holidays(calendar, again=True)


def probe(*, code: str, values: Values, start: datetime, hours: float) -> datetime:
    """When so many working hours from `start` would be over, with the week as in the form."""
    if not _number(hours, 0, 2000):
        message = _("Hours between 0 and 2,000.")
        raise Refused("bad-setup", message, status=422, fields={"probe": message})
    saved = WorkCalendar.objects.filter(code=code).first() or WorkCalendar(code=code)
    zone, week = values.get("time_zone", saved.time_zone), values.get("hours", saved.hours)
    calendars.check(str(zone), week)
    saved.time_zone, saved.hours = zone, week
    if start.tzinfo is None:
        start = start.replace(tzinfo=ZoneInfo(zone))
    content = calendars.content_of(saved) if saved.pk else {
        "code": code, "zone": zone, "hours": week, "days": {},
    }  # fmt: skip
    return calendars.Calendar.from_content(content).add_working(start, hours * 3600)
