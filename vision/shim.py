"""torchvision, importable beside a CPU build of torch.

Wheels of torchvision from the general index are compiled against a CUDA torch, so beside a CPU
torch their `_C.so` cannot load and `import torchvision` ends in "operator torchvision::nms does
not exist" (pytorch/vision#9077, #9085). Only `nms` is needed here, and it is easily said in torch.

Source: behaves as torchvision's own `csrc/ops/cpu/nms_kernel.cpp`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

_library: Any = None  # keeps the registration alive: torch drops it with the object


def import_torchvision() -> ModuleType:
    """torchvision, with a plain `nms` where its compiled operators cannot load.

    `torchvision.io.read_image` and `deform_conv2d` stay missing in that case.
    """
    compiled = _load_compiled_operators()
    if not compiled:
        _define_nms()
    with _compiler_left_out():
        import torchvision

    if not compiled:
        torchvision.extension._has_ops = lambda: True  # its assertion asks for all operators
    return torchvision


@contextmanager
def _compiler_left_out() -> Iterator[None]:
    """torchvision's `roi_align` takes in torch's compiler to ask it one question when it is called:
    63 MB and 4 s for a network that has no such layer. The question stays, the rest waits."""
    names = ("torch._dynamo", "torch._dynamo.utils")
    if names[0] in sys.modules:
        yield
        return
    stand_in = ModuleType(names[1])
    stand_in.is_compile_supported = _compiles_for  # type: ignore[attr-defined]
    sys.modules.update(dict.fromkeys(names, stand_in))
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


def _compiles_for(device_type: str) -> bool:
    from torch._dynamo.utils import is_compile_supported

    return is_compile_supported(device_type)


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Indices of the boxes that survive greedy suppression, best score first (int64)."""
    import torch

    order = scores.argsort(descending=True, stable=True)
    boxes = boxes[order]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    alive = torch.ones(len(boxes), dtype=torch.bool, device=boxes.device)
    for i in range(len(boxes)):
        if not alive[i]:
            continue
        rest = boxes[i + 1 :]
        corner = torch.minimum(boxes[i, 2:], rest[:, 2:]) - torch.maximum(boxes[i, :2], rest[:, :2])
        overlap = corner.clamp(min=0).prod(dim=1)
        alive[i + 1 :] &= overlap / (areas[i] + areas[i + 1 :] - overlap) <= iou_threshold
    return order[alive]


def _load_compiled_operators() -> bool:
    import torch

    if hasattr(torch.ops.torchvision, "nms"):
        return _library is None
    spec = importlib.util.find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("torchvision is not installed")
    for library in Path(spec.submodule_search_locations[0]).glob("_C*.so"):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            return False
    return hasattr(torch.ops.torchvision, "nms")


def _define_nms() -> None:
    global _library
    if _library is not None:
        return
    import torch

    _library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):  # both are named when torchvision is imported
        _library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    for device in ("CPU", "CUDA"):
        _library.impl("nms", nms, device)
