from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router

from geo.text import Text
from ioc.accounts.auth import session_or_token
from ioc.incidents import actions
from ioc.incidents.models import Incident
from ioc.incidents.queries import LIVE, visible_to
from layers.paging import page_by_id

router = Router(tags=["incidents"], auth=session_or_token)


def serialise(incident: Incident) -> dict[str, Any]:
    return {
        "id": str(incident.pk),
        "state": incident.state,
        "severity": incident.severity,
        "kind": incident.kind,
        "title": Text(incident.title_vi, incident.title_en).dict(),
        "body": Text(incident.body_vi, incident.body_en).dict(),
        "layer": incident.layer,
        "feature_id": incident.feature_id,
        "lon": incident.geom.x if incident.geom else None,
        "lat": incident.geom.y if incident.geom else None,
        "first_at": incident.first_at,
        "last_at": incident.last_at,
        "repeats": incident.repeats,
        "acknowledged_by": incident.acknowledged_by or None,
        "acknowledged_at": incident.acknowledged_at,
        "synthetic": incident.synthetic,
    }


@router.get("", summary="Incidents, newest first")
def list_incidents(
    request: HttpRequest,
    state: str = "live",
    limit: int = Query(50, ge=1, le=200),
    cursor: str = "",
) -> dict[str, Any]:
    """``state``: live (not resolved), all, or one state."""
    incidents = visible_to(request.user)
    if state == "live":
        incidents = incidents.filter(state__in=LIVE)
    elif state != "all":
        incidents = incidents.filter(state=state)
    rows, following = page_by_id(incidents, limit=limit, cursor=cursor)
    return {"incidents": [serialise(row) for row in rows], "next": following}


@router.post("/{incident_id}/acknowledge", summary="Take notice of an incident, by name")
def acknowledge(request: HttpRequest, incident_id: int) -> dict[str, Any]:
    if not visible_to(request.user).filter(pk=incident_id).exists():
        raise Http404
    if not request.user.has_perm("incidents.change_incident"):
        raise PermissionError
    return serialise(actions.acknowledge(incident_id=incident_id, by=request.user))
