"""One object over time, as the tracker hands it to the rules."""

from __future__ import annotations

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
        return float(self.box[0] + self.box[2]) / 2, float(self.box[3])

    def predicted(self, at_s: float) -> Box:
        """The box expected at that time."""
        return self.box + self.velocity * (at_s - self.seen_s)
