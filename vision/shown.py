"""Cameras, events and jobs as they go over HTTP."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from vision import addresses
from vision.kinds import kind_of
from vision.models import Camera, CameraEvent, HealthEvent, Job

SET_UP = "vision.set_up_camera"
TRIED = ("rules", "recording", "clip_name", "seconds")


def camera_out(camera: Camera) -> dict[str, Any]:
    """A camera as lists show it: where its pictures come from is not told."""
    return {
        "id": camera.pk,
        "code": camera.code,
        "name": {"vi": camera.name_vi, "en": camera.name_en or camera.name_vi},
        "lon": camera.geom.x,
        "lat": camera.geom.y,
        "bearing_deg": camera.bearing_deg,
        "fov_deg": camera.fov_deg,
        "range_m": camera.range_m,
        "owner": camera.owner,
        "road": camera.road,
        "enabled": camera.enabled,
        "streaming": bool(camera.address),
        "state": camera.state,
        "state_title": str(camera.get_state_display()),
        "state_note": camera.state_note,
        "last_frame_at": camera.last_frame_at,
        "frames": camera.frames,
        "frames_dropped": camera.frames_dropped,
        "frames_per_s": camera.frames_per_s_now,
        "inference_ms": camera.inference_ms,
        "calibrated": camera.view_exact,
        "rules": len(camera.rules),
        "synthetic": camera.synthetic,
        "version": camera.version,
        "picture": reverse("api:vision-picture", args=[camera.pk]),
    }


def camera_whole(camera: Camera, user: Any) -> dict[str, Any]:
    """A camera with all that is set up of it. The address only for those who set it up, and the
    login for nobody."""
    told = {
        **camera_out(camera),
        "name_vi": camera.name_vi,
        "name_en": camera.name_en,
        "detector": camera.detector,
        "frames_per_s_asked": camera.frames_per_s,
        "declared": camera.rules,
        "control_points": camera.control_points,
        "masks": camera.masks,
        "keep_days": camera.keep_days,
        "clear_days": camera.clear_days,
        "loops": camera.loops,
        "source": addresses.shown(camera.address),
        "has_login": bool(camera.sealed_login),
        "view": _ring(camera),
        "can": {"set_up": user.has_perm(SET_UP)},
    }
    if user.has_perm(SET_UP):
        told["address"] = camera.address
    return told


def _ring(camera: Camera) -> list[list[float]] | None:
    return [list(corner) for corner in camera.view.coords[0]] if camera.view else None


def trouble_out(trouble: HealthEvent) -> dict[str, Any]:
    """Something that is or was wrong with a camera, since when and until when."""
    camera = trouble.camera
    return {
        "id": trouble.pk,
        "camera": {"id": camera.pk, "code": camera.code,
                   "name": {"vi": camera.name_vi, "en": camera.name_en or camera.name_vi}},
        "kind": trouble.kind,
        "words": trouble.words,
        "started_at": trouble.started_at,
        "ended_at": trouble.ended_at,
    }  # fmt: skip


def event_out(event: CameraEvent) -> dict[str, Any]:
    """An event as the review queue shows it."""
    kind = kind_of(event.kind)
    at = [event.pk]
    return {
        "id": event.pk,
        "camera": {"id": event.camera_id, "name": event.camera_name},
        "kind": event.kind,
        "kind_title": kind.title.dict(),
        "rule": event.rule,
        "direction": event.direction,
        "object_class": event.object_class,
        "confidence": event.confidence,
        "lon": event.geom.x,
        "lat": event.geom.y,
        "error_m": event.error_m,
        "value": event.value,
        "value_error": event.value_error,
        "box": event.box or None,
        "started_at": event.started_at,
        "ended_at": event.ended_at,
        "going_on": event.going_on,
        "sightings": event.sightings,
        "same_as": event.same_as_id,
        "notable": event.notable,
        "picture": reverse("api:camera-event-snapshot", args=at) if event.snapshot else None,
        "clip": reverse("api:vision-clip", args=at) if event.clip else None,
        "clear": bool(event.clear),
        "model_hash": event.model_hash,
        "review": event.review,
        "right_class": event.right_class,
        "reason": event.review_reason,
        "reviewed_by": str(event.reviewed_by) if event.reviewed_by else None,
        "reviewed_at": event.reviewed_at,
        "version": event.version,
        "synthetic": event.synthetic,
    }


def job_out(job: Job) -> dict[str, Any]:
    """A job with how far it is and what came of it."""
    return {
        "id": job.pk,
        "kind": job.kind,
        "state": job.state,
        "camera": job.camera_id,
        "progress": round(job.progress, 3),
        "note": job.note,
        "result": job.result,
        "picture": reverse("api:vision-job-picture", args=[job.pk]) if job.picture else None,
        "created_at": job.created_at,
        "ended_at": job.ended_at,
        "by": str(job.by),
        "asked": {name: job.asked[name] for name in TRIED if name in job.asked},
    }
