"""A vessel's file: identity and its history, owner, permits, devices, alerts, notes."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from geo.text import Text
from vessels.api import alerts, declarations
from vessels.api.fleet import source_of
from vessels.api.rights import may_ask, vessel_of
from vessels.calls import port_calls
from vessels.models import Alert, FleetState, LatestPosition, Vessel, VesselEvent, VesselNote

router = Router()
CALLS_BACK = timedelta(days=14)
SHOWN = 100
EVENTS = {
    "port_visit": Text("Vào cảng", "Port visit"),
    "stopped": Text("Dừng trên biển", "Stopped at sea"),
    "fishing": Text("Có thể đánh bắt", "Likely fishing"),
}


class Note(Schema):
    """Words about a vessel."""

    words: str = Field(min_length=1, max_length=2000)


@router.get("/{int:vessel_id}/file", summary="Everything known of a vessel")
def get_file(request: HttpRequest, vessel_id: int) -> dict[str, Any]:
    """404 for who may not see it. Port calls are those of the last 14 days."""
    may_ask(request)
    vessel = vessel_of(request, vessel_id)
    state = FleetState.objects.filter(pk=vessel.pk).first()
    latest = LatestPosition.objects.filter(pk=vessel.pk).first()
    now = timezone.now()
    shown = Alert.objects.select_related("vessel", "held_by").filter(vessel=vessel)
    said = vessel.declarations.select_related("vessel", "port").order_by("-at")
    owner = vessel.owner_name or vessel.owner_phone
    return {
        "identity": _identity(vessel, state, latest),
        "history": [
            {"at": h.at, "field": h.field, "was": h.was, "is": h.now, "source": h.source}
            for h in vessel.history.order_by("-at", "-pk")[:SHOWN]
        ],
        "owner": {"name": vessel.owner_name, "phone": vessel.owner_phone} if owner else None,
        "permits": [
            {"number": p.number, "kind": p.kind, "valid_from": p.valid_from,
             "valid_until": p.valid_until}
            for p in vessel.permits.order_by("-valid_until")
        ],
        "devices": [
            {"kind": d.kind, "provider": d.provider, "ident": d.ident, "counted": d.counted,
             "fitted_at": d.fitted_at, "removed_at": d.removed_at,
             "last_at": _last_of(d.kind, state) if d.removed_at is None else None}
            for d in vessel.devices.order_by("removed_at", "-fitted_at")
        ],
        "port_calls": port_calls(vessel.pk, now - CALLS_BACK, now),
        "events": [_event(e) for e in vessel.events.order_by("-began_at")[:SHOWN]],
        "alerts": [alerts.told(a, request.user) for a in shown.order_by("-opened_at")[:SHOWN]],
        "notes": [_note(n) for n in vessel.notes.select_related("by").order_by("-at")[:SHOWN]],
        "declarations": [declarations.told(d) for d in said[:SHOWN]],
    }  # fmt: skip


@router.post("/{int:vessel_id}/notes", summary="Write a note on a vessel")
def add_note(request: HttpRequest, vessel_id: int, body: Note) -> dict[str, Any]:
    """For officers; 404 for who may not see the vessel."""
    vessel = vessel_of(request, vessel_id)
    user: Any = request.user
    if not user.has_perm("vessels.add_vesselnote"):
        raise PermissionError
    return _note(VesselNote.objects.create(vessel=vessel, by=user, words=body.words))


def _note(note: VesselNote) -> dict[str, Any]:
    return {"at": note.at, "by": str(note.by) if note.by else None, "words": note.words}


def _event(event: VesselEvent) -> dict[str, Any]:
    return {
        "kind": event.kind, "title": EVENTS[event.kind].dict(), "began_at": event.began_at,
        "ended_at": event.ended_at, "lon": event.geom.x, "lat": event.geom.y,
        "details": event.details,
    }  # fmt: skip


def _last_of(kind: str, state: FleetState | None) -> Any:
    if state is None:
        return None
    return state.last_vms_at if kind == "vms" else state.last_ais_at


def _identity(
    vessel: Vessel, state: FleetState | None, latest: LatestPosition | None
) -> dict[str, Any]:
    port = vessel.home_port
    return {
        "id": vessel.pk, "name": str(vessel), "plate": vessel.plate, "mmsi": vessel.mmsi,
        "callsign": vessel.callsign, "imo": vessel.imo, "kind": vessel.kind,
        "length_m": vessel.length_m, "width_m": vessel.width_m, "gear": vessel.gear,
        "waters_class": vessel.waters_class, "province": vessel.province,
        "home_port": port and {"code": port.code, "name": {"vi": port.name_vi, "en": port.name_en}},
        "registered": vessel.registered, "source": vessel.source, "synthetic": vessel.synthetic,
        "state": state.state if state else "unknown",
        "state_since": state.since_at if state else None,
        "latest": latest and {
            "lon": latest.geom.x, "lat": latest.geom.y, "observed_at": latest.observed_at,
            "speed_kn": latest.speed_kn, "course_deg": latest.course_deg,
            "source": source_of(latest.observed_at, state.last_vms_at if state else None),
        },
    }  # fmt: skip
