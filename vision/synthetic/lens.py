"""A pinhole camera on a pole. Metres: x right, y ahead on the ground, z up; px: u right, v down."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HORIZON = 0.08  # of the picture's height, where the lens is tilted to put it


@dataclass(frozen=True)
class Lens:
    """Where it stands and how wide it sees; tilted so that the horizon is near the upper edge."""

    height_m: float = 9.0
    fov_deg: float = 70.0
    aside_m: float = 0.0
    size_px: tuple[int, int] = (960, 540)

    @property
    def focal_px(self) -> float:
        return self.size_px[0] / 2 / math.tan(math.radians(self.fov_deg) / 2)

    @property
    def tilt(self) -> float:
        """Radians below the horizontal."""
        return math.atan((0.5 - HORIZON) * self.size_px[1] / self.focal_px)

    @property
    def nearest_m(self) -> float:
        """How far from the pole the ground comes into the picture."""
        below = self.tilt + math.atan(self.size_px[1] / 2 / self.focal_px)
        return self.height_m / math.tan(below)

    def project(self, points: NDArray) -> NDArray[np.float64]:
        """Px and depth (n, 3) of points (n, 3); depth is 0.1 m at least."""
        p = np.asarray(points, float) - (self.aside_m, 0, self.height_m)
        sin, cos = math.sin(self.tilt), math.cos(self.tilt)
        depth = np.maximum(p[:, 1] * cos - p[:, 2] * sin, 0.1)
        down = -p[:, 1] * sin - p[:, 2] * cos
        f, (width, height) = self.focal_px, self.size_px
        return np.column_stack(
            [width / 2 + f * p[:, 0] / depth, height / 2 + f * down / depth, depth]
        )

    def fractions(self, ground: NDArray) -> NDArray[np.float64]:
        """Places on the ground (n, 2) as fractions of the picture (n, 2)."""
        ground = np.asarray(ground, float)
        flat = np.column_stack([ground, np.zeros(len(ground))])
        return self.project(flat)[:, :2] / self.size_px

    def left_m(self, ahead_m: float) -> float:
        """x of what is at the left edge of the picture, on the ground so far ahead."""
        depth = ahead_m * math.cos(self.tilt) + self.height_m * math.sin(self.tilt)
        return self.aside_m - depth * self.size_px[0] / 2 / self.focal_px
