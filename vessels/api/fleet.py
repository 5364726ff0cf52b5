"""The fleet at a glance and as a list by need."""

import base64
import binascii
from datetime import datetime
from typing import Any, Literal

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from geo.errors import Refused
from geo.queries import parse_bbox
from vessels import thresholds
from vessels.api.rights import may_ask, officer
from vessels.models import FleetState, VesselKind
from vessels.plates import key_of
from vessels.sweep import NO_NEED

router = Router()
States = Literal["at_sea", "in_port", "silent", "over_line", "danger", "unknown"]
MOST = 5000

COUNTS = """
SELECT COALESCE(f.state, 'unknown'), count(*) FROM vessels_vessel v
LEFT JOIN vessels_fleet f ON f.vessel_id = v.id
WHERE (f.vessel_id IS NOT NULL OR v.registered) {owner} GROUP BY 1
"""
NAME = "COALESCE(NULLIF(v.name, ''), NULLIF(v.plate, ''), v.mmsi::text, v.id::text)"
# Times and rounding are left to the database: in Python they took half of a list of 4,000.
LIST = f"""
SELECT v.id, {NAME}, v.plate, v.mmsi, v.kind, v.length_m, v.waters_class,
    COALESCE(f.state, 'unknown'), ST_X(l.geom), ST_Y(l.geom),
    round(l.speed_kn::float8 * 10) / 10, round(l.course_deg::float8 * 10) / 10,
    to_char(l.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    CASE WHEN l.vessel_id IS NULL THEN NULL WHEN f.last_vms_at >= l.observed_at THEN 'vms'
        ELSE 'ais' END, v.synthetic, f.need_rank, f.alert_id, a.title_vi, a.title_en,
    a.severity, a.clock, f.zone_code, {{key}} AS sort_key
FROM vessels_vessel v
LEFT JOIN vessels_fleet f ON f.vessel_id = v.id
LEFT JOIN vessels_latest l ON l.vessel_id = v.id
LEFT JOIN vessels_alert a ON a.id = f.alert_id AND a.closed_at IS NULL
WHERE (f.vessel_id IS NOT NULL OR v.registered) {{where}}
ORDER BY sort_key, v.id LIMIT %s
"""
ORDERS = {
    "need": (f"COALESCE(f.need_order, {NO_NEED})", int),
    "name": (f"lower({NAME})", str),
    "length": ("-COALESCE(v.length_m, 0)", float),
}


@router.get("/fleet", summary="How many vessels are in which state")
def get_fleet(request: HttpRequest) -> dict[str, Any]:
    """Officers see all vessels, an owner their own; 403 for others."""
    user = may_ask(request)
    owner, values = ("", []) if officer(request) else ("AND v.owner_user_id = %s", [user.pk])
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(owner=owner), values)
        found = dict(cursor.fetchall())
    counts = {state: found.get(state, 0) for state in FleetState.State.values}
    return {
        "now": now,
        "counts": {**counts, "total": sum(counts.values())},
        "thresholds_as_of": thresholds.as_of(thresholds.in_force(now)),
    }


@router.get("/fleet/list", summary="Vessels in order of need, by name or by length")
def list_fleet(
    request: HttpRequest,
    state: States | None = None,
    zone: str = Query("", max_length=40),
    kind: str = Query("", max_length=12),
    q: str = Query("", max_length=60),
    order: Literal["need", "name", "length"] = "need",
    bbox: str = "",
    cursor: str = Query("", max_length=200),
    limit: int = Query(200, ge=1, le=MOST),
) -> HttpResponse:
    """Keyset pages: `next` goes into `cursor`. 403 for who sees nothing of the fleet."""
    user = may_ask(request)
    key, form = ORDERS[order]
    parts, values = _filters(state, zone, kind, q, bbox)
    if not officer(request):
        parts.append("v.owner_user_id = %s")
        values.append(user.pk)
    if cursor:
        parts.append(f"({key}, v.id) > (%s, %s)")
        values += _read_cursor(cursor, form)
    where = "".join(f" AND {part}" for part in parts)
    with connection.cursor() as sql:
        sql.execute(LIST.format(key=key, where=where), [*values, limit + 1])
        rows = sql.fetchall()
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = _cursor(rows[-1][-1], rows[-1][0])
    body = orjson.dumps({"vessels": [_told(row) for row in rows], "next": following})
    return HttpResponse(body, content_type="application/json; charset=utf-8")


def _filters(
    state: str | None, zone: str, kind: str, q: str, bbox: str
) -> tuple[list[str], list[Any]]:
    parts: list[str] = []
    values: list[Any] = []

    def add(part: str, *more: Any) -> None:
        parts.append(part)
        values.extend(more)

    if state:
        add("COALESCE(f.state, 'unknown') = %s", state)
    if zone:
        add("%s = ANY(string_to_array(f.zone_code, ','))", zone)
    if kind:
        if kind not in VesselKind.values:
            raise Refused("bad-kind", _("There is no such kind of vessel."), status=422)
        add("v.kind = %s", kind)
    if q:
        like = "%" + q.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        plate = key if (key := key_of(q)).isalnum() else ""
        number = int(q) if q.isascii() and q.isdigit() and len(q) <= 9 else -1
        add(
            "(v.name ILIKE %s OR v.owner_name ILIKE %s OR v.callsign ILIKE %s OR v.mmsi = %s"
            " OR (%s <> '' AND v.plate_key LIKE %s))",
            like, like, like, number, plate, "%" + plate + "%",
        )  # fmt: skip
    if bbox:
        add("l.geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)", *parse_bbox(bbox))
    return parts, values


def _cursor(key: Any, pk: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([key, pk])).decode()


def _read_cursor(text: str, form: type) -> list[Any]:
    try:
        key, pk = orjson.loads(base64.urlsafe_b64decode(text.encode()))
        return [form(key), int(pk)]
    except (ValueError, TypeError, binascii.Error):
        raise Refused("bad-cursor", _("cursor is not one that this address gave out")) from None


def _told(row: tuple[Any, ...]) -> dict[str, Any]:
    (
        pk, name, plate, mmsi, kind, length_m, waters, state, lon, lat, speed, course, at, source,
        synthetic, rank, alert, vi, en, severity, clock, zones, _key,
    ) = row  # fmt: skip
    need = None
    if rank is not None and vi is not None:
        need = {
            "rank": rank, "reason": {"vi": vi, "en": en}, "severity": severity,
            "clock": orjson.loads(clock) if isinstance(clock, str) else clock, "alert_id": alert,
        }  # fmt: skip
    return {
        "id": pk, "name": name, "plate": plate, "mmsi": mmsi, "kind": kind, "length_m": length_m,
        "waters_class": waters, "state": state, "lon": lon, "lat": lat,
        "speed_kn": speed, "course_deg": course, "observed_at": at, "source": source,
        "need": need, "synthetic": synthetic,
        "zones": zones.split(",") if zones else [],
    }  # fmt: skip


def source_of(observed_at: datetime | None, vms_at: datetime | None) -> str | None:
    """Which of the two told the newest position; None without one."""
    if observed_at is None:
        return None
    return "vms" if vms_at is not None and vms_at >= observed_at else "ais"
