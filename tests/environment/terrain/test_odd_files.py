"""Elevation files as strangers bring them: cut short, in steps, in feet, in a CRS of nowhere."""

import numpy as np
import pytest
import rasterio

from environment.flood import actions
from environment.terrain.dem import BadTerrain, read
from environment.terrain.exposure import check_density
from tests.environment.terrain.grids import write

SLOPE = np.add.outer(np.arange(40.0), np.arange(30.0))


def test_a_file_that_breaks_off_is_named(tmp_path):
    whole = write(tmp_path / "whole.tif", SLOPE)
    half = tmp_path / "half.tif"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(BadTerrain, match=r"half.tif breaks off or is damaged: .*half.tif"):
        read(half)


def test_a_crs_that_lies_nowhere_is_refused(tmp_path):
    path = write(tmp_path / "local.tif", SLOPE, None)
    with rasterio.open(path, "r+") as target:
        target.crs = rasterio.crs.CRS.from_wkt('LOCAL_CS["mine",UNIT["metre",1]]')
    with pytest.raises(BadTerrain, match="lies nowhere on earth"):
        read(path)


def test_metres_that_are_called_degrees_are_refused(tmp_path):
    with pytest.raises(BadTerrain, match="corners are no degrees"):
        read(write(tmp_path / "swapped.tif", SLOPE, 4326))
    write(tmp_path / "true.tif", SLOPE, 4326, 1 / 3600, (107.5, 16.5))
    assert read(tmp_path / "true.tif").dy == pytest.approx(30.7, abs=0.1)


def test_heights_kept_in_steps_are_read_as_heights(tmp_path):
    path = write(tmp_path / "steps.tif", SLOPE * 10)
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.1,), (5.0,)
    dem = read(path)
    assert np.allclose(dem.z, SLOPE + 5, atol=1e-4)
    assert any("steps of 0.1 from 5" in note for note in dem.notes)
    assert not any("steps" in note for note in read(write(tmp_path / "plain.tif", SLOPE)).notes)


def test_a_grid_in_feet_asks_what_its_heights_are_in(tmp_path):
    path = write(tmp_path / "feet.tif", SLOPE, 2263, 100.0, (980_000, 200_000))
    dem = read(path)
    assert dem.dy == pytest.approx(30.48, abs=0.001)
    assert any("--units ft" in note for note in dem.notes)
    assert dem.z.max() == SLOPE.max()
    told = read(path, units="us-ft")
    assert told.z.max() == pytest.approx(SLOPE.max() * 0.3048, rel=1e-4)
    assert not any("does not say" in note for note in told.notes)


def test_people_that_cannot_be_counted_are_refused_before_the_work(tmp_path):
    check_density(write(tmp_path / "people.tif", SLOPE))
    (tmp_path / "text.tif").write_text("hello")
    bad = {"text.tif": "not recognized", "none.tif": "no CRS"}
    write(tmp_path / "none.tif", SLOPE, None)
    dem = write(tmp_path / "dem.tif", SLOPE)
    for name, words in bad.items():
        asked = {"path": str(dem), "people": str(tmp_path / name)}
        with pytest.raises(BadTerrain, match=words):
            actions.build_files(asked=asked, folder=tmp_path / "out", say=print)
        assert not (tmp_path / "out").exists()
