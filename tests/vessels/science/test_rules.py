"""The rules of visits, loitering, fishing and arrivals, one by one."""

import numpy as np
import pytest
import shapely

from vessels.science import fishing, loitering, stops
from vessels.science.arrivals import dated
from vessels.science.stops import Port
from vessels.science.tracks import track

HOUR = 3600.0
PORT = Port("p", 107.6, 16.5)
EAST_M = 106_730.0  # metres of a degree of longitude at 16.5° north


def past_port(metres, speed=np.nan, step_s=600.0):
    """A track at these metres east of the port, one position a step."""
    lon = 107.6 + np.asarray(metres, "f8") / EAST_M
    return track(np.arange(len(lon)) * step_s, lon, np.full(len(lon), 16.5), speed)


def test_a_visit_begins_within_three_kilometres_and_ends_beyond_four():
    rows = past_port([5000, 3500, 2900, 500, 3500, 3900, 4100, 3500], [8, 8, 8, 0, 8, 8, 8, 8])
    (visit,) = stops.visits(rows, [PORT])
    assert (visit.before, visit.start, visit.last, visit.end) == (600, 1200, 3000, 3600)
    assert visit.stops == [(1800, 2400)] and visit.nearest_m == pytest.approx(500, rel=0.01)


def test_passing_by_is_no_visit():
    assert stops.visits(past_port([5000, 2000, 500, 2000, 5000], 6.0), [PORT]) == []
    assert stops.visits(past_port([5000, 2000, 500, 2000, 5000], 0.3), [PORT]) == []
    assert stops.visits(past_port([]), [PORT]) == []


def test_a_stop_goes_on_below_half_a_knot():
    rows = past_port([500] * 6, [6, 0.2, 0.4, 0.5, 0.6, 0.3])
    (visit,) = stops.visits(rows, [PORT])
    assert visit.stops == [(600, 2400)] and visit.end is None


def test_a_silence_in_port_is_a_visit_also_while_it_lasts():
    rows = past_port([5000, 500, 5000], 6.0, step_s=4 * HOUR)
    rows = np.concatenate([past_port(np.arange(50) * 100 + 6000, 6.0, 60), rows])
    rows["t"][-3:] += 3000
    (visit,) = stops.visits(rows, [PORT])
    assert visit.gaps == [(17400, 31800)] and not visit.stops
    still = rows[:-1]
    assert stops.visits(still, [PORT]) == []
    (visit,) = stops.visits(still, [PORT], now=17400 + 4 * HOUR)
    assert visit.gaps == [(17400, 31800)] and visit.end is None


def test_reports_every_three_hours_are_no_silence():
    rows = past_port([9000, 9000, 500, 9000, 9000], 3.0, step_s=3 * HOUR)
    assert stops.visits(rows, [PORT]) == []


def test_a_provider_without_speeds_has_visits_too():
    rows = past_port([60_000, 30_000, 500, 520, 490, 510, 30_000], step_s=2 * HOUR)
    (visit,) = stops.visits(rows, [PORT])
    assert visit.start == 4 * HOUR and visit.stops == [(6 * HOUR, 10 * HOUR)]


def test_in_a_lagoon_the_polygon_says_where_the_port_is():
    basin = Port("b", 107.6, 16.5, shapely.box(107.6, 16.49, 107.61, 16.51))
    rows = past_port([-100, 100, 500, -100, -300], [3, 0, 0, 0, 0])
    (visit,) = stops.visits(rows, [basin])
    assert (visit.start, visit.last, visit.end) == (600, 1800, 2400)


def test_the_nearer_of_two_ports_has_the_visit():
    other = Port("q", 107.6 + 2000 / EAST_M, 16.5)
    found = stops.visits(past_port([9000, 300, 300, 9000], [8, 0, 0, 8]), [other, PORT])
    assert [visit.port for visit in found] == ["p"]


def hours_of(speed, made_kn, step_s=600.0):
    """A track going east at ``made_kn`` and reporting ``speed``."""
    return past_port(np.cumsum(np.asarray(made_kn) * 0.514444 * step_s), speed, step_s)


def test_loitering_needs_slow_reports_and_little_way():
    slow, fast = np.full(60, 1.0), np.full(60, 8.0)
    assert len(loitering.find(hours_of(slow, slow))) == 1
    assert loitering.find(hours_of(fast, slow)) == []  # round and round
    assert loitering.find(hours_of(slow, fast)) == []  # a broken log
    assert loitering.find(hours_of(np.full(60, np.nan), fast)) == []
    assert loitering.find(hours_of(slow[:23], slow[:23])) == []  # 3 h 40 min


def test_loitering_ends_with_silence_and_where_it_does_not_count():
    rows = hours_of(np.full(60, 1.0), np.full(60, 1.0))
    rows["t"][30:] += 6 * HOUR
    first, second = loitering.find(rows)
    assert first.end <= rows["t"][29] + HOUR and second.start >= rows["t"][30] - HOUR
    assert loitering.find(rows, away=np.zeros(60, bool)) == []


def test_a_boat_under_way_at_one_report_and_adrift_at_the_next_had_arrived_between():
    rows = track([0, 3 * HOUR], [107.0, 107.0 + 8 * 1852 / EAST_M], [16.5, 16.5], [8, 0.5], [90, 0])
    went = dated(rows)
    assert went["t"].tolist() == pytest.approx([0, HOUR, 3 * HOUR], rel=0.01)
    assert went["lat"][1] == pytest.approx(16.5 - 1852 / 110_650, abs=2e-4)
    assert went["lon"][1] == pytest.approx(rows["lon"][1], abs=1e-4)
    back = track([0, 3 * HOUR], rows["lon"], rows["lat"], [0.5, 8], [0, 90])
    assert dated(back)["t"].tolist() == pytest.approx([0, 2 * HOUR, 3 * HOUR], rel=0.01)
    steady = track([0, HOUR], rows["lon"], rows["lat"], [8, 8], [90, 90])
    assert len(dated(steady)) == 2


def test_fishing_needs_two_slow_positions_and_an_hour_at_sea():
    slow = hours_of(np.full(30, 3.0), np.full(30, 3.0))
    assert len(fishing.find(slow)) == 1
    at_sea = np.arange(30) > 0
    (event,) = fishing.find(slow, at_sea=at_sea)
    assert event.start == HOUR
    single = hours_of([8, 3, 8] * 10, np.full(30, 8.0))
    assert fishing.find(single) == []


def test_at_anchor_a_boat_swings_and_does_not_fish():
    rng = np.random.default_rng(0)
    rows = past_port(rng.normal(0, 40, 600), 0.1, 60)
    assert fishing.find(rows) == []


def test_an_average_over_hours_means_nothing():
    silent = hours_of(np.full(12, np.nan), np.full(12, 3.0), 2 * HOUR)
    assert fishing.find(silent) == []
    assert len(fishing.find(hours_of(np.full(12, 3.0), np.full(12, 3.0), 2 * HOUR))) == 1
    assert len(fishing.find(hours_of(np.full(60, np.nan), np.full(60, 3.0), 600))) == 1


def test_a_short_dash_between_two_hauls_is_one_event_and_a_long_one_is_two():
    def hauls(dash):
        speed = np.concatenate([np.full(12, 3.0), np.full(dash, 6.0), np.full(12, 3.0)])
        return fishing.find(hours_of(speed, speed, 300))

    assert len(hauls(1)) == 1 and len(hauls(8)) == 2
