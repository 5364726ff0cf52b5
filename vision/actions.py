from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from geo import notices
from geo.text import Text
from layers import changes
from vision import conf
from vision.models import Camera, CameraEvent
from vision.pipeline import Finding
from vision.snapshots import keep

log = structlog.get_logger(__name__)

TITLES = {
    "stopped": Text("Xe dừng trên đường", "Vehicle stopped on the road"),
    "wrong_way": Text("Xe đi ngược chiều", "Vehicle going the wrong way"),
}


def record_event(*, camera: Camera, finding: Finding) -> CameraEvent | None:
    """The event of a finding, on the map; None if it was recorded before.

    The picture is written first: a crash in between leaves a file and never an event without one.
    """
    if CameraEvent.objects.filter(track_key=finding.key).exists():
        return None
    # Named by the key, so that a rerun writes the same file again.
    name = finding.key.replace("/", "-")
    snapshot = keep(finding.jpeg, conf.snapshot_dir(), name, finding.started_at)
    sighting = finding.sighting
    with transaction.atomic():
        event, new = CameraEvent.objects.get_or_create(
            track_key=finding.key,
            defaults={
                "camera": camera,
                "camera_name": camera.name_vi,
                "kind": sighting.kind,
                "rule": sighting.rule,
                "direction": sighting.direction,
                "object_class": sighting.track.class_name,
                "confidence": finding.confidence,
                "geom": Point(finding.fix.lon, finding.fix.lat, srid=4326),
                "error_m": finding.fix.error_m,
                "snapshot": snapshot,
                "model_hash": finding.model_hash,
                "started_at": finding.started_at,
                "ended_at": finding.ended_at,
                "synthetic": camera.synthetic,
                "source": f"camera {camera.code}"[:80],
            },
        )
        if not new:
            return None
        changes.upsert("camera-events", event)
        if sighting.notable:
            _notify(event, camera)
    log.info("camera-event", camera=camera.code, rule=event.rule, kind=event.kind, id=event.pk)
    return event


def _notify(event: CameraEvent, camera: Camera) -> None:
    notices.publish(
        key=f"vision:{event.track_key}",
        kind=f"camera-{event.kind.replace('_', '-')}",
        severity="moderate",
        layer="cameras",
        feature_id=camera.pk,
        point=(event.geom.x, event.geom.y),
        occurred_at=event.ended_at,
        title=TITLES[event.kind],
        body=Text(
            f"{camera.name_vi}, sai số khoảng {event.error_m:.0f} m. Cần người kiểm tra.",
            f"{camera.name_en or camera.name_vi}, within about {event.error_m:.0f} m. "
            "For a person to check.",
        ),
        data={"event": event.pk, "rule": event.rule, "confidence": event.confidence},
        synthetic=event.synthetic,
    )


@transaction.atomic
def report_state(*, camera: Camera, state: str, note: str = "", **counts: Any) -> None:
    """Stores how a camera does and tells the map.

    `counts` are last_frame_at, frames and frames_dropped, as far as they are known.
    """
    camera.state, camera.state_note = state, note[:200]
    for name, value in counts.items():
        setattr(camera, name, value)
    camera.save(update_fields=["state", "state_note", "updated_at", *counts])
    changes.upsert("cameras", camera)


@transaction.atomic
def mark_unconfigured() -> int:
    """How many cameras without a stream, or switched off, are now said to have none."""
    streaming = Camera.objects.with_stream().values("pk")
    idle = Camera.objects.exclude(pk__in=streaming).exclude(state=Camera.State.OFF)
    rows = list(idle)
    for camera in rows:
        report_state(camera=camera, state=Camera.State.OFF)
    return len(rows)


def save_camera(*, code: str, **values: Any) -> Camera:
    """The camera of that code, created or changed, on the map.

    Raises ValidationError where a value cannot be.
    """
    with transaction.atomic():
        camera = Camera.objects.filter(code=code).first() or Camera(code=code)
        for name, value in values.items():
            setattr(camera, name, value)
        camera.full_clean(exclude=["h3"])  # set by save()
        camera.save()
        changes.upsert("cameras", camera)
    return camera


def purge_events(*, older_than_days: int, now: datetime | None = None) -> int:
    """Deletes events past their time with their pictures; how many."""
    limit = (now or timezone.now()) - timedelta(days=older_than_days)
    gone = list(CameraEvent.objects.before(limit).values_list("pk", "snapshot")[:5000])
    with transaction.atomic():
        for pk, _snapshot in gone:
            changes.delete("camera-events", pk)
        CameraEvent.objects.filter(pk__in=[pk for pk, _snapshot in gone]).delete()
    for _pk, snapshot in gone:
        if snapshot:
            (conf.snapshot_dir() / snapshot).unlink(missing_ok=True)
    return len(gone)
