"""From a place in the picture to a place on the map, with how far it may be wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from geo.crs import to_lonlat, to_metric

Points = NDArray[np.float64]
LEAST_POINTS = 6
JITTER = 4 / 720  # of the picture's height: how badly a box's lower edge sits on the ground


class Fix(NamedTuple):
    """A position in degrees; the truth lies within `error_m` metres nine times in ten."""

    lon: float
    lat: float
    error_m: float


class Projector(Protocol):
    """Puts a place of the picture, in fractions of its width and height, on the map."""

    def locate(self, x: float, y: float) -> Fix | None:
        """None where the place cannot be told honestly."""
        ...


def points_from(declared: Sequence[dict[str, Any]]) -> tuple[Points, Points]:
    """Picture (n, 2, fractions) and map (n, 2, lon/lat) of control points declared as data.

    Raises ValueError in words for the person who clicked them.
    """
    if not declared:
        return np.zeros((0, 2)), np.zeros((0, 2))
    try:
        rows = np.array([[p["x"], p["y"], p["lon"], p["lat"]] for p in declared], float)
    except (KeyError, TypeError, ValueError):
        raise ValueError("each control point needs the numbers x, y, lon and lat") from None
    if len(rows) < LEAST_POINTS:
        raise ValueError(f"{len(rows)} control points; {LEAST_POINTS} or more are needed")
    if not np.isfinite(rows).all() or (rows[:, :2] < 0).any() or (rows[:, :2] > 1).any():
        raise ValueError("x and y are fractions of the picture, 0 to 1")
    for plane in (rows[:, :2], rows[:, 2:]):
        spread = np.linalg.svd(plane - plane.mean(0), compute_uv=False)
        if spread[1] < 0.02 * spread[0]:
            raise ValueError("the control points lie on one line; spread them over the ground")
    return rows[:, :2], rows[:, 2:]


def fit(picture: Points, ground: Points) -> NDArray[np.float64]:
    """The homography (3, 3) from picture points to ground points, both (n, 2), n ≥ 4.

    Source: Hartley & Zisserman, normalised direct linear transform.
    """
    from_picture, from_ground = _normaliser(picture), _normaliser(ground)
    p, g = _apply(from_picture, picture), _apply(from_ground, ground)
    rows = np.zeros((2 * len(p), 9))
    rows[0::2, 0:2], rows[0::2, 2] = -p, -1
    rows[1::2, 3:5], rows[1::2, 5] = -p, -1
    for axis in (0, 1):
        rows[axis::2, 6:8] = p * g[:, axis : axis + 1]
        rows[axis::2, 8] = g[:, axis]
    matrix = np.linalg.svd(rows)[2][-1].reshape(3, 3)
    matrix = np.linalg.inv(from_ground) @ matrix @ from_picture
    return matrix / matrix[2, 2]


def left_out_errors_m(picture: Points, ground: Points) -> NDArray[np.float64]:
    """For each control point, metres between it and where the others would put it."""
    errors = []
    for i in range(len(picture)):
        others = np.arange(len(picture)) != i
        guess = _apply(fit(picture[others], ground[others]), picture[i : i + 1])[0]
        errors.append(float(np.hypot(*(guess - ground[i]))))
    return np.array(errors)


@dataclass(frozen=True)
class Homography:
    """Projection through control points, in the metric CRS, within their hull only."""

    matrix: NDArray[np.float64]
    hull: NDArray[np.float64]  # half planes a·x + b·y + c ≤ 0
    control_error_m: float
    srid: int

    @classmethod
    def through(cls, picture: Points, lonlat: Points, srid: int) -> Homography:
        """Fitted to six points or more. Raises ValueError where they do not span the ground."""
        from scipy.spatial import ConvexHull, QhullError  # 40 MB that a web process need not hold

        ground = np.array([to_metric(lon, lat, srid) for lon, lat in lonlat])
        try:
            hull = ConvexHull(picture).equations
        except QhullError:
            raise ValueError("the control points lie on one line") from None
        error = float(np.quantile(left_out_errors_m(picture, ground), 0.9))
        return cls(fit(picture, ground), hull, error, srid)

    def locate(self, x: float, y: float) -> Fix | None:
        if (self.hull[:, :2] @ (x, y) + self.hull[:, 2] > 1e-9).any():
            return None
        around = np.array([(x, y), (x, y - JITTER), (x, y + JITTER), (x - JITTER, y)])
        spots = _apply(self.matrix, around)
        slip = np.hypot(*(spots[1:] - spots[0]).T).max()
        lon, lat = to_lonlat(*spots[0], self.srid)
        return Fix(lon, lat, round(float(math.hypot(slip, self.control_error_m)), 1))


@dataclass(frozen=True)
class Wedge:
    """Without control points: half way out along the line of sight, wrong by up to the range."""

    lon: float
    lat: float
    bearing_deg: float | None
    fov_deg: float
    range_m: float
    srid: int

    def locate(self, x: float, y: float) -> Fix:
        if self.bearing_deg is None or self.fov_deg >= 180:
            return Fix(self.lon, self.lat, self.range_m)
        # Pinhole: the middle of the picture looks along the bearing.
        aside = math.degrees(math.atan((2 * x - 1) * math.tan(math.radians(self.fov_deg / 2))))
        angle = math.radians(self.bearing_deg + aside)
        east, north = to_metric(self.lon, self.lat, self.srid)
        out = self.range_m / 2
        lon, lat = to_lonlat(east + out * math.sin(angle), north + out * math.cos(angle), self.srid)
        return Fix(lon, lat, self.range_m)


def _apply(matrix: NDArray, points: Points) -> Points:
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return mapped[:, :2] / mapped[:, 2:]


def _normaliser(points: Points) -> NDArray[np.float64]:
    centre = points.mean(0)
    scale = math.sqrt(2) / max(float(np.hypot(*(points - centre).T).mean()), 1e-12)
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])
