"""Who looked at what is not for everybody: written before it is shown."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from geo.errors import Refused
from vision.models import AuditLine, Camera

LEAST_REASON = 5


def note(
    act: str,
    *,
    by: Any,
    camera: Camera | None = None,
    event_id: int | None = None,
    reason: str = "",
    **detail: Any,
) -> AuditLine:
    """The line, stored. What it tells about must not be shown where this fails."""
    return AuditLine.objects.create(
        act=AuditLine.Act(act),
        by=by,
        by_name=by.get_username()[:150],
        camera=camera,
        camera_code=camera.code if camera else "",
        event_id=event_id,
        reason=reason[:300],
        detail=detail,
    )


def reason_of(text: str) -> str:
    """The reason as given. Raises Refused where it says nothing."""
    reason = " ".join(text.split())
    if len(reason) < LEAST_REASON:
        raise Refused("reason-needed", _("Say why; it is kept in the audit."), status=422)
    return reason[:300]
