"""How often a rule of a camera was right, by what people said of its events."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q

from vision.models import CameraEvent

Z = 1.959964  # 95 %
FEW = 20


class Share(NamedTuple):
    """A share with the bounds between which it lies 95 times in 100."""

    share: float
    low: float
    high: float


def wilson(right: int, of: int) -> Share | None:
    """None of nothing. Source: Wilson 1927; Agresti & Coull 1998, the score interval."""
    if of <= 0:
        return None
    p, z2 = right / of, Z * Z
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z / (1 + z2 / of) * math.sqrt(p * (1 - p) / of + z2 / (4 * of * of))
    # Rounding must not put a bound beyond the share itself.
    return Share(p, min(p, max(0.0, middle - half)), max(p, min(1.0, middle + half)))


def by_rule(
    user: Any,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    camera: int | None = None,
) -> list[dict[str, Any]]:
    """A row a camera and rule. A wrong class is not right; what nobody reviewed counts nowhere."""
    rows = CameraEvent.objects.visible_to(user)
    if camera is not None:
        rows = rows.filter(camera_id=camera)
    if start is not None:
        rows = rows.filter(started_at__gte=start)
    if end is not None:
        rows = rows.filter(started_at__lt=end)
    counted = {
        name: Count("pk", filter=Q(review=name))
        for name in ("accepted", "rejected", "wrong_class", "pending")
    }
    grouped = rows.order_by().values("camera_id", "camera__code", "camera__name_vi", "rule", "kind")
    return [_row(row) for row in grouped.annotate(**counted).order_by("camera__code", "rule")]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    reviewed = row["accepted"] + row["rejected"] + row["wrong_class"]
    found = wilson(row["accepted"], reviewed)
    return {
        "camera": {"id": row["camera_id"], "code": row["camera__code"],
                   "name": row["camera__name_vi"]},
        "rule": row["rule"],
        "kind": row["kind"],
        "accepted": row["accepted"],
        "rejected": row["rejected"],
        "wrong_class": row["wrong_class"],
        "pending": row["pending"],
        "reviewed": reviewed,
        "precision": found and {key: round(v, 4) for key, v in found._asdict().items()},
        "few": reviewed < FEW,
    }  # fmt: skip
