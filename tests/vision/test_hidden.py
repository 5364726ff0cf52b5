"""What the detector misses is hidden where it moves like a person or was seen a moment ago."""

import numpy as np
import pytest

from tests.vision.factories import NOON, seen
from vision.detectors import Detections
from vision.gate import MotionGate
from vision.ground import Wedge
from vision.heads import heads
from vision.pipeline import Line
from vision.snapshots import hide
from vision.tracker import Tracker

SIZE = (640, 360)


class Blind:
    name, model_hash, stateful = "blind", "0" * 64, False

    def detect(self, pictures):
        return [Detections.none() for _ in pictures]


def walker(at: float, wide=40, high=120) -> np.ndarray:
    """A figure, striped so that blocks can be told from it, that goes right 60 px a second."""
    picture = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    left = 200 + round(60 * at)
    picture[150 : 150 + high, left : left + wide] = 230
    picture[150 : 150 + high, left : left + wide : 2] = 20
    return picture


def looked_at(wide=40, high=120):
    line = Line("cam", Blind(), [], Wedge(107.59, 16.46, 0, 60, 50, 9214))
    line.gate = MotionGate(forced_s=0)
    for n in range(12):
        picture = walker(n / 5, wide, high)
        line.step(picture, n / 5, NOON, "a")
    return line.looked, 200 + round(60 * 11 / 5)


def test_a_walker_nobody_detected_loses_the_head():
    looked, left = looked_at()
    shown = hide(looked.picture, looked.seen)
    rough = np.abs(np.diff(looked.picture[152:170, left : left + 40, 0].astype(int), axis=1))
    assert rough.mean() > 150
    assert np.abs(np.diff(shown[152:170, left : left + 40, 0].astype(int), axis=1)).mean() < 40
    assert (shown[260:268, left : left + 40] == looked.picture[260:268, left : left + 40]).all()


def test_what_is_wide_has_no_head():
    looked, _ = looked_at(wide=200, high=60)
    assert "head" not in looked.seen.class_name


@pytest.mark.parametrize(("rows", "columns", "count"), [(30, 8, 1), (4, 2, 0), (10, 30, 0)])
def test_heads_by_shape(rows, columns, count):
    moving = np.zeros((96, 160), bool)
    moving[20 : 20 + rows, 50 : 50 + columns] = True
    found = heads(moving, (1280, 720))
    assert len(found) == count
    for x1, y1, x2, y2 in found.xyxy:
        assert x1 < 50 * 8 and x2 > 58 * 8
        assert y1 < 20 * 7.5 < y2 < 35 * 7.5


def test_a_track_lost_for_a_moment_stays_hidden():
    tracker = Tracker()
    for n in range(4):
        tracker.update(seen((100 + 10 * n, 100, 140 + 10 * n, 200), name="person"), n / 10)
    assert len(tracker.unseen()) == 0
    tracker.update(Detections.none(), 0.4)
    (box,) = tracker.unseen().xyxy
    assert tracker.unseen().class_name == ("person",)
    assert np.abs(box - (140, 100, 180, 200)).max() < 8
    tracker.update(Detections.none(), 2.0)
    assert len(tracker.unseen()) == 0
