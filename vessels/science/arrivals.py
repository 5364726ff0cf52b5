"""Tracks of a slow cadence with the moments between positions at which a boat came or went."""

import numpy as np

from vessels.science.tracks import KNOT_MPS, Floats, Track, degree_m, legs_m, offset_m


def dated(track: Track, *, slow_kn: float = 2.0, longer_s: float = 1_800.0) -> Track:
    """The track with a row added in each leg where a boat under way became slow, or the reverse.

    A boat that does 8 kn at one position and drifts at the next, three hours on, did not glide
    evenly in between: it went on at its speed and then drifted. The row added stands where the way
    at the faster reported speed meets the drift before or after the slower position. Legs shorter
    than ``longer_s``, or without both speeds, are left alone. Source: ours, for VMS.
    """
    rows = track
    if len(rows) < 2:
        return rows
    speed, took = rows["speed_kn"].astype("f8"), np.diff(rows["t"])
    even_kn = legs_m(rows) / np.maximum(took, 1e-9) / KNOT_MPS
    known = (took > longer_s) & ~np.isnan(rows["course_deg"][:-1] + rows["course_deg"][1:])
    came = known & (speed[:-1] > even_kn) & (speed[1:] < slow_kn) & (speed[:-1] >= slow_kn)
    went = known & (speed[1:] > even_kn) & (speed[:-1] < slow_kn) & (speed[1:] >= slow_kn)
    comings, goings = np.flatnonzero(came), np.flatnonzero(went)
    added = [_meeting(rows[comings], rows[comings + 1]), _meeting(rows[goings + 1], rows[goings])]
    full = np.concatenate([rows, *added])
    return full[np.argsort(full["t"], kind="stable")]


def _meeting(fast: Track, slow: Track) -> Track:
    """Where the way from each faster position meets the drift through the slower one."""
    met = slow.copy()
    east, north = _velocity(slow)
    east_m, north_m = degree_m(slow["lat"])
    took = np.abs(slow["t"] - fast["t"])
    ahead = np.sign(slow["t"] - fast["t"])
    for _ in range(4):  # drift is slow: this settles to metres at once
        way_m = np.hypot(*offset_m(fast["lon"], fast["lat"], met["lon"], met["lat"]))
        under_way_s = np.minimum(way_m / (fast["speed_kn"] * KNOT_MPS), took)
        drifted_s = (took - under_way_s) * ahead
        met["lon"] = slow["lon"] - east * drifted_s / east_m
        met["lat"] = slow["lat"] - north * drifted_s / north_m
        met["t"] = fast["t"] + under_way_s * ahead
    return met


def _velocity(rows: Track) -> tuple[Floats, Floats]:
    """Metres a second east and north."""
    angle, pace = np.radians(rows["course_deg"]), rows["speed_kn"] * KNOT_MPS
    return pace * np.sin(angle), pace * np.cos(angle)
