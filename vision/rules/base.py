"""What all rules share: their name, whom they look at, how often, and what they remember."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from geo.text import Text
from vision.detectors.coco import ROAD_USERS, VEHICLES
from vision.rules.form import Asked, ask
from vision.rules.sighting import NOTHING_ELSE, Sighting, Size, View

if TYPE_CHECKING:
    from vision.tracks import Track

Place = tuple[float, float]
Zone = tuple[Place, ...]
T = TypeVar("T")

ANYTHING = (*ROAD_USERS, "moving")
MOVERS = (*VEHICLES, "moving")
REMEMBERED = 500  # tracks a rule; older numbers never come back
UPDATE_S = 10.0  # between two updates about the same thing

CLASSES = Asked(
    "classes",
    Text("Loại đối tượng", "Kinds of object"),
    Text("Chỉ những loại này được xét.", "Only these are looked at."),
)
ZONE = Asked("zone", Text("Vùng trên hình", "Zone in the picture"))
LINE = Asked(
    "line",
    Text("Vạch trên hình", "Line in the picture"),
    Text(
        "Đi từ đầu đến cuối vạch, bên phải là chiều xuôi (down).",
        "Walking from its start to its end, the right-hand side is down.",
    ),
)


@dataclass
class Base:
    """A rule's declaration. Kinds fill in `judge`."""

    kind: ClassVar[str]
    title: ClassVar[Text]
    help: ClassVar[Text]
    lasting: ClassVar[bool] = False
    needs_per_s: ClassVar[float] = 2.0

    name: str = ask(Asked("text", Text("Tên", "Name")))
    per_s: float = ask(
        Asked(
            "number",
            Text("Số lần xét mỗi giây", "Looks a second"),
            Text("0: mọi hình đã xem.", "0: every picture looked at."),
            "1/s", 0, 30,
        ),
        default=0.0,
    )  # fmt: skip
    _looked_s: float | None = field(default=None, init=False, repr=False)

    def look(
        self, tracks: Iterable[Track], at_s: float, size_px: Size, view: View = NOTHING_ELSE
    ) -> list[Sighting]:
        """Sightings new with this picture; pictures that come too soon are let pass."""
        self.watch(at_s, size_px, view)
        early = self._looked_s is not None and at_s - self._looked_s >= 0
        if early and self.per_s and at_s - self._looked_s < 1 / self.per_s - 1e-3:
            return []
        self._looked_s = at_s
        classes = getattr(self, "classes", ANYTHING)
        mine = [track for track in tracks if track.confirmed and track.class_name in classes]
        return self.judge(mine, at_s, size_px, view)

    def watch(self, at_s: float, size_px: Size, view: View) -> None:
        """What must be read from every picture, also from those in which nothing moved."""

    def judge(self, tracks: list[Track], at_s: float, size_px: Size, view: View) -> list[Sighting]:
        """Sightings of these confirmed tracks, all of the classes that the rule looks at."""
        raise NotImplementedError

    def sees(self, track: Track, at_s: float, **more: Any) -> Sighting:
        """A sighting of this rule's kind."""
        return Sighting(self.name, self.kind, track, at_s, **({"lasting": self.lasting} | more))


def recall(memory: dict[int, T], number: int, fresh: T) -> T:
    """What is remembered of a track, `fresh` if nothing is; the oldest is forgotten."""
    if number not in memory:
        memory[number] = fresh
        if len(memory) > REMEMBERED:
            del memory[min(memory)]
    return memory[number]


def inside(point: Place, polygon: Zone) -> bool:
    """Whether the point lies in the polygon, by counting crossed edges."""
    x, y = point
    crossed = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossed = not crossed
    return crossed


def in_zone(foot: Place, zone: Zone, size_px: Size) -> bool:
    """Whether a foot (px) stands in a zone (fractions). No zone is the whole picture."""
    return not zone or inside((foot[0] / size_px[0], foot[1] / size_px[1]), zone)


def steady(track: Track, last: int = 5) -> Place:
    """The foot without its jitter: the median of its last places, px."""
    return middle(list(track.trail)[-last:])


def middle(trail: list[tuple[float, float, float]]) -> Place:
    """The median place of a trail (seconds, px, px)."""
    xs, ys = sorted(p[1] for p in trail), sorted(p[2] for p in trail)
    return xs[len(xs) // 2], ys[len(ys) // 2]


def known_as(track: Track, number: int) -> Track:
    """The track under the number that its event began with."""
    return track if track.id == number else dataclasses.replace(track, id=number)
