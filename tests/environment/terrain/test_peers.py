"""Equal to pyflwdir and pysheds where the definitions agree; each difference on a small grid.

Slow for what these peers compile; `test_conditioning` holds our side of each, and an answer of
pyflwdir as recorded.
"""

import numpy as np
import pytest

from environment.terrain import conditioning as co
from tests.environment.terrain.grids import NAN, analysed

pytestmark = pytest.mark.slow


@pytest.fixture
def pyflwdir():
    return pytest.importorskip("pyflwdir", reason="a peer of the bench, not of the product")


def rough(side: int = 60, seed: int = 3) -> np.ndarray:
    """Terrain without equal neighbours."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    z = gaussian_filter(rng.standard_normal((side, side)), 3) * 100
    return (z + rng.random((side, side)) + np.arange(side)[:, None]).astype(np.float32)


def test_fill_and_accumulation_equal_pyflwdir(pyflwdir):
    z = rough()
    found = analysed(z)
    theirs, _ = pyflwdir.dem.fill_depressions(z)
    np.testing.assert_allclose(found["filled"], theirs, atol=1e-3)
    network = pyflwdir.from_array(found["d8"], ftype="d8")
    np.testing.assert_array_equal(found["total"], network.upstream_area())


def test_hand_equals_pyflwdir_where_a_drain_is_reached(pyflwdir):
    found = analysed(rough(), least=30)
    network = pyflwdir.from_array(found["d8"], ftype="d8")
    theirs = network.hand(found["drain"] > 0, found["filled"])
    reached = ~np.isnan(found["hand"])
    assert 0.5 < reached.mean() < 1
    np.testing.assert_allclose(found["hand"][reached], theirs[reached], atol=1e-3)


def test_pyflwdir_takes_the_lowest_neighbour_and_not_the_steepest(pyflwdir):
    z = np.full((5, 5), 9, np.float32)
    z[2, 2], z[2, 3], z[3, 3] = 5, 4, 3.7  # 1.0 a metre eastward, 0.92 to the south-east
    z[2, 4] = z[3, 4] = z[4, 4] = 1
    assert analysed(z)["d8"][2, 2] == 1
    assert pyflwdir.dem.fill_depressions(z)[1][2, 2] == 2


def test_pyflwdir_gives_a_height_to_cells_that_reach_no_drain(pyflwdir):
    z = np.tile(np.array([3, 2, 1, 2, 3], np.float32), (5, 1))
    z[:, 2] -= np.arange(5) * 0.1
    found = analysed(z, least=100)
    assert np.isnan(found["hand"]).all()
    network = pyflwdir.from_array(found["d8"], ftype="d8")
    theirs = network.hand(np.zeros(z.shape, bool), found["filled"])
    assert (theirs[found["d8"] != co.OUTLET] > 0).any()


def test_pyflwdir_lets_water_vanish_in_a_void(pyflwdir):
    far = np.abs(np.arange(7) - 3)
    z = (5 + np.maximum(far[:, None], far)).astype(np.float32)  # a bowl round the void
    z[3, 3] = NAN
    ours = analysed(z)["d8"]
    theirs = pyflwdir.dem.fill_depressions(z, nodata=np.nan)[1]
    beside = np.s_[2:5, 2:5]
    assert not (ours[beside] == co.OUTLET).any()
    assert (theirs[beside] == 0).any()


def test_pysheds_fills_alike(monkeypatch):
    if not hasattr(np, "in1d"):  # which pysheds 0.5 still calls
        monkeypatch.setattr(np, "in1d", np.isin, raising=False)
    sgrid = pytest.importorskip("pysheds.sgrid", reason="a GPL peer, for the bench alone")
    from affine import Affine
    from pysheds.sview import Raster, ViewFinder

    z = rough(40).astype(np.float64)
    view = ViewFinder(affine=Affine(1, 0, 0, 0, -1, 0), shape=z.shape, nodata=np.float64(-9999))
    grid = sgrid.sGrid(viewfinder=view)
    raster = grid.fill_depressions(grid.fill_pits(Raster(z, view)))
    ours = analysed(z)["filled"]
    inner = np.s_[2:-2, 2:-2]
    np.testing.assert_allclose(np.asarray(raster)[inner], ours[inner], atol=1e-2)
