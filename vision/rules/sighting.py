"""What a rule says, and what it may look at to say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from vision.detectors import Picture
    from vision.ground import Projector
    from vision.tracks import Track

Size = tuple[int, int]
"""Width and height of a picture, px."""

Phase = Literal["opened", "updated", "ended"]


@dataclass(frozen=True)
class Sighting:
    """A rule's answer: this track, now. `direction` is "" where the rule knows none.

    `opened` comes once for each (rule, track). Kinds that last follow it with `updated` and one
    `ended`, about the same track. A rule about a whole zone makes up a track for the zone.
    `value` is what the rule measured, ± `value_error` nine times in ten, in `unit`.
    """

    rule: str
    kind: str
    track: Track
    at_s: float
    direction: str = ""
    notable: bool = False  # worth an operator's attention, not only a count
    phase: Phase = "opened"
    since_s: float | None = None  # when it began; None: with the track
    value: float | None = None
    value_error: float | None = None
    unit: str = ""
    lasting: bool = False  # `ended` will follow, unless the stream breaks off


@dataclass(frozen=True)
class View:
    """What a rule may look at beside the tracks. All of it may be missing."""

    picture: Picture | None = None
    ground: Projector | None = None
    signal: Callable[[str], str] = lambda name: ""  # a feed's "red", "amber", "green" or ""


NOTHING_ELSE = View()


class Rule(Protocol):
    """One rule of one camera, with its memory."""

    name: str

    def look(
        self, tracks: Iterable[Track], at_s: float, size_px: Size, view: View = NOTHING_ELSE
    ) -> list[Sighting]:
        """Sightings new with this picture; `size_px` is its width and height."""
        ...
