import pytest

from tests.vision.factories import LINE, seen
from vision import rules
from vision.rules import inside
from vision.tracker import Tracker

SIZE = (320, 240)


def walk(rule, feet, per_s=10, tracker=None):
    """Sightings while one object's foot takes these places."""
    tracker, sightings = tracker or Tracker(), []
    for i, (x, y) in enumerate(feet):
        tracks = tracker.update(seen((x - 20, y - 30, x + 20, y)), i / per_s)
        sightings += rule.look(tracks, i / per_s, SIZE)
    return sightings


def line(**values):
    return rules.from_data([LINE | values])[0]


def test_counts_a_crossing_once_with_its_direction():
    down = walk(line(), [(160, 60 + 8 * i) for i in range(20)])
    up = walk(line(), [(160, 200 - 8 * i) for i in range(18)])
    assert [(s.kind, s.direction) for s in down + up] == [("line", "down"), ("line", "up")]


def test_jitter_on_the_line_counts_nothing():
    assert walk(line(), [(160, 120 + (3 if i % 2 else -3)) for i in range(30)]) == []


def test_what_begins_close_to_the_line_counts_once_it_has_come_far_enough():
    assert len(walk(line(), [(160, 113 + 3 * i) for i in range(9)])) == 1
    assert walk(line(), [(160, min(113 + 3 * i, 130)) for i in range(30)]) == []


def test_there_and_back_counts_once():
    feet = [60 + 8 * i for i in range(16)]
    assert len(walk(line(), [(160, y) for y in feet + feet[::-1]])) == 1


def test_beside_the_line_counts_nothing():
    short = line(line=[0.0, 0.5, 0.3, 0.5])
    assert walk(short, [(250, 60 + 8 * i) for i in range(20)]) == []


def test_wrong_way_is_worth_a_look():
    (sighting,) = walk(line(wrong="down"), [(160, 60 + 8 * i) for i in range(20)])
    assert (sighting.kind, sighting.notable) == ("wrong_way", True)


def test_stopped_only_after_it_moved_and_once():
    zone = [[0, 0], [1, 0], [1, 1], [0, 1]]
    (rule,) = rules.from_data([{"kind": "stopped", "name": "s", "zone": zone, "seconds": 2}])
    moving, still = [(100, 60 + 6 * i) for i in range(10)], [(100, 114)] * 60
    assert len(walk(rule, moving + still)) == 1
    (fresh,) = rules.from_data([{"kind": "stopped", "name": "s", "zone": zone, "seconds": 2}])
    assert walk(fresh, still) == []


def test_inside_a_polygon():
    square = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
    assert inside((0.5, 0.5), square)
    assert not inside((0.9, 0.5), square)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"kind": "teleport", "name": "x"}, "unknown kind"),
        (LINE | {"line": [0, 0.5, 1.2, 0.5]}, "fractions"),
        (LINE | {"line": [0.5, 0.5, 0.5, 0.5]}, "too short"),
        (LINE | {"colour": "red"}, "does not know colour"),
        (LINE | {"wrong": "left"}, "up or down"),
        ({"kind": "stopped", "name": "s", "zone": [[0, 0], [1, 1]]}, "three corners"),
        ({"kind": "line", "line": [0, 0, 1, 1]}, "name"),
    ],
)
def test_rules_that_cannot_be_followed_say_why(declared, words):
    with pytest.raises(ValueError, match=words):
        rules.from_data([declared])


def test_memory_is_bounded():
    rule = line()
    for n in range(rules.REMEMBERED + 50):
        tracker = Tracker()
        tracker._last_id = n
        walk(rule, [(160, 60), (160, 66), (160, 72)], tracker=tracker)
    assert len(rule._memory) == rules.REMEMBERED
