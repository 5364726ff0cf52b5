"""A scene classifier: MobileNetV3-small with one output, trained on a city's own pictures.

Pictures lie in `FOLDER/yes` and `FOLDER/no`. Imports torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from vision.detectors import Picture
from vision.detectors.sheet import Sheet, describe
from vision.scenes import BUILDER, SCENES
from vision.shim import import_torchvision

SIZE_PX = 224
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BATCH = 16


class Scene:
    """One kind's network."""

    def __init__(self, kind: str, network: nn.Module, model_hash: str) -> None:
        self.kind, self.model_hash = kind, model_hash
        self._network = network.eval()

    @torch.inference_mode()
    def score(self, pictures: Sequence[Picture]) -> list[float]:
        if not pictures:
            return []
        inputs = torch.stack([_input(p) for p in pictures])
        return self._network(inputs).sigmoid()[:, 0].tolist()


@dataclass(frozen=True)
class Judged:
    """Right and wrong answers at a score of .5."""

    right_yes: int
    right_no: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        told = self.right_yes + self.false
        return self.right_yes / told if told else 1.0

    @property
    def recall(self) -> float:
        asked = self.right_yes + self.missed
        return self.right_yes / asked if asked else 1.0


def load_file(sheet: Sheet, folder: Path) -> Scene:
    """The classifier of a sheet. Raises WeightsMissing."""
    torch.set_num_threads(1)
    network = _network()
    network.load_state_dict(torch.load(sheet.weights(folder), weights_only=True))
    return Scene(sheet.name, network, sheet.sha256)


def train(
    kind: str,
    pictures: Path,
    into: Path,
    *,
    licence: str,
    turns: int = 8,
    rate: float = 1e-3,
    start: Path | None = None,
    seed: int = 0,
    going: Callable[[int, int, float], bool] = lambda turn, of, loss: True,
) -> Sheet:
    """A model of that kind beside its sheet; `start` are ImageNet weights that a city has.

    `going` is told turn, turns and loss, and says whether to go on. Raises ValueError.
    """
    if kind not in SCENES:
        raise ValueError(f"unknown scene {kind!r}; known: {', '.join(SCENES)}")
    rows = _labelled(pictures)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = _network(start)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate)
    share = sum(yes for _, yes in rows) / len(rows)
    judge = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((1 - share) / share))
    network.train()
    for turn in range(turns):
        losses = []
        order = rng.permutation(len(rows))
        for first in range(0, len(order), BATCH):
            batch = [rows[i] for i in order[first : first + BATCH]]
            if len(batch) < 2:
                continue  # a norm over one picture says nothing
            inputs = torch.stack([_input(_read(path), rng) for path, _ in batch])
            wanted = torch.tensor([[float(yes)] for _, yes in batch])
            loss = judge(network(inputs), wanted)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
        if not going(turn + 1, turns, float(np.mean(losses)) if losses else float("nan")):
            break
    _measure_norms(network, [rows[i][0] for i in rng.permutation(len(rows))])
    into.mkdir(parents=True, exist_ok=True)
    file = into / f"{kind}.pt"
    torch.save(network.eval().state_dict(), file)
    return describe(into, kind, BUILDER, file, licence, {1: kind}, pictures=len(rows))


@torch.no_grad()
def _measure_norms(network: nn.Module, paths: Sequence[Path]) -> None:
    """Gives the norms the mean and variance of these pictures as the network is now.

    They follow by a hundredth a batch: after the few batches of a small set they are still those of
    a network that has seen nothing, and the classifier would answer one thing to everything.
    """
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    kept = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    network.train()
    for first in range(0, len(paths), BATCH):
        if len(batch := paths[first : first + BATCH]) > 1:
            network(torch.stack([_input(_read(path)) for path in batch]))
    for norm, momentum in zip(norms, kept, strict=True):
        norm.momentum = momentum


def evaluate(scene: Scene, pictures: Path) -> Judged:
    """How the classifier does on labelled pictures that it was not trained on."""
    counts = {(True, True): 0, (False, False): 0, (True, False): 0, (False, True): 0}
    for path, yes in _labelled(pictures):
        counts[scene.score([_read(path)])[0] >= 0.5, yes] += 1
    return Judged(
        counts[True, True], counts[False, False], counts[True, False], counts[False, True]
    )


def _network(start: Path | None = None) -> nn.Module:
    network = import_torchvision().models.mobilenet_v3_small(weights=None)
    if start is not None:
        network.load_state_dict(torch.load(start, weights_only=True))
    network.classifier[3] = nn.Linear(network.classifier[3].in_features, 1)
    return network


def _labelled(pictures: Path) -> list[tuple[Path, bool]]:
    rows = [
        (path, name == "yes")
        for name in ("yes", "no")
        for path in sorted((pictures / name).glob("*"))
        if path.suffix.lower() in SUFFIXES
    ]
    if len({yes for _, yes in rows}) < 2:
        raise ValueError(f"{pictures} needs pictures in both of the folders yes and no")
    return rows


def _read(path: Path) -> Picture:
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"{path.name} is no picture")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _input(picture: Picture, rng: np.random.Generator | None = None) -> Tensor:
    small = cv2.resize(picture, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA)
    if rng is not None and rng.random() < 0.5:
        small = small[:, ::-1]
    scaled = (small.astype(np.float32) / 255 - MEAN) / DEVIATION
    return torch.from_numpy(np.ascontiguousarray(scaled, np.float32)).permute(2, 0, 1)
