"""Planted cases are found at the cadence of AIS and of VMS, and quiet boats give none."""

import pytest

from tests.vessels.science.fleets import HOUR, PORT, meeting, quiet, trip
from vessels.science import encounters, fishing, loitering, stops
from vessels.science.tracks import distance_m

CADENCES = {"AIS": 60.0, "VMS 2 h": 2 * HOUR, "VMS 3 h": 3 * HOUR}


def out_of_port(lon, lat):
    return distance_m(lon, lat, PORT.lon, PORT.lat) > 10_000


def away(rows):
    return out_of_port(rows["lon"], rows["lat"])


def score(found, planted, slack_s):
    """Precision and recall: an event and a plant match where they overlap, give or take."""

    def meet(a, b):
        return a[0] == b[0] and a[1] <= b[2] + slack_s and b[1] <= a[2] + slack_s

    right = sum(any(meet(event, plant) for plant in planted) for event in found)
    seen = sum(any(meet(event, plant) for event in found) for plant in planted)
    return right / len(found) if found else 1.0, seen / len(planted) if planted else 1.0


@pytest.fixture(scope="module", params=CADENCES)
def interval_s(request):
    return CADENCES[request.param]


@pytest.fixture(scope="module")
def calm():
    return [quiet(seed) for seed in range(20)]


def planted(boats, kind):
    return [
        (name, start, end)
        for name, boat in boats.items()
        for what, start, end in boat.happened
        if what == kind
    ]


def test_visits(interval_s, calm):
    boats = dict(enumerate(calm))
    found = [
        (name, visit.start, visit.last)
        for name, boat in boats.items()
        for visit in stops.visits(boat.heard(interval_s), [PORT])
    ]
    precision, recall = score(found, planted(boats, "visit"), interval_s)
    assert len(found) == len(planted(boats, "visit")) and (precision, recall) == (1, 1)


def test_loitering(interval_s, calm):
    boats = dict(enumerate([*calm, *(trip(100 + k, "loitering", 12) for k in range(15))]))
    tracks = {name: boat.heard(interval_s) for name, boat in boats.items()}
    found = [
        (name, event.start, event.end)
        for name, rows in tracks.items()
        for event in loitering.find(rows, away=away(rows))
    ]
    precision, recall = score(found, planted(boats, "loitering"), 0)
    assert precision == 1 and recall >= 0.9


def test_fishing(interval_s, calm):
    boats = dict(enumerate([*calm, *(trip(200 + k, "fishing", 10) for k in range(15))]))
    tracks = {name: boat.heard(interval_s) for name, boat in boats.items()}
    found = [
        (name, event.start, event.end)
        for name, rows in tracks.items()
        for event in fishing.find(rows, at_sea=away(rows))
    ]
    precision, recall = score(found, planted(boats, "fishing"), 0)
    assert precision == 1 and recall >= 0.9


def met(pairs, calm, interval_s):
    """The tracks by (number, side), and the encounters found among them."""
    boats = {("quiet", k): boat for k, boat in enumerate(calm)}
    boats |= {(k, side): boat for k, pair in enumerate(pairs) for side, boat in enumerate(pair)}
    tracks = {name: boat.heard(interval_s) for name, boat in boats.items()}
    found = encounters.find(tracks, away=out_of_port)
    return [((e.a, e.b), e.start, e.end) for e in found]


@pytest.mark.parametrize("hours", [4, 8])
def test_encounters(interval_s, calm, hours):
    pairs = [meeting(300 + k, hours) for k in range(20)]
    truth = [(((k, 0), (k, 1)), *pair[0].happened[0][1:]) for k, pair in enumerate(pairs)]
    precision, recall = score(met(pairs, calm, interval_s), truth, 0)
    hard = hours < 2 * interval_s / HOUR  # a position or two of each, some of them lost
    assert precision == 1 and recall >= (0.7 if hard else 0.9)


def test_boats_that_drift_a_mile_apart_do_not_meet(interval_s):
    assert met([meeting(300 + k, 8, apart_m=2500.0) for k in range(10)], [], interval_s) == []


def test_boats_that_sail_together_do_not_meet(interval_s):
    lead = quiet(1).heard(interval_s, lost=0)
    follow = lead.copy()
    follow["lat"] += 0.001
    assert encounters.find({1: lead, 2: follow}, away=out_of_port) == []


def test_quiet_boats_give_no_event_but_their_ports(interval_s, calm):
    tracks = {k: boat.heard(interval_s) for k, boat in enumerate(calm)}
    for rows in tracks.values():
        assert loitering.find(rows, away=away(rows)) == []
        assert fishing.find(rows, at_sea=away(rows)) == []
    assert encounters.find(tracks, away=out_of_port) == []
