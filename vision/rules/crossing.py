"""Lines that feet cross: counted by direction, forbidden one way, or forbidden while red."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo.text import Text
from vision.rules.base import ANYTHING, CLASSES, LINE, MOVERS, Base, Place, Zone, recall
from vision.rules.form import Asked, ask
from vision.rules.lamp import LampWatch, colour_in
from vision.rules.sighting import Sighting, Size, View

if TYPE_CHECKING:
    from vision.tracks import Track

HIDDEN_S = 0.5
Segment = tuple[float, float, float, float]
WAYS = (("up", Text("Ngược", "Up")), ("down", Text("Xuôi", "Down")))
MARGIN = Asked(
    "number",
    Text("Khoảng trễ hai bên vạch", "Margin on both sides"),
    Text("Tỷ lệ chiều cao hình.", "A share of the picture's height."),
    "", 0.002, 0.2,
)  # fmt: skip
TRAVEL = Asked(
    "number",
    Text("Quãng đường tối thiểu", "Least way"),
    Text("Tỷ lệ chiều cao hình.", "A share of the picture's height."),
    "", 0, 1,
)  # fmt: skip


@dataclass
class Passage:
    """What a line knows of one track."""

    start: Place
    away: float = 0.0  # px; right of the line is positive
    at_s: float = 0.0
    side: int = 0
    along: float = 0.5  # of the line, where its last foot was
    crossed_s: float = 0.0
    crossed_at: float = 0.5  # of the line
    turned: str = ""  # the way it went over the line
    way: str = ""  # the same, once it has come far enough to be believed
    done: bool = False


def beside(line: Segment, foot: Place, size_px: Size) -> tuple[float, float]:
    """Px from the line, positive to the right of who walks it; and how far along it, 0..1."""
    width, height = size_px
    x1, y1, x2, y2 = line
    dx, dy = (x2 - x1) * width, (y2 - y1) * height
    x, y = foot[0] - x1 * width, foot[1] - y1 * height
    length = math.hypot(dx, dy)
    return (dx * y - dy * x) / length, (dx * x + dy * y) / length**2


@dataclass
class Crossing(Base):
    """Feet that come from `margin` on one side to `margin` on the other, `travel` in all."""

    line: Segment = ask(LINE)
    classes: tuple[str, ...] = ask(CLASSES, default=ANYTHING)
    margin: float = ask(MARGIN, default=0.02)
    travel: float = ask(TRAVEL, default=0.08)
    _memory: dict[int, Passage] = field(default_factory=dict, init=False, repr=False)

    def _passed(self, track: Track, at_s: float, size_px: Size) -> Passage:
        """The track's passage, its `way` set where it has crossed the line just now."""
        began_s, *start = track.trail[0]  # it began before it was confirmed
        fresh = Passage((start[0], start[1]))
        fresh.away, fresh.along = beside(self.line, fresh.start, size_px)
        fresh.at_s = began_s
        fresh.side = self._side(fresh.away, size_px)
        known = recall(self._memory, track.id, fresh)
        away, along = beside(self.line, track.foot, size_px)
        if away * known.away < 0:
            # Between two pictures: by the foot's way from one side to the other.
            share = abs(known.away) / (abs(known.away) + abs(away))
            if at_s - known.at_s > HIDDEN_S:
                known.crossed_s = known.at_s  # perhaps as soon as it was hidden
            else:
                known.crossed_s = known.at_s + share * (at_s - known.at_s)
            known.crossed_at = known.along + share * (along - known.along)
        known.away, known.along, known.at_s = away, along, at_s
        side = self._side(away, size_px)
        if side not in (0, known.side):
            # Judged a little generously at the ends, for the foot is never quite where it seems.
            over = known.side != 0 and -0.05 <= known.crossed_at <= 1.05
            known.turned = ("down" if side > 0 else "up") if over else ""
            known.side = side
        far_enough = math.dist(track.foot, known.start) >= self.travel * size_px[1]
        known.way = known.turned if far_enough else ""
        return known

    def _side(self, away: float, size_px: Size) -> int:
        return 0 if abs(away) < self.margin * size_px[1] else int(math.copysign(1, away))


@dataclass
class LineCount(Crossing):
    """Counts each track once, in its direction. `wrong` is a direction nobody may take."""

    kind = "line"
    title = Text("Đếm qua vạch", "Line count")
    help = Text("Đếm lượt qua vạch theo chiều.", "Counts what crosses a line, by direction.")
    needs_per_s = 8.0

    wrong: str = ask(
        Asked(
            "choice",
            Text("Chiều cấm", "Wrong way"),
            choices=(("", Text("Không có", "None")), *WAYS),
        ),
        default="",
    )

    def judge(self, tracks: list[Track], at_s: float, size_px: Size, view: View) -> list[Sighting]:
        sightings = []
        for track in tracks:
            known = self._passed(track, at_s, size_px)
            if known.done or not known.way:
                continue
            known.done = True
            wrong = bool(self.wrong) and known.way == self.wrong
            kind = "wrong_way" if wrong else "line"
            sightings.append(Sighting(self.name, kind, track, at_s, known.way, notable=wrong))
        return sightings


@dataclass
class RedLight(Crossing):
    """A vehicle that crosses the stop line while the lamp is red and goes on beyond it.

    Red must have stood for `grace_s` when the foot crosses, and still stand when the foot is
    `beyond`. A lamp that is amber, dark, hidden or unsure is not red.
    """

    kind = "red_light"
    title = Text("Vượt đèn đỏ", "Red light")
    help = Text(
        "Qua vạch dừng khi đèn đang đỏ: vẽ vùng đèn trên hình, hoặc ghi tên tín hiệu.",
        "Crosses the stop line while the lamp is red: draw the lamp, or name a signal feed.",
    )
    needs_per_s = 5.0

    classes: tuple[str, ...] = ask(CLASSES, default=MOVERS)
    direction: str = ask(
        Asked("choice", Text("Chiều bị cấm khi đỏ", "Direction that red stops"), choices=WAYS),
        default="down",
    )
    lamp: Zone = ask(
        Asked(
            "zone",
            Text("Vùng đèn", "Lamp"),
            Text("Sát quanh các bóng đèn.", "Close around the lamps."),
            min=0,
        ),
        default=(),
    )
    signal: str = ask(
        Asked("text", Text("Tên tín hiệu", "Signal feed's name")),
        default="",
    )
    grace_s: float = ask(
        Asked("number", Text("Đèn đỏ đã được", "Red for"), unit="s", min=0, max=10), default=0.5
    )
    beyond: float = ask(
        Asked(
            "number",
            Text("Đi quá vạch", "Way beyond the line"),
            Text("Tỷ lệ chiều cao hình.", "A share of the picture's height."),
            "", 0.005, 0.5,
        ),
        default=0.04,
    )  # fmt: skip
    _lamp: LampWatch = field(default_factory=LampWatch, init=False, repr=False)

    def watch(self, at_s: float, size_px: Size, view: View) -> None:
        if self.signal and (told := view.signal(self.signal)):
            self._lamp.told(at_s, told)
        elif self.lamp and view.picture is not None:
            self._lamp.read(at_s, colour_in(view.picture, self.lamp))

    def judge(self, tracks: list[Track], at_s: float, size_px: Size, view: View) -> list[Sighting]:
        sightings = []
        for track in tracks:
            known = self._passed(track, at_s, size_px)
            if known.done or known.way != self.direction:
                continue
            if not self._lamp.red_at(known.crossed_s, self.grace_s):
                known.done = True  # it crossed when it might
            elif abs(known.away) >= self.beyond * size_px[1] and self._lamp.last != "":
                # The last reading tells first that it is green; a doubtful one is waited out.
                known.done = True
                if self._lamp.last == "red" and self._lamp.red_at(at_s, 0):
                    sightings.append(self.sees(track, at_s, direction=known.way, notable=True))
        return sightings
