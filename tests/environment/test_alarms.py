from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from environment.alarms import Limit, crossings, disorder, in_force, level_of

HUE = ZoneInfo("Asia/Ho_Chi_Minh")
KIM_LONG = [Limit(1, 1.0), Limit(2, 2.0), Limit(3, 3.5)]
T0 = datetime(2025, 11, 16, tzinfo=UTC)


def walk(*values, limits=KIM_LONG):
    series = [(T0 + timedelta(hours=n), v) for n, v in enumerate(values)]
    return [(c.before, c.level, c.value) for c in crossings(series, limits, HUE)]


def test_a_level_is_reached_at_its_value():
    assert level_of(0.99, KIM_LONG) == 0
    assert level_of(1.0, KIM_LONG) == 1
    assert level_of(3.5, KIM_LONG) == 3


def test_a_trembling_river_raises_one_alarm():
    assert walk(0.9, 1.0, 0.98, 1.01, 0.96, 1.0) == [(0, 1, 1.0)]


def test_it_falls_back_below_the_hysteresis():
    assert walk(1.1, 0.94) == [(0, 1, 1.1), (1, 0, 0.94)]


def test_a_leap_over_two_levels_is_one_crossing():
    assert walk(0.5, 3.6, 1.5) == [(0, 3, 3.6), (3, 1, 1.5)]


def test_thresholds_are_those_of_the_local_day():
    old, new = date(1998, 1, 1), date(2001, 1, 1)
    third = [Limit(3, 3.0, old, date(2000, 12, 31)), Limit(3, 3.5, new)]
    assert [x.value for x in in_force(third, date(1999, 11, 2))] == [3.0]
    assert [x.value for x in in_force(third, date(2025, 11, 17))] == [3.5]
    # 17:30 UTC on the last day of 2000 is already 2001 in Huế.
    series = [(datetime(2000, 12, 31, 16, 30, tzinfo=UTC), 3.2),
              (datetime(2000, 12, 31, 17, 30, tzinfo=UTC), 3.2)]  # fmt: skip
    assert [(c.before, c.level) for c in crossings(series, third, HUE)] == [(0, 3), (3, 0)]


def test_thresholds_out_of_order_are_named():
    assert disorder(KIM_LONG) == ""
    assert disorder([Limit(1, 2.0), Limit(2, 1.5)]) == "level II (1.5) is not above level I (2)"


@given(st.lists(st.floats(-5, 30), max_size=60))
def test_crossings_are_a_chain_and_end_at_the_level_held(values):
    chain = walk(*values)
    level = 0
    for before, after, _ in chain:
        assert before == level != after
        level = after
    if values:
        assert level >= level_of(values[-1], KIM_LONG)
        assert level <= level_of(values[-1] + 0.05 + 1e-9, KIM_LONG)
