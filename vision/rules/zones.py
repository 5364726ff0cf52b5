"""What goes on in a zone as a whole: how many are in it, or that nobody is."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from geo.text import Text
from vision.detectors.coco import VEHICLES
from vision.rules.base import CLASSES, UPDATE_S, ZONE, Base, Place, Zone, in_zone
from vision.rules.form import Asked, ask
from vision.rules.sighting import Sighting, Size, View
from vision.tracks import Track

SEEN_S = 1.0  # one missed for so long is still there
SMOOTH_S = 3.0
CLEAR = 0.75  # of the level: below it, it is over
CLEAR_S = 5.0
GRID = (64, 36)
SECONDS = Asked("number", Text("Trong ít nhất", "For at least"), unit="s", min=0, max=86400)


@dataclass
class ZoneTrack(Track):
    """The track that stands for a zone: its box is the zone's, its foot where its members stand."""

    middle: Place = (0.0, 0.0)

    @property
    def foot(self) -> Place:
        return self.middle


@dataclass
class ZoneRule(Base):
    """One thing that lasts in a zone: opened after `seconds`, ended after `clear_s` without."""

    zone: Zone = ask(ZONE)
    seconds: float = 5.0
    clear_s = CLEAR_S
    unit = ""
    lasting = True
    _inside: dict[int, Track] = field(default_factory=dict, init=False, repr=False)
    _levels: deque[tuple[float, float]] = field(default_factory=deque, init=False, repr=False)
    _stands_in: ZoneTrack | None = field(default=None, init=False, repr=False)
    _since_s: float | None = field(default=None, init=False, repr=False)
    _below_s: float | None = field(default=None, init=False, repr=False)
    _told_s: float = field(default=0.0, init=False, repr=False)
    _number: int = field(default=0, init=False, repr=False)

    def judge(self, tracks: list[Track], at_s: float, size_px: Size, view: View) -> list[Sighting]:
        for track in tracks:
            if in_zone(track.foot, self.zone, size_px):
                self._inside[track.id] = track
            else:
                self._inside.pop(track.id, None)
        self._inside = {n: t for n, t in self._inside.items() if at_s - t.seen_s <= SEEN_S}
        if self._levels and at_s - self._levels[-1][0] > 4 * SMOOTH_S:
            self._since_s = None  # nothing is known of the time between
            self._levels.clear()
        self._levels.append((at_s, self.level(size_px)))
        while at_s - self._levels[0][0] > SMOOTH_S:
            self._levels.popleft()
        smooth = float(np.median([level for _, level in self._levels]))
        return self._judge_level(smooth, at_s, size_px)

    def level(self, size_px: Size) -> float:
        """How much there is now."""
        return float(len(self._inside))

    def high(self, level: float) -> bool:
        """Whether so much begins it."""
        raise NotImplementedError

    def low(self, level: float) -> bool:
        """Whether so much ends it: lower than what began it, or it would flicker."""
        raise NotImplementedError

    def _judge_level(self, level: float, at_s: float, size_px: Size) -> list[Sighting]:
        if self._stands_in is None:
            self._since_s = (self._since_s if self._since_s is not None else at_s) if (
                self.high(level)
            ) else None  # fmt: skip
            if self._since_s is None or at_s - self._since_s < self.seconds:
                return []
            self._number += 1
            self._stands_in = self._made_up(self._since_s, at_s, size_px)
            return [self._tell("opened", level, at_s, size_px)]
        if not self.low(level):
            self._below_s = None
            if at_s - self._told_s >= UPDATE_S:
                return [self._tell("updated", level, at_s, size_px)]
            return []
        self._below_s = at_s if self._below_s is None else self._below_s
        if at_s - self._below_s < self.clear_s:
            return []
        over = self._tell("ended", level, self._below_s, size_px)
        self._stands_in = self._since_s = self._below_s = None
        return [over]

    def _tell(self, phase: str, level: float, at_s: float, size_px: Size) -> Sighting:
        since_s = self._stands_in.started_s
        track = self._stands_in = self._made_up(since_s, at_s, size_px)
        self._told_s = at_s
        return self.sees(
            track, at_s, phase=phase, notable=True, since_s=since_s, unit=self.unit,
            value=round(self.told(level, at_s - since_s), 2),
        )  # fmt: skip

    def told(self, level: float, lasted_s: float) -> float:
        """The figure that an operator reads."""
        return level

    def _made_up(self, since_s: float, at_s: float, size_px: Size) -> ZoneTrack:
        corners = np.array(self.zone) * size_px
        members = list(self._inside.values())
        feet = np.array([t.foot for t in members]) if members else corners
        sure = float(np.mean([min(t.confidence, 1.0) for t in members])) if members else 0.5
        track = ZoneTrack(
            self._number, np.concatenate([corners.min(0), corners.max(0)]), since_s, at_s, sure,
            confirmed=True, middle=(float(feet[:, 0].mean()), float(feet[:, 1].mean())),
        )  # fmt: skip
        names = [t.class_name for t in members] or [getattr(self, "classes", ("person",))[0]]
        track.votes[max(set(names), key=names.count)] = sure
        track.trail.append((at_s, *track.middle))
        return track


@dataclass
class Crowd(ZoneRule):
    """So many people in the zone for so long."""

    kind = "crowd"
    title = Text("Tụ tập đông người", "Crowd")
    help = Text("Số người trong vùng đạt mức trong thời gian.", "So many people for so long.")
    unit = "people"

    classes: tuple[str, ...] = ask(CLASSES, default=("person",))
    people: int = ask(Asked("integer", Text("Số người", "People"), min=2, max=500), default=8)
    seconds: float = ask(SECONDS, default=10.0)

    def high(self, level: float) -> bool:
        return level >= self.people

    def low(self, level: float) -> bool:
        return level < min(self.people - 1, CLEAR * self.people) + 1e-9


@dataclass
class Density(ZoneRule):
    """So many vehicles in the zone, covering so much of it, for so long."""

    kind = "density"
    title = Text("Mật độ giao thông", "Traffic density")
    help = Text(
        "Số xe trong vùng, hoặc phần vùng bị xe che, đạt mức trong thời gian.",
        "So many vehicles in the zone, or so much of it covered by them, for so long.",
    )

    classes: tuple[str, ...] = ask(CLASSES, default=(*VEHICLES, "moving"))
    measure: str = ask(
        Asked(
            "choice",
            Text("Đo bằng", "Measured by"),
            choices=(
                ("vehicles", Text("Số xe", "Vehicles")),
                ("share", Text("Phần vùng bị che (%)", "Share covered (%)")),
            ),
        ),
        default="vehicles",
    )
    at_least: float = ask(Asked("number", Text("Từ", "At least"), min=1, max=500), default=10)
    seconds: float = ask(SECONDS, default=20.0)

    def level(self, size_px: Size) -> float:
        return self._covered(size_px) if self.measure == "share" else super().level(size_px)

    def high(self, level: float) -> bool:
        return level >= self.at_least

    def low(self, level: float) -> bool:
        return level < CLEAR * self.at_least

    def sees(self, track: Track, at_s: float, **more: object) -> Sighting:
        return super().sees(
            track, at_s, **(more | {"unit": "%" if self.measure == "share" else "vehicles"})
        )

    def _covered(self, size_px: Size) -> float:
        """Percent of the zone under boxes, on a coarse grid."""
        columns, rows = GRID
        cells = [
            (c, r)
            for r in range(rows)
            for c in range(columns)
            if in_zone(((c + 0.5) / columns, (r + 0.5) / rows), self.zone, (1, 1))
        ]
        if not cells:
            return 0.0
        at = np.array(cells) + 0.5
        covered = np.zeros(len(at), bool)
        scale = np.array([columns / size_px[0], rows / size_px[1]] * 2)
        for track in self._inside.values():
            x1, y1, x2, y2 = track.box * scale
            covered |= (at[:, 0] >= x1) & (at[:, 0] <= x2) & (at[:, 1] >= y1) & (at[:, 1] <= y2)
        return 100 * float(covered.mean())


@dataclass
class Unattended(ZoneRule):
    """A watched zone with nobody in it for so long."""

    kind = "unattended"
    title = Text("Vùng không người trực", "Unattended zone")
    help = Text(
        "Vùng phải có người trực nhưng không có ai trong thời gian này.",
        "A zone that must be watched has nobody in it for so long.",
    )
    unit = "s"
    clear_s = 1.0

    classes: tuple[str, ...] = ask(CLASSES, default=("person",))
    seconds: float = ask(SECONDS, default=300.0)

    def high(self, level: float) -> bool:
        return level < 1

    def low(self, level: float) -> bool:
        return level >= 1

    def told(self, level: float, lasted_s: float) -> float:
        return lasted_s
