"""Port visits: in, stopped or silent there, and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from vessels.science.cadence import at_least, cadence_s
from vessels.science.tracks import HOUR_S, Floats, Track, degree_m, distance_m, runs, speeds_kn


class Port(NamedTuple):
    """A place to visit, degrees in 4326; in a lagoon its polygon says where it is."""

    id: int | str
    lon: float
    lat: float
    polygon: shapely.Geometry | None = None


class Visit(NamedTuple):
    """A visit in epoch seconds: in between ``before`` and ``start``, out from ``last`` to ``end``.

    ``before`` is the last time heard outside (None: never), ``start`` and ``last`` the first and
    last inside, ``end`` the first outside again (None: still there). ``stops`` and ``gaps`` are
    (start, end). ``nearest_m`` is the least distance to the port.
    """

    port: int | str
    before: float | None
    start: float
    last: float
    end: float | None
    stops: list[tuple[float, float]]
    gaps: list[tuple[float, float]]
    nearest_m: float


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds of port visits.

    In within ``enter_m``, out beyond ``leave_m``; with a polygon, in inside it and out farther than
    ``outside_m`` from it. A stop begins at or below ``stop_kn`` and ends above ``go_kn``. A silence
    is ``gap_s``, or ``missed`` intervals of the vessel's cadence. Source: Global Fishing Watch,
    port visits (3 km, 4 km, 0.2 kn, 0.5 kn, 4 h); ``outside_m`` and ``missed`` are ours.
    """

    enter_m: float = 3_000.0
    leave_m: float = 4_000.0
    outside_m: float = 200.0
    stop_kn: float = 0.2
    go_kn: float = 0.5
    gap_s: float = 4 * HOUR_S
    missed: float = 2.0


def visits(
    track: Track, ports: Sequence[Port], params: Params | None = None, *, now: float | None = None
) -> list[Visit]:
    """Visits in time order, each with a stop or a silence: passing by is none.

    Where two ports claim one time, the nearer has it. ``now`` lets the silence that lasts count.
    """
    if not len(track):
        return []
    params = params or Params()
    cadence = cadence_s(track["t"])
    # three intervals, so that a speed can be made good around a position of a slow cadence
    speed = speeds_kn(track, longest_s=at_least(params.gap_s, cadence, 3.0))
    silent_s = at_least(params.gap_s, cadence, params.missed)
    stopped = held(speed <= params.stop_kn, speed > params.go_kn)
    found = []
    for port in ports:
        away_m, inside = _inside(track, port, params)
        for first, last in runs(inside):
            visit = _visit(track, port, away_m, stopped, silent_s, now, first, last)
            if visit.stops or visit.gaps:
                found.append(visit)
    return _nearest(found)


def held(on: NDArray[np.bool_], off: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """True from where ``on`` says so until ``off`` does; False before either."""
    decisive = np.where(on | off, np.arange(len(on)), -1)
    latest = np.maximum.accumulate(decisive)
    return np.where(latest >= 0, on[latest], False)


def _inside(track: Track, port: Port, params: Params) -> tuple[Floats, NDArray[np.bool_]]:
    """Metres to the port, and whether inside it, at each position."""
    if port.polygon is None:
        away_m = distance_m(track["lon"], track["lat"], port.lon, port.lat)
        return away_m, held(away_m <= params.enter_m, away_m > params.leave_m)
    scale = np.array(degree_m(port.lat))
    area = shapely.transform(port.polygon, lambda xy: xy * scale)
    shapely.prepare(area)
    points = shapely.points(track["lon"] * scale[0], track["lat"] * scale[1])
    away_m = shapely.distance(area, points)
    return away_m, held(away_m <= 0.0, away_m > params.outside_m)


def _visit(track, port, away_m, stopped, silent_s, now, first: int, last: int) -> Visit:
    t = track["t"]
    beyond = last + 1 < len(t)
    end = float(t[last + 1]) if beyond else None
    heard = t[first : last + 1]
    until = end if end is not None else now
    ends = np.append(heard[1:], heard[-1] if until is None else until)
    gaps = [(float(heard[k]), float(ends[k])) for k in np.flatnonzero(ends - heard >= silent_s)]
    stops = [
        (float(heard[a]), float(heard[min(b + 1, last - first)]))
        for a, b in runs(stopped[first : last + 1])
    ]
    before = float(t[first - 1]) if first else None
    nearest_m = float(away_m[first : last + 1].min())
    return Visit(port.id, before, float(heard[0]), float(heard[-1]), end, stops, gaps, nearest_m)


def _nearest(found: list[Visit]) -> list[Visit]:
    """Visits that overlap no visit of a nearer port, in time order."""
    chosen: list[Visit] = []
    for visit in sorted(found, key=lambda v: (v.nearest_m, v.start, str(v.port))):
        if all(visit.last < other.start or visit.start > other.last for other in chosen):
            chosen.append(visit)
    return sorted(chosen, key=lambda v: v.start)
