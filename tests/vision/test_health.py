"""The gate, the lens and events that outlive a broken stream."""

from datetime import timedelta

import numpy as np
import pytest

from tests.vision.factories import NOON, WhiteBoxes, make_camera
from vision import rules
from vision.actions import cameras
from vision.findings import StillOpen
from vision.gate import MotionGate
from vision.ground import Wedge
from vision.lens import LensWatch, words
from vision.pipeline import Line
from vision.scenes import Agreement

RNG = np.random.default_rng(4)
STREET = np.repeat(np.repeat(RNG.integers(30, 220, (45, 80, 3)), 8, 0), 8, 1).astype(np.uint8)


def street(noise=3.0, **boxes):
    shown = STREET.astype(float) + RNG.normal(0, noise, STREET.shape)
    return np.clip(shown, 0, 255).astype(np.uint8)


def test_the_gate_opens_for_movement_and_now_and_then():
    gate = MotionGate(forced_s=2.0)
    looks = [gate.moves(street(), n / 10) for n in range(60)]
    assert sum(looks[15:]) in (2, 3)
    moved = street()
    moved[100:160, 200:280] = 255
    assert gate.moves(moved, 6.0)


def test_masked_movement_does_not_count():
    gate = MotionGate([[(0, 0), (1, 0), (1, 1), (0, 1)]], forced_s=99)
    for n in range(40):
        shown = street()
        shown[100:160, 10 * n : 10 * n + 80] = 255
        opened = gate.moves(shown, n / 10)
    assert not opened


def watched(pictures, per_s=1.0):
    lens = LensWatch()
    return [t for n, p in enumerate(pictures) if (t := lens.look(p, n / per_s))]


def test_black_covered_and_frozen_are_said_once_and_their_end():
    good = [street() for _ in range(10)]
    black = [np.clip(RNG.normal(3, 2, STREET.shape), 0, 255).astype(np.uint8)] * 8
    hand = [np.clip(RNG.normal(120, 2, STREET.shape), 0, 255).astype(np.uint8) for _ in range(12)]
    assert watched(good + black + good) == ["black", "good"]
    assert watched(good + hand + good) == ["covered", "good"]
    assert watched(good + [good[0]] * 30 + good) == ["frozen", "good"]
    assert watched([street() for _ in range(60)]) == []
    assert all(words(kind) for kind in ("black", "covered", "frozen", "good", "wrong_rate"))


def test_a_still_picture_that_loops_is_frozen_once():
    lens, picture = LensWatch(), street()
    told = [lens.look(picture, n % 25.0) for n in range(120)]
    assert [one for one in told if one] == ["frozen"]
    told = [lens.look(street(), n % 25.0) for n in range(30)]
    assert [one for one in told if one] == ["good"]


@pytest.mark.django_db
def test_what_is_wrong_with_the_picture_is_said_as_long_as_it_lasts():
    camera = make_camera()
    words = "The picture is black"
    cameras.report_trouble(camera=camera, kind="black", words=words, at=NOON)
    cameras.report_state(camera=camera, state="good", frames=5)
    camera.refresh_from_db()
    assert (camera.state, camera.state_note) == ("good", words)
    cameras.report_trouble(camera=camera, kind="good", words="", at=NOON)
    cameras.report_state(camera=camera, state="good", frames=9)
    camera.refresh_from_db()
    assert camera.state_note == ""


def standing(white=True):
    picture = np.full((240, 320, 3), 60, np.uint8)
    if white:
        picture[100:140, 140:180] = 255
    return picture


@pytest.fixture
def parked():
    declared = [{"kind": "no_parking", "name": "p", "seconds": 3,
                 "zone": [[0, 0], [1, 0], [1, 1], [0, 1]]}]  # fmt: skip

    def make(still_open=()):
        wedge = Wedge(107.59, 16.46, 90, 60, 50, 9214)
        return Line("cam", WhiteBoxes(), rules.from_data(declared), wedge, still_open=still_open)

    return make


def watch(line, session, seconds, since=0.0, white=True):
    return [
        (finding.sighting.phase, finding.key)
        for n in range(round(seconds * 5))
        for finding in line.step(
            standing(white), n / 5, NOON + timedelta(seconds=since + n / 5), session
        )
    ]


def test_a_stream_that_breaks_off_doubles_nothing(parked):
    line = parked()
    (opened,) = watch(line, "a", 5)
    again = watch(line, "b", 6, since=8)
    assert opened[0] == "opened"
    assert {key for _, key in again} == {opened[1]}
    assert {phase for phase, _ in again} == {"updated"}


def test_what_never_comes_again_is_over(parked):
    line = parked()
    (opened,) = watch(line, "a", 5)
    assert watch(line, "b", 5, since=8, white=False) == []
    over = watch(line, "b", 1, since=90, white=False)
    assert over == [("ended", opened[1])]


def test_a_restart_goes_on_with_what_was_open(parked):
    (opened,) = watch(parked(), "a", 5)
    box = (140 / 320, 100 / 240, 180 / 320, 140 / 240)
    left = StillOpen(opened[1], "p", box, NOON, NOON)
    assert watch(parked([left]), "b", 5, since=30) == [("updated", opened[1])]
    other = StillOpen("cam/p/a/9", "p", (0, 0, 0.1, 0.1), NOON, NOON)
    line = parked([other])
    watch(line, "b", 5)
    assert line.lapsed(NOON) == []
    assert line.lapsed(NOON + timedelta(seconds=99)) == ["cam/p/a/9"]


def test_scenes_need_agreement():
    agreement = Agreement(3, 5)
    told = [agreement.look(s) for s in (0.9, 0.1, 0.9, 0.2, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1)]
    assert [word for word in told if word] == ["opened", "ended"]
    assert told[4] == "opened"
    with pytest.raises(ValueError, match="N ≤ M"):
        Agreement(6, 5)
