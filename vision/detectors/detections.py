"""What every detector answers with, whatever it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.detectors.selection import greedy, overlaps


@dataclass(frozen=True)
class Detections:
    """Objects seen in one picture.

    `xyxy` is float32 (n, 4) in pixels of the picture given, `score` float32 (n,) in 0..1,
    `class_id` int64 (n,) into the detector's own list, `class_name` a word for each.
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    class_id: NDArray[np.int64]
    class_name: tuple[str, ...]

    def __post_init__(self) -> None:
        n = len(self.class_name)
        if self.xyxy.shape != (n, 4) or self.score.shape != (n,) or self.class_id.shape != (n,):
            raise ValueError(
                f"expected boxes ({n}, 4), scores ({n},) and classes ({n},), got "
                f"{self.xyxy.shape}, {self.score.shape}, {self.class_id.shape}"
            )

    def __len__(self) -> int:
        return len(self.class_name)

    def where(self, keep: NDArray[np.bool_]) -> Detections:
        """The detections for which `keep` (bool (n,)) is true."""
        return Detections(
            self.xyxy[keep],
            self.score[keep],
            self.class_id[keep],
            tuple(name for name, kept in zip(self.class_name, keep, strict=True) if kept),
        )

    def of(self, names: Sequence[str], min_score: float = 0.0) -> Detections:
        """The detections of the classes named, at least this sure."""
        known = np.array([name in names for name in self.class_name], bool)
        return self.where(known & (self.score >= min_score))

    def distinct(self, overlap: float = 0.55, inside: float = 0.8) -> Detections:
        """One box an object: of two that cover each other, or lie one in the other, the surer.

        A detector answers each class by itself, so one van comes as a car and as a truck, and its
        bonnet as another car. A box of under a fifth of the other's area is let stand: that is a
        motorcycle before a bus.
        """
        order = np.argsort(-self.score, kind="stable")
        boxes = self.xyxy[order]
        area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        shared, union = overlaps(boxes)
        smaller, larger = np.minimum(area[:, None], area), np.maximum(area[:, None], area)
        nested = (shared > inside * smaller) & (smaller > larger / 5)
        keep = np.zeros(len(self), bool)
        keep[order[greedy((shared > overlap * union) | nested)]] = True
        return self.where(keep)

    def and_also(self, more: Detections) -> Detections:
        """These, then those."""
        return Detections(
            np.concatenate([self.xyxy, more.xyxy]),
            np.concatenate([self.score, more.score]),
            np.concatenate([self.class_id, more.class_id]),
            self.class_name + more.class_name,
        )

    @classmethod
    def none(cls) -> Detections:
        """Nothing seen."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64), ())
