"""How good a detector is on pictures that people labelled, in COCO's format."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.detectors import Detector
from vision.detectors.average_precision import Found, Precision, measured


@dataclass(frozen=True)
class Evaluation:
    """The precision, its class words, and how long a picture took."""

    precision: Precision
    names: dict[int, str]
    pictures: int
    ms: float


def read_coco(path: Path) -> dict[str, Any]:
    """COCO data. Raises ValueError, in words, where it is none."""
    try:
        data = json.loads(path.read_text())
        images, rows = data["images"], data["annotations"]
        whole = all({"id", "file_name"} <= set(i) for i in images) and all(
            {"image_id", "category_id", "bbox"} <= set(r) for r in rows
        )
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise ValueError(f"{path.name} is not COCO data: {wrong}") from None
    if not whole or not images:
        raise ValueError(f"{path.name} is not COCO data: images need id and file_name, "
                         "annotations image_id, category_id and bbox")  # fmt: skip
    return data


def read_picture(folder: Path, name: str) -> Any:
    """RGB of one of the data's pictures; its name must not lead out of the folder."""
    path = (folder / name).resolve()
    picture = cv2.imread(str(path)) if path.is_relative_to(folder.resolve()) else None
    if picture is None:
        raise ValueError(f"{name} cannot be read in {folder}")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def evaluate(
    detector: Detector,
    data: dict[str, Any],
    folder: Path,
    going: Callable[[int, int], bool] = lambda done, of: True,
) -> Evaluation:
    """Looks at every picture. `going` is told the progress and answers whether to go on.

    Classes are matched by their words, so the ids need not agree. Raises ValueError, and
    KeyboardInterrupt where `going` says no.
    """
    names = {row["id"]: row["name"] for row in data["categories"]}
    ids = {name: number for number, name in names.items()}
    found, spent = {}, 0.0
    for done, image in enumerate(data["images"]):
        if not going(done, len(data["images"])):
            raise KeyboardInterrupt
        picture = read_picture(folder, image["file_name"])
        began = time.perf_counter()
        (seen,) = detector.detect([picture])
        spent += time.perf_counter() - began
        category = np.array([ids.get(name, -1) for name in seen.class_name], int)
        found[image["id"]] = Found(seen.xyxy, seen.score, category)
    count = len(data["images"])
    return Evaluation(measured(data, found), names, count, 1e3 * spent / count)
