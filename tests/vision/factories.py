from datetime import UTC, datetime, timedelta

import numpy as np
from django.contrib.gis.geos import Point

from vision.actions import save_camera
from vision.detectors import Detections
from vision.ground import Fix
from vision.models import Camera
from vision.pipeline import Finding
from vision.rules import Sighting
from vision.tracker import Track

SIZE = (320, 240)
LINE = {"kind": "line", "name": "gate", "line": [0.0, 0.5, 1.0, 0.5]}
# Lately: layers of events show one day, so what a fixed date holds is gone on the morrow.
NOON = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1)


def make_camera(code: str = "cam", **values: object) -> Camera:
    given = {"name_vi": "Cầu", "geom": Point(107.59, 16.46, srid=4326), "bearing_deg": 90.0}
    return save_camera(code=code, **(given | values))


def make_finding(key: str = "cam/gate/s/1", kind: str = "line", notable: bool = False) -> Finding:
    track = Track(1, np.array([10.0, 20, 60, 80]), 0.0, 1.0, 0.8, hits=4)
    track.votes["car"] = 3.0
    sighting = Sighting("gate", kind, track, 1.0, "down", notable=notable)
    return Finding(
        key=key, sighting=sighting, fix=Fix(107.591, 16.461, 4.5), started_at=NOON, ended_at=NOON,
        confidence=0.75, jpeg=b"\xff\xd8 picture", model_hash="a" * 64,
    )  # fmt: skip


def seen(*boxes: tuple[float, float, float, float], score: float = 0.8, name: str = "car"):
    n = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(n, 4), np.full(n, score, np.float32),
        np.full(n, 3, np.int64), (name,) * n,
    )  # fmt: skip


class WhiteBoxes:
    """A fake detector: whatever is white in the picture is a car."""

    name = "white-boxes"
    model_hash = "f" * 64
    stateful = False

    def detect(self, pictures):
        return [self._one(picture) for picture in pictures]

    def _one(self, picture):
        rows, columns = np.nonzero(picture[..., 0] > 200)
        if not len(rows):
            return Detections.none()
        return seen((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))


def falling_box(at: float) -> np.ndarray:
    """A picture in which a white box falls 80 px a second, in at the top and out at the bottom."""
    picture = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
    top = round(80 * (at % 4.0)) - 30
    picture[max(0, top) : max(0, top + 30), 140:180] = 255
    return picture
