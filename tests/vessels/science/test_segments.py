"""One MMSI split into boats."""

import itertools
import math
import random
from dataclasses import astuple
from math import nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vessels.science import reference
from vessels.science.messages import Identity, Message, of_track
from vessels.science.scoring import Node, Params, Point, match
from vessels.science.segments import Splitter, split
from vessels.science.tracks import track

T0 = 1_760_000_000.0


def boat(lon, lat, knots, course, n, step_s, *, kind=1, start=T0, seed=1, bend=2.0):
    """Messages of a boat that holds its course within a few degrees."""
    rng, rows = random.Random(seed), []
    for k in range(n):
        course += rng.gauss(0, bend)
        miles = knots * step_s / 3600
        lon += math.sin(math.radians(course)) * miles / 60 / math.cos(math.radians(lat))
        lat += math.cos(math.radians(course)) * miles / 60
        at = round(lon, 5), round(lat, 5), round(knots, 1), round(course % 360, 1) % 360
        rows.append(Message(start + k * step_s, *at, kind))
    return rows


def parts(placed):
    """The kept messages of each segment, as a set of frozen sets: ids do not matter."""
    found = {}
    for message, segment, fate in placed:
        if fate == "kept":
            found.setdefault(segment, set()).add(message)
    return {frozenset(messages) for messages in found.values()}


coarse = st.floats(0, 1).map(lambda x: round(x, 2))
messages = st.builds(
    lambda t, boat, dx, dy, knots, course, kind: Message(
        T0 + t, 107 + boat * 0.4 + dx * 0.3, 16 + dy * 0.3, knots, course, kind
    ),
    st.integers(0, 200_000), st.sampled_from([0, 0, 1, 20]), coarse, coarse,
    st.sampled_from([0.0, 0.2, 3.0, 8.0, 12.0, nan]),
    st.sampled_from([0.0, 45.0, 180.0, 290.0, nan]),
    st.sampled_from([1, 1, 3, 18, 27, 5, 9]),
)  # fmt: skip
lists = st.lists(messages, max_size=40, unique_by=lambda m: m.t)


@settings(max_examples=120, deadline=None)
@given(lists, st.booleans())
def test_every_message_fares_as_the_published_scoring_says(found, misaligned):
    found.sort()
    params = Params(misaligned_weights=misaligned)
    numbers: dict[str, int] = {}
    ours = [
        (numbers.setdefault(segment, len(numbers)) if segment else None, fate)
        for _, segment, fate in split(found, params)
    ]
    assert ours == [(segment, fate) for _, segment, fate in reference.split(found, params)]


near = st.tuples(
    st.integers(0, 3600), st.floats(-0.02, 0.08), st.floats(-0.02, 0.02),
    st.sampled_from([0.0, 0.3, 4.0, 9.0]), st.sampled_from([80.0, 90.0, 95.0, 270.0]),
    st.sampled_from([1, 18, 27]), st.sampled_from([0.0, 0.3, 1.0, 2.0, 3.5]),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(near, min_size=2, max_size=8))
def test_scores_are_the_published_ones(steps):
    t, rows, node = T0, [], None
    for wait, east, north, knots, course, kind, score in steps:
        t += wait
        message = Message(t, 107 + east + (t - T0) / 3600 * 0.1, 16 + north, knots, course, kind)
        point = Point(t, message.lon, message.lat, knots, course, kind)
        expected = rows and reference.fit({"rows": rows}, message, Params())
        if found := node and match(node, point, Params()):
            chain = list(itertools.islice(iterate(node), 8))
            assert found[:2] == pytest.approx(expected[:2], rel=1e-9)
            assert chain.index(found[2]) == len(expected[2])
        else:
            assert not expected
        rows.append({"m": message, "score": score, "fate": "kept"})
        node = Node(point, score, node)


def iterate(node):
    while node is not None:
        yield node
        node = node.before


@settings(max_examples=60, deadline=None)
@given(lists, st.randoms(use_true_random=False), st.integers(1, 12))
def test_any_order_and_any_repetition_gives_the_same_segments(found, chance, batch):
    expected = split(sorted(found), mmsi=574)
    mixed = found + found[::3]
    chance.shuffle(mixed)
    splitter = Splitter(mmsi=574)
    for k, message in enumerate(mixed):
        splitter.add(message)
        if k % batch == 0:
            splitter.settle()
    assert [str(row) for row in splitter.placed()] == [str(row) for row in expected]


def test_thresholds_are_the_published_ones():
    published = (24, 4, 0.5, 0.25, 25, 5, 4, 5, 2, 10, 10, 0.1, 1, 0.35, 100, 15, False)
    assert astuple(Params())[:-1] == published


def test_messages_of_one_second_do_not_depend_on_who_came_first():
    rows = boat(107, 16, 8, 90, 12, 600) + boat(107.02, 16.01, 8, 90, 12, 600, seed=2)
    expected = split(rows, mmsi=574)
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        assert split(rows, mmsi=574) == expected


def test_two_boats_under_one_number_come_apart():
    one, other = boat(107, 16, 8, 90, 200, 60), boat(109, 17, 6, 200, 200, 60, seed=2)
    assert parts(split(one + other)) == {frozenset(one), frozenset(other)}


@pytest.mark.parametrize("step_s", [7200, 10800])
def test_two_boats_at_a_cadence_of_hours_come_apart(step_s):
    one = boat(107.5, 16.5, 5, 60, 40, step_s, kind=0)
    other = boat(110.5, 14, 5, 100, 40, step_s, kind=0, seed=2, start=T0 + 1800)
    assert parts(split(one + other)) == {frozenset(one), frozenset(other)}


def test_a_track_becomes_messages():
    rows = track([T0, T0 + 60], [107, 107.001], [16, 16], [5.3, np.nan], [90, np.nan], [18, 0])
    first, second = of_track(rows, source="r")
    assert first == Message(T0, 107.0, 16.0, 5.3, 90.0, 18, first.heading_deg, source="r")
    assert math.isnan(second.speed_kn) and len(parts(split([first, second]))) == 1


def test_a_provider_that_sends_no_speed_has_tracks_too():
    rows = [
        m._replace(speed_kn=nan, course_deg=nan) for m in boat(107, 16, 5, 90, 20, 7200, kind=0)
    ]
    assert parts(split(rows)) == {frozenset(rows)}
    assert {fate for *_, fate in split([m._replace(kind=1) for m in rows])} == {"bad"}


def test_a_teleporting_spoofer_does_not_break_the_track():
    rows = boat(107, 16, 8, 90, 60, 60)
    spoofs = [m._replace(t=m.t + 5, lon=150.0, lat=40.0 + k) for k, m in enumerate(rows[::10])]
    assert frozenset(rows) in parts(split(rows + spoofs))


def test_a_silence_over_a_day_begins_a_segment():
    rows = boat(107, 16, 0.0, 0, 2, 24 * 3600)
    later = [rows[0], rows[1]._replace(t=rows[1].t + 1)]
    assert (len(parts(split(rows))), len(parts(split(later)))) == (1, 2)


def test_a_position_between_two_boats_closes_both():
    one, other = boat(107, 16.00, 8, 90, 30, 60, bend=0), boat(107, 16.02, 8, 90, 30, 60, bend=0)
    other = [m._replace(t=m.t + 1e-3) for m in other]
    apart = boat(107, 16.01, 8, 90, 34, 60, bend=0)[30:]
    tight = Params(penalty_speed=0.5, buffer_hours=0.02)  # 60 m and a minute tell the boats apart
    placed = split(one + other, tight)
    assert parts(placed) == {frozenset(one), frozenset(other)}
    placed = split(one + other + apart, tight)
    assert parts(placed) == {frozenset(one), frozenset(other), frozenset(apart)}


def test_low_resolution_within_the_hour_of_a_match_is_noise():
    rows = boat(107, 16, 8, 90, 40, 60)
    soon = rows[-1]._replace(t=rows[-1].t + 3599, kind=27, course_deg=91.0)
    late = soon._replace(t=rows[-1].t + 3600)
    assert split([*rows, soon])[-1].fate == "noise"
    assert split([*rows, late])[-1].fate == "kept"


def test_a_far_position_is_dropped_once_the_next_fits_better_without_it():
    rows = boat(107, 16, 0.5, 90, 40, 60, bend=0)
    jump = rows[20]._replace(t=rows[20].t + 5, lat=rows[20].lat + 0.06)
    placed = split([*rows, jump])
    assert [m for m, _, fate in placed if fate == "dropped"] == [jump]
    assert parts(placed) == {frozenset(rows)}


def test_another_class_of_transponder_counts_a_tenth():
    kinds = {
        "same": [1] * 7,
        "unlike": [18] * 7,
        "once": [18, 18, 1, 18, 18, 18],
        "old": [1] + [18] * 5,
    }
    scores = {}
    for name, heard in kinds.items():
        node = None
        for k, kind in enumerate(heard):
            node = Node(Point(T0 + k * 60, 107, 16, 0.0, nan, kind), 4.0, node)
        scores[name] = match(node, Point(T0 + 600, 107, 16.001, 0.0, nan, 1), Params())[0]
    assert scores["unlike"] == pytest.approx(0.1 * scores["same"], rel=0.05)
    assert scores["once"] > 5 * scores["unlike"]
    assert scores["old"] < 0.2 * scores["same"]


def test_without_a_course_a_boat_may_only_be_very_slow():
    at = Message(T0, 107, 16, 0.3, nan)
    assert [fate for *_, fate in split([at, at._replace(t=T0 + 9, speed_kn=0.4)])] == [
        "kept",
        "bad",
    ]


def test_the_same_place_under_way_is_a_repeat_and_at_rest_is_not():
    moving, still = Message(T0, 107, 16, 5, 90), Message(T0, 108, 17, 0, 90)
    rows = [m._replace(t=T0 + dt) for dt in (0, 60) for m in (moving, still)]
    assert sorted(fate for *_, fate in split(rows)) == ["kept", "kept", "kept", "repeat"]


def test_late_messages_tell_whose_segment_changed():
    rows = boat(107, 16, 8, 90, 20, 7200)
    splitter = Splitter(mmsi=574)
    early = splitter.extend(rows[8:])
    assert splitter.settle() == []
    late = splitter.extend(reversed(rows[:8]))
    moved = splitter.settle()
    assert {m.message for m in moved} >= set(rows[8:])
    assert {m.now for m in moved} == {"574-2025-10-09T08:53:20.000000Z-1"}
    assert splitter.add(rows[3]) not in (early[0], late[0])


def test_what_is_forgotten_still_counts():
    rows = boat(107, 16, 8, 90, 300, 600) + boat(109, 17, 5, 10, 300, 600, seed=2)
    rows.sort()
    whole, short = Splitter(mmsi=574), Splitter(mmsi=574)
    whole.extend(rows)
    for k, message in enumerate(rows):
        short.add(message)
        if k % 100 == 99:
            short.forget(message.t - 3600)
    kept = short.placed()
    assert len(kept) < 60 and kept == whole.placed()[-len(kept) :]
    assert short.add(rows[0]) == "" and short.too_late == 1


def test_memory_ends_where_nothing_looks_back():
    splitter = Splitter()
    for message in boat(107, 16, 8, 90, 1000, 600):
        splitter.add(message)
        splitter.forget(message.t - 3600)
    node, length = splitter._history[-1].node, 0
    while node is not None:
        node, length = node.before, length + 1
    assert length <= 24 * 6 + 6 + 1 + Params().lookback


def test_each_boat_keeps_its_own_name():
    one, other = boat(107, 16, 8, 90, 60, 60), boat(109, 17, 6, 200, 60, 60, kind=18, seed=2)
    named = [
        Message(T0 + 600, kind=5, name="HAI VAN", callsign="XV1", ship_type=30, source="r"),
        Message(T0 + 1200, kind=24, name="THUAN AN", ship_type=30, source="r"),
    ]
    one, other = ([m._replace(source="r") for m in rows] for rows in (one, other))
    splitter = Splitter()
    splitter.extend(named + one + other)
    counted = splitter.identities()
    ids = {m: segment for m, segment, _ in splitter.placed()}
    hai_van = Identity("HAI VAN", "XV1", 30, 0, -1.0, "AIS-A")
    assert counted[ids[one[0]]] == {hai_van: 26}  # 10 minutes before it and 15 after, both ends in
    assert [i.name for i in counted[ids[other[0]]]] == ["THUAN AN"]


def test_weights_of_short_segments_belong_to_their_own():
    far = boat(150, 40, 8, 90, 1, 60)
    long, short = boat(107, 16, 8, 90, 60, 60, bend=0), boat(107, 16.4, 8, 90, 2, 60, bend=0)
    rows = far + long + [m._replace(t=long[-2].t + 1 + k * 60) for k, m in enumerate(short)]
    rows.sort()
    for params in (Params(), Params(misaligned_weights=True)):
        ours = [fate for *_, fate in split(rows, params)]
        assert ours == [fate for *_, fate in reference.split(rows, params)]


@pytest.mark.parametrize("seed", range(3))
def test_dense_traffic_fares_as_published(seed):
    rng = random.Random(seed)
    rows = list(
        itertools.chain.from_iterable(
            boat(107 + rng.random() * 0.6, 16 + rng.random() * 0.6, rng.uniform(0, 12),
                 rng.uniform(0, 360), 120, rng.choice([120, 600, 3600]), seed=seed * 9 + k,
                 kind=rng.choice([1, 3, 18, 27]), start=T0 + rng.random() * 9000)
            for k in range(4)
        )
    )  # fmt: skip
    rows.sort()
    for params in (Params(), Params(misaligned_weights=True)):
        theirs = [(segment, fate) for _, segment, fate in reference.split(rows, params)]
        numbers: dict[str, int] = {}
        ours = [
            (numbers.setdefault(segment, len(numbers)) if segment else None, fate)
            for _, segment, fate in split(rows, params)
        ]
        assert ours == theirs


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_thousands_of_messages_in_any_order_give_the_same_segments(seed):
    rng = random.Random(seed)
    rows = [
        message
        for k in range(3)
        for message in boat(107 + k * 0.3, 16, 3 + 2 * k, 70 * k, 1500, 300, seed=seed * 3 + k)
    ]
    expected = split(sorted(rows), mmsi=574)
    rng.shuffle(rows)
    splitter = Splitter(mmsi=574)
    for k, message in enumerate(rows):
        splitter.add(message)
        if k % 400 == 399:
            splitter.settle()
    assert splitter.placed() == expected and len(splitter.segments()) >= 3


@pytest.mark.parametrize(
    ("speed", "course", "fate"),
    [(0.3, 360.0, "kept"), (5.0, 360.0, "bad"), (102.3, 90.0, "bad"), (5.0, 359.9, "kept")],
)
def test_what_the_standard_calls_not_available_is_not_taken_for_a_value(speed, course, fate):
    (placed,) = split([Message(T0, 107, 16, speed, course)])
    assert placed.fate == fate
