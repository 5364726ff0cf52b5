"""One MMSI, several boats: its messages split into segments, online, in whatever order they come.

The scoring is `vessels.science.scoring`. What is ours: late messages are put where they belong,
and `Splitter.settle` gives the segments that a sorted input would have given.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from math import isnan, nan
from operator import attrgetter
from typing import Literal, NamedTuple

from vessels.science.messages import NAMED_BY, Identity, Message, classes, identity, key_of, names
from vessels.science.scoring import Node, Params, Point, match, weighed

Fate = Literal["kept", "dropped", "repeat", "noise", "bad", "info"]


class Placed(NamedTuple):
    """Where a message ended: ``segment`` is empty unless it is kept or was dropped from one."""

    message: Message
    segment: str
    fate: Fate


class Moved(NamedTuple):
    """A message whose segment is another one since late messages were taken in."""

    message: Message
    was: str
    now: str


class Segment(NamedTuple):
    """An open segment: its last kept position and how many it was given, dropped ones counted."""

    id: str
    tail: Node
    size: int


Open = tuple[Segment, ...]


class _Entry:
    """A message in its place, and the open segments after it."""

    __slots__ = ("key", "message", "point", "place", "fate", "segment", "node", "open", "begins")

    def __init__(self, key: tuple, message: Message, point: Point | None, place: tuple | None):
        self.key, self.message, self.point, self.place = key, message, point, place
        self.fate: Fate = "info"
        self.segment = ""
        self.node: Node | None = None
        self.open: Open = ()
        self.begins = False


_key_of = attrgetter("key")
MOST_COURSE_DEG, MOST_SPEED_KN = 359.95, 102.25


class Splitter:
    """Splits the messages of one MMSI. Same messages, any order: same segments after settle().

    Memory holds what came since `forget`. A message told twice counts once. A moving boat that
    repeats an earlier position to the digit is a replay, fate "repeat".
    """

    def __init__(self, params: Params | None = None, mmsi: str | int = "") -> None:
        self.params = params or Params()
        self.mmsi = mmsi
        self.too_late = 0  # messages from before forget()
        self._history: list[_Entry] = []
        self._seen: dict[tuple, tuple] = {}
        self._base: Open = ()
        self._floor = float("-inf")
        self._stale = -1  # from here on entries have not heard of late messages

    def add(self, message: Message) -> str:
        """The segment of the message as far as known now; empty if it belongs to none."""
        if message.t < self._floor:
            self.too_late += 1
            return ""
        key, history = key_of(message), self._history
        at = len(history)
        if at and key <= history[-1].key:
            at = bisect_left(history, key, key=_key_of)
            if history[at].key == key:
                return history[at].segment
        entry = self._prepared(key, message)
        if at == len(history):
            history.append(entry)
        else:
            history.insert(at, entry)
            self._stale = min(self._stale, at + 1) if self._stale >= 0 else at + 1
        self._place(at)
        return entry.segment

    def extend(self, messages: Iterable[Message]) -> list[str]:
        """The segment of each message as far as known now."""
        return [self.add(message) for message in messages]

    def settle(self) -> list[Moved]:
        """Let late messages count; messages whose segment that changed, in time order."""
        moved = []
        if self._stale >= 0:
            for at in range(self._stale, len(self._history)):
                entry = self._history[at]
                was = entry.segment
                self._place(at)
                if entry.segment != was:
                    moved.append(Moved(entry.message, was, entry.segment))
            self._stale = -1
        return moved

    def placed(self) -> list[Placed]:
        """Every message since `forget` in time order with its segment and fate; settles first."""
        self.settle()
        kept: set[int] = set()
        last = {entry.segment: entry.node for entry in self._history if entry.node}
        for tail in last.values():
            node: Node | None = tail
            while node is not None:
                kept.add(id(node))
                node = node.before
        return [
            Placed(
                entry.message,
                entry.segment,
                "dropped" if entry.node is not None and id(entry.node) not in kept else entry.fate,
            )
            for entry in self._history
        ]

    def segments(self) -> dict[str, list[Message]]:
        """Kept positions of every segment since `forget`, in time order; settles first."""
        found: dict[str, list[Message]] = {}
        for message, segment, fate in self.placed():
            if fate == "kept":
                found.setdefault(segment, []).append(message)
        return found

    def identities(self) -> dict[str, Counter[Identity]]:
        """How often each segment was told each identity; settles first.

        An identity counts for the positions within 15 minutes of it that the same source heard
        from the same class of transponder, once for each. Source: gpsdio-segment 3.0.
        """
        told = [
            (entry.message, NAMED_BY[entry.message.kind])
            for entry in self._history
            if entry.fate != "bad" and names(entry.message)
        ]
        minutes: dict[tuple[str, int, str], list[int]] = {}
        for message, segment, fate in self.placed():
            if fate == "kept":
                for heard_by in classes(message.kind):
                    where = (segment, heard_by, message.source)
                    minutes.setdefault(where, []).append(int(message.t // 60))
        found: dict[str, Counter[Identity]] = {}
        reach = self.params.identity_minutes
        for message, heard_by in told:
            minute = int(message.t // 60)
            for (segment, by, source), at in minutes.items():
                if by == heard_by and source == message.source:
                    near = bisect_left(at, minute + reach + 1) - bisect_left(at, minute - reach)
                    if near:
                        found.setdefault(segment, Counter())[identity(message)] += near
        return found

    def forget(self, before: float) -> None:
        """Make final what came before a time and drop it; later messages from then are too late.

        Segments go on across it: what can still be looked back at is kept.
        """
        self.settle()
        at = bisect_left(self._history, (before,), key=_key_of)
        if at:
            self._base = self._history[at - 1].open
            del self._history[:at]
        self._floor = max(self._floor, before)
        self._seen = {place: key for place, key in self._seen.items() if key[0] >= before}
        for segment in self._base:
            _cut(segment.tail, before - self.params.max_hours * 3600.0, self.params.lookback)

    def _prepared(self, key: tuple, m: Message) -> _Entry:
        speed, course = m.speed_kn, m.course_deg
        if not 0 <= course <= MOST_COURSE_DEG:  # AIS says 360 where it knows none
            course = nan
        if not 0 <= speed <= MOST_SPEED_KN:  # and 102.3
            speed = nan
        if isnan(speed) and m.kind in self.params.speedless_kinds and not isnan(m.lon):
            speed, course = 0.0, nan
        if isnan(m.lon) and isnan(m.lat) and isnan(speed) and isnan(course):
            return _Entry(key, m, None, None)
        absent = isnan(course) and not speed <= self.params.very_slow_kn
        if absent or isnan(speed) or not (-180 <= m.lon <= 180 and -90 <= m.lat <= 90):
            entry = _Entry(key, m, None, None)
            entry.fate = "bad"
            return entry
        point = Point(m.t, m.lon, m.lat, speed, course, m.kind)
        if speed <= 0:
            return _Entry(key, m, point, None)
        place = (
            round(m.lon * 60000), round(m.lat * 60000), round(speed * 10),
            -1 if isnan(course) else round(course * 10),
            -1 if isnan(m.heading_deg) else round(m.heading_deg),
        )  # fmt: skip
        if key < self._seen.setdefault(place, key):
            self._seen[place] = key
        return _Entry(key, m, point, place)

    def _place(self, at: int) -> None:
        """Find the entry's segment, given what lies before it."""
        entry = self._history[at]
        before = self._history[at - 1].open if at else self._base
        entry.open, entry.node, entry.segment, entry.begins = before, None, "", True
        point = entry.point
        if point is None:
            return  # told nothing of where: it has an id of its own and joins nothing
        if entry.place is not None and self._seen[entry.place] != entry.key:
            entry.fate, entry.begins = "repeat", False
            return
        entry.fate = "kept"
        oldest = point.t - self.params.max_hours * 3600.0
        for segment in before:
            if segment.tail.point.t < oldest:
                before = tuple(s for s in before if s.tail.point.t >= oldest)
                break
        found = [(segment, match(segment.tail, point, self.params)) for segment in before]
        close = self._closest(found)
        if close and entry.message.kind == 27 and self._too_soon(close):
            entry.open, entry.fate = before, "noise"
        elif len(close) == 1:
            segment, (score, _, joins) = close[0]
            entry.node, entry.segment, entry.begins = Node(point, score, joins), segment.id, False
            grown = Segment(segment.id, entry.node, segment.size + 1)
            entry.open = (
                (grown,)
                if len(before) == 1
                else tuple(grown if s is segment else s for s in before)
            )
        else:
            self._begin(at, entry, tuple(s for s in before if all(s is not c for c, _ in close)))

    def _closest(self, found: list) -> list:
        """The best match and those that cannot be told from it."""
        able = [(segment, fit) for segment, fit in found if fit is not None]
        if len(able) < 2:
            return able
        of = found if self.params.misaligned_weights else able
        scores = weighed([fit[0] for _, fit in able], [s.size for s, _ in of], self.params)
        best = max(scores)
        return [c for c, s in zip(able, scores, strict=True) if s * self.params.ambiguity >= best]

    def _too_soon(self, close: list) -> bool:
        return min(fit[1] for _, fit in close) < self.params.type_27_hours

    def _begin(self, at: int, entry: _Entry, others: Open) -> None:
        """Open a segment at the entry; the stalest make room for it."""
        while len(others) >= self.params.max_open:
            stalest = min(others, key=lambda s: s.tail.point.t)
            others = tuple(s for s in others if s is not stalest)
        number = 1 + sum(1 for e in self._at_once(at) if e.begins)
        when = datetime.fromtimestamp(entry.message.t, UTC)
        entry.segment = f"{self.mmsi}-{when:%Y-%m-%dT%H:%M:%S.%fZ}-{number}"
        entry.node = Node(entry.point, 0.0, None)  # type: ignore[arg-type]
        entry.open = (*others, Segment(entry.segment, entry.node, 1))

    def _at_once(self, at: int) -> Iterator[_Entry]:
        """Entries before one that bear the same time."""
        t = self._history[at].message.t
        while at and self._history[at - 1].message.t == t:
            at -= 1
            yield self._history[at]


def split(
    messages: Iterable[Message], params: Params | None = None, mmsi: str | int = ""
) -> list[Placed]:
    """Every message of one MMSI in time order with its segment and fate."""
    splitter = Splitter(params, mmsi)
    splitter.extend(messages)
    return splitter.placed()


def _cut(node: Node | None, oldest: float, spare: int) -> None:
    """End a chain where no later message will look."""
    while node is not None and (node.point.t >= oldest or spare):
        if node.point.t < oldest:
            spare -= 1
        if spare == 0:
            node.before = None
        node = node.before
