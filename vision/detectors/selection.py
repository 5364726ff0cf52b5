"""From a network's raw answers to boxes: score, decode what passed, suppress by class. In numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST = 100
CODES = np.array([10, 10, 5, 5], np.float32)  # weights of x, y, width, height
STRETCH = np.float32(np.log(1000 / 16))  # more than this no box is larger than its anchor


def selected(
    logits: NDArray[np.float32],
    codes: NDArray[np.float32],
    anchors: NDArray[np.float32],
    *,
    min_score: float,
    iou: float,
    size: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """Boxes xyxy (n, 4), scores (n,) and columns of `logits` (n,), best first, 100 at most.

    `logits` (anchors, classes), `codes` (anchors, 4), `anchors` xyxy (anchors, 4) in the same
    units as `size`, at which boxes are cut off.
    Source: torchvision's `BoxCoder.decode_single` and `batched_nms`.
    """
    row, column = np.nonzero(logits > np.log(min_score / (1 - min_score)))
    logit = logits[row, column]
    order = np.argsort(-logit, kind="stable")[: 4 * MOST]
    row, column, logit = row[order], column[order], logit[order]
    boxes = np.clip(decoded(codes[row], anchors[row]), 0, size)
    keep = survivors(boxes, column, iou)[:MOST]
    score = 1 / (1 + np.exp(-logit[keep]))
    return boxes[keep], score.astype(np.float32), column[keep]


def decoded(codes: NDArray[np.float32], anchors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Boxes xyxy of codes that are relative to anchors, both (n, 4)."""
    wide = anchors[:, 2:] - anchors[:, :2]
    codes = codes / CODES
    middle = anchors[:, :2] + 0.5 * wide + codes[:, :2] * wide
    half = 0.5 * wide * np.exp(np.minimum(codes[:, 2:], STRETCH))
    return np.hstack([middle - half, middle + half])


def survivors(boxes: NDArray, group: NDArray[np.int64], iou: float) -> NDArray[np.int64]:
    """Places of the boxes that no surer one of the same group covers; they come best first."""
    shared, union = overlaps(boxes)
    return greedy((shared > iou * union) & (group[:, None] == group[None]))


def overlaps(boxes: NDArray) -> tuple[NDArray, NDArray]:
    """What each two of the boxes share and what they cover together, areas (n, n)."""
    corner = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    corner = corner - np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    shared = np.clip(corner, 0, None).prod(axis=2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return shared, area[:, None] + area[None] - shared


def greedy(same: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Places that stay where each that stays strikes out those it is the `same` as (n, n)."""
    struck = np.zeros(len(same), bool)
    kept = []
    for place in range(len(same)):
        if not struck[place]:
            kept.append(place)
            struck |= same[place]
    return np.array(kept, np.int64)
