"""Hot spots over time: the kinds as their words say, and the trend against all orders."""

from itertools import permutations

import h3.api.basic_int as h3
import numpy as np
import pytest

from geo.analytics import ParameterError
from geo.analytics.emerging import KINDS, Emerging, emerging_hot_spots, kinds_of, mann_kendall
from geo.analytics.hotspots import g_local
from geo.analytics.lattice import neighbours

CITY = h3.latlng_to_cell(16.46, 107.59, 9)
H, C, O = 1, -1, 0  # noqa: E741


@pytest.mark.parametrize(
    "row, rising, kind",
    [
        ([O] * 9 + [H], 0, "new"),
        ([C] + [O] * 8 + [H], 0, "new"),
        ([O] * 7 + [H, H, H], 0, "consecutive"),
        ([H] * 10, 1, "intensifying"),
        ([O] + [H] * 9, 0, "persistent"),
        ([H] * 10, -1, "diminishing"),
        ([O, H, O, O, O, O, H, O, H, H], 1, "sporadic"),
        ([O, H, C, O, O, O, H, O, H, H], 1, "oscillating"),
        ([H] * 9 + [O], 0, "historical"),
        ([H] * 5 + [O] * 5, -1, "none"),
        ([O] * 10, 1, "none"),
    ],
)
def test_kinds(row, rising, kind):
    code, side = kinds_of(np.array([row]), np.array([rising]))
    assert (KINDS[code[0]][0], side[0]) == (kind, 0 if kind == "none" else 1)
    code, side = kinds_of(-np.array([row]), np.array([rising]))
    assert (KINDS[code[0]][0], side[0]) == (kind, 0 if kind == "none" else -1)


@pytest.mark.parametrize("values", [[1, 2, 3, 4, 5, 6], [1, 1, 2, 2, 2, 3], [5, 5, 5, 1, 2, 9]])
def test_mann_kendall_has_the_variance_of_all_orders(values):
    every = np.array(list(permutations(values)), float)
    found = mann_kendall(every)
    moved = np.abs(found.s) > 1
    variance = ((np.abs(found.s) - 1)[moved] / np.abs(found.z[moved])) ** 2
    assert variance == pytest.approx(np.full(moved.sum(), found.s.var()))
    assert (found.z[~moved] == 0).all()


def test_mann_kendall_with_ties_by_hand():
    """28 pairs: 3 are equal, 2 fall (22 before 21, 30 before 22), the others rise."""
    found = mann_kendall([[10, 22, 21, 30, 22, 30, 40, 40]])
    assert found.s[0] == 28 - 3 - 2 * 2
    assert found.z[0] == pytest.approx(20 / np.sqrt((8 * 7 * 21 - 3 * 2 * 1 * 9) / 18))
    assert mann_kendall([[3, 3, 3, 3]]).p[0] == 1


def test_scores_are_those_of_one_matrix_over_space_and_time():
    from scipy import sparse

    cells = np.sort(np.array(h3.grid_disk(CITY, 4), np.int64))
    counts = np.random.default_rng(4).poisson(4, (len(cells), 6)).astype(float)
    found = emerging_hot_spots(cells, counts, Emerging(back=1))
    in_time = sparse.diags([1.0, 1.0], [0, -1], shape=(6, 6))
    w = sparse.kron(neighbours(cells), in_time).tocsr()
    assert found.z.ravel() == pytest.approx(g_local(counts.ravel(), w, star=True)[1])


def test_a_growing_and_a_new_cluster_among_noise():
    cells = np.sort(np.array(h3.grid_disk(CITY, 15), np.int64))
    rng = np.random.default_rng(5)
    mean = np.full((len(cells), 12), 3.0)
    far = int(cells[[h3.grid_distance(CITY, int(c)) == 11 for c in cells]][0])
    mean[np.isin(cells, h3.grid_disk(CITY, 2))] += np.linspace(6, 25, 12)
    mean[np.isin(cells, h3.grid_disk(far, 1)), -1:] += 25
    found = emerging_hot_spots(cells, rng.poisson(mean), Emerging(back=0))
    word = {int(c): KINDS[k][0] for c, k in zip(found.cells, found.kind, strict=True)}
    assert word[CITY] == "intensifying" and word[far] == "new"
    away = ~np.isin(cells, h3.grid_disk(CITY, 4) + h3.grid_disk(far, 3))
    assert (found.kind[away] > 0).mean() < 0.02


@pytest.mark.parametrize("slices", [np.ones((7, 3)), np.ones((6, 5)), -np.ones((7, 5)), [1] * 7])
def test_bad_slices_are_refused(slices):
    with pytest.raises(ParameterError):
        emerging_hot_spots(h3.grid_disk(CITY, 1), slices)
