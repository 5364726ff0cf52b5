"""Moving things in a fixed overhead view, by background subtraction. It knows no classes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import cv2
import numpy as np

from vision.detectors import Detections, Picture

WIDTH_PX = 320  # the picture is looked at in this width
WARM_UP = 12  # pictures before the background is believed
MIN_SHARE = 0.004  # of the picture's area
MAX_SHARE = 0.6  # more than this moving at once is a change of light
SLOW, FAST = 0.001, 0.05  # share of a picture that the background takes over
SETTINGS = {"history": 200, "varThreshold": 32, "detectShadows": True}


class BackgroundSubtraction:
    """Detections named "moving", one a blob. Remembers earlier pictures: one a camera."""

    name = "mog2"
    stateful = True
    model_hash = hashlib.sha256(
        f"mog2 {sorted(SETTINGS.items())} {WIDTH_PX} {MIN_SHARE} {SLOW}".encode()
    ).hexdigest()

    def __init__(self) -> None:
        self._background = cv2.createBackgroundSubtractorMOG2(**SETTINGS)
        self._seen = 0
        self._rate = SLOW
        self._close = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (15, 15))
        self._open = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._detect_one(picture) for picture in pictures]

    def _detect_one(self, picture: Picture) -> Detections:
        scale = picture.shape[1] / WIDTH_PX
        small = cv2.resize(
            picture,
            (WIDTH_PX, max(1, round(picture.shape[0] / scale))),
            interpolation=cv2.INTER_AREA,
        )
        # Slowly, or a car that waits at a light becomes road: at 0.001 it stays for 100 pictures.
        rate = 1 / (self._seen + 1) if self._seen < WARM_UP else self._rate
        mask = self._background.apply(small, learningRate=rate)
        self._seen += 1
        if self._seen <= WARM_UP:
            return Detections.none()
        mask = np.where(mask == 255, 255, 0).astype(np.uint8)  # 127 is shadow
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, self._open)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, self._close)
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        area = stats[1:, cv2.CC_STAT_AREA] / mask.size
        self._rate = FAST if area.sum() > MAX_SHARE else SLOW
        if self._rate == FAST:
            return Detections.none()
        blobs = stats[1:][area >= MIN_SHARE].astype(np.float32)
        filled = blobs[:, 4] / np.maximum(blobs[:, 2] * blobs[:, 3], 1)
        xyxy = np.column_stack(
            [blobs[:, 0], blobs[:, 1], blobs[:, 0] + blobs[:, 2], blobs[:, 1] + blobs[:, 3]]
        ).astype(np.float32)
        n = len(blobs)
        return Detections(
            xyxy * np.float32(scale),
            np.clip(filled, 0.3, 1).astype(np.float32),
            np.zeros(n, np.int64),
            ("moving",) * n,
        )
