"""Working time: exact, and adding undoes measuring."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import Refused
from ioc.reports import calendars
from ioc.reports.calendars import ALL_HOURS, Calendar, Unreachable
from ioc.reports.national import national_days

HUE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = [["07:30", "11:30"], ["13:30", "17:30"]]
WEEK = [DAY] * 5 + [[], []]
OFFICE = {
    "code": "office",
    "zone": "Asia/Ho_Chi_Minh",
    "hours": WEEK,
    "days": {"2026-08-22": DAY, "2026-08-31": [], "2026-09-01": [], "2026-09-02": []},
}
HOUR = 3600.0


def at(text: str, zone: ZoneInfo = HUE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def office() -> Calendar:
    return Calendar.from_content(OFFICE)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-20T08:00", "2026-11-20T10:00", 2),
        ("2026-11-20T11:00", "2026-11-20T14:00", 1),  # lunch is not work
        ("2026-11-20T17:00", "2026-11-23T08:00", 1),  # nor is a weekend
        ("2026-08-21T17:00", "2026-08-24T08:00", 9),  # a Saturday that is worked
        ("2026-08-28T17:00", "2026-09-03T08:00", 1),  # the long National Day
        ("2026-11-21T09:00", "2026-11-22T20:00", 0),
        ("2026-11-20T10:00", "2026-11-20T08:00", 0),
    ],
)
def test_hours_between(start: str, end: str, hours: float) -> None:
    assert office().working_s(at(start), at(end)) == hours * HOUR


def test_the_end_of_a_span_is_when_it_is_over_not_when_the_next_begins() -> None:
    assert office().add_working(at("2026-11-20T10:30"), HOUR) == at("2026-11-20T11:30")
    assert office().add_working(at("2026-11-20T10:30"), HOUR + 1) == at("2026-11-20T13:30:01")
    assert office().add_working(at("2026-11-20T17:30"), 8 * HOUR) == at("2026-11-23T17:30")


def test_when_work_begins_again() -> None:
    calendar = office()
    assert not calendar.is_working(at("2026-11-20T11:30"))
    assert calendar.is_working(at("2026-11-20T07:30"))
    assert calendar.is_working(at("2026-08-22T08:00"))
    assert calendar.next_working(at("2026-11-20T17:30")) == at("2026-11-23T07:30")
    assert calendar.next_working(at("2026-11-20T08:00")) == at("2026-11-20T08:00")
    assert calendar.next_working(at("2026-12-31T17:30")) == at("2027-01-01T07:30")


def test_a_calendar_without_hours_never_searches_for_ever() -> None:
    idle = Calendar("Asia/Ho_Chi_Minh", [[]] * 7)
    with pytest.raises(Unreachable):
        idle.add_working(at("2026-11-20T08:00"), 1)
    with pytest.raises(Unreachable):
        idle.next_working(at("2026-11-20T08:00"))
    assert idle.working_s(at("2026-01-01"), at("2040-01-01")) == 0
    with pytest.raises(Unreachable):
        office().working_s(at("1900-01-01"), at("2026-01-01"))


ZONES = st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Amsterdam", "America/St_Johns", "UTC"])


@st.composite
def spans(draw: st.DrawFn) -> list[list[str]]:
    edges = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    clock = [f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in edges]
    return [list(pair) for pair in zip(clock[::2], clock[1::2], strict=False)]


@st.composite
def any_calendar(draw: st.DrawFn) -> Calendar:
    hours = [draw(spans()) for _ in range(6)] + [DAY]
    dates = st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(date.isoformat)
    return Calendar(draw(ZONES), hours, draw(st.dictionaries(dates, spans(), max_size=8)))


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(any_calendar(), MOMENTS, st.integers(0, 60 * 86_400_000_000))
def test_adding_undoes_measuring(calendar: Calendar, start: datetime, us: int) -> None:
    done = calendar.add_working(start, us / 1e6)
    assert calendar.working_us(start, done) == us
    # It is the first such moment: a blink earlier, less was worked.
    assert us == 0 or calendar.working_us(start, done - calendars.US) == us - 1


@given(any_calendar(), MOMENTS, MOMENTS, MOMENTS)
def test_the_parts_are_the_whole(calendar: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    assert calendar.working_us(a, b) + calendar.working_us(b, c) == calendar.working_us(a, c)
    assert 0 <= calendar.working_us(a, c) <= (c - a) / calendars.US


@settings(max_examples=40)
@given(any_calendar(), MOMENTS, st.integers(0, 9 * 96))
def test_as_counted_quarter_by_quarter(calendar: Calendar, start: datetime, n: int) -> None:
    start = start.replace(minute=0, second=0, microsecond=0)
    quarter = timedelta(minutes=15)
    worked = sum(calendar.is_working(start + i * quarter) for i in range(n))
    assert calendar.working_s(start, start + n * quarter) == worked * 900


@given(MOMENTS, st.integers(0, 10**12))
def test_round_the_clock(start: datetime, us: int) -> None:
    assert ALL_HOURS.working_us(start, ALL_HOURS.add_us(start, us)) == us


def test_the_clocks_put_forward_make_a_short_day() -> None:
    calendar = Calendar("Europe/Amsterdam", [[["00:00", "24:00"]]] * 7)
    amsterdam = ZoneInfo("Europe/Amsterdam")
    start, end = at("2026-03-29", amsterdam), at("2026-03-30", amsterdam)
    assert calendar.working_s(start, end) == 23 * HOUR
    assert calendar.working_s(at("2026-10-25", amsterdam), at("2026-10-26", amsterdam)) == 25 * HOUR


def test_vietnam_is_known_with_tet_and_the_saturday_that_is_worked() -> None:
    days = {day.day: day for day in national_days("VN", range(2026, 2028))}
    made_up = days[date(2026, 8, 22)]
    assert made_up.working and made_up.instead_of == date(2026, 8, 31)
    assert not days[date(2026, 8, 31)].working
    tet = {date(2026, 2, 16) + timedelta(days=i) for i in range(5)}
    assert not any(days[day].working for day in tet)
    assert days[date(2026, 2, 17)].name == ("Tết Nguyên Đán", "Lunar New Year")


class Rows(list[Any]):
    def all(self) -> "Rows":
        return self


def test_a_frozen_calendar_keeps_only_days_that_differ() -> None:
    saturday_morning = [DAY[0]]
    rows = [
        SimpleNamespace(day=date(2026, 8, 22), working=True, hours=None),
        SimpleNamespace(day=date(2026, 8, 31), working=False, hours=None),
        SimpleNamespace(day=date(2026, 11, 22), working=False, hours=None),  # a Sunday anyway
        SimpleNamespace(day=date(2026, 11, 28), working=True, hours=saturday_morning),
    ]
    calendar: Any = SimpleNamespace(code="c", time_zone="UTC", hours=WEEK, days=Rows(rows))
    content = calendars.content_of(calendar)
    assert content["days"] == {
        "2026-08-22": DAY, "2026-08-31": [], "2026-11-28": saturday_morning,
    }  # fmt: skip
    assert Calendar.from_content(content) is Calendar.from_content(dict(content))


@pytest.mark.parametrize(
    "hours",
    [
        [DAY] * 6,
        [[]] * 7,
        [[["11:30", "07:30"]]] * 7,
        [[["07:30", "11:30"], ["11:00", "12:00"]]] * 7,
        [[["7:30", "11:30"]]] * 7,
        [[["24:00", "24:30"]]] * 7,
        [[["07:30"]]] * 7,
        [[[730, 1130]]] * 7,
        "07:30-17:30",
        None,
    ],
)
def test_hours_that_nobody_can_work_are_refused(hours: Any) -> None:
    with pytest.raises(Refused):
        calendars.check("Asia/Ho_Chi_Minh", hours)


def test_good_hours_are_taken() -> None:
    calendars.check("Asia/Ho_Chi_Minh", WEEK)
    with pytest.raises(Refused):
        calendars.check("Asia/Huế", WEEK)
