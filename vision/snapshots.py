"""An event's picture: small, without metadata, with people and number plates made unreadable."""

from __future__ import annotations

import cv2
import numpy as np

from vision.detectors import Detections, Picture
from vision.detectors.coco import VEHICLES
from vision.files import keep
from vision.heads import NAME as HEAD

__all__ = ["encode", "hide", "jpeg", "keep", "shrunk"]

WIDTH_PX = 640
QUALITY = 80
BLOCKS = 6  # across what is hidden: too few to read or to know anybody by
PLATE_BAND = 0.45  # lower share of a vehicle that may carry its plate


def hide(picture: Picture, found: Detections) -> Picture:
    """A copy in which whole people, heads and the plate bands of vehicles are coarse blocks.

    However unsure a detection is, it is hidden. What nobody sees is not, so pictures that are kept
    are shrunk as well.
    """
    hidden = picture.copy()
    for (x1, y1, x2, y2), name in zip(found.xyxy, found.class_name, strict=True):
        if name in VEHICLES and name not in ("motorcycle", "bicycle"):
            y1 = y2 - PLATE_BAND * (y2 - y1)
        elif name not in ("person", "motorcycle", "bicycle", "moving", HEAD):
            continue
        _blocks(hidden, x1, y1, x2, y2)
    return hidden


def encode(picture: Picture, found: Detections, mark: tuple[float, float, float, float]) -> bytes:
    """JPEG of a picture with everybody hidden and a frame around `mark` (xyxy px)."""
    shown = hide(picture, found)
    x1, y1, x2, y2 = (round(float(v)) for v in mark)
    cv2.rectangle(shown, (x1, y1), (x2, y2), (255, 159, 28), max(2, picture.shape[1] // 320))
    return jpeg(shrunk(shown, WIDTH_PX))


def shrunk(picture: Picture, width_px: int) -> Picture:
    """The picture at most so wide, both sides even, as video wants them."""
    height, width = picture.shape[:2]
    wide = min(width, width_px) // 2 * 2
    high = max(2, round(height * wide / width) // 2 * 2)
    if (wide, high) == (width, height):
        return picture
    return cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def jpeg(picture: Picture, quality: int = QUALITY) -> bytes:
    """JPEG of RGB, without metadata. Raises ValueError where it cannot be written."""
    done, data = cv2.imencode(
        ".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not done:
        raise ValueError("the picture cannot be written as JPEG")
    return data.tobytes()


def _blocks(picture: Picture, x1: float, y1: float, x2: float, y2: float) -> None:
    height, width = picture.shape[:2]
    left, right = max(0, int(x1)), min(width, int(np.ceil(x2)))
    top, bottom = max(0, int(y1)), min(height, int(np.ceil(y2)))
    if right <= left or bottom <= top:
        return
    part = picture[top:bottom, left:right]
    rows = max(1, round(BLOCKS * (bottom - top) / max(bottom - top, right - left)))
    columns = max(1, round(BLOCKS * (right - left) / max(bottom - top, right - left)))
    coarse = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(coarse, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST)
