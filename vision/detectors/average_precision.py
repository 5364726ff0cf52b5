"""Mean average precision as COCO counts it, in numpy.

Source: pycocotools' COCOeval (bbox, 100 detections a picture), against which a test holds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

OVERLAPS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
MOST = 100
SIZES_PX2 = {"small": (0, 32**2), "medium": (32**2, 96**2), "large": (96**2, 1e10)}
EVERY_SIZE = (0.0, 1e10)


@dataclass(frozen=True)
class Found:
    """What a detector found in one picture: xyxy px (n, 4), scores (n,), COCO ids (n,)."""

    xyxy: NDArray
    score: NDArray
    category: NDArray


@dataclass(frozen=True)
class Precision:
    """The mean over classes and overlaps, at .5 alone, by size, by class id; nan: none there."""

    map: float
    map_50: float
    by_size: dict[str, float]
    by_class: dict[int, float]


def measured(data: Mapping[str, Any], found: Mapping[int, Found]) -> Precision:
    """How well `found`, by image id, answers COCO-format `data` (images, annotations)."""
    truth: dict[tuple[int, int], list[dict]] = defaultdict(list)
    for row in data["annotations"]:
        truth[row["image_id"], row["category_id"]].append(row)
    images = [row["id"] for row in data["images"]]
    ids = sorted({category for _image, category in truth})
    whole = {c: _class(images, c, truth, found, EVERY_SIZE) for c in ids}
    by_size = {
        name: _mean([_class(images, c, truth, found, size) for c in ids])
        for name, size in SIZES_PX2.items()
    }
    return Precision(
        _mean(list(whole.values())),
        _mean([table[:1] for table in whole.values()]),
        by_size,
        {c: _mean([table]) for c, table in whole.items()},
    )


def _mean(tables: Sequence[NDArray]) -> float:
    values = np.concatenate([t.reshape(-1) for t in tables]) if tables else np.zeros(0)
    values = values[values > -1]
    return float(values.mean()) if len(values) else float("nan")


def _class(
    images: Sequence[int],
    category: int,
    truth: Mapping[tuple[int, int], list[dict]],
    found: Mapping[int, Found],
    size: tuple[float, float],
) -> NDArray:
    """Precision (overlaps, recalls) of one class; -1 where it has no truth of that size."""
    scores, hits, ignored, asked = [], [], [], 0
    for image in images:
        rows = truth.get((image, category), [])
        score, hit, ignore, count = _picture(rows, found.get(image), category, size)
        scores.append(score)
        hits.append(hit)
        ignored.append(ignore)
        asked += count
    if not asked:
        return np.full((len(OVERLAPS), len(RECALLS)), -1.0)
    order = np.argsort(-np.concatenate(scores), kind="mergesort")
    hit = np.concatenate(hits, axis=1)[:, order]
    ignore = np.concatenate(ignored, axis=1)[:, order]
    return np.array([_curve(h, i, asked) for h, i in zip(hit, ignore, strict=True)])


def _curve(hit: NDArray, ignore: NDArray, asked: int) -> NDArray:
    right, wrong = np.cumsum(hit & ~ignore), np.cumsum(~hit & ~ignore)
    if not len(right):
        return np.zeros(len(RECALLS))
    recall = right / asked
    precision = right / np.maximum(right + wrong, np.spacing(1))
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALLS, side="left")
    return np.where(at < len(precision), precision[np.minimum(at, len(precision) - 1)], 0.0)


def _picture(
    rows: list[dict], found: Found | None, category: int, size: tuple[float, float]
) -> tuple[NDArray, NDArray, NDArray, int]:
    """Scores (n,), hits and to be ignored (overlaps, n), and how many were to be found."""
    crowd = np.array([bool(row.get("iscrowd")) for row in rows], bool)
    area = np.array([row.get("area", row["bbox"][2] * row["bbox"][3]) for row in rows], float)
    skip = crowd | (area < size[0]) | (area > size[1])
    first = np.argsort(skip, kind="mergesort")  # those that count come first
    skip, crowd = skip[first], crowd[first]
    boxes = np.array([row["bbox"] for row in rows], float).reshape(-1, 4)[first]
    boxes = np.column_stack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])
    if found is None:
        mine, score = np.zeros((0, 4)), np.zeros(0)
    else:
        kept = np.flatnonzero(found.category == category)
        kept = kept[np.argsort(-found.score[kept], kind="mergesort")][:MOST]
        mine, score = found.xyxy[kept].astype(float), found.score[kept].astype(float)
    shared = _overlap(mine, boxes, crowd)
    hit = np.zeros((len(OVERLAPS), len(mine)), bool)
    ignore = np.zeros_like(hit)
    for row, least in enumerate(OVERLAPS):
        hit[row], ignore[row] = _paired(shared, least, skip, crowd)
    own = (mine[:, 2:] - mine[:, :2]).prod(1)
    ignore |= ~hit & ((own < size[0]) | (own > size[1]))
    return score, hit, ignore, int((~skip).sum())


def _paired(
    shared: NDArray, least: float, skip: NDArray, crowd: NDArray
) -> tuple[NDArray, NDArray]:
    """Each detection, best first, with the free truth it covers most; never from one to skip."""
    hit, ignore = np.zeros(len(shared), bool), np.zeros(len(shared), bool)
    taken = np.zeros(len(skip), bool)
    for i, row in enumerate(shared):
        best, chosen = min(least, 1 - 1e-10), -1
        for j in range(len(skip)):
            if taken[j] and not crowd[j]:
                continue
            if chosen > -1 and not skip[chosen] and skip[j]:
                break
            if row[j] >= best:
                best, chosen = row[j], j
        if chosen > -1:
            hit[i], ignore[i], taken[chosen] = True, skip[chosen], True
    return hit, ignore


def _overlap(mine: NDArray, boxes: NDArray, crowd: NDArray) -> NDArray:
    """Intersection over union (n, m); over the detection's own area where the truth is a crowd."""
    corner = np.minimum(mine[:, None, 2:], boxes[None, :, 2:]) - np.maximum(
        mine[:, None, :2], boxes[None, :, :2]
    )
    both = np.clip(corner, 0, None).prod(-1)
    own = (mine[:, 2:] - mine[:, :2]).prod(1)[:, None]
    theirs = (boxes[:, 2:] - boxes[:, :2]).prod(1)[None]
    return both / np.maximum(np.where(crowd[None], own, own + theirs - both), 1e-12)
