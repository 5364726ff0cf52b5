"""From stage to water, and from water to polygons."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from environment.terrain import build, polygons, stage
from environment.terrain.conditioning import SEA
from environment.terrain.hand import AT_SEA
from tests.environment.terrain.grids import dem_of

cells = st.integers(0, 12).map(np.float32)


def basin_of(z, cell_m=10.0, sea=None, drain_km2=None) -> stage.Basin:
    """A terrain ready for floods; `sea` marks cells that are sea at 0 m."""
    dem = dem_of(z, cell_m)
    sea_m = float("-inf")
    if sea is not None:
        dem.kind[sea], dem.z[sea], sea_m = SEA, 0, 0.0
    t = build.condition(dem, sea_m=sea_m, drain_km2=drain_km2)
    grids = dem.z, dem.kind, t.d8, t.conditioned, t.place
    level = None if sea is None else 0.0
    return stage.Basin(Path("."), *grids, t.network, dem.transform, dem.crs, dem.dx, dem.dy, level)


def valley(rows=41, cols=60, fall=0.01):
    """A river along the middle row, running east, in a valley that rises to both sides."""
    side = np.abs(np.arange(rows) - rows // 2).astype(np.float32)
    z = side[:, None] * 0.5 + (cols - np.arange(cols, dtype=np.float32)) * fall
    return z.astype(np.float32) + 10


def at(basin, r, c) -> int:
    place = int(basin.place[r, c])
    assert basin.network.cell[place] == r * basin.z.shape[1] + c, "no drain here"
    return place


def test_the_water_stands_as_high_over_the_valley_as_at_the_gauge():
    basin = basin_of(valley())
    water = stage.flood(basin, [stage.Gauge(at(basin, 20, 30), 3.2)])
    wet = water.depth[:, 30] > 0
    assert wet.sum() == 2 * 6 + 1  # half a metre a cell to each side
    assert water.depth[20, 30] == pytest.approx(3.2, abs=0.01)
    assert not stage.flood(basin, [stage.Gauge(at(basin, 20, 30), 0.0)]).depth.any()


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.float32, (12, 14), elements=cells), st.data(),
    st.floats(0, 6), st.floats(0, 6), st.booleans(),
)  # fmt: skip
def test_zones_nest_and_nothing_apart_is_wet(z, data, one, other, coastal):
    sea = np.zeros(z.shape, bool)
    sea[:, -2:] = coastal
    basin = basin_of(z, sea=sea if coastal else None, drain_km2=0.0006)
    if not basin.network.cell.size:
        return
    places = st.integers(0, basin.network.cell.size - 1)
    known = data.draw(st.lists(places, min_size=1, max_size=3, unique=True))
    low, high = sorted((one, other))
    small, large = (
        stage.flood(basin, [stage.Gauge(p, rise) for p in known], tide_m=rise if coastal else None)
        for rise in (low, high)
    )
    assert not ((small.depth > 0) & ~(large.depth > 0)).any()
    drains = np.zeros(z.size, bool)
    drains[basin.network.cell] = True
    source = drains.reshape(z.shape) | ndimage.binary_dilation(basin.kind == SEA)
    parts, count = ndimage.label(large.depth > 0)
    assert set(range(1, count + 1)) <= set(np.unique(parts[source & (large.depth > 0)]))
    assert ((large.trust > 0) == (large.depth > 0)).all()


def test_no_glass_wall_stands_on_a_divide():
    z = valley(rows=61)
    z[:22] = z[22]  # north of a low divide lies level ground that drains northward
    z[22] = 15.0
    z[:22] = 13.0 - np.arange(22, 0, -1)[:, None] * 0.01
    basin = basin_of(z)
    below = stage.flood(basin, [stage.Gauge(at(basin, 30, 30), 3.0)])
    above = stage.flood(basin, [stage.Gauge(at(basin, 30, 30), 5.5)])
    north = np.s_[10:22, 20:40]
    assert not (below.depth[north] > 0).any()
    assert (above.depth[north] > 0).all()
    assert (above.trust[north] < below.trust[30, 30]).all()


def test_a_hollow_behind_the_bank_is_dry_until_the_bank_is_passed():
    z = valley()
    z[25:29, 20:30] = 8.0  # below the river, behind a bank of 2 m
    basin = basin_of(z)
    assert not stage.flood(basin, [stage.Gauge(at(basin, 20, 30), 1.5)]).depth[27, 25] > 0
    assert stage.flood(basin, [stage.Gauge(at(basin, 20, 30), 3.5)]).depth[27, 25] > 4


def test_a_levee_holds_until_it_is_overtopped():
    basin = basin_of(valley())
    walls = np.zeros(basin.z.shape, np.float32)
    walls[23, :] = 3.0  # the ground there lies 1.5 m above the river
    gauge = at(basin, 20, 30)
    held = stage.flood(basin, [stage.Gauge(gauge, 4.0)], walls=walls)
    assert (held.depth[17, 30] > 0) and not (held.depth[24:, :] > 0).any()
    over = stage.flood(basin, [stage.Gauge(gauge, 5.0)], walls=walls)
    assert over.depth[24, 30] > 0
    free = stage.flood(basin, [stage.Gauge(gauge, 4.0)])
    assert ((free.depth > 0) | ~(held.depth > 0)).all()


def test_the_tide_comes_over_the_coast_and_up_the_river():
    z = valley(fall=0.02) - 10
    sea = np.zeros(z.shape, bool)
    sea[:, -5:] = True
    basin = basin_of(z, sea=sea)
    assert (basin.place[sea] == AT_SEA).all()
    calm = stage.flood(basin, [])
    surge = stage.flood(basin, [], tide_m=1.0)
    assert not calm.depth.any()
    assert surge.depth[20, 50] > 0 and not surge.depth[sea].any()
    assert not surge.depth[20, 5] > 0  # the river's own bed lies above the surge there


def test_the_rise_changes_evenly_between_gauges_and_trust_falls_with_the_way():
    basin = basin_of(valley(cols=200), cell_m=100.0)
    up, down = at(basin, 20, 20), at(basin, 20, 180)
    surface, trust = stage.along(
        basin.network, [stage.Gauge(up, 4.0), stage.Gauge(down, 2.0)], float("-inf")
    )
    rise = surface - basin.network.height_m
    middle = at(basin, 20, 100)
    assert rise[middle] == pytest.approx(3.0, abs=0.05)
    assert rise[up] == pytest.approx(4.0) and rise[down] == pytest.approx(2.0)
    assert trust[up] == pytest.approx(1.0) and trust[middle] == pytest.approx(np.exp(-0.8), 0.01)


def test_side_rivers_without_a_gauge_stand_level_with_the_main_one():
    rows = np.arange(60, dtype=np.float32)
    z = 20 + np.abs(rows[:, None] - 30) * 0.2 + (60 - rows) * 0.01
    z[:30, 40] = 20.2 + (30 - rows[:30]) * 0.05  # a brook from the north
    basin = basin_of(z, cell_m=30.0)
    water = stage.flood(basin, [stage.Gauge(at(basin, 30, 45), 2.0)])
    brook = water.surface[20:29, 40]
    assert np.ptp(brook) < 0.1


@settings(max_examples=150, deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)),
                  elements=st.integers(0, 1)))  # fmt: skip
def test_polygons_are_valid_whole_and_joined_side_to_side(mask):
    found = polygons.polygonise(mask)
    assert all(shape.is_valid and shape.geom_type == "Polygon" for shape in found)
    _, parts = ndimage.label(mask)
    assert len(found) == parts
    assert shapely.MultiPolygon(list(found)).is_valid
    for r, c in np.ndindex(mask.shape):
        inside = any(shape.contains(shapely.Point(c + 0.5, r + 0.5)) for shape in found)
        assert inside == bool(mask[r, c])
