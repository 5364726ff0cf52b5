"""SQL behind `vessels.ingest.shared`: parts of an MMSI, their window, moves between them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection
from django.utils import timezone

from geo.text import Text
from vessels import alerts, kinds, quality
from vessels.events.picture import figure, iso, moment
from vessels.models import IdentityChange, Vessel
from vessels.science.messages import Message
from vessels.science.tracks import distance_m

if TYPE_CHECKING:
    from vessels.ingest.fleet import Fleet
    from vessels.ingest.shared import Split

JUMPS = int(quality.Flag.IMPOSSIBLE_JUMP | quality.Flag.SWAPPED)
SPLIT_BY = "one MMSI, two vessels"
COLUMNS = (
    "observed_at, h3, lon_e7, lat_e7, speed_kn, course_deg, heading_deg, status, flags, "
    "message_type, feed_id"
)
FIXES = """
SELECT vessel_id, extract(epoch FROM observed_at)::float8, lon_e7 / 1e7::float8,
    lat_e7 / 1e7::float8, speed_kn::float8, course_deg::float8, message_type, heading_deg
FROM vessels_hot WHERE vessel_id = ANY(%s) AND observed_at {span} ORDER BY observed_at {order}
"""
MOVING = f"""
CREATE TEMP TABLE IF NOT EXISTS vessels_moving ON COMMIT DELETE ROWS AS
SELECT vessel_id, {COLUMNS} FROM vessels_hot LIMIT 0
"""
TAKE_OUT = f"""
WITH gone AS (
    DELETE FROM vessels_hot h
    USING unnest(%s::int[], %s::float8[], %s::int[]) AS m(was, t, now)
    WHERE h.vessel_id = m.was AND h.observed_at = to_timestamp(m.t) RETURNING m.now, h.*)
INSERT INTO vessels_moving (vessel_id, {COLUMNS}) SELECT now, {COLUMNS} FROM gone
"""
PUT_BACK = f"""
INSERT INTO vessels_hot (vessel_id, {COLUMNS}) SELECT vessel_id, {COLUMNS} FROM vessels_moving
ON CONFLICT DO NOTHING
"""
REFLAG = f"""
UPDATE vessels_hot h SET flags = (h.flags & ~{JUMPS}) | m.bits
FROM unnest(%s::int[], %s::float8[], %s::smallint[]) AS m(vessel, t, bits)
WHERE h.vessel_id = m.vessel AND h.observed_at = to_timestamp(m.t) AND (h.flags & {JUMPS}) <> m.bits
"""
NEWEST = """
SELECT h.* FROM unnest(%s::int[]) AS v(id) CROSS JOIN LATERAL (
    SELECT vessel_id, status, speed_kn FROM vessels_hot
    WHERE vessel_id = v.id ORDER BY observed_at DESC LIMIT 1) AS h
"""
LATEST = """
INSERT INTO vessels_latest (vessel_id, observed_at, h3, speed_kn, course_deg, heading_deg, status,
    flags, feed_id, state, geom)
SELECT h.vessel_id, h.observed_at, h.h3, NULLIF(h.speed_kn, 'NaN'), NULLIF(h.course_deg, 'NaN'),
    NULLIF(h.heading_deg, -1), NULLIF(h.status, -1), h.flags, h.feed_id, v.state,
    ST_Point(h.lon_e7 / 1e7::float8, h.lat_e7 / 1e7::float8, 4326)
FROM unnest(%s::int[], %s::text[]) AS v(id, state) CROSS JOIN LATERAL (
    SELECT * FROM vessels_hot WHERE vessel_id = v.id ORDER BY observed_at DESC LIMIT 1) AS h
"""


def parts_of(mmsi: int, synthetic: bool) -> list[int]:
    """The vessels (ids) under an MMSI, the ordinary one first."""
    rows = Vessel.objects.filter(mmsi=mmsi, synthetic=synthetic).order_by("part")
    return list(rows.values_list("pk", flat=True))


def bearing(ids: list[int], name: str | None, callsign: str | None) -> list[int]:
    """Those of the vessels that are known by this name or call sign."""
    rows = Vessel.objects.filter(pk__in=ids).values_list("pk", "name", "callsign")
    return [
        pk for pk, n, c in rows if (name and n == name) or (not name and callsign and c == callsign)
    ]


def window(
    ids: list[int], since: float, low: float, until: float, most: int
) -> tuple[float, list[tuple[int, Message]]]:
    """From when on, and (vessel, message) oldest first: at most `most` of them before `low`."""
    spans = (
        ("BETWEEN to_timestamp(%s) AND to_timestamp(%s)", "DESC LIMIT %s", [since, low, most]),
        ("> to_timestamp(%s) AND observed_at <= to_timestamp(%s)", "", [low, until]),
    )
    found: list[list[tuple[int, Message]]] = []
    with connection.cursor() as cursor:
        for span, order, values in spans:
            cursor.execute(FIXES.format(span=span, order=order), [ids, *values])
            found.append([(row[0], _message(row[1:])) for row in cursor.fetchall()])
    before = found[0][::-1]
    floor = before[0][1].t if len(before) == most else since
    return floor, before + found[1]


def last_before(ids: list[int], t: float) -> list[Message | None]:
    """Each vessel's last position before a time."""
    found: list[Message | None] = []
    statement = FIXES.format(span="< to_timestamp(%s)", order="DESC LIMIT 1")
    with connection.cursor() as cursor:
        for vessel in ids:
            cursor.execute(statement, [[vessel], t])
            row = cursor.fetchone()
            found.append(_message(row[1:]) if row else None)
    return found


def _message(row: tuple[Any, ...]) -> Message:
    t, lon, lat, speed, course, kind, heading = row
    return Message(
        round(t, 6), round(lon, 7), round(lat, 7), round(speed, 1), round(course, 1), kind,
        math.nan if heading < 0 else float(heading),
    )  # fmt: skip


def add_part(fleet: Fleet, split: Split) -> None:
    """One more vessel under the MMSI; its history tells why, and an alert is raised once."""
    number = len(split.ids)
    first = split.began.get(number)
    at = moment(first.t) if first else timezone.now()
    vessel, _ = Vessel.objects.get_or_create(
        mmsi=split.mmsi, synthetic=fleet.is_synthetic(split.mmsi), part=number,
        defaults={"source": fleet.name},
    )  # fmt: skip
    for pk, part in ((split.ids[0], 0), (vessel.pk, number)):
        IdentityChange.objects.get_or_create(
            vessel_id=pk, field="mmsi", was=str(split.mmsi), source=SPLIT_BY,
            now=f"{split.mmsi} ({part + 1})", defaults={"at": at},
        )  # fmt: skip
    split.ids.append(vessel.pk)
    fleet.parted.add(split.ids[0])


def tell(split: Split) -> None:
    """Raise the alert of a second vessel, once; what comes late may date it back."""
    first = split.began.get(1)
    if first is None:
        return
    own, at = Vessel.objects.get(pk=split.ids[0]), moment(first.t)
    IdentityChange.objects.filter(
        vessel_id__in=split.ids[:2], field="mmsi", source=SPLIT_BY, at__gt=at
    ).update(at=at)
    others = [p.message for p in split.placed if split.parts.get(p.segment) == 0]
    figures, positions = [], []
    if others:
        near = min(others, key=lambda m: abs(m.t - first.t))
        apart = float(distance_m(near.lon, near.lat, first.lon, first.lat))
        figures = [
            figure("Khoảng cách", "Apart", apart, "m",
                   Text("từ vị trí đầu của tàu thứ hai đến vị trí của tàu kia gần nhất về giờ",
                        "from the second vessel's first position to the other's nearest in time")),
            figure("Cách nhau về thời gian", "Apart in time", abs(near.t - first.t), "s",
                   Text("hiệu hai thời điểm đó", "the difference of the two times")),
        ]  # fmt: skip
        positions = [
            {"t": iso(m.t), "lon": m.lon, "lat": m.lat,
             "speed_kn": None if m.speed_kn != m.speed_kn else m.speed_kn}
            for m in (near, first)
        ]  # fmt: skip
    alerts.renew(
        alerts.Finding(
            kind="shared_mmsi", slot=f"shared_mmsi:{own.pk}", vessel_id=own.pk,
            title=Text(f"{own}: một MMSI, hai tàu", f"{own}: one MMSI, two vessels"),
            opened_at=at, lon=first.lon, lat=first.lat,
            evidence={"figures": figures, "positions": positions, "rules": [],
                      "vessels": list(split.ids)}, synthetic=own.synthetic,
        ),
        timezone.now(),
    )  # fmt: skip


def move(
    fleet: Fleet, split: Split, moves: list[tuple[tuple, int, int]], known: set[tuple]
) -> None:
    """Move stored positions (key, from part, to part); flags and latest positions follow."""
    columns = ([split.ids[was] for _, was, _ in moves], [key[0] for key, _, _ in moves],
               [split.ids[now] for _, _, now in moves])  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(MOVING)
        cursor.execute("DELETE FROM vessels_moving")
        cursor.execute(TAKE_OUT, columns)
        cursor.execute(PUT_BACK)
        cursor.execute(REFLAG, _flags(split, known))
        cursor.execute("DELETE FROM vessels_latest WHERE vessel_id = ANY(%s)", [split.ids])
        cursor.execute(NEWEST, [split.ids])
        newest = cursor.fetchall()
        state = kinds.states_of(np.array([row[1] for row in newest], int),
                                np.array([row[2] for row in newest], float))  # fmt: skip
        cursor.execute(LATEST, [[row[0] for row in newest], state.tolist()])
    for vessel in split.ids:
        fleet.last.pop(vessel, None)
    fleet.recall(split.ids)
    fleet.touched.update(split.ids)


def _flags(split: Split, known: set[tuple]) -> tuple[list[int], list[float], list[int]]:
    """What jumps there are now within each part, among the stored positions."""
    rows = sorted((split.stored[key], key) for key in known)
    part = np.array([p for p, _ in rows])
    t, kind, lon, lat = (np.array([key[i] for _, key in rows]) for i in (0, 2, 3, 4))
    bits = quality.leaps(part, t.astype(float), lon.astype(float), lat.astype(float), kind)
    return [split.ids[p] for p, _ in rows], t.tolist(), bits.tolist()
