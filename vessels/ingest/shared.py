"""One MMSI, several vessels: each position finds the vessel that it is of, while it comes in.

Only where an MMSI shows a conflict is the Splitter asked; all others pay for one comparison of
neighbours. The window is a day around what comes in: positions in it move between the parts, in
the same transaction, when late ones tell otherwise.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from vessels.ais.columns import Particulars, Positions
from vessels.ingest import parting
from vessels.ingest.fleet import Fleet
from vessels.science.messages import Message, key_of
from vessels.science.scoring import CLASS_A, CLASS_B, HEARD_BY
from vessels.science.segments import Placed, Splitter
from vessels.science.tracks import distance_m

LEAST = 5  # so many kept positions make a vessel of a segment
MOST_PARTS = 4
MOST_WATCHED = 300  # MMSIs whose window is kept in memory
MOST_NEW = 100  # windows read for one batch: thousands of spoofers must not stop the feed
MOST_KEPT, FRESH = 6_000, 3_000  # messages of one MMSI in memory, and how many stay of them
WINDOW_S = 86_400.0  # the Splitter joins nothing across more
SUSPECT_KN, SUSPECT_M = 30.0, 1_852.0  # above the Splitter's 25 kn; below a mile noise decides
M_PER_DEG, KN = 111_195.0, 1852 / 3600
AIRCRAFT = 9
NEAR_S = 900.0  # an identity goes with positions so close in time


@dataclass
class Split:
    """The messages of one MMSI within the window, and the part under which each is stored."""

    mmsi: int
    ids: list[int]  # the vessel of each part
    floor: float
    ceiling: float = math.inf
    splitter: Splitter = field(default_factory=Splitter)
    stored: dict[tuple, int] = field(default_factory=dict)  # key of a message: part
    parts: dict[str, int] = field(default_factory=dict)  # of segments long enough for a vessel
    before: list[Message | None] = field(default_factory=list)  # each part's last before the floor
    placed: list[Placed] = field(default_factory=list)
    newest: float = -math.inf
    began: dict[int, Message] = field(default_factory=dict)  # first message of each part

    def take(self, messages: list[Message]) -> bool:
        """Take messages in; whether any asks for a fresh look at all of them."""
        look = False
        for message in messages:
            segment = self.splitter.add(message)
            look |= message.t <= self.newest or segment not in self.parts
            self.newest = max(self.newest, message.t)
            self.stored.setdefault(key_of(message), self.parts.get(segment, -1))
        return look

    def look(self) -> dict[tuple, int]:
        """The part of every message of the window, by its key; new parts are counted on."""
        self.placed = self.splitter.placed()
        kept: dict[str, list[Message]] = {}
        for message, segment, fate in self.placed:
            if fate == "kept":
                kept.setdefault(segment, []).append(message)
        order = sorted(kept, key=lambda segment: (kept[segment][0].t, segment))
        long = [s for s in order if len(kept[s]) >= LEAST or s in self.parts]
        tails = list(self.before) + [None] * (len(self.ids) - len(self.before))
        chosen: dict[str, int] = {}
        for segment in long:
            chosen[segment] = self._part_for(kept[segment], tails)
        self.parts = chosen
        main = [m for s in long for m in kept[s]]
        where = _Nearest(main, [chosen[s] for s in long for _ in kept[s]])
        short = {s: where.part(kept[s][0]) for s in order if s not in chosen}
        return {
            key_of(message): chosen.get(segment, short.get(segment, -1))
            if segment in chosen or segment in short else where.part(message)
            for message, segment, _ in self.placed
        }  # fmt: skip

    def _part_for(self, messages: list[Message], tails: list[Message | None]) -> int:
        """The part that a segment continues: one that is free, and the easiest to have come from.

        Where all are taken at its time it is of another vessel, as long as there is room.
        """
        first = messages[0]
        free = [p for p, tail in enumerate(tails) if tail is None or tail.t < first.t]
        if not free and len(tails) < MOST_PARTS:
            tails.append(None)
            free = [len(tails) - 1]
        part = min(free or range(len(tails)), key=lambda p: (_pace(tails[p], first), p))
        if part not in self.began or first.t < self.began[part].t:
            self.began[part] = first
        last = tails[part]
        if last is None or last.t < messages[-1].t:
            tails[part] = messages[-1]
        return part

    def trim(self) -> None:
        """Forget what is too old for late data, so that memory stays small."""
        if len(self.stored) <= MOST_KEPT:
            return
        self.look()
        cut = self.placed[-FRESH].message.t
        tails = list(self.before) + [None] * (len(self.ids) - len(self.before))
        for message, segment, fate in self.placed:
            if fate == "kept" and message.t < cut and segment in self.parts:
                tails[self.parts[segment]] = message
        self.before, self.floor = tails, cut
        self.splitter.forget(cut)
        self.stored = {key: part for key, part in self.stored.items() if key[0] >= cut}


class _Nearest:
    """Finds the part whose position, the nearest in time, lies nearest to a message."""

    def __init__(self, messages: list[Message], parts: list[int]) -> None:
        self._by: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        of = np.array(parts, np.intp)
        rows = np.array([m[:3] for m in messages], np.float64).reshape(-1, 3)
        for part in np.unique(of).tolist():
            mine = rows[of == part]
            mine = mine[np.argsort(mine[:, 0], kind="stable")]
            self._by[part] = mine[:, 0], mine[:, 1:]

    def part(self, message: Message) -> int:
        if len(self._by) < 2 or message.lon != message.lon:
            return next(iter(self._by), 0)
        found = []
        for part, (times, places) in self._by.items():
            i = int(np.searchsorted(times, message.t))
            near = min((j for j in (i - 1, i) if 0 <= j < len(times)),
                       key=lambda j: abs(times[j] - message.t))  # fmt: skip
            lon, lat = places[near].tolist()
            found.append((float(distance_m(lon, lat, message.lon, message.lat)), part))
        return min(found)[1]


def _pace(tail: Message | None, first: Message) -> float:
    """Metres a second from a part's last position; a part never used comes after those near."""
    if tail is None:
        return 25.0 * KN
    away_m = float(distance_m(tail.lon, tail.lat, first.lon, first.lat))
    return away_m / max(first.t - tail.t, 60.0)


def sort_out(
    fleet: Fleet, vessel: np.ndarray, time: np.ndarray, heard: Positions, kept: np.ndarray
) -> np.ndarray:
    """The vessel (id) of each position. Rows are sorted by vessel and time; ids are of parts 0.

    `kept` gives the row in `heard` of each. Positions stored before may move to another part.
    Call in the batch's transaction.
    """
    heads = np.flatnonzero(np.diff(vessel, prepend=-1))
    watched = (fleet.parted | fleet.splits.keys()) if fleet.parted or fleet.splits else set()
    suspects = set(sorted(_hasty(fleet, vessel, time, heard, kept, heads) - watched)[:MOST_NEW])
    if watched:
        suspects |= watched & set(vessel[heads].tolist())
    if not suspects:
        return vessel
    found = vessel.copy()
    for own in sorted(suspects):
        rows = np.arange(*np.searchsorted(vessel, [own, own + 1]))
        found[rows] = _sorted(fleet, own, time[rows], heard.take(kept[rows]))
    return found


def _hasty(
    fleet: Fleet, vessel: np.ndarray, time: np.ndarray, heard: Positions, kept: np.ndarray,
    heads: np.ndarray,
) -> set[int]:  # fmt: skip
    """Vessels (ids) that went from one place to the next, or to where they were, too fast."""
    if not len(vessel):
        return set()
    lon, lat = heard.lon[kept], heard.lat[kept]
    wide = np.cos(np.radians(lat))
    east, north = np.diff(lon) * wide[1:], np.diff(lat)
    far = east * east + north * north
    reach = np.maximum(np.diff(time) * (SUSPECT_KN * KN), SUSPECT_M) / M_PER_DEG
    hasty = (far > reach * reach) & (vessel[1:] == vessel[:-1])
    found = set(vessel[1:][hasty].tolist())
    owners = vessel[heads].tolist()
    met = np.array([i for i, v in enumerate(owners) if v in fleet.last], np.intp)
    last = np.array([fleet.last[owners[i]] for i in met.tolist()], np.float64).reshape(-1, 3).T
    tails = np.append(heads[1:], len(vessel)) - 1
    row = np.where(last[0] <= time[heads[met]], heads[met], tails[met])
    reach = np.maximum(np.abs(time[row] - last[0]) * (SUSPECT_KN * KN), SUSPECT_M) / M_PER_DEG
    far = ((lon[row] - last[1]) * wide[row]) ** 2 + (lat[row] - last[2]) ** 2
    found.update(vessel[row][far > reach * reach].tolist())
    flies = heard.kind[kept] == AIRCRAFT if found else np.zeros(len(kept), bool)
    aircraft = set(vessel[flies].tolist())
    return found.difference(aircraft)


def _sorted(fleet: Fleet, own: int, time: np.ndarray, heard: Positions) -> list[int]:
    """The vessel of each of these rows, all of one MMSI, in time order."""
    low, high = float(time[0]), float(time[-1])
    split = fleet.splits.get(own)
    if split is None or low < split.floor or high > split.ceiling:
        split = fleet.splits[own] = _loaded(fleet, own, int(heard.mmsi[0]), low, high)
    messages = _messages(time, heard)
    known = {key for key, part in split.stored.items() if part >= 0}
    if split.take(messages):
        wanted = split.look()
        while len(split.ids) <= max(wanted.values(), default=0):
            parting.add_part(fleet, split)
        if len(split.ids) > 1:
            parting.tell(split)
        moves = [
            (key, split.stored[key], part)
            for key, part in wanted.items()
            if key in known and split.stored[key] != part
        ]
        split.stored |= wanted
        if moves:
            parting.move(fleet, split, moves, known)
    found = [split.ids[max(split.stored[key_of(m)], 0)] for m in messages]
    split.trim()
    if len(fleet.splits) > MOST_WATCHED:
        fleet.splits.pop(next(iter(fleet.splits)))
    return found


def _messages(time: np.ndarray, heard: Positions) -> list[Message]:
    columns = (
        np.round(time, 6), np.round(heard.lon, 7), np.round(heard.lat, 7),
        np.round(heard.speed_kn.astype("f8"), 1),
        np.round(heard.course_deg.astype("f8"), 1), heard.kind,
        heard.heading_deg,
    )  # fmt: skip
    return [
        Message(t, lon, lat, speed, course, kind, math.nan if heading < 0 else float(heading))
        for t, lon, lat, speed, course, kind, heading in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _loaded(fleet: Fleet, own: int, mmsi: int, low: float, high: float) -> Split:
    """The window around these times, as it is stored."""
    ids = parting.parts_of(mmsi, fleet.is_synthetic(mmsi)) or [own]
    floor, rows = parting.window(ids, low - WINDOW_S, low, high + WINDOW_S, FRESH)
    ceiling = math.inf if fleet.last.get(own, (0.0,))[0] <= high + WINDOW_S else high + WINDOW_S
    split = Split(mmsi, ids, floor, ceiling, Splitter(mmsi=mmsi))
    if len(ids) > 1:
        split.before = parting.last_before(ids, floor)
    if rows:
        split.take([message for _, message in rows])
        split.stored = {key_of(message): ids.index(vessel) for vessel, message in rows}
        split.look()
    return split


def owner_of(fleet: Fleet, said: Particulars, own: int) -> int | None:
    """The part (id) that an identity goes with; None where it cannot be told from the others.

    That is the part known by this name or call sign, or the only one heard within a quarter of an
    hour from the same class of transponder.
    """
    split = fleet.splits.get(own)
    if own not in fleet.parted and (split is None or len(split.ids) < 2):
        return own
    ids = split.ids if split else parting.parts_of(said.mmsi, fleet.is_synthetic(said.mmsi))
    named = parting.bearing(ids, said.name, said.callsign)
    if len(named) == 1 or split is None:
        return named[0] if len(named) == 1 else None
    by = CLASS_A if said.kind == 5 else CLASS_B
    near = {
        part
        for key, part in split.stored.items()
        if part >= 0 and abs(key[0] - said.at) <= NEAR_S and HEARD_BY.get(key[2], 0) & by
    }
    return split.ids[near.pop()] if len(near) == 1 else None
