"""Signs of life: a part beats with a counter that grows only when it does its work."""

from datetime import timedelta
from typing import Any

from django.db.models import Case, F, Value, When
from django.utils import timezone

from geo.models import Heartbeat

STALE_AFTER = timedelta(seconds=30)


def beat(part: str, progress: int, **detail: Any) -> None:
    """Record that a part is alive and how far it has come."""
    now = timezone.now()
    changed = Heartbeat.objects.filter(part=part).update(
        at=now,
        progress_at=Case(When(progress=progress, then=F("progress_at")), default=Value(now)),
        progress=progress,
        detail=detail,
    )
    if not changed:
        Heartbeat.objects.update_or_create(
            part=part,
            defaults={"at": now, "progress": progress, "progress_at": now, "detail": detail},
        )
