"""Synthetic boats with a known day: true paths at every minute, heard at a cadence. For tests."""

from dataclasses import dataclass, field

import numpy as np

from vessels.science.stops import Port
from vessels.science.tracks import KNOT_MPS, Track, degree_m, distance_m, track

T0 = 1_760_000_400.0
HOUR = 3600.0
PORT = Port("thuan-an", 107.63, 16.56)
STEP_S = 60.0


@dataclass
class Boat:
    """A path laid leg by leg, and what happened on it: (kind, start, end) in epoch seconds."""

    rng: np.random.Generator
    lon: float
    lat: float
    t: float = T0
    rows: list[tuple[float, float, float, float, float]] = field(default_factory=list)
    happened: list[tuple[str, float, float]] = field(default_factory=list)

    def move(self, knots: float, course: float, hours: float, *, sway_deg: float = 3.0) -> None:
        """Go on at a speed and about a course."""
        for _ in range(int(hours * HOUR / STEP_S)):
            now = course + self.rng.normal(0, sway_deg)
            angle, metres = np.radians(now), knots * KNOT_MPS * STEP_S
            east_m, north_m = degree_m(self.lat)
            self.lon += float(np.sin(angle) * metres / east_m)
            self.lat += float(np.cos(angle) * metres / north_m)
            self.t += STEP_S
            self.rows.append((self.t, self.lon, self.lat, knots, now % 360))

    def to(self, lon: float, lat: float, knots: float) -> None:
        """Go straight to a place."""
        east_m, north_m = degree_m((self.lat + lat) / 2)
        course = np.degrees(np.arctan2((lon - self.lon) * east_m, (lat - self.lat) * north_m))
        metres = float(distance_m(self.lon, self.lat, lon, lat))
        self.move(knots, float(course), metres / (knots * KNOT_MPS) / HOUR, sway_deg=0.5)

    def during(self, kind: str, act, *args, **kwargs) -> None:
        """Do something that should be found."""
        start = self.t
        act(*args, **kwargs)
        self.happened.append((kind, start, self.t))

    def fish(self, hours: float, knots: float = 3.0) -> None:
        """Trawl to and fro."""
        for k in range(int(hours)):
            self.move(knots, 40 + 180 * (k % 2), 1.0, sway_deg=12)

    def drift(self, hours: float, knots: float = 0.6, course: float = 200.0) -> None:
        """Drift with the current."""
        self.move(knots, course, hours, sway_deg=8)

    def lie(self, hours: float) -> None:
        """Lie in port."""
        self.move(0.0, 0.0, hours)

    def heard(self, interval_s: float, *, noise_m: float = 8.0, lost: float = 0.1) -> Track:
        """The track as reported about every ``interval_s``, a share lost, with the fixes' noise."""
        path = np.array(self.rows)
        rng = np.random.default_rng([int(abs(sum(path[-1]))), int(interval_s)])
        t = np.arange(path[0, 0] + rng.uniform(0, interval_s), path[-1, 0], interval_s)
        t = np.sort(t + rng.uniform(-0.05, 0.05, len(t)) * interval_s)[rng.random(len(t)) >= lost]
        at = np.clip(np.searchsorted(path[:, 0], t), 0, len(path) - 1)
        east_m, north_m = degree_m(path[at, 2])
        lon = np.interp(t, path[:, 0], path[:, 1]) + rng.normal(0, noise_m, len(t)) / east_m
        lat = np.interp(t, path[:, 0], path[:, 2]) + rng.normal(0, noise_m, len(t)) / north_m
        knots = np.maximum(0, path[at, 3] + rng.normal(0, 0.1, len(t)) * (path[at, 3] > 0))
        return track(t, lon, lat, knots.round(1), path[at, 4].round(1), 1)


def quiet(seed: int) -> Boat:
    """Out of port, across the bay and home again, with nothing to find but the port."""
    rng = np.random.default_rng(seed)
    boat = Boat(rng, PORT.lon, PORT.lat, T0 + rng.uniform(0, 4 * HOUR))
    boat.during("visit", boat.lie, 8)
    out = rng.uniform(20, 80)
    boat.move(8, out, rng.uniform(5, 9))
    boat.move(7.5, out + 90, rng.uniform(2, 5))
    boat.to(PORT.lon, PORT.lat, 8)
    boat.during("visit", boat.lie, 9)
    return boat


def trip(seed: int, kind: str, hours: float) -> Boat:
    """Out of port, hours of fishing or drifting far out, and home."""
    rng = np.random.default_rng(seed)
    boat = Boat(rng, PORT.lon, PORT.lat, T0 + rng.uniform(0, 4 * HOUR))
    boat.during("visit", boat.lie, 8)
    boat.move(8, rng.uniform(20, 80), rng.uniform(5, 9))
    boat.during(kind, boat.fish if kind == "fishing" else boat.drift, hours)
    boat.to(PORT.lon, PORT.lat, 8)
    boat.during("visit", boat.lie, 9)
    return boat


def meeting(seed: int, hours: float, apart_m: float = 200.0) -> tuple[Boat, Boat]:
    """Two boats that come together far out, drift side by side, and part.

    Each seed has a sea of its own: other pairs are 10 km away.
    """
    rng = np.random.default_rng(seed)
    lon, lat = PORT.lon + 0.6 + seed // 10 % 10 * 0.1, PORT.lat + 0.3 + seed % 10 * 0.1
    pair = []
    for side in (0.0, apart_m):
        boat = Boat(np.random.default_rng([seed, int(side)]), lon + rng.uniform(0.3, 0.8),
                    lat + rng.uniform(-0.6, 0.6))  # fmt: skip
        boat.to(lon + side / 107_000, lat, 8)
        pair.append(boat)
    late = max(boat.t for boat in pair)
    for boat in pair:
        shift = late - boat.t  # so that both arrive at once
        boat.rows = [(t + shift, *rest) for t, *rest in boat.rows]
        boat.t = late
        boat.during("encounter", boat.drift, hours)
        boat.move(8, boat.rng.uniform(0, 360), 5)
    return pair[0], pair[1]
