"""Pictures and clips: blurred for those who see cameras, clear ones by right and in writing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from vision import audit, conf, vault
from vision.actions import jobs
from vision.api.rights import CLEAR, VIEW, allowed, camera_of, event_of, job_of
from vision.models import Job
from vision.shown import job_out

router = Router()


class WhyIn(Schema):
    reason: str = Field("", max_length=300)


def file_of(path: Path, kind: str, *, keep_s: int = 0) -> FileResponse:
    """The file. Raises Http404 where it is gone."""
    try:
        response = FileResponse(path.open("rb"), content_type=kind)
    except OSError:
        raise Http404 from None
    response["Cache-Control"] = f"private, max-age={keep_s}" if keep_s else "no-store"
    return response


def clear_of(path: Path) -> HttpResponse:
    """A sealed picture, opened. Call after the audit. Raises Http404."""
    try:
        data = vault.unseal_bytes(path.read_bytes())
    except (OSError, vault.Unreadable):
        raise Http404 from None
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "no-store"
    return response


@router.get(
    "/cameras/{int:camera_id}/picture.jpg",
    url_name="vision-picture",
    summary="What the camera saw last, people and plates hidden",
)
def picture(request: HttpRequest, camera_id: int) -> FileResponse:
    allowed(request, VIEW)
    camera = camera_of(request, camera_id)
    path = conf.now_path(camera.pk)
    response = file_of(path, "image/jpeg")
    response["Last-Modified"] = _http_date(path)
    return response


def _http_date(path: Path) -> str:
    from django.utils.http import http_date

    return http_date(path.stat().st_mtime)


@router.get(
    "/events/{int:event_id}/clip.webm",
    url_name="vision-clip",
    summary="The seconds around an event, people and plates hidden",
)
def clip(request: HttpRequest, event_id: int) -> FileResponse:
    event = event_of(request, event_id)
    if not event.clip:
        raise Http404
    return file_of(conf.snapshot_dir() / event.clip, "video/webm", keep_s=3600)


@router.post("/events/{int:event_id}/clear", summary="The clear picture; the view is logged")
def clear_event(request: HttpRequest, event_id: int, given: WhyIn) -> HttpResponse:
    user = allowed(request, CLEAR)
    event = event_of(request, event_id)
    reason = audit.reason_of(given.reason)
    if not event.clear:
        raise Http404
    audit.note("clear_picture", by=user, camera=event.camera, event_id=event.pk, reason=reason)
    return clear_of(conf.clear_dir() / event.clear)


@router.post("/cameras/{int:camera_id}/clear", summary="Ask for a clear picture as it is now")
def ask_clear(request: HttpRequest, camera_id: int, given: WhyIn) -> dict[str, Any]:
    user = allowed(request, CLEAR)
    camera = camera_of(request, camera_id)
    reason = audit.reason_of(given.reason)
    asked = {"clear": True, "reason": reason}
    return job_out(jobs.ask(by=user, kind="probe", camera=camera, asked=asked))


@router.post("/jobs/{int:job_id}/clear", summary="The clear picture asked for; the view is logged")
def clear_job(request: HttpRequest, job_id: int) -> HttpResponse:
    user = allowed(request, CLEAR)
    job = job_of(request, job_id)
    if not job.asked.get("clear") or job.state != Job.State.DONE:
        raise Http404
    audit.note("clear_picture", by=user, camera=job.camera, reason=job.asked["reason"])
    path = conf.clear_dir() / f"jobs/{job.pk}.sealed"
    response = clear_of(path)
    path.unlink(missing_ok=True)  # shown once
    return response
