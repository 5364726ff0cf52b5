import numpy as np
import pytest

from tests.vision.factories import seen
from vision.detectors import Detections
from vision.tracker import Tracker, overlaps


def car(at, x=0.0, score=0.8, speed=100):
    return seen((x + speed * at, 50, x + 60 + speed * at, 90), score=score)


def test_confirmed_after_three_hits():
    tracker = Tracker()
    assert [len(tracker.update(car(i / 10), i / 10)) for i in range(4)] == [0, 0, 1, 1]


def test_weak_scores_continue_a_track_and_start_none():
    tracker = Tracker()
    for i in range(4):
        tracker.update(car(i / 10), i / 10)
    (track,) = tracker.update(car(0.4, score=0.25), 0.4)
    assert track.id == 1
    alone = Tracker()
    assert not any(alone.update(car(i / 10, score=0.25), i / 10) for i in range(6))


def test_survives_a_gap_by_its_own_speed():
    tracker = Tracker()
    for i in range(6):
        tracker.update(car(i / 10), i / 10)
    assert tracker.update(Detections.none(), 0.6) == []
    (track,) = tracker.update(car(1.2), 1.2)
    assert (track.id, track.hits) == (1, 7)


def test_ends_when_unseen_too_long():
    tracker = Tracker()
    for i in range(4):
        tracker.update(car(i / 10, speed=0), i / 10)
    tracker.update(Detections.none(), 1.6)
    assert tracker.update(car(1.7, speed=0), 1.7) == []


def test_two_that_pass_keep_their_ids():
    tracker = Tracker()
    ids = set()
    for i in range(20):
        t = i / 10
        both = seen((200 * t, 50, 200 * t + 60, 90), (400 - 200 * t, 100, 460 - 200 * t, 140))
        ids |= {(track.id, track.foot[1]) for track in tracker.update(both, t)}
    assert ids == {(1, 90.0), (2, 140.0)}


def test_class_is_voted():
    tracker = Tracker()
    for i, name in enumerate(("car", "truck", "car", "car")):
        x = 10.0 * i
        tracks = tracker.update(seen((x, 50, x + 60, 90), name=name), i / 10)
    assert tracks[0].class_name == "car"


def test_time_that_steps_back_starts_afresh():
    tracker = Tracker()
    for i in range(4):
        tracker.update(car(i / 10), i / 10)
    assert tracker.update(car(0), 0.0) == []


def test_overlaps_of_grown_boxes():
    a, b = np.array([[0.0, 0, 10, 10]]), np.array([[0.0, 0, 10, 10], [11, 0, 21, 10]])
    assert overlaps(a, b)[0] == pytest.approx([1, 0])
    assert overlaps(a, b, grow=0.2)[0, 1] > 0.1
