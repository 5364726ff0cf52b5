"""Heads that a detector did not see: the upper part of what moves and is shaped like a person.

For what is kept, never for what is told: a bush in the wind may get a blurred top.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors import Detections

NAME = "head"
UPPER = 0.35  # of the blob
AROUND = 0.2  # of the blob's width, on either side and above
SLIM = (1.2, 6.0)  # height by width
LEAST_CELLS = 6  # high
CLOSE = np.ones((5, 3), np.uint8)


def heads(moving: NDArray[np.bool_], size_px: tuple[int, int]) -> Detections:
    """Boxes in px of a picture of `size_px` from what moves in it, a small mask (rows, columns)."""
    mask = cv2.morphologyEx(moving.astype(np.uint8), cv2.MORPH_CLOSE, CLOSE)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    scale = np.array(size_px) / moving.shape[::-1]
    corner, size = stats[1:, :2] * scale, stats[1:, 2:4] * scale
    slim = size[:, 1] / size[:, 0]
    like = (stats[1:, 3] >= LEAST_CELLS) & (slim >= SLIM[0]) & (slim <= SLIM[1])
    corner, size = corner[like], size[like]
    margin = AROUND * size[:, :1]
    low = corner - margin
    high = corner + size * (1.0, UPPER) + margin * (1.0, 0.0)
    xyxy = np.clip(np.hstack([low, high]), 0, np.tile(size_px, 2)).astype(np.float32)
    n = len(xyxy)
    return Detections(xyxy, np.zeros(n, np.float32), np.zeros(n, np.int64), (NAME,) * n)
