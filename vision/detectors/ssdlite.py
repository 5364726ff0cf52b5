"""The default detector: SSDLite-MobileNetV2 on COCO, one thread, about 25 ms a picture.

Imports torch: for the vision worker only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from vision.detectors import Detections, Picture, coco, weights
from vision.detectors.fused import Fused
from vision.detectors.network import SIZE_PX, SigmoidSSD, build
from vision.detectors.selection import selected

MIN_SCORE = 0.15  # tracks live on 0.2 and more; what is kept hides the less sure ones too
IOU = 0.6


class SSDLite:
    """Common objects in a street picture. Small ones (under about 1/15 of the width) are missed."""

    name = "ssdlite-mobilenetv2-coco"
    stateful = False

    def __init__(
        self,
        network: SigmoidSSD,
        model_hash: str,
        min_score: float = MIN_SCORE,
        names: dict[int, str] = coco.NAMES,
    ) -> None:
        self.model_hash = model_hash
        self.min_score = min_score
        self._network = network
        self._names = names
        self._ids = np.array(list(names), np.int64)
        self._anchors = network.anchor_generator.fractions.float().numpy() * SIZE_PX
        self.device = "cuda" if torch.cuda.is_available() else "cpu"

    def only(self, words: Sequence[str]) -> SSDLite:
        """The same detector, asked for these words alone, which spares it a tenth of its time."""
        names = {number: word for number, word in self._names.items() if word in words}
        made = SSDLite(self._network, self.model_hash, self.min_score, names or self._names)
        made.name = self.name
        return made

    @torch.inference_mode()
    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._detect_one(picture) for picture in pictures]

    @cached_property
    def fused(self) -> Fused:
        """The network as it runs, laid out when the first picture comes."""
        return Fused(self._network, self._ids.tolist(), self.device)

    def _detect_one(self, picture: Picture) -> Detections:
        logits, codes = self.fused(to_input(picture))
        boxes, score, column = selected(
            logits, codes, self._anchors, min_score=self.min_score, iou=IOU, size=SIZE_PX
        )
        labels = self._ids[column]
        height, width = picture.shape[:2]
        to_px = np.array([width, height, width, height], np.float32) / SIZE_PX
        return Detections(
            (boxes * to_px).astype(np.float32),
            score,
            labels,
            tuple(self._names[label] for label in labels.tolist()),
        )


def to_input(picture: Picture) -> Tensor:
    """The network's input, float32 (1, 3, 300, 300) in -1..1, from an RGB picture of any size."""
    small = cv2.resize(picture, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_LINEAR)
    return torch.from_numpy(small).permute(2, 0, 1)[None].float().mul_(2 / 255).sub_(1)


def load_default() -> SSDLite:
    """The default detector. Raises `weights.WeightsMissing` before `vision setup` has run."""
    from vision import conf

    return load_file(weights.checked(conf.model_dir()))


def load_file(
    path: Path, *, name: str = SSDLite.name, names: dict[int, str] = coco.NAMES
) -> SSDLite:
    """The detector with the weights in `path`, on one thread."""
    torch.set_num_threads(1)  # a second thread beside a busy neighbour costs four fifths
    network = build()
    network.load_state_dict(torch.load(path, weights_only=True))
    detector = SSDLite(network.float().eval(), weights.sha256(path), names=names)
    detector.name = name
    return detector
