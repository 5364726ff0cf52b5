"""SSDLite with a MobileNetV2 backbone as a torchvision `SSD`, laid out as TensorFlow trained it.

Imports torch: only the vision worker and the conversion may import this module.
Source: TensorFlow Object Detection API, `ssdlite_mobilenet_v2_coco`.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from vision.shim import import_torchvision

import_torchvision()

from torchvision.models import mobilenet_v2  # noqa: E402  (after the shim)
from torchvision.models.detection.anchor_utils import AnchorGenerator  # noqa: E402
from torchvision.models.detection.image_list import ImageList  # noqa: E402
from torchvision.models.detection.ssd import SSD  # noqa: E402
from torchvision.models.detection.ssdlite import SSDLiteHead  # noqa: E402
from torchvision.ops import batched_nms  # noqa: E402
from torchvision.ops.misc import Conv2dNormActivation  # noqa: E402

SIZE_PX = 300
CLASSES = 91  # COCO ids with 0 for background
CHANNELS = (576, 1280, 512, 256, 256, 128)
ANCHORS_A_CELL = (3, 6, 6, 6, 6, 6)
ANCHORS = 1917
# Normalisation arrives folded into a scale and an offset, so mean 0, variance 1, epsilon 0.
Norm = partial(nn.BatchNorm2d, eps=0.0)


class SamePadConv2d(nn.Conv2d):
    """A convolution that pads as TensorFlow's SAME: the odd pixel goes right and below."""

    def forward(self, x: Tensor) -> Tensor:
        pads: list[int] = []
        for axis in (1, 0):
            size, kernel, stride = x.shape[2 + axis], self.kernel_size[axis], self.stride[axis]
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        if any(pads):
            x = functional.pad(x, pads)
        return functional.conv2d(x, self.weight, self.bias, self.stride, 0, 1, self.groups)


class FixedAnchors(AnchorGenerator):
    """The anchors the network was trained with, as (x1, y1, x2, y2) fractions of the picture."""

    def __init__(self) -> None:
        super().__init__(sizes=((1.0,),) * 6, aspect_ratios=((1.0,),) * 6)
        self.register_buffer("fractions", torch.zeros(ANCHORS, 4))

    def num_anchors_per_location(self) -> list[int]:
        return list(ANCHORS_A_CELL)

    def forward(self, image_list: ImageList, feature_maps: list[Tensor]) -> list[Tensor]:
        return [self.fractions * SIZE_PX for _ in image_list.image_sizes]


class Features(nn.Module):
    """Six feature maps: 19, 10, 5, 3, 2 and 1 cells wide."""

    def __init__(self) -> None:
        super().__init__()
        blocks = mobilenet_v2(norm_layer=Norm).features
        split = blocks[14].conv  # its expansion is the first map, the rest carries on
        self.first = nn.Sequential(*blocks[:14], split[0])
        self.second = nn.Sequential(*split[1:], *blocks[15:])
        self.extra = nn.ModuleList(
            _shrink(*pair) for pair in zip(CHANNELS[1:], CHANNELS[2:], strict=False)
        )

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        maps = [self.first(x)]
        maps.append(self.second(maps[-1]))
        for block in self.extra:
            maps.append(block(maps[-1]))
        return OrderedDict((str(i), m) for i, m in enumerate(maps))


class SigmoidSSD(SSD):
    """torchvision's SSD, scoring each class by itself, as this network was trained to."""

    def decode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes (n, 1917, 4) in 300 px and scores (n, 1917, 90) for pictures (n, 3, 300, 300).

        Pictures are scaled to -1..1. Class column c is COCO id c + 1.
        """
        out = self.head(list(self.backbone(pictures).values()))
        anchors = self.anchor_generator.fractions * SIZE_PX
        boxes = self.box_coder.decode_single(
            out["bbox_regression"].reshape(-1, 4), anchors.repeat(len(pictures), 1)
        )
        return boxes.reshape(-1, ANCHORS, 4), out["cls_logits"].sigmoid()[..., 1:]

    def postprocess_detections(
        self,
        head_outputs: dict[str, Tensor],
        image_anchors: list[Tensor],
        image_shapes: list[tuple[int, int]],
    ) -> list[dict[str, Tensor]]:
        answers = []
        for regression, logits, anchors in zip(
            head_outputs["bbox_regression"], head_outputs["cls_logits"], image_anchors, strict=True
        ):
            boxes = self.box_coder.decode_single(regression, anchors)
            answers.append(
                select(boxes, logits.sigmoid()[:, 1:], self.score_thresh, self.nms_thresh)
            )
        return answers


def select(
    boxes: Tensor, scores: Tensor, min_score: float, iou: float, most: int = 100
) -> dict[str, Tensor]:
    """Boxes, scores and COCO ids that pass the score and per-class suppression, best first."""
    row, column = (scores > min_score).nonzero(as_tuple=True)
    score = scores[row, column]
    if len(score) > 4 * most:
        score, best = score.topk(4 * most)
        row, column = row[best], column[best]
    box = boxes[row].clamp(0, SIZE_PX)
    keep = batched_nms(box, score, column, iou)[:most]
    return {"boxes": box[keep], "scores": score[keep], "labels": column[keep] + 1}


def build() -> SigmoidSSD:
    """The network without weights, in evaluation mode."""
    network = SigmoidSSD(
        Features(),
        FixedAnchors(),
        (SIZE_PX, SIZE_PX),
        CLASSES,
        image_mean=[0.5] * 3,
        image_std=[0.5] * 3,
        head=SSDLiteHead(list(CHANNELS), list(ANCHORS_A_CELL), CLASSES, Norm),
        score_thresh=0.25,
        nms_thresh=0.6,
        detections_per_img=100,
    )
    _pad_as_tensorflow(network)
    return network.eval()


def _shrink(in_channels: int, out_channels: int) -> nn.Sequential:
    """1×1 to half the width, 3×3 depthwise by two, 1×1 to the full width."""
    layer = partial(Conv2dNormActivation, norm_layer=Norm, activation_layer=nn.ReLU6)
    half = out_channels // 2
    return nn.Sequential(
        layer(in_channels, half, kernel_size=1),
        layer(half, half, kernel_size=3, stride=2, groups=half),
        layer(half, out_channels, kernel_size=1),
    )


def _pad_as_tensorflow(network: nn.Module) -> None:
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            layer.__class__ = SamePadConv2d
