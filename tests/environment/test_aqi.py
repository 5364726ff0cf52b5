import pytest

from environment.aqi import category, hourly_index, nowcast, sub_index


@pytest.mark.parametrize(
    ("pollutant", "concentration", "index"),
    [
        # What the decision's worked example comes to: NowCast 20.3, and the others' sub-indices.
        ("pm25", 20.3, 40.6),
        ("no2", 118.7, 59.35),
        ("o3", 137.6, 43.0),
        ("pm25", 0, 0),
        ("pm25", 25, 50),
        ("pm10", 150, 100),
        ("co", 60000, 200),
        ("so2", 99999, 500),
    ],
)
def test_sub_index_is_linear_between_breakpoints(pollutant, concentration, index):
    assert sub_index(pollutant, concentration) == pytest.approx(index)


def test_nowcast_weighs_the_newest_hours_most():
    # w = 10/20 = ½: (10 + 20/2) / (1 + ½)
    assert nowcast([10, 20]) == pytest.approx(40 / 3)
    assert nowcast([30] * 12) == pytest.approx(30)
    # w = max(10/40, ½) = ½; the gap has no weight: (40 + 10/4) / (1 + ¼)
    assert nowcast([40, None, 10]) == pytest.approx(34)


def test_nowcast_needs_two_of_the_newest_three_hours():
    assert nowcast([None, None, 30, 30, 30]) is None
    assert nowcast([20]) is None
    assert nowcast([0, 0, 0]) == 0


def test_the_index_is_the_worst_and_needs_dust():
    assert hourly_index({"pm25": [20.3, 20.3]}, {"no2": 118.7, "o3": 137.6}) == (59, "no2")
    assert hourly_index({"pm25": [None] * 12, "pm10": []}, {"o3": 300.0}) is None
    assert hourly_index({"pm10": [10, 10]}, {"temp": 31.0}) == (10, "pm10")


def test_classes_have_the_decisions_bounds():
    assert [category(i).state for i in (50, 51, 101, 151, 201, 301, 500)] == [
        "good", "minor", "moderate", "severe", "extreme", "extreme", "extreme",
    ]  # fmt: skip
