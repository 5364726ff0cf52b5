"""The SQL of a batch: columns through COPY into staging, then history and latest.

Measured (facts on vessels): day partitions with key (vessel, time) and BRIN take three times the
rows of a table with GiST; latest without an index on geometry or time stays HOT. Integers for
degrees and no nulls: 120 bytes a position with its key, where geometry took 148.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from psycopg import sql

from geo import estimates
from layers.models import PendingChange
from layers.registry import Layer
from vessels.archive import archived_until
from vessels.models import LiveVessel

POSTGRES_EPOCH_S = 946_684_800  # 2000-01-01
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
COPY_TAIL = b"\xff\xff"
STATES = ("under-way", "fishing", "stopped", "distress", "unknown")
SPEED, COURSE = "NULLIF(speed_kn, 'NaN')", "NULLIF(course_deg, 'NaN')"
HEADING, STATUS = "NULLIF(heading_deg, -1)", "NULLIF(status, -1)"

STAGE = """
CREATE TEMP TABLE IF NOT EXISTS vessels_staged (
    vessel_id integer, observed_at timestamptz, h3 bigint, speed_kn real, course_deg real,
    heading_deg smallint, status smallint, flags smallint, message_type smallint,
    state smallint, lon_e7 integer, lat_e7 integer
) ON COMMIT DELETE ROWS
"""
HISTORY = """
INSERT INTO vessels_hot (observed_at, h3, vessel_id, lon_e7, lat_e7, speed_kn, course_deg,
    heading_deg, status, flags, message_type, feed_id)
SELECT observed_at, h3, vessel_id, lon_e7, lat_e7, speed_kn, course_deg, heading_deg, status, flags,
    message_type, %s
FROM vessels_staged s {unless} ON CONFLICT DO NOTHING
"""
UNLESS_ARCHIVED = """
WHERE NOT EXISTS (
    SELECT FROM vessels_archived a
    WHERE a.observed_at BETWEEN to_timestamp(%s) AND to_timestamp(%s)
        AND a.vessel_id BETWEEN %s AND %s
        AND a.vessel_id = s.vessel_id AND a.observed_at = s.observed_at)
"""
POINT = "ST_Point(lon_e7 / 1e7::float8, lat_e7 / 1e7::float8, 4326)"
LATEST = f"""
INSERT INTO vessels_latest AS latest (vessel_id, observed_at, h3, speed_kn, course_deg,
    heading_deg, status, flags, feed_id, state, geom)
SELECT vessel_id, observed_at, h3, {SPEED}, {COURSE}, {HEADING}, {STATUS}, flags, %s,
    (%s::text[])[state], {POINT}
FROM vessels_staged WHERE state > 0
ON CONFLICT (vessel_id) DO UPDATE SET observed_at = excluded.observed_at, h3 = excluded.h3,
    speed_kn = excluded.speed_kn, course_deg = excluded.course_deg,
    heading_deg = excluded.heading_deg, status = excluded.status, flags = excluded.flags,
    feed_id = excluded.feed_id, state = excluded.state, geom = excluded.geom
WHERE excluded.observed_at > latest.observed_at
RETURNING vessel_id
"""


@dataclass(slots=True)
class Rows:
    """Positions ready to be stored, sorted by vessel and time, one entry a position."""

    vessel: np.ndarray  # int
    time: np.ndarray  # epoch s
    lon: np.ndarray
    lat: np.ndarray
    h3: np.ndarray
    speed_kn: np.ndarray  # NaN: not told
    course_deg: np.ndarray
    heading_deg: np.ndarray  # -1: not told
    status: np.ndarray
    flags: np.ndarray
    kind: np.ndarray
    state: np.ndarray  # words
    last: np.ndarray  # whether it is the vessel's last of this batch

    def __len__(self) -> int:
        return len(self.vessel)


def copy_bytes(rows: Rows) -> bytes:
    """The rows in PostgreSQL's binary COPY format, in the order of the staging table."""
    code = np.zeros(len(rows), np.int16)
    for number, word in enumerate(STATES, start=1):
        code[rows.last & (rows.state == word)] = number
    columns = (
        (rows.vessel, ">i4"), (np.rint((rows.time - POSTGRES_EPOCH_S) * 1e6), ">i8"),
        (rows.h3, ">i8"), (rows.speed_kn, ">f4"), (rows.course_deg, ">f4"),
        (rows.heading_deg, ">i2"), (rows.status, ">i2"), (rows.flags, ">i2"), (rows.kind, ">i2"),
        (code, ">i2"), (np.rint(rows.lon * 1e7), ">i4"), (np.rint(rows.lat * 1e7), ">i4"),
    )  # fmt: skip
    layout: list[Any] = [("fields", ">i2")]
    for number, (_, form) in enumerate(columns):
        layout += [(f"n{number}", ">i4"), (f"v{number}", form)]
    out = np.empty(len(rows), np.dtype(layout))
    out["fields"] = len(columns)
    for number, (values, form) in enumerate(columns):
        out[f"n{number}"] = np.dtype(form).itemsize
        out[f"v{number}"] = values
    return COPY_HEAD + out.tobytes() + COPY_TAIL


def write(rows: Rows, feed_id: int) -> tuple[int, list[int]]:
    """How many positions were new, and the vessels whose latest position moved."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        cursor.execute("DELETE FROM vessels_staged")  # of an outer transaction's earlier batch
        with cursor.copy("COPY vessels_staged FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(copy_bytes(rows))
        old = rows.time[rows.time < archived_until()]
        if len(old):  # what the archive holds is not stored again
            spans = [old.min(), old.max(), int(rows.vessel.min()), int(rows.vessel.max())]
            cursor.execute(HISTORY.format(unless=UNLESS_ARCHIVED), [feed_id, *spans])
        else:
            cursor.execute(HISTORY.format(unless=""), [feed_id])
        stored = cursor.rowcount
        cursor.execute(LATEST, [feed_id, list(STATES)])
        return stored, [vessel for (vessel,) in cursor.fetchall()]


def record_moved(layer: Layer, vessels: list[int]) -> int:
    """How many changes were recorded: one for each of these vessels that has a position.

    As `layers.changes.upsert_many` does, but without carrying ten thousand rows through Python.
    """
    for table in ("vessels_vessel", "vessels_latest"):
        estimates.known(table, len(vessels))
    pairs = []
    for field in layer.fields:
        column: sql.Composable = sql.Identifier(field.name)
        if field.type == "time":
            form = sql.Literal('YYYY-MM-DD"T"HH24:MI:SS"Z"')
            column = sql.SQL("to_char({} AT TIME ZONE 'UTC', {})").format(column, form)
        pairs += [sql.Literal(field.name), column]
    statement = sql.SQL(
        "INSERT INTO {pending} (layer, feature_id, op, at, lon, lat, props, public, scope) "
        "SELECT {slug}, id::text, 'upsert', observed_at, ST_X(geom), ST_Y(geom), "
        "jsonb_build_object({pairs}), false, '' FROM {live} WHERE id = ANY({ids}::int[])"
    ).format(
        pending=sql.Identifier(PendingChange._meta.db_table),
        slug=sql.Literal(layer.slug), live=sql.Identifier(LiveVessel._meta.db_table),
        pairs=sql.SQL(", ").join(pairs), ids=sql.Literal(vessels),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.rowcount
