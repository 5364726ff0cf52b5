"""What people rejected or named otherwise, as COCO data to train on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from vision import conf
from vision.detectors.coco import NAMES
from vision.models import CameraEvent, Review

IDS = {name: number for number, name in NAMES.items()}
TOLD = (Review.ACCEPTED, Review.REJECTED, Review.WRONG_CLASS)


class Exported(NamedTuple):
    pictures: int
    boxes: int


def export_reviews(folder: str | Path) -> Exported:
    """Writes `annotations.json` (COCO) and `images/` of reviewed events whose picture is kept.

    Accepted ones carry a box of their class, wrongly classed ones a box of the right class, and
    rejected ones, as pictures in which there is nothing, no box. Pictures are the blurred ones.
    """
    target = Path(folder)
    (target / "images").mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    boxes: list[dict[str, Any]] = []
    rows = CameraEvent.objects.filter(review__in=TOLD, notable=True).exclude(snapshot="")
    for event in rows.order_by("id").iterator(500):
        source = conf.snapshot_dir() / event.snapshot
        if not source.is_file():
            continue
        data = source.read_bytes()
        if (size := _size(data)) is None:
            continue
        name = f"{event.pk}.jpg"
        (target / "images" / name).write_bytes(data)
        images.append(_image(event, name, size))
        if (box := _box(event, size, len(boxes) + 1)) is not None:
            boxes.append(box)
    categories = [{"id": number, "name": name} for number, name in NAMES.items()]
    info = {"description": "reviewed camera events; people and plates are hidden"}
    told = {"info": info, "images": images, "annotations": boxes, "categories": categories}
    (target / "annotations.json").write_text(json.dumps(told, indent=1))
    return Exported(len(images), len(boxes))


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


def _box(event: CameraEvent, size: tuple[int, int], number: int) -> dict[str, Any] | None:
    """The box in pixels, x, y, width, height; None where the picture shows nothing of a class."""
    said = event.right_class if event.review == Review.WRONG_CLASS else event.object_class
    if event.review == Review.REJECTED or said not in IDS or len(event.box) != 4:
        return None
    x1, y1, x2, y2 = (v * size[i % 2] for i, v in enumerate(event.box))
    wide, high = x2 - x1, y2 - y1
    return {
        "id": number,
        "image_id": event.pk,
        "category_id": IDS[said],
        "bbox": [round(v, 2) for v in (x1, y1, wide, high)],
        "area": round(wide * high, 2),
        "iscrowd": 0,
    }
