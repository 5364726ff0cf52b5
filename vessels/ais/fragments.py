"""Put the parts of long messages together, in whatever order they come and from many receivers."""

import re
from collections import OrderedDict
from dataclasses import dataclass, field

_GROUP = re.compile(rb"[\\,]g:\d+-\d+-(\w+)")
_STATION = re.compile(rb"[\\,]s:([^,*]+)")

MAX_WAITING = 2048
MAX_ALIKE = 8  # waiting messages with the same sequence number, channel and station
MAX_AGE_S = 60.0


@dataclass(slots=True)
class Waiting:
    """A message of which some parts are still out."""

    count: int
    time: float
    clock: float
    parts: dict[int, tuple[bytes, int]] = field(default_factory=dict)  # number: payload, fill
    lines: list[bytes] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Whole:
    """A message put together: its payload in armour, fill bits, receiver time, lines it came in."""

    payload: bytes
    fill: int
    time: float
    line: bytes
    receiver: bytes = b""


class Assembler:
    """Bounded memory for parts. What is never completed comes out of `expired`, never vanishes."""

    def __init__(self, *, max_waiting: int = MAX_WAITING, max_age_s: float = MAX_AGE_S) -> None:
        self._waiting: OrderedDict[tuple[object, ...], list[Waiting]] = OrderedDict()
        self._max_waiting = max_waiting
        self._max_age_s = max_age_s
        self.expired: list[bytes] = []

    def add(
        self, line: bytes, bang: int, count: int, number: int, payload: bytes, fill: int,
        time: float, clock: float,
    ) -> Whole | None:  # fmt: skip
        """The whole message if this was its last missing part. `bang` is where '!' stands in line.

        `time` is the receiver's (NaN if untold), `clock` ours for ageing; both in seconds.
        """
        key = _key(line, bang, count)
        places = self._waiting.setdefault(key, [])
        place = next((w for w in places if self._fits(w, number, time, clock)), None)
        if place is None:
            place = Waiting(count, time, clock)
            places.append(place)
        elif place.time != place.time:  # the parts behind the first carry no time
            place.time = time
        place.parts[number] = (payload, fill)
        place.lines.append(line)
        if len(place.parts) < count:
            self._bound(clock)
            return None
        places.remove(place)
        if not places:
            del self._waiting[key]
        ordered = [place.parts[n] for n in range(1, count + 1)]
        body = b"".join(part for part, _ in ordered)
        heard_by = (_STATION.search(one[: one.find(b"!")]) for one in place.lines)
        receiver = next((found[1][:16] for found in heard_by if found), b"")
        return Whole(body, ordered[-1][1], place.time, b" ".join(place.lines), receiver)

    def _fits(self, waiting: Waiting, number: int, time: float, clock: float) -> bool:
        if number in waiting.parts or clock - waiting.clock > self._max_age_s:
            return False
        return not abs(waiting.time - time) > self._max_age_s  # NaN compares false: fits

    def _bound(self, clock: float) -> None:
        """Give up the oldest while there are too many, and all that waited too long."""
        while self._waiting:
            key, places = next(iter(self._waiting.items()))
            too_old = clock - places[0].clock > self._max_age_s
            too_many = len(self._waiting) > self._max_waiting or len(places) > MAX_ALIKE
            if not too_old and not too_many:
                return
            self.expired.extend(places.pop(0).lines)
            if not places:
                del self._waiting[key]

    def flush(self) -> None:
        """Give up on everything that still waits."""
        for places in self._waiting.values():
            for waiting in places:
                self.expired.extend(waiting.lines)
        self._waiting.clear()


def _key(line: bytes, bang: int, count: int) -> tuple[object, ...]:
    """What the parts of one message have in common: talker, count, sequence number, channel,
    and the TAG block's group (else its station), which keeps receivers apart."""
    tag = line[:bang]
    sentence = line[bang:].split(b",", 5)
    found = _GROUP.search(tag) or _STATION.search(tag)
    return (sentence[0], count, sentence[3], sentence[4], found[1] if found else b"")
