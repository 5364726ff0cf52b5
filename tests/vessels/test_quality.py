"""When a position was true, and what is wrong with it."""

import numpy as np
import pytest

from tests.vessels.factories import NOON, decode, said
from vessels import quality
from vessels.ais import encode
from vessels.kinds import kind_of, states_of
from vessels.quality import Flag


def one(**changes):
    return decode([said(**changes)]).positions


@pytest.mark.parametrize(
    ("heard_after_s", "expected"),
    [(0, NOON), (3, NOON), (10, NOON), (-2, NOON), (25, NOON + 25)],
)
def test_the_senders_second_decides_when_it_lies_near(heard_after_s, expected):
    line = encode.position(
        574_000_001, 107.8, 16.6, speed_kn=1, course_deg=1, second=NOON % 60, status=0
    )
    tagged = encode.tagged(line, at_s=NOON + heard_after_s, station="r")
    time, ours = quality.times_of(decode([tagged]).positions, clock=0.0)
    assert (time[0], ours[0]) == (expected, False)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"lon": 181.0, "lat": 91.0}, "no-position"),
        ({"lon": 107.8, "lat": 90.5}, "absurd-position"),
        ({"lon": 200.0}, "absurd-position"),
        ({"mmsi": 0}, "absurd-mmsi"),
        ({"at": NOON + 400}, "future-time"),
        ({"at": NOON + 200}, ""),
        ({"at": 900_000_000}, "absurd-time"),
    ],
)
def test_what_cannot_be_is_refused_by_name(changes, reason):
    found = one(**changes)
    time = np.array([float(changes.get("at", NOON))])
    assert quality.refusals(found, time, clock=float(NOON))[0] == reason


def test_doubts_are_flagged():
    fast = quality.flags_of(one(speed_kn=102.2), np.array([False]))
    null = quality.flags_of(one(lon=0.0, lat=0.0), np.array([True]))
    assert fast[0] == Flag.ABSURD_SPEED
    assert null[0] == Flag.NULL_ISLAND | Flag.CLOCK_OURS
    assert quality.doubt_of(int(null[0])) == "no-fix"


def test_a_leap_is_one_by_speed_and_not_by_distance():
    vessel = np.array([1, 1, 1, 2, 2])
    time = np.array([0.0, 60.0, 36_000.0, 0.0, 60.0])
    lon = np.array([107.0, 107.01, 109.0, 107.0, 108.0])
    lat = np.full(5, 16.0)
    found = quality.jumps(vessel, time, lon, lat, np.ones(5))
    assert found.tolist() == [False, False, False, False, True]


def test_states_and_kinds():
    states = states_of(np.array([0, 5, 7, 14, -1, -1, 5]), np.array([9, 0, 3, 0, 4, np.nan, 8.0]))
    assert states.tolist() == [
        "under-way", "stopped", "fishing", "distress", "under-way", "unknown", "under-way",
    ]  # fmt: skip
    assert [kind_of(code) for code in (30, 70, 84, 65, 52, 90, 0, None)] == [
        "fishing", "cargo", "tanker", "passenger", "tug", "other", "unknown", "unknown",
    ]  # fmt: skip
