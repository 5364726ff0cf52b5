"""Where the worker puts what it finds: events, pictures, clips, health. See `pipeline.Sink`."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import DatabaseError, close_old_connections
from django.db.models import Q

from vision import actions, conf, vault
from vision.clips import AFTER_S, Reel, Still, small, webm
from vision.files import keep, write
from vision.masks import checked as masks_checked
from vision.masks import paint
from vision.models import Camera, CameraEvent
from vision.snapshots import encode, jpeg

if TYPE_CHECKING:
    from vision.pipeline import Finding, Looked, StillOpen

log = structlog.get_logger(__name__)

REFRESH_S = 20.0  # until a changed mask is known here
PICTURE_S = 5.0  # between two pictures for "what does it see now"
MOST_CLIPS = 20  # waiting; more are not made, and that is said


@dataclass
class _Seat:
    """What the sink holds of one camera."""

    camera: Camera
    read_at: float
    reel: Reel
    pictured_at: float = 0.0
    due: list[tuple[datetime, int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Clip:
    event_id: int
    name: str
    at: datetime
    stills: list[Still]


class DeskSink:
    """The database and the media folder behind `pipeline.Sink`. One for all cameras of a worker."""

    def __init__(self, *, clips: bool = True) -> None:
        self._seats: dict[str, _Seat] = {}
        self._clips: queue.Queue[_Clip | None] = queue.Queue(MOST_CLIPS)
        self._writer: threading.Thread | None = None
        self._with_clips = clips
        self.clips_skipped = 0

    def looked(self, camera: str, looked: Looked) -> None:
        try:
            seat = self._seat(camera)
            if seat is None:
                return
            seat.reel.add(looked.picture, looked.seen, looked.at, looked.session)
            if time.monotonic() - seat.pictured_at >= PICTURE_S:
                seat.pictured_at = time.monotonic()
                shown = small(looked.picture, looked.seen, seat.reel.shapes)
                write(conf.now_path(seat.camera.pk), shown)
            self._cut(seat, looked.at)
        except Exception:
            log.exception("camera-picture-not-kept", camera=camera)

    def opened(self, camera: str, finding: Finding, looked: Looked) -> None:
        row = Camera.objects.filter(code=camera).first()
        if row is None:
            return  # taken away meanwhile
        shapes = masks_checked(row.masks)
        picture = None
        if shapes:
            box = tuple(float(v) for v in finding.sighting.track.box)
            picture = encode(paint(looked.picture, shapes), looked.seen, box)
        clear = self._clear(row, finding, looked) if finding.sighting.notable else ""
        event = actions.record_event(camera=row, finding=finding, jpeg=picture, clear=clear)
        if event is not None and event.notable and (seat := self._seat(camera)) is not None:
            due = finding.ended_at + timedelta(seconds=AFTER_S)
            seat.due.append((due, event.pk, finding.key.replace("/", "-")))

    def updated(self, camera: str, finding: Finding) -> None:
        actions.update_event(finding=finding)

    def ended(self, camera: str, finding: Finding) -> None:
        actions.end_event(finding=finding)

    def health(self, camera: str, kind: str, words: str, at: datetime) -> None:
        row = Camera.objects.filter(code=camera).first()
        if row is not None:
            actions.report_trouble(camera=row, kind=kind, words=words, at=at)

    def still_open(self, camera: str) -> list[StillOpen]:
        from vision.pipeline import StillOpen

        rows = CameraEvent.objects.filter(camera__code=camera, going_on=True).filter(~Q(box=[]))
        return [
            StillOpen(row.track_key, row.rule, tuple(row.box), row.started_at, row.ended_at)
            for row in rows.order_by("-ended_at")[:200]
        ]

    def lapsed(self, camera: str, key: str) -> None:
        actions.lapse_event(key=key)

    def close(self) -> None:
        """Waits until the clips that are due are written."""
        for seat in self._seats.values():
            self._cut(seat, None)
        if self._writer is not None:
            self._clips.put(None)
            self._writer.join(30)
            self._writer = None

    def _seat(self, code: str) -> _Seat | None:
        """None while nobody knows the camera's masks: then nothing of it is kept."""
        seat, now = self._seats.get(code), time.monotonic()
        if seat is not None and now - seat.read_at < REFRESH_S:
            return seat
        try:
            row = Camera.objects.filter(code=code).first()
        except DatabaseError:
            close_old_connections()
            return seat  # the masks as they were
        if row is None:
            self._seats.pop(code, None)
            return None
        shapes = masks_checked(row.masks)
        if seat is None:
            seat = self._seats[code] = _Seat(row, now, Reel(shapes))
        elif seat.reel.shapes != shapes:
            seat.reel = Reel(shapes)  # what was gathered under the old masks goes
        seat.camera, seat.read_at = row, now
        return seat

    def _clear(self, camera: Camera, finding: Finding, looked: Looked) -> str:
        if not camera.clear_days:
            return ""
        data = vault.seal_bytes(jpeg(paint(looked.picture, masks_checked(camera.masks)), 90))
        name = finding.key.replace("/", "-")
        return keep(data, conf.clear_dir(), name, finding.started_at, ".sealed")

    def _cut(self, seat: _Seat, now: datetime | None) -> None:
        """Hands the clips over whose last second has come; all of them where `now` is None."""
        waiting = []
        for due, event_id, name in seat.due:
            if now is not None and now < due:
                waiting.append((due, event_id, name))
                continue
            moment = due - timedelta(seconds=AFTER_S)
            self._hand_over(_Clip(event_id, name, moment, seat.reel.around(moment)))
        seat.due = waiting

    def _hand_over(self, clip: _Clip) -> None:
        if not self._with_clips or len(clip.stills) < 2:
            return
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="clips", daemon=True)
            self._writer.start()
        try:
            self._clips.put_nowait(clip)
        except queue.Full:
            self.clips_skipped += 1
            log.warning("camera-clip-skipped", event_id=clip.event_id, skipped=self.clips_skipped)

    def _write(self) -> None:
        while (clip := self._clips.get()) is not None:
            try:
                close_old_connections()
                name = keep(webm(clip.stills), conf.snapshot_dir(), clip.name, clip.at, ".webm")
                actions.attach_clip(event_id=clip.event_id, clip=name)
            except Exception:  # a clip is evidence beside the event, never instead of it
                log.exception("camera-clip-lost", event_id=clip.event_id)
        close_old_connections()
