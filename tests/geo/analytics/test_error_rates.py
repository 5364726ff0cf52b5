"""Simulated patterns: planted clusters are found, and on noise no more than was promised."""

import h3.api.basic_int as h3
import numpy as np
import pytest

from geo.analytics.emerging import emerging_hot_spots
from geo.analytics.hotspots import HotSpots, hot_spots
from geo.analytics.lattice import neighbours
from geo.analytics.moran import local_moran

CITY = h3.latlng_to_cell(16.46, 107.59, 9)
CELLS = np.sort(np.array(h3.grid_disk(CITY, 18), dtype=np.int64))
ALPHA = 0.05


def noise_with_finds(runs: int, per_cell: float, seed: int, **told) -> int:
    """In how many of so many patterns without clusters anything at all was reported."""
    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(runs):
        counts = np.bincount(rng.integers(0, len(CELLS), round(per_cell * len(CELLS))),
                             minlength=len(CELLS))  # fmt: skip
        found += bool(hot_spots(CELLS, counts, HotSpots(alpha=ALPHA, **told)).sign.any())
    return found


def planted(rng, per_cell: float, factor: float, clusters: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts with some discs of raised intensity, and which cells the discs are."""
    inside = np.zeros(len(CELLS), bool)
    for centre in rng.choice(CELLS, clusters, replace=False):
        inside |= np.isin(CELLS, h3.grid_disk(int(centre), 2))
    return rng.poisson(np.where(inside, factor, 1) * per_cell), inside


def found_and_false(runs: int, per_cell: float, factor: float, seed: int) -> tuple[float, float]:
    """Share found of the planted cells among planted ones, and mean share of finds whose
    neighbourhood has nothing planted."""
    rng = np.random.default_rng(seed)
    touches = neighbours(CELLS, 1)
    power, false = [], []
    for _ in range(runs):
        counts, inside = planted(rng, per_cell, factor, 3)
        hot = hot_spots(CELLS, counts, HotSpots(alpha=ALPHA)).sign != 0
        near = touches @ inside.astype(float) > 0
        within = touches @ (~inside).astype(float) == 0
        power.append((hot & within).sum() / within.sum())
        false.append((hot & ~near).sum() / max(1, hot.sum()))
    return float(np.mean(power)), float(np.mean(false))


def upper(runs: int) -> int:
    """What 200 or so runs at the stated rate exceed once in a thousand times."""
    from scipy import stats

    return int(stats.binom.ppf(0.999, runs, ALPHA))


@pytest.mark.parametrize(
    "per_cell",
    [0.5, 2.0, *(pytest.param(mean, marks=pytest.mark.slow) for mean in (10.0, 100.0))],
)
def test_noise_over_200_runs(per_cell):
    assert noise_with_finds(200, per_cell, seed=11) <= upper(200)


@pytest.mark.slow
def test_the_normal_tail_reports_too_much_on_sparse_noise():
    """Why the exact tail is the default."""
    assert noise_with_finds(200, 0.5, seed=11, tail="normal", minimum=0) > upper(200)


@pytest.mark.parametrize(
    "per_cell, factor",
    [
        (5.0, 3.0),
        pytest.param(2.0, 4.0, marks=pytest.mark.slow),
        pytest.param(20.0, 2.0, marks=pytest.mark.slow),
    ],
)
def test_planted_clusters_over_200_runs(per_cell, factor):
    power, false = found_and_false(200, per_cell, factor, seed=12)
    assert power > 0.9 and false <= ALPHA


@pytest.mark.parametrize("per_cell", [2.0, pytest.param(10.0, marks=pytest.mark.slow)])
def test_local_moran_on_noise_over_200_runs(per_cell):
    rng, found = np.random.default_rng(13), 0
    for _ in range(200):
        found += bool(local_moran(CELLS, rng.poisson(per_cell, len(CELLS))).cluster.any())
    assert found <= upper(200)


@pytest.mark.slow
def test_noise_in_space_and_time_over_200_runs():
    cells = CELLS[np.isin(CELLS, h3.grid_disk(CITY, 10))]
    rng, hot, trends = np.random.default_rng(14), 0, 0
    for _ in range(200):
        found = emerging_hot_spots(cells, rng.poisson(2.0, (len(cells), 12)))
        hot += bool(found.sign.any())
        trends += bool((found.trend_q <= ALPHA).any())
    assert hot <= upper(200) and trends <= upper(200)
