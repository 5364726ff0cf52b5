"""What a sweep looks at, read in a fixed number of queries whatever the fleet's size."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import shapely
from django.db import connection
from django.db.models import Count, Max, Q

from geo.text import Text
from vessels import thresholds
from vessels.events.picture import Beacon, Craft, Danger, Picture, Sea, moment
from vessels.models import Alert, DangerArea, Declaration, Device, Permit, Port, Zone
from vessels.quality import HARMLESS
from vessels.science import stops
from vessels.science.tracks import TRACK, Track, distance_m

STILL_KN = 0.5
PORT_M = 3_000.0  # GFW's port visit; a lagoon's ports have their own radius or polygon
SHELTER_M = 10_000.0
THIN_S, WHOLE_THIN_S = 120, 600
VMS_BACK = timedelta(hours=8)  # at a cadence of hours the position before the window matters

CRAFTS = """
SELECT v.id, COALESCE(NULLIF(v.name, ''), NULLIF(v.plate, ''), v.mmsi::text, v.id::text),
    v.kind, v.length_m, v.waters_class, v.registered, v.synthetic,
    extract(epoch FROM l.observed_at)::float8, ST_X(l.geom), ST_Y(l.geom), l.speed_kn,
    l.course_deg, l.state, l.flags
FROM vessels_vessel v LEFT JOIN vessels_latest l ON l.vessel_id = v.id
WHERE l.vessel_id IS NOT NULL OR v.registered ORDER BY v.id
"""
HEARD = """
SELECT v.id, (SELECT extract(epoch FROM max(p.observed_at))::float8 FROM vessels_position p
              WHERE p.vessel_id = v.id AND p.message_type = 0 AND p.observed_at >= %(since)s
                AND p.observed_at <= %(now)s),
    (SELECT extract(epoch FROM p.observed_at)::float8 FROM vessels_position p
     WHERE p.vessel_id = v.id AND p.message_type <> 0 AND p.observed_at >= %(since)s
        AND p.observed_at <= %(now)s
     ORDER BY p.observed_at DESC LIMIT 1)
FROM unnest(%(ids)s::int[]) AS v(id)
"""
TRACKS = """
SELECT DISTINCT ON (vessel_id, slot) vessel_id, extract(epoch FROM observed_at)::float8,
    ST_X(geom), ST_Y(geom), COALESCE(speed_kn, 'NaN'), COALESCE(course_deg, 'NaN'), message_type
FROM (SELECT *, floor(extract(epoch FROM observed_at) / %(thin)s) AS slot FROM vessels_position
      WHERE vessel_id = ANY(%(ids)s) AND observed_at >= %(back)s AND observed_at <= %(now)s
        AND flags & ~40 = 0 AND (observed_at >= %(since)s OR message_type = 0)) AS p
ORDER BY vessel_id, slot, observed_at
"""
KEPT_BACK = timedelta(days=36)  # a counted device not heard for longer was heard "never"


def of(now: datetime, since: datetime, *, whole: bool = False) -> Picture:
    """The fleet at `now`, with tracks from `since` on of vessels that lines are watched for.

    `whole`: of all vessels, coarser, and with what their conduct is judged by.
    """
    rules = thresholds.in_force(now)
    crafts = [_craft(row, now.timestamp()) for row in _rows(CRAFTS, {})]
    picture = Picture(now.timestamp(), rules, crafts, seas(), since=since.timestamp())
    ports = list(Port.objects.all())
    _place(crafts, picture.seas, ports)
    picture.ports = [
        stops.Port(port.code, port.geom.x, port.geom.y,
                   shapely.from_wkb(bytes(port.area.wkb)) if port.area else None)
        for port in ports
    ]  # fmt: skip
    _declared(crafts, now, rules.seconds("port_notice"))
    _devices(crafts, picture, now)
    if whole:
        heard = [c.id for c in crafts if (c.observed_at or 0.0) >= since.timestamp()]
        picture.tracks = tracks(heard, since, now, thin_s=WHOLE_THIN_S)
        picture.permits = _permits()
    else:
        watched = [c.id for c in crafts if c.registered and c.kind == "fishing"]
        picture.tracks = tracks(watched, since, now)
        picture.dangers = dangers(now, now + timedelta(seconds=rules.seconds("storm_ahead")))
    down = Alert.objects.filter(kind="provider_outage", ended_at=None)
    picture.outages = {a.slot.split(":", 1)[1]: a.opened_at.timestamp() for a in down}
    return picture


def seas() -> list[Sea]:
    """The zones in force as prepared geometry."""
    return [
        Sea(zone.code, zone.kind, Text(zone.name_vi, zone.name_en),
            shapely.from_wkb(bytes(zone.geom.wkb)), zone.keep_in)
        for zone in Zone.objects.filter(active=True)
    ]  # fmt: skip


def dangers(since: datetime, until: datetime) -> list[Danger]:
    """The danger areas forecast for some time of this span."""
    rows = DangerArea.objects.filter(active=True, valid_from__lte=until, valid_to__gte=since)
    return [
        Danger(row.key, Text(row.name_vi, row.name_en), shapely.from_wkb(bytes(row.geom.wkb)),
               row.valid_from.timestamp(), row.valid_to.timestamp(), row.source)
        for row in rows
    ]  # fmt: skip


def _permits() -> dict[int, float]:
    """Until when (epoch s) each vessel's longest permit holds; one without end is not told."""
    last = Permit.objects.values("vessel_id").annotate(
        until=Max("valid_until"), endless=Count("pk", filter=Q(valid_until=None))
    )
    return {
        row["vessel_id"]: datetime.combine(row["until"], time.max, UTC).timestamp()
        for row in last if not row["endless"]
    }  # fmt: skip


def tracks(
    ids: Iterable[int], since: datetime, until: datetime, *, thin_s: int = THIN_S
) -> dict[int, Track]:
    """Undoubted positions by vessel, the first in each slice of time. One query.

    VMS positions reach 8 h further back, so that a line crossed between two of them is seen.
    """
    values = {"ids": list(ids), "since": since, "back": since - VMS_BACK, "now": until,
              "thin": thin_s}  # fmt: skip
    rows = _rows(TRACKS, values)
    if not rows:
        return {}
    vessel = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    track = np.array([row[1:] for row in rows], dtype=TRACK)
    edges = np.flatnonzero(np.diff(vessel)) + 1
    parts = np.split(track, edges)
    return dict(zip(vessel[np.concatenate(([0], edges))].tolist(), parts, strict=True))


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _craft(row: tuple[Any, ...], now: float) -> Craft:
    craft = Craft(*row[:7])
    if row[7] is not None and row[7] <= now + 300:
        craft.observed_at, craft.lon, craft.lat = row[7], row[8], row[9]
        craft.speed_kn, craft.course_deg = _number(row[10]), _number(row[11])
        craft.doing, craft.doubtful = row[12], bool(row[13] & ~HARMLESS)
    return craft


def _place(crafts: list[Craft], zones: list[Sea], ports: list[Port]) -> None:
    """Which zones each lies in, and whether it is in port."""
    lon, lat = (np.array([getattr(c, name) for c in crafts], float) for name in ("lon", "lat"))
    known = np.isfinite(lon)
    inside: dict[str, np.ndarray] = {}
    for zone in zones:
        hit = np.zeros(len(crafts), bool)
        hit[known] = shapely.contains_xy(zone.shape, lon[known], lat[known])
        inside[zone.code] = hit
    at_sea = np.logical_or.reduce(list(inside.values())) if inside else np.ones(len(crafts), bool)
    nearest = np.full(len(crafts), np.inf)
    in_port = np.zeros(len(crafts), bool)
    for port in ports:
        away = np.full(len(crafts), np.inf)
        away[known] = distance_m(lon[known], lat[known], port.geom.x, port.geom.y)
        nearest = np.minimum(nearest, away)
        in_port |= away <= port.radius_m
        if port.area is not None:
            area = shapely.from_wkb(bytes(port.area.wkb))
            in_port[known] |= shapely.contains_xy(area, lon[known], lat[known])
    speed = np.array([c.speed_kn for c in crafts], float)
    still = ~(speed >= STILL_KN)
    in_port |= still & ((nearest <= PORT_M) | (~at_sea & (nearest <= SHELTER_M)))
    for i, craft in enumerate(crafts):
        craft.zones = tuple(code for code, hit in inside.items() if hit[i])
        craft.in_port = bool(in_port[i])


def _declared(crafts: list[Craft], now: datetime, notice_s: float) -> None:
    """What was declared overrides what the last position says, until positions speak again."""
    newest = Declaration.objects.filter(at__lte=now).order_by("vessel_id", "-at", "-pk")
    said = {
        vessel: (kind, at.timestamp())
        for vessel, kind, at in newest.distinct("vessel_id").values_list("vessel_id", "kind", "at")
    }
    for craft in crafts:
        if craft.id not in said:
            continue
        kind, at = said[craft.id]
        seen = craft.observed_at or 0.0
        if kind == "arrival" and seen <= at:
            craft.in_port = True
        elif kind == "departure" and seen < at + notice_s:
            craft.in_port, craft.left_at = False, at


def _devices(crafts: list[Craft], picture: Picture, now: datetime) -> None:
    """The device that counts aboard each vessel, and when each kind was heard last."""
    counted = {
        d.vessel_id: d
        for d in Device.objects.filter(removed_at=None, counted=True, fitted_at__lte=now)
    }
    vms = [vessel for vessel, device in counted.items() if device.kind == "vms"]
    heard = {
        vessel: (by_vms, by_ais)
        for vessel, by_vms, by_ais in _rows(
            HEARD, {"ids": vms, "since": now - KEPT_BACK, "now": now}
        )
    }
    for craft in crafts:
        device = counted.get(craft.id)
        craft.last_vms_at, craft.last_ais_at = heard.get(craft.id, (None, craft.observed_at))
        if device is None:
            continue
        by_vms = device.kind == "vms"
        craft.beacon = Beacon(
            device.kind, device.provider, device.fitted_at.timestamp(),
            craft.last_vms_at if by_vms else craft.observed_at,
            picture.rules.seconds("position_interval", craft.length_m) if by_vms else 0.0,
        )  # fmt: skip


__all__ = ["moment", "of", "seas", "tracks"]
