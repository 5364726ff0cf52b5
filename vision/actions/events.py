"""What the pipeline finds, stored once: opened, updated and ended under one id."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from geo import notices
from geo.crs import distance_m
from geo.text import Text
from layers import changes
from vision import conf
from vision.files import drop, keep
from vision.kinds import kind_of
from vision.models import Camera, CameraEvent, MergedSighting, MinuteCount

if TYPE_CHECKING:
    from vision.pipeline import Finding

log = structlog.get_logger(__name__)

COUNTED = ("line", "wrong_way")  # who runs a red light crosses the lane's own line as well
WHOLE = (0.0, 0.0, 1.0, 1.0)  # a box that says nothing
OVERLAP = 0.3  # of two boxes in one picture that are the same standing thing
NEAR_M, CLOSE_ENOUGH_M = 3.0, 10.0  # same place, where the error is small enough to say so
OTHERS_M, OTHERS_S = 15.0, 20.0  # another camera's event of the same kind


def record_event(
    *, camera: Camera, finding: Finding, jpeg: bytes | None = None, clear: str = ""
) -> CameraEvent | None:
    """The event of a finding, on the map; None if it was recorded before or is one that was.

    `jpeg` is kept in place of the finding's own picture; `clear` names an encrypted file. The
    picture is written first: a crash in between leaves a file and never an event without one.
    """
    if finding.sighting.phase != "opened":
        tell = end_event if finding.sighting.phase == "ended" else update_event
        tell(finding=finding)
        return None
    if _known(finding.key):
        return None
    with transaction.atomic():
        _one_at_a_time(camera)
        if _known(finding.key):
            return None
        if finding.sighting.direction and finding.sighting.kind in COUNTED:
            _count(camera, finding)
        if (same := _same_thing(camera, finding)) is not None:
            _merge(same, finding)
            return None
        event = _create(camera, finding, jpeg or finding.jpeg, clear)
        changes.upsert("camera-events", event)
        if event.notable and event.same_as_id is None:
            _notify(event, camera)
    log.info("camera-event", camera=camera.code, rule=event.rule, kind=event.kind, id=event.pk)
    return event


def update_event(*, finding: Finding) -> CameraEvent | None:
    """The event as it goes on; None where nobody knows it, or what is told is old.

    A place is taken over where it is known better than before; the confidence only grows.
    """
    with transaction.atomic():
        event = _by_key(finding.key)
        if event is None or finding.ended_at < event.ended_at:
            return None
        _take_over(event, finding)
        event.save()
        changes.upsert("camera-events", event)
    return event


def end_event(*, finding: Finding) -> CameraEvent | None:
    """The event, which is over; None where nobody knows it. Ended twice changes nothing."""
    with transaction.atomic():
        event = _by_key(finding.key)
        if event is None:
            return None
        if finding.ended_at >= event.ended_at:
            _take_over(event, finding)
        event.going_on = False
        event.save()
        changes.upsert("camera-events", event)
    return event


def lapse_event(*, key: str) -> CameraEvent | None:
    """The event, ended when it was last told; None where nobody knows it."""
    with transaction.atomic():
        event = _by_key(key)
        if event is None or not event.going_on:
            return event
        event.going_on = False
        event.save(update_fields=["going_on", "updated_at"])
        changes.upsert("camera-events", event)
    return event


def close_left_open(*, silent_s: float = 900, now: datetime | None = None) -> int:
    """Ends events of which nothing was heard for so long: their worker is gone. How many."""
    limit = (now or timezone.now()) - timedelta(seconds=silent_s)
    with transaction.atomic():
        rows = list(
            CameraEvent.objects.select_for_update(skip_locked=True).filter(
                going_on=True, ended_at__lt=limit, updated_at__lt=limit
            )[:500]
        )
        for event in rows:
            event.going_on = False
            event.save(update_fields=["going_on", "updated_at"])
        changes.upsert_many("camera-events", rows)
    return len(rows)


def attach_clip(*, event_id: int, clip: str) -> bool:
    """Whether the event is still there and now has the clip."""
    with transaction.atomic():
        event = CameraEvent.objects.select_for_update().filter(pk=event_id).first()
        if event is None:
            return False
        event.clip = clip
        event.save(update_fields=["clip", "updated_at"])
        changes.upsert("camera-events", event)
    return True


def purge_events(*, older_than_days: int, now: datetime | None = None) -> int:
    """Deletes events past their time with their pictures; how many. Counts stay."""
    limit = (now or timezone.now()) - timedelta(days=older_than_days)
    files = ("pk", "snapshot", "clip", "clear")
    gone = list(CameraEvent.objects.before(limit).values_list(*files)[:5000])
    with transaction.atomic():
        for pk, *_names in gone:
            changes.delete("camera-events", pk)
        CameraEvent.objects.filter(pk__in=[row[0] for row in gone]).delete()
    for _pk, snapshot, clip, clear in gone:
        drop(conf.snapshot_dir(), snapshot, clip)
        drop(conf.clear_dir(), clear)
    return len(gone)


def _known(key: str) -> bool:
    return (
        CameraEvent.objects.filter(track_key=key).exists()
        or MergedSighting.objects.filter(track_key=key).exists()
    )


def _by_key(key: str) -> CameraEvent | None:
    """The event that the key opened or was taken into, locked."""
    rows = CameraEvent.objects.select_for_update()
    event = rows.filter(track_key=key).first()
    if event is None:
        into = MergedSighting.objects.filter(track_key=key).values("event_id")
        event = rows.filter(pk__in=into).first()
    return event


def _one_at_a_time(camera: Camera) -> None:
    """Two workers must not both see that there is no event yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (0x5EE, camera.pk % 2**31))


def _create(camera: Camera, finding: Finding, jpeg: bytes, clear: str) -> CameraEvent:
    sighting = finding.sighting
    name = finding.key.replace("/", "-")  # by the key, so that a rerun writes the same file again
    snapshot = keep(jpeg, conf.snapshot_dir(), name, finding.started_at) if jpeg else ""
    event = CameraEvent(
        camera=camera,
        camera_name=camera.name_vi,
        track_key=finding.key,
        kind=sighting.kind,
        rule=sighting.rule,
        direction=sighting.direction,
        object_class=sighting.track.class_name,
        confidence=finding.confidence,
        geom=Point(finding.fix.lon, finding.fix.lat, srid=4326),
        error_m=finding.fix.error_m,
        box=[round(float(v), 4) for v in finding.box],
        snapshot=snapshot,
        clear=clear,
        notable=sighting.notable,
        going_on=sighting.lasting,
        model_hash=finding.model_hash,
        started_at=finding.started_at,
        ended_at=finding.ended_at,
        synthetic=camera.synthetic,
        source=f"camera {camera.code}"[:80],
    )
    event.value, event.value_error = _value(finding)
    event.same_as = _seen_by_others(event) if event.notable else None
    event.save(force_insert=True)
    return event


def _value(finding: Finding) -> tuple[float | None, float | None]:
    """What the rule measured, or else the speed in km/h, with its error."""
    if finding.sighting.value is not None:
        return finding.sighting.value, finding.sighting.value_error
    return finding.speed_kmh or (None, None)


def _take_over(event: CameraEvent, finding: Finding) -> None:
    event.ended_at = finding.ended_at
    event.confidence = max(event.confidence, finding.confidence)
    if finding.fix.error_m <= event.error_m:
        event.geom = Point(finding.fix.lon, finding.fix.lat, srid=4326)
        event.error_m = finding.fix.error_m
    value, error = _value(finding)
    if value is not None:
        event.value, event.value_error = value, error
    if finding.box != WHOLE:
        event.box = [round(float(v), 4) for v in finding.box]


def _same_thing(camera: Camera, finding: Finding) -> CameraEvent | None:
    """An event of the same camera and rule that this is a further sighting of.

    Only what stands, or is said of a whole zone, can be the same thing under another track: of
    two vehicles that pass one place in turn each is its own.
    """
    kind = kind_of(finding.sighting.kind)
    if not (kind.still or kind.zone):
        return None
    window = timedelta(seconds=kind.cool_down_s)
    latest = CameraEvent.objects.select_for_update().filter(
        camera=camera,
        rule=finding.sighting.rule,
        kind=finding.sighting.kind,
        ended_at__gte=finding.started_at - window,
        started_at__lte=finding.ended_at + window,
    )
    for event in latest.order_by("-ended_at")[:20]:
        if kind.zone or _same_place(event, finding):
            return event
    return None


def _same_place(event: CameraEvent, finding: Finding) -> bool:
    if event.box and finding.box != WHOLE and tuple(event.box) != WHOLE:
        return overlap(tuple(event.box), finding.box) >= OVERLAP
    if max(event.error_m, finding.fix.error_m) > CLOSE_ENOUGH_M:
        return False
    here = event.geom.x, event.geom.y
    return distance_m(here, (finding.fix.lon, finding.fix.lat)) <= NEAR_M


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Shared part of two boxes (x1, y1, x2, y2), as a fraction of what both cover."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    shared = wide * high
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def _merge(event: CameraEvent, finding: Finding) -> None:
    MergedSighting.objects.create(event=event, track_key=finding.key, at=finding.ended_at)
    event.sightings = F("sightings") + 1
    if finding.ended_at > event.ended_at:
        _take_over(event, finding)
    event.going_on = event.going_on or finding.sighting.lasting
    event.save()
    event.refresh_from_db()
    changes.upsert("camera-events", event)


def _seen_by_others(event: CameraEvent) -> CameraEvent | None:
    """The event of another camera that shows the same thing, where both places are good enough."""
    if event.error_m > OTHERS_M:
        return None
    near = timedelta(seconds=OTHERS_S)
    others = CameraEvent.objects.filter(
        kind=event.kind,
        notable=True,
        same_as=None,
        error_m__lte=OTHERS_M,
        ended_at__gte=event.started_at - near,
        started_at__lte=event.ended_at + near,
    ).exclude(camera=event.camera)
    here = event.geom.x, event.geom.y
    for other in others.order_by("-ended_at")[:50]:
        reach = min(OTHERS_M, other.error_m + event.error_m)
        if distance_m(here, (other.geom.x, other.geom.y)) <= reach:
            return other
    return None


def _count(camera: Camera, finding: Finding) -> None:
    """One more in its minute: kept when the event itself is long erased."""
    sighting = finding.sighting
    row, _new = MinuteCount.objects.get_or_create(
        camera=camera,
        rule=sighting.rule,
        direction=sighting.direction,
        object_class=sighting.track.class_name,
        minute=finding.ended_at.replace(second=0, microsecond=0),
    )
    MinuteCount.objects.filter(pk=row.pk).update(count=F("count") + 1)


def _notify(event: CameraEvent, camera: Camera) -> None:
    kind = kind_of(event.kind)
    data: dict[str, Any] = {
        "event": event.pk, "rule": event.rule, "confidence": event.confidence,
        "error_m": event.error_m,
    }  # fmt: skip
    notices.publish(
        key=f"vision:{event.track_key}",
        kind=f"camera-{event.kind.replace('_', '-')}",
        severity=kind.severity,
        layer="cameras",
        feature_id=camera.pk,
        point=(event.geom.x, event.geom.y),
        occurred_at=event.ended_at,
        title=kind.heading,
        body=Text(
            f"{camera.name_vi}, sai số khoảng {event.error_m:.0f} m. Cần người kiểm tra.",
            f"{camera.name_en or camera.name_vi}, within about {event.error_m:.0f} m. "
            "For a person to check.",
        ),
        data=data,
        synthetic=event.synthetic,
    )
