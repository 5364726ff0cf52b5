"""Rules tried on a recording, a clip that somebody brings, or the stream; nothing of it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db.models import F
from django.http import FileResponse, HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from geo.errors import Refused
from layers.paging import page_by_id
from vision import addresses, brought, conf, rules, vault
from vision.actions import jobs
from vision.api.cameras import fitted
from vision.api.pictures import file_of
from vision.api.rights import SET_UP, VIEW, allowed, camera_of, job_of
from vision.models import Job
from vision.shown import job_out

router = Router()
NAME = 120


class TrialIn(Schema):
    rules: list[dict[str, Any]] = Field(min_length=1, max_length=100)
    recording: str = Field("", max_length=300)
    """A file of `recordings`; with no clip either: the camera's own stream or file."""
    clip: str = Field("", pattern="^([0-9a-f]{32})?$")
    """A clip that I brought."""
    clip_name: str = Field("", max_length=NAME)
    seconds: int = Field(3600, ge=5, le=3600)
    control_points: list[dict[str, Any]] | None = Field(None, max_length=100)


@router.get("/cameras/{int:camera_id}/trials", summary="Trials of a camera, the newest first")
def trials(
    request: HttpRequest, camera_id: int, cursor: str = "", limit: int = Query(20, ge=1, le=100)
) -> dict[str, Any]:
    user = allowed(request, SET_UP)
    rows = Job.objects.visible_to(user).filter(camera=camera_of(request, camera_id), kind="trial")
    # What was found, in short: the whole of it may be hundreds of sightings.
    short = {name: F(f"result__{name}") for name in ("found", "raised", "seconds")}
    page, following = page_by_id(
        rows.select_related("by")
        .defer("result")
        .annotate(**{f"t_{n}": v for n, v in short.items()}),
        limit=limit,
        cursor=cursor,
    )
    return {"items": [_line(row, user) for row in page], "next": following}


def _line(row: Any, user: Any) -> dict[str, Any]:
    told = {name: row.asked.get(name) or "" for name in ("recording", "clip_name")}
    return {
        "id": row.pk,
        "state": row.state,
        "progress": round(row.progress, 3),
        "note": row.note,
        "by": str(row.by),
        "mine": row.by_id == user.pk,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
        "rules": len(row.asked.get("rules") or ()),
        "clip": row.asked.get("clip", "") if row.by_id == user.pk else "",
        **told,
        **{name: getattr(row, f"t_{name}") for name in ("found", "raised", "seconds")},
    }


@router.post("/cameras/{int:camera_id}/trials", summary="Try rules; what they find is not stored")
def try_rules(request: HttpRequest, camera_id: int, given: TrialIn) -> dict[str, Any]:
    user = allowed(request, SET_UP)
    camera = camera_of(request, camera_id)
    if wrong := rules.problems(given.rules):
        raise Refused("bad-rules", wrong[0]["words"], status=422, problems=wrong)
    if given.control_points:
        fitted(given.control_points)
    sealed = ""
    if given.clip:
        brought.use(given.clip, user.pk)
    elif given.recording:
        file = addresses.checked(given.recording, roots=conf.media_roots())
        if not file.is_file or not Path(file.url).is_file():
            raise Refused("no-recording", _("Choose a recording of the list."), status=422)
        sealed = vault.seal(given.recording)
    elif not camera.address:
        raise Refused("no-source", _("The camera has no stream: choose a recording."), status=422)
    asked = given.model_dump()
    return job_out(jobs.ask(by=user, kind="trial", camera=camera, asked=asked, sealed=sealed))


@router.post(
    "/clips",
    summary="Bring a clip to try rules on: the body is the file",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"video/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def bring(request: HttpRequest) -> dict[str, Any]:
    user = allowed(request, SET_UP)
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise Refused("length-needed", _("Say how long the clip is (Content-Length)."), status=411)
    clip = brought.take(request, size=int(length), by=user)
    return {"clip": clip.token, "container": clip.container.lstrip("."), "bytes": clip.size,
            "most_s": int(brought.MOST_S)}  # fmt: skip


@router.get("/jobs/{int:job_id}/pictures/{int:number}.jpg", summary="A picture of a trial")
def trial_picture(request: HttpRequest, job_id: int, number: int) -> FileResponse:
    allowed(request, VIEW)
    row = job_of(request, job_id)
    return file_of(conf.snapshot_dir() / f"jobs/{row.pk}/{number}.jpg", "image/jpeg")
