"""The default detector: SSDLite-MobileNetV2 on COCO, one thread, about 30 ms a picture.

Imports torch: for the vision worker only.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from vision.detectors import Detections, Picture, coco, weights
from vision.detectors.network import SIZE_PX, SigmoidSSD, build, select

MIN_SCORE = 0.2  # the tracker's second stage lives on the weak ones
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
        self._names = names
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self._network = _frozen(network, self.device)

    @torch.inference_mode()
    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._detect_one(picture) for picture in pictures]

    def _detect_one(self, picture: Picture) -> Detections:
        x = to_input(picture).to(self.device, memory_format=torch.channels_last)
        boxes, scores = self._network(x)
        found = select(boxes[0].cpu(), scores[0].cpu(), self.min_score, IOU)
        labels = found["labels"].numpy()
        known = np.isin(labels, list(self._names))
        height, width = picture.shape[:2]
        to_px = np.array([width, height, width, height], np.float32) / SIZE_PX
        return Detections(
            (found["boxes"].numpy() * to_px).astype(np.float32)[known],
            found["scores"].numpy()[known],
            labels[known],
            tuple(self._names[label] for label in labels[known].tolist()),
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


class _Decode(nn.Module):
    def __init__(self, network: SigmoidSSD) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        return self.network.decode(picture)


@torch.no_grad()
def _frozen(network: SigmoidSSD, device: str = "cpu") -> torch.jit.ScriptModule:
    """The network with normalisation folded into the convolutions, for one picture at a time."""
    # Channels last suits depthwise convolutions: a third off the time of `optimize_for_inference`.
    network = _Decode(network).eval().to(device, memory_format=torch.channels_last)
    example = torch.zeros(1, 3, SIZE_PX, SIZE_PX, device=device)
    example = example.contiguous(memory_format=torch.channels_last)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes are constants here, which tracing warns of
        frozen = torch.jit.freeze(torch.jit.trace(network, example, check_trace=False))
        for _ in range(3):
            frozen(example)
    return frozen
