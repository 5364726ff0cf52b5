"""From a place in the picture to a place on the map, with how far it may be wrong."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from geo.crs import to_lonlat, to_metric

Points = NDArray[np.float64]
LEAST_POINTS = 6
LEAST = {"least": LEAST_POINTS}
NINE_IN_TEN = 1.6  # standard errors
LEAST_WAY_M = 2.0
SPEED_S, SPEED_LEAST = 2.0, 5  # of its way, and places on it, that tell a speed
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
        raise ValueError(_("each control point needs the numbers x, y, lon and lat")) from None
    if len(rows) < LEAST_POINTS:
        words = _("%(count)d control points; %(least)d or more are needed")
        raise ValueError(words % {"count": len(rows), **LEAST})
    if not np.isfinite(rows).all() or (rows[:, :2] < 0).any() or (rows[:, :2] > 1).any():
        raise ValueError(_("x and y are fractions of the picture, 0 to 1"))
    if any(_on_a_line(plane) for plane in (rows[:, :2], rows[:, 2:])):
        raise ValueError(_("the control points lie on one line; spread them over the ground"))
    for plane in (rows[:, :2], rows[:, 2:]):
        if any(_on_a_line(np.delete(plane, i, axis=0)) for i in range(len(plane))):
            raise ValueError(
                _("all but one of the control points lie on one line; spread them over the ground")
            )
    return rows[:, :2], rows[:, 2:]


def _on_a_line(plane: Points) -> bool:
    spread = np.linalg.svd(plane - plane.mean(0), compute_uv=False)
    return bool(spread[1] < 0.02 * spread[0])


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


def left_out(picture: Points, ground: Points) -> NDArray[np.float64]:
    """The homographies (n, 3, 3) that each leave one control point out."""
    rows = np.arange(len(picture))
    return np.array([fit(picture[rows != i], ground[rows != i]) for i in rows])


def left_out_errors_m(picture: Points, ground: Points) -> NDArray[np.float64]:
    """For each control point, metres between it and where the others would put it."""
    guesses = [
        _apply(matrix, picture[i : i + 1])[0] for i, matrix in enumerate(left_out(picture, ground))
    ]
    return np.hypot(*(np.array(guesses) - ground).T)


@dataclass(frozen=True)
class Body:
    """What stands on a foot: its size from above, and the way it points (metric, any length)."""

    length_m: float
    width_m: float
    heading: Points | None = None

    def depth_m(self, ray: Points) -> float:
        """How far it reaches along the ray on which it is seen."""
        if self.heading is None:
            return 2 / math.pi * (self.length_m + self.width_m)  # the mean over all ways
        along = abs(float(ray @ self.heading)) / float(np.hypot(*ray) * np.hypot(*self.heading))
        aside = math.sqrt(max(0.0, 1 - along**2))
        return self.length_m * along + self.width_m * aside

    @property
    def doubt_m(self) -> float:
        """How wrong its middle may be for want of a heading, or because bodies differ."""
        return (0.25 if self.heading is None else 0.12) * self.length_m


class Speed(NamedTuple):
    """Kilometres an hour; the truth lies within `error_kmh` nine times in ten."""

    kmh: float
    error_kmh: float


@dataclass(frozen=True)
class Homography:
    """Projection through control points, in the metric CRS, within their hull only.

    `others` are the same fit with each control point left out: what they disagree about is what
    the points do not settle (a jackknife).
    """

    matrix: NDArray[np.float64]
    hull: NDArray[np.float64]  # half planes a·x + b·y + c ≤ 0
    control_error_m: float
    srid: int
    others: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3, 3)))
    corners: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))

    @classmethod
    def through(cls, picture: Points, lonlat: Points, srid: int) -> Homography:
        """Fitted to six points or more. Raises ValueError where they do not span the ground."""
        from scipy.spatial import ConvexHull, QhullError  # 40 MB that a web process need not hold

        ground = np.array([to_metric(lon, lat, srid) for lon, lat in lonlat])
        try:
            hull = ConvexHull(picture)
        except QhullError:
            raise ValueError(_("the control points lie on one line")) from None
        matrix = fit(picture, ground)
        depth = np.column_stack([picture, np.ones(len(picture))]) @ matrix[2]
        if (depth * depth[0] <= 0).any():
            raise ValueError(
                _(
                    "the control points contradict each other: one of them would lie behind the "
                    "horizon; check that each is at the same place on picture and map"
                )
            )
        error = float(np.quantile(left_out_errors_m(picture, ground), 0.9))
        return cls(
            matrix, hull.equations, error, srid, left_out(picture, ground), picture[hull.vertices]
        )

    def locate(self, x: float, y: float) -> Fix | None:
        return self.locate_body(x, y, None)

    def locate_body(self, x: float, y: float, body: Body | None) -> Fix | None:
        """The middle of a body whose box stands on (x, y): the foot is its near edge."""
        if not self.covers(x, y):
            return None
        spot = _apply(self.matrix, np.array([(x, y)]))[0]
        error_m = self._error_m((x, y), spot)
        if body is not None:
            ray = _apply(self.matrix, np.array([(x, y - JITTER)]))[0] - spot
            spot = spot + body.depth_m(ray) / 2 * ray / max(float(np.hypot(*ray)), 1e-9)
            error_m = math.hypot(error_m, body.doubt_m)
        lon, lat = to_lonlat(*spot, self.srid)
        return Fix(lon, lat, round(error_m, 1))

    def heading(self, trail: Iterable[tuple[float, float, float]], size_px: tuple[int, int]) -> Any:
        """Metres (2,) that a foot moved lately in the metric CRS; None where it hardly did."""
        rows = np.array([row for row in trail], float)
        if len(rows) < 3:
            return None
        begin, end = self.metric(rows[[0, -1], 1:] / size_px)
        return end - begin if np.hypot(*(end - begin)) >= LEAST_WAY_M else None

    def covers(self, x: float, y: float) -> bool:
        """Whether the place lies among the control points."""
        return not (self.hull[:, :2] @ (x, y) + self.hull[:, 2] > 1e-9).any()

    def metric(self, places: Points) -> Points:
        """Metres in the CRS `srid` (n, 2) of places in fractions of the picture (n, 2)."""
        return _apply(self.matrix, np.asarray(places, float))

    def _error_m(self, place: tuple[float, float], spot: NDArray) -> float:
        x, y = place
        around = np.array([(x, y - JITTER), (x, y + JITTER), (x - JITTER, y)])
        slip = np.hypot(*(_apply(self.matrix, around) - spot).T).max()
        if not len(self.others):
            return float(math.hypot(slip, self.control_error_m))
        told = np.array([_apply(matrix, np.array([place]))[0] for matrix in self.others])
        return float(math.hypot(slip, NINE_IN_TEN * _jackknife(told)))

    def speed(
        self, trail: Iterable[tuple[float, float, float]], size_px: tuple[int, int]
    ) -> Speed | None:
        """Of a foot's way (seconds, px, px) over its last two seconds; None where it is not known.

        The error holds the jitter of the foot, the control points' and a foot that sits too high.
        """
        rows = np.array([row for row in trail], float)
        rows = rows[rows[:, 0] >= rows[-1, 0] - SPEED_S]
        places = rows[:, 1:] / size_px
        near = np.array([self.covers(x, y) for x, y in places])
        rows, places = rows[near], places[near]
        if len(rows) < SPEED_LEAST or rows[-1, 0] - rows[0, 0] < SPEED_S / 3:
            return None
        at = rows[:, 0] - rows[:, 0].mean()

        def slope(spots: Points) -> NDArray[np.float64]:
            return (at @ spots) / (at @ at)

        spots = self.metric(places)
        velocity = slope(spots)
        rest = spots - spots.mean(0) - np.outer(at, velocity)
        noise = float((rest**2).sum()) / (len(at) - 2) / float(at @ at)
        speeds = [float(np.hypot(*slope(_apply(m, places)))) for m in self.others]
        ms = float(np.hypot(*velocity))
        higher = float(np.hypot(*slope(self.metric(places + (0, JITTER)))))
        error = math.sqrt(
            NINE_IN_TEN**2 * noise
            + (NINE_IN_TEN * _jackknife(np.array(speeds)[:, None])) ** 2
            + (higher - ms) ** 2
        )
        return Speed(3.6 * ms, 3.6 * error)


def calibration(declared: Sequence[dict[str, Any]], srid: int) -> dict[str, Any]:
    """What a screen shows about control points: how good they are, where, and over which ground.

    `points[i].error_m` is where the others would put point i; `worst` is the place in the list of
    one that is far worse than the rest, or None; `corners` are fractions of the picture,
    `footprint` lon/lat of the same; `grid` holds [x, y, error_m]. Raises ValueError in words.
    """
    picture, lonlat = points_from(declared)
    if not len(picture):
        raise ValueError(_("no control points yet; %(least)d or more are needed") % LEAST)
    found = Homography.through(picture, lonlat, srid)
    ground = np.array([to_metric(lon, lat, srid) for lon, lat in lonlat])
    errors = left_out_errors_m(picture, ground)
    worst = int(errors.argmax())
    apart = errors[worst] > max(4 * float(np.median(errors)), 1.0)
    grid = [(i / 20, j / 20) for j in range(21) for i in range(21) if found.covers(i / 20, j / 20)]
    return {
        "error_m": round(float(np.median(errors)), 2),
        "error_90_m": round(found.control_error_m, 2),
        "points": [{"error_m": round(float(error), 2)} for error in errors],
        "worst": worst if apart else None,
        "corners": found.corners.round(4).tolist(),
        "footprint": [
            [round(v, 7) for v in to_lonlat(*spot, srid)] for spot in found.metric(found.corners)
        ],
        "grid": [[x, y, fix.error_m] for x, y in grid if (fix := found.locate(x, y))],
    }


def _jackknife(told: NDArray[np.float64]) -> float:
    """Standard error of what was told by n fits that each left one point out (n, d)."""
    n = len(told)
    return math.sqrt((n - 1) / n * float(((told - told.mean(0)) ** 2).sum())) if n else 0.0


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
