"""Whether anything moves in a picture: half a millisecond, where the detector takes thirty."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors import Picture

SIZE_PX = (160, 96)
DIFFERENT = 14.0  # grey levels from the running mean
LEAST = 6  # cells of the small picture: a person at a sixteenth of the width
FORCED_S = 1.0  # a look is due even where nothing moves: standing things must be seen to stand
LINGER_S = 1.0  # after the last movement
SETTLE_S = 2.0  # the mean follows with this time constant


class MotionGate:
    """One camera's running mean. `masks` are zones (fractions) in which movement does not count."""

    def __init__(
        self,
        masks: Sequence[Sequence[tuple[float, float]]] = (),
        *,
        forced_s: float = FORCED_S,
    ) -> None:
        self._mean: NDArray[np.float32] | None = None
        self._counts = _unmasked(masks)
        self._forced_s = forced_s
        self._seen_s = self._moved_s = self._looked_s = -np.inf
        self.moving: NDArray[np.bool_] = np.zeros(SIZE_PX[::-1], bool)  # in the last picture

    def moves(self, picture: Picture, at_s: float) -> bool:
        """Whether to look: something moves, did so a moment ago, or a look is due."""
        # Every n-th pixel first: to average a whole 720p picture would cost three times as much.
        step = max(1, min(picture.shape[1] // 320, picture.shape[0] // 192))
        size_px = (picture.shape[1] // step, picture.shape[0] // step)
        some = cv2.resize(picture, size_px, interpolation=cv2.INTER_NEAREST)
        small = cv2.resize(
            cv2.cvtColor(some, cv2.COLOR_RGB2GRAY), SIZE_PX, interpolation=cv2.INTER_AREA
        )
        grey = small.astype(np.float32)
        if self._mean is None or not 0 < at_s - self._seen_s < 10:
            self._mean, self._seen_s, self._looked_s = grey, at_s, at_s
            self._moved_s = at_s
            self.moving = np.zeros_like(self.moving)
            return True
        self.moving = (cv2.absdiff(grey, self._mean) > DIFFERENT) & self._counts
        share = 1 - np.exp(-(at_s - self._seen_s) / SETTLE_S)
        cv2.accumulateWeighted(grey, self._mean, float(share))
        self._seen_s = at_s
        if int(np.count_nonzero(self.moving)) >= LEAST:
            self._moved_s = at_s
        look = at_s - self._moved_s <= LINGER_S or at_s - self._looked_s >= self._forced_s
        if look:
            self._looked_s = at_s
        return look


def _unmasked(masks: Sequence[Sequence[tuple[float, float]]]) -> NDArray[np.bool_]:
    canvas = np.ones((SIZE_PX[1], SIZE_PX[0]), np.uint8)
    for corners in masks:
        cv2.fillPoly(canvas, [np.round(np.array(corners) * SIZE_PX).astype(np.int32)], 0)
    return canvas.astype(bool)
