"""Write observations in bulk: COPY into a staging table, then into the day partitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from environment import hours
from geo.partitions import ensure_days

TABLE = "environment_observation"

STAGING = """
CREATE TEMP TABLE IF NOT EXISTS environment_staging (
    n integer, datastream_id bigint, t timestamptz, value double precision,
    raw text, raw_unit text, flag smallint, note text
) ON COMMIT DELETE ROWS
"""
# The first value received for a datastream and time is kept; what came later is told apart.
INSERT = """
WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY datastream_id, t ORDER BY n) AS k
    FROM environment_staging
), fresh AS (
    INSERT INTO environment_observation
        (datastream_id, t, value, raw, raw_unit, flag, note, receipt_id)
    SELECT datastream_id, t, value, raw, raw_unit, flag, note, %s FROM ranked WHERE k = 1
    ON CONFLICT (datastream_id, t) DO NOTHING
    RETURNING datastream_id, t
)
SELECT r.n FROM ranked r JOIN fresh f USING (datastream_id, t) WHERE r.k = 1
"""
CONFLICTS = """
SELECT s.n, o.raw FROM environment_staging s JOIN environment_observation o USING (datastream_id, t)
WHERE o.t BETWEEN %s AND %s AND o.value IS DISTINCT FROM s.value
"""
LATEST = """
INSERT INTO environment_latest AS latest (datastream_id, t, value)
SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::float8[])
ON CONFLICT (datastream_id) DO UPDATE SET t = excluded.t, value = excluded.value
WHERE excluded.t > latest.t
"""


@dataclass(slots=True)
class Reading:
    """One judged observation, `n` its place in the delivery."""

    n: int
    datastream_id: int
    t: datetime
    value: float | None
    raw: str
    raw_unit: str
    flag: int
    note: str


@dataclass(frozen=True)
class Stored:
    """`fresh`: places of the readings now held; `conflicts`: place → the value held instead."""

    fresh: frozenset[int]
    conflicts: dict[int, str]


def store(readings: Sequence[Reading], receipt_id: int) -> Stored:
    """What became of each reading; their hours follow. Call inside a transaction, after `hold`."""
    if not readings:
        return Stored(frozenset(), {})
    for first, last in _runs(r.t.astimezone(UTC).date() for r in readings):
        ensure_days(TABLE, first, last)
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        with cursor.copy("COPY environment_staging FROM STDIN") as copy:
            for r in readings:
                row = (r.n, r.datastream_id, r.t, r.value, r.raw, r.raw_unit, r.flag, r.note)
                copy.write_row(row)
        cursor.execute(INSERT, [receipt_id])
        fresh = frozenset(n for (n,) in cursor.fetchall())
        conflicts: dict[int, str] = {}
        if len(fresh) < len(readings):
            times = [r.t for r in readings]
            cursor.execute(CONFLICTS, [min(times), max(times)])
            conflicts = {n: raw for n, raw in cursor.fetchall() if n not in fresh}
        cursor.execute("DELETE FROM environment_staging")
    hours.add([r for r in readings if r.n in fresh])
    return Stored(fresh, conflicts)


def hold(stream_ids: Iterable[int]) -> None:
    """Have other writers of these datastreams wait until this transaction has ended.

    Whoever writes values calls it first: what is judged and summed then is all there is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM environment_datastream WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [sorted(set(stream_ids))],  # one order for everyone, so that nobody waits in a circle
        )


def advance_latest(newest: dict[int, tuple[datetime, float]]) -> None:
    """Set the latest value of each datastream, unless a later one is held."""
    if not newest:
        return
    ids = sorted(newest)  # one order for everyone, so that two writers cannot deadlock
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [ids, [newest[i][0] for i in ids], [newest[i][1] for i in ids]])


REPAIR = """
WITH newest AS (
    SELECT asked.id, o.t, o.value FROM unnest(%s::bigint[]) AS asked (id)
    LEFT JOIN LATERAL (
        SELECT t, value FROM environment_observation
        WHERE datastream_id = asked.id AND flag IN (1, 2) AND value IS NOT NULL
        ORDER BY t DESC LIMIT 1) o ON true
), gone AS (
    DELETE FROM environment_latest l USING newest n WHERE l.datastream_id = n.id AND n.t IS NULL
)
INSERT INTO environment_latest AS latest (datastream_id, t, value)
SELECT id, t, value FROM newest WHERE t IS NOT NULL ORDER BY id
ON CONFLICT (datastream_id) DO UPDATE SET t = excluded.t, value = excluded.value
"""


def repair_latest(stream_ids: Iterable[int]) -> None:
    """Find the latest trusted value of each datastream again, after flags have changed."""
    if ids := sorted(set(stream_ids)):
        with connection.cursor() as cursor:
            cursor.execute(REPAIR, [ids])


def drop_crossings(starts: dict[int, datetime]) -> None:
    """Forget each station's alarm crossings from a time on: they are about to be found again."""
    if not starts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM environment_alarmcrossing c USING "
            "unnest(%s::bigint[], %s::timestamptz[]) AS asked (sensor_id, start) "
            "WHERE c.sensor_id = asked.sensor_id AND c.at >= asked.start",
            [list(starts), list(starts.values())],
        )


def _runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Consecutive days joined, so that a lone old value does not make years of partitions."""
    runs: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
