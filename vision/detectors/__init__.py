"""Detectors by name. Only `load` imports what a detector is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vision.detectors.detections import Detections

Picture = NDArray[np.uint8]
"""RGB, uint8, (height, width, 3)."""

__all__ = ["Detections", "Detector", "Picture", "load", "names", "register"]


class Detector(Protocol):
    """Finds objects in pictures. `model_hash` names the exact weights, or the method's settings."""

    name: str
    model_hash: str
    stateful: bool  # True: remembers earlier pictures, so each camera needs one of its own

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """One answer for each picture, in order."""
        ...


_factories: dict[str, Callable[[], Detector]] = {}


def register(name: str, factory: Callable[[], Detector]) -> None:
    """Makes a detector known. Raises ValueError where the name is taken."""
    if name in _factories:
        raise ValueError(f"detector {name!r} is registered twice")
    _factories[name] = factory


def names() -> list[str]:
    """The names a camera may choose from: the registered ones and the models brought or trained."""
    return sorted({*_factories, *_brought()})


def load(name: str) -> Detector:
    """A detector ready to work. Raises KeyError with the known names for an unknown one."""
    if name in _factories:
        return _factories[name]()
    if name not in (brought := _brought()):
        raise KeyError(f"unknown detector {name!r}; known: {', '.join(names())}")
    return import_module("vision.detectors.local").load(brought[name], _folder())


def _brought() -> dict[str, Any]:
    return import_module("vision.detectors.sheet").known(_folder())


def _folder() -> Path:
    return import_module("vision.conf").model_dir()


def _lazily(module: str, factory: str) -> Callable[[], Detector]:
    return lambda: getattr(import_module(module), factory)()


register("ssdlite-mobilenetv2-coco", _lazily("vision.detectors.ssdlite", "load_default"))
register("mog2", _lazily("vision.detectors.mog2", "BackgroundSubtraction"))
