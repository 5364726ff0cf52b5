"""The sentence of the wall's tile: how many cameras see, and what passed their lines."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.cache import caches
from django.db.models import Count, Q
from django.db.models.functions import TruncHour
from django.utils import timezone

from geo.text import Text
from vision.models import Camera, CameraEvent

TREND_H, TREND_KEPT_S = 12, 60


def counted(user: Any) -> list[dict[str, Any]]:
    """Crossings of the last hour; nothing for who may not see cameras, or where none is read."""
    cameras = Camera.objects.visible_to(user).with_stream()
    row = cameras.aggregate(
        n=Count("pk"),
        good=Count("pk", filter=Q(state=Camera.State.GOOD)),
        synthetic=Count("pk", filter=Q(synthetic=True)),
    )
    if not row["n"]:
        return []
    lines = CameraEvent.objects.visible_to(user).filter(kind="line")
    hour = lines.filter(started_at__gte=timezone.now() - timedelta(hours=1)).count()
    vi = f"{hour} lượt qua vạch trong giờ qua, {row['good']}/{row['n']} camera đang chạy"
    en = f"{hour} crossings in the last hour, {row['good']} of {row['n']} cameras good"
    return [
        {
            "key": "camera-crossings", "title": Text("Camera đếm", "Cameras count").dict(),
            "value": hour if row["good"] else None, "unit": "", "text": Text(vi, en).dict(),
            "trend": _trend(), "state": "good" if row["good"] else "stale", "layer": "cameras",
            "synthetic": row["synthetic"] > 0,
        }
    ]  # fmt: skip


def _trend() -> list[int]:
    """Crossings of each of the last twelve full hours, oldest first."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    first = now - timedelta(hours=TREND_H)

    def count() -> list[int]:
        rows = (
            CameraEvent.objects.filter(kind="line", started_at__gte=first, started_at__lt=now)
            .annotate(hour=TruncHour("started_at"))
            .values("hour")
            .annotate(n=Count("pk"))
            .values_list("hour", "n")
            .order_by("hour")
        )
        found = Counter(dict(rows))
        return [found[first + timedelta(hours=n)] for n in range(TREND_H)]

    return caches["local"].get_or_set("vision-trend", count, TREND_KEPT_S) or []
