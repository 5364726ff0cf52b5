"""Pictures of the junction, with a stamp that says which moment each one shows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors import Picture
from vision.synthetic.lens import Lens
from vision.synthetic.traffic import BODIES, PLAZA_X, Junction, State

BITS, BLOCK_PX = 20, 6
LAMP_M = (9.6, 44.0)  # x, and y behind `near`
LAMP_SIZE_M = (0.9, 2.4)
LAMP_TOP_M = 6.4
LIT = {"red": (240, 45, 40), "amber": (250, 180, 40), "green": (50, 230, 140)}
UNLIT = {"red": (70, 22, 20), "amber": (72, 54, 20), "green": (18, 62, 44)}
GRASS, ROAD, PAINT, PAVED = (104, 118, 92), (92, 94, 98), (214, 214, 208), (150, 146, 138)


class Painter:
    """Draws one lens's view. `noise` is the standard deviation of each pixel, of 255."""

    def __init__(self, lens: Lens, junction: Junction, noise: float, seed: int) -> None:
        self.lens, self.junction, self.noise = lens, junction, noise
        rng = np.random.default_rng(seed)
        self._background = self._ground()
        height, width = lens.size_px[1], lens.size_px[0]
        grain = rng.normal(0, noise, (4, height + 32, width + 32, 1)).round().astype(np.int16)
        self._grain = np.repeat(grain, 3, axis=3)
        self._rng = rng
        self._paint = {n: tuple(int(v) for v in rng.integers(40, 230, 3)) for n in range(997)}

    def picture(self, states: list[State], lamp: str, frame: int) -> Picture:
        """RGB, with everybody on it, the lamp lit, grain, and the stamp."""
        shown = self._background.copy()
        near = self.junction.near
        lamp_y = near + LAMP_M[1]
        drawn = False
        for state in sorted(states, key=lambda s: -s.y):
            if not drawn and state.y < lamp_y:
                self._lamp(shown, lamp)
                drawn = True
            self._body(shown, state)
        if not drawn:
            self._lamp(shown, lamp)
        if self.noise:
            shown = self._grainy(shown)
        stamp(shown, frame)
        return shown

    def lamp_zone(self) -> list[list[float]]:
        """The lamp's region as fractions of the picture."""
        (x1, y1), (x2, y2) = self._lamp_box() / self.lens.size_px
        return [[round(x, 4), round(y, 4)] for x, y in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))]

    def _lamp_box(self) -> NDArray[np.float64]:
        x, y = LAMP_M[0], self.junction.near + LAMP_M[1]
        wide, tall = LAMP_SIZE_M
        corners = [(x - wide / 2, y, LAMP_TOP_M), (x + wide / 2, y, LAMP_TOP_M - tall)]
        return self.lens.project(np.array(corners))[:, :2]

    def _lamp(self, shown: Picture, lamp: str) -> None:
        (x1, y1), (x2, y2) = self._lamp_box()
        cv2.rectangle(shown, (round(x1), round(y1)), (round(x2), round(y2)), (28, 28, 30), -1)
        for n, colour in enumerate(("red", "amber", "green")):
            middle = round((x1 + x2) / 2), round(y1 + (y2 - y1) * (n + 0.5) / 3)
            paint = (LIT if colour == lamp else UNLIT)[colour]
            cv2.circle(shown, middle, max(1, round((y2 - y1) / 7.5)), paint, -1, cv2.LINE_AA)

    def _ground(self) -> Picture:
        width, height = self.lens.size_px
        shown = np.full((height, width, 3), GRASS, np.uint8)
        shown[: round(height * 0.1)] = (176, 190, 204)
        near, stop = self.junction.near, self.junction.stop_y
        self._area(
            shown, [(-8, near - 20), (8.6, near - 20), (8.6, near + 200), (-8, near + 200)], ROAD
        )
        self._area(
            shown, [(-70, near + 18.5), (70, near + 18.5), (70, near + 31), (-70, near + 31)], ROAD
        )
        side = [(8.6, near - 20), (12, near - 20), (12, near + 17), (8.6, near + 17)]
        self._area(shown, side, PAVED)
        self._area(
            shown,
            [
                (PLAZA_X - 14, near - 3),
                (-8.4, near - 3),
                (-8.4, near + 17),
                (PLAZA_X - 14, near + 17),
            ],
            PAVED,
        )
        self._area(shown, [(0.2, stop), (8.6, stop), (8.6, stop + 0.4), (0.2, stop + 0.4)], PAINT)
        for y in np.arange(near - 8, near + 90, 4):
            for x in (0, 3.7, -3.7):
                self._area(
                    shown, [(x - 0.1, y), (x + 0.1, y), (x + 0.1, y + 2), (x - 0.1, y + 2)], PAINT
                )
        rough = np.random.default_rng(0).normal(0, 5, (height // 2 + 1, width // 2 + 1, 1))
        rough = cv2.resize(rough.astype(np.float32), (width, height))[..., None]
        return np.clip(shown + rough, 0, 255).astype(np.uint8)

    def _area(self, shown: Picture, ground: list[tuple[float, float]], paint: tuple) -> None:
        edge = _densely(np.array(ground, float))
        edge[:, 1] = np.maximum(edge[:, 1], self.lens.nearest_m * 0.8)
        points = self.lens.fractions(edge) * self.lens.size_px
        cv2.fillPoly(shown, [np.clip(points, -4000, 8000).round().astype(np.int32)], paint)

    def _body(self, shown: Picture, state: State) -> None:
        corners = cuboid(state)
        if corners[:, 1].min() < self.lens.nearest_m * 0.5:
            return
        spots = self.lens.project(corners)[:, :2].round().astype(np.int32)
        paint = np.array(self._paint[state.id % 997], float)
        hull = cv2.convexHull(spots)
        cv2.fillConvexPoly(shown, hull, tuple((paint * 0.62).tolist()), cv2.LINE_AA)
        near = np.argsort(corners[:, 1])[:4]
        cv2.fillConvexPoly(shown, cv2.convexHull(spots[near]), tuple(paint.tolist()), cv2.LINE_AA)

    def _grainy(self, shown: Picture) -> Picture:
        height, width = shown.shape[:2]
        tile, y, x = (int(self._rng.integers(n)) for n in (4, 32, 32))
        part = self._grain[tile, y : y + height, x : x + width]
        return cv2.add(shown, part, dtype=cv2.CV_8U)  # type: ignore[return-value]


def _densely(ground: NDArray) -> NDArray:
    sides = zip(ground, np.roll(ground, -1, axis=0), strict=True)
    return np.vstack(
        [a + np.linspace(0, 1, 20, endpoint=False)[:, None] * (b - a) for a, b in sides]
    )


def cuboid(state: State) -> NDArray[np.float64]:
    """The eight corners of a body on the ground (8, 3)."""
    length, width, height = BODIES[state.body]
    dx, dy = (width, length) if state.along else (length, width)
    return np.array(
        [
            (state.x + sx * dx / 2, state.y + sy * dy / 2, z)
            for sx in (-1, 1) for sy in (-1, 1) for z in (0.0, height)
        ]
    )  # fmt: skip


def stamp(shown: Picture, frame: int) -> None:
    """Writes the picture's number into its upper left corner, and that it is synthetic."""
    for bit in range(BITS):
        value = 255 if frame >> bit & 1 else 0
        shown[:BLOCK_PX, bit * BLOCK_PX : (bit + 1) * BLOCK_PX] = value
    cv2.putText(shown, "SYNTHETIC", (4, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 214, 90), 1)


def stamped(picture: Picture, wide: int) -> int:
    """The number in a picture that was `wide` px wide when it was stamped."""
    size = BLOCK_PX * picture.shape[1] / wide
    row = picture[max(0, int(size / 2))].mean(axis=1)
    return sum(int(row[int((bit + 0.5) * size)] > 127) << bit for bit in range(BITS))
