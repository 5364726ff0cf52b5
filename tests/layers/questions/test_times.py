"""Time in questions: ranges, the last days, weekdays and hours by the city's clock."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from geo.errors import Refused
from ioc.reports.models import Report
from layers.questions import cql2, reading, words
from layers.questions.compiling import rows_of
from layers.questions.views import view_of
from tests.reports.factories import make_city, make_report, make_staff

pytestmark = pytest.mark.django_db
SATURDAY = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # 06:30 on Saturday in Hue


@pytest.fixture
def view():
    make_city()
    reports = [make_report() for _ in range(3)]
    for report, at in zip(
        reports, (SATURDAY, SATURDAY + timedelta(hours=24), timezone.now()), strict=True
    ):
        Report.objects.filter(pk=report.pk).update(received_at=at, changed_at=at)
    return view_of(make_staff("planner"), "reports")


def count(view, given):
    term = reading.term_of(view, given) if isinstance(given, dict) else cql2.read(view, given)
    assert words.in_words(view, term).en
    return rows_of(view, term).count()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"op": "clock", "field": "received_at", "weekdays": [6], "hours": [6]}, 1),
        ({"op": "clock", "field": "received_at", "weekdays": [5]}, 0),
        ({"op": "during", "start": "2026-11-21", "end": "2026-11-22"}, 1),
        ({"op": "during", "start": "1926-01-01", "end": "2126-01-01"}, 3),
        ({"op": "during", "end": "2026-11-20T23:30:00Z"}, 0),
        ({"op": "last", "amount": 1, "unit": "hours"}, 1),
        ("T_AFTER(received_at, TIMESTAMP('2026-11-20T23:30:00Z'))", 2),
        ("T_BEFORE(received_at, DATE('2026-11-22'))", 1),
        ("T_DURING(received_at, INTERVAL('2026-11-20T23:30:00Z', '..'))", 2),
        ("T_INTERSECTS(received_at, INTERVAL('2026-11-20T23:30:00Z', '..'))", 3),
        ("T_DISJOINT(datetime, DATE('2026-11-21'))", 2),
        ("received_at = TIMESTAMP('2026-11-20T23:30:00Z')", 1),
    ],
)
def test_times(view, asked, found):
    assert count(view, asked) == found


@pytest.mark.parametrize(
    "asked",
    [
        {"op": "during", "start": "2026-11-22", "end": "2026-11-21"},
        {"op": "during", "start": "yesterday"},
        {"op": "during", "start": "99999-01-01"},
        {"op": "during", "end": "9999-12-31T23:59:59Z"},
        {"op": "during", "start": "0001-01-01T00:00:00+14:00"},
        {"op": "last", "amount": 10**9},
        {"op": "last", "amount": 1, "unit": "years"},
        {"op": "clock", "weekdays": [8]},
        {"op": "clock"},
        {"op": "during", "field": "code"},
    ],
)
def test_times_that_are_none_are_refused(view, asked):
    with pytest.raises(Refused):
        reading.term_of(view, asked)
