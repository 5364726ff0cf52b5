"""The colour of a traffic lamp in a region that an operator drew.

A detector finds almost no lamps (mAP .08), so none is asked.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from vision.detectors import Picture

BRIGHT = 0.5  # a lit lamp's value, 0..1, at least; an unlit lens in the sun stays below
COLOURED = 0.35  # its saturation
SURE = 0.65  # share of the lit colour that must be one
LEAST_SHARE, LEAST_PX = 0.01, 4.0
AGREE, OF = 3, 5  # readings
BLIND_S = 2.0  # without a reading nothing is known
# Hue in degrees; what lies between belongs to neither. LED green is towards cyan.
RED, AMBER, GREEN = (340.0, 16.0), (24.0, 58.0), (90.0, 200.0)


def colour_in(picture: Picture, lamp: tuple[tuple[float, float], ...]) -> str:
    """ "red", "amber", "green", or "" where no lamp is lit or the picture does not tell."""
    height, width = picture.shape[:2]
    xs, ys = [x * width for x, _ in lamp], [y * height for _, y in lamp]
    left, right = int(min(xs)), max(int(np.ceil(max(xs))), int(min(xs)) + 1)
    top, bottom = int(min(ys)), max(int(np.ceil(max(ys))), int(min(ys)) + 1)
    return colour(picture[top:bottom, left:right])


def colour(part: Picture) -> str:
    """The lit lamp's colour in a cut-out, RGB uint8 (h, w, 3)."""
    import cv2  # the web checks rules and never reads a lamp

    if part.size == 0:
        return ""
    if min(part.shape[:2]) >= 5:
        part = cv2.GaussianBlur(part, (3, 3), 0)
    hsv = cv2.cvtColor(part.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    lit = (value >= BRIGHT) & (saturation >= COLOURED)
    # Among what is lit the brightest is the lamp, the rest its reflection or a painted pole.
    if lit.any():
        lit &= value >= 0.7 * value[lit].max()
    weight = np.where(lit, value**2 * saturation, 0)
    if lit.sum() < max(LEAST_PX, LEAST_SHARE * lit.size):
        return ""
    between = {
        "red": (hue >= RED[0]) | (hue <= RED[1]),
        "amber": (hue >= AMBER[0]) & (hue <= AMBER[1]),
        "green": (hue >= GREEN[0]) & (hue <= GREEN[1]),
    }
    share = {name: float(weight[mask].sum() / weight.sum()) for name, mask in between.items()}
    best = max(share, key=share.__getitem__)
    return best if share[best] >= SURE else ""


@dataclass
class LampWatch:
    """A lamp over time: believed when three of the last five readings agree."""

    _readings: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=OF))
    _changes: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=50))
    _read_s: float = -1e9

    @property
    def state(self) -> str:
        return self._changes[-1][1] if self._changes else ""

    @property
    def last(self) -> str:
        """The last reading alone."""
        return self._readings[-1][1] if self._readings else ""

    def read(self, at_s: float, colour: str) -> None:
        """A reading from the picture; one alone changes nothing."""
        if not self._taken(at_s, colour):
            return
        agreeing = [t for t, c in self._readings if c == colour]
        if len(agreeing) >= AGREE and colour != self.state:
            # It changed when the first of them was read; red only from when it was believed.
            self._changes.append((agreeing[-1] if colour == "red" else agreeing[0], colour))

    def told(self, at_s: float, colour: str) -> None:
        """A feed's word, believed at once."""
        if not self._taken(at_s, colour):
            return
        if colour != self.state:
            self._changes.append((at_s, colour))

    def _taken(self, at_s: float, colour: str) -> bool:
        """Whether this is another picture's colour, now kept; what is too old is forgotten."""
        if at_s == self._read_s:
            return False
        if at_s < self._read_s or at_s - self._read_s > BLIND_S:
            self._readings.clear()
            self._changes.clear()
        self._read_s = at_s
        self._readings.append((at_s, colour))
        return True

    def red_at(self, at_s: float, for_s: float) -> bool:
        """Whether it was red then and had been for so long; not where it was not read lately."""
        if at_s - self._read_s > BLIND_S:
            return False
        until = np.inf
        for since_s, colour in reversed(self._changes):
            if since_s <= at_s:
                return colour == "red" and since_s <= at_s - for_s and at_s < until
            until = since_s
        return False
