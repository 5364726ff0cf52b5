"""A street that never was: a video drawn from simulated trajectories through a known camera.

Everything in it is known exactly, so the demo camera's control points come from the same
geometry. Every picture says SYNTHETIC. The same code always draws the same street.

The COCO detector does not take these drawings for cars (scores under 0.1), so the demo camera uses
background subtraction: what it reports is "moving", not a kind of vehicle.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from geo.crs import DEFAULT_METRIC_SRID, to_lonlat, to_metric

WIDTH, HEIGHT, FPS, SECONDS = 640, 360, 10, 120
POLE = (107.591055, 16.466863)  # Hùng Vương, just south of Trường Tiền bridge
BEARING_DEG, FOV_DEG, HEIGHT_M, PITCH_DEG = 132.0, 62.0, 6.5, 15.0
ROAD_X_M = -4.0  # the road's middle, left of the pole
LANE_M = 3.5
FAR_M = 90.0
RULES = [
    {"kind": "line", "name": "count", "line": [0.05, 0.62, 0.95, 0.62]},
    {
        "kind": "stopped",
        "name": "stopped",
        "seconds": 12,
        "zone": [[0.0, 0.4], [1.0, 0.4], [1.0, 1.0], [0.0, 1.0]],
    },
]

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Vehicle:
    """A box on wheels that enters at `enters_s`; `halt` is (y in m, seconds) of a stop, if any."""

    enters_s: float
    away: bool  # drives away from the camera
    speed_ms: float
    colour: tuple[int, int, int]
    size_m: tuple[float, float, float] = (1.8, 4.3, 1.5)  # width, length, height
    halt: tuple[float, float] | None = None

    def y_m(self, t: float) -> float | None:
        """How far along the road its middle is, or None while it is out of the picture."""
        run = t - self.enters_s
        if run < 0:
            return None
        way = self.speed_ms * run
        if self.halt:
            to_halt = abs(self.halt[0] - (2.0 if self.away else FAR_M))
            if way > to_halt:
                way = max(to_halt, way - self.speed_ms * self.halt[1])
        y = 2.0 + way if self.away else FAR_M - way
        return y if 1.0 <= y <= FAR_M else None


def traffic() -> list[Vehicle]:
    """The vehicles of one run, the same every time."""
    rng = np.random.default_rng(2026)
    colours = [(196, 30, 36), (235, 235, 238), (30, 74, 150), (40, 42, 46), (170, 174, 180)]
    vehicles, t = [], {True: 2.0, False: 5.0}
    while min(t.values()) < SECONDS - 16:
        away = min(t, key=lambda side: t[side])
        big = rng.random() < 0.15
        vehicles.append(
            Vehicle(
                t[away],
                away,
                float(rng.uniform(7, 11)),
                colours[rng.integers(len(colours))],
                (2.3, 7.5, 2.9) if big else (1.8, 4.3, 1.5),
            )
        )
        t[away] += float(rng.uniform(10, 16))
    # The lane is kept clear around the one that stops.
    clear = [v for v in vehicles if v.away or not 54 < v.enters_s < 92]
    return [*clear, Vehicle(66.0, False, 9.0, (235, 196, 40), halt=(17.0, 15.0))]


def project(points: Points) -> Points:
    """Pixels (n, 2) of points (n, 3): metres right of the pole, forward, and up."""
    pitch = math.radians(PITCH_DEG)
    focal = WIDTH / 2 / math.tan(math.radians(FOV_DEG / 2))
    right, forward, up = points.T
    drop = HEIGHT_M - up
    depth = np.maximum(forward * math.cos(pitch) + drop * math.sin(pitch), 0.3)
    down = drop * math.cos(pitch) - forward * math.sin(pitch)
    return np.column_stack([WIDTH / 2 + focal * right / depth, HEIGHT / 2 + focal * down / depth])


def control_points() -> list[dict[str, float]]:
    """Picture and map of places on and beside the road, as an operator would have clicked them."""
    east, north = to_metric(*POLE, DEFAULT_METRIC_SRID)
    bearing = math.radians(BEARING_DEG)
    pairs = []
    for forward in (10.0, 12.0, 15.5, 28.0, 60.0):
        for right in (ROAD_X_M - 5.5, ROAD_X_M - 2, ROAD_X_M + 7.0):
            ((u, v),) = project(np.array([[right, forward, 0.0]]))
            x, y = float(u) / WIDTH, float(v) / HEIGHT
            if not (0 <= x <= 1 and 0 <= y <= 1):
                continue
            lon, lat = to_lonlat(
                east + right * math.cos(bearing) + forward * math.sin(bearing),
                north - right * math.sin(bearing) + forward * math.cos(bearing),
                DEFAULT_METRIC_SRID,
            )
            pairs.append({"x": round(x, 5), "y": round(y, 5), "lon": lon, "lat": lat})
    return pairs


def pictures() -> Iterator[Picture]:
    """All pictures of one run, RGB."""
    scene = _scene()
    vehicles = traffic()
    grain = np.random.default_rng(7).integers(0, 10, (8, HEIGHT, WIDTH, 1), np.uint8)
    grain = grain.repeat(3, axis=3)
    for i in range(FPS * SECONDS):
        picture = scene.copy()
        here = [(v, y) for v in vehicles if (y := v.y_m(i / FPS)) is not None]
        for vehicle, y in sorted(here, key=lambda pair: -pair[1]):
            _draw_vehicle(picture, vehicle, y)
        yield _marked(cv2.add(picture, grain[i % 8]), i / FPS)


def render(path: Path) -> Path:
    """The video in `path`, drawn only where it is missing."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part.mp4")
    with av.open(str(scratch), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "24", "threads": "1"}
        for picture in pictures():
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return scratch.replace(path)


def prepare(var: Path) -> None:
    """Draws the video and puts the demo camera on the map, marked synthetic."""
    from django.contrib.gis.geos import Point

    from vision.actions import save_camera

    video = render(var / "demo" / "street.mp4")
    save_camera(
        code="demo-street",
        name_vi="Hùng Vương (hình mô phỏng)",
        name_en="Hung Vuong (synthetic picture)",
        geom=Point(*POLE, srid=4326),
        bearing_deg=BEARING_DEG,
        fov_deg=FOV_DEG,
        range_m=FAR_M,
        address=video.name,
        loops=True,
        detector="mog2",
        frames_per_s=None,
        rules=RULES,
        control_points=control_points(),
        source="demo",
        synthetic=True,
    )


def _scene() -> Picture:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    sky = np.linspace(0, 1, HEIGHT)[:, None, None]
    picture[:] = (150 + 60 * sky + np.array([0, 8, 20])).clip(0, 255).astype(np.uint8)
    rng = np.random.default_rng(11)
    _strip(picture, -60, 60, (96, 120, 78))
    _buildings(picture, rng)
    half = LANE_M + 0.5
    _strip(picture, ROAD_X_M - half - 3, ROAD_X_M + half + 3, (158, 152, 144))
    _strip(picture, ROAD_X_M - half, ROAD_X_M + half, (92, 94, 98))
    for edge in (-half + 0.2, half - 0.2):
        _strip(picture, ROAD_X_M + edge - 0.07, ROAD_X_M + edge + 0.07, (210, 210, 205))
    for start in np.arange(4, FAR_M, 6.0):
        _strip(picture, ROAD_X_M - 0.08, ROAD_X_M + 0.08, (225, 205, 120), start, start + 3)
    return cv2.GaussianBlur(picture, (3, 3), 0.8)


def _strip(
    picture: Picture,
    left: float,
    right: float,
    colour: tuple[int, int, int],
    near: float = 3.0,
    far: float = 400.0,
) -> None:
    """A flat band of the ground."""
    corners = np.array([[left, near, 0], [right, near, 0], [right, far, 0], [left, far, 0]], float)
    _fill(picture, project(corners), colour)


def _buildings(picture: Picture, rng: np.random.Generator) -> None:
    for side in (-1, 1):
        for y in np.arange(110, 14, -12.0):
            wall = ROAD_X_M + side * float(rng.uniform(9, 13))
            high = float(rng.uniform(5, 11))
            shade = rng.integers(120, 205, 3)
            colour = tuple(int(c) for c in shade)
            end = y + 11
            face = np.array([[wall, y, 0], [wall, end, 0], [wall, end, high], [wall, y, high]])
            _fill(picture, project(face), colour)
            front = np.array(
                [
                    [wall, y, 0],
                    [wall + side * 12, y, 0],
                    [wall + side * 12, y, high],
                    [wall, y, high],
                ]
            )
            _fill(picture, project(front), tuple(int(c * 0.8) for c in shade))
            for storey in np.arange(1.2, high - 1.2, 2.6):
                for bay in (1.5, 5.0, 8.5):
                    hole = np.array(
                        [
                            [wall, y + bay, storey],
                            [wall, y + bay + 1.6, storey],
                            [wall, y + bay + 1.6, storey + 1.4],
                            [wall, y + bay, storey + 1.4],
                        ]
                    )
                    _fill(picture, project(hole), (70, 82, 96))


def _draw_vehicle(picture: Picture, vehicle: Vehicle, y: float) -> None:
    width, length, height = vehicle.size_m
    x = ROAD_X_M + (LANE_M / 2 if vehicle.away else -LANE_M / 2)
    big = height > 2
    waist = height * (0.35 if big else 0.55)
    body = np.array(vehicle.colour, float)
    near, far = y - length / 2, y + length / 2
    shadow = _ring(x, width + 0.5, near - 0.2, far + 0.2, 0.0)
    _fill(picture, project(shadow), (58, 60, 63))
    for wheel_y in (near + 0.18 * length, far - 0.18 * length):
        for side in (-1, 1):
            _wheel(picture, x + side * (width / 2 - 0.05), wheel_y, 0.33 if not big else 0.48)
    _box(picture, x, width, near, far, 0.28, waist, body)
    inset = 0.04 if big else 0.22
    roof = (
        near + inset * length * (1.0 if vehicle.away else 1.3),
        far - inset * length * (1.3 if vehicle.away else 1.0),
    )
    _cabin(picture, x, width, (near, far), roof, waist, height, body, inset)
    _lights(picture, vehicle, x, width, near, waist)


def _box(
    picture: Picture,
    x: float,
    width: float,
    near: float,
    far: float,
    low: float,
    high: float,
    colour: NDArray,
) -> None:
    left, right = x - width / 2, x + width / 2
    side = right if right < 0 else left
    _fill(
        picture,
        project(
            np.array([[side, near, low], [side, far, low], [side, far, high], [side, near, high]])
        ),
        _rgb(colour * 0.72),
    )
    _fill(
        picture,
        project(
            np.array(
                [[left, near, low], [right, near, low], [right, near, high], [left, near, high]]
            )
        ),
        _rgb(colour * 0.88),
    )
    _fill(picture, project(_ring(x, width, near, far, high)), _rgb(colour * 1.06))


def _cabin(
    picture: Picture,
    x: float,
    width: float,
    ends: tuple[float, float],
    roof: tuple[float, float],
    low: float,
    high: float,
    colour: NDArray,
    inset: float,
) -> None:
    lean = inset * 0.35 * (ends[1] - ends[0])
    base = (ends[0] + lean, ends[1] - lean)
    top = width * 0.84
    glass = np.array([52.0, 62.0, 74.0])
    at = -1 if x + width / 2 >= 0 else 1
    side = np.array(
        [
            [x + at * width / 2, base[0], low],
            [x + at * width / 2, base[1], low],
            [x + at * top / 2, roof[1], high],
            [x + at * top / 2, roof[0], high],
        ]
    )
    _fill(picture, project(side), _rgb(colour * 0.72))
    middle = side.mean(0)
    _fill(picture, project(middle + (side - middle) * (0.82, 0.82, 0.62)), _rgb(glass))
    front = np.array(
        [
            [x - width / 2, base[0], low],
            [x + width / 2, base[0], low],
            [x + top / 2, roof[0], high],
            [x - top / 2, roof[0], high],
        ]
    )
    _fill(picture, project(front), _rgb(colour * 0.9))
    middle = front.mean(0)
    _fill(picture, project(middle + (front - middle) * (0.86, 0.86, 0.74)), _rgb(glass * 1.25))
    _fill(picture, project(_ring(x, top, roof[0], roof[1], high)), _rgb(colour * 1.08))


def _lights(
    picture: Picture, vehicle: Vehicle, x: float, width: float, near: float, waist: float
) -> None:
    lamp = (190, 24, 28) if vehicle.away else (250, 246, 220)
    for side in (-1, 1):
        centre = x + side * width * 0.38
        _fill(
            picture,
            project(
                np.array(
                    [
                        [centre - 0.17, near, waist * 0.66],
                        [centre + 0.17, near, waist * 0.66],
                        [centre + 0.17, near, waist * 0.9],
                        [centre - 0.17, near, waist * 0.9],
                    ]
                )
            ),
            lamp,
        )
    _fill(
        picture,
        project(
            np.array(
                [
                    [x - 0.26, near, waist * 0.4],
                    [x + 0.26, near, waist * 0.4],
                    [x + 0.26, near, waist * 0.56],
                    [x - 0.26, near, waist * 0.56],
                ]
            )
        ),
        (235, 235, 230),
    )


def _wheel(picture: Picture, x: float, y: float, radius: float) -> None:
    turn = np.linspace(0, 2 * math.pi, 16, endpoint=False)
    along, up = radius * np.cos(turn), radius * np.sin(turn)
    rim = np.column_stack([np.full(16, x), y + along, radius + up])
    _fill(picture, project(rim), (28, 28, 30))


def _ring(x: float, width: float, near: float, far: float, up: float) -> Points:
    left, right = x - width / 2, x + width / 2
    return np.array([[left, near, up], [right, near, up], [right, far, up], [left, far, up]])


def _rgb(colour: NDArray) -> tuple[int, int, int]:
    red, green, blue = np.clip(colour, 0, 255).astype(int).tolist()
    return red, green, blue


def _fill(picture: Picture, corners: Points, colour: tuple[int, ...]) -> None:
    cv2.fillPoly(picture, [np.round(corners * 16).astype(np.int32)], colour, cv2.LINE_AA, shift=4)


def _marked(picture: Picture, t: float) -> Picture:
    picture[:32, :300] = (20, 24, 30)
    text = f"SYNTHETIC  MO PHONG  {int(t) // 60}:{int(t) % 60:02d}"
    cv2.putText(
        picture, text, (12, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (255, 214, 90), 1, cv2.LINE_AA
    )
    return picture
