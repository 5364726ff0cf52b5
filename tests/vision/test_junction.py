"""The rendered junction: its own geometry, and a line of work that tells what happened on it."""

from dataclasses import replace

import numpy as np
import pytest

from geo.crs import DEFAULT_METRIC_SRID as SRID
from tests.vision.factories import make_finding
from vision import ground
from vision.ground import Fix
from vision.synthetic import trial, truth
from vision.synthetic.clip import Clip, NoisyTruth, Setting
from vision.synthetic.draw import stamped
from vision.synthetic.traffic import State
from vision.synthetic.truth import Event, events


@pytest.fixture(scope="module")
def clip():
    return Clip(Setting(seed=11, seconds=42, per_s=6, size_px=(640, 360)), SRID)


def test_a_picture_says_its_number_also_after_scaling(clip):
    picture = clip.picture(201)
    assert stamped(picture, 640) == 201
    assert stamped(np.repeat(np.repeat(picture, 2, 0), 2, 1), 640) == 201


def test_the_same_seed_is_the_same_clip(clip):
    again = Clip(clip.setting, SRID)
    assert again.states[100] == clip.states[100]
    assert NoisyTruth(again).at(100).xyxy.tolist() == NoisyTruth(clip).at(100).xyxy.tolist()


def test_control_points_find_the_ground(clip):
    told = ground.calibration(clip.control_points(), SRID)
    assert told["error_m"] < 1.5
    assert len(told["points"]) == 9 and told["grid"]
    bad = clip.control_points()
    bad[4]["lon"] += 3e-4  # thirty metres
    assert ground.calibration(bad, SRID)["error_90_m"] > 5 * told["error_90_m"]


def test_what_happened_is_told(clip):
    scores = trial.summed([trial.run(clip)])
    assert {"line", "red_light", "wrong_way"} <= set(scores)
    assert {e.kind for e in events(clip) if e.sure} >= {"red_light", "wrong_way"}
    whole = scores["all"]
    assert whole.right >= 20
    assert whole.precision >= 0.9 and whole.recall >= 0.9
    assert np.median(whole.errors_m) <= 1.5


def test_who_stands_close_before_another_takes_not_its_event(clip, monkeypatch):
    """A lorry is told of; the motorcycle before it, nearer to the middle of its lower edge, not."""
    y = clip.junction.near
    lorry, bike = (
        State(1, "truck", 10, y + 9, True, 0),
        State(2, "motorcycle", 8.7, y + 6.0, True, 0),
    )
    here = Clip(clip.setting, SRID)
    here.states = [[lorry, bike]] * len(clip.states)
    both = [Event("no_parking", 1, 0, 20), Event("no_parking", 2, 0, 20, sure=False)]
    monkeypatch.setattr(truth, "events", lambda _clip: both)
    box = here.box(lorry) / [*clip.setting.size_px, *clip.setting.size_px]
    foot = (box[0] + box[2]) / 2, box[3]
    feet = [
        here.lens.fractions(np.array([[s.x, s.y - half]]))[0]
        for s, half in ((lorry, 3.75), (bike, 1))
    ]
    assert np.hypot(*(feet[1] - foot)) < np.hypot(*(feet[0] - foot))
    told = make_finding(kind="no_parking")
    told = replace(told, box=tuple(box), fix=Fix(*here.lonlat(10, y + 5), 1.0))
    assert truth.score(here, [(10.0, told)])["no_parking"].recall == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "height_m", "fov_deg", "aside_m", "per_s"),
    [(21, 7, 80, 2, 10), (22, 12, 60, -2, 8), (23, 9, 70, 0, 5)],
)
def test_other_poles_lenses_and_rates(seed, height_m, fov_deg, aside_m, per_s):
    clip = Clip(Setting(seed, 120, per_s, height_m, fov_deg, aside_m), SRID)
    whole = trial.summed([trial.run(clip)])["all"]
    assert whole.precision >= 0.95 and whole.recall >= 0.95
    assert np.median(whole.errors_m) <= 1.5


def test_speed_is_told_with_its_error(clip):
    best = trial.line_of(clip)._places[0]
    place = [
        clip.lens.fractions(np.array([[2.0, clip.junction.near + 6 + 8 * n / 10]]))[0]
        for n in range(15)
    ]
    rng = np.random.default_rng(3)
    trail = [(n / 10, *(p * (640, 360) + rng.normal(0, 1, 2))) for n, p in enumerate(place)]
    speed = best.speed(trail, (640, 360))
    assert abs(speed.kmh - 28.8) <= speed.error_kmh
    assert 0 < speed.error_kmh < 10
    assert best.speed(trail[:3], (640, 360)) is None
