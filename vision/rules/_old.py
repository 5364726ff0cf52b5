"""What is worth saying about confirmed tracks, declared as data on the camera.

A rule is asked with the tracks of each picture and answers sightings: each (rule, track) once.
Places in a picture are fractions of its width and height, so a changed stream size moves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vision.detectors.coco import ROAD_USERS
from vision.rules.sighting import NOTHING_ELSE, Rule, Sighting, Size, View

if TYPE_CHECKING:
    from vision.tracker import Track

ANYTHING = (*ROAD_USERS, "moving")


@dataclass
class Memory:
    """What a rule knows of one track: where it began and on which side of the line it was."""

    start: tuple[float, float]
    side: int = 0
    since_s: float = 0.0
    moved: bool = False
    done: bool = False


REMEMBERED = 500  # tracks a rule; older numbers never come back


def _recall(memory: dict[int, Memory], track: Track, fresh: Memory) -> Memory:
    if track.id not in memory:
        memory[track.id] = fresh
        if len(memory) > REMEMBERED:
            del memory[min(memory)]
    return memory[track.id]


@dataclass
class LineCount:
    """Counts feet that cross a line, each track once, in the direction named.

    "down" is towards the right of somebody who walks the line from its start to its end. A foot
    must come from `margin` on one side to `margin` on the other and have come `travel` in all;
    both are fractions of the picture's height. `wrong` names a direction nobody may take.
    """

    name: str
    line: tuple[float, float, float, float]
    classes: tuple[str, ...] = ANYTHING
    margin: float = 0.02
    travel: float = 0.08
    wrong: str = ""
    _memory: dict[int, Memory] = field(default_factory=dict)

    def look(
        self, tracks: Iterable[Track], at_s: float, size_px: Size, view: View = NOTHING_ELSE
    ) -> list[Sighting]:
        sightings = []
        for track in tracks:
            if track.class_name not in self.classes:
                continue
            _, x, y = track.trail[0]  # it began before it was confirmed
            known = _recall(self._memory, track, Memory((x, y), self._beside((x, y), size_px)[0]))
            if known.done or not (direction := self._crossed(known, track.foot, size_px)):
                continue
            known.done = True
            wrong = bool(self.wrong) and direction == self.wrong
            kind = "wrong_way" if wrong else "line"
            sightings.append(Sighting(self.name, kind, track, at_s, direction, notable=wrong))
        return sightings

    def _crossed(self, known: Memory, foot: tuple[float, float], size_px: Size) -> str:
        side, along = self._beside(foot, size_px)
        if side == 0:
            return ""
        before, known.side = known.side, side
        far_enough = math.dist(foot, known.start) >= self.travel * size_px[1]
        # Judged a little generously at the ends: the foot is seen only after the crossing.
        if before in (0, side) or not far_enough or not -0.05 <= along <= 1.05:
            return ""
        return "down" if side > 0 else "up"

    def _beside(self, foot: tuple[float, float], size_px: Size) -> tuple[int, float]:
        """1 right of somebody who walks the line, -1 left, 0 too near; and how far along it."""
        width, height = size_px
        x1, y1, x2, y2 = self.line
        dx, dy = (x2 - x1) * width, (y2 - y1) * height
        x, y = foot[0] - x1 * width, foot[1] - y1 * height
        length = math.hypot(dx, dy)
        away = (dx * y - dy * x) / length  # y points down, so positive is to the right
        side = 0 if abs(away) < self.margin * height else int(math.copysign(1, away))
        return side, (dx * x + dy * y) / length**2


@dataclass
class Stopped:
    """A vehicle inside the zone whose foot stays within `still` of the height for `seconds`.

    A car that already stood there when the watch began is let be: nobody saw it stop.
    """

    name: str
    zone: tuple[tuple[float, float], ...]
    seconds: float = 30.0
    classes: tuple[str, ...] = ANYTHING
    still: float = 0.03
    _memory: dict[int, Memory] = field(default_factory=dict)

    def look(
        self, tracks: Iterable[Track], at_s: float, size_px: Size, view: View = NOTHING_ELSE
    ) -> list[Sighting]:
        width, height = size_px
        sightings = []
        for track in tracks:
            known = _recall(self._memory, track, Memory(track.foot, since_s=at_s))
            if math.dist(track.foot, known.start) > self.still * height:
                self._memory[track.id] = Memory(track.foot, since_s=at_s, moved=True)
                continue
            stands = known.moved and at_s - known.since_s >= self.seconds
            if known.done or not stands or track.class_name not in self.classes:
                continue
            if inside((track.foot[0] / width, track.foot[1] / height), self.zone):
                known.done = True
                sightings.append(Sighting(self.name, "stopped", track, at_s, notable=True))
        return sightings


def inside(point: tuple[float, float], polygon: tuple[tuple[float, float], ...]) -> bool:
    """Whether the point lies in the polygon, by counting crossed edges."""
    x, y = point
    crossed = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossed = not crossed
    return crossed


ACROSS = ({"kind": "line", "name": "across", "line": [0.0, 0.6, 1.0, 0.6]},)
"""For a trial on a camera that has no rules yet: whatever crosses the lower middle."""

KINDS: dict[str, type[LineCount] | type[Stopped]] = {"line": LineCount, "stopped": Stopped}


def from_data(declared: Iterable[Mapping[str, Any]]) -> list[Rule]:
    """Rules from a camera's declaration: `[{"kind": "line", "name": …, "line": [x1,y1,x2,y2]}]`.

    Raises ValueError, in words for the person who wrote it, for anything that cannot be followed.
    """
    rules: list[Rule] = []
    for entry in declared:
        values = dict(entry)
        kind = values.pop("kind", None)
        if kind not in KINDS:
            raise ValueError(f"unknown kind of rule {kind!r}; known: {', '.join(KINDS)}")
        allowed = {key for key in KINDS[kind].__dataclass_fields__ if not key.startswith("_")}
        if unknown := set(values) - allowed:
            raise ValueError(f"rule {kind} does not know {', '.join(sorted(unknown))}")
        rules.append(_checked(kind, values))
    if len({rule.name for rule in rules}) != len(rules):
        raise ValueError("two rules of one camera have the same name")
    return rules


def _checked(kind: str, values: dict[str, Any]) -> Rule:
    name = values.get("name")
    if not isinstance(name, str) or not name or len(name) > 40:
        raise ValueError("each rule needs a name of at most 40 characters")
    if kind == "line":
        values["line"] = tuple(_fractions(values.get("line"), 4, name))
        x1, y1, x2, y2 = values["line"]
        if math.hypot(x2 - x1, y2 - y1) < 0.02:
            raise ValueError(f"the line of {name} is too short")
        if values.get("wrong", "") not in ("", "up", "down"):
            raise ValueError(f"the wrong way of {name} is up or down")
    else:
        corners = values.get("zone")
        if not isinstance(corners, list | tuple) or len(corners) < 3:
            raise ValueError(f"the zone of {name} needs three corners or more")
        values["zone"] = tuple(tuple(_fractions(corner, 2, name)) for corner in corners)
    if "classes" in values:
        values["classes"] = tuple(values["classes"])
    return KINDS[kind](**values)


def _fractions(values: Any, count: int, name: str) -> list[float]:
    good = (
        isinstance(values, list | tuple)
        and len(values) == count
        and all(isinstance(v, int | float) and 0 <= v <= 1 for v in values)
    )
    if not good:
        raise ValueError(f"{name}: expected {count} fractions of the picture, 0 to 1")
    return [float(v) for v in values]
