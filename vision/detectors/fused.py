"""The network as it runs: scale, offset and ReLU6 inside each convolution, no copy for padding.

`network.SigmoidSSD` is the network as it was trained, which this one equals to 1e-4 (a test holds
it). Where torch carries oneDNN's fused convolutions they are used, else its plain ones.
Imports torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from vision.detectors.network import ANCHORS_A_CELL, CLASSES, SIZE_PX, SigmoidSSD
from vision.shim import import_torchvision

import_torchvision()

from torchvision.models.mobilenetv2 import InvertedResidual  # noqa: E402  (after the shim)

SIX = [0.0, 6.0]
DILATION = [1, 1]


class Conv:
    """One convolution with what follows it; pads as TensorFlow's SAME."""

    def __init__(self, conv: nn.Conv2d) -> None:
        self.weight = conv.weight.detach()
        bias = conv.bias
        self.bias = self.weight.new_zeros(len(self.weight)) if bias is None else bias.detach()
        self.stride, self.groups = list(conv.stride), conv.groups
        self.six = False
        self.pad = [0, 0]
        self.onednn = False

    def scale(self, norm: nn.BatchNorm2d) -> None:
        """Takes the normalisation in."""
        mean, variance = norm.running_mean, norm.running_var
        if mean is None or variance is None:
            raise ValueError("a normalisation without its statistics cannot be folded")
        by = norm.weight.detach() / torch.sqrt(variance + norm.eps)
        self.weight = self.weight * by[:, None, None, None]
        self.bias = (self.bias - mean) * by + norm.bias.detach()

    def fit(self, x: Tensor, onednn: bool) -> Tensor:
        """Lays the kernel out for inputs of this size; the answer to this one."""
        size, kernel, stride = x.shape[2], self.weight.shape[2], self.stride[0]
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        self.pad = [-(-total // 2)] * 2
        if total % 2:  # the odd pixel goes right and below: the kernel grows by a row of zeros
            self.weight = functional.pad(self.weight, (1, 0, 1, 0))
        self.weight = self.weight.contiguous(memory_format=torch.channels_last)
        self.onednn = onednn
        if onednn:
            self.weight = torch.ops.mkldnn._reorder_convolution_weight(
                self.weight, self.pad, self.stride, DILATION, self.groups, list(x.shape)
            )
        return self(x)

    def __call__(self, x: Tensor) -> Tensor:
        if self.onednn:
            how = ("hardtanh", SIX, "") if self.six else ("none", [], "")
            return torch.ops.mkldnn._convolution_pointwise(
                x, self.weight, self.bias, self.pad, self.stride, DILATION, self.groups, *how
            )
        y = torch.conv2d(x, self.weight, self.bias, self.stride, self.pad, DILATION, self.groups)
        return y.clamp_(*SIX) if self.six else y


class Chain:
    """Convolutions one after the other; with `around` the input is added to their answer."""

    def __init__(self, modules: Iterable[nn.Module], around: bool = False) -> None:
        self.around = around
        self.steps: list[Conv | Chain] = []
        for module in modules:
            self._take(module)

    def _take(self, module: nn.Module) -> None:
        last = self.steps[-1] if self.steps else None
        if isinstance(module, InvertedResidual):
            self.steps.append(Chain(module.conv, module.use_res_connect))
        elif isinstance(module, nn.Sequential):
            for part in module:
                self._take(part)
        elif isinstance(module, nn.Conv2d):
            self.steps.append(Conv(module))
        elif isinstance(module, nn.BatchNorm2d) and isinstance(last, Conv):
            last.scale(module)
        elif isinstance(module, nn.ReLU6) and isinstance(last, Conv):
            last.six = True
        else:
            raise ValueError(f"{type(module).__name__} cannot be folded here")

    def fit(self, x: Tensor, onednn: bool) -> Tensor:
        y = x
        for step in self.steps:
            y = step.fit(y, onednn)
        return x + y if self.around else y

    def __call__(self, x: Tensor) -> Tensor:
        y = x
        for step in self.steps:
            y = step(y)
        return x + y if self.around else y


class Fused:
    """Raw answers for one picture. `ids` are the COCO ids that are looked for: fewer cost less."""

    @torch.no_grad()
    def __init__(
        self,
        network: SigmoidSSD,
        ids: Sequence[int],
        device: str = "cpu",
        onednn: bool | None = None,
    ) -> None:
        self._ids, self._device = np.array(ids, np.int64), device
        self._build(network.to(device), has_onednn() if onednn is None else onednn)

    def __call__(self, x: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits (1917, ids) and box codes (1917, 4) of an input (1, 3, 300, 300) in -1..1."""
        x = x.to(self._device, memory_format=torch.channels_last)
        logits, codes = [], []
        for part, classes, boxes in zip(self._maps, self._classes, self._boxes, strict=True):
            x = part(x)
            logits.append(_rows(classes(x), len(self._ids)))
            codes.append(_rows(boxes(x), 4))
        return np.concatenate(logits), np.concatenate(codes)

    def _build(self, network: SigmoidSSD, onednn: bool) -> None:
        features, head = network.backbone, network.head
        self._maps = [Chain([part]) for part in (features.first, features.second, *features.extra)]
        self._classes = [Chain([part]) for part in head.classification_head.module_list]
        self._boxes = [Chain([part]) for part in head.regression_head.module_list]
        for anchors, chain in zip(ANCHORS_A_CELL, self._classes, strict=True):
            last = chain.steps[-1]
            keep = (np.arange(anchors)[:, None] * CLASSES + self._ids).reshape(-1)
            last.weight, last.bias = last.weight[keep], last.bias[keep]
        x = torch.zeros(1, 3, SIZE_PX, SIZE_PX, device=self._device)
        x = x.contiguous(memory_format=torch.channels_last)
        for part, classes, boxes in zip(self._maps, self._classes, self._boxes, strict=True):
            x = part.fit(x, onednn and not x.is_cuda)
            classes.fit(x, onednn and not x.is_cuda)
            boxes.fit(x, onednn and not x.is_cuda)


def has_onednn() -> bool:
    """Whether this build of torch has the fused convolutions."""
    names = ("_convolution_pointwise", "_reorder_convolution_weight")
    return torch.backends.mkldnn.is_available() and all(
        hasattr(torch.ops.mkldnn, name) for name in names
    )


def _rows(answer: Tensor, wide: int) -> NDArray[np.float32]:
    return answer.permute(0, 2, 3, 1).reshape(-1, wide).cpu().numpy()
