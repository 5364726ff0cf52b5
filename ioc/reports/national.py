"""A country's holidays and make-up days, from the `holidays` package.

Importing it costs a process 17 MB, so nothing but the filling of calendars comes here.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from geo.text import Text


class NationalDay(NamedTuple):
    """A day that differs from its weekday in a whole country; `working` on make-up days."""

    day: date
    working: bool
    name: Text
    instead_of: date | None = None


MADE_UP = Text("Ngày làm bù", "Make-up working day")


def source() -> str:
    """Where the days come from, with its version."""
    import holidays

    return f"holidays {holidays.__version__}"


def national_days(country: str, years: Iterable[int]) -> Iterator[NationalDay]:
    """The country's holidays in these years, and the weekend days it works instead."""
    import holidays

    def named(language: str) -> "holidays.HolidayBase":
        spoken = holidays.list_localized_countries().get(country, [])
        return holidays.country_holidays(
            country, years=years, language=language if language in spoken else None
        )

    found, in_english = named("vi"), named("en_US")
    for day, name in sorted(found.items()):
        yield NationalDay(day, False, Text(name, in_english[day]))
    for day in sorted(found.weekend_workdays):
        if day.year in found.years:
            yield NationalDay(day, True, MADE_UP, _replaced(found, day))


def _replaced(found: "dict[date, str]", worked: date) -> date | None:
    """The day off that is worked on another: its name tells the other's date."""
    told = worked.strftime("%d/%m/%Y")
    return next((day for day, name in found.items() if told in name), None)
