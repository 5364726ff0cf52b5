"""What a case is judged by is frozen when it begins."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from ioc.reports import calendars, national, terms
from ioc.reports.actions.log import lines_of
from ioc.reports.models import CalendarDay, Category, ServicePlan, Terms, WorkCalendar
from tests.reports.factories import make_category, make_report


@pytest.fixture
def plan(db: None) -> ServicePlan:
    calendar = WorkCalendar.objects.create(code="c", name_vi="C", name_en="C")
    return ServicePlan.objects.create(code="p", name_vi="P", name_en="P", calendar=calendar)


def test_a_case_keeps_its_terms_when_the_plan_is_edited(city: Any, plan: ServicePlan) -> None:
    Category.objects.filter(pk=make_category().pk).update(plan=plan)
    old = make_report()
    due_at = old.resolve_due_at
    ServicePlan.objects.filter(pk=plan.pk).update(resolve_h=1)
    new = make_report()
    assert old.terms_id != new.terms_id
    assert due_at and new.resolve_due_at and new.resolve_due_at < due_at
    old = type(old).objects.get(pk=old.pk)
    terms.set_clocks(old, lines_of(old))
    assert old.resolve_due_at == due_at


def test_the_same_plan_is_frozen_once(city: Any, plan: ServicePlan) -> None:
    category = Category(code="x", plan=plan)
    first = terms.freeze(category, False)
    assert terms.freeze(category, False).pk == first.pk != terms.freeze(category, True).pk
    assert Terms.objects.count() == 2
    assert terms.content(first.pk) == first.content
    assert calendars.Calendar.from_content(first.content["calendar"])


def test_a_category_without_a_plan_in_use_has_the_usual_one(city: Any, plan: ServicePlan) -> None:
    ServicePlan.objects.filter(pk=plan.pk).update(active=False)
    plan.refresh_from_db()
    assert terms.freeze(Category(code="x", plan=plan), False).content["plan"]["code"] == "usual"
    assert terms.freeze(Category(code="x"), False).content["plan"]["code"] == "usual"


def test_the_country_s_days_fill_the_calendar_and_the_city_s_own_stand(plan: ServicePlan) -> None:
    calendar = plan.calendar
    year = timezone.localdate().year
    tet = max(
        told.day
        for told in national.national_days("VN", [year + 1])
        if told.name.vi == "Tết Nguyên Đán"
    )
    CalendarDay.objects.create(calendar=calendar, day=tet, working=True, name_vi="Trực Tết")
    filled = terms.keep_holidays(calendar)
    days = {row.day: row for row in calendar.days.all()}
    assert filled == len(days) - 1 > 40
    assert days[tet].working and not days[date(year, 4, 30)].working
    assert {day.year for day in days} == set(range(year - 1, year + 4))
    assert terms.keep_holidays(calendar) == 0
    # A list told anew: what has changed is brought up to date, once.
    gone = days[date(year, 4, 30)]
    CalendarDay.objects.filter(pk=gone.pk).update(working=True)
    assert terms.keep_holidays(calendar, again=True) == 1
    assert terms.keep_calendars() == 0
    assert not CalendarDay.objects.get(calendar=calendar, day=gone.day).working


def test_a_country_nobody_knows_stops_no_report(plan: ServicePlan) -> None:
    WorkCalendar.objects.filter(pk=plan.calendar_id).update(holidays="XX")
    plan.calendar.refresh_from_db()
    assert terms.freeze(Category(code="x", plan=plan), False).content["calendar"]["days"] == {}


def test_hours_that_nobody_can_work_are_refused_in_the_admin(plan: ServicePlan) -> None:
    plan.calendar.hours = [[["17:00", "07:30"]]] * 7
    with pytest.raises(ValidationError):
        plan.calendar.full_clean()
    day = CalendarDay(calendar=plan.calendar, day=date(2026, 1, 1), hours=["07:30"])
    with pytest.raises(ValidationError):
        day.full_clean()
