"""Reads: where a vessel called, and who was in an area when."""

from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.db import connection

from vessels.events.picture import moment
from vessels.models import Port
from vessels.picture import PORT_M, tracks
from vessels.science import crossings
from vessels.science.tracks import TRACK, Track, distance_m

LEAVE_M = 4_000.0  # enter at 3 km, leave at 4 km: GFW's port visits
STOP_KN = 0.5
GAP_S = 240 * 60
INSIDE = """
SELECT DISTINCT p.vessel_id FROM vessels_position p
WHERE p.observed_at >= %s AND p.observed_at <= %s AND p.flags & 7 = 0
    AND p.geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326) {only}
LIMIT %s
"""
MOST_VESSELS = 500


def port_calls(vessel_id: int, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Port, arrival, departure (null: still there), newest first; a call needs a stop in it."""
    track = tracks([vessel_id], since, until, thin_s=600).get(vessel_id)
    if track is None:
        return []
    ports = list(Port.objects.all())
    calls = [
        {"port": {"code": port.code, "name": {"vi": port.name_vi, "en": port.name_en}},
         "arrived_at": moment(first), "left_at": None if last is None else moment(last)}
        for port in ports
        for first, last in _stays(track, port, ports)
    ]  # fmt: skip
    return sorted(calls, key=lambda call: call["arrived_at"], reverse=True)


def _stays(track: Track, port: Port, ports: list[Port]) -> list[tuple[float, float | None]]:
    away = distance_m(track["lon"], track["lat"], port.geom.x, port.geom.y)
    for other in ports:  # a call is at the nearest of neighbouring ports
        if other is not port:
            theirs = distance_m(track["lon"], track["lat"], other.geom.x, other.geom.y)
            away = np.where(theirs < away, np.inf, away)
    stays: list[tuple[float, float | None]] = []
    began: int | None = None
    for i, metres in enumerate(away):
        if began is None and metres <= PORT_M:
            began = i
        elif began is not None and metres > LEAVE_M:
            if (track["speed_kn"][began:i] < STOP_KN).any():
                stays.append((float(track["t"][began]), float(track["t"][i])))
            began = None
    if began is not None and (track["speed_kn"][began:] < STOP_KN).any():
        stays.append((float(track["t"][began]), None))
    return stays


def visits_to(
    shape: Any, start: datetime, end: datetime, ids: list[int] | None
) -> list[dict[str, Any]]:
    """Vessels that were inside, with first_at, last_at, inside_s and positions, earliest first.

    Only vessels with a position in the area's box are looked at; at most 500.
    """
    west, south, east, north = shapely.bounds(shape)
    values: list[Any] = [start, end, west, south, east, north]
    only = ""
    if ids is not None:
        only = "AND p.vessel_id = ANY(%s)"
        values.append(ids)
    with connection.cursor() as cursor:
        cursor.execute(INSIDE.format(only=only), [*values, MOST_VESSELS])
        near = [vessel for (vessel,) in cursor.fetchall()]
    shapely.prepare(shape)
    found = []
    for vessel, track in tracks(near, start, end, thin_s=1).items():
        track = track[track["t"] >= start.timestamp()]
        if visit := _visit(track.astype(TRACK), shape):
            found.append({"id": vessel, **visit})
    return sorted(found, key=lambda visit: visit["first_at"])


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
