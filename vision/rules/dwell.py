"""Things that stay: a vehicle that stops on the road, one that stands where none may."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geo.text import Text
from vision.rules.base import (
    ANYTHING,
    CLASSES,
    MOVERS,
    UPDATE_S,
    ZONE,
    Base,
    Place,
    Zone,
    in_zone,
    known_as,
    middle,
    recall,
    steady,
)  # fmt: skip
from vision.rules.form import Asked, ask
from vision.rules.sighting import Sighting, Size, View

if TYPE_CHECKING:
    from vision.tracks import Track

AWAY_S = 1.0  # off its place for so long it has left; one look may be mistaken
SETTLED = 20  # looks after which its place is known
GONE_S = 8.0  # unseen for so long it has left; a new track at its place until then is the same
SECONDS = Asked("number", Text("Thời gian", "Time"), unit="s", min=1, max=86400)
STILL = Asked(
    "number",
    Text("Vẫn coi là đứng yên", "Still counts as standing"),
    Text(
        "Tỷ lệ chiều cao hình; không quá 0,4 chiều cao của vật.",
        "A share of the picture's height, and at most 0.4 of the object's own.",
    ),
    "", 0.005, 0.2,
)  # fmt: skip


@dataclass
class Spot:
    """Where a track stands, since when, and under which number its event began."""

    anchor: Place
    since_s: float
    track: Track
    number: int
    moved: bool = False  # it was seen to move before it stood
    feet: int = 1
    away_s: float | None = None  # since when it is off its place
    opened: bool = False
    told_s: float = 0.0


@dataclass
class Dwell(Base):
    """A track whose foot stays at one place inside the zone for `seconds`."""

    zone: Zone = ask(ZONE)
    classes: tuple[str, ...] = ask(CLASSES, default=ANYTHING)
    still: float = ask(STILL, default=0.03)
    seconds: float = 30.0
    _memory: dict[int, Spot] = field(default_factory=dict, init=False, repr=False)

    lasting = True
    must_move = False  # what stood there when the watch began is let be

    def judge(self, tracks: list[Track], at_s: float, size_px: Size, view: View) -> list[Sighting]:
        here = {track.id for track in tracks}
        sightings = []
        for track in tracks:
            spot = self._spot(track, here, at_s)
            spot.track = track
            if self._stands(spot, track, size_px):
                spot.away_s = None
                sightings += self._judge_spot(spot, at_s, size_px)
                continue
            spot.away_s = at_s if spot.away_s is None else spot.away_s
            if spot.feet < SETTLED or at_s - spot.away_s >= AWAY_S:
                sightings += self._end(spot, spot.away_s)
                self._memory[track.id] = Spot(steady(track), at_s, track, track.id, moved=True)
        for number in [n for n, s in self._memory.items() if at_s - s.track.seen_s > GONE_S]:
            spot = self._memory.pop(number)
            sightings += self._end(spot, spot.track.seen_s)
        return sightings

    def _judge_spot(self, spot: Spot, at_s: float, size_px: Size) -> list[Sighting]:
        if not spot.opened and not in_zone(spot.anchor, self.zone, size_px):
            spot.since_s = at_s  # the time outside does not count
            return []
        if not spot.opened and at_s - spot.since_s >= self.seconds:
            self._settle(spot, size_px)
        ready = spot.moved or not self.must_move
        if not spot.opened and ready and at_s - spot.since_s >= self.seconds:
            spot.opened, spot.told_s = True, at_s
            return [self._tell(spot, at_s, "opened")]
        if spot.opened and at_s - spot.told_s >= UPDATE_S:
            spot.told_s = at_s
            return [self._tell(spot, at_s, "updated")]
        return []

    def _end(self, spot: Spot, at_s: float) -> list[Sighting]:
        return [self._tell(spot, at_s, "ended")] if spot.opened else []

    def _tell(self, spot: Spot, at_s: float, phase: str) -> Sighting:
        return self.sees(
            known_as(spot.track, spot.number), at_s, phase=phase, notable=True,
            since_s=spot.since_s, value=round(at_s - spot.since_s, 1), unit="s",
        )  # fmt: skip

    def _spot(self, track: Track, here: set[int], at_s: float) -> Spot:
        """The track's spot, taken over from one that was lost at the same place."""
        if track.id not in self._memory:
            foot = steady(track)
            lost = [
                (math.dist(foot, spot.anchor), number)
                for number, spot in self._memory.items()
                if number not in here and at_s - spot.track.seen_s <= GONE_S
            ]
            reach = 0.3 * float(track.box[3] - track.box[1])
            if lost and min(lost)[0] <= reach:
                self._memory[track.id] = self._memory.pop(min(lost)[1])
                return self._memory[track.id]
        return recall(self._memory, track.id, Spot(steady(track), at_s, track, track.id))

    def _stands(self, spot: Spot, track: Track, size_px: Size) -> bool:
        if math.dist(steady(track), spot.anchor) > self._reach(track, size_px):
            return False
        if not spot.opened:  # where it stands is known better with every look
            spot.feet += 1
            share, (x, y) = 1 / min(spot.feet, SETTLED), spot.anchor
            spot.anchor = x + (track.foot[0] - x) * share, y + (track.foot[1] - y) * share
        return True

    def _reach(self, track: Track, size_px: Size) -> float:
        most, height = self.still * size_px[1], float(track.box[3] - track.box[1])
        return min(most, max(0.4 * height, 0.25 * most))

    def _settle(self, spot: Spot, size_px: Size) -> None:
        """Where it came to stand, and since when: without the last metres of its coming.

        Looked for from the first place on: one that jumps while it stands is no coming.
        """
        spot.anchor = steady(spot.track, 9)
        half, places = self._reach(spot.track, size_px) / 2, list(spot.track.trail)
        for n in range(5, len(places) + 1):
            window = places[n - 5 : n]
            if math.dist(middle(window), spot.anchor) <= half:
                if n > 5:
                    spot.since_s = max(spot.since_s, window[2][0])
                break


@dataclass
class Stopped(Dwell):
    """A vehicle seen to move that then stands. One that already stood is let be."""

    kind = "stopped"
    title = Text("Xe dừng trên đường", "Stopped on the road")
    help = Text(
        "Xe đang đi rồi đứng lại trong vùng lâu hơn thời gian cho phép.",
        "A vehicle that was moving stands in the zone for longer than this.",
    )
    must_move = True
    classes: tuple[str, ...] = ask(CLASSES, default=ANYTHING)
    seconds: float = ask(SECONDS, default=30.0)


@dataclass
class NoParking(Dwell):
    """A vehicle that stands in a zone where none may, whether or not it was seen to come."""

    kind = "no_parking"
    title = Text("Đỗ xe nơi cấm", "No parking")
    help = Text(
        "Xe đứng trong vùng cấm đỗ lâu hơn thời gian cho phép.",
        "A vehicle stands in the zone for longer than is allowed.",
    )
    classes: tuple[str, ...] = ask(CLASSES, default=MOVERS)
    seconds: float = ask(SECONDS, default=120.0)


@dataclass
class ZoneEntry(Base):
    """Somebody who comes into the zone and is still in it after `seconds`."""

    kind = "zone_entry"
    title = Text("Vào vùng", "Zone entry")
    help = Text("Đối tượng đi vào vùng.", "Something comes into the zone.")
    needs_per_s = 4.0

    zone: Zone = ask(ZONE)
    classes: tuple[str, ...] = ask(CLASSES, default=ANYTHING)
    seconds: float = ask(
        Asked("number", Text("Ở trong vùng ít nhất", "In it for at least"), unit="s", min=0.2,
              max=3600),
        default=0.6,
    )  # fmt: skip
    travel: float = ask(
        Asked(
            "number",
            Text("Quãng đường tối thiểu", "Least way"),
            Text("Tỷ lệ chiều cao hình.", "A share of the picture's height."),
            "", 0, 1,
        ),
        default=0.05,
    )  # fmt: skip
    appearing: bool = ask(
        Asked(
            "boolean",
            Text("Cả khi xuất hiện ngay trong vùng", "Also who appears inside"),
            Text("Ví dụ từ một cánh cửa.", "Out of a door, for instance."),
        ),
        default=False,
    )
    _memory: dict[int, list] = field(default_factory=dict, init=False, repr=False)

    def judge(self, tracks: list[Track], at_s: float, size_px: Size, view: View) -> list[Sighting]:
        sightings = []
        for track in tracks:
            start = track.trail[0][1:]
            was_out = self.appearing or not in_zone(start, self.zone, size_px)
            # [came from outside, inside since, done]
            known = recall(self._memory, track.id, [was_out, None, False])
            if not in_zone(steady(track, 3), self.zone, size_px):
                known[:2] = [True, None]
                continue
            known[1] = at_s if known[1] is None else known[1]
            went = math.dist(track.foot, start) >= self.travel * size_px[1]
            if known[0] and not known[2] and went and at_s - known[1] >= self.seconds:
                known[2] = True
                sightings.append(self.sees(track, at_s, notable=True))
        return sightings
