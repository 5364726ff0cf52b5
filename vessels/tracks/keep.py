"""Tracks by day in step with positions: what was marked is built anew, whenever it came.

A trigger marks the hours and vessels of every statement that writes positions (one row an hour, so
that the ingest waits for nobody). The task turns marks into vessel days that are due, and builds
those in the order in which they became due. Building a day again gives the same rows.
"""

import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import structlog
from django.db import connection, transaction
from django.utils import timezone

from geo.crs import city
from geo.deleting import delete_in_parts
from vessels import archive, effort
from vessels.models import DayTrack, Port, Vessel
from vessels.science.tracks import TRACK, Track
from vessels.tracks import build
from vessels.tracks.build import Day, Harbours

log = structlog.get_logger(__name__)
LOCK = 7_404_007
CHUNK = 100
BUDGET_S = 20.0
NEXT_WITHIN = timedelta(hours=15)  # five of the longest intervals of VMS
COLLECT = """
WITH gone AS (DELETE FROM vessels_trackmark RETURNING hour, vessels)
INSERT INTO vessels_trackdue (vessel_id, day)
SELECT DISTINCT vessel_id, (edge AT TIME ZONE %(zone)s)::date
FROM gone, unnest(vessels) AS vessel_id,
    LATERAL (VALUES (hour), (hour + interval '3599 seconds')) AS edges (edge)
ORDER BY 2, 1 ON CONFLICT DO NOTHING
"""
TAKE = """
DELETE FROM vessels_trackdue WHERE id = ANY (ARRAY(
    SELECT id FROM vessels_trackdue WHERE day = (
        SELECT day FROM vessels_trackdue ORDER BY id LIMIT 1)
    ORDER BY id LIMIT %s))
RETURNING day, vessel_id
"""
HEARD = """
COPY (
    SELECT vessel_id, extract(epoch FROM observed_at)::float8, lon_e7, lat_e7,
        COALESCE(speed_kn, 'NaN')::real, COALESCE(course_deg, 'NaN')::real, message_type
    FROM vessels_position
    WHERE vessel_id = ANY(%(ids)s) AND observed_at >= %(start)s AND observed_at < %(end)s
        AND flags & ~8 = 0
    UNION ALL
    SELECT v.id, extract(epoch FROM n.observed_at)::float8, n.lon_e7, n.lat_e7,
        COALESCE(n.speed_kn, 'NaN')::real, COALESCE(n.course_deg, 'NaN')::real, n.message_type
    FROM unnest(%(ids)s) AS v (id), LATERAL (
        SELECT * FROM vessels_position p
        WHERE p.vessel_id = v.id AND p.observed_at >= %(end)s AND p.observed_at < %(next)s
            AND p.flags & ~8 = 0
        ORDER BY p.observed_at LIMIT 1) AS n
) TO STDOUT (FORMAT BINARY)
"""
COLUMNS = ((">i4", "id"), (">f8", "t"), (">i4", "lon"), (">i4", "lat"), (">f4", "speed_kn"),
           (">f4", "course_deg"), (">i2", "kind"))  # fmt: skip
COPIED = np.dtype(
    [("fields", ">i2")]
    + [part for form, name in COLUMNS for part in ((f"{name}_size", ">i4"), (name, form))]
)
HEAD_BYTES, TAIL_BYTES = 19, 2  # of PostgreSQL's binary COPY
WRITE = """
INSERT INTO vessels_daytrack AS d (vessel_id, day, started_at, ended_at, geom, mercator_60m,
    mercator_250m, mercator_1000m, positions, silences, distance_nm, top_kn, cells, present_s,
    fishing_s)
SELECT %s, %s, %s, %s, ST_GeomFromWKB(%s, 4326), ST_GeomFromWKB(%s, 3857),
    ST_GeomFromWKB(%s, 3857), ST_GeomFromWKB(%s, 3857), %s, %s, %s, %s, %s::bigint[], %s::float8[],
    %s::float8[]
ON CONFLICT (day, vessel_id) DO UPDATE SET started_at = excluded.started_at,
    ended_at = excluded.ended_at, geom = excluded.geom, mercator_60m = excluded.mercator_60m,
    mercator_250m = excluded.mercator_250m, mercator_1000m = excluded.mercator_1000m,
    positions = excluded.positions, silences = excluded.silences,
    distance_nm = excluded.distance_nm, top_kn = excluded.top_kn, cells = excluded.cells,
    present_s = excluded.present_s, fishing_s = excluded.fishing_s
"""


@dataclass(slots=True)
class Kept:
    """What a run did: vessel days built and emptied, days whose effort was counted, what waits."""

    built: int = 0
    emptied: int = 0
    days: list[date] = field(default_factory=list)
    waiting: int = 0


def zone() -> ZoneInfo:
    """The city's time zone: where days begin."""
    here = city()
    return ZoneInfo(here.time_zone if here else "Asia/Ho_Chi_Minh")


def run(budget_s: float = BUDGET_S) -> Kept | None:
    """Build what is due until the time is over; the rest waits for the next run.

    None where another run is at work.
    """
    began, kept = time.monotonic(), Kept()
    if not _one("SELECT pg_try_advisory_lock(%s)", [LOCK]):
        return None
    try:
        collect()
        harbours = _harbours()
        while time.monotonic() - began < budget_s and _chunk(harbours, kept):
            pass
        kept.days = effort.count_due()
        _forget()
        kept.waiting = _one("SELECT count(*) FROM vessels_trackdue", [])
    finally:
        _one("SELECT pg_advisory_unlock(%s)", [LOCK])
    log.info("day-tracks", built=kept.built, emptied=kept.emptied, waiting=kept.waiting,
             effort_days=len(kept.days), took_s=round(time.monotonic() - began, 2))  # fmt: skip
    return kept


def collect() -> int:
    """How many vessel days became due by what was marked."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COLLECT, {"zone": str(zone())})
        return cursor.rowcount


def mark(start: datetime, end: datetime, vessels: list[int] | None = None) -> None:
    """Have tracks of this span built anew, of all vessels heard in it or of these."""
    where, values = "", [start, end]
    if vessels is not None:
        where, values = "AND vessel_id = ANY(%s)", [start, end, vessels]  # type: ignore[list-item]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vessels_trackmark (hour, vessels) "
            "SELECT date_trunc('hour', observed_at, 'UTC'), array_agg(DISTINCT vessel_id) "
            f"FROM vessels_position WHERE observed_at >= %s AND observed_at < %s {where} "
            "GROUP BY 1",
            values,
        )


def _chunk(harbours: Harbours, kept: Kept) -> bool:
    """Build up to a hundred vessels of one day in one transaction. False: nothing is due."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, [CHUNK])
        taken = cursor.fetchall()
        if not taken:
            return False
        day, vessels = taken[0][0], sorted(vessel for _, vessel in taken)
        stood = DayTrack.objects.filter(day=day, vessel__in=vessels)
        before = dict(stood.values_list("vessel", "started_at"))
        made = build_days(day, vessels, harbours)
        for vessel, one in made.items():
            cursor.execute(WRITE, _values(vessel, day, one))
        gone = [vessel for vessel in before if vessel not in made]
        if gone:
            DayTrack.objects.filter(day=day, vessel__in=gone).delete()
        _day_before(day, {vessel: one.started_at for vessel, one in made.items()
                          if before.get(vessel) != one.started_at}, gone)  # fmt: skip
        cursor.execute(
            "INSERT INTO vessels_effortday (day) VALUES (%s) "
            "ON CONFLICT (day) DO UPDATE SET counted = false", [day],
        )  # fmt: skip
    kept.built += len(made)
    kept.emptied += len(gone)
    return True


def _day_before(day: date, begins: dict[int, datetime], gone: list[int]) -> None:
    """The leg over midnight belongs to the day before: due again where this day begins anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vessels_trackdue (vessel_id, day) SELECT d.vessel_id, d.day "
            "FROM vessels_daytrack d JOIN unnest(%s::int[], %s::timestamptz[]) AS n (id, begins) "
            "ON n.id = d.vessel_id WHERE d.day = %s AND d.ended_at IS DISTINCT FROM n.begins "
            "ON CONFLICT DO NOTHING",
            [[*begins, *gone], [*begins.values(), *(None for _ in gone)],
             day - timedelta(days=1)],
        )  # fmt: skip


def build_days(day: date, vessels: list[int], harbours: Harbours) -> dict[int, Day]:
    """The tracks of a local day by vessel, from positions without a doubt."""
    start = datetime.combine(day, datetime.min.time(), zone())
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone())
    fishers = set(
        Vessel.objects.filter(pk__in=vessels, kind="fishing").values_list("pk", flat=True)
    )
    made = {}
    for vessel, track in heard(vessels, start, end).items():
        one = build.day_of(track, end.timestamp(), harbours, fishes=vessel in fishers)
        if one is not None:
            made[vessel] = one
    return made


def heard(vessels: list[int], start: datetime, end: datetime) -> dict[int, Track]:
    """Positions by vessel in time order, and the first at or after the end of each."""
    given = {"ids": vessels, "start": start, "end": end, "next": end + NEXT_WITHIN}
    with connection.cursor() as cursor, cursor.copy(HEARD, given) as copy:
        body = b"".join(bytes(part) for part in copy)
    rows = np.frombuffer(body[HEAD_BYTES:-TAIL_BYTES], COPIED)
    if not len(rows):
        return {}
    rows = rows[np.lexsort((rows["t"], rows["id"]))]
    table = np.empty(len(rows), TRACK)
    for name in ("t", "speed_kn", "course_deg", "kind"):
        table[name] = rows[name]
    table["lon"], table["lat"] = rows["lon"] / 1e7, rows["lat"] / 1e7
    ids = rows["id"].astype(int)
    edges = np.flatnonzero(np.diff(ids)) + 1
    heads = ids[np.concatenate(([0], edges))].tolist()
    return dict(zip(heads, np.split(table, edges), strict=True))


def _values(vessel: int, day: date, one: Day) -> list[Any]:
    hours = one.effort
    return [
        vessel, day, one.started_at, one.ended_at, *one.tiers, one.positions,
        min(one.silences, 32_767), one.distance_nm, one.top_kn, hours.cells.tolist(),
        hours.present_s.round(1).tolist(), hours.fishing_s.round(1).tolist(),
    ]  # fmt: skip


def _harbours() -> Harbours:
    ports = [(p.geom.x, p.geom.y, p.radius_m) for p in Port.objects.all()]
    return Harbours(*np.array(ports, float).reshape(-1, 3).T)


def _forget() -> None:
    """Tracks and effort of months whose positions are no longer kept."""
    first = archive.kept_from(timezone.now())
    delete_in_parts(DayTrack.objects.filter(day__lt=first))
    effort.forget(first)


def _one(statement: str, values: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]
