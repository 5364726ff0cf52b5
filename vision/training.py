"""What people rejected or named otherwise, as COCO data to train on."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from vision import conf
from vision.actions.reviews import cause_of
from vision.detectors.coco import NAMES
from vision.kinds import kind_of
from vision.models import CameraEvent, Review
from vision.queries import CameraEventQuerySet

IDS = {name: number for number, name in NAMES.items()}
TOLD = (Review.ACCEPTED, Review.REJECTED, Review.WRONG_CLASS)


THERE = {"twice", "allowed"}
"""Rejected though it was there: the rule was wrong, not the detector."""


class Exported(NamedTuple):
    """How many pictures, boxes of what is there, and boxes of what is not."""

    pictures: int
    boxes: int
    not_there: int


def export_reviews(folder: str | Path) -> Exported:
    """Writes `annotations.json` (COCO) and `images/` of reviewed events whose picture is kept.

    Accepted ones carry a box of their class, wrongly classed ones a box of the right class.
    Rejected ones carry `not_there` (x, y, width, height in pixels) where the detector saw what is
    none; a box where the cause says that it was there; nothing where nobody could tell. Pictures
    are the blurred ones.
    """
    target = Path(folder)
    (target / "images").mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    boxes: list[dict[str, Any]] = []
    wrong = 0
    for event in _told().order_by("id").iterator(500):
        source = conf.snapshot_dir() / event.snapshot
        if not source.is_file():
            continue
        data = source.read_bytes()
        if (size := _size(data)) is None:
            continue
        name = f"{event.pk}.jpg"
        (target / "images" / name).write_bytes(data)
        image = _image(event, name, size)
        box, there = _pixels(event, size), _there(event)
        if box and there is None:
            image["not_there"] = [box]
            wrong += 1
        elif box and there in IDS:
            boxes.append(_row(event, box, IDS[there], len(boxes) + 1))
        images.append(image)
    categories = [{"id": number, "name": name} for number, name in NAMES.items()]
    info = {"description": "reviewed camera events; people and plates are hidden"}
    told = {"info": info, "images": images, "annotations": boxes, "categories": categories}
    (target / "annotations.json").write_text(json.dumps(told, indent=1))
    return Exported(len(images), len(boxes), wrong)


def counted(user: Any) -> dict[str, Any]:
    """How much `export_reviews` has to give, of what this person may see: also by class."""
    found: Counter[str] = Counter()
    pictures = not_there = 0
    names = ("kind", "review", "right_class", "object_class", "review_reason", "box")
    for event in _told().visible_to(user).only(*names).iterator(2000):
        pictures += 1
        there = _there(event)
        if len(event.box) == 4 and there is None:
            not_there += 1
        elif len(event.box) == 4 and there in IDS:
            found[there] += 1
    by_class = [{"object_class": name, "count": n} for name, n in found.most_common()]
    return {"pictures": pictures, "boxes": found.total(), "not_there": not_there,
            "by_class": by_class}  # fmt: skip


def _told() -> CameraEventQuerySet:
    rows = CameraEvent.objects.filter(review__in=TOLD, notable=True)
    return rows.exclude(snapshot="")


def _there(event: CameraEvent) -> str | None:
    """The class of what is in the box, "" where that cannot be told, None where it is nothing."""
    if kind_of(event.kind).zone:
        return ""  # its box is the zone's
    if event.review == Review.WRONG_CLASS:
        return None if event.right_class == "nothing" else event.right_class
    cause = cause_of(event.review_reason)
    if event.review == Review.REJECTED and cause not in THERE:
        return "" if cause == "unclear" else None
    return event.object_class


def _size(data: bytes) -> tuple[int, int] | None:
    import cv2
    import numpy as np

    picture = cv2.imdecode(np.frombuffer(data, np.uint8), 1)
    return None if picture is None else (picture.shape[1], picture.shape[0])


def _image(event: CameraEvent, name: str, size: tuple[int, int]) -> dict[str, Any]:
    return {
        "id": event.pk,
        "file_name": name,
        "width": size[0],
        "height": size[1],
        "review": event.review,
        "kind": event.kind,
        "said": event.object_class,
        "camera": event.camera_id,
        "model": event.model_hash,
    }


def _pixels(event: CameraEvent, size: tuple[int, int]) -> list[float]:
    """The box in pixels, x, y, width, height; empty where none is kept."""
    if len(event.box) != 4:
        return []
    x1, y1, x2, y2 = (v * size[i % 2] for i, v in enumerate(event.box))
    return [round(v, 2) for v in (x1, y1, x2 - x1, y2 - y1)]


def _row(event: CameraEvent, box: list[float], category: int, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": event.pk,
        "category_id": category,
        "bbox": box,
        "area": round(box[2] * box[3], 2),
        "iscrowd": 0,
    }
