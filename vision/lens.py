"""Whether a camera's picture is worth looking at: black, frozen or covered is said, not guessed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from vision.detectors import Picture

Trouble = Literal["black", "frozen", "covered", "good"]

EVERY_S = 1.0
SIZE_PX = (160, 90)
BLACK = 14.0  # the brightest 2 % of a black picture stay below this grey
SAME = 0.02  # grey levels between two pictures of a sensor that is alive, at least
FLAT = 4.5  # grey levels of detail; a wall in fog has more
LOST = 0.25  # of the detail that the camera usually shows
AFTER_S = {"black": 4.0, "frozen": 20.0, "covered": 6.0, "good": 3.0}
USUAL_S = 300.0


@dataclass
class LensWatch:
    """One camera's picture over time. What is said first holds until it was different for long."""

    said: Trouble = "good"
    _seems: Trouble = "good"
    _since_s: float = -np.inf
    _seen_s: float = -np.inf
    _changed_s: float = 0.0
    _before: NDArray[np.uint8] | None = field(default=None, repr=False)
    _usual: float | None = None  # detail

    def look(self, picture: Picture, at_s: float) -> Trouble | None:
        """What to say now that was not said before; looked at once a second."""
        if at_s < self._seen_s:
            # A clock that starts again, as where a file loops, is no other picture.
            back_s = self._seen_s - (at_s - EVERY_S)
            self._changed_s, self._since_s = self._changed_s - back_s, self._since_s - back_s
            self._seen_s -= back_s
        if at_s - self._seen_s < EVERY_S:
            return None
        step = max(1, picture.shape[1] // 640)
        small = cv2.resize(picture[::step, ::step], SIZE_PX, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        seems = self._judge(grey, at_s)
        self._seen_s = at_s
        if seems != self._seems:
            self._seems, self._since_s = seems, at_s
        if seems == self.said or at_s - self._since_s < AFTER_S[seems] * (seems != "frozen"):
            return None
        self.said = seems
        return seems

    def _judge(self, grey: NDArray[np.uint8], at_s: float) -> Trouble:
        if self._before is None or float(cv2.absdiff(grey, self._before).mean()) > SAME:
            self._changed_s = at_s
        self._before = grey
        if float(np.quantile(grey, 0.98)) < BLACK:
            return "black"
        if at_s - self._changed_s >= AFTER_S["frozen"]:
            return "frozen"
        edges = np.abs(np.diff(grey.astype(np.int16), axis=1))
        detail = float(np.quantile(edges, 0.95))
        usual = self._usual
        spread = float(grey.std())
        if spread < FLAT or (usual is not None and detail < LOST * usual and spread < 30):
            return "covered"
        share = 0.5 if usual is None else EVERY_S / USUAL_S
        self._usual = detail if usual is None else usual + share * (detail - usual)
        return "good"


def words(trouble: str) -> str:
    """What an operator reads of it."""
    return {
        "black": _("The picture is black: the camera has no light or no signal."),
        "frozen": _("The picture stands still: the same one comes again and again."),
        "covered": _("The lens seems covered, fogged or turned to a wall."),
        "wrong_rate": _("The stream's clock is wrong; the time of arrival is used."),
        "stalled": _("No new pictures come."),
        "failed": _("The camera cannot be read."),
        "size": _("The picture changed its size; check lines, zones and control points."),
        "good": _("The picture is good again."),
    }[trouble]
