"""What truly happened on a junction, and how well a line of work told it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from vision.findings import Finding
from vision.synthetic.clip import PEOPLE, SECONDS, SHOULDER, Clip
from vision.synthetic.traffic import BODIES, PLAZA, State

UNSURE_S = 1.5  # a dwell so near its limit is neither asked for nor held against anybody
LATE_S = 4.0
NEAR_M = 6.0


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
    for (f0, a), (_f1, b) in zip(way, way[1:], strict=False):
        if (a.y - junction.count_y) * (b.y - junction.count_y) <= 0 and a.y != b.y:
            found.append(Event("line", who, f0 / per_s, f0 / per_s, "up" if b.y > a.y else "down"))
        half = BODIES[a.body][0] / 2
        if a.y + half < junction.stop_y <= b.y + half and 0 < a.x < 9:
            red = all(clip.lamp(max(0, f0 - n)) == "red" for n in range(round(1.2 * per_s)))
            if red:
                found.append(Event("red_light", who, f0 / per_s, f0 / per_s + 2))
            elif (
                clip.lamp(f0) == "red"
                or clip.lamp(min(f0 + round(per_s), len(clip.states))) == "red"
            ):
                found.append(Event("red_light", who, f0 / per_s, f0 / per_s + 2, sure=False))
    return found


def _against(clip: Clip, who: int, way: list) -> list[Event]:
    near, per_s = clip.junction.near, clip.setting.per_s
    inside = [(f, s) for f, s in way if 0.5 < s.x < 8.5 and near + 1.5 < s.y < near + 16]
    if len(inside) < 2 or inside[0][1].y - inside[-1][1].y < 3:
        return []
    sure = inside[0][1].y - inside[-1][1].y > 8
    return [Event("wrong_way", who, inside[0][0] / per_s, inside[-1][0] / per_s, sure=sure)]


def _stays(clip: Clip, who: int, way: list) -> list[Event]:
    near, per_s, found = clip.junction.near, clip.setting.per_s, []
    run: list[tuple[int, State]] = []
    for f, s in [*way, (way[-1][0] + 1, None)]:
        if s is not None and s.speed_ms < 0.15:
            run.append((f, s))
            continue
        if run:
            x, y, lasted = run[0][1].x, run[0][1].y, (run[-1][0] - run[0][0]) / per_s
            zone = _zone_at(x, y, near)
            if zone and lasted > SECONDS[zone] - UNSURE_S:
                # The rule looks at the near edge of the body and may place it over the border.
                reach = BODIES[run[0][1].body][0]
                sure = lasted > SECONDS[zone] + UNSURE_S and near + 1.5 + reach < y < near + 16
                found.append(Event(zone, who, run[0][0] / per_s, run[-1][0] / per_s, sure=sure))
        run = []
    return found


def _zone_at(x: float, y: float, near: float) -> str:
    if not near + 0.5 < y < near + 20:
        return ""
    if -8.5 < x < 0:
        return "stopped"
    return "no_parking" if SHOULDER[0] - 0.9 < x < SHOULDER[1] + 1 else ""


def _crowds(clip: Clip) -> list[Event]:
    """Runs of pictures with so many people on the plaza; one or two below it is unsure."""
    near, per_s = clip.junction.near, clip.setting.per_s
    left, right = PLAZA[0] - 1, PLAZA[1] + 0.8

    def counted(s: State) -> bool:
        return s.body == "person" and left < s.x < right and near + 3 < s.y < near + 17

    counts = np.array([sum(map(counted, states)) for states in clip.states])
    found = []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], counts >= PEOPLE - 1, [0]])))
    for begin, end in edges.reshape(-1, 2):
        enough = (counts[begin:end] >= PEOPLE + 3).sum() / per_s
        sure = enough > SECONDS["crowd"] + 2 * UNSURE_S
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
        where = clip.place(finding.fix.lon, finding.fix.lat)
        fits = [
            (away, event) for event in truth
            if event.kind == sighting.kind and event not in met
            and (not event.direction or event.direction == sighting.direction)
            and (away := _apart(clip, event, at_s, where)) is not None
        ]  # fmt: skip
        if not fits:
            mine.false += 1
            continue
        away, event = min(fits, key=lambda pair: pair[0])
        met.add(event)
        mine.right += event.sure
        if event.who:
            mine.errors_m.append(away)
            mine.held += away <= finding.fix.error_m
    for event in truth:
        scores[event.kind].missed += event.sure and event not in met
    return scores


def _apart(clip: Clip, event: Event, at_s: float, where: tuple[float, float]) -> float | None:
    """Metres between a finding and the truth; None where it cannot be about this event."""
    if not event.from_s - 1 <= at_s <= event.to_s + LATE_S:
        return None
    if not event.who:
        return 0.0
    frame = min(round(at_s * clip.setting.per_s), len(clip.states) - 1)
    for state in clip.states[frame]:
        if state.id == event.who:
            away = float(np.hypot(state.x - where[0], state.y - where[1]))
            return away if away <= NEAR_M else None
    return None
