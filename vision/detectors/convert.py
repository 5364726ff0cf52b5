"""TensorFlow.js weights of the COCO SSDLite turned into this project's state dict.

Source: TensorFlow.js `model.json`: a graph and a manifest of flat arrays in file order.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vision.detectors.network import ANCHORS_A_CELL, CLASSES, Features, SigmoidSSD, build

Weights = dict[str, NDArray]

BACKBONE = "FeatureExtractor/MobilenetV2/"
TF_BOX_ORDER = (1, 0, 3, 2)  # TensorFlow says y, x, height, width
NORM_EPSILON = 0.001


def read_tfjs(folder: Path) -> Weights:
    """The arrays of a TensorFlow.js model folder by name."""
    manifest = json.loads((folder / "model.json").read_text())["weightsManifest"]
    arrays: Weights = {}
    for group in manifest:
        data = b"".join((folder / name).read_bytes() for name in group["paths"])
        offset = 0
        for entry in group["weights"]:
            count, dtype = int(np.prod(entry["shape"])), np.dtype(entry["dtype"])
            flat = np.frombuffer(data, dtype, count, offset)
            arrays[entry["name"]] = flat.reshape(entry["shape"])
            offset += flat.nbytes
    return arrays


def convert(weights: Weights) -> SigmoidSSD:
    """The network with these weights, in 32-bit floats."""
    network = build()
    with torch.no_grad():
        _fill_backbone(network.backbone, weights)
        for level, anchors in enumerate(ANCHORS_A_CELL):
            head = f"BoxPredictor_{level}"
            _fill_head(
                network.head.classification_head.module_list[level],
                weights,
                f"{head}/ClassPredictor",
                np.arange(anchors * CLASSES),
            )
            order = np.arange(anchors * 4).reshape(-1, 4)[:, TF_BOX_ORDER].reshape(-1)
            _fill_head(
                network.head.regression_head.module_list[level],
                weights,
                f"{head}/BoxEncodingPredictor",
                order,
            )
        anchors = weights["Postprocessor/ExpandDims"][0][:, TF_BOX_ORDER]
        network.anchor_generator.fractions.copy_(torch.tensor(anchors))
    return network


def _fill_backbone(features: Features, weights: Weights) -> None:
    for (conv, norm), name in zip(_pairs(features), _layer_names(), strict=True):
        prefix = BACKBONE + name
        if conv.groups > 1:
            scale = weights[f"{prefix}/BatchNorm/batchnorm/mul"]
            kernel = _depthwise(weights[f"{prefix}/depthwise_weights"])
        else:  # the scale is already in the kernel
            scale = np.ones(conv.out_channels, np.float32)
            kernel = _kernel(weights[f"{prefix}/Conv2D/merged_input"])
        conv.weight.copy_(kernel)
        norm.weight.copy_(torch.tensor(scale))
        norm.bias.copy_(torch.tensor(weights[f"{prefix}/BatchNorm/batchnorm/sub"]))


def _layer_names() -> list[str]:
    """The graph's layer names in the order in which the picture passes them."""
    names = ["Conv", "expanded_conv/depthwise", "expanded_conv/project"]
    for block in range(1, 17):
        names += [f"expanded_conv_{block}/{part}" for part in ("expand", "depthwise", "project")]
    names.append("Conv_1")
    for number, width in enumerate((512, 256, 256, 128), start=2):
        wide = f"layer_19_2_Conv2d_{number}_3x3_s2_{width}"
        names += [f"layer_19_1_Conv2d_{number}_1x1_{width // 2}", f"{wide}_depthwise", wide]
    # A depthwise layer of a block keeps its kernel beside it, an extra one inside itself.
    return names


def _pairs(module: nn.Module) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    convs = [layer for layer in module.modules() if isinstance(layer, nn.Conv2d)]
    norms = [layer for layer in module.modules() if isinstance(layer, nn.BatchNorm2d)]
    return list(zip(convs, norms, strict=True))


def _fill_head(block: nn.Sequential, weights: Weights, name: str, order: NDArray) -> None:
    ((conv, norm),) = _pairs(block[0])
    depthwise = f"{name}_depthwise"
    conv.weight.copy_(_depthwise(weights[f"{depthwise}/depthwise_weights"]))
    stats = {
        key: weights[f"{depthwise}/BatchNorm/{key}"].astype(np.float64)
        for key in ("gamma", "beta", "moving_mean", "moving_variance")
    }
    scale = stats["gamma"] / np.sqrt(stats["moving_variance"] + NORM_EPSILON)
    norm.weight.copy_(torch.tensor(scale))
    norm.bias.copy_(torch.tensor(stats["beta"] - stats["moving_mean"] * scale))
    block[1].weight.copy_(_kernel(weights[f"{name}/weights"])[order])
    block[1].bias.copy_(torch.tensor(weights[f"{name}/biases"])[order])


def _kernel(array: NDArray) -> Tensor:
    return torch.tensor(array).permute(3, 2, 0, 1)


def _depthwise(array: NDArray) -> Tensor:
    return torch.tensor(array).permute(2, 3, 0, 1)
