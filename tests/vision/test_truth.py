"""Counts by eye beside counts by machine, on real road video."""

from collections import Counter

import pytest

from ioc.demo import street
from vision import rules
from vision.addresses import Address
from vision.detectors.mog2 import BackgroundSubtraction
from vision.ground import Wedge
from vision.pipeline import Line
from vision.sources import frames


def count(path, detector, declared, per_s):
    line = Line("truth", detector, rules.from_data(declared), Wedge(107.59, 16.46, 0, 60, 50, 9214))
    found = Counter()
    for frame in frames(Address(str(path), True), per_s=per_s):
        for finding in line.look(frame.picture(), frame.media_s, frame.at, frame.session):
            found[finding.sighting.direction or finding.sighting.kind] += 1
    return dict(found)


def across(y, left=0.0):
    return [{"kind": "line", "name": "l", "line": [left, y, 1.0, y]}]


@pytest.mark.slow
def test_eight_vehicles_come_down_the_road(ssdlite, real_video):
    assert count(real_video("road_8_down.mp4"), ssdlite, across(0.6, 0.3), 12.5) == {"down": 8}


def test_two_up_and_two_down_seen_from_above(real_video):
    video = real_video("overhead_2_up_2_down.mp4")
    assert count(video, BackgroundSubtraction(), across(0.5), 12.5) == {"up": 2, "down": 2}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return street.render(tmp_path_factory.mktemp("street") / "street.mp4")


@pytest.mark.slow
def test_the_demo_street_is_counted_as_it_was_drawn(demo):
    away = sum(vehicle.away for vehicle in street.traffic())
    found = count(demo, BackgroundSubtraction(), street.RULES, 5)
    assert found["up"] == away
    # Background subtraction loses the one that stops, so it may miss its crossing.
    assert len(street.traffic()) - away - 1 <= found["down"] <= len(street.traffic()) - away
    assert found["stopped"] == 1


def test_every_demo_picture_says_synthetic():
    picture = next(street.pictures())
    assert (picture[:32, :300] == (255, 214, 90)).all(axis=2).sum() > 100
