"""Who comes too close to whom: closest points of approach over all pairs of a fleet."""

import numpy as np
import shapely
from numpy.typing import NDArray

from vessels.science.tracks import KNOT_MPS, Floats, degree_m, wrapped

RISK = np.dtype([("i", "i4"), ("j", "i4"), ("cpa_m", "f8"), ("tcpa_s", "f8")])
NAUTICAL_MILE_M = 1852.0
SLOT_S = 450.0  # sweeps are looked at in slots: shorter ones make smaller boxes, but more


def risks(
    lon: Floats, lat: Floats, speed_kn: Floats, course_deg: Floats, t: Floats, at: float, *,
    within_nm: float, horizon_s: float, max_age_s: float | Floats = 900.0, still_kn: float = 0.5,
) -> NDArray:  # fmt: skip
    """Pairs that pass within ``within_nm`` in the next ``horizon_s``, nearest in time first.

    Rows of dtype RISK: indices i < j, the least distance in metres, and seconds from ``at`` until
    then. Every position is pushed from its time ``t`` to ``at`` along its course; one older than
    ``max_age_s`` (one for all, or each vessel's own) is left out: at a VMS cadence of hours nothing
    can be said of minutes. A pair already parting is at its nearest now (0 s). Without a course, or
    slower than ``still_kn``, a vessel lies still; two that lie still are no pair. Source: the
    definition of CPA and TCPA, IMO MSC.192(79); ``max_age_s`` and ``still_kn`` are ours.
    """
    lon, lat, speed, course, t = (
        np.asarray(column, "f8") for column in (lon, lat, speed_kn, course_deg, t)
    )
    fresh = np.isfinite(lon) & np.isfinite(lat) & (np.abs(at - t) <= max_age_s)
    who = np.flatnonzero(fresh)
    moves = np.isfinite(speed) & np.isfinite(course) & (speed >= still_kn)
    pace = np.where(moves, speed, 0.0)[who] * KNOT_MPS
    angle = np.radians(np.where(moves, course, 0.0)[who])
    east, north = pace * np.sin(angle), pace * np.cos(angle)
    here_lon, here_lat = _pushed(lon[who], lat[who], east, north, at - t[who])
    i, j, slot = _near(here_lon, here_lat, east, north, within_nm, horizon_s)
    some = (pace[i] > 0) | (pace[j] > 0)
    i, j, slot = i[some], j[some], slot[some]
    cpa_m, tcpa_s = _closest(here_lon, here_lat, east, north, i, j, horizon_s)
    # A pair shares boxes in several slots; the one that holds its closest moment reports it.
    hit = (cpa_m <= within_nm * NAUTICAL_MILE_M) & (slot == _slot_of(tcpa_s, horizon_s))
    found = np.empty(int(hit.sum()), RISK)
    found["i"], found["j"] = who[i[hit]], who[j[hit]]
    found["cpa_m"], found["tcpa_s"] = cpa_m[hit], tcpa_s[hit]
    return found[np.lexsort((found["j"], found["i"], found["cpa_m"], found["tcpa_s"]))]


def _pushed(lon, lat, east, north, seconds) -> tuple[Floats, Floats]:
    """Degrees after so many seconds at metres a second east and north."""
    east_m, north_m = degree_m(lat)
    return lon + east * seconds / east_m, lat + north * seconds / north_m


def _slots(horizon_s: float) -> int:
    return max(1, int(np.ceil(horizon_s / SLOT_S)))


def _slot_of(seconds: Floats, horizon_s: float) -> NDArray[np.intp]:
    slots = _slots(horizon_s)
    return np.minimum((seconds * slots / horizon_s).astype(int), slots - 1)


def _near(lon, lat, east, north, within_nm, horizon_s):
    """Pairs (i < j) whose sweeps come near each other within a slot, and the slot's number."""
    slots = _slots(horizon_s)
    length_s = horizon_s / slots
    east_m, north_m = degree_m(np.minimum(np.abs(lat), 89.0))
    # half of the distance for each of the two, and 1 % of the way for the bend of the globe
    margin = within_nm * NAUTICAL_MILE_M / 2 * 1.02 + 0.01 * np.hypot(east, north) * horizon_s
    pad_lon, pad_lat = margin / east_m, margin / north_m
    pairs = []
    for slot in range(slots):
        lon1, lat1 = _pushed(lon, lat, east, north, slot * length_s)
        lon2, lat2 = _pushed(lon, lat, east, north, (slot + 1) * length_s)
        boxes = shapely.box(
            np.minimum(lon1, lon2) - pad_lon, np.minimum(lat1, lat2) - pad_lat,
            np.maximum(lon1, lon2) + pad_lon, np.maximum(lat1, lat2) + pad_lat,
        )  # fmt: skip
        i, j = shapely.STRtree(boxes).query(boxes)
        once = i < j
        pairs.append((i[once], j[once], np.full(int(once.sum()), slot)))
    return tuple(np.concatenate(column) for column in zip(*pairs, strict=True))


def _closest(lon, lat, east, north, i, j, horizon_s) -> tuple[Floats, Floats]:
    """Metres at the closest moment of each pair within the horizon, and its second."""
    east_m, north_m = degree_m((lat[i] + lat[j]) / 2)
    dx, dy = wrapped(lon[j] - lon[i]) * east_m, (lat[j] - lat[i]) * north_m
    vx, vy = east[j] - east[i], north[j] - north[i]
    speed2 = vx**2 + vy**2
    with np.errstate(divide="ignore", invalid="ignore"):
        when = np.where(speed2 > 0, -(dx * vx + dy * vy) / speed2, 0.0)
    when = np.clip(when, 0.0, horizon_s)
    return np.hypot(dx + vx * when, dy + vy * when), when
