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


CAR = (100, 60, 160, 100)


def play(scenes):
    """Numbers of the tracks whose foot is at the car's, at each moment; a scene is its boxes."""
    tracker = Tracker()
    return [
        {t.id for t in tracker.update(seen(*boxes), i / 10) if t.foot[1] == CAR[3]}
        for i, boxes in enumerate(scenes)
    ]


def test_what_something_nearer_hides_keeps_its_id():
    """A lorry drives past before a car that stands, and covers it for 1.4 s."""
    lorries = [(300 - 16 * i, 30, 520 - 16 * i, 130) for i in range(34)]
    told = play([[box] if box[0] < 130 < box[2] else [box, CAR] for box in lorries])
    assert set() in told[12:24] and told[-1] == told[5] != set()
    assert play([[CAR]] * 6 + [[]] * 14 + [[CAR]] * 3)[-1] == {2}  # nothing hid this one


LORRY = (200, 60, 420, 170)


def behind_a_lorry(*faster, name="car"):
    """Numbers of what comes out behind a lorry that stands: it went in at 100 px/s."""
    tracker, before = Tracker(), set()
    for i in range(45):
        at = i / 10
        ways = [100 * at + max(0, at - 1.4) * more for more in faster] if at > 1.4 else [100 * at]
        small = [(60 + way, 100 + 8 * n, 84 + way, 150 + 8 * n) for n, way in enumerate(ways)]
        small = [box for box in small if not 190 < box[0] < 410]
        both = seen(LORRY, *small)
        names = ("truck",) + (name if at > 1.4 else "car",) * len(small)
        tracks = tracker.update(Detections(both.xyxy, both.score, both.class_id, names), at)
        numbers = {t.id for t in tracks if t.box[3] < 160}
        before |= numbers if at < 1.3 else set()
    return before, numbers


def test_what_is_hidden_and_comes_out_sooner_or_later_keeps_its_id():
    for more in (-25, 0, 50):  # px/s
        before, after = behind_a_lorry(more)
        assert before == after != set(), more


def test_what_comes_out_is_not_guessed_at():
    """Two at once, another kind, and one far too fast are new."""
    for told in (behind_a_lorry(50, 50), behind_a_lorry(50, name="bus"), behind_a_lorry(120)):
        before, after = told
        assert before and after and not before & after


def test_what_drives_in_before_a_standing_car_is_not_the_car():
    """Where the car was seen last there is now a bus, four times its size; it drives on."""
    bus = [(70 + 15 * i, 40, 190 + 15 * i, 130) for i in range(12)]
    told = play([[CAR]] * 8 + [[box] if box[0] < 120 else [box, CAR] for box in bus])
    assert told[7] == told[-1] == {1}


def test_what_drives_away_is_expected_smaller_and_slower():
    """At ten metres a second: 12 m away when it comes, 22 when it is hidden, then 37."""

    def at(s):
        away = 12 + 10 * s
        return (400 / away, 900 / away, 1600 / away, 2400 / away)

    tracker = Tracker()
    for i in range(10):
        tracker.update(seen(at(i / 10)), i / 10)
    (track,) = tracker.update(seen(at(1.0)), 1.0)
    assert overlaps(track.predicted(2.5)[None], np.array([at(2.5)]))[0, 0] > 0.6


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
