"""Reach, sites, change, classes, zones: each beside the definition worked out in full."""

from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo.analytics import ParameterError, Parameters, methods
from geo.analytics.change import BeforeAfter, Trends, before_after, trends
from geo.analytics.classes import Bivariate, Classes, bivariate, classified, natural_breaks
from geo.analytics.reach import Coverage, coverage, distance_rings
from geo.analytics.siting import Siting, best_sites
from geo.analytics.zonal import zonal


def test_every_method_is_told_in_both_languages():
    found = methods()
    assert len(found) == 16
    for slug, method in found.items():
        told = method.dict()
        words = [told["title"], told["explanation"], *told["caveats"]]
        for part in told["inputs"] + told["parameters"]:
            words += [part["title"], part["explanation"], *part.get("options", {}).values()]
        assert all(text["vi"].strip() and text["en"].strip() for text in words), slug
        assert all(text["vi"] != text["en"] or len(text["vi"]) < 9 for text in words), slug
        assert told["references"] and issubclass(method.parameters, Parameters)


def test_coverage_by_hand():
    where = [(0, 0), (0, 300), (0, 900), (0, 2000)]
    found = coverage(where, [(0, 0), (0, 1000)], Coverage(distances_m=(100, 500)),
                     weights=[1, 2, 3, 4], groups=[0, 0, 2, 2])  # fmt: skip
    assert found.nearest.tolist() == [0, 0, 1, 1]
    assert found.distance_m.tolist() == [0, 300, 100, 1000]
    assert found.within.tolist() == [4, 6] and found.share.tolist() == [0.4, 0.6]
    assert found.mean_m == pytest.approx(490) and found.median_m == 300
    expected = [[1 / 3, 1], [np.nan, np.nan], [3 / 7, 3 / 7]]
    np.testing.assert_allclose(found.group_share, expected)


def test_rings_part_the_disc_and_stay_on_land():
    land = shapely.box(-5000, 0, 5000, 5000)
    rings = distance_rings([(0, 0), (2000, 0)], Coverage(distances_m=(100, 300)), mask=land)
    assert shapely.area(rings[0]) == pytest.approx(np.pi * 100**2, rel=2e-3)
    assert shapely.area(rings[1]) == pytest.approx(np.pi * (300**2 - 100**2), rel=2e-3)
    assert shapely.area(rings[0] & rings[1]) == pytest.approx(0)


@pytest.mark.parametrize("goal", ["distance", "cover"])
@pytest.mark.parametrize("existing", [None, [(500, 500)]])
def test_sites_are_the_best_of_all(goal, existing):
    rng = np.random.default_rng(1)
    where, candidates = rng.uniform(0, 1000, (80, 2)), rng.uniform(0, 1000, (10, 2))
    weight = rng.uniform(1, 5, 80)
    told = Siting(sites=3, goal=goal, within_m=220)
    found = best_sites(where, candidates, told, weights=weight, existing=existing)
    every = []
    for three in combinations(candidates, 3):
        sites = [*three, *(existing or [])]
        reached = coverage(where, sites, Coverage(distances_m=(220,)), weights=weight)
        every.append(reached.mean_m if goal == "distance" else -reached.share[0])
    assert found.proved and found.gap == 0
    assert found.after == pytest.approx(abs(min(every)))


@pytest.mark.parametrize("goal", ["distance", "cover"])
def test_the_bound_of_large_cases_holds_and_the_search_is_near_the_best(goal, monkeypatch):
    off = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        where, candidates = rng.uniform(0, 1000, (60, 2)), rng.uniform(0, 1000, (10, 2))
        told = Siting(sites=3, goal=goal, within_m=200)
        monkeypatch.setattr("geo.analytics.siting.FEW", 0)
        found = best_sites(where, candidates, told)
        monkeypatch.setattr("geo.analytics.siting.FEW", 5000)
        best = best_sites(where, candidates, told)
        better = best.after - found.bound if goal == "distance" else found.bound - best.after
        assert better >= -1e-9 and 0 <= found.gap <= 1 and not found.proved
        off.append(abs(found.after / best.after - 1))
    assert max(off) < 0.05 and np.mean(off) < 0.01


def test_the_first_site_told_is_the_best_alone():
    rng = np.random.default_rng(2)
    where, candidates = rng.uniform(0, 1000, (200, 2)), rng.uniform(0, 1000, (40, 2))
    found = best_sites(where, candidates, Siting(sites=5, goal="cover", within_m=150))
    shares = [
        coverage(where, candidates[[site]], Coverage(distances_m=(150,))).share[0]
        for site in found.chosen
    ]
    assert shares[0] == max(shares) and len(set(found.chosen.tolist())) == 5


def test_before_after_equals_the_binomial_test():
    before, after = np.array([10, 0, 40, 3, 0]), np.array([20, 4, 22, 3, 0])
    found = before_after(before, after, BeforeAfter(method="exact"), exposure_after=2.0)
    for k in range(4):
        peer = stats.binomtest(int(after[k]), int(before[k] + after[k]), 2 / 3)
        limits = peer.proportion_ci(0.95, "exact")
        assert found.low[k] == pytest.approx(limits.low / (1 - limits.low) / 2)
        if limits.high < 1:
            assert found.high[k] == pytest.approx(limits.high / (1 - limits.high) / 2)
    assert found.ratio[:2].tolist() == [1, np.inf] and found.high[1] == np.inf
    assert found.sign.tolist() == [0, 0, -1, 0, 0]
    assert found.ranked.tolist() == [True, False, True, True, False]
    assert (found.low[4], found.high[4], found.p[4]) == (0, np.inf, 1)


def test_mid_p_limits_solve_their_equation_and_lie_within_the_exact_ones():
    a, b = np.array([8, 0, 5]), np.array([15, 6, 0])
    mid, exact = before_after(b, a), before_after(b, a, BeforeAfter(method="exact"))
    share = mid.low[0] / (1 + mid.low[0])
    tail = stats.binom.sf(8, 23, share) + stats.binom.pmf(8, 23, share) / 2
    assert tail == pytest.approx(0.025)
    assert (mid.low >= exact.low).all() and (mid.high <= exact.high).all()
    assert (mid.p <= exact.p).all() and mid.low[1] == 0 and mid.high[2] == np.inf


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(3)
    before, after = rng.poisson(12, 3000), rng.poisson(18, 3000)
    for method, low, high in [("exact", 0.95, 1), ("mid-p", 0.935, 0.975)]:
        found = before_after(before, after, BeforeAfter(method=method))
        assert low <= ((found.low <= 1.5) & (found.high >= 1.5)).mean() <= high


def test_trends_with_a_season():
    months = np.arange(48)
    wave = 30 + 20 * np.sin(months / 12 * 2 * np.pi)
    rng = np.random.default_rng(4)
    series = rng.poisson(np.array([wave, wave + 0.5 * months, wave - 0.2 * months]))
    found = trends(series, Trends(season=12))
    assert found.sign.tolist() == [0, 1, -1]
    assert found.slope == pytest.approx([0, 0.5, -0.2], abs=0.12)
    per = trends(series, Trends(season=12), denominator=[2, 2, 2])
    assert per.slope == pytest.approx(found.slope / 2) and per.z == pytest.approx(found.z)
    plain = trends([[1, 2, 4, 3, 6, 7]])
    assert plain.slope[0] == stats.theilslopes([1, 2, 4, 3, 6, 7])[0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=13), st.integers(2, 5))
def test_natural_breaks_are_the_best_of_all(values, count):
    distinct = np.unique(values)
    found = classified(values, Classes(method="natural", count=count))
    if len(distinct) <= count:
        assert found.fit == 1 and found.limits.tolist() == distinct.tolist()
        return

    def loss(cuts):
        of = np.searchsorted(distinct[list(cuts)], values)
        parts = [np.array(values)[of == k] for k in range(count)]
        return sum(((part - part.mean()) ** 2).sum() for part in parts)

    best = min(loss(cuts) for cuts in combinations(range(len(distinct) - 1), count - 1))
    spread = ((np.array(values) - np.mean(values)) ** 2).sum()
    assert (1 - found.fit) * spread == pytest.approx(best, abs=1e-6)
    assert found.counts.sum() == len(values) and (found.counts > 0).all()


def test_quantiles_never_part_equal_values():
    found = classified([0, 0, 0, 0, 0, 0, 1, 2, 3, np.nan], Classes(count=3))
    assert found.of.tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 1, -1]
    assert found.limits.tolist() == [0, 3] and found.bars.sum() == 9
    assert classified(np.arange(100), Classes(count=4)).counts.tolist() == [25] * 4


def test_own_limits_and_equal_steps():
    found = classified([1, 5, 5.1, 99], Classes(method="custom", limits=(5, 10)))
    assert found.of.tolist() == [0, 0, 1, 2]
    steps = classified(np.linspace(0, 10, 50), Classes(method="equal", count=4)).limits
    assert steps.tolist() == [2.5, 5, 7.5, 10]
    assert natural_breaks([1, 1, 9, 9, 20], 3).tolist() == [1, 9, 20]


def test_two_values_at_once():
    a = np.array([1, 2, 3, 4, 5, 6, np.nan, 7, 8, 9.0])
    found = bivariate(a, a**2, Bivariate(count=3))
    assert found.table.tolist() == np.diag([3, 3, 3]).tolist() and found.of[6] == -1
    assert found.correlation == pytest.approx(1)
    assert np.isnan(bivariate([1, 1, 1], [1, 2, 3]).correlation)


def test_zones_count_parts_of_cells():
    raster = np.arange(12.0).reshape(3, 4)
    raster[0, 0] = np.nan
    zones = [shapely.box(0, 0, 1.5, 1), shapely.box(0, 2, 1, 3), shapely.box(2.25, 0.5, 3, 1.5)]
    found = zonal(raster, (0, 0, 4, 3), zones)
    assert found.cells == pytest.approx([1.5, 0, 0.75])
    assert found.total[0] == pytest.approx(8 + 9 / 2) and np.isnan(found.mean[1])
    assert found.mean[2] == pytest.approx(8) and found.high[2] == 10


CROSSED = shapely.from_wkt("POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))")


@pytest.mark.parametrize(
    "call",
    [
        lambda: Coverage(distances_m=(500, 100)),
        lambda: Coverage(distances_m=()),
        lambda: coverage([(0, 0)], np.zeros((0, 2))),
        lambda: coverage([(0, 0)], [(0, 0)], weights=[0]),
        lambda: best_sites([(0, 0)], [(0, 0)], Siting(sites=2)),
        lambda: before_after([1], [2], exposure_after=0),
        lambda: trends([[1, 2, 3, 4]], Trends(season=12)),
        lambda: Classes(method="custom"),
        lambda: classified([np.nan]),
        lambda: zonal(np.ones((2, 2)), (0, 0, 1, 1), []),
        lambda: zonal(np.ones((2, 2)), (0, 0, 1, 1), [CROSSED]),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ParameterError):
        call()
