"""Working time: how much of it lies between two moments, and when so much of it is over.

A calendar's content is what a case freezes: ``{"code", "zone", "hours", "days"}``, where `hours`
are the spans of Monday to Sunday on the wall clock of the zone, ``[["07:30", "11:30"], …]``, and
`days` the spans of single dates that differ, none on a holiday.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import orjson
from django.utils.translation import gettext as _

from geo.errors import Refused

if TYPE_CHECKING:
    from ioc.reports.models import WorkCalendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
US = timedelta(microseconds=1)
SECOND_US = 1_000_000
US_A_MINUTE = 60 * SECOND_US
FIRST_YEAR, LAST_YEAR = 1971, 2199
HORIZON_YEARS = 20  # no case waits longer; a calendar without hours must not search for ever
SPANS_A_DAY = 6
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")

Spans = Sequence[Sequence[str]]


class Unreachable(ValueError):
    """Raised where a calendar has too little working time left to answer."""


def _us(at: datetime) -> int:
    return (at - EPOCH) // US


def _at(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)


def _minute(clock: str) -> int:
    return 60 * int(clock[:2]) + int(clock[3:5])


def _edges(spans: Spans) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((_minute(start), _minute(end)) for start, end in spans))


class _Year(NamedTuple):
    """The working spans of one year in microseconds since 1970: when each begins and ends, and
    how much was worked before it; `total` is all of it."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int


class Calendar:
    """Working time of one place. Exact to the microsecond, so that adding undoes measuring."""

    def __init__(
        self, zone: str, hours: Sequence[Spans], days: Mapping[str, Spans] | None = None
    ) -> None:
        self.zone = ZoneInfo(zone)
        self._week = [_edges(spans) for spans in hours]
        self._days = {day: _edges(spans) for day, spans in (days or {}).items()}
        self._years: dict[int, _Year] = {}

    @staticmethod
    def from_content(content: Mapping[str, Any]) -> "Calendar":
        """The calendar of a frozen content; the same content gives the same object again."""
        return _calendar(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))

    def working_s(self, start: datetime, end: datetime) -> float:
        """Seconds of working time from `start` to `end`; 0 where `end` is not later."""
        return self.working_us(start, end) / SECOND_US

    def working_us(self, start: datetime, end: datetime) -> int:
        """`working_s` in microseconds, exactly."""
        if end <= start:
            return 0
        first, last = self._year_of(start), self._year_of(end)
        whole = sum(self._year(year).total for year in range(first, last))
        return whole + self._worked(last, _us(end)) - self._worked(first, _us(start))

    def add_working(self, start: datetime, seconds: float) -> datetime:
        """The first moment at which `seconds` of working time since `start` are over.

        Raises Unreachable where the calendar has not so much time in the years to come.
        """
        return self.add_us(start, round(seconds * SECOND_US))

    def add_us(self, start: datetime, us: int) -> datetime:
        """`add_working` in microseconds, exactly."""
        if us <= 0:
            return start
        first = self._year_of(start)
        target = us + self._worked(first, _us(start))
        for number in range(first, min(first + HORIZON_YEARS, LAST_YEAR) + 1):
            year = self._year(number)
            if target <= year.total:
                span = bisect_left(year.before, target) - 1
                return _at(year.starts[span] + target - year.before[span])
            target -= year.total
        raise Unreachable("The calendar has not so much working time.")

    def is_working(self, at: datetime) -> bool:
        """Whether this is a moment of working time; the end of a span no longer is."""
        year, us = self._year(self._year_of(at)), _us(at)
        span = bisect_right(year.starts, us) - 1
        return span >= 0 and us < year.ends[span]

    def next_working(self, at: datetime) -> datetime:
        """This moment if it is working time, otherwise when it begins again.

        Raises Unreachable where it never does.
        """
        if self.is_working(at):
            return at
        first = self._year_of(at)
        for number in range(first, min(first + HORIZON_YEARS, LAST_YEAR) + 1):
            year = self._year(number)
            span = bisect_right(year.starts, _us(at))
            if span < len(year.starts):
                return _at(year.starts[span])
        raise Unreachable("The calendar has no working time.")

    def _year_of(self, at: datetime) -> int:
        year = at.astimezone(self.zone).year
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Unreachable(f"No working time is known of the year {year}.")
        return year

    def _worked(self, number: int, us: int) -> int:
        """Working time of a year until a moment in it."""
        year = self._year(number)
        span = bisect_right(year.starts, us) - 1
        if span < 0:
            return 0
        return year.before[span] + min(us, year.ends[span]) - year.starts[span]

    def _year(self, number: int) -> _Year:
        if (known := self._years.get(number)) is None:
            known = self._years[number] = self._measure(number)
        return known

    def _measure(self, number: int) -> _Year:
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for start, end in self._spans(number):
            # Where the clocks are put forward a span may begin within the hour that is not.
            start = max(start, last)
            if end > start:
                starts.append(start)
                ends.append(end)
                last = end
        lengths = (end - start for start, end in zip(starts, ends, strict=True))
        before = list(accumulate(lengths, initial=0))
        return _Year(starts, ends, before[:-1], before[-1])

    def _spans(self, number: int) -> Iterable[tuple[int, int]]:
        day = datetime(number, 1, 1)
        offset = self.zone.utcoffset(day)
        while day.year == number:
            tomorrow = day + timedelta(days=1)
            next_offset = self.zone.utcoffset(tomorrow)
            edges = self._week[day.weekday()]
            if self._days:
                edges = self._days.get(day.date().isoformat(), edges)
            if offset == next_offset:
                midnight = _us(day.replace(tzinfo=UTC) - (offset or timedelta()))
                yield from ((midnight + start * US_A_MINUTE, midnight + end * US_A_MINUTE)
                            for start, end in edges)  # fmt: skip
            else:
                yield from ((self._wall(day, start), self._wall(day, end)) for start, end in edges)
            day, offset = tomorrow, next_offset

    def _wall(self, day: datetime, minute: int) -> int:
        return _us((day + timedelta(minutes=minute)).replace(tzinfo=self.zone))


class RoundTheClock(Calendar):
    """Every second counts."""

    def __init__(self) -> None:
        super().__init__("UTC", [[["00:00", "24:00"]]] * 7)

    def working_us(self, start: datetime, end: datetime) -> int:
        return max(0, (end - start) // US)

    def add_us(self, start: datetime, us: int) -> datetime:
        try:
            return start + timedelta(microseconds=max(0, us))
        except OverflowError as wrong:
            raise Unreachable("That is beyond the end of time.") from wrong

    def is_working(self, at: datetime) -> bool:
        return True

    def next_working(self, at: datetime) -> datetime:
        return at


ALL_HOURS = RoundTheClock()


@lru_cache(maxsize=64)
def _calendar(content: bytes) -> Calendar:
    known = orjson.loads(content)
    return Calendar(known["zone"], known["hours"], known["days"])


def check(zone: str, hours: Any) -> None:
    """Raises Refused for a zone that does not exist, or hours that nobody can work."""
    if zone not in available_timezones():
        raise _wrong("bad-zone", _("This time zone is not known."), "time_zone")
    if not isinstance(hours, list) or len(hours) != 7:
        raise _wrong("bad-hours", _("Hours are needed for each of the seven days."), "hours")
    for spans in hours:
        check_spans(spans)
    if not any(hours):
        raise _wrong("bad-hours", _("The week has no working hour."), "hours")


def check_spans(spans: Any, field: str = "hours") -> None:
    """Raises Refused unless these are spans of one day, in order and apart."""
    message = _("Hours are written as 07:30 to 11:30, in order, and none overlaps another.")
    if not isinstance(spans, list) or len(spans) > SPANS_A_DAY:
        raise _wrong("bad-hours", message, field)
    last = -1
    for span in spans:
        good = isinstance(span, list | tuple) and len(span) == 2
        if not good or not all(isinstance(t, str) and CLOCK.fullmatch(t) for t in span):
            raise _wrong("bad-hours", message, field)
        start, end = map(_minute, span)
        if start < last or end <= start:
            raise _wrong("bad-hours", message, field)
        last = end


def _wrong(code: str, message: str, field: str) -> Refused:
    return Refused(code, message, fields={field: message})


def usual_spans(hours: Sequence[Spans], day: date) -> Spans:
    """The spans of a day's weekday; on one without, as on a make-up Saturday, the week's first."""
    return hours[day.weekday()] or next((spans for spans in hours if spans), [])


def content_of(calendar: "WorkCalendar", rows: Iterable[Any] | None = None) -> dict[str, Any]:
    """What a case freezes of a calendar: its days are those that differ from the week's. `rows`
    are its days where the caller has read them."""
    days: dict[str, Spans] = {}
    for row in calendar.days.all() if rows is None else rows:
        spans = (row.hours or usual_spans(calendar.hours, row.day)) if row.working else []
        if list(spans) != list(calendar.hours[row.day.weekday()]):
            days[row.day.isoformat()] = spans
    return {
        "code": calendar.code,
        "zone": calendar.time_zone,
        "hours": calendar.hours,
        "days": dict(sorted(days.items())),
    }
