"""Write observations in bulk: COPY into a staging table, then into the day partitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from environment import hours
from environment.said import Said
from geo.partitions import ensure_days

TABLE = "environment_observation"

STAGING = """
CREATE TEMP TABLE IF NOT EXISTS environment_staging (
    n integer, datastream_id bigint, t timestamptz, value double precision,
    raw text, raw_unit text, flag smallint, note text, result_time timestamptz,
    valid_from timestamptz, valid_to timestamptz, parameters jsonb, provider_quality jsonb
) ON COMMIT DELETE ROWS
"""
PLAIN = "n, datastream_id, t, value, raw, raw_unit, flag, note"
SAID = "result_time, valid_from, valid_to, parameters, provider_quality"
UNSAID = (None,) * 5
# The first value received for a datastream and time is kept; what came later is told apart.
INSERT = f"""
WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY datastream_id, t ORDER BY n) AS k
    FROM environment_staging
), fresh AS (
    INSERT INTO environment_observation
        (datastream_id, t, value, raw, raw_unit, flag, note, receipt_id, {SAID})
    SELECT datastream_id, t, value, raw, raw_unit, flag, note, %s, {SAID} FROM ranked WHERE k = 1
    ON CONFLICT (datastream_id, t) DO NOTHING
    RETURNING datastream_id, t
)
SELECT r.n FROM ranked r JOIN fresh f USING (datastream_id, t) WHERE r.k = 1
"""
CONFLICTS = """
SELECT s.n, 'value', o.raw
FROM environment_staging s JOIN environment_observation o USING (datastream_id, t)
WHERE o.t BETWEEN %s AND %s AND o.value IS DISTINCT FROM s.value
"""
# Of the same value again: what was not said before is added, what was said stays.
ADD_SAID = f"""
UPDATE environment_observation o SET
    result_time = coalesce(o.result_time, s.result_time),
    valid_from = coalesce(o.valid_from, s.valid_from),
    valid_to = coalesce(o.valid_to, s.valid_to),
    parameters = coalesce(o.parameters, s.parameters),
    provider_quality = coalesce(o.provider_quality, s.provider_quality)
FROM (
    SELECT DISTINCT ON (datastream_id, t) datastream_id, t, value, {SAID} FROM environment_staging
    WHERE num_nonnulls({SAID}) > 0 ORDER BY datastream_id, t, n
) s
WHERE o.datastream_id = s.datastream_id AND o.t = s.t AND o.t BETWEEN %s AND %s
  AND o.value IS NOT DISTINCT FROM s.value
  AND num_nonnulls(o.result_time, o.valid_from, o.parameters, o.provider_quality)
    < num_nonnulls(coalesce(o.result_time, s.result_time), coalesce(o.valid_from, s.valid_from),
                   coalesce(o.parameters, s.parameters),
                   coalesce(o.provider_quality, s.provider_quality))
  AND (o.result_time <> s.result_time) IS NOT TRUE
  AND ((o.valid_from, o.valid_to) <> (s.valid_from, s.valid_to)) IS NOT TRUE
  AND (o.parameters <> s.parameters) IS NOT TRUE
  AND (o.provider_quality <> s.provider_quality) IS NOT TRUE
"""
OTHER_SAID = """
SELECT s.n, what, coalesce(held #>> '{}', 'none')
FROM environment_staging s JOIN environment_observation o USING (datastream_id, t)
CROSS JOIN LATERAL (
    SELECT what, held FROM (VALUES
        (1, 'resultTime', to_jsonb(s.result_time), to_jsonb(o.result_time)),
        (2, 'validTime', to_jsonb(s.valid_from || '/' || s.valid_to),
            to_jsonb(o.valid_from || '/' || o.valid_to)),
        (3, 'parameters', s.parameters, o.parameters),
        (4, 'resultQuality', s.provider_quality, o.provider_quality)
    ) AS each (place, what, said, held)
    WHERE said IS NOT NULL AND said IS DISTINCT FROM held
    ORDER BY place LIMIT 1) first
WHERE o.t BETWEEN %s AND %s AND o.value IS NOT DISTINCT FROM s.value
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
    said: Said | None = None


@dataclass(frozen=True)
class Stored:
    """`fresh`: places of the readings now held; `conflicts`: place → what is held instead.

    A conflict names what is another one (`value`, `resultTime`, …) and says the one that is held.
    """

    fresh: frozenset[int]
    conflicts: dict[int, tuple[str, str]]


def store(readings: Sequence[Reading], receipt_id: int) -> Stored:
    """What became of each reading; their hours follow. Call inside a transaction, after `hold`."""
    if not readings:
        return Stored(frozenset(), {})
    for first, last in _runs(r.t.astimezone(UTC).date() for r in readings):
        ensure_days(TABLE, first, last)
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        any_said = any(r.said for r in readings)
        _stage(cursor, readings, any_said)
        cursor.execute(INSERT, [receipt_id])
        fresh = frozenset(n for (n,) in cursor.fetchall())
        conflicts: dict[int, tuple[str, str]] = {}
        if len(fresh) < len(readings):
            times = [r.t for r in readings]
            span = [min(times), max(times)]
            cursor.execute(CONFLICTS, span)
            found = cursor.fetchall()
            if any_said:
                cursor.execute(ADD_SAID, span)
                cursor.execute(OTHER_SAID, span)
                found += cursor.fetchall()
            conflicts = {n: (what, held) for n, what, held in found if n not in fresh}
        cursor.execute("DELETE FROM environment_staging")
    hours.add([r for r in readings if r.n in fresh])
    return Stored(fresh, conflicts)


def _stage(cursor: Any, readings: Sequence[Reading], any_said: bool) -> None:
    """Readings into the staging table; what nobody said costs nothing."""
    columns = f"{PLAIN}, {SAID}" if any_said else PLAIN
    with cursor.copy(f"COPY environment_staging ({columns}) FROM STDIN") as copy:
        for r in readings:
            row = (r.n, r.datastream_id, r.t, r.value, r.raw, r.raw_unit, r.flag, r.note)
            copy.write_row((*row, *(r.said or UNSAID)) if any_said else row)


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
