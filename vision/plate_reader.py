"""Reads number plates in a picture, where the OCR is installed. Only tasks import this."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.plates import Plate, joined, plate_of

LEAST_SURE = 0.6
LEAST_PX = 320  # a smaller cut-out is made larger before it is read


@dataclass(frozen=True)
class Read:
    plate: Plate
    confidence: float
    color: str


@lru_cache(maxsize=1)
def _ocr() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error"})


def available() -> bool:
    """Whether the OCR can be imported; it is an extra."""
    from importlib.util import find_spec

    return find_spec("rapidocr") is not None


def read(picture: NDArray[np.uint8]) -> list[Read]:
    """The plates in an RGB picture (h, w, 3) of one vehicle, the surest first."""
    height, width = picture.shape[:2]
    scale = max(1.0, LEAST_PX / max(1, min(height, width)))
    if scale > 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    found = _ocr()(np.ascontiguousarray(picture[:, :, ::-1]))
    if found.boxes is None:
        return []
    rows = sorted(
        zip(np.asarray(found.boxes, float), found.txts, found.scores, strict=True),
        key=lambda row: row[0][:, 1].mean(),
    )
    reads = [_one(picture, rows[i : i + n]) for n in (2, 1) for i in range(len(rows) - n + 1)]
    best: dict[str, Read] = {}
    for one in filter(None, reads):
        if one.plate.key not in best or best[one.plate.key].confidence < one.confidence:
            best[one.plate.key] = one
    return sorted(best.values(), key=lambda one: (-one.plate.lines, -one.confidence))[:2]


def _one(picture: NDArray[np.uint8], rows: list[Any]) -> Read | None:
    """The plate that one line, or two that lie one above the other, make; None: none."""
    sure = float(min(row[2] for row in rows))
    if sure < LEAST_SURE or (len(rows) == 2 and not _stacked(rows[0][0], rows[1][0])):
        return None
    text, lines = joined([(row[1], float(np.ptp(row[0][:, 1]))) for row in rows])
    corners = np.concatenate([row[0] for row in rows])
    color = color_of(picture, corners)
    plate = plate_of(text, color=color, lines=lines)
    return Read(plate, round(sure, 3), color) if plate else None


def _stacked(upper: NDArray[np.float64], lower: NDArray[np.float64]) -> bool:
    high = max(np.ptp(upper[:, 1]), np.ptp(lower[:, 1]))
    gap = lower[:, 1].min() - upper[:, 1].max()
    shared = min(upper[:, 0].max(), lower[:, 0].max()) - max(upper[:, 0].min(), lower[:, 0].min())
    narrower = min(np.ptp(upper[:, 0]), np.ptp(lower[:, 0]))
    return bool(-0.5 * high < gap < 0.8 * high and shared > 0.5 * narrower)


def color_of(picture: NDArray[np.uint8], corners: NDArray[np.float64]) -> str:
    """The plate's ground: white, yellow, blue or red; "" where it is none of them."""
    (x1, y1), (x2, y2) = corners.min(0).astype(int), np.ceil(corners.max(0)).astype(int)
    part = picture[max(0, y1) : y2, max(0, x1) : x2]
    if not part.size:
        return ""
    hsv = cv2.cvtColor(part, cv2.COLOR_RGB2HSV).reshape(-1, 3)
    strong = (hsv[:, 1] > 90) & (hsv[:, 2] > 60)
    if strong.mean() < 0.35:
        return "white" if np.median(hsv[:, 2]) > 90 else ""
    hue = float(np.median(hsv[strong, 0]))
    if hue < 10 or hue > 165:
        return "red"
    if 15 <= hue <= 40:
        return "yellow"
    return "blue" if 95 <= hue <= 135 else ""
