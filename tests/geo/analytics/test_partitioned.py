"""A frame in parts gives what the frame in one piece gives, here and in other processes."""

import json

import geopandas
import h3.api.basic_int as h3
import numpy as np
import pandas
import pytest

from geo.analytics import partitioned
from geo.analytics.density import Density, kernel_density
from geo.analytics.emerging import emerging_hot_spots
from geo.analytics.hotspots import hot_spots
from geo.analytics.moran import local_moran
from geo.analytics.parquet import write_partitioned
from geo.analytics.reach import Coverage, coverage
from geo.cells import cells_of

EDGES = np.arange("2026-01", "2026-08", dtype="datetime64[M]")
FACILITIES = [(770_000, 1_820_000), (775_000, 1_822_000)]
TOLD = Density(bandwidth_m=2000, cell_m=200, edge="point")


def frame(n: int = 4000) -> geopandas.GeoDataFrame:
    rng = np.random.default_rng(6)
    lon = np.r_[rng.normal(107.59, 0.004, n // 2), rng.uniform(107.5, 107.7, n - n // 2)]
    lat = np.r_[rng.normal(16.46, 0.004, n // 2), rng.uniform(16.4, 16.5, n - n // 2)]
    days = pandas.Timestamp("2026-01-01", tz="UTC") + pandas.to_timedelta(
        rng.uniform(0, 230, n), unit="D"
    )
    made = geopandas.GeoDataFrame(
        {"h3": cells_of(lon, lat), "t": days, "people": rng.integers(1, 9, n)},
        geometry=geopandas.points_from_xy(lon, lat), crs=4326,
    )  # fmt: skip
    return made.to_crs(32648).sample(frac=1, random_state=1)


def all_equal(whole, parts) -> None:
    """Both frames give the same in every analysis, and the same as the plain functions."""
    bounds = whole.total_bounds
    cells, counts = np.unique(whole["h3"], return_counts=True)
    plain = hot_spots(cells, counts)
    found = partitioned.hot_spots(parts)
    assert (found.cells == plain.cells).all() and (found.sign == plain.sign).all()
    assert found.z == pytest.approx(plain.z) and (found.sign == 1).any()
    np.testing.assert_allclose(partitioned.local_moran(parts).z, local_moran(cells, counts).z)
    over_time = partitioned.emerging_hot_spots(parts, EDGES, res=8)
    inside = whole[whole["t"] < "2026-07-01"]
    grid = pandas.crosstab(
        inside["h3"].map(lambda cell: h3.cell_to_parent(cell, 8)), inside["t"].dt.month
    )
    plain_time = emerging_hot_spots(grid.index.to_numpy(), grid.to_numpy())
    assert over_time.z == pytest.approx(plain_time.z)
    assert (over_time.kind == plain_time.kind).all()
    where = np.c_[whole.geometry.x, whole.geometry.y]
    raster = partitioned.kernel_density(parts, bounds, TOLD).density
    assert raster == pytest.approx(kernel_density(where, bounds, TOLD).density, abs=1e-6)
    reached = partitioned.coverage(parts, FACILITIES, Coverage(), weight="people")
    near = coverage(where, FACILITIES, Coverage(), weights=whole["people"])
    assert reached["share"] == pytest.approx(near.share)


def test_one_piece():
    all_equal(frame(), frame())


def test_parts_in_this_process():
    dask_geopandas = pytest.importorskip("dask_geopandas")
    import dask

    whole = frame()
    with dask.config.set(scheduler="synchronous"):
        all_equal(whole, dask_geopandas.from_geopandas(whole, npartitions=7))


@pytest.mark.slow
def test_parts_in_two_other_processes():
    distributed = pytest.importorskip("distributed")
    import dask_geopandas

    whole = frame(40_000)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster.scheduler_address) as client,
    ):
        assert len(client.run(lambda: True)) == 2
        all_equal(whole, dask_geopandas.from_geopandas(whole, npartitions=9))


def batches(whole):
    """The rows as record batches, one of them without a time."""
    import pyarrow as pa

    table = pa.table({
        "id": np.arange(len(whole)),
        "h3": whole["h3"].to_numpy(),
        "t": pa.array(whole["t"].dt.tz_convert("UTC")),
        "geometry": whole.to_crs(4326).geometry.to_wkb().to_numpy(),
    })  # fmt: skip
    yield from table.to_batches(max_chunksize=700)
    yield (
        table.slice(0, 1)
        .set_column(2, "t", pa.nulls(1, table.schema.field("t").type))
        .to_batches()[0]
    )


def test_geoparquet_by_cell_and_month(tmp_path):
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    whole = frame(1500)
    folder = tmp_path / "out"
    assert write_partitioned(batches(whole), folder, res=6) == 1501
    files = sorted(folder.glob("cell=*/month=*/*.parquet"))
    found = {(f.parts[-3][5:], f.parts[-2][6:]) for f in files}
    months = whole["t"].dt.strftime("%Y-%m")
    above = [f"{h3.cell_to_parent(cell, 6):x}" for cell in whole["h3"]]
    expected = set(zip(above, months, strict=True)) | {(above[0], "none")}
    assert found == expected
    geo = json.loads(parquet.read_schema(files[0]).metadata[b"geo"])
    assert geo["primary_column"] == "geometry" and geo["version"] == "1.1.0"
    back = pandas.concat([geopandas.read_parquet(file) for file in files])
    assert len(back) == 1501 and back.crs.to_epsg() in (4326, None) and back.crs is not None
    one = geopandas.read_parquet(files[0])
    assert {f"{h3.cell_to_parent(int(cell), 6):x}" for cell in one["h3"]} == {
        files[0].parts[-3][5:]
    }


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_geoparquet_is_read_by_dask(tmp_path):
    dask_geopandas = pytest.importorskip("dask_geopandas")
    whole = frame(1000)
    write_partitioned(list(batches(whole))[:-1], tmp_path / "out", res=6)
    parts = dask_geopandas.read_parquet(tmp_path / "out")
    assert parts.npartitions > 1
    cells, counts = partitioned.cell_counts(parts)
    expected, numbers = np.unique(whole["h3"], return_counts=True)
    assert (cells == expected).all() and (counts == numbers).all()


def test_geoparquet_refuses_a_full_folder_and_missing_columns(tmp_path):
    whole = frame(10)
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="not empty"):
        write_partitioned(batches(whole), tmp_path)
    with pytest.raises(ValueError, match="no column when"):
        write_partitioned(batches(whole), tmp_path / "new", time="when")
    assert write_partitioned([], tmp_path / "none") == 0
