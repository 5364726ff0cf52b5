"""Distances, cadences, silences and simplification."""

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vessels.science import gaps, simplify
from vessels.science.cadence import cadence_s
from vessels.science.tracks import (
    distance_m,
    extent_m,
    offset_m,
    on_sphere_m,
    runs,
    speeds_kn,
    track,
)

WGS84 = pyproj.Geod(ellps="WGS84")
HOUR = 3600.0


@given(st.floats(-180, 180), st.floats(-70, 70), st.floats(0, 360), st.floats(1, 300_000))
def test_distances_are_good_to_half_a_percent(lon, lat, azimuth, metres):
    lon2, lat2, _ = WGS84.fwd(lon, lat, azimuth, metres)
    if abs(lat2) <= 70:
        assert distance_m(lon, lat, lon2, lat2) == pytest.approx(metres, rel=0.005)
        chord = np.linalg.norm(on_sphere_m(lon, lat) - on_sphere_m(lon2, lat2))
        assert chord == pytest.approx(metres, rel=0.008)


def test_offsets_point_east_and_north_also_across_the_date_line():
    east, north = offset_m(179.9, 10.0, -179.9, 10.1)
    assert east == pytest.approx(21_900, rel=0.01) and north == pytest.approx(11_060, rel=0.01)


def test_a_track_is_in_time_order_with_one_row_a_time():
    rows = track([30, 10, 10, 20], [3, 1, 9, np.nan], [0, 0, 0, 0])
    assert rows["t"].tolist() == [10, 30] and rows["lon"].tolist() == [1, 3]
    assert np.isnan(rows["speed_kn"]).all()


def test_a_missing_speed_is_made_good_only_where_that_means_something():
    t = np.array([0, 10, 1200, 2400, 2400 + 5 * HOUR])
    rows = track(t, 107 + t / 1e6, np.full(5, 16.0), [np.nan, np.nan, 7, np.nan, np.nan])
    speed = speeds_kn(rows, longest_s=HOUR)
    made = 1e-6 * 107_000 / 0.514444
    assert speed[[0, 1]] == pytest.approx([made, made], rel=0.01)
    assert speed[2] == 7 and np.isnan(speed[4])


def test_jitter_at_anchor_does_not_add_up_to_an_extent():
    noise = np.random.default_rng(0).normal(0, 1e-4, (2, 500))
    assert extent_m(track(np.arange(500), 107 + noise[0], 16 + noise[1])) < 120


def test_runs_are_the_stretches_of_true():
    assert runs(np.array([1, 1, 0, 1, 0, 0, 1], bool)) == [(0, 1), (3, 3), (6, 6)]
    assert runs(np.zeros(3, bool)) == []


@given(st.floats(5, 20_000), st.integers(5, 60), st.randoms(use_true_random=False))
def test_cadence_withstands_silences_and_repeats(interval, n, chance):
    t = np.arange(n) * interval
    chosen = chance.sample(range(n - 1), n // 4)
    t = t + sum((np.arange(n) > k) * 1e5 for k in chosen[: n // 8])
    t = np.concatenate([t, t[chosen] + 0.2])
    chance.shuffle(order := list(range(len(t))))
    assert cadence_s(t[order]) == pytest.approx(interval, abs=0.3)


def test_one_position_has_no_cadence():
    assert np.isnan(cadence_s(np.array([5.0]))) and np.isnan(cadence_s(np.array([])))


def test_silences_include_the_one_that_lasts():
    t = np.array([0, 2, 4, 11, 13]) * HOUR
    found = gaps.find(t[::-1], 20 * HOUR, 6 * HOUR)
    assert found == [
        gaps.Gap(4 * HOUR, 11 * HOUR, 3), gaps.Gap(13 * HOUR, None, 4)
    ]  # fmt: skip
    assert gaps.find(t, 18.9 * HOUR, 6 * HOUR) == found[:1]
    assert gaps.find(t, 3 * HOUR, 6 * HOUR) == [] == gaps.find(np.array([]), 1.0, 1.0)


@pytest.mark.parametrize("interval_h", [0.01, 2, 3, 6])
def test_a_vessel_that_keeps_its_own_cadence_is_not_silent(interval_h):
    t = np.arange(0, 100, interval_h) * HOUR
    assert gaps.find(t, t[-1] + 1.4 * interval_h * HOUR, 6 * HOUR) == []
    assert len(gaps.find(t, t[-1] + 12 * HOUR, 6 * HOUR)) == 1


@pytest.mark.parametrize(("cadence", "before"), [(60.0, 14), (2 * HOUR, 5), (3 * HOUR, 3)])
def test_switching_off_is_long_far_out_and_well_heard_before(cadence, before):
    def looks(gap, now=0.0, **given):
        rest = {"offshore_nm": 60, "heard_well": True, "cadence": cadence} | given
        return gaps.looks_deliberate(gap, now, **rest)

    gap = gaps.Gap(0, 12 * HOUR, before)
    assert looks(gap) and looks(gap._replace(end=None), now=12 * HOUR)
    assert not looks(gap, offshore_nm=50) and not looks(gap, heard_well=False)
    assert not looks(gap._replace(end=11 * HOUR))
    assert not looks(gap._replace(positions_before=before - 1))


def test_a_provider_is_up_while_most_of_its_devices_are_heard_at_their_own_cadence():
    cadences = np.array([60, 60, 2 * HOUR, 3 * HOUR])
    heard = np.array([0, 0, -2.5, -4]) * HOUR
    assert gaps.provider_up(heard, cadences, 0)
    assert not gaps.provider_up(heard - [2 * HOUR, 2 * HOUR, 0, 0], cadences, 0)
    assert not gaps.provider_up(heard[:0], cadences[:0], 0)


@st.composite
def walks(draw):
    n = draw(st.integers(1, 80))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    t = np.cumsum(rng.choice([1, 10, 60, 7200], n))
    step = rng.normal(0, draw(st.sampled_from([1e-5, 1e-3, 0.05])), (2, n))
    lon = 107 + np.cumsum(step[0] * rng.integers(0, 2, n))
    return track(t, lon, 16 + np.cumsum(step[1]))


@settings(deadline=None)
@given(walks(), st.sampled_from([0.0, 5.0, 40.0, 2000.0]))
def test_simplified_tracks_stay_within_the_tolerance_at_every_time(rows, tolerance):
    kept = simplify.time_ratio(rows, tolerance)
    assert kept[0] == 0 and kept[-1] == len(rows) - 1 and (np.diff(kept) > 0).all()
    lon = np.interp(rows["t"], rows["t"][kept], rows["lon"][kept])
    lat = np.interp(rows["t"], rows["t"][kept], rows["lat"][kept])
    off = distance_m(lon, lat, rows["lon"], rows["lat"])
    assert off.max() <= tolerance * 1.002 + 1e-6


def test_a_stop_on_a_straight_line_is_kept():
    t = np.arange(61.0) * 60
    lon = np.where(t < 1800, 107 + t / 1e5, 107.018)
    rows = track(t, lon, np.full(61, 16.0))
    assert simplify.time_ratio(rows, 40.0).tolist() == [0, 30, 60]
    assert simplify.time_ratio(rows[:0], 40.0).tolist() == []
