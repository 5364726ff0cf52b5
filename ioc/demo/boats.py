"""A simulated fleet that transmits real AIS sentences; where a boat is follows from seed and time.

Boats leave Thuận An and Tư Hiền at dusk or at dawn, fish offshore and come home; cargo ships pass
along the coast. Every MMSI has MID 799, which no country holds, and every name begins with DEMO,
so that nobody can take one for a vessel. Moorings and channels were laid through the water of the
coast line GSHHG; tests hold them against a pack's coast.
"""

import asyncio
import math
import random
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from vessels.ais import encode

FISHING_BOATS = 300
CARGO_SHIPS = 10
FIRST_MMSI = 799_000_000
KN = 1852 / 3600
DAY_S = 86_400
ZONE_S = 7 * 3600  # boats keep Huế's hours
PARTICULARS_S = 360  # AIS says who it is every six minutes
MOORED_S = 180
PAST_MOVING_S, PAST_MOORED_S = 120, 600  # coarser than life: the replay keeps no more of it
Point = tuple[float, float]

# Mooring ground (a line) and the way out to open water, lon and lat in degrees.
PORTS: dict[str, tuple[tuple[Point, Point], tuple[Point, ...]]] = {
    "Thuận An": (
        ((107.6310, 16.5562), (107.6345, 16.5560)),
        ((107.6359, 16.5641), (107.6295, 16.5709), (107.6295, 16.5847), (107.6449, 16.6001)),
    ),
    "Tư Hiền": (
        ((107.8960, 16.3110), (107.9051, 16.3201)),
        ((107.9113, 16.3263), (107.9155, 16.3327), (107.9175, 16.3369), (107.9175, 16.3455),
         (107.9255, 16.3533), (107.9289, 16.3583), (107.9387, 16.3787), (107.9501, 16.3901)),
    ),
}  # fmt: skip
# By least length: the share of boats, how far out they fish (least, most, often; m), and how far
# to either side (m). Each class keeps to its waters, but for the planted cases.
GROUNDS = (
    (0, (9, 11), (3_300, 3_900, 3_600), (-1_200, 1_200), 500),
    (12, (12, 13, 14), (12_000, 33_000, 18_000), (-12_000, 8_000), 2_500),
    (15, (16, 18, 20, 22, 24), (57_000, 62_000, 59_000), (-9_000, 8_000), 2_500),
)
SHARES = (0.15, 0.72, 0.13)
SILENT = {7: True, 8: False}  # number: whether it sails by night; they fall silent at sea
OVER_LINE = {12: True, 13: False}  # small boats that fish far beyond their waters
VMS_OFF = {18: True, 19: False}  # their AIS is heard, their VMS never was
PLANTED = SILENT | OVER_LINE | VMS_OFF
SILENT_AFTER_S = 1_800  # from when it began to fish
SEAWARD, ALONG = (0.585, 0.811), (0.811, -0.585)  # east and north parts, of the coast by Huế
LANE: tuple[Point, ...] = ((107.45, 17.25), (108.10, 16.85), (108.75, 16.40), (109.25, 15.85))
M_PER_DEG = 111_195.0


def metres(a: Point, b: Point) -> float:
    """The distance of two near points, on a flat Earth: a simulation needs no better."""
    east = (b[0] - a[0]) * math.cos(math.radians((a[1] + b[1]) / 2))
    return math.hypot(east, b[1] - a[1]) * M_PER_DEG


def moved(point: Point, east_m: float, north_m: float) -> Point:
    """The point that lies so many metres east and north."""
    lon = point[0] + east_m / (M_PER_DEG * math.cos(math.radians(point[1])))
    return lon, point[1] + north_m / M_PER_DEG


def along(path: tuple[Point, ...], distance_m: float) -> Point:
    """The point at a distance from the path's start; its end if it is shorter."""
    for a, b in pairwise(path):
        leg = metres(a, b)
        if distance_m < leg:
            part = distance_m / leg
            return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
        distance_m -= leg
    return path[-1]


def length_of(path: tuple[Point, ...]) -> float:
    """Metres from one end to the other."""
    return sum(metres(a, b) for a, b in pairwise(path))


@dataclass(frozen=True)
class Trip:
    """One day's work of one boat: out along `way`, rounds about its end, and home."""

    leaves_at: float
    way: tuple[Point, ...]
    speed_kn: float
    fishes_s: float
    radius_m: float
    rounds: tuple[int, int]

    @cached_property
    def way_m(self) -> float:
        return length_of(self.way)

    @cached_property
    def sails_s(self) -> float:
        return self.way_m / (self.speed_kn * KN)

    @property
    def ends_at(self) -> float:
        return self.leaves_at + 2 * self.sails_s + self.fishes_s

    def at(self, t: float) -> tuple[Point, int]:
        """Position and navigational status (0 under way, 7 fishing) during the trip."""
        gone = t - self.leaves_at
        if gone < self.sails_s:
            return along(self.way, gone * self.speed_kn * KN), 0
        if gone > self.sails_s + self.fishes_s:
            left = max(self.ends_at - t, 0.0)
            return along(self.way, left * self.speed_kn * KN), 0
        turn = 2 * math.pi * (gone - self.sails_s) / self.fishes_s
        east = self.radius_m * math.sin(self.rounds[0] * turn)
        north = self.radius_m * (1 - math.cos(self.rounds[1] * turn)) / 2
        return moved(self.way[-1], east, north), 7


class Boat:
    """A fishing boat of the simulation."""

    def __init__(self, number: int, seed: int) -> None:
        self.number, self.seed = number, seed
        self.mmsi = FIRST_MMSI + number
        self.name = f"DEMO {number:04d}"
        self.callsign = f"XD{number:04d}"
        dice = random.Random(f"{seed}-{number}")
        self.port = "Thuận An" if dice.random() < 0.6 else "Tư Hiền"
        (a, b), self.channel = PORTS[self.port]
        part = dice.random()
        self.home = moved(
            (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part),
            dice.uniform(-40, 40), dice.uniform(-40, 40),
        )  # fmt: skip
        size = dice.choices(range(3), SHARES)[0]
        if number in PLANTED:
            size = 0 if number in OVER_LINE else 1
        self.ground = GROUNDS[1 if number in OVER_LINE else size]
        self.length_m = dice.choice(GROUNDS[size][1])
        self.width_m = max(3, self.length_m // 4)
        self.class_a = self.length_m >= 12
        self.ship_type = 30
        self.night = PLANTED.get(number, dice.random() < 0.6)
        self.cruise_kn = dice.uniform(*((4.5, 5.2), (5.8, 9.0), (8.5, 9.5))[size])
        self.cadence_s = dice.randint(10, 30)
        self.phase_s = dice.randint(0, MOORED_S - 1)
        self.trip = lru_cache(maxsize=4)(self._trip)

    def _trip(self, day: int) -> Trip | None:
        dice = random.Random(f"{self.seed}-{self.number}-{day}")
        if dice.random() < 0.08 and self.number not in PLANTED:
            return None  # a day ashore
        local_h = dice.uniform(15.5, 18.5) if self.night else dice.uniform(3.0, 5.5)
        mouth = self.channel[-1]
        _, _, (least, most, often), aside, most_radius = self.ground
        out_m = dice.triangular(least, most, often)
        aside_m = dice.uniform(*aside)
        ground = moved(
            mouth, out_m * SEAWARD[0] + aside_m * ALONG[0], out_m * SEAWARD[1] + aside_m * ALONG[1]
        )
        fishes_s = dice.uniform(5.0, 8.0) * 3600
        rounds = (dice.randint(2, 4), dice.randint(3, 6))
        travel_m = dice.uniform(1.6, 3.2) * KN * fishes_s
        radius_m = min(travel_m / (2 * math.pi * max(rounds)), most_radius)
        return Trip(
            leaves_at=day * DAY_S - ZONE_S + local_h * 3600,
            way=(self.home, *self.channel, ground), speed_kn=self.cruise_kn,
            fishes_s=fishes_s, radius_m=radius_m, rounds=rounds,
        )  # fmt: skip

    def at(self, t: float) -> tuple[Point, int]:
        """Position and navigational status at an epoch second; 5 is moored."""
        today = int((t + ZONE_S) // DAY_S)
        for day in (today, today - 1):
            trip = self.trip(day)
            if trip and trip.leaves_at <= t <= trip.ends_at:
                return trip.at(t)
        return self.home, 5

    def due(self, t0: float, t1: float, *, past: bool = False) -> Iterator[int]:
        """The whole seconds in [t0, t1) at which this boat reports; moored ones report less."""
        step, moored = (PAST_MOVING_S, PAST_MOORED_S) if past else (self.cadence_s, MOORED_S)
        first = math.ceil((t0 - self.phase_s) / step) * step + self.phase_s
        for t in range(first, math.ceil(t1), step):
            if (t % moored < step or self.at(t)[1] != 5) and not self.silent_at(t):
                yield t

    def silent_at(self, t: float) -> bool:
        """Whether a planted boat has fallen silent: from its fishing until it lies at home again
        for an hour before the next trip."""
        if self.number not in SILENT:
            return False
        today = int((t + ZONE_S) // DAY_S)
        for day in (today, today - 1):
            trip, following = self.trip(day), self.trip(day + 1)
            if trip and following:
                began = trip.leaves_at + trip.sails_s + SILENT_AFTER_S
                if began <= t < following.leaves_at - 3600:
                    return True
        return False


class CargoShip(Boat):
    """A ship that sails up and down the lane off the coast."""

    def __init__(self, number: int, seed: int) -> None:
        super().__init__(number, seed)
        dice = random.Random(f"cargo-{seed}-{number}")
        self.name, self.class_a, self.ship_type = f"DEMO CARGO {number:04d}", True, 70
        self.length_m, self.width_m = dice.choice(((98, 16), (142, 22), (189, 30), (228, 32)))
        self.cruise_kn, self.cadence_s = dice.uniform(9.0, 14.5), 10
        aside_m = dice.uniform(-4_000, 4_000)
        self.lane = tuple(moved(p, aside_m * SEAWARD[0], aside_m * SEAWARD[1]) for p in LANE)
        self.start_m = dice.uniform(0, 2 * length_of(self.lane))

    def at(self, t: float) -> tuple[Point, int]:
        """Position and status (always under way) at an epoch second."""
        whole = length_of(self.lane)
        gone = (self.start_m + t * self.cruise_kn * KN) % (2 * whole)
        return along(self.lane, gone if gone < whole else 2 * whole - gone), 0


@lru_cache(maxsize=4)
def fleet(seed: int) -> tuple[Boat, ...]:
    """All boats and ships of the simulation."""
    boats = [Boat(number, seed) for number in range(1, FISHING_BOATS + 1)]
    ships = [CargoShip(FISHING_BOATS + n, seed) for n in range(1, CARGO_SHIPS + 1)]
    return (*boats, *ships)


def report(boat: Boat, t: int) -> bytes:
    """The position report that a boat sends at an epoch second."""
    (lon, lat), status = boat.at(t)
    speed, course = 0.0, None
    if status != 5:
        (lon0, lat0), (lon1, lat1) = boat.at(t - 2)[0], boat.at(t + 2)[0]
        east = (lon1 - lon0) * math.cos(math.radians(lat))
        speed = metres((lon0, lat0), (lon1, lat1)) / 4 / KN
        course = math.degrees(math.atan2(east, lat1 - lat0)) % 360
    return encode.position(
        boat.mmsi, lon, lat, speed_kn=speed, course_deg=course, second=t % 60,
        status=status if boat.class_a else None, channel="AB"[t % 2],
    )  # fmt: skip


def introduction(boat: Boat) -> list[bytes]:
    """The sentences in which a boat says what it is."""
    say = encode.voyage if boat.class_a else encode.particulars
    return say(
        boat.mmsi, name=boat.name, callsign=boat.callsign, ship_type=boat.ship_type,
        length_m=boat.length_m, width_m=boat.width_m,
    )  # fmt: skip


def greeting(boat: Boat, t: int) -> list[bytes]:
    """Who it is and, unless it keeps silent, where: else one at its mooring is heard minutes on."""
    return [*introduction(boat), *([] if boat.silent_at(t) else [report(boat, t)])]


def sentences_between(
    t0: float, t1: float, seed: int, *, past: bool = False
) -> Iterator[tuple[int, bytes]]:
    """Everything the fleet transmits in [t0, t1), as (epoch s, line with its end), in order.

    With `past` only positions, every two minutes in place of the boats' 10 to 30 s.
    """
    for start in range(math.floor(t0), math.ceil(t1), 60):
        heard: list[tuple[int, int, bytes]] = []
        low, high = max(t0, start), min(t1, start + 60)
        for boat in fleet(seed):
            for t in boat.due(low, high, past=past):
                heard.append((t, boat.number, report(boat, t)))
            told = math.ceil((low - boat.phase_s) / PARTICULARS_S) * PARTICULARS_S + boat.phase_s
            if told < high and not past:
                heard.extend((told, boat.number, line) for line in introduction(boat))
        heard.sort(key=lambda one: one[:2])
        yield from ((t, line + b"\r\n") for t, _, line in heard)


def backfill(
    path: Path | str, hours: float = 24, *, seed: int = 1, until: float | None = None
) -> int:
    """The number of lines written: the fleet's last hours as a log with TAG blocks, to be taken
    in by `ingest ais PATH --source demo --synthetic`."""
    end = math.floor(time.time() if until is None else until)
    count = 0
    with Path(path).open("wb") as log:
        for boat in fleet(seed):
            for line in introduction(boat):
                at = end - int(hours * 3600)
                log.write(encode.tagged(line, at_s=at, station="demo") + b"\r\n")
                count += 1
        for t, line in sentences_between(end - hours * 3600, end, seed, past=True):
            log.write(encode.tagged(line[:-2], at_s=t, station="demo") + b"\r\n")
            count += 1
    return count


async def run(door: Any) -> None:
    """Transmit over UDP for ever; `door` has `ais_host`, `ais_port` and `seed`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        where = (door.ais_host, door.ais_port)
        for boat in fleet(door.seed):
            _send(sock, where, [line + b"\r\n" for line in greeting(boat, int(time.time()))])
            await asyncio.sleep(0.005)
        sent_to = time.time() - 5
        while True:
            now = time.time()
            due = sentences_between(sent_to, now, door.seed) if now - sent_to < 60 else ()
            _send(sock, where, [line for _, line in due])
            sent_to = now
            await asyncio.sleep(1.0)


def _send(sock: socket.socket, where: tuple[str, int], lines: list[bytes]) -> None:
    for start in range(0, len(lines), 10):
        try:
            sock.sendto(b"".join(lines[start : start + 10]), where)
        except OSError:  # nobody listens just now; the next second's sentences will do
            return
