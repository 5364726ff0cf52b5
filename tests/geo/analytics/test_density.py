"""Kernel density: exact where it can be said exactly, and whole at the coast."""

import numpy as np
import pytest

from geo.analytics import Cancelled, ParameterError
from geo.analytics.density import Density, kernel_density, kernel_of

BOX = (0, 0, 400, 300)


@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
def test_equal_to_the_sum_of_kernels_at_cell_centres(kernel):
    told = Density(bandwidth_m=60, cell_m=10, kernel=kernel, edge="none")
    where = np.array([(205, 155), (215, 155), (35, 285)], float)
    found = kernel_density(where, BOX, told, weights=[1, 2, 0.5])
    assert found.density.shape == (30, 40)
    x, y = np.meshgrid(np.arange(5, 400, 10), np.arange(295, 0, -10))
    expected = np.zeros((30, 40))
    for (px, py), weight in zip(where, (1, 2, 0.5), strict=True):
        squared = ((x - px) ** 2 + (y - py) ** 2) / 60**2
        each = (
            np.maximum(0, 1 - squared) ** 2 * 3 / np.pi
            if kernel == "quartic"
            else np.where(squared <= 16, np.exp(-squared / 2) / 2 / np.pi, 0)
        )
        expected += weight * each / 60**2 * 1e6
    # the raster's kernel sums to 1 where the formula's integral does: within 0.1 % here
    assert found.density == pytest.approx(expected, rel=1e-3, abs=1e-6)
    ratio = found.density[expected > 1] / expected[expected > 1]
    assert np.ptp(ratio) < 1e-9


def test_direct_convolution_gives_the_same():
    from scipy.signal import convolve2d

    told = Density(bandwidth_m=45, cell_m=10, edge="none")
    rng = np.random.default_rng(1)
    where = np.floor(rng.uniform((0, 0), (400, 300), (50, 2)) / 10) * 10 + 5
    binned, *_ = np.histogram2d(300 - where[:, 1], where[:, 0], (30, 40), ((0, 300), (0, 400)))
    expected = convolve2d(binned, kernel_of(told), "same") * 1e4
    assert kernel_density(where, BOX, told).density == pytest.approx(expected, abs=1e-9)


def test_points_between_centres_keep_their_mass_and_centre():
    told = Density(bandwidth_m=50, cell_m=10, edge="none")
    density = kernel_density([(201.7, 148.2)], BOX, told).density
    x, y = np.meshgrid(np.arange(5, 400, 10), np.arange(295, 0, -10))
    mass = density / density.sum()
    assert density.sum() * 100 / 1e6 == pytest.approx(1)
    assert ((mass * x).sum(), (mass * y).sum()) == pytest.approx((201.7, 148.2))


def test_a_uniform_pattern_is_flat_up_to_the_coast():
    x, y = np.meshgrid(np.arange(5, 400, 10), np.arange(5, 300, 10))
    where = np.c_[x.ravel(), y.ravel()].astype(float)
    land = np.ones((30, 40), bool)
    land[:, 25:] = False
    land[20:, 10:] = False
    flat = kernel_density(where, BOX, Density(bandwidth_m=70, cell_m=10), mask=land)
    assert flat.density[land] == pytest.approx(1e4) and np.isnan(flat.density[~land]).all()
    assert flat.outside == (~land).sum()
    drop = kernel_density(where, BOX, Density(bandwidth_m=70, cell_m=10, edge="none"), mask=land)
    assert np.nanmin(drop.density) < 0.4e4


def test_points_alone_keep_their_total_when_asked():
    land = np.ones((30, 40), bool)
    land[:, 25:] = False
    where = np.random.default_rng(2).uniform((0, 0), (250, 300), (500, 2))
    told = Density(bandwidth_m=70, cell_m=10, edge="point", kernel="gaussian")
    found = kernel_density(where, BOX, told, mask=land)
    assert np.nansum(found.density) * 1e-4 == pytest.approx(500)


def test_can_be_stopped_and_tells_how_far_it_is():
    told, shares = Density(bandwidth_m=50, cell_m=10), []
    kernel_density([(1, 1)], BOX, told, progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1
    with pytest.raises(Cancelled):
        kernel_density([(1, 1)], BOX, told, cancelled=lambda: True)


@pytest.mark.parametrize(
    "where, bounds, cell, mask",
    [
        ([(1, 1)], (0, 0, 0, 5), 1, None),
        ([(1, 1)], (0, 0, 1e6, 1e6), 1, None),
        ([(1, float("nan"))], BOX, 10, None),
        ([1, 2, 3], BOX, 10, None),
        ([(1, 1)], BOX, 10, np.ones((3, 3))),
    ],
)
def test_bad_input_is_refused(where, bounds, cell, mask):
    with pytest.raises(ParameterError):
        kernel_density(where, bounds, Density(bandwidth_m=50, cell_m=cell), mask=mask)
