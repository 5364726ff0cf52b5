"""Filling, directions, accumulation and HAND on any grid, and on hand-made ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from environment.terrain import conditioning as co
from environment.terrain import flow, hand
from tests.environment.terrain.grids import NAN, analysed, around, fill_slowly, way_down

heights = st.integers(0, 6).map(np.float32)
grids = hnp.arrays(np.float32, st.tuples(st.integers(3, 9), st.integers(3, 9)), elements=heights)
holed = hnp.arrays(
    np.float32, st.tuples(st.integers(3, 9), st.integers(3, 9)),
    elements=st.one_of(heights, heights, heights, st.just(NAN)),
).filter(lambda z: not np.isnan(z).all())  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(holed)
def test_any_terrain_drains(z):
    found = analysed(z)
    land = found["kind"] == co.LAND
    np.testing.assert_array_equal(found["filled"][land], fill_slowly(z, found["kind"])[land])
    out = 0
    for r, c in np.argwhere(land):
        end = way_down(found["d8"], r, c)[-1]
        assert found["d8"][end] == co.OUTLET
        assert len(list(around(z.shape, *end))) < 8 or any(
            found["kind"][nr, nc] == co.OUTSIDE for _, nr, nc in around(z.shape, *end)
        )
    out = found["total"][found["d8"] == co.OUTLET].sum()
    assert out == land.sum()
    assert (found["d8"][~land] == co.NO_FLOW).all()


@settings(max_examples=100, deadline=None)
@given(holed, st.integers(2, 8))
def test_hand_is_the_height_above_the_drain_reached_and_never_negative(z, least):
    found = analysed(z, least=least)
    for r, c in np.argwhere(found["kind"] == co.LAND):
        way = way_down(found["d8"], r, c)
        hit = next((cell for cell in way if found["drain"][cell]), None)
        if hit is None:
            assert np.isnan(found["hand"][r, c]) and found["place"][r, c] == hand.NO_DRAIN
            continue
        assert found["hand"][r, c] == found["filled"][r, c] - found["filled"][hit] >= 0
        assert found["place"][r, c] == found["place"][hit]


@settings(max_examples=60, deadline=None)
@given(grids)
def test_steepest_where_something_is_lower(z):
    found = analysed(z)
    for r, c in np.argwhere(found["kind"] == co.LAND):
        drops = {
            k: (found["filled"][r, c] - found["filled"][nr, nc]) / (2**0.5 if k % 2 else 1)
            for k, nr, nc in around(z.shape, r, c)
        }
        if max(drops.values()) > 0:
            way = int(flow.STEP[found["d8"][r, c]])
            assert drops[way] == pytest.approx(max(drops.values()))


@settings(max_examples=60, deadline=None)
@given(grids, st.data())
def test_burned_rivers_leave_no_negative_height(z, data):
    rivers = data.draw(hnp.arrays(np.uint8, z.shape, elements=st.integers(0, 1)))
    kind = np.ones(z.shape, np.uint8)
    filled = co.fill_depressions(z - np.float32(20) * rivers, kind)
    d8 = flow.directions(filled, kind, np.ones(z.shape[0]), 1.0)
    total = flow.accumulate(d8)
    drain = flow.drains(total, d8, kind, rivers, 4)
    assert drain[rivers > 0].all()
    raised = hand.carve_rivers(z.copy(), d8, rivers, np.float32(-np.inf))
    above, place, count = hand.above_drains(raised, d8, drain, kind)
    assert not (above < 0).any()
    for r, c in np.argwhere(drain > 0):
        way = way_down(d8, r, c)
        assert all(drain[cell] for cell in way), "a drain ends in the land"
        assert all(raised[a] >= raised[b] for a, b in zip(way, way[1:], strict=False))
    assert count == drain.sum()


def test_a_wide_flat_drains_to_its_way_out_and_away_from_the_hill():
    z = np.full((9, 40), 5, np.float32)
    z[0] = z[-1] = z[:, 0] = 9
    z[4, -1] = 1
    z[:4, -1] = z[5:, -1] = 9
    found = analysed(z)
    assert found["total"][4, -1] >= 7 * 38
    np.testing.assert_array_equal(found["raised"], z)  # no height was changed to do so


def test_a_dam_holds_its_lake_to_the_lowest_pass():
    z = np.tile(np.arange(20, 0, -1, dtype=np.float32), (9, 1))
    z[:, 10] = 30
    z[0] = z[-1] = 40
    z[2, 10] = 14  # the spillway
    found = analysed(z)
    assert (found["filled"][3:6, 7:10] == 14).all()
    assert (2, 10) in way_down(found["d8"], 6, 3)


def test_a_spiral_is_followed_to_its_end():
    side = 15
    z = np.full((side, side), 50, np.float32)
    r, c, dr, dc = 1, 0, 0, 1
    path = [(1, 0)]
    seen = {(1, 0)}
    while True:
        for _ in range(2):
            nr, nc = r + 2 * dr, c + 2 * dc
            if 0 < nr < side - 1 and 0 < nc < side - 1 and (nr, nc) not in seen:
                break
            dr, dc = dc, -dr
        else:
            break
        for _ in range(2):
            r, c = r + dr, c + dc
            path.append((r, c))
            seen.add((r, c))
    for n, cell in enumerate(path):
        z[cell] = 10 + n * 0.1
    found = analysed(z)
    ends = way_down(found["d8"], *path[-1])
    assert ends[-1] == (1, 0) and len(ends) > 0.6 * len(path)


def test_no_data_inside_is_gone_round_and_at_the_edge_is_a_way_out():
    z = np.full((7, 7), 5, np.float32)
    z[3, 3] = NAN
    z[3, 6] = NAN
    found = analysed(z)
    assert found["kind"][3, 3] == co.HOLE and found["kind"][3, 6] == co.OUTSIDE
    for cell in around(z.shape, 3, 3):
        assert way_down(found["d8"], *cell[1:])[-1] != (3, 3)
        assert found["d8"][cell[1:]] != co.OUTLET
    assert found["d8"][3, 5] == co.OUTLET


def test_diagonals_count_in_full_length_and_cells_need_not_be_square():
    z = np.array([[9, 9, 9], [9, 5, 4], [9, 9, 3.7]], np.float32)
    kind = np.ones((3, 3), np.uint8)
    square = flow.directions(z, kind, np.ones(3), 1.0)
    assert square[1, 1] == 1  # 1.0 a metre eastward, 0.92 south-east
    wide = flow.directions(z, kind, np.full(3, 4.0), 1.0)
    assert wide[1, 1] == 2  # 0.25 against 0.32


def rows(text: str) -> np.ndarray:
    return np.array([line.split() for line in text.strip().splitlines()], np.float32)


def test_an_answer_of_pyflwdir_as_recorded():
    """pyflwdir 0.5.12: fill, cells upstream, HAND over drains of 6 cells (-1: none is reached)."""
    z = rows("""
        76 55 70 37  0 22 58 66 18
        31 49 62  2 53 68 27 52 23
        41  4 78 72  3 17 34 11 28
        77 35 80 38 48 51 42 61 25
        30 60 43  6 75 44 56 65 39
        79 45 12  1 13 64 21 20 24
        15 32 67 74 46 10 69 47 63
        73 40 29  8  9 50 33 26 59
         7 16 14 57 36 71 54  5 19""")
    found = analysed(z, least=6)
    filled = z.copy()
    for level, cells in {
        31: [(2, 1)],
        23: [(2, 7)],
        21: [(5, 7)],
        14: [(4, 3), (5, 2), (5, 3), (5, 4), (6, 5), (7, 3), (7, 4)],
    }.items():
        for cell in cells:
            filled[cell] = level
    np.testing.assert_array_equal(found["filled"], filled)
    np.testing.assert_array_equal(
        found["total"],
        rows("""
        1 1 1  1 19  2 1 1 8
        7 1 1 14  1  1 1 1 6
        1 4 1  1  9  6 1 4 1
        1 1 1  1  1  1 1 1 1
        2 1 1  3  1  1 1 1 1
        1 1 4  5 11  1 8 6 3
        3 1 1  1  1 23 1 1 1
        1 1 1 30 27  1 1 1 1
        4 2 32 1  1  1 1 6 2"""),
    )
    hand_m = rows("""
        45 24 68 37  0 22 58 48  0
         0 18 60  0 53 51 10 29  0
        10  0 76 70  0  0 17  0  5
        -1  4 66 35 45 34 25 38  2
        -1 46 29  0 61 30 35 44 18
        -1 31  0  0  0 50  0  0  3
        -1 -1 53 60 32  0 55 26 42
        -1 -1 15  0  0 36 28 21 54
        -1 -1  0 43 22 57 49  0 14""")
    over = hand.above_drains(found["filled"], found["d8"], found["drain"], found["kind"])[0]
    np.testing.assert_array_equal(np.nan_to_num(over, nan=-1), hand_m)
