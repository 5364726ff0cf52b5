"""The audit over HTTP: who looked at what is not for everybody, when, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from layers.paging import page_by_id
from vision.api.reviews import aware
from vision.api.rights import AUDIT, allowed
from vision.models import AuditLine

router = Router()


class AuditIn(Schema):
    act: str = Field("", max_length=20)
    camera: int | None = None
    by: str = Field("", max_length=150)
    """Part of a person's name."""
    start: datetime | None = None
    end: datetime | None = None
    cursor: str = ""
    limit: int = Field(50, ge=1, le=200)


@router.get("/audit", summary="Who looked at what is not for everybody, the newest first")
def audit(request: HttpRequest, given: Query[AuditIn]) -> dict[str, Any]:
    user = allowed(request, AUDIT)
    rows = AuditLine.objects.visible_to(user)
    asked = {
        "act": given.act, "camera_id": given.camera, "by_name__icontains": given.by,
        "at__gte": aware(given.start), "at__lt": aware(given.end),
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in asked.items() if value})
    page, following = page_by_id(
        rows.select_related("camera"), limit=given.limit, cursor=given.cursor
    )
    return {
        "items": [_line(row) for row in page],
        "next": following,
        "acts": [{"code": c.value, "title": str(c.label)} for c in AuditLine.Act],
    }


def _line(row: AuditLine) -> dict[str, Any]:
    names = ("id", "at", "act", "by_name", "camera_code", "event_id", "reason", "detail")
    camera = row.camera
    return {
        **{name: getattr(row, name) for name in names},
        "act_title": str(row.get_act_display()),
        "camera": camera and {"id": camera.pk, "name": camera.name_vi},
    }
