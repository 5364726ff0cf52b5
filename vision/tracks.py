"""One object over time, as the tracker hands it to the rules."""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Box = NDArray[np.float64]
TRAIL = 64


@dataclass
class Track:
    """One object over time. `box` is xyxy in px, `velocity` its change in px/s."""

    id: int
    box: Box
    started_s: float
    seen_s: float
    score: float
    hits: int = 1
    confirmed: bool = False
    velocity: Box = field(default_factory=lambda: np.zeros(4))
    behind_s: float = -1e9  # when it was last expected behind something nearer
    votes: Counter[str] = field(default_factory=Counter)
    trail: deque[tuple[float, float, float]] = field(default_factory=lambda: deque(maxlen=TRAIL))

    @property
    def class_name(self) -> str:
        """The class that most of the sureness spoke for."""
        return self.votes.most_common(1)[0][0]

    @property
    def confidence(self) -> float:
        """Mean score of the detections behind the track, 0..1."""
        return sum(self.votes.values()) / self.hits

    @property
    def foot(self) -> tuple[float, float]:
        """Where it stands in the picture: the middle of the box's lower edge, px."""
        return foot_of(self.box)

    @property
    def stands(self) -> bool:
        """Whether its foot moves less than its own height in two seconds."""
        to_left, _to_top, to_right, down = self.velocity.tolist()
        return 2 * math.hypot((to_left + to_right) / 2, down) < float(self.box[3] - self.box[1])

    def predicted(self, at_s: float) -> Box:
        """The box expected at that time.

        What goes away at one speed slows in the picture as it shrinks: losing a share k of its
        size a second it is 1 / (1 + k·t) as large after t, and comes so much less far.
        """
        for_s = at_s - self.seen_s
        left, top, right, bottom = self.box.tolist()
        to_left, to_top, to_right, to_bottom = self.velocity.tolist()
        wide, tall = right - left, bottom - top
        shrinking = (to_left - to_right + to_top - to_bottom) / max(wide + tall, 1.0)
        if shrinking <= 0:
            return self.box + self.velocity * for_s
        scale = 1 / (1 + shrinking * for_s)
        way, half = for_s * scale, wide * scale / 2
        x, y = (left + right + (to_left + to_right) * way) / 2, bottom + to_bottom * way
        return np.array([x - half, y - tall * scale, x + half, y])


def foot_of(box: Box) -> tuple[float, float]:
    """The middle of a box's lower edge, px."""
    return float(box[0] + box[2]) / 2, float(box[3])
