"""HTTP for vessels: who one is, and where it has been."""

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router

from geo.errors import Refused
from ioc.accounts.auth import session_or_token
from vessels.models import LiveVessel, Position, Vessel

router = Router(tags=["vessels"], auth=session_or_token)

TRACK_POINTS = 2000
TRACK_HOURS = 24 * 7


@router.get("/{vessel_id}", summary="A vessel's particulars and latest position")
def get_vessel(request: HttpRequest, vessel_id: int) -> dict[str, Any]:
    """404 for who may not see vessels, as for a vessel that does not exist."""
    vessel = visible(request, vessel_id)
    live = LiveVessel.objects.visible_to(request.user).filter(pk=vessel_id).first()
    return {
        "id": str(vessel.pk), "mmsi": vessel.mmsi, "name": vessel.name, "imo": vessel.imo,
        "callsign": vessel.callsign, "plate": vessel.plate, "kind": vessel.kind,
        "length_m": vessel.length_m, "width_m": vessel.width_m, "source": vessel.source,
        "synthetic": vessel.synthetic,
        "latest": live and {
            "at": live.observed_at, "lon": live.geom.x, "lat": live.geom.y, "state": live.state,
            "speed_kn": live.speed_kn, "course_deg": live.course_deg, "doubt": live.doubt,
        },
    }  # fmt: skip


@router.get("/{vessel_id}/track", summary="Where a vessel has been, as a GeoJSON line")
def get_track(
    request: HttpRequest,
    vessel_id: int,
    hours: float = Query(24, gt=0, le=TRACK_HOURS),
    until: datetime | None = None,
) -> dict[str, Any]:
    """At most 2,000 points, one per equal slice of time, oldest first; doubtful ones left out.

    `until` (ISO, with zone) is by default the vessel's latest position.
    """
    vessel = visible(request, vessel_id)
    if until is not None and until.tzinfo is None:
        raise Refused(
            "time-without-zone", _("Give the time with its zone, as 2026-01-31T07:00:00Z.")
        )
    if until is None:
        latest = LiveVessel.objects.visible_to(request.user).filter(pk=vessel_id).first()
        if latest is None:
            return _line(vessel, [])
        until = latest.observed_at
    span = timedelta(hours=hours)
    seen = Position.objects.visible_to(request.user).thinned(
        vessel_id, until - span, until, slices=TRACK_POINTS
    )
    return _line(vessel, list(seen))


def visible(request: HttpRequest, vessel_id: int) -> Vessel:
    vessel = Vessel.objects.visible_to(request.user).filter(pk=vessel_id).first()
    if vessel is None:
        raise Http404
    return vessel


def _line(vessel: Vessel, points: list[tuple[Any, ...]]) -> dict[str, Any]:
    coordinates = [[round(geom.x, 6), round(geom.y, 6)] for _, _, geom, _, _ in points]
    geometry: dict[str, Any] | None = {"type": "LineString", "coordinates": coordinates}
    if len(coordinates) < 2:
        geometry = {"type": "Point", "coordinates": coordinates[0]} if coordinates else None
    return {
        "type": "Feature",
        "id": str(vessel.pk),
        "geometry": geometry,
        "properties": {
            "name": str(vessel), "synthetic": vessel.synthetic,
            "times": [at for _, at, _, _, _ in points],
            "speeds_kn": [speed and round(speed, 1) for _, _, _, speed, _ in points],
            "courses_deg": [course and round(course, 1) for _, _, _, _, course in points],
        },
    }  # fmt: skip
