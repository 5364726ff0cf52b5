"""A scene in a zone, believed when looks agree. Experimental, and off without weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geo.text import Text
from vision.rules.base import UPDATE_S, ZONE, Zone
from vision.rules.form import Asked, ask
from vision.rules.sighting import Sighting, Size, View
from vision.rules.zones import ZoneRule, ZoneTrack
from vision.scenes import SCENES, Agreement, SceneClassifier, load

if TYPE_CHECKING:
    from vision.tracks import Track


@dataclass
class SceneRule(ZoneRule):
    """Looks at the zone's part of the picture `per_s` times a second."""

    kind = "scene"
    title = Text("Hiện trường (thử nghiệm)", "Scene (experimental)")
    help = Text(
        "Chỉ chạy khi thành phố đã có mô hình; người phải kiểm tra mọi kết quả.",
        "Works only where the city brought a model; a person checks every answer.",
    )
    needs_per_s = 1.0

    zone: Zone = ask(ZONE)
    scene: str = ask(Asked("choice", Text("Loại", "Kind"), choices=tuple(SCENES.items())))
    agree: int = ask(Asked("integer", Text("Số lần đồng ý", "Agreeing"), min=1, max=100), default=5)
    looks: int = ask(Asked("integer", Text("Trong số lần", "Of looks"), min=1, max=100), default=8)
    score: float = ask(Asked("number", Text("Ngưỡng", "Score"), min=0.05, max=0.99), default=0.5)
    per_s: float = ask(
        Asked("number", Text("Số lần xét mỗi giây", "Looks a second"), unit="1/s", min=0.01, max=5),
        default=1.0,
    )
    _agreement: Agreement | None = field(default=None, init=False, repr=False)
    _classifier: SceneClassifier | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._agreement = Agreement(self.agree, self.looks, self.score)

    def judge(self, tracks: list[Track], at_s: float, size_px: Size, view: View) -> list[Sighting]:
        if view.picture is None or self._agreement is None:
            return []
        if self._classifier is None:
            self._classifier = load(self.scene)
        corners = np.clip(np.array(self.zone) * size_px, 0, size_px).astype(int)
        (x1, y1), (x2, y2) = corners.min(0), corners.max(0) + 1
        (sure,) = self._classifier.score([view.picture[y1:y2, x1:x2]])
        phase = self._agreement.look(sure)
        if phase == "opened":
            self._number += 1
            self._stands_in = self._of(sure, at_s, at_s, size_px)
        stands = self._stands_in
        if stands is None:
            return []
        if not phase and at_s - self._told_s < UPDATE_S:
            return []
        self._told_s = at_s
        track = self._of(sure, stands.started_s, at_s, size_px)
        self._stands_in = None if phase == "ended" else track
        return [
            Sighting(
                self.name, self.scene, track, at_s, notable=True, lasting=True,
                phase=phase or "updated", since_s=track.started_s, value=round(sure, 3),
            )
        ]  # fmt: skip

    def _of(self, sure: float, since_s: float, at_s: float, size_px: Size) -> ZoneTrack:
        track = self._made_up(since_s, at_s, size_px)
        track.votes.clear()
        track.votes[self.scene] = sure
        return track

    def __deepcopy__(self, memo: dict) -> SceneRule:
        """A fresh memory and the same network: a new session must not load it again."""
        fresh = SceneRule(
            name=self.name, zone=self.zone, scene=self.scene, agree=self.agree, looks=self.looks,
            score=self.score, per_s=self.per_s,
        )  # fmt: skip
        fresh._classifier = self._classifier
        return fresh
