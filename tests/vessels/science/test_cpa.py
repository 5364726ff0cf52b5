"""Closest points of approach."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vessels.science.cpa import risks
from vessels.science.tracks import KNOT_MPS, degree_m

AT = 1_760_000_000.0
NEAR = {"within_nm": 0.5, "horizon_s": 1800.0}


def fleet(n, seed, wide=0.6):
    rng = np.random.default_rng(seed)
    return (
        rng.uniform(107, 107 + wide, n), rng.uniform(16, 16 + wide, n),
        rng.choice([0.0, 0.3, 5.0, 9.0, 14.0, 40.0, np.nan], n),
        np.where(rng.random(n) < 0.1, np.nan, rng.uniform(0, 360, n)), AT - rng.uniform(0, 1200, n),
    )  # fmt: skip


def by_hand(lon, lat, knots, course, t, at, *, within_nm, horizon_s):
    """Each pair by itself."""
    found = {}
    moves = (knots >= 0.5) & ~np.isnan(course)
    east = np.where(moves, knots * np.sin(np.radians(course)), 0) * KNOT_MPS
    north = np.where(moves, knots * np.cos(np.radians(course)), 0) * KNOT_MPS
    x, y = degree_m(lat)
    lon, lat = lon + east * (at - t) / x, lat + north * (at - t) / y
    for i in range(len(lon)):
        for j in range(i + 1, len(lon)):
            if at - t[i] > 900 or at - t[j] > 900 or not (moves[i] or moves[j]):
                continue
            wide, high = degree_m((lat[i] + lat[j]) / 2)
            apart = np.array([(lon[j] - lon[i]) * wide, (lat[j] - lat[i]) * high])
            pace = np.array([east[j] - east[i], north[j] - north[i]])
            when = -(apart @ pace) / (pace @ pace) if pace.any() else 0.0
            when = min(max(when, 0.0), horizon_s)
            metres = float(np.hypot(*(apart + pace * when)))
            if metres <= within_nm * 1852:
                found[i, j] = metres, when
    return found


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 40), st.integers(0, 10**6), st.sampled_from([0.1, 0.5, 2.0]),
    st.sampled_from([60.0, 450.0, 1800.0, 3600.0]), st.sampled_from([0.05, 0.3, 1.0]),
)  # fmt: skip
def test_pairs_are_those_found_one_by_one(n, seed, within_nm, horizon_s, wide):
    boats = fleet(n, seed, wide)
    limits = {"within_nm": within_nm, "horizon_s": horizon_s}
    found = {(r["i"], r["j"]): (r["cpa_m"], r["tcpa_s"]) for r in risks(*boats, AT, **limits)}
    expected = by_hand(*boats, AT, **limits)
    assert found.keys() == expected.keys()
    for pair, values in expected.items():
        assert found[pair] == pytest.approx(values, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_the_fleet_does_not_matter(seed):
    boats = fleet(40, seed, 0.2)
    turned = np.random.default_rng(seed + 1).permutation(40)
    plain, mixed = risks(*boats, AT, **NEAR), risks(*(c[turned] for c in boats), AT, **NEAR)

    def pairs(found, names):
        return {(frozenset(names[[r["i"], r["j"]]]), round(r["cpa_m"], 6)) for r in found}

    assert pairs(plain, np.arange(40)) == pairs(mixed, turned)
    assert (plain["i"] < plain["j"]).all() and (np.diff(plain["tcpa_s"]) >= 0).all()


def test_positions_are_pushed_to_the_common_time():
    knots, wide = 10.0, degree_m(16.0)[0]
    reach = knots * KNOT_MPS * 600 / wide  # degrees in ten minutes
    boats = [107.0, 107 + 2 * reach], [16.0, 16.0], [knots, knots], [90.0, 270.0]
    now = risks(*boats, [AT, AT], AT, **NEAR)
    late = risks(*boats, [AT, AT - 300], AT, **NEAR)
    assert now["tcpa_s"] == pytest.approx([600], abs=1) and now["cpa_m"] == pytest.approx(
        [0], abs=5
    )
    assert late["tcpa_s"] == pytest.approx([450], abs=1)


def test_a_position_of_hours_ago_says_nothing_of_minutes():
    boats = [107.0, 107.001], [16.0, 16.0], [8, 0], [90, 270]
    assert len(risks(*boats, [AT, AT - 7200], AT, **NEAR)) == 0
    assert len(risks(*boats, [AT, AT - 1000], AT, **NEAR, max_age_s=np.array([900, 1200]))) == 1


def test_boats_side_by_side_at_anchor_are_no_risk_and_one_coming_at_them_is():
    boats = [107.0, 107.001, 107.03], [16.0, 16.0, 16.0], [0.1, 0.0, 12], [90, np.nan, 270]
    found = risks(*boats, [AT] * 3, AT, **NEAR)
    assert {(r["i"], r["j"]) for r in found} == {(0, 2), (1, 2)}


def test_boats_that_part_are_nearest_now():
    found = risks([107.0, 107.002], [16.0, 16.0], [8, 8], [270, 90], [AT, AT], AT, **NEAR)
    assert found["tcpa_s"].tolist() == [0] and found["cpa_m"] == pytest.approx([214], abs=2)


def test_an_empty_sea_has_no_pairs():
    assert len(risks([], [], [], [], [], AT, **NEAR)) == 0
    assert len(risks([107], [16], [5], [0], [AT], AT, **NEAR)) == 0
