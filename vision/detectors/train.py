"""The default detector fine-tuned on reviewed events, on whatever processor there is.

The heads learn, the backbone with its folded normalisation stays. Reviewed pictures carry the box
of their event alone, so what the detector sees elsewhere is neither rewarded nor punished.
Imports torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vision.detectors import coco
from vision.detectors.evaluate import read_picture
from vision.detectors.network import SIZE_PX, SigmoidSSD, build
from vision.detectors.sheet import OWN, Sheet, describe
from vision.detectors.ssdlite import to_input
from vision.detectors.weights import sha256
from vision.shim import import_torchvision

import_torchvision()
from torchvision.ops import box_iou, sigmoid_focal_loss  # noqa: E402  (after the shim)

MATCH, APART = 0.5, 0.4  # overlap from which an anchor stands for a box, below which for none
SEEN = 0.25  # what the untrained detector scores so is left alone where nobody labelled
BATCH = 8


@dataclass(frozen=True)
class Step:
    """How far the training is; `loss` is the mean of the turn so far."""

    turn: int
    turns: int
    done: int
    of: int
    loss: float


def train(
    data: dict[str, Any],
    folder: Path,
    start: Path,
    *,
    name: str,
    into: Path,
    licence: str,
    turns: int = 10,
    rate: float = 1e-3,
    seed: int = 0,
    going: Callable[[Step], bool] = lambda step: True,
) -> Sheet:
    """A new model beside its sheet; `going` is told each step and says whether to go on.

    What was learned until it says no is kept. Raises ValueError for data nothing can be learnt
    from.
    """
    words = {row["id"]: row["name"] for row in data["categories"]}
    ids = {word: number for number, word in coco.NAMES.items()}
    if unknown := sorted({words[r["category_id"]] for r in data["annotations"]} - set(ids)):
        raise ValueError(f"the network has no class for {', '.join(unknown)}")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(seed)
    network = build()
    network.load_state_dict(torch.load(start, weights_only=True))
    network = network.float().to(device)
    teacher = deepcopy(network).eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    head = list(network.head.parameters())
    for parameter in head:
        parameter.requires_grad_(True)
    optimiser = torch.optim.AdamW(head, lr=rate, weight_decay=1e-4)
    pictures = _Pictures(data, folder, {n: ids[w] for n, w in words.items() if w in ids})
    stopped = False
    for turn in range(turns):
        losses: list[float] = []
        for done, (inputs, boxes, not_there) in enumerate(pictures.batches(seed + turn), start=1):
            loss = _loss(network, teacher, inputs.to(device), boxes, not_there)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(head, 5.0)
            optimiser.step()
            losses.append(float(loss.detach()))
            step = Step(turn + 1, turns, done, pictures.count_batches, float(np.mean(losses)))
            if not going(step):
                stopped = True
                break
        if stopped:
            break
    return _kept(network, name, into, licence, start, turns=turn + 1, stopped=stopped)


def _kept(
    network: SigmoidSSD, name: str, into: Path, licence: str, start: Path, **how: Any
) -> Sheet:
    into.mkdir(parents=True, exist_ok=True)
    state = {key: value.cpu() for key, value in network.state_dict().items()}
    file = into / f"{name}.pt"
    torch.save(state, file.with_suffix(".part"))
    file.with_suffix(".part").replace(file)
    return describe(into, name, OWN, file, licence, coco.NAMES, start=sha256(start), **how)


class _Pictures:
    """Reviewed pictures as inputs and boxes in 300 px, in an order of their own each turn."""

    def __init__(self, data: dict[str, Any], folder: Path, ids: dict[int, int]) -> None:
        self._folder, self._images = folder, data["images"]
        self._rows: dict[int, list[tuple[list[float], int]]] = {i["id"]: [] for i in self._images}
        for row in data["annotations"]:
            if not row.get("iscrowd"):
                self._rows[row["image_id"]].append((row["bbox"], ids[row["category_id"]]))
        if not self._images:
            raise ValueError("there are no pictures to learn from")
        self.count_batches = -(-len(self._images) // BATCH)

    def batches(self, seed: int) -> Iterator[tuple[Tensor, list[Tensor], list[Tensor]]]:
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self._images))
        for first in range(0, len(order), BATCH):
            made = [self._one(self._images[i], rng) for i in order[first : first + BATCH]]
            yield torch.cat([m[0] for m in made]), [m[1] for m in made], [m[2] for m in made]

    def _one(self, image: dict, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
        picture = read_picture(self._folder, image["file_name"])
        scale = SIZE_PX / np.array([picture.shape[1], picture.shape[0]] * 2)
        rows = self._rows[image["id"]]
        boxes = _corners([box for box, _ in rows]) * scale
        wrong = _corners(image.get("not_there", [])) * scale
        x = to_input(picture)
        if rng.random() < 0.5:
            x = x.flip(3)
            for table in (boxes, wrong):
                table[:, [0, 2]] = SIZE_PX - table[:, [2, 0]]
        labels = np.array([label for _, label in rows]).reshape(-1, 1)
        whole = np.hstack([boxes, labels]) if rows else np.zeros((0, 5))
        return x, torch.tensor(whole).float(), torch.tensor(wrong).float()


def _corners(boxes: list[list[float]]) -> np.ndarray:
    table = np.array(boxes, float).reshape(-1, 4)
    return np.hstack([table[:, :2], table[:, :2] + table[:, 2:]])


def _loss(
    network: SigmoidSSD,
    teacher: SigmoidSSD,
    inputs: Tensor,
    boxes: list[Tensor],
    not_there: list[Tensor],
) -> Tensor:
    """Focal loss of the scores and smooth L1 of the boxes, by the anchors that stand for one."""
    anchors = network.anchor_generator.fractions * SIZE_PX
    out = network.head(list(network.backbone(inputs).values()))
    with torch.no_grad():
        _, before = teacher.decode(inputs)
    total, matched = inputs.new_zeros(()), 0
    for i, truth in enumerate(boxes):
        truth = truth.to(inputs.device)
        target = torch.zeros_like(out["cls_logits"][i])
        counts = before[i].max(dim=1).values < SEEN
        if len(not_there[i]):
            told = box_iou(anchors, not_there[i].to(inputs.device)).max(dim=1).values
            counts |= told >= APART
        if len(truth):
            shared = box_iou(anchors, truth[:, :4])
            best, which = shared.max(dim=1)
            best[shared.argmax(dim=0)] = 1.0  # every box has its best anchor
            which[shared.argmax(dim=0)] = torch.arange(len(truth), device=inputs.device)
            stands = best >= MATCH
            target[stands, truth[which[stands], 4].long()] = 1.0
            counts = (counts & (best < APART)) | stands
            wanted = network.box_coder.encode_single(truth[which[stands], :4], anchors[stands])
            total = total + functional.smooth_l1_loss(
                out["bbox_regression"][i][stands], wanted, reduction="sum"
            )
            matched += int(stands.sum())
        scores = sigmoid_focal_loss(out["cls_logits"][i][:, 1:], target[:, 1:], reduction="none")
        total = total + scores[counts].sum()
    return total / max(matched, 1)
