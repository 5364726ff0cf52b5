"""Public figures: what became of the reports of a span of days, by ward, category or agency.

Days are counted ahead into `ReportDay`. A day that has changed since bears a mark and is counted
from the reports themselves, so a figure is right the moment it is asked for.
Counted is what the public may know of: the parts of a split case and what is hidden are left out,
a duplicate counts like any other report.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from geo.models import District
from geo.text import Text
from ioc.accounts.models import Agency
from ioc.reports.models import Category, DirtyDay, Report, ReportDay

By = ReportDay.By
MAX_DAYS = 5 * 366
CHUNK_DAYS = 31
RUN_S = 5.0
LIMITS_H = (
    0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 120, 168, 240, 336, 504, 720,
    1080, 2160,
)  # fmt: skip
"""Hours from receipt to resolution that the histogram tells apart; more than the last is one."""
COUNTS = ("received", "closed", "timed", "in_time", "rated", "satisfied")
ONE_AT_A_TIME = 0x10C0_F16E  # advisory lock of those who count

NONE = {
    By.WARD: Text("Ngoài phường, xã", "Outside the wards"),
    By.CATEGORY: Text("Không rõ", "Unknown"),
    By.AGENCY: Text("Chưa giao đơn vị", "With no agency yet"),
}

_BUCKET = f"""CASE WHEN r.state = 'resolved' THEN width_bucket(
    extract(epoch FROM r.closed_at - r.received_at)::float8 / 3600,
    ARRAY[{", ".join(map(str, LIMITS_H))}]::float8[]) END"""
_BY_BUCKET = """count(*) AS received, count(closed_at) AS closed,
    count(*) FILTER (WHERE closed_at IS NOT NULL AND resolve_due_at IS NOT NULL) AS timed,
    count(*) FILTER (WHERE closed_at <= resolve_due_at) AS in_time,
    count(*) FILTER (WHERE satisfied <> '') AS rated,
    count(*) FILTER (WHERE satisfied IN ('satisfied', 'accepts')) AS satisfied"""
_HOURS = ", ".join(
    f"coalesce(sum(received) FILTER (WHERE bucket = {n}), 0)" for n in range(len(LIMITS_H) + 1)
)
_FIGURES = ", ".join(f"sum({name}) AS {name}" for name in COUNTS) + f", ARRAY[{_HOURS}] AS hours"
_REPORTS = f"""
    SELECT (r.received_at AT TIME ZONE %(zone)s)::date AS day, r.closed_at, r.resolve_due_at,
        r.satisfied, {_BUCKET} AS bucket, coalesce(ward.code, '') AS ward,
        r.category_id AS category, coalesce(agency.code, '') AS agency
    FROM reports_report r
    LEFT JOIN geo_district ward ON ward.id = r.district_id
    LEFT JOIN accounts_agency agency ON agency.id = r.agency_id
    WHERE r.on_map AND """
_SUMS = ", ".join(
    [f"sum({name})::int AS {name}" for name in COUNTS]
    + [
        "ARRAY["
        + ", ".join(f"sum(hours[{n}])" for n in range(1, len(LIMITS_H) + 2))
        + "]::int[] AS hours"
    ]
)


class Figures(NamedTuple):
    """The sums of one row: as `ReportDay` has them."""

    key: str
    received: int
    closed: int
    timed: int
    in_time: int
    rated: int
    satisfied: int
    hours: Sequence[int]


def mark(*reports: Report) -> None:
    """Say that the figures of these reports' days are stale, in the transaction of the write."""
    days = {timezone.localdate(report.received_at, zone()) for report in reports}
    DirtyDay.objects.bulk_create(DirtyDay(day=day) for day in sorted(days))


def zone() -> Any:
    return timezone.get_default_timezone()


def table(by: str, start: date | None = None, end: date | None = None) -> dict[str, Any]:
    """The figures of reports received from `start` to `end`, both included: a row for each ward,
    category or agency, ranked by what was closed in time where enough was.

    Raises Refused: bad-grouping, bad-span.
    """
    if by not in By.values:
        message = _("Figures are kept by ward, category and agency.")
        raise Refused("bad-grouping", message, fields={"by": message})
    end = end or timezone.localdate(timezone=zone())
    start = start or end - timedelta(days=364)
    if not 0 <= (end - start).days < MAX_DAYS:
        message = _("The span ends before it begins, or is longer than five years.")
        raise Refused("bad-span", message, fields={"from": message})
    found = figures(by, start, end)
    titles = _titles(by)
    rows = [_row(one, titles.get(one.key) or NONE[By(by)]) for one in found]
    _rank(rows)
    return {
        "by": by,
        "from": start.isoformat(),
        "to": end.isoformat(),
        "min_count": settings.IOC_REPORTS_RANK_MIN,
        "as_of": timezone.now().isoformat(),
        "totals": {name: sum(getattr(one, name) for one in found) for name in COUNTS},
        "rows": rows,
    }


@transaction.atomic
def figures(by: str, start: date, end: date) -> list[Figures]:
    """The sums by key, those with the most reports first."""
    marked = DirtyDay.objects.filter(day__range=(start, end)).values_list("day", flat=True)
    stale = sorted(set(marked))
    values: dict[str, Any] = {
        "by": by, "start": start, "end": end, "stale": stale, "zone": settings.TIME_ZONE
    }  # fmt: skip
    parts = [
        f"""SELECT key, {", ".join(COUNTS)}, hours FROM reports_reportday
        WHERE by = %(by)s AND day BETWEEN %(start)s AND %(end)s AND day <> ALL(%(stale)s::date[])"""
    ]
    if stale:
        fresh = _REPORTS + _received(stale, values)
        parts.append(
            f"""SELECT key, {_FIGURES} FROM (
                SELECT {By(by).value} AS key, bucket, {_BY_BUCKET} FROM ({fresh}) fresh
                GROUP BY 1, 2) counted
            GROUP BY key"""
        )
    with _cursor() as cursor:
        cursor.execute(
            f"SELECT key, {_SUMS} FROM ({' UNION ALL '.join(parts)}) sums"
            " GROUP BY key ORDER BY 2 DESC, 1",
            values,
        )
        return [Figures(*row) for row in cursor.fetchall()]


@contextmanager
def _cursor() -> Iterator[Any]:
    """A cursor for sums, in a transaction: compiling them takes PostgreSQL longer than doing
    them (230 ms against 60 for a day at a million reports)."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        yield cursor


def _received(days: Sequence[date], values: dict[str, Any]) -> str:
    """The condition that a report came on one of these days, in order; each run of days is one
    span of time, given in `values`, so that the planner sees how few they are."""
    spans = []
    for number, (first, last) in enumerate(_runs(days)):
        values[f"from_{number}"] = _midnight(first)
        values[f"until_{number}"] = _midnight(last + timedelta(days=1))
        spans.append(f"(r.received_at >= %(from_{number})s AND r.received_at < %(until_{number})s)")
    return f"({' OR '.join(spans)})"


def _runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """The first and the last day of each run of days without a gap."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day == runs[-1][1] + timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), zone())


def _titles(by: str) -> dict[str, Text]:
    model: Any = {By.WARD: District, By.CATEGORY: Category, By.AGENCY: Agency}[By(by)]
    rows = model.objects.values_list("code", "name_vi", "name_en")
    return {code: Text(vi, en or vi) for code, vi, en in rows}


def _row(one: Figures, title: Text) -> dict[str, Any]:
    return {
        "key": one.key or None,
        "title": title.dict(),
        "received": one.received,
        "closed": one.closed,
        "open": one.received - one.closed,
        "timed": one.timed,
        "in_time": one.in_time,
        "in_time_share": share(one.in_time, one.timed),
        "median_h": median_h(one.hours),
        "rated": one.rated,
        "satisfied": one.satisfied,
        "satisfied_share": share(one.satisfied, one.rated),
        "rank": None,
    }


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _rank(rows: list[dict[str, Any]]) -> None:
    """Number those with enough behind their share; equal shares share a rank."""
    enough = settings.IOC_REPORTS_RANK_MIN
    ranked = [row for row in rows if row["key"] and row["timed"] >= max(1, enough)]
    shares = sorted((row["in_time_share"] for row in ranked), reverse=True)
    for row in ranked:
        row["rank"] = 1 + shares.index(row["in_time_share"])


def median_h(hours: Sequence[int]) -> float | None:
    """The hours within which half were resolved, told from the histogram: never off by more than
    its bucket, and evenly spread within. None where nothing was resolved, or half took longer
    than the histogram tells."""
    half = sum(hours) / 2
    if half == 0:
        return None
    for number, (low, high) in zip(hours, pairwise((0, *LIMITS_H)), strict=False):
        if half <= number:
            return round(low + (high - low) * half / number, 1)
        half -= number
    return None


def refresh_dirty(*, limit: int = 400) -> int:
    """How many marked days were counted anew, the latest first, in the few seconds a task has; 0
    where somebody else counts already."""
    days = DirtyDay.objects.order_by("-day").values_list("day", flat=True).distinct()[:limit]
    deadline, done = monotonic() + RUN_S, 0
    for day in list(days):
        if monotonic() > deadline or not _count([day], wait=False):
            break
        done += 1
    return done


def refresh_all() -> int:
    """How many days were counted, from the first report to the last: for what was loaded past the
    log, such as a copy of old data."""
    ends = Report.objects.order_by("received_at").values_list("received_at", flat=True)
    first, last = ends.first(), ends.last()
    if first is None or last is None:
        with transaction.atomic():
            ReportDay.objects.all().delete()
        return 0
    days = list(_days(first, last))
    ReportDay.objects.exclude(day__range=(days[0], days[-1])).delete()
    for place in range(0, len(days), CHUNK_DAYS):
        _count(days[place : place + CHUNK_DAYS], wait=True)
    return len(days)


def _days(first: datetime, last: datetime) -> Iterable[date]:
    start, end = (timezone.localdate(at, zone()) for at in (first, last))
    return (start + timedelta(days=n) for n in range((end - start).days + 1))


@transaction.atomic
def _count(days: list[date], *, wait: bool) -> int:
    """How many of these days were counted. The marks go first: one made while the reports are
    read belongs to a change that may not be in the count, and stays."""
    lock = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    values = {"zone": settings.TIME_ZONE}
    fresh = _REPORTS + _received(days, values)
    with _cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [ONE_AT_A_TIME])
        if cursor.fetchone()[0] is False:
            return 0
        cursor.execute("DELETE FROM reports_dirtyday WHERE day = ANY(%s)", [days])
        cursor.execute("DELETE FROM reports_reportday WHERE day = ANY(%s)", [days])
        cursor.execute(
            f"""
            INSERT INTO reports_reportday (by, day, key, {", ".join(COUNTS)}, hours)
            SELECT by, day, key, {_FIGURES} FROM (
                SELECT v.by, day, v.key, bucket, {_BY_BUCKET} FROM ({fresh}) fresh
                CROSS JOIN LATERAL
                    (VALUES ('ward', ward), ('category', category), ('agency', agency)) v (by, key)
                GROUP BY 1, 2, 3, 4) counted
            GROUP BY 1, 2, 3""",
            values,
        )
    return len(days)
