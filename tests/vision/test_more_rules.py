"""The kinds of rule beside counting and stopping, on boxes that move as they are told."""

import numpy as np
import pytest

from tests.vision.factories import seen
from vision import kinds, rules
from vision.actions import plates
from vision.detectors import Detections
from vision.rules.lamp import LampWatch, colour
from vision.rules.sighting import View
from vision.tracker import Tracker

SIZE = (640, 360)
WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]]
LAMP = [[0.9, 0.1], [0.95, 0.1], [0.95, 0.3], [0.9, 0.3]]
COLOURS = {"red": (240, 40, 40), "amber": (250, 180, 40), "green": (40, 230, 140), "": (70, 70, 74)}


def rule(kind, **values):
    (made,) = rules.from_data([{"kind": kind, "name": "r", **values}])
    return made


def boxes(feet, name="car", half=20, tall=30):
    found = [seen((x - half, y - tall, x + half, y), name=name) for x, y in feet]
    if not found:
        return Detections.none()
    return Detections(
        np.vstack([f.xyxy for f in found]), np.concatenate([f.score for f in found]),
        np.concatenate([f.class_id for f in found]), (name,) * len(found),
    )  # fmt: skip


def play(made, scenes, per_s=10, name="car", views=None):
    """Sightings while objects stand at these feet, scene after scene."""
    tracker, told = Tracker(), []
    for i, feet in enumerate(scenes):
        tracks = tracker.update(boxes(feet, name), i / per_s)
        told += made.look(tracks, i / per_s, SIZE, views(i) if views else View())
    return told


def phases(told):
    return [s.phase for s in told]


def lamp_picture(shown, noise=12):
    rng = np.random.default_rng(len(shown))
    picture = np.clip(rng.normal(95, noise, (SIZE[1], SIZE[0], 3)), 0, 255)
    picture[36:108, 576:608] = (28, 28, 30)
    for n, name in enumerate(("red", "amber", "green")):
        dim = np.array(COLOURS[name]) * 0.3
        paint = COLOURS[name] if name == shown else dim
        picture[40 + 23 * n : 58 + 23 * n, 583:601] = paint
    return np.clip(picture + rng.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shown", ["red", "amber", "green", ""])
def test_a_lamp_is_read_through_noise(shown):
    for noise in (0, 12, 25):
        assert colour(lamp_picture(shown, noise)[36:108, 576:608]) == shown


def test_a_lamp_is_believed_when_readings_agree():
    watch = LampWatch()
    for n, shown in enumerate(["green"] * 5 + ["red", "green"] * 2 + ["red"] * 6):
        watch.read(n / 10, shown)
    assert watch.state == "red"
    assert not watch.red_at(0.6, 0)  # a flicker is no red
    assert watch.red_at(1.4, 0.2)
    assert not watch.red_at(1.4, 5)
    assert not watch.red_at(9.0, 0)  # not read since


CROSSING = [[(300, 300 - 4 * i)] for i in range(40)]
STOP_LINE = {"line": [0.2, 0.55, 0.8, 0.55], "direction": "up"}


@pytest.mark.parametrize(("shown", "count"), [("red", 1), ("amber", 0), ("green", 0), ("", 0)])
def test_only_red_is_red(shown, count):
    made = rule("red_light", lamp=LAMP, **STOP_LINE)
    picture = lamp_picture(shown)
    told = play(made, CROSSING, views=lambda i: View(picture))
    assert [(s.kind, s.direction, s.notable) for s in told] == [("red_light", "up", True)] * count


def test_red_light_needs_the_right_direction_and_a_way_beyond_the_line():
    red = lamp_picture("red")
    down = rule("red_light", lamp=LAMP, **(STOP_LINE | {"direction": "down"}))
    assert play(down, CROSSING, views=lambda i: View(red)) == []
    creeps = [[(300, max(300 - 4 * i, 189))] for i in range(60)]  # 9 px over the line and stands
    assert play(rule("red_light", lamp=LAMP, **STOP_LINE), creeps, views=lambda i: View(red)) == []


def test_red_that_turned_green_just_before_is_not_red():
    red, green = lamp_picture("red"), lamp_picture("green")
    made = rule("red_light", lamp=LAMP, **STOP_LINE)
    # The foot crosses y = 198 at picture 25.5.
    assert play(made, CROSSING, views=lambda i: View(red if i < 24 else green)) == []


def test_one_hidden_while_the_lamp_turned_may_have_crossed_before():
    red, green = lamp_picture("red"), lamp_picture("green")
    hidden = CROSSING[:20] + [[]] * 9 + CROSSING[29:]
    for first_red, count in ((17, 0), (8, 1)):
        views = lambda i, since=first_red: View(red if i >= since else green)  # noqa: E731
        made = rule("red_light", lamp=LAMP, **STOP_LINE)
        assert len(play(made, hidden, views=views)) == count
        made = rule("red_light", lamp=LAMP, **STOP_LINE)
        assert len(play(made, CROSSING, views=views)) == 1


def test_a_signal_feed_speaks_for_the_lamp():
    made = rule("red_light", signal="J1-N", **STOP_LINE)
    told = play(made, CROSSING, views=lambda i: View(signal={"J1-N": "red"}.get))
    assert len(told) == 1
    silent = rule("red_light", signal="J1-N", **STOP_LINE)
    assert play(silent, CROSSING, views=lambda i: View(signal=lambda name: "")) == []


def test_no_parking_opens_goes_on_and_ends_under_one_track():
    made = rule("no_parking", zone=WHOLE, seconds=5)
    rng = np.random.default_rng(1)
    stands = [[(300 + dx, 200 + dy)] for dx, dy in rng.normal(0, 1.5, (180, 2))]
    leaves = [[(300 + 6 * i, 200)] for i in range(30)]
    told = play(made, stands + leaves)
    assert phases(told) == ["opened", "updated", "ended"]
    assert len({s.track.id for s in told}) == 1
    assert told[0].at_s == pytest.approx(5.2, abs=0.5)
    assert all(s.lasting for s in told)


def test_a_box_that_jumps_once_resets_no_clock():
    """Large boxes tremble; one that trembles while it stands has not come a second time."""
    made = rule("no_parking", zone=WHOLE, seconds=6, still=0.03)
    jumps = {40: 9, 41: 9, 42: 9}  # px: more than half of what counts as standing
    told = play(made, [[(300, 200 + jumps.get(i, 0))] for i in range(75)])
    assert phases(told) == ["opened"] and told[0].at_s == pytest.approx(6.0, abs=0.3)


def test_the_way_to_where_it_stands_is_no_standing():
    made = rule("no_parking", zone=WHOLE, seconds=6, still=0.03)
    told = play(made, [[(300 - 0.25 * max(0, 36 - i), 200)] for i in range(110)])
    assert phases(told) == ["opened"] and 1.0 <= told[0].since_s <= 3.0


def test_a_parked_car_hidden_for_a_while_is_the_same():
    made = rule("no_parking", zone=WHOLE, seconds=6)
    told = play(made, [[(300, 200)]] * 40 + [[]] * 35 + [[(301, 201)]] * 40)
    assert phases(told) == ["opened"]
    assert told[0].since_s < 1


def test_wrong_way_against_the_arrow_only():
    values = {"zone": WHOLE, "arrow": [0.5, 0.9, 0.5, 0.1]}
    towards = [[(300, 100 + 4 * i)] for i in range(30)]
    assert len(play(rule("wrong_way", **values), towards)) == 1
    assert play(rule("wrong_way", **values), [[f[0]] for f in towards[::-1]]) == []
    jitter = [[(300, 200 + (8 if i % 2 else -8))] for i in range(60)]
    assert play(rule("wrong_way", **values), jitter) == []
    aside = [[(100 + 6 * i, 200 + i)] for i in range(40)]
    assert play(rule("wrong_way", **values), aside) == []


def people(n):
    return [(60 + 45 * (i % 12), 120 + 70 * (i // 12)) for i in range(n)]


def test_a_crowd_opens_and_ends_once_though_the_count_flickers():
    made = rule("crowd", zone=WHOLE, people=8, seconds=3)
    flicker = [people(9 if i % 3 else 7) for i in range(80)]
    told = play(made, flicker + [people(2)] * 120, name="person")
    assert phases(told) == ["opened", "ended"]
    assert told[0].value >= 8 and told[0].unit == "people"
    assert (
        play(rule("crowd", zone=WHOLE, people=8, seconds=3), [people(6)] * 90, name="person") == []
    )


def test_density_by_share_covered():
    made = rule("density", zone=WHOLE, measure="share", at_least=5, seconds=1)
    told = play(made, [people(12)] * 40)
    assert phases(told) == ["opened"] and told[0].unit == "%"
    assert 5 <= told[0].value <= 12  # twelve of 40 × 30 px in 640 × 360: 6.3 %


def test_an_unattended_zone_is_told_and_somebody_ends_it():
    made = rule("unattended", zone=WHOLE, seconds=4)
    told = play(made, [[]] * 60 + [people(1)] * 40, name="person")
    assert phases(told) == ["opened", "ended"]
    assert told[0].at_s == pytest.approx(4, abs=0.2)


def test_zone_entry_asks_for_a_way_in():
    zone = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]
    walks = [[(200 + 5 * i, 200)] for i in range(50)]
    assert len(play(rule("zone_entry", zone=zone), walks)) == 1
    assert play(rule("zone_entry", zone=zone), [[(500, 200 - i)] for i in range(50)]) == []


def test_a_rule_keeps_its_own_pace():
    slow = rule("zone_entry", zone=WHOLE, per_s=2)
    asked = []
    slow.judge = lambda tracks, at_s, size_px, view: asked.append(at_s) or []
    play(slow, [[(300, 200)]] * 40)
    assert len(asked) == 8


def test_unconfirmed_tracks_are_nobody():
    made = rule("zone_entry", zone=WHOLE, appearing=True, seconds=0.2, travel=0)
    tracker = Tracker()
    tracker.update(boxes([(300, 200)]), 0.0)
    assert made.look(tracker._tracks, 5.0, SIZE) == []


ZONE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]


@pytest.mark.parametrize(
    ("declared", "field", "words"),
    [
        ({"kind": "line", "line": [0, 0.001, 1, 0.002]}, "line", "picture's edge"),
        ({"kind": "crowd", "zone": [[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]]}, "zone", "no area"),
        ({"kind": "crowd", "zone": [[0, 0], [1, 1], [1, 0], [0, 0.9]]}, "zone", "crosses itself"),
        ({"kind": "crowd", "zone": ZONE, "people": 2.5}, "people", "whole number"),
        ({"kind": "crowd", "zone": ZONE, "people": 1}, "people", "from 2 to 500"),
        ({"kind": "stopped", "zone": ZONE, "seconds": float("nan")}, "seconds", "number"),
        ({"kind": "stopped"}, "zone", "missing"),
        ({"kind": "red_light", "line": [0, 0.5, 1, 0.5]}, "lamp", "draw the lamp"),
        ({"kind": "line", "line": [0, 0.5, 1, 0.5], "classes": ["ship"]}, "classes", "ship"),
        ({"kind": "scene", "zone": ZONE, "scene": "fire"}, "scene", "nobody has brought"),
    ],
)
def test_problems_name_the_field_in_words(declared, field, words):
    (problem,) = rules.problems([{"name": "r"} | declared])
    assert (problem["index"], problem["rule"], problem["field"]) == (0, "r", field)
    assert words in problem["words"]


def test_every_kind_describes_a_form_that_makes_it():
    example = {"line": [0.1, 0.5, 0.9, 0.5], "zone": ZONE}
    for kind in rules.kinds():
        assert kind["title"]["vi"] and kind["title"]["en"]
        values = {"kind": kind["kind"], "name": "r", "off": True}
        for field in kind["fields"]:
            assert field["title"]["vi"] and field["title"]["en"]
            if field["name"] == "lamp" or field["required"] and field["name"] != "name":
                choice = field["choices"][0]["value"] if field["choices"] else None
                values[field["name"]] = example.get(field["type"], choice)
            elif field["name"] != "name":
                values[field["name"]] = field["default"]
        assert rules.problems([values]) == []


def test_every_rule_raises_a_kind_that_has_a_name():
    """A zone entry once reached operators as "zone_entry"."""
    assert set(rules.KINDS) - {"scene"} <= set(kinds.KINDS)
    assert set(plates.READ_KINDS) <= set(kinds.KINDS)
