"""Entering and leaving areas."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from vessels.science.crossings import find
from vessels.science.tracks import track

SQUARE = shapely.box(107, 16, 108, 17)


def rows(*points, step_s=3600.0, speed=np.nan):
    lon, lat = zip(*points, strict=True)
    return track(np.arange(len(points)) * step_s, lon, lat, speed)


def told(found):
    return [(c.t, round(c.lon, 6), round(c.lat, 6), c.inside) for c in found]


def test_a_boat_crosses_where_its_way_meets_the_line_and_in_proportion_of_time():
    found = find(rows((106.5, 16.5), (107.5, 16.5), (107.5, 17.5)), SQUARE)
    assert told(found) == [(1800, 107, 16.5, True), (5400, 107.5, 17, False)]
    assert [(c.before_t, c.after_t) for c in found] == [(0, 3600), (3600, 7200)]


def test_a_leg_of_hours_that_clips_a_corner_enters_and_leaves():
    found = find(rows((106.9, 16.2), (107.2, 15.9), step_s=10800), SQUARE)
    assert [c.inside for c in found] == [True, False]
    assert [(round(c.lon, 6), round(c.lat, 6)) for c in found] == [(107, 16.1), (107.1, 16)]


@pytest.mark.parametrize(
    "points",
    [
        [(106.5, 16.5), (106.9, 16.9)],  # outside
        [(107.2, 16.2), (107.8, 16.9)],  # inside
        [(106.5, 16.5), (107.5, 15.5)],  # through the corner point alone
        [(106.5, 16.5), (107.0, 16.5), (106.5, 16.6)],  # up to the line and back
        [(106.5, 16.0), (108.5, 16.0)],  # along the line
        [(106.5, 15.5), (107.2, 16.0), (107.8, 16.0), (108.5, 15.5)],  # onto it, along, away
        [(107.5, 16.5)],
    ],
)
def test_touching_is_not_crossing(points):
    assert find(rows(*points), SQUARE) == []


def test_a_position_on_the_line_counts_once():
    found = find(rows((106.5, 16.5), (107.0, 16.5), (107.5, 16.5)), SQUARE)
    assert told(found) == [(3600, 107, 16.5, True)]
    along = find(rows((106.5, 15.5), (107.2, 16.0), (107.8, 16.0), (107.9, 16.5)), SQUARE)
    assert told(along) == [(7200, 107.8, 16, True)]


def test_holes_and_several_parts_count():
    holed = shapely.difference(SQUARE, shapely.box(107.4, 16.4, 107.6, 16.6))
    both = shapely.union(holed, shapely.box(109, 16, 110, 17))
    found = find(rows((106.5, 16.5), (110.5, 16.5)), both)
    assert [c.inside for c in found] == [True, False] * 3


def test_the_error_grows_with_the_time_between_positions():
    def error(step_s, speed=8.0):
        return find(rows((106.99, 16.5), (107.01, 16.5), step_s=step_s, speed=speed), SQUARE)[
            0
        ].error_m

    assert error(10) == pytest.approx(10)
    assert error(7200) == pytest.approx(8 * 3704 / 2, rel=0.01)
    assert error(7200, np.nan) == error(7200)


polygons = st.builds(
    lambda corners, seed: shapely.Polygon(
        [
            (107.5 + r * np.cos(a), 16.5 + r * np.sin(a))
            for r, a in zip(
                np.random.default_rng(seed).uniform(0.2, 0.9, corners),
                np.linspace(0, 2 * np.pi, corners, endpoint=False), strict=True,
            )
        ]
    ),
    st.integers(3, 12), st.integers(0, 999),
)  # fmt: skip
grid = st.integers(0, 20).map(lambda k: k / 10)
ways = st.lists(st.tuples(grid, grid), min_size=2, max_size=12)


@settings(deadline=None)
@given(st.one_of(polygons, st.just(SQUARE)), ways)
def test_crossings_lie_on_the_line_in_time_order_and_take_turns(polygon, way):
    path = rows(*((106.5 + x, 15.5 + y) for x, y in way))
    found = find(path, polygon)
    times = [c.t for c in found]
    assert times == sorted(set(times))
    assert all(a.inside != b.inside for a, b in zip(found, found[1:], strict=False))
    for crossing in found:
        at = shapely.Point(crossing.lon, crossing.lat)
        assert shapely.distance(polygon.boundary, at) < 1e-7
        x = np.interp(crossing.t, path["t"], path["lon"])
        y = np.interp(crossing.t, path["t"], path["lat"])
        assert (crossing.lon, crossing.lat) == pytest.approx((x, y), abs=1e-9)
        assert crossing.before_t <= crossing.t <= crossing.after_t
    inside = shapely.contains_xy(polygon, path["lon"], path["lat"])
    edge = shapely.distance(polygon.boundary, shapely.points(path["lon"], path["lat"])) < 1e-9
    for t, within in zip(path["t"][~edge], inside[~edge], strict=True):
        before = [c.inside for c in found if c.t < t]
        start = not found[0].inside if found else within
        assert within == (before[-1] if before else start)
