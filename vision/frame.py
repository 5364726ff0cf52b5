"""A whole frame to calibrate on: what moves is taken out of it, what stands is hidden."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from vision.snapshots import hide
from vision.sources import MOST_PIXELS, SourceFailed

if TYPE_CHECKING:
    from vision.detectors import Detections, Detector

WIDTH_PX = 1920
PICTURES, APART_S, LONGEST_S = 9, 0.6, 20.0
PARTS, LAP = 2, 0.15  # across and down, and how far two parts share the picture
Rgb = NDArray[np.uint8]


def bounded(picture: Any) -> None:
    """Raises SourceFailed for a picture of absurd size, before it is converted."""
    if min(picture.width, picture.height) < 16 or picture.width * picture.height > MOST_PIXELS:
        raise SourceFailed(_("the picture has an absurd size"))


def still(
    container: Any, stream: Any, going: Callable[[float, str], bool], *, waits: bool
) -> tuple[Rgb, tuple[int, int], int]:
    """RGB, at most 1920 wide, of what stood still over some seconds; the source's size; pictures.

    The median of nine pictures: who walks through is in none of them. Raises SourceFailed.
    """
    taken: list[Rgb] = []
    size, due, began = (0, 0), 0.0, time.monotonic()
    for number, one in enumerate(container.decode(stream)):
        spent = time.monotonic() - began
        at = spent if waits else one.time if one.time is not None else number / 25
        if (size[0] and (one.width, one.height) != size) or spent > LONGEST_S:
            break
        if at < due and taken:
            continue
        bounded(one)
        size, due = (one.width, one.height), at + APART_S
        taken.append(_rgb(one))
        going(0.8 * len(taken) / PICTURES, "")
        if len(taken) == PICTURES:
            break
    if not taken:
        raise SourceFailed(_("no picture came"))
    return middle(taken), size, len(taken)


def middle(pictures: list[Rgb]) -> Rgb:
    """The median of each pixel. Rows go by the hundred: nine large pictures are enough memory."""
    if len(pictures) == 1:
        return pictures[0]
    out = np.empty_like(pictures[0])
    for row in range(0, out.shape[0], 100):
        part = np.stack([picture[row : row + 100] for picture in pictures])
        part.partition(len(pictures) // 2, axis=0)
        out[row : row + 100] = part[len(pictures) // 2]
    return out


def hidden_in_parts(picture: Rgb, detector: Detector) -> Rgb:
    """People and plates hidden that are seen in the picture whole or in one of its parts."""
    high, wide = picture.shape[:2]
    boxes = [(0, 0, wide, high)]
    for row in range(PARTS):
        for column in range(PARTS):
            x, y = column / PARTS, row / PARTS
            boxes.append(
                (
                    round(max(0.0, x - LAP / 2) * wide),
                    round(max(0.0, y - LAP / 2) * high),
                    round(min(1.0, x + 1 / PARTS + LAP / 2) * wide),
                    round(min(1.0, y + 1 / PARTS + LAP / 2) * high),
                )
            )
    parts = [np.ascontiguousarray(picture[y1:y2, x1:x2]) for x1, y1, x2, y2 in boxes]
    shown = picture
    for (x, y, _x2, _y2), seen in zip(boxes, detector.detect(parts), strict=True):
        shown = hide(shown, _shifted(seen, x, y))
    return shown


def _shifted(seen: Detections, x: int, y: int) -> Detections:
    from dataclasses import replace

    return replace(seen, xyxy=seen.xyxy + np.array([x, y, x, y], np.float32))


def _rgb(one: Any) -> Rgb:
    wide, high = one.width, one.height
    if wide > WIDTH_PX:
        wide, high = WIDTH_PX, round(one.height * WIDTH_PX / one.width)
    return one.to_ndarray(format="rgb24", width=wide // 2 * 2, height=high // 2 * 2)
