"""One camera's line of work: picture → detections → tracks → rules → findings on the ground."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Literal, Protocol

import numpy as np

from vision.detectors import Detections, Detector, Picture
from vision.detectors.coco import BODIES_M, ROAD_USERS
from vision.findings import Box, Finding, Looked, Orphans, StillOpen
from vision.gate import MotionGate
from vision.ground import Body, Fix, Homography, Projector, Wedge
from vision.heads import heads
from vision.rules import Rule, Sighting, View
from vision.snapshots import encode
from vision.tracker import Settings, Tracker
from vision.tracks import Track

__all__ = ["Finding", "HealthKind", "Line", "Looked", "Sink", "StillOpen", "projectors"]

LOOKED_FOR = (*ROAD_USERS, "moving")
# Blobs have no score worth the name: whatever moves may start a track.
BLOB_TRACKS = Settings(sure=0.3, weak=0.25)
UNKNOWN_BODY_M = 3.5  # from the near edge of a lorry to its middle
SILENT = timedelta(seconds=60)  # without a picture: what was open may be over


HealthKind = Literal[
    "black", "frozen", "covered", "stalled", "failed", "wrong_rate", "size", "good"
]


class Sink(Protocol):
    """Where a camera's line of work puts what it finds; `vision.actions` is behind it.

    Every call may come twice (a restart, a database that was away): the key makes it one. A
    `DatabaseError` means "later": the same call is made again, the order within a camera kept.
    `camera` is the camera's code.
    """

    def looked(self, camera: str, looked: Looked) -> None:
        """Every picture that was looked at, for clips. Must be quick and never fail."""
        ...

    def opened(self, camera: str, finding: Finding, looked: Looked) -> None:
        """Something began; `finding.sighting.lasting` says whether its end will be told."""
        ...

    def updated(self, camera: str, finding: Finding) -> None:
        """It goes on: `ended_at`, `fix`, `sighting.value` are fresh; the key is that of `opened`.

        At most every ten seconds a key, and never while nothing changed.
        """
        ...

    def ended(self, camera: str, finding: Finding) -> None:
        """It is over, at `finding.ended_at`."""
        ...

    def health(self, camera: str, kind: HealthKind, words: str, at: datetime) -> None:
        """The picture's state changed; "good" ends whatever was said before. `words` are fit for
        an operator, in the server's language."""
        ...

    def still_open(self, camera: str) -> list[StillOpen]:
        """Asked once when a camera's line begins."""
        ...

    def lapsed(self, camera: str, key: str) -> None:
        """One of `still_open` was not met again: it ended when it was last told."""
        ...


class Line:
    """Everything one camera needs between pictures. Not shared between threads."""

    def __init__(
        self,
        camera: str,
        detector: Detector,
        rules: Sequence[Rule],
        projector: Projector,
        fallback: Projector | None = None,
        *,
        gate: MotionGate | None = None,
        signal: Callable[[str], str] = lambda name: "",
        still_open: Sequence[StillOpen] = (),
    ) -> None:
        self.camera = camera
        self.detector = detector
        self.rules = rules
        self._fresh = deepcopy(rules)
        self.frames = self.gated = 0
        self.gate = gate
        self._signal = signal
        self._places = [projector] + ([fallback] if fallback else [])
        self._tracker = Tracker(BLOB_TRACKS if detector.stateful else None)
        self._session = ""
        self._open: dict[str, Finding] = {}
        self._orphans = Orphans(still_open)
        self.looked: Looked | None = None

    def look(self, picture: Picture, media_s: float, at: datetime, session: str) -> list[Finding]:
        """What opens with this picture. A new `session` starts the tracks afresh."""
        told = self.step(picture, media_s, at, session)
        return [finding for finding in told if finding.sighting.phase == "opened"]

    def step(self, picture: Picture, media_s: float, at: datetime, session: str) -> list[Finding]:
        """What opens, goes on and ends with this picture."""
        if not self.wants(picture, media_s, at, session):
            return []
        (seen,) = self.detector.detect([picture])
        return self.digest(picture, seen, media_s, at, session)

    def wants(self, picture: Picture, media_s: float, at: datetime, session: str) -> bool:
        """Whether the detector should see this picture; the lamps are read from every one."""
        if session != self._session:
            self._begin(session, at)
        view = self._view(picture)
        for rule in self.rules:
            rule.watch(media_s, (picture.shape[1], picture.shape[0]), view)
        if self.gate is None or self.detector.stateful or self.gate.moves(picture, media_s):
            return True
        self.gated += 1
        return False

    def digest(
        self, picture: Picture, seen: Detections, media_s: float, at: datetime, session: str
    ) -> list[Finding]:
        """What is new, given what the detector saw in this picture."""
        if session != self._session:
            self._begin(session, at)
        tracks = self._tracker.update(seen.of(LOOKED_FOR).distinct(), media_s)
        self.frames += 1
        size_px = picture.shape[1], picture.shape[0]
        self.looked = Looked(picture, self._to_hide(seen, size_px), at, session, media_s)
        view = self._view(picture)
        findings = [
            self._kept(self._finding(sighting, self.looked))
            for rule in self.rules
            for sighting in rule.look(tracks, media_s, size_px, view)
        ]
        here = [self._box(track, size_px) for track in tracks]
        return findings + self._orphans.met(here, at) + self._orphans.expired(at)

    def _to_hide(self, seen: Detections, size_px: tuple[int, int]) -> Detections:
        """What was seen, what was a moment ago, and the heads of what else moves like a person."""
        shown = seen.and_also(self._tracker.unseen())
        if self.gate is None or self.detector.stateful:
            return shown
        return shown.and_also(heads(self.gate.moving, size_px))

    def close(self, at: datetime) -> list[Finding]:
        """The ends of what was open and has not been seen again; for when no picture comes."""
        if self.looked is not None and at - self.looked.at > SILENT:
            self._orphans.add(self._open.values())
            self._open.clear()
        return self._orphans.expired(at)

    def lapsed(self, at: datetime) -> list[str]:
        """Keys of events from before a restart that were not met again."""
        return self._orphans.forgotten(at)

    def _begin(self, session: str, at: datetime) -> None:
        self._session = session
        # Track numbers begin again, so the rules must not remember the old ones.
        self._tracker, self.rules = Tracker(self._tracker.settings), deepcopy(self._fresh)
        self._orphans.add(self._open.values())
        self._open.clear()

    def _view(self, picture: Picture) -> View:
        return View(picture, self._places[0], self._signal)

    def _kept(self, finding: Finding) -> Finding:
        """The finding under the key of an event that an earlier session left open, if it is it."""
        sighting = finding.sighting
        if not sighting.lasting:
            return finding
        finding = self._orphans.renamed(finding)
        if sighting.phase == "ended":
            self._open.pop(finding.key, None)
        else:
            self._open[finding.key] = finding
        return finding

    def _box(self, track: Track, size_px: tuple[int, int]) -> Box:
        scaled = np.clip(track.box / np.array([*size_px, *size_px]), 0, 1)
        return tuple(round(float(v), 4) for v in scaled)  # type: ignore[return-value]

    def _fix(self, track: Track, size_px: tuple[int, int]) -> Fix:
        """Where the track's middle is; by a wedge where the control points do not reach."""
        x, y = (min(max(v / size, 0.0), 1.0) for v, size in zip(track.foot, size_px, strict=True))
        best, size_m = self._places[0], BODIES_M.get(track.class_name)
        if isinstance(best, Homography) and size_m is not None and len(track.trail) > 1:
            body = Body(*size_m, heading=best.heading(track.trail, size_px))
            if fix := best.locate_body(x, y, body):
                return fix
        fixes = (place.locate(x, y) for place in self._places)
        fix = next(fix for fix in fixes if fix is not None)
        if size_m is None and isinstance(best, Homography):
            # The foot is the near edge; the middle of something of no known size is further off.
            fix = fix._replace(error_m=round(math.hypot(fix.error_m, UNKNOWN_BODY_M), 1))
        return fix

    def _finding(self, sighting: Sighting, looked: Looked) -> Finding:
        track, picture, at = sighting.track, looked.picture, looked.at
        size_px = picture.shape[1], picture.shape[0]
        fix = self._fix(track, size_px)
        began_s = track.started_s if sighting.since_s is None else sighting.since_s
        measure = getattr(self._places[0], "speed", None)
        speed = measure(track.trail, size_px) if measure and len(track.trail) > 1 else None
        return Finding(
            key=f"{self.camera}/{sighting.rule}/{self._session}/{track.id}",
            sighting=sighting,
            fix=fix,
            started_at=at - timedelta(seconds=looked.media_s - began_s),
            ended_at=at - timedelta(seconds=looked.media_s - sighting.at_s),
            confidence=round(min(track.confidence, 1.0), 3),
            jpeg=(
                encode(picture, looked.seen, tuple(track.box))
                if sighting.phase == "opened"
                else b""
            ),
            model_hash=self.detector.model_hash,
            box=self._box(track, size_px),
            speed_kmh=(round(speed[0], 1), round(speed[1], 1)) if speed else None,
        )


def projectors(
    *,
    lonlat: tuple[float, float],
    bearing_deg: float | None,
    fov_deg: float,
    range_m: float,
    control: tuple,
    srid: int,
) -> tuple[Projector, Projector | None]:
    """The camera's best projection, and what to use where that one stays silent."""
    wedge = Wedge(*lonlat, bearing_deg, fov_deg, range_m, srid)
    picture, ground = control
    if not len(picture):
        return wedge, None
    return Homography.through(picture, ground, srid), wedge
