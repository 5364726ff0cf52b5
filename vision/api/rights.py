"""Who may ask for what of the cameras."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest

from vision.models import Camera, CameraEvent, Job

VIEW = "vision.view_camera"
SET_UP = "vision.set_up_camera"
REVIEW = "vision.review_cameraevent"
CLEAR = "vision.view_clear"
DISCOVER = "vision.discover_camera"
SEARCH_PLATE = "vision.search_plate"
PLATE_TEXT = "vision.view_platetext"
AUDIT = "vision.view_auditline"


def allowed(request: HttpRequest, *permissions: str) -> Any:
    """The person, who holds all of these. Raises PermissionError for others."""
    user: Any = request.user
    if not all(user.has_perm(permission) for permission in permissions):
        raise PermissionError
    return user


def camera_of(request: HttpRequest, camera_id: int) -> Camera:
    """The camera, if they may see it. Raises Http404 otherwise, as if there were none."""
    camera = Camera.objects.visible_to(request.user).filter(pk=camera_id).first()
    if camera is None:
        raise Http404
    return camera


def event_of(request: HttpRequest, event_id: int) -> CameraEvent:
    """The event, if they may see it. Raises Http404 otherwise."""
    rows = CameraEvent.objects.visible_to(request.user).select_related("camera", "reviewed_by")
    event = rows.filter(pk=event_id).first()
    if event is None:
        raise Http404
    return event


def job_of(request: HttpRequest, job_id: int) -> Job:
    """The job, if it is theirs to see. Raises Http404 otherwise."""
    rows = Job.objects.visible_to(request.user).select_related("camera", "by")
    job = rows.filter(pk=job_id).first()
    if job is None:
        raise Http404
    return job
