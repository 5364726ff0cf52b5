"""Reads: where a vessel called, and who was in an area when."""

import math
from datetime import datetime
from typing import Any

import shapely
from django.db import connection

from vessels.events.picture import moment
from vessels.models import Port
from vessels.picture import tracks
from vessels.science import crossings, stops
from vessels.science.tracks import TRACK, Track

CALLS_THIN_S = 600
INSIDE = """
SELECT DISTINCT p.vessel_id FROM vessels_position p
WHERE p.observed_at >= %s AND p.observed_at <= %s AND p.flags & ~40 = 0
    AND p.lon_e7 BETWEEN %s AND %s AND p.lat_e7 BETWEEN %s AND %s {only}
LIMIT %s
"""
MOST_VESSELS = 500


def port_calls(vessel_id: int, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Port, arrival, departure (null: still there), newest first; passing by is no call."""
    track = tracks([vessel_id], since, until, thin_s=CALLS_THIN_S).get(vessel_id)
    if track is None:
        return []
    ports = {port.code: port for port in Port.objects.all()}
    places = [
        stops.Port(
            port.code, port.geom.x, port.geom.y,
            shapely.from_wkb(bytes(port.area.wkb)) if port.area else None,
        )
        for port in ports.values()
    ]  # fmt: skip
    calls = [
        {
            "port": {"code": visit.port, "name": {"vi": ports[str(visit.port)].name_vi,
                                                  "en": ports[str(visit.port)].name_en}},
            "arrived_at": moment(visit.start),
            "left_at": None if visit.end is None else moment(visit.last),
        }
        for visit in stops.visits(track, places, now=until.timestamp())
    ]  # fmt: skip
    return calls[::-1]


def visits_to(
    shape: Any, start: datetime, end: datetime, ids: list[int] | None
) -> tuple[list[dict[str, Any]], bool]:
    """Vessels that were inside, with first_at, last_at, inside_s and positions, earliest first;
    and whether there were more than the 500 that are looked at.

    Only vessels with a position in the area's box count: who crossed between two is not seen.
    """
    west, south, east, north = shapely.bounds(shape)
    box = (math.floor(west * 1e7), math.ceil(east * 1e7), math.floor(south * 1e7),
           math.ceil(north * 1e7))  # fmt: skip
    values: list[Any] = [start, end, *box]
    only = ""
    if ids is not None:
        only = "AND p.vessel_id = ANY(%s)"
        values.append(ids)
    with connection.cursor() as cursor:
        cursor.execute(INSIDE.format(only=only), [*values, MOST_VESSELS + 1])
        near = [vessel for (vessel,) in cursor.fetchall()]
    shapely.prepare(shape)
    found = []
    for vessel, track in tracks(near[:MOST_VESSELS], start, end, thin_s=1).items():
        track = track[track["t"] >= start.timestamp()]
        if visit := _visit(track.astype(TRACK), shape):
            found.append({"id": vessel, **visit})
    return sorted(found, key=lambda visit: visit["first_at"]), len(near) > MOST_VESSELS


def _visit(track: Track, shape: Any) -> dict[str, Any] | None:
    inside = shapely.contains_xy(shape, track["lon"], track["lat"])
    if not inside.any():
        return None
    times = track["t"]
    edges = [(c.t, c.inside) for c in crossings.find(track, shape)]
    if inside[0]:
        edges.insert(0, (float(times[0]), True))
    if inside[-1]:
        edges.append((float(times[-1]), False))
    starts = [t for t, into in edges if into]
    ends = [t for t, into in edges if not into]
    return {
        "first_at": moment(min(starts)), "last_at": moment(max(ends)),
        "inside_s": round(sum(ends) - sum(starts), 1), "positions": int(inside.sum()),
    }  # fmt: skip
