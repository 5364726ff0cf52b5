"""How well a position continues a track: the published scoring of gpsdio-segment 3.0.

Source: Global Fishing Watch, gpsdio-segment 3.0; the method, written anew. Distances here are
nautical miles with a minute of latitude as one mile, as published: scores compare with scores.
"""

from dataclasses import dataclass
from math import cos, exp, hypot, isnan, radians, sin

CLASS_A, CLASS_B, VMS_SET = 1, 2, 4
HEARD_BY = {0: VMS_SET, 1: CLASS_A, 2: CLASS_A, 3: CLASS_A, 18: CLASS_B, 19: CLASS_B,
            27: CLASS_A | CLASS_B}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds of the splitting, with the published values.

    ``max_hours`` between two positions of one segment; beyond ``penalty_hours`` a boat is not
    expected to hold its course (``hours_exp``); ``buffer_hours`` pads every interval; reject above
    ``max_knots``; ``penalty_speed`` knots beside the expected place count as far; ``shape_factor``
    makes staying put or lying along the way dearer than being where expected. ``lookback``
    positions may be bridged, each dropped, where the match is ``lookback_factor`` times better.
    Candidates within ``ambiguity`` of the best close and a segment starts afresh. Segments shorter
    than ``short_segment`` count less, another transponder class counts ``transponder_mismatch``.
    Type 27 (a tenth of a minute) within ``type_27_hours`` is noise. Up to ``very_slow_kn`` a course
    may be missing. Source: gpsdio-segment 3.0.

    ``misaligned_weights`` True repeats its fault: with several candidates the weights of short
    segments are taken from the list of all open ones. ``speedless_kinds`` (ours): positions of
    these kinds need no speed and count as lying still; some VMS providers send none.
    """

    max_hours: float = 24.0
    penalty_hours: float = 4.0
    hours_exp: float = 0.5
    buffer_hours: float = 0.25
    max_knots: float = 25.0
    penalty_speed: float = 5.0
    shape_factor: float = 4.0
    lookback: int = 5
    lookback_factor: float = 2.0
    ambiguity: float = 10.0
    short_segment: int = 10
    transponder_mismatch: float = 0.1
    type_27_hours: float = 1.0
    very_slow_kn: float = 0.35
    max_open: int = 100
    identity_minutes: int = 15
    misaligned_weights: bool = False
    speedless_kinds: frozenset[int] = frozenset({0})


class Point:
    """A position ready for scoring: its drift in degrees an hour and its course as a direction."""

    __slots__ = ("t", "lon", "lat", "speed", "drift_lon", "drift_lat", "east", "north", "heard_by")

    def __init__(
        self, t: float, lon: float, lat: float, speed: float, course: float, kind: int
    ) -> None:
        self.t, self.lon, self.lat, self.speed = t, lon, lat, speed
        self.heard_by = HEARD_BY.get(kind, 0)
        self.drift_lon = self.drift_lat = 0.0
        if isnan(course):
            # Too slow for a course: expected to stay, yet the way along runs north, as published.
            self.east, self.north = 0.0, 1.0
        else:
            angle = radians(90.0 - course)
            self.east, self.north = cos(angle), sin(angle)
            miles = speed / 60.0
            self.drift_lon = self.east * miles / (cos(radians(lat)) + 1e-3)
            self.drift_lat = self.north * miles


class Node:
    """A position that a segment keeps, its score, and the kept one before it.

    Dropped positions are simply not on the chain. Never changed while anyone looks back through
    it, so that every state of a segment is one pointer.
    """

    __slots__ = ("point", "score", "before")

    def __init__(self, point: Point, score: float, before: "Node | None") -> None:
        self.point, self.score, self.before = point, score, before


def discrepancy_nm(a: Point, b: Point, hours: float, shape: float) -> float:
    """Nautical miles between where a boat is and where it should be after ``hours``.

    The least of: the mean error of dead reckoning forward and backward; staying put; the mean
    distance beside both courses, if the other lies ahead within reach. The latter two × ``shape``.
    """
    wide = 60.0 * cos(radians(0.5 * (a.lat + b.lat)))
    lon = (b.lon - a.lon + 180.0) % 360.0 - 180.0
    lat = b.lat - a.lat
    east, north = wide * lon, 60.0 * lat
    least = 0.5 * (
        hypot(wide * (a.drift_lon * hours - lon), 60.0 * (a.drift_lat * hours - lat))
        + hypot(wide * (lon - b.drift_lon * hours), 60.0 * (lat - b.drift_lat * hours))
    )
    stayed = shape * hypot(east, north)
    if stayed < least:
        least = stayed
    if 0.0 < east * a.east + north * a.north <= a.speed * hours and (
        0.0 < east * b.east + north * b.north <= b.speed * hours
    ):
        beside = abs(east * a.north - north * a.east) + abs(east * b.north - north * b.east)
        least = min(least, 0.5 * shape * beside)
    return least


def match(tail: Node, point: Point, params: Params) -> tuple[float, float, Node] | None:
    """Score, hours and the position to join, if the point can continue the segment; else None.

    Joining a position before the last drops those after it.
    """
    p = params
    weight = 1.0 if _same_transponder(tail, point, p.lookback) else p.transponder_mismatch
    best, found, back, to_beat = 0.0, None, 0, 0.0
    node: Node | None = tail
    while node is not None and back < p.lookback:
        hours = (point.t - node.point.t) / 3600.0
        if hours > p.max_hours:
            break
        pad = hypot(hours, p.buffer_hours)
        share = back * p.lookback_factor
        if share < 1.0:
            share = 1.0
        ceiling = weight / pad / share
        if ceiling <= best:
            break  # no older position can do better
        if ceiling > to_beat:
            limit = pad * p.max_knots
            far = abs(node.point.lat - point.lat) * 60.0
            if far - hours * max(node.point.speed, point.speed) <= limit:
                shortened = hours / (1.0 + (hours / p.penalty_hours) ** (1.0 - p.hours_exp))
                far = discrepancy_nm(node.point, point, shortened, p.shape_factor)
                score = exp(-((far / (pad * p.penalty_speed)) ** 2)) / pad * weight
                if far <= limit and score / share > best and score / share > to_beat:
                    best, found = score / share, (score, hours, node)
        to_beat, node, back = node.score, node.before, back + 1
    return found


def _same_transponder(tail: Node, point: Point, lookback: int) -> bool:
    """Whether one of the positions looked back at was heard by the same class of transponder."""
    if tail.point.heard_by & point.heard_by:
        return True
    node = tail.before
    for _ in range(lookback - 1):
        if node is None:
            return False
        if node.point.heard_by & point.heard_by:
            return True
        node = node.before
    return False


def weighed(scores: list[float], counts: list[int], params: Params) -> list[float]:
    """Scores with those of short segments lowered."""
    shares = [count / params.short_segment for count in counts]
    return [score * a / hypot(1.0, a) for score, a in zip(scores, shares, strict=False)]
