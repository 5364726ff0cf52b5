"""Where and when a track enters and leaves an area, between its positions."""

from typing import NamedTuple

import numpy as np
import shapely

from vessels.science.tracks import KNOT_MPS, Floats, Track, legs_m


class Crossing(NamedTuple):
    """A crossing of the line: epoch seconds, degrees in 4326, whether it leads inside.

    ``error_m``: how far from there the boat may have crossed. ``before_t`` and ``after_t`` are the
    times of the positions that it lies between.
    """

    t: float
    lon: float
    lat: float
    inside: bool
    error_m: float
    before_t: float
    after_t: float


def find(
    track: Track, polygon: shapely.Geometry, *, fix_error_m: float = 10.0, cruise_kn: float = 8.0
) -> list[Crossing]:
    """Every crossing of the boundary in time order, also of legs that begin and end outside.

    The polygon (or several) is in degrees, 4326; legs are straight in degrees and run at an even
    speed. Touching is not crossing; the boundary itself is outside. ``error_m`` grows with the
    time between positions: half the width, at that place, of the ellipse that the boat could reach
    at the speed it reported (``cruise_kn`` where it reported none). Source: ``fix_error_m`` from
    the AIS accuracy flag (ITU-R M.1371: 10 m or better); the ellipse is the space-time prism of
    time geography.
    """
    if len(track) < 2:
        return []
    xy = np.column_stack([track["lon"], track["lat"]])
    at = _breaks(xy, polygon)
    if not len(at):
        return []
    edges = np.concatenate(([0.0], at, [len(track) - 1.0]))
    middles = _along(xy, (edges[:-1] + edges[1:]) / 2)
    inside = shapely.contains_xy(polygon, middles[:, 0], middles[:, 1])
    turns = np.flatnonzero(inside[1:] != inside[:-1])
    points = _along(xy, at[turns])
    legs = np.minimum(at[turns].astype(int), len(track) - 2)
    t = track["t"]
    times = t[legs] + (at[turns] - legs) * (t[legs + 1] - t[legs])
    errors = np.hypot(_spread_m(track, legs, at[turns] - legs, cruise_kn), fix_error_m)
    return [
        Crossing(float(when), float(x), float(y), bool(into), float(error), float(t[leg]),
                 float(t[leg + 1]))
        for when, (x, y), into, error, leg in zip(
            times, points, inside[turns + 1], errors, legs, strict=True
        )
    ]  # fmt: skip


def _breaks(xy: Floats, polygon: shapely.Geometry) -> Floats:
    """Where legs meet the boundary, as leg number plus share of the leg: ascending, no repeats."""
    coords, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(polygon)), return_index=True
    )
    sides = np.flatnonzero(ring[1:] == ring[:-1])
    if not len(sides):
        return np.empty(0)
    tree = shapely.STRtree(_lines(coords[sides], coords[sides + 1]))
    leg, side = tree.query(_lines(xy[:-1], xy[1:]))
    a, r = xy[leg], xy[leg + 1] - xy[leg]
    b = coords[sides[side]]
    s = coords[sides[side] + 1] - b
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = _cross(r, s)
        along, beside = _cross(b - a, s) / cross, _cross(b - a, r) / cross
    slack = 1e-9  # a vertex shared by two sides must not slip between them
    meets = (along >= -slack) & (along <= 1 + slack) & (beside >= -slack) & (beside <= 1 + slack)
    parallel = (cross == 0) & (_cross(b - a, r) == 0) & (r != 0).any(axis=1)
    return np.unique(np.concatenate([(leg + np.clip(along, 0, 1))[meets],
                                     *_overlaps(leg, a, r, b, b + s, parallel)]))  # fmt: skip


def _overlaps(leg, a, r, b1, b2, parallel) -> list[Floats]:
    """Where a leg that runs along a side meets the side's ends."""
    long2 = (r[parallel] ** 2).sum(axis=1)
    shares = [((b - a)[parallel] * r[parallel]).sum(axis=1) / long2 for b in (b1, b2)]
    return [leg[parallel][(u >= 0) & (u <= 1)] + u[(u >= 0) & (u <= 1)] for u in shares]


def _lines(start: Floats, end: Floats) -> np.ndarray:
    return shapely.linestrings(np.stack([start, end], axis=1))


def _cross(a: Floats, b: Floats) -> Floats:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _along(xy: Floats, at: Floats) -> Floats:
    """Positions at leg number plus share of the leg."""
    leg = np.minimum(at.astype(int), len(xy) - 2)
    return xy[leg] + (at - leg)[:, None] * (xy[leg + 1] - xy[leg])


def _spread_m(track: Track, legs, share: Floats, cruise_kn: float) -> Floats:
    """Half the width of the reachable ellipse at a share of each leg."""
    straight = legs_m(track)[legs]
    took = track["t"][legs + 1] - track["t"][legs]
    speed = np.fmax(track["speed_kn"][legs], track["speed_kn"][legs + 1]).astype("f8")
    reach = np.maximum(np.where(np.isnan(speed), cruise_kn, speed) * KNOT_MPS * took, straight)
    return np.sqrt((reach**2 - straight**2) * share * (1 - share))
