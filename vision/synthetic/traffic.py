"""Who moves on the junction, and how: car following, signals, and the ones who break the rules.

Source: the intelligent driver model (Treiber, Hennecke, Helbing 2000).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

STEP_S = 0.05
# Length, width, height in m; share of the traffic.
BODIES = {
    "car": (4.5, 1.8, 1.5), "motorcycle": (2.0, 0.8, 1.6), "truck": (7.5, 2.4, 2.9),
    "bus": (11.0, 2.5, 3.1), "person": (0.5, 0.5, 1.7),
}  # fmt: skip
MIX = (("car", 0.5), ("motorcycle", 0.36), ("truck", 0.1), ("bus", 0.04))
ACCELERATION, BRAKING, GAP_M, HEADWAY_S = 1.6, 2.5, 2.0, 1.2
GREEN_S, AMBER_S, RED_S = 17.0, 3.0, 18.0


@dataclass
class Mover:
    """One vehicle or person. `way` is +1 away from the camera, -1 towards it."""

    id: int
    body: str
    x: float
    y: float
    way: int
    wish_ms: float
    speed_ms: float
    lane: str
    obeys: bool = True
    halt_y: float | None = None  # where it will stand …
    halt_s: float = 0.0  # … and for how long
    halt_x: float | None = None  # aside of its lane
    halted_s: float = 0.0
    goals: list[tuple[float, float, float]] = field(default_factory=list)  # a person's: x, y, until

    @property
    def length(self) -> float:
        return BODIES[self.body][0]


@dataclass(frozen=True)
class State:
    """Where a mover is at one moment."""

    id: int
    body: str
    x: float
    y: float
    along: bool  # lengthwise along y
    speed_ms: float


def lamp(at_s: float) -> str:
    """The signal for those who drive away from the camera."""
    phase = at_s % (GREEN_S + AMBER_S + RED_S)
    if phase < GREEN_S:
        return "green"
    return "amber" if phase < GREEN_S + AMBER_S else "red"


@dataclass
class Junction:
    """Places in metres from the camera's pole; everything lies `near` or more ahead of it."""

    near: float
    plaza_m: float = 6.0  # how wide the plaza is

    @property
    def count_y(self) -> float:
        return self.near + 8

    @property
    def stop_y(self) -> float:
        return self.near + 17

    @property
    def plaza(self) -> tuple[float, float, float, float]:
        """x and y of its corners."""
        return PLAZA_X - self.plaza_m, self.near + 7, PLAZA_X, self.near + 15.5

    @property
    def far_y(self) -> float:
        return self.near + 62


LANES = {"n1": (2.0, 1), "n2": (5.4, 1), "m": (7.6, 1), "s1": (-2.0, -1), "s2": (-5.4, -1)}
PLAZA_X = -9.4  # its edge along the road; it reaches as far to the left as the lens sees
SHOULDER_X = 10.0
CROSS = {"w": (21.5, -1), "e": (27.5, 1)}  # y behind `near`, way along x


class Traffic:
    """Steps the junction. The same seed gives the same traffic."""

    def __init__(self, junction: Junction, seed: int, seconds: float) -> None:
        self.junction = junction
        self.rng = np.random.default_rng(seed)
        self.movers: list[Mover] = []
        self._next = 1
        self._due = self._schedule(seconds)

    def _schedule(self, seconds: float) -> list[tuple[float, Mover]]:
        """Who comes when, first to last."""
        due: list[tuple[float, Mover]] = []
        for lane in ("n1", "n2", "s1", "s2"):
            at = float(self.rng.uniform(0, 4))
            while at < seconds:
                due.append((at, self._vehicle(lane)))
                at += float(self.rng.exponential(5.0)) + 2.5
        cycle = GREEN_S + AMBER_S + RED_S
        for n in range(int(seconds // cycle) + 1):
            red = n * cycle + GREEN_S + AMBER_S
            for shift in (3.0, 9.0):
                if self.rng.random() < 0.75:
                    due.append(self._timed(red + shift + float(self.rng.uniform(0, 2)), runs=True))
            if self.rng.random() < 0.85:
                at = n * cycle + float(self.rng.uniform(4, 9))
                due.append((at, self._wrong()))
        for at in np.arange(6, seconds - 25, 26.0):
            due.append((float(at + self.rng.uniform(0, 6)), self._halting("s2", 14.0)))
        for n, at in enumerate(np.arange(4, seconds - 25, 17.0)):
            long = n % 2 == 0
            due.append(
                (
                    float(at + self.rng.uniform(0, 4)),
                    self._halting("n2", 15.0 if long else 3.5, SHOULDER_X),
                )
            )
        due += self._gatherings(seconds)
        for lane in CROSS:
            for n in range(int(seconds // cycle) + 1):
                at = n * cycle + GREEN_S + AMBER_S + 1
                due += [(at + 4.0 * k, self._crossing(lane)) for k in range(3)]
        return sorted([(at, m) for at, m in due if 0 <= at < seconds], key=lambda pair: pair[0])

    def _id(self) -> int:
        self._next += 1
        return self._next

    def _body(self) -> str:
        names, shares = zip(*MIX, strict=True)
        return str(self.rng.choice(names, p=shares))

    def _vehicle(self, lane: str, body: str | None = None) -> Mover:
        x, way = LANES[lane]
        y = self.junction.near - 14 if way > 0 else self.junction.far_y + 14
        wish = float(self.rng.uniform(8, 11.5))
        x += float(self.rng.normal(0, 0.2))
        return Mover(self._id(), body or self._body(), x, y, way, wish, wish, lane)

    def _timed(self, at_line_s: float, runs: bool) -> tuple[float, Mover]:
        """A vehicle of the narrow lane that passes the stop line at that moment."""
        body = str(self.rng.choice(["motorcycle", "car"], p=[0.7, 0.3]))
        mover = self._vehicle("m", body)
        mover.obeys = not runs
        return at_line_s - (self.junction.stop_y - mover.y) / mover.wish_ms, mover

    def _wrong(self) -> Mover:
        mover = self._vehicle("m", str(self.rng.choice(["motorcycle", "car"], p=[0.7, 0.3])))
        mover.way, mover.y, mover.lane = -1, self.junction.stop_y + 30, "wrong"
        mover.wish_ms = mover.speed_ms = float(self.rng.uniform(4, 8))
        return mover

    def _halting(self, lane: str, seconds: float, aside: float | None = None) -> Mover:
        mover = self._vehicle(lane, str(self.rng.choice(["car", "motorcycle", "truck"])))
        mover.halt_y = self.junction.near + float(self.rng.uniform(4, 12))
        mover.halt_s, mover.halt_x = seconds + float(self.rng.uniform(0, 3)), aside
        return mover

    def _crossing(self, lane: str) -> Mover:
        y, way = CROSS[lane]
        mover = Mover(
            self._id(), self._body(), -45.0 * way, self.junction.near + y, way, 9.0, 9.0, lane
        )
        mover.wish_ms = mover.speed_ms = float(self.rng.uniform(7, 10))
        return mover

    def _gatherings(self, seconds: float) -> list[tuple[float, Mover]]:
        """Groups on the plaza: every other one is large."""
        due = []
        for n, at in enumerate(np.arange(3, seconds - 35, 45.0)):
            x1, y1, x2, y2 = self.junction.plaza
            middle = self.rng.uniform(((x1 + x2) / 2, y1 + 3), ((x1 + x2) / 2, y2 - 3))
            reach = np.array([min(2.8, (x2 - x1) / 2 - 0.3), 3.0])
            until = float(at) + 30
            for _ in range(int(self.rng.integers(11, 15)) if n % 2 == 0 else 4):
                spot = middle + self.rng.uniform(-1, 1, 2) * reach
                begin = self.junction.near + 24
                person = Mover(self._id(), "person", float(spot[0]), begin, -1, 1.4, 0, "walk")
                person.goals = [(*spot, until), (PLAZA_X - 20, float(spot[1]), 1e9)]
                due.append((float(at + self.rng.uniform(0, 5)), person))
        return due

    def step(self, at_s: float) -> None:
        """Everybody a step on, to the moment `at_s`."""
        while self._due and self._due[0][0] <= at_s:
            mover = self._due[0][1]
            if not self._room(mover):
                self._due[0] = (at_s + 1.0, mover)
                self._due.sort(key=lambda pair: pair[0])
                break
            self.movers.append(self._due.pop(0)[1])
        for mover in self.movers:
            if mover.lane == "walk":
                self._walk(mover, at_s)
            elif mover.lane in CROSS:
                mover.x += mover.way * mover.speed_ms * STEP_S
            else:
                self._drive(mover, at_s)
        self.movers = [m for m in self.movers if self._about(m)]

    def _room(self, mover: Mover) -> bool:
        return all(
            m.lane != mover.lane or abs(m.y - mover.y) > 12 for m in self.movers
        ) or mover.lane in ("walk", *CROSS)

    def _about(self, m: Mover) -> bool:
        return abs(m.x) < 60 and self.junction.near - 16 < m.y < self.junction.far_y + 16

    def _drive(self, m: Mover, at_s: float) -> None:
        gap, closing = self._ahead(m, at_s)
        wanted = GAP_M + max(
            0.0,
            m.speed_ms * HEADWAY_S + m.speed_ms * closing / (2 * math.sqrt(ACCELERATION * BRAKING)),
        )
        push = ACCELERATION * (1 - (m.speed_ms / m.wish_ms) ** 4 - (wanted / max(gap, 0.3)) ** 2)
        m.speed_ms = max(0.0, m.speed_ms + max(push, -7.0) * STEP_S)
        m.y += m.way * m.speed_ms * STEP_S
        if m.halt_y is not None:
            self._halt(m)

    def _halt(self, m: Mover) -> None:
        if m.halt_x is not None and m.halted_s < m.halt_s:
            left = max(m.way * (m.halt_y - m.y), 0.0)
            if left < 9 and m.speed_ms > 0.3:  # pulls over
                m.x += (m.halt_x - m.x) * min(
                    1.0, 2.0 * m.speed_ms / 9 * STEP_S * 9 / max(left, 1.0)
                )
        if m.speed_ms < 0.15 and m.way * (m.halt_y - m.y) < 3.5:
            m.halted_s += STEP_S
            if m.halted_s >= m.halt_s:
                m.halt_y = None
                m.obeys = m.obeys and m.halt_x is None  # on the shoulder no line holds it

    def _ahead(self, m: Mover, at_s: float) -> tuple[float, float]:
        """Metres to whatever is in the way, and how fast it comes nearer."""
        found = [(200.0, 0.0)]
        for other in self.movers:
            if other is m or other.lane in ("walk", *CROSS) or other.way != m.way:
                continue
            if abs(other.x - m.x) < 1.6 and m.way * (other.y - m.y) > 0:
                gap = m.way * (other.y - m.y) - (m.length + other.length) / 2
                found.append((gap, m.speed_ms - other.speed_ms))
        if m.way > 0 and m.obeys and lamp(at_s) != "green":
            left = self.junction.stop_y - 1.0 - (m.y + m.length / 2)
            if left > -0.5 and (m.speed_ms**2 / (2 * 3.5) < left or m.speed_ms < 1):
                found.append((left + GAP_M, m.speed_ms))
        if m.halt_y is not None:
            found.append((m.way * (m.halt_y - m.y) + GAP_M, m.speed_ms))
        return min(found)

    def _walk(self, m: Mover, at_s: float) -> None:
        x, y, until = m.goals[0]
        left = math.hypot(x - m.x, y - m.y)
        if left > 0.1:
            stride = min(1.4 * STEP_S, left)
            m.x, m.y = m.x + (x - m.x) * stride / left, m.y + (y - m.y) * stride / left
        m.speed_ms = 1.4 if left > 0.1 else 0.0
        if at_s > until:
            m.goals.pop(0)

    def states(self) -> list[State]:
        """Where everybody is now."""
        return [State(m.id, m.body, m.x, m.y, m.lane not in CROSS, m.speed_ms) for m in self.movers]


def simulate(junction: Junction, seed: int, seconds: float, per_s: float) -> list[list[State]]:
    """The states at each picture, `per_s` a second."""
    traffic, told, at = Traffic(junction, seed, seconds), [], 0.0
    for frame in range(round(seconds * per_s)):
        while at < frame / per_s - 1e-9:
            at += STEP_S
            traffic.step(at)
        told.append(traffic.states())
    return told
