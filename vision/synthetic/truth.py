"""What truly happened on a junction, and how well a line of work told it.

The trajectories decide. Either answer is right only where a person who looks at the pictures could
not say either: a lamp about to change, a dwell or a crowd at its limit or at the zone's border,
what stands across that border, what is covered while it stands or gathers, what the clip ends
before. What is hidden while it crosses a line is asked for all the same: it is seen before and
behind. A crossing is told in time until the foot is `CLEAR_M` beyond, for some halt upon the line.
Standing is what the rule's form calls so: not to leave its place by 3 % of the picture's height.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from vision.findings import Finding
from vision.synthetic.clip import PEOPLE, SECONDS, SHOULDER, Clip
from vision.synthetic.traffic import BODIES, State

UNSURE_S = 1.5  # a dwell so near its limit is neither asked for nor held against anybody
STILL = 0.03
CLEAR_M = 2.5
LATE_S = 4.0
NEAR_M = 6.0
NO_IDEA_M = 30.0  # told from outside the control points, by the wedge: then the picture decides
ASIDE = 0.1  # of its width and height
LINE_END = 8.6  # x of the stop line's right end, m


@dataclass(frozen=True)
class Event:
    """One thing that happened between two moments; `sure` is False where either answer is right."""

    kind: str
    who: int
    from_s: float
    to_s: float
    direction: str = ""
    sure: bool = True


@dataclass
class Score:
    """Counts of one kind, over any number of clips."""

    right: int = 0
    missed: int = 0
    false: int = 0
    errors_m: list[float] = field(default_factory=list)
    held: int = 0  # of `errors_m`, how many are within the error told

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    def plus(self, other: Score) -> None:
        for name in ("right", "missed", "false", "held"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors_m += other.errors_m


def events(clip: Clip) -> list[Event]:
    """Everything that the clip's rules ask about, from the trajectories."""
    ways: dict[int, list[tuple[int, State]]] = defaultdict(list)
    for frame, states in enumerate(clip.states):
        for state in states:
            ways[state.id].append((frame, state))
    found = []
    for who, way in ways.items():
        if way[0][1].body != "person" and way[0][1].along:
            found += _crossings(clip, who, way) + _against(clip, who, way)
            found += _stays(clip, who, way)
    return found + _crowds(clip)


def _crossings(clip: Clip, who: int, way: list) -> list[Event]:
    found, junction, per_s = [], clip.junction, clip.setting.per_s
    long, wide, _ = BODIES[way[0][1].body]
    half = long / 2
    last_s = way[-1][0] / per_s
    feet = np.array([s.y - half for _, s in way]) - junction.count_y
    for i in np.flatnonzero((feet[:-1] * feet[1:] <= 0) & (feet[:-1] != feet[1:])):
        up = feet[i + 1] > feet[i]
        clear = np.flatnonzero((feet[i:] if up else -feet[i:]) > CLEAR_M)
        at_s, clear_s = (way[j][0] / per_s for j in (i, i + clear[0] if len(clear) else -1))
        found.append(
            Event(
                "line", who, at_s, max(at_s + 1, clear_s), "up" if up else "down", bool(len(clear))
            )
        )
    for (f0, a), (_f1, b) in zip(way, way[1:], strict=False):
        # Who passes beside the line's end with a part of the body over it is not asked for.
        if a.y + half < junction.stop_y <= b.y + half and 0 < a.x < max(9, LINE_END + wide / 2):
            # Sure only well within the red: the legal line is the front, the camera sees the rear.
            around = range(f0 - round(1.2 * per_s), f0 + round(2.0 * per_s) + 1)
            reds = [clip.lamp(max(0, f)) == "red" for f in around]
            sure = all(reds) and last_s >= around[-1] / per_s and a.x < 9
            if any(reds):
                found.append(Event("red_light", who, f0 / per_s, f0 / per_s + 3, sure=sure))
    return found


def _against(clip: Clip, who: int, way: list) -> list[Event]:
    near, per_s = clip.junction.near, clip.setting.per_s
    inside = [(f, s) for f, s in way if 0.5 < s.x < 8.5 and near + 1.5 < s.y < near + 16]
    if len(inside) < 2 or inside[0][1].y - inside[-1][1].y < 3:
        return []
    sure = inside[0][1].y - inside[-1][1].y > 8
    return [Event("wrong_way", who, inside[0][0] / per_s, inside[-1][0] / per_s, sure=sure)]


def _stays(clip: Clip, who: int, way: list) -> list[Event]:
    """Runs of hardly moving; sure where it truly stood for long enough, well inside a zone."""
    near, per_s, found = clip.junction.near, clip.setting.per_s, []
    run: list[tuple[int, State]] = []
    for f, s in [*way, (way[-1][0] + 1, None)]:
        if s is not None and s.speed_ms < 0.6:
            run.append((f, s))
            continue
        if run:
            first, last = run[0][1], run[-1][1]
            lasted = _here(clip, way, run) / per_s
            stood = sum(s.speed_ms < 0.1 for _, s in run) / per_s
            long, wide, _ = BODIES[first.body]
            # The rule looks at the near edge of the body: that may be in the zone, or over it.
            zone = _zone_at(last.x, last.y, near) or _zone_at(last.x, last.y - long / 2, near)
            if zone and lasted > SECONDS[zone] - UNSURE_S:
                inside = near + 1.5 + long < last.y < near + 16
                if zone == "no_parking":
                    inside = inside and SHOULDER[0] < last.x - wide / 2
                sure = stood > SECONDS[zone] + UNSURE_S and inside
                sure = sure and _visible(clip, who, [f for f, _ in run])
                found.append(Event(zone, who, run[0][0] / per_s, run[-1][0] / per_s, sure=sure))
        run = []
    return found


def _here(clip: Clip, way: list, run: list[tuple[int, State]]) -> int:
    """In how many pictures, one after the other, its foot was where it then stood."""
    feet = np.array([[s.x, s.y - BODIES[s.body][0] / 2] for _, s in way])
    feet = clip.lens.fractions(feet) * clip.setting.size_px
    begin, end = run[0][0] - way[0][0], run[-1][0] - way[0][0]
    off = np.hypot(*(feet - feet[(begin + end) // 2]).T) > STILL * clip.setting.size_px[1]
    before, after = np.flatnonzero(off[:begin]), np.flatnonzero(off[end:])
    left = end + after[0] if len(after) else len(way)
    return int(left - (before[-1] + 1 if len(before) else 0))


def _visible(clip: Clip, number: int, frames: list[int]) -> bool:
    """Whether a camera could see it in four of five of these pictures: no camera looks through."""
    seen, sample = 0, frames[:: max(1, len(frames) // 20)]
    for frame in sample:
        who, _, covered = clip.boxes(frame)
        seen += any(
            s.id == number and c < clip.setting.noise.hidden
            for s, c in zip(who, covered, strict=True)
        )
    return seen >= 0.8 * len(sample)


def _zone_at(x: float, y: float, near: float) -> str:
    if not near + 0.5 < y < near + 20:
        return ""
    if -8.5 < x < 0:
        return "stopped"
    return "no_parking" if SHOULDER[0] - 0.9 < x < SHOULDER[1] + 1 else ""


def _crowds(clip: Clip) -> list[Event]:
    """Runs of pictures with so many people on the plaza; sure where so many can be seen."""
    per_s = clip.setting.per_s
    x1, y1, x2, y2 = clip.junction.plaza

    def there(s: State) -> bool:
        return s.body == "person" and x1 - 0.5 < s.x < x2 + 0.7 and y1 - 1.5 < s.y < y2 + 1

    counts = np.array([sum(map(there, states)) for states in clip.states])
    found = []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], counts >= PEOPLE - 1, [0]])))
    for begin, end in edges.reshape(-1, 2):
        seen = 0
        for frame in range(begin, end):
            who, _, covered = clip.boxes(frame)
            visible = [
                s for s, c in zip(who, covered, strict=True) if c < clip.setting.noise.hidden
            ]
            seen += sum(map(there, visible)) > PEOPLE
        sure = seen / per_s > SECONDS["crowd"] + 2 * UNSURE_S
        found.append(Event("crowd", 0, begin / per_s, end / per_s, sure=sure))
    return found


def score(clip: Clip, told: Iterable[tuple[float, Finding]]) -> dict[str, Score]:
    """How the findings, each with its moment in seconds, stand beside the truth, by kind."""
    truth = events(clip)
    scores: dict[str, Score] = {
        kind: Score() for kind in ("line", *sorted({e.kind for e in truth} - {"line"}))
    }
    met: set[Event] = set()
    for at_s, finding in told:
        sighting = finding.sighting
        mine = scores.setdefault(sighting.kind, Score())
        fits = [
            (*apart, event) for event in truth
            if event.kind == sighting.kind and event not in met
            and (not event.direction or event.direction == sighting.direction)
            and (apart := _apart(clip, event, at_s, finding)) is not None
        ]  # fmt: skip
        if not fits:
            mine.false += 1
            continue
        _off, away, event = min(fits, key=lambda fit: fit[0])
        met.add(event)
        mine.right += event.sure
        if event.who and finding.fix.error_m < NO_IDEA_M:
            mine.errors_m.append(away)
            mine.held += away <= finding.fix.error_m
    for event in truth:
        scores[event.kind].missed += event.sure and event not in met
    return scores


def _apart(clip: Clip, event: Event, at_s: float, finding: Finding) -> tuple[float, float] | None:
    """How far a finding's box is from the truth's (px an edge), and its place on the ground (m).

    None where it cannot be about this event. Whom it is about the picture tells, also where
    there is no control point and the place on the ground says nothing: by all edges of the box,
    for who stands close before another has the foot nearer to the other's.
    """
    if not event.from_s - 1 <= at_s <= event.to_s + LATE_S:
        return None
    if not event.who:
        return 0.0, 0.0
    frame = min(round(at_s * clip.setting.per_s), len(clip.states) - 1)
    for state in clip.states[frame]:
        if state.id == event.who:
            away = float(np.hypot(*np.subtract((state.x, state.y), clip.place(*finding.fix[:2]))))
            foot = clip.lens.fractions(np.array([[state.x, state.y - _depth(state) / 2]]))[0]
            left, _top, right, bottom = finding.box
            aside = float(np.hypot(*(np.clip(foot, 0, 1) - ((left + right) / 2, bottom))))
            if away > NEAR_M and (finding.fix.error_m < NO_IDEA_M or aside > ASIDE):
                return None
            edges = np.array(finding.box) * [*clip.setting.size_px, *clip.setting.size_px]
            return float(np.abs(clip.box(state) - edges).mean()), away
    return None


def _depth(state: State) -> float:
    """Metres from the near to the far end of a body."""
    length, width, _height = BODIES[state.body]
    return length if state.along else width
