"""Whole-picture kinds: flood on the road, fire, smoke, dumping, encroachment, a defaced billboard.

Experimental, and off until a city brings weights: none with a permissive licence were found. What
is here is the protocol, the agreement over time, and the commands to train and measure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from django.utils.translation import gettext as _

from geo.text import Text
from vision.detectors import Picture
from vision.detectors.sheet import Sheet, known

BUILDER = "scene"
SCENES: dict[str, Text] = {
    "flood": Text("Ngập trên đường", "Flood on the road"),
    "fire": Text("Cháy", "Fire"),
    "smoke": Text("Khói", "Smoke"),
    "dumping": Text("Đổ rác bừa bãi", "Dumping"),
    "encroachment": Text("Lấn chiếm vỉa hè", "Pavement encroached on"),
    "billboard": Text("Bảng quảng cáo bị hư hại", "Billboard defaced"),
}


class SceneClassifier(Protocol):
    """Says how likely a picture, or the part of it that a zone covers, shows one scene."""

    kind: str
    model_hash: str

    def score(self, pictures: Sequence[Picture]) -> list[float]:
        """0..1 for each picture."""
        ...


@dataclass
class Agreement:
    """Believed when `least` of the last `of` looks agree; over when so few do not any more.

    Source: eight looks that agree cut false fires by 30 % for 1.5 % of detections (pyro-engine).
    """

    least: int = 5
    of: int = 8
    from_score: float = 0.5
    holds: bool = False
    _looks: deque[bool] = field(default_factory=deque, repr=False)

    KEPT: ClassVar[float] = 0.4  # of `least`: below it, it is over

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.of:
            raise ValueError(_("agreement needs 1 ≤ N ≤ M looks"))
        self._looks = deque(maxlen=self.of)

    def look(self, score: float) -> str:
        """ "opened" or "ended" where this look changes what is believed, else ""."""
        self._looks.append(score >= self.from_score)
        agreeing = sum(self._looks)
        if not self.holds and agreeing >= self.least:
            self.holds = True
            return "opened"
        if self.holds and agreeing < self.KEPT * self.least:
            self.holds = False
            return "ended"
        return ""


_factories: dict[str, Callable[[], SceneClassifier]] = {}


def register(kind: str, factory: Callable[[], SceneClassifier]) -> None:
    """Makes a classifier of a kind known. Raises ValueError where the kind is unknown or taken."""
    if kind not in SCENES or kind in _factories:
        raise ValueError(f"scene {kind!r} is unknown or registered twice")
    _factories[kind] = factory


def available() -> dict[str, bool]:
    """Every kind, and whether weights for it are here."""
    return {kind: kind in _factories or kind in _brought() for kind in SCENES}


def load(kind: str) -> SceneClassifier:
    """Raises KeyError where nobody brought weights for the kind."""
    if kind in _factories:
        return _factories[kind]()
    if kind not in (brought := _brought()):
        raise KeyError(
            f"no weights for scene {kind!r}: train them with `python -m ioc vision train-scene`"
        )
    from vision.scenes.network import load_file

    return load_file(brought[kind], folder())


def folder() -> Path:
    """Where scene models are kept."""
    from vision import conf

    return conf.model_dir() / "scenes"


def _brought() -> dict[str, Sheet]:
    return {s.name: s for s in known(folder()).values() if s.builder == BUILDER}


def kinds() -> list[dict[str, Any]]:
    """For screens: kind, title, that it is experimental, and whether it can be switched on."""
    here = available()
    return [
        {"kind": kind, "title": title.dict(), "experimental": True, "available": here[kind]}
        for kind, title in SCENES.items()
    ]
