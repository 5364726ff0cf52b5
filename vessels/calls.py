"""Reads: where a vessel called, and who was in an area when."""

import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import shapely
from django.db import connection

from vessels.events.picture import moment
from vessels.models import Port
from vessels.picture import tracks
from vessels.science import crossings, stops
from vessels.science.cadence import cadence_s
from vessels.science.tracks import TRACK, Track

CALLS_THIN_S = 600
THROUGH = """
WITH p AS (
    SELECT vessel_id, lon_e7 AS x, lat_e7 AS y, lag(lon_e7) OVER w AS x0, lag(lat_e7) OVER w AS y0
    FROM vessels_position
    WHERE observed_at >= %(since)s AND observed_at <= %(until)s AND flags & ~40 = 0
        AND lon_e7 BETWEEN %(west)s - pad(message_type) AND %(east)s + pad(message_type)
        AND lat_e7 BETWEEN %(south)s - pad(message_type) AND %(north)s + pad(message_type) {only}
    WINDOW w AS (PARTITION BY vessel_id ORDER BY observed_at))
SELECT DISTINCT vessel_id FROM p
WHERE LEAST(x, COALESCE(x0, x)) <= %(east)s AND GREATEST(x, COALESCE(x0, x)) >= %(west)s
    AND LEAST(y, COALESCE(y0, y)) <= %(north)s AND GREATEST(y, COALESCE(y0, y)) >= %(south)s
LIMIT %(most)s
""".replace("pad(message_type)", "CASE WHEN message_type IN (0, 27) THEN 4000000 ELSE 500000 END")
"""Who has a position in the box, or two with the box between: 0.4° apart of what reports every
few hours (12 kn for 2 h), 0.05° of AIS (16 kn for 10 min)."""
BACK, ON = timedelta(hours=8), timedelta(hours=3)
BRIDGE_S, BRIDGE = 3_600.0, 2.2  # the line between two positions counts up to such an interval
MOST_CROSSINGS = 20
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
    """Vessels that were inside, with first_at, last_at, inside_s, positions and crossings, earliest
    first; and whether there were more than the 500 that are looked at.

    Who crossed between two positions counts: the straight line between them tells when and where,
    as long as they are not farther apart in time than an hour or 2.2 of the vessel's intervals.
    """
    west, south, east, north = shapely.bounds(shape)
    box = (math.floor(west * 1e7), math.ceil(east * 1e7), math.floor(south * 1e7),
           math.ceil(north * 1e7))  # fmt: skip
    values: dict[str, Any] = dict(zip(("west", "east", "south", "north"), box, strict=True))
    values |= {"since": start - BACK, "until": end + ON, "ids": ids, "most": MOST_VESSELS + 1}
    only = "" if ids is None else "AND vessel_id = ANY(%(ids)s)"
    with connection.cursor() as cursor:
        cursor.execute(THROUGH.format(only=only), values)
        near = [vessel for (vessel,) in cursor.fetchall()]
    shapely.prepare(shape)
    span = start.timestamp(), end.timestamp()
    found = []
    for vessel, track in tracks(near[:MOST_VESSELS], start - ON, end + ON, thin_s=1).items():
        if visit := _visit(track.astype(TRACK), shape, *span):
            found.append({"id": vessel, **visit})
    return sorted(found, key=lambda visit: visit["first_at"]), len(near) > MOST_VESSELS


def _visit(track: Track, shape: Any, since: float, until: float) -> dict[str, Any] | None:
    cadence = cadence_s(track["t"])
    limit_s = max(BRIDGE_S, BRIDGE * (0.0 if math.isnan(cadence) else cadence))
    stays: list[tuple[float, float]] = []
    crossed: list[crossings.Crossing] = []
    for part in np.split(track, np.flatnonzero(np.diff(track["t"]) > limit_s) + 1):
        inside = shapely.contains_xy(shape, part["lon"], part["lat"])
        found = crossings.find(part, shape)
        edges = [(c.t, c.inside) for c in found]
        if inside[0]:
            edges.insert(0, (float(part["t"][0]), True))
        if inside[-1]:
            edges.append((float(part["t"][-1]), False))
        stays += zip(
            (t for t, into in edges if into), (t for t, into in edges if not into), strict=True
        )
        crossed += [c for c in found if since <= c.t <= until]
    stays = [(max(a, since), min(b, until)) for a, b in stays if b >= since and a <= until]
    if not stays:
        return None
    heard = track[(track["t"] >= since) & (track["t"] <= until)]
    return {
        "first_at": moment(min(a for a, _ in stays)), "last_at": moment(max(b for _, b in stays)),
        "inside_s": round(sum(b - a for a, b in stays), 1),
        "positions": int(shapely.contains_xy(shape, heard["lon"], heard["lat"]).sum()),
        "crossings": [
            {"at": moment(c.t), "lon": round(c.lon, 6), "lat": round(c.lat, 6),
             "inside": c.inside, "error_m": round(c.error_m)}
            for c in crossed[:MOST_CROSSINGS]
        ],
    }  # fmt: skip
