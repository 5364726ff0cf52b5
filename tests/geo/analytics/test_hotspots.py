"""G, Gi*, local Moran: the published values, and what becomes of zeros, rates, small numbers."""

import h3.api.basic_int as h3
import numpy as np
import pytest
from scipy import sparse, stats

from geo.analytics import ParameterError, lattice, significance
from geo.analytics.hotspots import HotSpots, g_global, g_local, hot_spots
from geo.analytics.moran import LocalMoran, local_moran, moran_statistic

SIX = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], float)
Y = np.array([2, 3, 3.2, 5, 8, 7])
CITY = h3.latlng_to_cell(16.46, 107.59, 9)


def six() -> sparse.csr_matrix:
    """Neighbours within 15 of esda's six points."""
    apart = np.hypot(*(SIX[:, None] - SIX[None]).transpose(2, 0, 1))
    return sparse.csr_matrix(((apart <= 15) & (apart > 0)).astype(float))


def disk(rings: int = 20) -> np.ndarray:
    return np.array(h3.grid_disk(CITY, rings), dtype=np.int64)


@pytest.mark.parametrize(
    "star, row, expected",
    [
        (False, False, [-1.0136729, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941]),
        (True, False, [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]),
        (False, True, [-0.62074534, -0.01780611, 1.31558703, -0.12824171, 0.28843496, 1.77833941]),
        (True, True, [-0.62488094, -0.09144599, 0.41150696, -0.09144599, 0.24690418, 1.28024388]),
    ],
)
def test_published_local_g(star, row, expected):
    """Source: the examples of esda's G_Local, and the Gi* set of the project's facts."""
    _, z = g_local(Y, six(), star=star, row_standardised=row)
    assert z == pytest.approx(expected, abs=5e-9)


def test_published_global_g():
    """Source: the example and tests of esda's G."""
    found = g_global(Y, six())
    assert found.g == pytest.approx(0.55709779, abs=5e-9)
    assert found.p == pytest.approx(0.1729, abs=5e-5)


def test_local_moran_against_its_definition():
    """The total moments are those of all 6! orders; the conditional ones of the other 5!."""
    from itertools import permutations

    w = six()
    found = moran_statistic(Y, w)
    z = (Y - Y.mean()) / Y.std()
    row = w.toarray() / w.toarray().sum(axis=1, keepdims=True)
    orders = np.array(list(permutations(z)))
    every = orders * (orders @ row.T)
    assert found.expected_total == pytest.approx(every.mean(axis=0))
    assert found.variance_total == pytest.approx(every.var(axis=0))
    for place in range(6):
        kept = orders[orders[:, place] == z[place]]
        i = kept[:, place] * (kept @ row[place])
        assert found.expected_conditional[place] == pytest.approx(i.mean())
        assert found.variance_conditional[place] == pytest.approx(i.var())


def test_published_quadrants():
    """Source: the desmith example of esda's Moran_Local, ten places."""
    y = np.array([2.24, 3.10, 4.55, -5.15, -4.39, 0.46, 5.54, 9.02, -2.09, -3.06])
    beside = ["24", "15", "47", "1358", "2469", "50", "38", "479", "580", "69"]
    w = sparse.lil_matrix((10, 10))
    for place, others in enumerate(beside):
        for other in others:
            w[place, (int(other) - 1) % 10] = 1
    assert moran_statistic(y, w.tocsr()).quadrant.tolist() == [4, 4, 4, 2, 3, 3, 1, 4, 3, 3]


@pytest.mark.parametrize("star", [True, False])
def test_equal_to_esda(star):
    esda = pytest.importorskip("esda")
    graph = pytest.importorskip("libpysal.graph")
    cells = disk(12)
    y = np.random.default_rng(1).poisson(3, len(cells)).astype(float)
    w = lattice.neighbours(cells, 1, itself=False)
    peer = esda.getisord.G_Local(
        y, graph.Graph.from_sparse(w.tocoo()), transform="B", permutations=0, star=star
    )
    assert np.abs(g_local(y, w, star=star)[1] - peer.Zs).max() < 1e-9
    ours = moran_statistic(y, w)
    peer = esda.moran.Moran_Local(y, graph.Graph.from_sparse(w.tocoo()), permutations=0)
    pairs = [(ours.i, peer.Is), (ours.expected_total, peer.EI), (ours.variance_total, peer.VI),
             (ours.expected_conditional, peer.EIc), (ours.variance_conditional, peer.VIc),
             (ours.quadrant, peer.q)]  # fmt: skip
    assert all(np.abs(mine - theirs).max() < 1e-9 for mine, theirs in pairs)


def documented(libpysal, name):
    """Values and neighbours of an example of PySAL's handbook."""
    at, read = libpysal.examples.get_path, libpysal.io.open
    if name == "stl":
        return np.array(read(at("stl_hom.txt")).by_col["HR8893"]), read(at("stl.gal")).read()
    if name == "sids2":
        return np.array(read(at("sids2.dbf")).by_col("SIDR74")), read(at("sids2.gal")).read()
    if name == "island":
        near = {0: [1], 1: [0], 2: [], 3: [4], 4: [3], 5: [0]}
        return np.array([1.0, 2, 3, 4, 5, 9]), libpysal.weights.W(near, silence_warnings=True)
    column, near = name.split()
    kinds = {"queen": libpysal.weights.Queen, "rook": libpysal.weights.Rook}
    where = at("columbus.shp")
    w = (kinds[near].from_shapefile(where) if near in kinds
         else libpysal.weights.KNN.from_shapefile(where, k=4))  # fmt: skip
    return read(at("columbus.dbf")).by_col_array(column).ravel(), w


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name", ["stl", "sids2", "island", "HOVAL queen", "CRIME rook", "INC knn", "CRIME knn"]
)
def test_equal_to_esda_on_the_examples_of_its_handbook(name):
    esda, libpysal = pytest.importorskip("esda"), pytest.importorskip("libpysal")
    y, given = documented(libpysal, name)
    w = (given.sparse > 0).astype(float).tocsr()

    def fresh():
        made = libpysal.weights.W(given.neighbors, silence_warnings=True)
        made.id_order = given.id_order
        return made

    for star, row in ((False, False), (False, True), (True, False), (True, True)):
        peer = esda.getisord.G_Local(
            y, fresh(), transform="R" if row else "B", permutations=0, star=star
        )
        _, z = g_local(y, w, star=star, row_standardised=row)
        known = np.isfinite(peer.Zs)
        assert z[known] == pytest.approx(peer.Zs[known], abs=1e-9) and known.sum() >= len(y) - 1
    ours, peer = moran_statistic(y, w), esda.Moran_Local(y, fresh(), permutations=0)
    for mine, theirs in (
        (ours.i, peer.Is), (ours.expected_total, peer.EI), (ours.variance_total, peer.VI),
        (ours.expected_conditional, peer.EIc), (ours.variance_conditional, peer.VIc),
    ):  # fmt: skip
        assert mine == pytest.approx(theirs, abs=1e-9, nan_ok=True)
    assert ours.quadrant.tolist() == peer.q.tolist()
    whole, peer = g_global(y, w), esda.getisord.G(y, fresh(), permutations=0)
    assert (whole.g, whole.z, whole.p) == pytest.approx((peer.G, peer.z_norm, peer.p_norm))


@pytest.mark.parametrize(
    "lat, lon, rings_of_area, res, rings",
    [(16.46, 107.59, 14, 9, 2), (16.46, 107.59, 12, 3, 1), (64.7, 10.5, 8, 3, 2), (0, 0, 10, 0, 1)],
)
def test_neighbours_equal_the_library_also_over_seams_and_pentagons(
    lat, lon, rings_of_area, res, rings
):
    cells = np.array(h3.grid_disk(h3.latlng_to_cell(lat, lon, res), rings_of_area), np.int64)
    cells = np.random.default_rng(2).permutation(cells)[: len(cells) * 4 // 5]
    at = {cell: index for index, cell in enumerate(cells.tolist())}
    expected = {
        (at[a], at[b]) for a in at for b in h3.grid_disk(a, rings) if b in at
    }  # fmt: skip
    found = lattice.neighbours(cells, rings).tocoo()
    assert set(zip(found.row.tolist(), found.col.tolist(), strict=True)) == expected
    assert (found.data == 1).all()


def test_parents_equal_the_library():
    cells = disk(6)
    assert lattice.parents(cells, 7).tolist() == [h3.cell_to_parent(int(c), 7) for c in cells]
    with pytest.raises(ParameterError, match="none is finer"):
        lattice.parents(cells, 10)


def test_study_area_adds_zeros_and_tells_what_lies_outside():
    cells = disk(10)
    busy = cells[:7]
    result = hot_spots(np.r_[busy, h3.cell_to_center_child(h3.cell_to_parent(CITY, 3), 9)],
                       np.r_[np.full(7, 40.0), 5], study=cells)  # fmt: skip
    assert len(result.cells) == len(cells) and result.outside == 5 and result.study_given
    hot = set(result.cells[result.sign == 1].tolist())
    assert set(busy.tolist()) <= hot <= set(h3.grid_disk(CITY, 2))


def test_a_rate_finds_what_counts_hide():
    """Everybody lives in the middle, so counts are hot there; per person the rim is."""
    cells = np.sort(disk(10))
    ring = np.array([h3.grid_distance(CITY, int(cell)) for cell in cells])
    people = np.where(ring <= 2, 5000.0, 500.0)
    counts = np.where(ring <= 2, 50.0, 5.0)
    sick = np.isin(cells, h3.grid_disk(int(cells[ring == 8][0]), 1))
    counts = np.where(sick, 25.0, counts)
    by_count = hot_spots(cells, counts)
    by_rate = hot_spots(cells, counts, denominator=people)
    middle = int(np.flatnonzero(cells == CITY)[0])
    assert by_count.sign[middle] == 1 and by_rate.sign[middle] != 1
    assert (by_rate.sign[sick] == 1).all() and by_rate.rate


def test_cells_without_a_denominator_are_left_out():
    cells = np.sort(disk(5))
    people = np.where(np.arange(len(cells)) == 3, 0.0, 10.0)
    result = hot_spots(cells, np.ones(len(cells)), denominator=people)
    assert cells[3] not in result.cells and result.outside == 1


def test_small_numbers_are_not_ranked():
    cells = disk(10)
    counts = np.zeros(len(cells))
    counts[0] = 3
    result = hot_spots(cells, counts, HotSpots(minimum=5))
    assert not result.ranked.any() and (result.q == 1).all() and (result.sign == 0).all()


def test_what_has_to_be_said_is_said():
    cells = np.sort(disk(10))
    words = hot_spots(cells[:40], np.arange(40) + 9.0).notes
    assert [text.en.split(":")[0] for text in words] == [
        "Counts, not rates", "No study area was given",
    ]  # fmt: skip
    words = hot_spots(cells[:40], np.full(40, 9.0), study=cells[3:], denominator=cells[3:] * 0 + 2)
    said = " ".join(text.en for text in words.notes)
    assert said.startswith("Rates:") and "27 events lie outside" in said
    assert "No study area" not in said and all(text.vi for text in words.notes)


def test_a_study_area_from_a_polygon_has_every_centre_in_it():
    shapely = pytest.importorskip("shapely")
    lat, lon = h3.cell_to_latlng(CITY)
    area = shapely.Point(lon, lat).buffer(0.02) - shapely.Point(lon, lat).buffer(0.005)
    found = set(lattice.cells_within(area, 9).tolist())
    near = h3.grid_disk(CITY, 16)
    expected = {
        cell for cell in near if area.contains(shapely.Point(h3.cell_to_latlng(cell)[::-1]))
    }
    assert found == expected and CITY not in found


def test_local_moran_tells_clusters_from_outliers():
    cells = np.sort(disk(14))
    rng = np.random.default_rng(3)
    counts = rng.poisson(20, len(cells)).astype(float)
    high = np.isin(cells, h3.grid_disk(CITY, 2))
    far = int(cells[[h3.grid_distance(CITY, int(c)) == 10 for c in cells]][0])
    counts[high] += 60
    counts[np.isin(cells, h3.grid_disk(far, 1))] += 60
    counts[cells == far] = 0
    for null in ("conditional", "total"):
        result = local_moran(cells, counts, LocalMoran(null=null))
        assert result.cluster[cells == CITY][0] == 1
    result = local_moran(cells, counts)
    assert result.cluster[cells == far][0] in (2, 0) and result.statistic.i[cells == far][0] < 0


@pytest.mark.parametrize("mean, neighbours", [(0.5, 7), (1.3, 7), (1.3, 19), (14, 7)])
def test_tail_of_sums_of_counts_is_right_to_a_fifth(mean, neighbours):
    """Beside the exact Poisson tail, where the normal value is wrong by up to a thousand times."""
    grid = np.arange(stats.poisson.ppf(1 - 1e-6, mean) + 1)
    values = np.repeat(grid, np.round(stats.poisson.pmf(grid, mean) * 1_000_000).astype(int))
    total, spread = mean * neighbours, np.sqrt(mean * neighbours)
    sums = np.unique(np.round(total + spread * np.array([-2.0, -1, 1, 2, 3, 4, 5])))
    z = (sums - total) / spread
    found = significance.sum_p(values, np.full(len(z), float(neighbours)), sums, z)
    upper, lower = (stats.poisson.sf(sums - 1, total), stats.poisson.cdf(sums, total))
    exact = np.minimum(1, 2 * np.where(z > 0, upper, lower))
    assert np.abs(found / exact - 1).max() < 0.2


def test_benjamini_hochberg():
    p = np.array([0.01, 0.04, 0.03, 0.005, 0.8])
    assert significance.adjusted(p) == pytest.approx(stats.false_discovery_control(p))
    assert len(significance.adjusted(np.array([]))) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: HotSpots(rings=0),
        lambda: HotSpots(rings=1.5),
        lambda: HotSpots(alpha=float("nan")),
        lambda: HotSpots(tail="guess"),
        lambda: hot_spots(disk(1), [1, 2]),
        lambda: hot_spots(disk(1), [-1] * 7),
        lambda: hot_spots(disk(1), [0] * 7),
        lambda: hot_spots(np.r_[disk(1), CITY], [1] * 8),
        lambda: hot_spots(np.r_[disk(1), h3.cell_to_parent(CITY)], [1] * 8),
        lambda: moran_statistic([1, 1, 1, 1, 1, 1], six()),
    ],
)
def test_bad_input_is_refused_in_both_languages(call):
    with pytest.raises(ParameterError) as refused:
        call()
    assert refused.value.text.vi and refused.value.text.en and refused.value.name
