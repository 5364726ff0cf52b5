from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from ninja import Query, Router

from ioc.accounts.auth import session_or_token
from layers.paging import page_by_id
from vision import conf
from vision.models import Camera, CameraEvent

router = Router(tags=["cameras"], auth=session_or_token)


def serialise(event: CameraEvent) -> dict[str, Any]:
    return {
        "id": str(event.pk),
        "camera": str(event.camera_id),
        "kind": event.kind,
        "rule": event.rule,
        "direction": event.direction,
        "object_class": event.object_class,
        "confidence": event.confidence,
        "lon": event.geom.x,
        "lat": event.geom.y,
        "error_m": event.error_m,
        "started_at": event.started_at,
        "ended_at": event.ended_at,
        "model_hash": event.model_hash,
        "snapshot": bool(event.snapshot),
        "synthetic": event.synthetic,
    }


@router.get("/{camera_id}/events", summary="A camera's events, newest first")
def list_events(
    request: HttpRequest, camera_id: int, limit: int = Query(50, ge=1, le=200), cursor: str = ""
) -> dict[str, Any]:
    if not Camera.objects.visible_to(request.user).filter(pk=camera_id).exists():
        raise Http404
    events = CameraEvent.objects.visible_to(request.user).filter(camera_id=camera_id)
    rows, following = page_by_id(events, limit=limit, cursor=cursor)
    return {"events": [serialise(row) for row in rows], "next": following}


@router.get(
    "/events/{event_id}/snapshot.jpg",
    url_name="camera-event-snapshot",
    summary="An event's picture, people and plates hidden",
)
def snapshot(request: HttpRequest, event_id: int) -> FileResponse:
    event = CameraEvent.objects.visible_to(request.user).filter(pk=event_id).first()
    path = conf.snapshot_dir() / event.snapshot if event and event.snapshot else None
    if path is None or not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    return response
