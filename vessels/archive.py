"""The archive of positions: old days move into narrow month tables, and whole months are dropped
when the law no longer asks for them.

Readers ask the view `vessels_position` and see both. A day is archived in the order of vessel and
time, so that the BRIN index finds one vessel's day in a few pages.
"""

import calendar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg import sql

from geo.partitions import days_of
from vessels import thresholds

log = structlog.get_logger(__name__)

HOT, ARCHIVED = "vessels_hot", "vessels_archived"
LOCK = 7_404_004  # this module's advisory lock
WAIT = "5s"  # for readers, before a day's table is dropped; else the next run takes it
MOVE = sql.SQL("""
INSERT INTO vessels_archived (observed_at, vessel_id, lon_e7, lat_e7, speed_dkn, course_ddeg,
    heading_deg, code, flags, feed_id)
SELECT observed_at, vessel_id, lon_e7, lat_e7,
    CASE WHEN speed_kn = 'NaN' THEN -1 ELSE round(speed_kn * 10) END,
    CASE WHEN course_deg = 'NaN' THEN -1 ELSE round(course_deg * 10) END,
    heading_deg, message_type * 32 + status + 1, flags, feed_id
FROM {day} ORDER BY vessel_id, observed_at
""")


@dataclass(slots=True)
class Moved:
    """What a run did: positions archived, days emptied, months dropped, days that were in use."""

    positions: int = 0
    days: list[date] = field(default_factory=list)
    dropped: list[date] = field(default_factory=list)
    busy: list[date] = field(default_factory=list)


def hot_from(now: datetime | None = None) -> date:
    """The first UTC day that stays hot; those before it may be archived.

    `IOC_VESSELS_HOT_DAYS` sets how many, by default 30.
    """
    kept = settings.IOC_VESSELS_HOT_DAYS
    return ((now or timezone.now()) - timedelta(days=kept)).astimezone(UTC).date()


def run(now: datetime | None = None) -> Moved:
    """Archive every day before the hot ones, then drop months that need not be kept any more."""
    now, moved = now or timezone.now(), Moved()
    for day in sorted(day for day in days_of(HOT) if day < hot_from(now)):
        try:
            moved.positions += archive_day(day)
            moved.days.append(day)
        except OperationalError as error:  # a reader holds it: the next run takes it
            log.warning("vessels-archive-busy", day=day.isoformat(), error=type(error).__name__)
            moved.busy.append(day)
    moved.dropped = _drop_before(kept_from(now))
    return moved


def archive_day(day: date) -> int:
    """How many positions of a UTC day moved from hot into the archive. One transaction.

    Raises OperationalError if readers would not let go of the day within five seconds.
    """
    source = sql.Identifier(f"{HOT}_{day:%Y%m%d}")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        _open_month(day)
        cursor.execute(MOVE.format(day=source))
        count = cursor.rowcount
        cursor.execute(
            "SELECT brin_summarize_new_values(i.indexrelid) FROM pg_index i "
            "WHERE i.indrelid = to_regclass(%s)", [_month_table(day)],
        )  # fmt: skip
        cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(WAIT)))
        cursor.execute(sql.SQL("DROP TABLE {}").format(source))
    return count


def hold_back() -> None:
    """Keep the archive from taking a day away until this transaction, which writes to it, ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


def archived_until() -> float:
    """Epoch seconds before which a position may be in the archive; 0 while that is empty."""
    last = max(_months(), default=None)
    return datetime.combine(_next(last), datetime.min.time(), UTC).timestamp() if last else 0.0


def kept_from(now: datetime) -> date:
    """The first of the month from which positions are kept.

    By the dated threshold `kept` (months); where none is in force, everything is kept.
    """
    try:
        months = int(thresholds.in_force(now).value("kept"))
    except thresholds.NoThreshold:
        return date.min
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return date(year, month + 1, 1)


def _drop_before(first: date) -> list[date]:
    old = sorted(month for month in _months() if month < first)
    with connection.cursor() as cursor:
        for month in old:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(_month_table(month))))
    return old


def _months() -> set[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right(c.relname, 6) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = to_regclass(%s)",
            [ARCHIVED],
        )
        return {date(int(stamp[:4]), int(stamp[4:]), 1) for (stamp,) in cursor.fetchall()}


def _open_month(day: date) -> None:
    first = day.replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})"
            ).format(
                sql.Identifier(_month_table(day)), sql.Identifier(ARCHIVED),
                sql.Literal(f"{first} 00:00:00+00"), sql.Literal(f"{_next(first)} 00:00:00+00"),
            )
        )  # fmt: skip


def _month_table(day: date) -> str:
    return f"{ARCHIVED}_{day:%Y%m}"


def _next(first: date) -> date:
    return first + timedelta(days=calendar.monthrange(first.year, first.month)[1])
