"""The supervised worker: all cameras with a stream, one shared detector, one thread that computes.

Readers drop, the computing thread goes round; a camera that dies, stalls or floods takes nothing
else down. Only this process imports torch, when a camera asks for a detector made of it, and
before that camera's reader runs.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django.utils.translation import gettext as _

from geo import heartbeat
from vision import actions, conf, masks
from vision.detectors import Picture
from vision.detectors.weights import WeightsMissing
from vision.gate import MotionGate
from vision.lens import LensWatch, words
from vision.lines import Detectors, line_for
from vision.models import Camera
from vision.pipeline import Finding, Line, Sink
from vision.reader import Reader
from vision.sink import DeskSink
from vision.sources import Frame, SourceFailed

log = structlog.get_logger(__name__)

REFRESH_S, BEAT_S, TELL_S, PURGE_S = 10.0, 5.0, 30.0, 3600.0
STALE_S = 15.0  # without a new picture
STUCK_S = 180.0  # without a sign of the reader, its longest wait counted: it is replaced
IDLE_S = 0.01
KEPT_FINDINGS = 200  # while the database is away

# What of a camera makes a new line of work necessary when it changes.
SHAPE = (
    "address",
    "loops",
    "detector",
    "frames_per_s",
    "rules",
    "control_points",
    "sealed_login",
    "masks",
    "bearing_deg",
    "fov_deg",
    "range_m",
)


@dataclass(frozen=True)
class Telling:
    """One call of the sink that is still to be made."""

    verb: str
    arguments: tuple


@dataclass
class Watch:
    """One camera while it is watched."""

    camera: Camera
    shape: tuple
    reader: Reader
    line: Line | None = None  # made when the first picture comes: a dead stream costs no memory
    problem: str = ""  # why its line cannot work, though pictures may come
    frames: int = 0
    frames_before: int = 0
    dropped_before: int = 0
    last_frame_at: datetime | None = None
    seen_at: float = field(default_factory=time.monotonic)
    told: tuple[str, str] = ("", "")
    told_at: float = 0.0
    pending: deque[Telling] = field(default_factory=lambda: deque(maxlen=KEPT_FINDINGS))
    lens: LensWatch = field(default_factory=LensWatch)
    troubles: set[str] = field(default_factory=set)
    size_px: tuple[int, int] | None = None
    inference_ms: float = 0.0  # a running mean
    counted: tuple[int, float] = field(default_factory=lambda: (0, time.monotonic()))

    def rate(self, now: float) -> float:
        """Pictures looked at a second since the last time this was asked."""
        frames, at = self.counted
        self.counted = self.frames, now
        return round((self.frames - frames) / max(now - at, 1e-3), 1)

    def state(self, now: float) -> tuple[str, str]:
        """The camera's state and why, as an operator reads it."""
        if self.problem:
            return Camera.State.FAILED, self.problem
        if self.frames and now - self.seen_at <= STALE_S:
            return Camera.State.GOOD, ""
        if self.reader.note:
            return Camera.State.FAILED, self.reader.note
        return (Camera.State.STALE if self.frames else Camera.State.WAITING), ""


class Worker:
    """Runs until told to stop. `progress` grows with every picture looked at."""

    def __init__(self, detectors: Detectors | None = None, sink: Sink | None = None) -> None:
        self.sink: Sink = sink or DeskSink()
        self.watches: dict[int, Watch] = {}
        self.progress = 0
        self._detectors = detectors or Detectors()
        self._due: dict[str, float] = {}

    def run(self, stopping: Callable[[], bool]) -> None:
        try:
            while not stopping():
                if not self.step():
                    time.sleep(IDLE_S)
        finally:
            for watch in self.watches.values():
                watch.reader.stop()
                self._record(watch)
            if (close := getattr(self.sink, "close", None)) is not None:
                close()

    def step(self) -> bool:
        """One round over all cameras; whether there was anything to look at."""
        for name, every_s, work in (
            ("refresh", REFRESH_S, self._refresh),
            ("tell", BEAT_S, self._tell),
            ("purge", PURGE_S, self._purge),
        ):
            now = time.monotonic()
            if now >= self._due.get(name, 0):
                self._due[name] = now + every_s
                self._shielded(name, work)
        return any([self._look(watch) for watch in list(self.watches.values())])

    def _shielded(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except DatabaseError:
            log.warning("vision-database-away", work=name)
            close_old_connections()

    def _refresh(self) -> None:
        close_old_connections()
        cameras = {camera.pk: camera for camera in Camera.objects.with_stream()}
        for pk in self.watches.keys() - cameras.keys():
            self.watches.pop(pk).reader.stop()
        self._detectors.warm(camera.detector for camera in cameras.values() if camera.rules)
        now = time.monotonic()
        for pk, camera in cameras.items():
            watch = self.watches.get(pk)
            stuck = watch is not None and now - watch.reader.alive_at > STUCK_S
            if watch is None or watch.shape != _shape(camera) or stuck:
                if watch is not None:
                    watch.reader.stop()
                self.watches[pk] = self._watch(camera)
        actions.mark_unconfigured()
        if not cameras:
            self.progress += 1  # nothing to do is no fault: it looked and found no stream

    def _watch(self, camera: Camera) -> Watch:
        per_s = camera.frames_per_s or settings.IOC_VISION_FPS
        reader = Reader(
            camera.code,
            camera.address,
            per_s=per_s,
            loops=camera.loops,
            roots=conf.media_roots(),
            login=actions.login_for(camera),
        )
        watch = Watch(
            camera,
            _shape(camera),
            reader,
            frames_before=camera.frames,
            dropped_before=camera.frames_dropped,
        )
        reader.start()
        return watch

    def _look(self, watch: Watch) -> bool:
        self._record(watch)
        frame = watch.reader.slot.take()
        if frame is None:
            return False
        watch.frames += 1
        self.progress += 1
        watch.last_frame_at, watch.seen_at = frame.at, time.monotonic()
        try:
            self._find(watch, frame)
        except (WeightsMissing, SourceFailed, KeyError, ValueError) as problem:
            if watch.problem != (why := str(problem).strip("'")[:200]):
                log.warning("camera-line-failed", camera=watch.camera.code, why=why)
            watch.problem = why
        except Exception as failure:
            why = _("picture cannot be looked at (%(why)s)") % {"why": type(failure).__name__}
            if watch.problem != why:  # said once, not with every picture
                log.exception("camera-look-failed", camera=watch.camera.code)
            watch.problem = why
        return True

    def _find(self, watch: Watch, frame: Frame) -> None:
        picture = frame.picture()
        self._check(watch, frame, picture)
        if watch.camera.rules:
            if watch.line is None:
                watch.line = self._line(watch.camera)
            line = watch.line
            if line.wants(picture, frame.media_s, frame.at, frame.session):
                began = time.perf_counter()
                (seen,) = line.detector.detect([picture])
                spent_ms = 1e3 * (time.perf_counter() - began)
                watch.inference_ms += 0.1 * (spent_ms - watch.inference_ms)
                self._queue(
                    watch, line.digest(picture, seen, frame.media_s, frame.at, frame.session)
                )
                if line.looked is not None:
                    self.sink.looked(watch.camera.code, line.looked)
            self._record(watch)
        watch.problem = ""

    def _line(self, camera: Camera) -> Line:
        detector = self._detectors.for_camera(camera.detector)
        line = line_for(camera, detector, still_open=self.sink.still_open(camera.code))
        line.gate = MotionGate(masks.checked(camera.masks))
        return line

    def _queue(self, watch: Watch, findings: list[Finding]) -> None:
        for finding in findings:
            phase = finding.sighting.phase
            evidence = (watch.line.looked,) if phase == "opened" and watch.line else ()
            watch.pending.append(Telling(phase, (watch.camera.code, finding, *evidence)))

    def _check(self, watch: Watch, frame: Frame, picture: Picture) -> None:
        """Tells what is wrong with the picture, once, and when it is good again."""
        trouble = watch.lens.look(picture, frame.media_s)
        size_px = picture.shape[1], picture.shape[0]
        if watch.size_px not in (None, size_px):
            self._trouble(watch, "size", frame.at)
        watch.size_px = size_px
        if frame.clock_lies and "wrong_rate" not in watch.troubles:
            self._trouble(watch, "wrong_rate", frame.at)
        if trouble is not None:
            self._trouble(watch, trouble, frame.at)

    def _trouble(self, watch: Watch, kind: str, at: datetime) -> None:
        log.info("camera-health", camera=watch.camera.code, kind=kind)
        watch.troubles.add(kind)
        watch.pending.append(Telling("health", (watch.camera.code, kind, words(kind), at)))

    def _record(self, watch: Watch) -> None:
        while watch.pending:
            telling = watch.pending[0]
            try:
                getattr(self.sink, telling.verb)(*telling.arguments)
            except DatabaseError:
                close_old_connections()
                return  # tried again in the next round
            except OSError as full:
                log.error("camera-snapshot-lost", camera=watch.camera.code, why=full.strerror)
            watch.pending.popleft()

    def _close_what_is_over(self, watch: Watch) -> None:
        """Ends events of a camera that gives no more pictures, or of before a restart."""
        if watch.line is None:
            return
        now = timezone.now()
        self._queue(watch, watch.line.close(now))
        for key in watch.line.lapsed(now):
            watch.pending.append(Telling("lapsed", (watch.camera.code, key)))
        self._record(watch)

    def _tell(self) -> None:
        now = time.monotonic()
        states = {}
        for watch in self.watches.values():
            state = watch.state(now)
            states[watch.camera.code] = str(state[0])
            self._close_what_is_over(watch)
            if state == watch.told and now - watch.told_at < TELL_S:
                continue
            # Told on the row as it is now: an administrator may have changed it meanwhile.
            fresh = Camera.objects.filter(pk=watch.camera.pk).first()
            if fresh is not None:
                actions.report_state(
                    camera=fresh,
                    state=state[0],
                    note=state[1],
                    frames=watch.frames_before + watch.frames,
                    frames_dropped=watch.dropped_before + watch.reader.slot.dropped,
                    last_frame_at=watch.last_frame_at or fresh.last_frame_at,
                    frames_per_s_now=watch.rate(now),
                    inference_ms=round(watch.inference_ms, 1) or None,
                )
            watch.told, watch.told_at = state, now
        attempts = sum(watch.reader.attempts for watch in self.watches.values())
        heartbeat.beat("vision", self.progress + attempts, cameras=states)

    def _purge(self) -> None:
        actions.purge_events(older_than_days=conf.event_days())


def _shape(camera: Camera) -> tuple:
    return (camera.geom.wkt, *(repr(getattr(camera, name)) for name in SHAPE))
