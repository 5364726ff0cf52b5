"""Detectors made of a sheet: any torchvision builder, our own network fine-tuned, or ONNX.

Imports torch or onnxruntime only inside what needs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vision.detectors import Detections, Detector, Picture
from vision.detectors.sheet import ONNX, OWN, Sheet

MIN_SCORE = 0.15  # as the default detector


def load(sheet: Sheet, folder: Path) -> Detector:
    """The detector of a sheet. Raises WeightsMissing, or ValueError for an unknown builder."""
    path = sheet.weights(folder)
    if sheet.builder == OWN:
        from vision.detectors.ssdlite import load_file

        return load_file(path, name=sheet.name, names=sheet.classes)
    if sheet.builder == ONNX:
        return Onnx(sheet, path)
    return Builder(sheet, path)


class Builder:
    """A `torchvision.models.detection` network with local weights."""

    stateful = False

    def __init__(self, sheet: Sheet, path: Path) -> None:
        import torch

        from vision.shim import import_torchvision

        models = import_torchvision().models
        known = models.list_models(models.detection)
        if sheet.builder not in known:
            raise ValueError(f"{sheet.name}: no builder {sheet.builder!r}; {', '.join(known)}")
        torch.set_num_threads(1)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        network = models.get_model(
            sheet.builder, weights=None, weights_backbone=None, num_classes=max(sheet.classes) + 1
        )
        network.load_state_dict(torch.load(path, weights_only=True, map_location="cpu"))
        self._network = network.float().eval().to(self.device)
        self.name, self.model_hash, self._classes = sheet.name, sheet.sha256, sheet.classes

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        import torch

        with torch.inference_mode():
            inputs = [
                torch.from_numpy(np.ascontiguousarray(p)).to(self.device).permute(2, 0, 1) / 255
                for p in pictures
            ]
            answers = self._network(inputs)
        return [
            _named(self._classes, *(answer[k].cpu().numpy() for k in ("boxes", "scores", "labels")))
            for answer in answers
        ]


class Onnx:
    """An ONNX file with one input (1, 3, h, w) of 0..1 and outputs boxes, scores, labels."""

    stateful = False

    def __init__(self, sheet: Sheet, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options)
        self._input = self._session.get_inputs()[0]
        self.name, self.model_hash, self._classes = sheet.name, sheet.sha256, sheet.classes

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        import cv2

        height, width = (s if isinstance(s, int) else 320 for s in self._input.shape[2:4])
        small = cv2.resize(picture, (width, height)).astype(np.float32) / 255
        outputs = self._session.run(None, {self._input.name: small.transpose(2, 0, 1)[None]})
        names = [o.name for o in self._session.get_outputs()]
        told: dict[str, Any] = dict(zip(names, outputs, strict=True))
        scale = np.array([picture.shape[1] / width, picture.shape[0] / height] * 2, np.float32)
        boxes, scores, labels = (
            np.asarray(told[key]).reshape(shape)
            for key, shape in (("boxes", (-1, 4)), ("scores", -1), ("labels", -1))
        )
        return _named(self._classes, boxes * scale, scores, labels)


def _named(classes: dict[int, str], boxes: Any, scores: Any, labels: Any) -> Detections:
    keep = (scores >= MIN_SCORE) & np.isin(labels, list(classes))
    labels = labels[keep].astype(np.int64)
    return Detections(
        boxes[keep].astype(np.float32),
        scores[keep].astype(np.float32),
        labels,
        tuple(classes[label] for label in labels.tolist()),
    )
