"""One camera's line of work: picture → detections → tracks → rules → findings on the ground."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from vision.detectors import Detections, Detector, Picture
from vision.detectors.coco import ROAD_USERS
from vision.ground import Fix, Homography, Projector, Wedge
from vision.rules import Rule, Sighting
from vision.snapshots import encode
from vision.tracker import Settings, Tracker

LOOKED_FOR = (*ROAD_USERS, "moving")
# Blobs have no score worth the name: whatever moves may start a track.
BLOB_TRACKS = Settings(sure=0.3, weak=0.25)


@dataclass(frozen=True)
class Finding:
    """A sighting with its place, its evidence and the key that makes it one event."""

    key: str
    sighting: Sighting
    fix: Fix
    started_at: datetime
    ended_at: datetime
    confidence: float
    jpeg: bytes
    model_hash: str
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)  # fractions of the picture
    speed_kmh: tuple[float, float] | None = None  # and its error, nine times in ten


@dataclass(frozen=True)
class Looked:
    """One picture that was looked at, clear, with all that was found in it.

    Whoever keeps any of it hides people and plates first.
    """

    picture: Picture
    seen: Detections
    at: datetime
    session: str
    media_s: float


HealthKind = Literal[
    "black", "frozen", "covered", "stalled", "failed", "wrong_rate", "size", "good"
]


@dataclass(frozen=True)
class StillOpen:
    """An event that an earlier run of the worker left open: what is there now may be the same."""

    key: str
    rule: str
    box: tuple[float, float, float, float]  # `Finding.box` as it was last told
    started_at: datetime
    ended_at: datetime


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
        """Asked once when a camera's line begins. Those not met again within a minute are told
        as ended."""
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
    ) -> None:
        self.camera = camera
        self.detector = detector
        self.rules = rules
        self._fresh = deepcopy(rules)
        self.frames = 0
        self._places = [projector] + ([fallback] if fallback else [])
        self._tracker = Tracker(BLOB_TRACKS if detector.stateful else None)
        self._session = ""

    def look(self, picture: Picture, media_s: float, at: datetime, session: str) -> list[Finding]:
        """What is new with this picture. A new `session` starts the tracks afresh."""
        if session != self._session:
            self._session = session
            # Track numbers begin again, so the rules must not remember the old ones.
            self._tracker, self.rules = Tracker(self._tracker.settings), deepcopy(self._fresh)
        (seen,) = self.detector.detect([picture])
        tracks = self._tracker.update(seen.of(LOOKED_FOR).distinct(), media_s)
        self.frames += 1
        size_px = picture.shape[1], picture.shape[0]
        return [
            self._finding(sighting, picture, seen, at)
            for rule in self.rules
            for sighting in rule.look(tracks, media_s, size_px)
        ]

    def _finding(
        self, sighting: Sighting, picture: Picture, seen: Detections, at: datetime
    ) -> Finding:
        track = sighting.track
        height, width = picture.shape[:2]
        x, y = (min(max(v, 0.0), 1.0) for v in (track.foot[0] / width, track.foot[1] / height))
        fixes = (place.locate(x, y) for place in self._places)
        fix = next(fix for fix in fixes if fix is not None)
        return Finding(
            key=f"{self.camera}/{sighting.rule}/{self._session}/{track.id}",
            sighting=sighting,
            fix=fix,
            started_at=at - timedelta(seconds=track.seen_s - track.started_s),
            ended_at=at,
            confidence=round(min(track.confidence, 1.0), 3),
            jpeg=encode(picture, seen, tuple(track.box)),
            model_hash=self.detector.model_hash,
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
