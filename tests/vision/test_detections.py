import numpy as np
import pytest

from tests.vision.factories import seen
from vision import detectors
from vision.detectors import Detections
from vision.detectors.mog2 import BackgroundSubtraction


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r"expected boxes \(1, 4\)"):
        Detections(np.zeros((2, 4), np.float32), np.zeros(1), np.zeros(1, np.int64), ("car",))


def test_one_box_an_object():
    found = Detections(
        np.array(
            [[0, 0, 100, 100], [4, 2, 98, 103], [10, 50, 90, 99], [40, 40, 60, 70]], np.float32
        ),
        np.array([0.9, 0.6, 0.5, 0.7], np.float32),
        np.array([3, 8, 3, 4]),
        ("car", "truck", "car", "motorcycle"),
    )
    # The truck is the car again and the third its bonnet; the motorcycle stands before it.
    assert found.distinct().class_name == ("car", "motorcycle")


def test_of_keeps_known_classes_that_are_sure():
    found = seen((0, 0, 9, 9), (20, 20, 30, 30), score=0.5)
    assert len(found.of(("car",), 0.6)) == 0
    assert len(found.of(("car",))) == 2
    assert len(found.of(("boat",))) == 0


def test_registry_is_loud():
    with pytest.raises(ValueError, match="twice"):
        detectors.register("mog2", BackgroundSubtraction)
    with pytest.raises(KeyError, match="ssdlite-mobilenetv2-coco"):
        detectors.load("yolo")


def test_background_subtraction_sees_what_moves():
    detector = BackgroundSubtraction()
    empty = np.full((240, 320, 3), 90, np.uint8)
    assert all(len(found) == 0 for found in detector.detect([empty] * 14))
    moved = empty.copy()
    moved[100:140, 50:110] = 220
    (found,) = detector.detect([moved])
    assert found.class_name == ("moving",)
    assert np.abs(found.xyxy[0] - (50, 100, 110, 140)).max() <= 6


def test_a_change_of_light_is_not_a_car():
    detector = BackgroundSubtraction()
    detector.detect([np.full((240, 320, 3), 60, np.uint8)] * 14)
    (found,) = detector.detect([np.full((240, 320, 3), 200, np.uint8)])
    assert len(found) == 0
