"""A camera's line of work, built from its row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from geo.crs import metric_srid
from vision import detectors, ground, rules
from vision.detectors import Detector
from vision.detectors.coco import ROAD_USERS
from vision.models import Camera
from vision.pipeline import Line, StillOpen, projectors


class Detectors:
    """Detectors by name: one for all cameras where it remembers nothing, else one for each."""

    def __init__(self) -> None:
        self._shared: dict[str, Detector] = {}
        self._warmed: set[str] = set()

    def for_camera(self, name: str) -> Detector:
        """Raises KeyError for an unknown name, WeightsMissing where weights are not set up."""
        if name in self._shared:
            return self._shared[name]
        detector = detectors.load(name)
        if (only := getattr(detector, "only", None)) is not None:
            detector = only(ROAD_USERS)  # no rule and no picture asks for more
        if not detector.stateful:
            self._shared[name] = detector
        return detector

    def warm(self, names: Iterable[str]) -> None:
        """Loads those that all cameras share and shows each a picture, which lays it out.

        For before the first reader runs: to load takes seconds of the whole process. What cannot
        be loaded is said by `for_camera`, to the camera that asks for it.
        """
        for name in set(names) - self._warmed:
            self._warmed.add(name)
            with suppress(Exception):
                if not (detector := self.for_camera(name)).stateful:
                    detector.detect([np.zeros((72, 128, 3), np.uint8)])


def line_for(
    camera: Camera,
    detector: Detector,
    declared: Iterable[Mapping[str, Any]] | None = None,
    still_open: Sequence[StillOpen] = (),
) -> Line:
    """Raises ValueError where the camera's rules or control points cannot be followed."""
    best, fallback = projectors(
        lonlat=(camera.geom.x, camera.geom.y),
        bearing_deg=camera.bearing_deg,
        fov_deg=camera.fov_deg,
        range_m=camera.range_m,
        control=ground.points_from(camera.control_points),
        srid=metric_srid(),
    )
    followed = rules.from_data(camera.rules if declared is None else declared)
    return Line(camera.code, detector, followed, best, fallback, still_open=still_open)
