"""The original TensorFlow.js graph, run node by node: what the converted network must equal."""

import json
from pathlib import Path

import torch
from torch.nn import functional

from vision.detectors.convert import read_tfjs


class Graph:
    def __init__(self, folder: Path) -> None:
        nodes = json.loads((folder / "model.json").read_text())["modelTopology"]["node"]
        self.nodes = {node["name"]: node for node in nodes}
        self.weights = read_tfjs(folder)

    def run(self, picture: torch.Tensor, *names: str) -> list[torch.Tensor]:
        """Outputs for a picture (1, 300, 300, 3) already scaled to -1..1."""
        self.values = {"Preprocessor/sub": picture}
        return [self.value(name) for name in names]

    def value(self, name: str) -> torch.Tensor:
        name, _, output = name.partition(":")
        if name not in self.values:
            node = self.nodes[name]
            if node["op"] == "Const":
                self.values[name] = torch.tensor(self.weights[name])
            else:
                inputs = [self.value(i) for i in node.get("input", [])]
                self.values[name] = getattr(self, node["op"])(node, *inputs)
        value = self.values[name]
        return value[int(output or 0)] if isinstance(value, tuple) else value

    def _conv(self, node, x, kernel, groups):
        stride = int(node["attr"]["strides"]["list"]["i"][1])
        size, field = x.shape[1], kernel.shape[2]
        total = max((-(-size // stride) - 1) * stride + field - size, 0)
        before = total // 2
        x = functional.pad(x.permute(0, 3, 1, 2), (before, total - before) * 2)
        return functional.conv2d(x, kernel, stride=stride, groups=groups).permute(0, 2, 3, 1)

    def Conv2D(self, node, x, kernel):
        return self._conv(node, x, kernel.permute(3, 2, 0, 1), 1)

    def DepthwiseConv2dNative(self, node, x, kernel):
        return self._conv(node, x, kernel.permute(2, 3, 0, 1), x.shape[3])

    def FusedBatchNorm(self, node, x, gamma, beta, mean, variance):
        epsilon = node["attr"]["epsilon"]["f"]
        return (x - mean) / torch.sqrt(variance + epsilon) * gamma + beta

    def Add(self, node, a, b):
        return a + b

    BiasAdd = Add

    def AddN(self, node, *terms):
        return sum(terms[1:], terms[0])

    def Mul(self, node, a, b):
        return a * b

    def Sub(self, node, a, b):
        return a - b

    def Relu6(self, node, x):
        return x.clamp(0, 6)

    def Sigmoid(self, node, x):
        return x.sigmoid()

    def Exp(self, node, x):
        return x.exp()

    def Reshape(self, node, x, shape):
        return x.reshape([int(n) for n in shape])

    def ConcatV2(self, node, *parts):
        return torch.cat(parts[:-1], int(parts[-1]))

    def Squeeze(self, node, x):
        return x.squeeze(2)

    def Shape(self, node, x):
        return torch.tensor(x.shape)

    def StridedSlice(self, node, x, begin, end, step):
        return x[int(begin)]

    def Pack(self, node, *parts):
        axis = int(node["attr"].get("axis", {}).get("i", 0))
        return torch.stack([torch.as_tensor(p) for p in parts], axis)

    def Unpack(self, node, x):
        return tuple(x.unbind(int(node["attr"].get("axis", {}).get("i", 0))))

    def Transpose(self, node, x, order):
        return x.permute([int(n) for n in order])

    def Tile(self, node, x, times):
        return x.repeat([int(n) for n in times])

    def ExpandDims(self, node, x, axis):
        return x.unsqueeze(int(axis))

    def Slice(self, node, x, begin, size):
        return x[:, :, int(begin[2]) :]
