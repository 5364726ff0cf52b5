"""One vessel's day as lines and hours. Pure: positions in, well-known binary and cells out."""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from geo.cells import cells_of
from vessels.science import fishing
from vessels.science.cadence import at_least, cadence_s
from vessels.science.tracks import Floats, Track, distance_m, legs_m, wrapped

TIERS_M = (15.0, 60.0, 250.0, 1_000.0)
"""How far a tier's line may be from where the vessel was at that moment."""
SLOT_S = 30.0
"""Of the positions in a slot of so many seconds the first counts."""
SILENCE_S, CADENCES = 1_800.0, 5.0
"""A silence: half an hour, or five of the vessel's own intervals where that is longer."""
STEP_S = 600.0
"""A leg longer than this is shared out between the cells under it in steps of at most this."""
RESOLUTION = 7
NAUTICAL_M = 1852.0
SPHERE_M = 6_378_137.0  # of Web Mercator
POINT = np.dtype([("lon", "<f8"), ("lat", "<f8"), ("t", "<f8")])
MULTI_LINE_M, LINE_M = 2005, 2002  # ISO 13249-3 codes of well-known binary


@dataclass(slots=True)
class Effort:
    """Seconds present and of likely fishing in H3 cells of resolution 7, in port left out."""

    cells: NDArray[np.int64]
    present_s: Floats
    fishing_s: Floats


@dataclass(slots=True)
class Day:
    """A vessel's day. ``tiers`` are well-known binaries of MultiLineStringM, M = epoch seconds:
    the finest in degrees, the others in EPSG:3857."""

    started_at: datetime
    ended_at: datetime
    tiers: tuple[bytes, ...]
    positions: int
    silences: int
    distance_nm: float
    top_kn: float | None
    effort: Effort


@dataclass(frozen=True, slots=True)
class Harbours:
    """Ports as circles: degrees, and radii in metres, shape (n,) each."""

    lon: Floats
    lat: Floats
    radius_m: Floats

    def out(self, track: Track) -> NDArray[np.bool_]:
        """Which positions lie in none of them."""
        out = np.ones(len(track), bool)
        for lon, lat, radius_m in zip(self.lon, self.lat, self.radius_m, strict=True):
            out &= distance_m(track["lon"], track["lat"], lon, lat) > radius_m
        return out


def day_of(track: Track, end: float, harbours: Harbours, *, fishes: bool) -> Day | None:
    """The day of a track that ends with the first position at or after ``end`` (epoch s), if any.

    None where no two positions without a silence between them begin on the day.
    """
    track = thinned(track)
    today = int(np.searchsorted(track["t"], end))
    if not today or len(track) < 2:
        return None
    breaks = silent_legs(track)
    if today < len(track) and breaks[today - 1]:
        track, breaks = track[:today], breaks[: today - 1]
    pieces = [piece for piece in np.split(track, np.flatnonzero(breaks) + 1) if len(piece) > 1]
    if not pieces:
        return None
    speed = track["speed_kn"][:today]
    return Day(
        _moment(track["t"][0]), _moment(track["t"][-1]), _tiers(pieces), today,
        int(breaks.sum()), round(sum(float(legs_m(p).sum()) for p in pieces) / NAUTICAL_M, 2),
        None if np.isnan(speed).all() else round(float(np.nanmax(speed)), 1),
        _effort(track, breaks, harbours, fishes),
    )  # fmt: skip


def thinned(track: Track) -> Track:
    """The first position of each slot of time."""
    return track[np.unique(track["t"] // SLOT_S, return_index=True)[1]]


def silent_legs(track: Track) -> NDArray[np.bool_]:
    """Which legs, one fewer than positions, are silences."""
    limit = at_least(SILENCE_S, cadence_s(track["t"]), CADENCES)
    return np.diff(track["t"]) > limit


def _moment(t: float) -> datetime:
    return datetime.fromtimestamp(float(t), UTC)


def _tiers(pieces: list[Track]) -> tuple[bytes, ...]:
    from vessels.tracks import levels  # compiled: a web process need not hold it

    needed = [levels.needed_m(piece, TIERS_M[0]) for piece in pieces]
    return tuple(
        binary(
            [piece[need > tolerance_m] for piece, need in zip(pieces, needed, strict=True)],
            mercator=number > 0,
        )
        for number, tolerance_m in enumerate(TIERS_M)
    )


def binary(pieces: list[Track], *, mercator: bool = False) -> bytes:
    """Well-known binary (ISO, little-endian) of a MultiLineStringM, in degrees or EPSG:3857."""
    parts = [struct.pack("<BII", 1, MULTI_LINE_M, len(pieces))]
    for piece in pieces:
        points = np.empty(len(piece), POINT)
        for name in ("lon", "lat", "t"):
            points[name] = piece[name]
        if mercator:
            points["lon"] = SPHERE_M * np.radians(piece["lon"])
            points["lat"] = SPHERE_M * np.arcsinh(np.tan(np.radians(piece["lat"])))
        parts += [struct.pack("<BII", 1, LINE_M, len(piece)), points.tobytes()]
    return b"".join(parts)


def _effort(track: Track, breaks: NDArray[np.bool_], harbours: Harbours, fishes: bool) -> Effort:
    """Each leg's seconds where it led, in straight lines; none in port or over a silence."""
    out = harbours.out(track)
    took = np.diff(track["t"])
    legs = np.flatnonzero(~breaks & (out[:-1] | out[1:]) & (took > 0))
    steps = np.maximum(1, np.ceil(took[legs] / STEP_S)).astype(int)
    leg = np.repeat(legs, steps)
    number = np.arange(len(leg)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = (number + 0.5) / np.repeat(steps, steps)
    lon = track["lon"][leg] + share * wrapped(track["lon"][leg + 1] - track["lon"][leg])
    lat = track["lat"][leg] + share * (track["lat"][leg + 1] - track["lat"][leg])
    seconds = took[leg] / np.repeat(steps, steps)
    at = track["t"][leg] + share * took[leg]
    likely = np.zeros(len(leg), bool)
    for event in fishing.find(track, at_sea=out) if fishes else ():
        likely |= (at >= event.start) & (at <= event.end)
    cells, where = np.unique(cells_of(lon, lat, RESOLUTION), return_inverse=True)
    return Effort(
        cells, np.bincount(where, seconds, len(cells)),
        np.bincount(where, seconds * likely, len(cells)),
    )  # fmt: skip
