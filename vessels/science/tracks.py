"""Tracks as arrays, and metres on the ground between their positions.

Distances: degrees times the length of a degree on WGS84 at the latitude half way between the two
points. Up to 300 km and between 70° south and north that is within 0.5 % of the geodesic (a test
measures it against a geodesic library).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Track = NDArray[Any]

KNOT_MPS = 1852.0 / 3600.0
HOUR_S = 3600.0
VMS = 0  # Track["kind"] of a position that no AIS message carried

TRACK = np.dtype(
    [
        ("t", "f8"), ("lon", "f8"), ("lat", "f8"),
        ("speed_kn", "f4"), ("course_deg", "f4"), ("kind", "i2"),
    ]
)  # fmt: skip

_SEMI_MAJOR_M, _ECCENTRICITY2 = 6_378_137.0, 0.00669437999014


def track(t, lon, lat, speed_kn=np.nan, course_deg=np.nan, kind=VMS) -> Track:
    """A structured array of dtype TRACK in time order, one row a time: the first given counts.

    Epoch seconds, degrees in 4326, knots and degrees (nan unknown), AIS message type (0 is VMS).
    Rows without a finite time, longitude and latitude are left out.
    """
    t = np.atleast_1d(np.asarray(t, "f8"))
    rows = np.zeros(len(t), TRACK)
    columns = (t, lon, lat, speed_kn, course_deg, kind)
    for name, column in zip(TRACK.names or (), columns, strict=True):
        rows[name] = column
    rows = rows[np.isfinite(rows["t"]) & np.isfinite(rows["lon"]) & np.isfinite(rows["lat"])]
    return rows[np.unique(rows["t"], return_index=True)[1]]


def degree_m(lat: Floats | float) -> tuple[Any, Any]:
    """Metres of one degree of longitude and of latitude at a latitude.

    Source: radii of curvature of the ellipsoid WGS84 (EPSG 7030).
    """
    phi = np.radians(lat)
    bend = 1.0 - _ECCENTRICITY2 * np.sin(phi) ** 2
    east = _SEMI_MAJOR_M / np.sqrt(bend) * np.cos(phi)
    north = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY2) / bend**1.5
    return np.radians(east), np.radians(north)


def wrapped(lon_deg: Any) -> Any:
    """A difference of longitudes as -180 up to 180: the short way round."""
    return (lon_deg + 180.0) % 360.0 - 180.0


def offset_m(lon1, lat1, lon2, lat2) -> tuple[Floats, Floats]:
    """Metres east and north from the first positions to the second, element by element."""
    east_m, north_m = degree_m((np.asarray(lat1, "f8") + lat2) / 2.0)
    return wrapped(np.asarray(lon2, "f8") - lon1) * east_m, (np.asarray(lat2) - lat1) * north_m


def distance_m(lon1, lat1, lon2, lat2) -> Floats:
    """Metres between positions, element by element."""
    return np.hypot(*offset_m(lon1, lat1, lon2, lat2))


def legs_m(rows: Track) -> Floats:
    """Metres of each leg between neighbours; one shorter than the track."""
    lon, lat = rows["lon"], rows["lat"]
    return distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])


def extent_m(rows: Track) -> float:
    """Metres across the box around the positions: jitter at anchor does not add up in it."""
    lon, lat = rows["lon"], rows["lat"]
    west = lon[0] + wrapped(lon - lon[0]).min()
    east = lon[0] + wrapped(lon - lon[0]).max()
    return float(distance_m(west, lat.min(), east, lat.max()))


def speeds_kn(rows: Track, *, longest_s: float, shortest_s: float = 600.0) -> Floats:
    """Knots at each position: as reported, else made good over the time around it.

    A speed made good needs ``shortest_s`` (position noise over ten seconds reads as knots) and
    means nothing across more than ``longest_s``; where neither helps the answer is nan.
    """
    speed = rows["speed_kn"].astype("f8").round(3)  # 0.2 as 0.2, not as the nearest single float
    missing = np.flatnonzero(np.isnan(speed))
    if not len(missing) or len(rows) < 2:
        return speed
    t = rows["t"]
    first = np.maximum(np.searchsorted(t, t[missing] - shortest_s / 2, "right") - 1, 0)
    last = np.minimum(np.searchsorted(t, t[missing] + shortest_s / 2, "left"), len(t) - 1)
    took = t[last] - t[first]
    went = distance_m(rows["lon"][first], rows["lat"][first], rows["lon"][last], rows["lat"][last])
    known = (took >= shortest_s / 2) & (took <= longest_s)
    speed[missing[known]] = went[known] / took[known] / KNOT_MPS
    return speed


def on_sphere_m(lon: Floats, lat: Floats) -> Floats:
    """Earth-centred metres, shape (n, 3): chords shorter than 300 km match distances to 0.7 %."""
    lam, phi = np.radians(lon), np.radians(lat)
    ball = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)
    return ball * 6_371_000.0


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of every stretch of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype("i1")))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
