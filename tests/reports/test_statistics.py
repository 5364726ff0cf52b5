"""Public figures: right at once, and ranked only where there is enough behind them."""

import random
import statistics as measured
import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from geo import cells
from geo.crs import point
from geo.errors import Refused
from geo.models import District
from ioc.accounts.models import Agency
from ioc.reports import statistics
from ioc.reports.actions.log import Entry, append, locked
from ioc.reports.codes import new_code
from ioc.reports.models import DirtyDay, Report, ReportDay
from ioc.reports.workflow import Actor, State
from tests.reports.factories import HERE, make_category, make_report

START, END = date(2026, 3, 1), date(2026, 3, 20)


def make_reports(n: int, seed: int = 1) -> list[Report]:
    """Reports of many fates, written past the log as a copy of old data is."""
    dice = random.Random(seed)
    agency = Agency.objects.get_or_create(code="urban", defaults={"name_vi": "Đô thị"})[0]
    places = [None, District.objects.get()]
    categories = [make_category(), make_category("lights")]
    first = datetime(2026, 2, 28, 17, 0, tzinfo=UTC)  # midnight in Huế
    rows = []
    for _n in range(n):
        received = first + timedelta(hours=dice.uniform(-24, 24 * 21))
        closed = dice.random() < 0.8
        state = dice.choice((State.RESOLVED, State.RESOLVED, State.REJECTED, State.DUPLICATE))
        rows.append(
            Report(
                code=new_code("hue"), client_key=uuid.uuid4(), category=dice.choice(categories),
                geom=point(*HERE), geom_public=point(*HERE), h3=cells.cell_of(*HERE, 9),
                district=dice.choice(places), agency=dice.choice((None, agency)),
                received_at=received, on_map=dice.random() < 0.9,
                state=state if closed else State.ASSIGNED,
                closed_at=received + timedelta(hours=dice.expovariate(1 / 60)) if closed else None,
                resolve_due_at=dice.choice((None, received + timedelta(hours=50))),
                satisfied=dice.choice(("", "satisfied", "accepts", "not_satisfied")),
            )
        )  # fmt: skip
    return Report.objects.bulk_create(rows)


def counted(by: str) -> dict[str | None, dict[str, int]]:
    """The figures as somebody counts them who reads every report."""
    found: dict[str | None, Counter[str]] = {}
    for one in Report.objects.select_related("district", "agency").filter(on_map=True):
        if not START <= one.received_at.astimezone(statistics.zone()).date() <= END:
            continue
        keys = {
            "ward": one.district.code if one.district else None,
            "category": one.category_id,
            "agency": one.agency.code if one.agency else None,
        }
        row = found.setdefault(keys[by], Counter())
        row["received"] += 1
        if one.closed_at is not None:
            row["closed"] += 1
            row["timed"] += one.resolve_due_at is not None
            row["in_time"] += bool(one.resolve_due_at and one.closed_at <= one.resolve_due_at)
        row["rated"] += bool(one.satisfied)
        row["satisfied"] += one.satisfied in ("satisfied", "accepts")
    return {key: {name: row[name] for name in statistics.COUNTS} for key, row in found.items()}


def told(by: str) -> dict[str | None, dict[str, int]]:
    rows = statistics.table(by, START, END)["rows"]
    return {row["key"]: {name: row[name] for name in statistics.COUNTS} for row in rows}


def check_all() -> None:
    for by in ("ward", "category", "agency"):
        assert told(by) == counted(by)


def test_figures_are_right_counted_ahead_or_not(city: Any) -> None:
    reports = make_reports(200)
    DirtyDay.objects.bulk_create(
        DirtyDay(day=START + timedelta(days=n - 5)) for n in range(30) for _twice in range(2)
    )
    check_all()  # from the reports alone
    assert statistics.refresh_dirty() == 30
    assert not DirtyDay.objects.exists() and ReportDay.objects.exists()
    check_all()  # from what was counted ahead alone
    changed = reports[7]
    Report.objects.filter(pk=changed.pk).update(satisfied="", district=None, closed_at=None)
    statistics.mark(changed)
    check_all()  # from both
    ReportDay.objects.all().delete()
    assert statistics.refresh_all() >= 21
    check_all()
    assert statistics.refresh_all() == statistics.refresh_all()
    totals = statistics.table("ward", START, END)["totals"]
    assert totals["received"] == sum(row["received"] for row in counted("ward").values())


def test_every_step_of_a_case_shows_at_once(city: Any, settings: Any) -> None:
    settings.IOC_REPORTS_RANK_MIN = 1
    report = make_report(synthetic=True, device_at=datetime(2026, 3, 2, 17, 30, tzinfo=UTC))
    assert told("ward")["thuan-hoa"]["received"] == 1  # 3 March in Huế
    assert statistics.table("ward", date(2026, 3, 2), date(2026, 3, 2))["rows"] == []
    statistics.refresh_dirty()
    with transaction.atomic():
        closing = Entry(
            kind="resolve", by_kind=Actor.AGENCY, facts={"satisfied": "accepts"},
            at=report.received_at + timedelta(hours=30),
        )  # fmt: skip
        append(locked(report.pk), closing)
    (row,) = statistics.table("category", START, END)["rows"]
    assert row["title"] == {"vi": "Vệ sinh môi trường", "en": "Hygiene"}
    assert (row["closed"], row["open"], row["satisfied_share"]) == (1, 0, 1.0)
    assert (row["in_time_share"], row["rank"]) == (1.0, 1)
    assert 24 <= row["median_h"] <= 36


def test_too_few_are_not_ranked(city: Any, settings: Any) -> None:
    settings.IOC_REPORTS_RANK_MIN = 20
    received = datetime(2026, 3, 5, tzinfo=UTC)
    rows = make_reports(62)
    Report.objects.update(received_at=received, on_map=True, district=None, agency=None,
                          state="resolved", closed_at=received + timedelta(minutes=4),
                          resolve_due_at=received + timedelta(hours=1))  # fmt: skip
    for code, n, late in (("hygiene", 30, 15), ("lights", 30, 0), ("quick", 2, 0)):
        make_category(code)
        mine, rows = rows[:n], rows[n:]
        Report.objects.filter(pk__in=[row.pk for row in mine]).update(category_id=code)
        Report.objects.filter(pk__in=[row.pk for row in mine[:late]]).update(
            closed_at=received + timedelta(hours=2)
        )
    statistics.refresh_all()
    table = statistics.table("category", START, END)
    ranks = {row["key"]: (row["rank"], row["in_time_share"]) for row in table["rows"]}
    # Two fixed within four minutes top no league table.
    assert ranks == {"hygiene": (2, 0.5), "lights": (1, 1.0), "quick": (None, 1.0)}
    assert table["min_count"] == 20
    (ward,) = statistics.table("ward", START, END)["rows"]
    assert (ward["key"], ward["rank"], ward["title"]["en"]) == (None, None, "Outside the wards")


@pytest.mark.parametrize(
    ("by", "start", "end"),
    [("street", START, END), ("ward", END, START), ("ward", date(1990, 1, 1), END)],
)
def test_what_cannot_be_asked_is_refused(city: Any, by: str, start: date, end: date) -> None:
    with pytest.raises(Refused):
        statistics.table(by, start, end)


@given(st.lists(st.floats(0, 2000), min_size=1, max_size=60))
def test_the_median_lies_in_the_bucket_of_the_true_one(hours: list[float]) -> None:
    limits = statistics.LIMITS_H
    histogram = [0] * (len(limits) + 1)
    for hour in hours:
        histogram[sum(hour >= limit for limit in limits)] += 1
    found = statistics.median_h(histogram)
    low, high = measured.median_low(hours), measured.median_high(hours)
    below = max([limit for limit in (0, *limits) if limit <= low])
    above = min(limit for limit in limits if limit > high)
    assert found is not None and below - 0.05 <= found <= above + 0.05


def test_no_median_without_an_answer() -> None:
    buckets = len(statistics.LIMITS_H) + 1
    assert statistics.median_h([0] * buckets) is None
    assert statistics.median_h([*[0] * (buckets - 1), 3]) is None  # longer than it tells


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_not_committed_yet_is_not_forgotten(city: Any) -> None:
    report = make_report(synthetic=True, device_at=datetime(2026, 3, 3, 3, 0, tzinfo=UTC))
    written, counted_ = Event(), Event()

    def change() -> None:
        try:
            with transaction.atomic():
                Report.objects.filter(pk=report.pk).update(satisfied="satisfied")
                statistics.mark(report)
                written.set()
                assert counted_.wait(10)
        finally:
            connection.close()

    writer = Thread(target=change)
    writer.start()
    assert written.wait(10)
    statistics.refresh_dirty()  # waits for nobody, and does not see the change
    assert told("ward")["thuan-hoa"]["satisfied"] == 0
    counted_.set()
    writer.join()
    assert told("ward")["thuan-hoa"]["satisfied"] == 1
    assert statistics.refresh_dirty() == 1
    assert told("ward")["thuan-hoa"]["satisfied"] == 1
