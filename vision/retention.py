"""What is forgotten, and when: pictures and clips by camera, plates sooner, counts never."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from geo.deleting import delete_in_parts
from layers import changes
from vision import conf
from vision.files import drop
from vision.models import Camera, CameraEvent, Job, PlateText

BATCH = 1000


def erase_pictures(now: datetime | None = None) -> int:
    """How many events lost their pictures and clips, whose time was over by their camera."""
    now, done = now or timezone.now(), 0
    for camera in Camera.objects.all():
        limit = now - timedelta(days=camera.keep_days or conf.picture_days())
        rows = CameraEvent.objects.filter(camera=camera, started_at__lt=limit)
        done += _strip(rows.exclude(snapshot="", clip=""), ("snapshot", "clip"))
    return done


def erase_clear(now: datetime | None = None) -> int:
    """How many clear pictures were erased whose time was over by their camera."""
    now, done = now or timezone.now(), 0
    for camera in Camera.objects.all():
        limit = now - timedelta(days=camera.clear_days)
        rows = CameraEvent.objects.filter(camera=camera, started_at__lt=limit)
        done += _strip(rows.exclude(clear=""), ("clear",))
    return done


def erase_plates(now: datetime | None = None) -> int:
    """How many clear texts of number plates were erased; their hashes go with the events."""
    return delete_in_parts(PlateText.objects.filter(erase_at__lt=now or timezone.now()))


def erase_jobs(now: datetime | None = None) -> int:
    """How many jobs were forgotten, with their pictures, a day after they were asked for."""
    limit = (now or timezone.now()) - timedelta(days=1)
    rows = list(Job.objects.filter(created_at__lt=limit).exclude(state="running")[:BATCH])
    Job.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        shutil.rmtree(conf.snapshot_dir() / f"jobs/{row.pk}", ignore_errors=True)
        drop(conf.clear_dir(), f"jobs/{row.pk}.sealed")
    return len(rows)


def erase_stale_now(now: datetime | None = None) -> int:
    """How many last pictures were erased of cameras that have shown none for a day, or are gone."""
    limit = ((now or timezone.now()) - timedelta(days=1)).timestamp()
    old = [path for path in conf.now_path(0).parent.glob("*.jpg") if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _strip(rows: QuerySet[CameraEvent], names: tuple[str, ...]) -> int:
    found = list(rows[:BATCH])
    files = [(name, getattr(event, name)) for event in found for name in names]
    with transaction.atomic():
        for event in found:
            for name in names:
                setattr(event, name, "")
            event.save(update_fields=[*names, "updated_at"])
        recent = [event for event in found if event.started_at > timezone.now() - timedelta(days=1)]
        changes.upsert_many("camera-events", recent)
    for name, file in files:
        drop(conf.clear_dir() if name == "clear" else conf.snapshot_dir(), file)
    return len(found)
