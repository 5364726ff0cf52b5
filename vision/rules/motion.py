"""How things move: against the direction allowed, or too fast."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo.text import Text
from vision.rules.base import CLASSES, MOVERS, ZONE, Base, Place, Zone, in_zone, recall, steady
from vision.rules.crossing import Segment
from vision.rules.form import Asked, ask
from vision.rules.sighting import Sighting, Size, View

if TYPE_CHECKING:
    from vision.tracks import Track

FORGET_S = 10.0  # going back slower than that is manoeuvring
AGREE = 3  # looks in a row that must find it too fast


@dataclass
class Farthest:
    """The farthest that a track came in the direction allowed, and when."""

    place: Place
    at_s: float
    done: bool = False


@dataclass
class WrongWay(Base):
    """A track that goes back against the arrow, by `travel` and half its own height."""

    kind = "wrong_way"
    title = Text("Đi ngược chiều", "Wrong way")
    help = Text(
        "Vẽ vùng làn đường và mũi tên chiều được phép.",
        "Draw the lane, and an arrow the way that is allowed.",
    )
    needs_per_s = 5.0

    zone: Zone = ask(ZONE)
    arrow: Segment = ask(Asked("line", Text("Chiều được phép", "Allowed way")))
    classes: tuple[str, ...] = ask(CLASSES, default=MOVERS)
    travel: float = ask(
        Asked(
            "number",
            Text("Quãng đường tối thiểu", "Least way"),
            Text("Tỷ lệ chiều cao hình.", "A share of the picture's height."),
            "", 0.01, 1,
        ),
        default=0.05,
    )  # fmt: skip
    seconds: float = ask(
        Asked("number", Text("Trong ít nhất", "For at least"), unit="s", min=0.2, max=60),
        default=0.6,
    )
    within_deg: float = ask(
        Asked("number", Text("Sai lệch hướng", "Deviation"), unit="°", min=10, max=85),
        default=60.0,
    )
    _memory: dict[int, Farthest] = field(default_factory=dict, init=False, repr=False)

    def judge(self, tracks: list[Track], at_s: float, size_px: Size, view: View) -> list[Sighting]:
        x1, y1, x2, y2 = self.arrow
        ahead = (x2 - x1) * size_px[0], (y2 - y1) * size_px[1]
        length = math.hypot(*ahead)
        sightings = []
        for track in tracks:
            foot = steady(track, 3)
            if not in_zone(foot, self.zone, size_px):
                if (known := self._memory.get(track.id)) and not known.done:
                    del self._memory[track.id]  # what counts is its way inside the zone
                continue
            known = recall(self._memory, track.id, Farthest(foot, at_s))
            dx, dy = foot[0] - known.place[0], foot[1] - known.place[1]
            along = (dx * ahead[0] + dy * ahead[1]) / length
            if along >= 0 or at_s - known.at_s > FORGET_S:
                known.place, known.at_s = foot, at_s
                continue
            long_enough = at_s - known.at_s >= self.seconds
            if long_enough and not known.done and self._back(track, -along, (dx, dy), size_px):
                known.done = True
                sightings.append(self.sees(track, at_s, notable=True))
        return sightings

    def _back(self, track: Track, back: float, way: Place, size_px: Size) -> bool:
        least = max(self.travel * size_px[1], 0.5 * float(track.box[3] - track.box[1]))
        return back >= least and back >= math.cos(math.radians(self.within_deg)) * math.hypot(*way)


@dataclass
class Speed(Base):
    """A vehicle surely faster than the limit: its speed less its error, three looks in a row."""

    kind = "speed"
    title = Text("Quá tốc độ", "Too fast")
    help = Text(
        "Cần điểm khống chế. Tốc độ ước lượng kèm sai số, không thay máy đo đã kiểm định.",
        "Needs control points. An estimate with its error; no replacement for a verified meter.",
    )
    needs_per_s = 8.0

    limit_kmh: float = ask(
        Asked("number", Text("Giới hạn", "Limit"), unit="km/h", min=5, max=200), default=50.0
    )
    zone: Zone = ask(
        Asked("zone", ZONE.title, Text("Bỏ trống: cả hình.", "Empty: everywhere."), min=0),
        default=(),
    )
    classes: tuple[str, ...] = ask(CLASSES, default=MOVERS)
    _memory: dict[int, list] = field(default_factory=dict, init=False, repr=False)

    def judge(self, tracks: list[Track], at_s: float, size_px: Size, view: View) -> list[Sighting]:
        measure = getattr(view.ground, "speed", None)
        if measure is None:
            return []
        sightings = []
        for track in tracks:
            known = recall(self._memory, track.id, [0, False])
            if known[1] or not in_zone(track.foot, self.zone, size_px):
                continue
            speed = measure(track.trail, size_px)
            known[0] = known[0] + 1 if speed and speed[0] - speed[1] > self.limit_kmh else 0
            if known[0] >= AGREE:
                known[1] = True
                told = {"value": round(speed[0], 1), "value_error": round(speed[1], 1)}
                sightings.append(self.sees(track, at_s, notable=True, unit="km/h", **told))
        return sightings
