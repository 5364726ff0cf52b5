"""From a file of heights to the files of a terrain, good and bad ones."""

import json
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
import shapely

from environment.terrain import build, stage
from environment.terrain.conditioning import SEA
from environment.terrain.dem import BadTerrain, read
from tests.environment.terrain.grids import write
from tests.environment.terrain.test_water import valley

DANANG = Path(__file__).resolve().parents[4] / "shared/data/dem/danang_srtm1.tif"
COAST = DANANG.parents[2] / "packs/hue/coast.geojson"
needs_danang = pytest.mark.skipif(
    not DANANG.exists(), reason="the terrain of Đà Nẵng is not beside the project"
)


def test_a_dem_becomes_cogs_that_say_how(tmp_path):
    seen = []
    dem = write(tmp_path / "dem.tif", valley())
    built = build.build(dem, tmp_path / "out", progress=lambda share, what: seen.append(share))
    assert seen == sorted(seen) and seen[-1] == 1.0
    for name in ("conditioned", "d8", "accumulation", "drains", "hand", "catchments"):
        with rasterio.open(tmp_path / "out" / f"{name}.tif") as grid:
            assert grid.crs.to_epsg() == 32648 and grid.shape == (41, 60)
            assert grid.tags()["METHOD"] == build.METHOD
            assert grid.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    with rasterio.open(tmp_path / "out/hand.tif") as grid:
        hand = grid.read(1, masked=True)
    assert hand.min() >= 0 and hand.mask.sum() == built.facts()["no_drain_cells"]
    about = json.loads((tmp_path / "out/terrain.json").read_text())
    assert about["digest"] == built.dem.digest and "Barnes" in about["method"]
    basin = stage.open_basin(tmp_path / "out")
    place, way = stage.snap(basin, *(basin.transform @ (30.5, 22.5)))
    assert basin.network.cell[place] // 60 == 20 and way < 100


def test_a_dem_without_crs_is_refused_by_name(tmp_path):
    with pytest.raises(BadTerrain, match="plain.tif states no CRS"):
        read(write(tmp_path / "plain.tif", valley(), crs=None))


def test_one_larger_than_memory_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=30_000, height=30_000, count=1, dtype="int16",
        crs="EPSG:32648", transform=rasterio.Affine(1, 0, 0, 0, -1, 0), sparse_ok=True,
        tiled=True, compress="deflate",
    ):  # fmt: skip
        pass
    with pytest.raises(BadTerrain, match="30000 × 30000 cells .* cannot go by windows"):
        read(path, memory=8 << 30)


def test_degrees_are_reckoned_by_latitude_and_feet_turned_to_metres(tmp_path):
    path = write(tmp_path / "deg.tif", valley(), crs=4326, cell=1 / 3600, at=(107.5, 16.5))
    dem = read(path, units="ft")
    assert dem.dx[0] == pytest.approx(29.66, abs=0.05) and dem.dy == pytest.approx(30.74, abs=0.05)
    assert dem.z[20, 0] == pytest.approx(10.6 * 0.3048, abs=0.01)
    assert any("degrees" in note for note in dem.notes)
    assert any("feet" in note for note in dem.notes)
    with pytest.raises(BadTerrain, match="units 'yd'"):
        read(path, units="yd")


def test_impossible_heights_are_holes_and_told(tmp_path):
    z = valley()
    z[10, 10] = -32768
    z[11, 10] = np.inf
    dem = read(write(tmp_path / "dem.tif", z))
    assert np.isnan(dem.z[10:12, 10]).all()
    assert any("no possible height" in note for note in dem.notes)
    assert any("water goes round" in note for note in dem.notes)


def test_rivers_and_coast_become_drains(tmp_path):
    flat = np.full((40, 60), 3, np.float32)
    flat[0] = flat[-1] = flat[:, 0] = 4
    flat[:, 50:] = 0
    dem = write(tmp_path / "dem.tif", flat)
    to_map = rasterio.transform.from_origin(700_000, 1_800_000, 10, 10)
    river = shapely.LineString([to_map @ (2, 10.5), to_map @ (30, 30.5), to_map @ (52, 12.5)])
    coast = shapely.LineString([to_map @ (50, -1), to_map @ (50, 41)])
    for name, line in {"river": river, "coast": coast}.items():
        frame = geopandas.GeoDataFrame(geometry=[line], crs=32648).to_crs(4326)
        frame.to_file(tmp_path / f"{name}.geojson")
    built = build.build(
        dem, tmp_path / "out", rivers=tmp_path / "river.geojson", coast=tmp_path / "coast.geojson"
    )
    assert (built.dem.kind[:, 51:] == SEA).all() and (built.dem.kind[:, :49] == 1).all()
    assert built.drain[built.rivers > 0].all()
    assert not np.isnan(built.hand).any() and (built.hand >= 0).all()
    assert built.total[built.d8 == 0].sum() == flat.size
    mouth = built.total[:, 48:50].max()
    assert mouth > 800  # the river gathers the plain though the plain is level


def test_progress_may_stop_it_and_nothing_is_left_half_written(tmp_path):
    def stop(share, what):
        if share > 0.75:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build.build(write(tmp_path / "dem.tif", valley()), tmp_path / "out", progress=stop)
    assert not list((tmp_path / "out").glob("*.part"))


@needs_danang
def test_mapped_rivers_of_a_flat_coast_lie_at_drains(tmp_path):
    """Three lines across the plain of Đà Nẵng, drawn by hand, as a map would give them."""
    lines = [
        [(108.13, 15.985), (108.16, 15.99), (108.19, 16.0), (108.215, 16.013), (108.226, 16.05),
         (108.222, 16.09)],
        [(108.05, 15.9), (108.15, 15.895), (108.2, 15.89), (108.26, 15.88), (108.34, 15.885)],
        [(108.25, 15.882), (108.24, 15.95), (108.23, 15.99), (108.226, 16.03)],
    ]  # fmt: skip
    shapes = [shapely.LineString(line) for line in lines]
    geopandas.GeoDataFrame(geometry=shapes, crs=4326).to_file(tmp_path / "rivers.geojson")
    built = build.build(DANANG, tmp_path / "out", rivers=tmp_path / "rivers.geojson", coast=COAST)
    facts = built.facts()
    assert built.drain[built.rivers > 0].all()
    # By flow alone, the first square kilometre of each hand-drawn line included, it is less.
    assert facts["river_cells_by_flow"] >= 0.8
    assert (built.hand[~np.isnan(built.hand)] >= 0).all()
    assert built.total[built.d8 == 0].sum() == (built.dem.kind != 0).sum()
