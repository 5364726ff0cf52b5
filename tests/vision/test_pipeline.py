from datetime import UTC, datetime

import numpy as np
import pytest

from tests.vision.factories import LINE, NOON, SIZE, WhiteBoxes, falling_box
from vision import rules
from vision.ground import Fix, Wedge
from vision.pipeline import Line


class Silent:
    def locate(self, x, y):
        return None


@pytest.fixture
def line():
    wedge = Wedge(107.59, 16.46, 90, 60, 50, 9214)
    return Line("cam", WhiteBoxes(), rules.from_data([LINE]), Silent(), wedge)


def fall(line, session, seconds=4.0):
    return [
        finding
        for n in range(round(seconds * 10))
        for finding in line.look(falling_box(n / 10), n / 10, datetime.now(UTC), session)
    ]


def test_each_session_counts_afresh_under_keys_of_its_own(line):
    (first,), (second,) = fall(line, "a"), fall(line, "b")
    assert (first.key, second.key) == ("cam/gate/a/1", "cam/gate/b/1")


def test_a_finding_has_place_model_and_picture(line):
    (finding,) = fall(line, "a")
    assert finding.model_hash == WhiteBoxes.model_hash
    assert finding.jpeg.startswith(b"\xff\xd8")
    assert finding.started_at < finding.ended_at
    assert isinstance(finding.fix, Fix)  # where the homography is silent the wedge answers
    assert finding.fix.error_m == 50


def test_an_empty_scene_finds_nothing(line):
    empty = np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)
    assert line.look(empty, 0.0, NOON, "a") == []
