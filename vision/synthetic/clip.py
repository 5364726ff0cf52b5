"""A clip of the junction: pictures, what is true of them, and the camera that would watch it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry import box as rectangle

from geo.crs import to_lonlat, to_metric
from vision.detectors import Detections, Picture
from vision.synthetic.draw import Painter, cuboid, stamped
from vision.synthetic.lens import Lens
from vision.synthetic.traffic import PLAZA_X, Junction, State, lamp, simulate

POLE = (107.585, 16.468)
SHOULDER = (8.7, 12.0)
SECONDS = {"stopped": 6.0, "no_parking": 8.0, "crowd": 5.0}
PEOPLE = 7


@dataclass(frozen=True)
class Noise:
    """How badly the detector and the person with the control points do; stated with every score."""

    jitter_px: float = 1.0  # of each edge of a box, standard deviation …
    jitter_share: float = 0.02  # … and of the box's size
    missed: float = 0.05  # of what is visible
    hidden: float = 0.65  # what is covered so far is not seen
    ghosts: float = 0.05  # boxes a picture about nothing
    confused: float = 0.05  # of the class words
    clicked_px: float = 1.0  # control points in the picture …
    clicked_m: float = 0.3  # … and on the map


@dataclass(frozen=True)
class Setting:
    """Everything that decides a clip."""

    seed: int = 1
    seconds: float = 60.0
    per_s: float = 10.0
    height_m: float = 9.0
    fov_deg: float = 70.0
    aside_m: float = 0.0
    size_px: tuple[int, int] = (960, 540)
    grain: float = 8.0
    noise: Noise = field(default_factory=Noise)


class Clip:
    """One rendered junction."""

    def __init__(self, setting: Setting, srid: int) -> None:
        self.setting, self.srid = setting, srid
        self.lens = Lens(setting.height_m, setting.fov_deg, setting.aside_m, setting.size_px)
        near = self.lens.nearest_m
        wide = PLAZA_X - self.lens.left_m(near + 7) - 0.5
        self.junction = Junction(near, float(np.clip(wide, 2.5, 7.0)))
        self.states = simulate(self.junction, setting.seed, setting.seconds, setting.per_s)
        self._origin = to_metric(*POLE, srid)

    @cached_property
    def painter(self) -> Painter:
        return Painter(self.lens, self.junction, self.setting.grain, self.setting.seed)

    def lamp(self, frame: int) -> str:
        return lamp(frame / self.setting.per_s)

    def picture(self, frame: int) -> Picture:
        return self.painter.picture(self.states[frame], self.lamp(frame), frame)

    def pictures(self) -> Iterator[Picture]:
        return (self.picture(frame) for frame in range(len(self.states)))

    def lonlat(self, x: float, y: float) -> tuple[float, float]:
        return to_lonlat(self._origin[0] + x, self._origin[1] + y, self.srid)

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Metres from the pole of a place on the map."""
        east, north = to_metric(lon, lat, self.srid)
        return east - self._origin[0], north - self._origin[1]

    def boxes(self, frame: int) -> tuple[list[State], NDArray[np.float64], NDArray[np.float64]]:
        """Who is in the picture, nearest first; boxes xyxy px (n, 4); the share covered (n,)."""
        who, found = [], []
        for state in sorted(self.states[frame], key=lambda s: s.y):
            if cuboid(state)[:, 1].min() < self.lens.nearest_m * 0.5:
                continue
            whole, box = self._whole(state), self.box(state)
            size, full = (v[2:] - v[:2] for v in (box, whole))
            if size.min() >= 6 and size.prod() >= 0.5 * full.prod():
                who.append(state)
                found.append(box)
        xyxy = np.array(found).reshape(-1, 4)
        return who, xyxy, _covered(xyxy)

    def box(self, state: State) -> NDArray[np.float64]:
        """What of a body the picture shows, xyxy px, whatever stands before it."""
        return np.clip(self._whole(state), 0, [*self.setting.size_px] * 2)

    def _whole(self, state: State) -> NDArray[np.float64]:
        spots = self.lens.project(cuboid(state))[:, :2]
        return np.concatenate([spots.min(0), spots.max(0)])

    def control_points(self) -> list[dict[str, float]]:
        """Nine pairs reaching from the near edge to behind the junction, clicked with noise."""
        rng = np.random.default_rng(self.setting.seed + 1000)
        near, noise = self.junction.near, self.setting.noise
        ground = [(x, y) for y in (near + 1.5, near + 14, near + 38) for x in (-1.0, 0.0, 1.0)]
        points = []
        for side, y in ground:
            reach = 0.88 * (self.lens.aside_m - self.lens.left_m(y))
            x = self.lens.aside_m + side * min(reach, 19.0)
            clicked = np.array([[x, y]])
            ((u, v),) = self.lens.fractions(clicked)
            u, v = np.array([u, v]) + rng.normal(0, noise.clicked_px, 2) / self.lens.size_px
            lon, lat = self.lonlat(*(clicked[0] + rng.normal(0, noise.clicked_m, 2)))
            points.append(
                {"x": float(np.clip(u, 0, 1)), "y": float(np.clip(v, 0, 1)), "lon": lon, "lat": lat}
            )
        return points

    def rules(self) -> list[dict[str, Any]]:
        """What the camera is asked: every kind that the junction can show."""
        rules = self._rules()
        times = {kind: {"seconds": seconds} for kind, seconds in SECONDS.items()}
        return [rule | times.get(rule["kind"], {}) for rule in rules]

    def _rules(self) -> list[dict[str, Any]]:
        near, stop = self.junction.near, self.junction.stop_y
        lanes = [(0.3, near + 1.5), (8.6, near + 1.5), (8.6, near + 16), (0.3, near + 16)]
        towards = [(-8, near + 1.5), (-0.2, near + 1.5), (-0.2, near + 17), (-8, near + 17)]
        aside = [
            (SHOULDER[0], near + 1),
            (SHOULDER[1], near + 1),
            (SHOULDER[1], near + 17),
            (SHOULDER[0], near + 17),
        ]
        x1, y1, x2, y2 = self.junction.plaza
        plaza = [(x1 - 0.5, y1 - 1.5), (x2 + 0.7, y1 - 1.5), (x2 + 0.7, y2 + 1), (x1 - 0.5, y2 + 1)]
        ahead = self._line((4.5, near + 3), (4.5, near + 15))
        count = self._line((-8.2, self.junction.count_y), (12, self.junction.count_y))
        return [
            {"kind": "line", "name": "count", "line": count},
            {
                "kind": "red_light", "name": "red", "line": self._line((0.2, stop), (8.6, stop)),
                "direction": "up", "lamp": self.painter.lamp_zone(), "beyond": 0.02,
            },
            {"kind": "wrong_way", "name": "against", "zone": self._zone(lanes), "arrow": ahead},
            {"kind": "stopped", "name": "stopped", "zone": self._zone(towards)},
            {"kind": "no_parking", "name": "parked", "zone": self._zone(aside)},
            {"kind": "crowd", "name": "crowd", "zone": self._zone(plaza), "people": PEOPLE},
        ]  # fmt: skip

    def sheet(self) -> dict[str, Any]:
        """The camera as data: what an operator would have entered."""
        return {
            "setting": asdict(self.setting), "lonlat": POLE, "bearing_deg": 0.0,
            "fov_deg": self.setting.fov_deg, "control_points": self.control_points(),
            "rules": self.rules(),
        }  # fmt: skip

    def _line(self, a: tuple[float, float], b: tuple[float, float]) -> list[float]:
        """As far as the picture reaches: cut, not bent."""
        seen = _cut(self.lens.fractions(np.linspace(a, b, 400)))
        return [float(v) for v in seen[[0, -1]].reshape(-1)]

    def _zone(self, ground: Sequence[tuple[float, float]]) -> list[list[float]]:
        """What of it the picture shows, drawn in the picture as a person would."""
        corners = self.lens.fractions(np.array(ground))
        shown = Polygon(corners).intersection(rectangle(0, 0, 1, 1))
        return np.array(shown.exterior.coords)[:-1].round(5).tolist()


def _cut(places: NDArray) -> NDArray:
    return places[((places >= 0) & (places <= 1)).all(axis=1)]


def _covered(xyxy: NDArray) -> NDArray[np.float64]:
    """How much of each box the nearer ones before it cover, the largest of them."""
    covered = np.zeros(len(xyxy))
    for i in range(1, len(xyxy)):
        corner = np.minimum(xyxy[i, 2:], xyxy[:i, 2:]) - np.maximum(xyxy[i, :2], xyxy[:i, :2])
        covered[i] = np.clip(corner, 0, None).prod(1).max() / (xyxy[i, 2:] - xyxy[i, :2]).prod()
    return covered


class NoisyTruth:
    """A detector that knows the truth and errs as `Noise` says. Reads which picture it is given."""

    name = "rendered"
    stateful = False

    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        self.model_hash = hashlib.sha256(repr(clip.setting).encode()).hexdigest()

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self.at(stamped(p, self.clip.setting.size_px[0]), p.shape[1]) for p in pictures]

    def at(self, frame: int, wide: int | None = None) -> Detections:
        """What is seen of that picture; the same each time."""
        noise, (width, height) = self.clip.setting.noise, self.clip.setting.size_px
        rng = np.random.default_rng((self.clip.setting.seed, frame))
        who, xyxy, covered = self.clip.boxes(min(frame, len(self.clip.states) - 1))
        seen = (covered < noise.hidden) & (rng.random(len(who)) > noise.missed)
        names = [s.body if rng.random() > noise.confused else "truck" for s in who]
        size = np.tile(xyxy[:, 2:] - xyxy[:, :2], 2)
        xyxy = xyxy + rng.normal(0, 1, xyxy.shape) * np.hypot(
            noise.jitter_px, noise.jitter_share * size
        )
        score = np.clip(rng.normal(0.72, 0.12, len(who)), 0.2, 0.98)
        ghosts = int(rng.poisson(noise.ghosts))
        corner = rng.random((ghosts, 2)) * (width * 0.9, height * 0.9)
        false = np.hstack([corner, corner + 12 + rng.random((ghosts, 2)) * 60])
        boxes = np.vstack([xyxy[seen], false]).astype(np.float32)
        kept = [name for name, shown in zip(names, seen, strict=True) if shown] + ["car"] * ghosts
        boxes = np.clip(boxes, 0, [width, height, width, height]).astype(np.float32)
        scale = np.float32((wide or width) / width)
        scores = np.concatenate([score[seen], rng.uniform(0.2, 0.6, ghosts)])
        return Detections(
            boxes * scale, scores.astype(np.float32), np.zeros(len(kept), np.int64), tuple(kept)
        )
