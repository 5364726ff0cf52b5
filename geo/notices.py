"""How a feature app tells the centre that something happened, without knowing who listens."""

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.dispatch import Signal

from geo.crs import LonLat
from geo.models import Notice
from geo.text import Text

published = Signal()
"""Sent after commit with ``notice_id``. Receivers also sweep notices that were never heard, so a
crash between commit and signal loses nothing."""


def publish(
    *,
    key: str,
    kind: str,
    severity: str,
    layer: str,
    feature_id: str | int,
    point: LonLat | None,
    occurred_at: datetime,
    title: Text,
    body: Text | None = None,
    data: dict[str, Any] | None = None,
    synthetic: bool = False,
) -> bool:
    """True if the notice is new; the same key again changes nothing.

    Runs in the caller's transaction: a notice exists exactly when the write that caused it does.
    """
    body = body or Text("", "")
    notice = Notice(
        key=key,
        kind=kind,
        severity=Notice.Severity(severity),
        layer=layer,
        feature_id=str(feature_id),
        geom=Point(*point, srid=4326) if point else None,
        occurred_at=occurred_at,
        title_vi=title.vi[:200],
        title_en=title.en[:200],
        body_vi=body.vi,
        body_en=body.en,
        data=data or {},
        synthetic=synthetic,
    )
    with transaction.atomic():
        if Notice.objects.filter(key=key).exists():
            return False
        created = Notice.objects.bulk_create([notice], ignore_conflicts=True)
        notice_id = Notice.objects.filter(key=key).values_list("pk", flat=True).get()
        transaction.on_commit(
            lambda: published.send_robust(sender=Notice, notice_id=notice_id), robust=True
        )
    return bool(created)
