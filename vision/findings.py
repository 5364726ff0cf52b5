"""What a camera's line of work finds, and how an event outlives a broken stream."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils import timezone

from vision.detectors import Detections, Picture
from vision.ground import Fix
from vision.rules.sighting import Sighting

Box = tuple[float, float, float, float]
MET_AGAIN = timedelta(seconds=60)  # what is not seen again for so long is over
SAME_PLACE = 0.3  # overlap of two boxes over their union
TELL = timedelta(seconds=10)


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
    came_at: datetime = field(default_factory=timezone.now)  # when the worker had it


@dataclass(frozen=True)
class StillOpen:
    """An event that an earlier run of the worker left open: what is there now may be the same."""

    key: str
    rule: str
    box: tuple[float, float, float, float]  # `Finding.box` as it was last told
    started_at: datetime
    ended_at: datetime


@dataclass
class _Orphan:
    event: StillOpen
    finding: Finding | None  # as it was last told; None for one from before a restart
    met_at: datetime | None = None
    told_at: datetime | None = None


@dataclass
class Orphans:
    """Events left open by a session that broke off, until they are met again or over.

    One met again by its own rule goes on under its old key, so a stream that breaks off doubles
    nothing; what never comes again is told as ended.
    """

    given: Sequence[StillOpen] = ()
    _left: dict[str, _Orphan] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)  # new key to the event's first

    def __post_init__(self) -> None:
        self._left = {event.key: _Orphan(event, None) for event in self.given}

    def add(self, findings: Iterable[Finding]) -> None:
        """These were open when their session broke off."""
        for f in findings:
            event = StillOpen(f.key, f.sighting.rule, f.box, f.started_at, f.ended_at)
            self._left[f.key] = _Orphan(event, f)
        self._names.clear()

    def renamed(self, finding: Finding) -> Finding:
        """The finding, under an orphan's key where it is that event again."""
        if finding.key in self._names:
            return replace(finding, key=self._names[finding.key])
        if finding.sighting.phase != "opened":
            return finding
        for key, orphan in self._left.items():
            same_rule = orphan.event.rule == finding.sighting.rule
            if same_rule and shared(orphan.event.box, finding.box) >= SAME_PLACE:
                del self._left[key]
                self._names[finding.key] = key
                return replace(
                    finding,
                    key=key,
                    jpeg=b"",
                    started_at=orphan.event.started_at,
                    sighting=replace(finding.sighting, phase="updated"),
                )
        return finding

    def met(self, boxes: Sequence[Box], at: datetime) -> list[Finding]:
        """Updates of those at whose place something confirmed still is."""
        told = []
        for orphan in self._left.values():
            if orphan.finding is None:
                continue  # only its rule can tell what it was about
            if any(shared(orphan.event.box, box) >= SAME_PLACE for box in boxes):
                orphan.met_at = at
                if orphan.told_at is None or at - orphan.told_at >= TELL:
                    orphan.told_at = at
                    told.append(self._said(orphan, at, "updated"))
        return told

    def expired(self, at: datetime) -> list[Finding]:
        """Ends of those not met again in time."""
        over = [orphan for orphan in self._late(at) if orphan.finding is not None]
        for orphan in over:
            del self._left[orphan.event.key]
        return [self._said(orphan, orphan.event.ended_at, "ended") for orphan in over]

    def forgotten(self, at: datetime) -> list[str]:
        """Keys from before a restart that are over, each once; no more is known of them."""
        over = [orphan.event.key for orphan in self._late(at) if orphan.finding is None]
        for key in over:
            del self._left[key]
        return over

    def _late(self, at: datetime) -> list[_Orphan]:
        for orphan in self._left.values():
            orphan.met_at = orphan.met_at or at
        return [o for o in self._left.values() if o.met_at and at - o.met_at > MET_AGAIN]

    def _said(self, orphan: _Orphan, at: datetime, phase: str) -> Finding:
        f = orphan.finding
        if f is None:
            raise ValueError("nothing is known of it but its key")
        ended_at = max(at, f.ended_at)
        return replace(f, jpeg=b"", ended_at=ended_at, sighting=replace(f.sighting, phase=phase))


def shared(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = sum((x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in (a, b))
    return width * height / (both - width * height)
