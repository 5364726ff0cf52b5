"""A made-up terrain round the city's gauges, so that the flood panel has something to show.

Rivers and coast are the pack's; every height is a function of them and of the seed alone. It is
built by the same door as a real one (`terrain build`) and marked synthetic. A terrain that
somebody built, real or not, is left alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from environment.flood import actions
from environment.flood.models import FloodGauge, TerrainModel

NAME = "Địa hình mô phỏng (demo)"
WEST, SOUTH, EAST, NORTH = 107.50, 16.40, 107.66, 16.58
CELL_DEG = 1 / 3600
CELL_M = 30.0


def prepare(var: Path, pack: Any, seed: int) -> bool:
    """True where a synthetic terrain was built; False where there is one or no map for it."""
    rivers, coast = pack.part("rivers"), pack.part("coast")
    if rivers is None or coast is None or TerrainModel.objects.exists():
        return False
    path = var / "demo" / "ground.tif"
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, Path(rivers), Path(coast), seed)
    asked = {"path": str(path), "rivers": str(rivers), "coast": str(coast)}
    built = actions.build(terrain=actions.ask(name=NAME, asked=asked, synthetic=True))
    # A real gauge's alarm must never name what a made-up terrain would flood.
    FloodGauge.objects.filter(terrain=built, sensor__synthetic=False).delete()
    actions.load_assets(pack=pack)
    return True


def write(path: Path, rivers: Path, coast: Path, seed: int) -> None:
    """A DEM in metres (float32, EPSG:4326, 1″) at `path`."""
    import numpy as np
    import rasterio
    from rasterio.transform import from_origin

    rows, cols = round((NORTH - SOUTH) / CELL_DEG), round((EAST - WEST) / CELL_DEG)
    transform = from_origin(WEST, NORTH, CELL_DEG, CELL_DEG)
    heights = _heights(rows, cols, transform, rivers, coast, seed)
    with rasterio.open(
        path, "w", driver="GTiff", width=cols, height=rows, count=1, dtype="float32",
        crs="EPSG:4326", transform=transform, compress="deflate",
    ) as out:  # fmt: skip
        out.write(heights.astype(np.float32), 1)


def _heights(rows: int, cols: int, transform: Any, rivers: Path, coast: Path, seed: int) -> Any:
    """Low levees along the rivers, hollows behind them, hills in the south-west, the sea at 0."""
    import numpy as np
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    rng = np.random.default_rng(seed)

    def hills(cells: float) -> Any:
        rough = gaussian_filter(rng.standard_normal((rows, cols)), cells)
        return rough / rough.std()

    line = _cells(rivers, (rows, cols), transform)
    sea = _sea(coast, (rows, cols), transform)
    away_m = distance_transform_edt(line == 0) * CELL_M
    shore_m = distance_transform_edt(~sea) * CELL_M if sea.any() else np.full((rows, cols), 9e3)
    south, west = np.mgrid[0 : 1 : rows * 1j, 1 : 0 : cols * 1j]
    levee = 1.5 * np.exp(-(((away_m - 90) / 130) ** 2))
    plain = 0.5 + 0.00009 * shore_m + levee + 0.00045 * away_m
    ground = plain + 0.75 * hills(14) + 0.28 * hills(4) + 0.05 * hills(1)
    ridge = np.clip(south + west - 1.15 + 0.10 * hills(22), 0, None)
    ground += 190 * ridge**2 * np.clip(away_m / 900, 0, 1)
    ground = np.maximum(ground, 0.25 + 0.00009 * shore_m)
    bed = 0.00009 * shore_m
    ground = np.where(away_m < 75, bed, ground)
    return np.where(sea, 0.0, ground)


def _shapes(path: Path) -> Any:
    import numpy as np
    import pyogrio
    import shapely

    found = pyogrio.read_dataframe(path).to_crs(4326).geometry.dropna().values
    return shapely.intersection(np.asarray(found), shapely.box(WEST, SOUTH, EAST, NORTH))


def _cells(path: Path, shape: tuple[int, int], transform: Any) -> Any:
    from rasterio.features import rasterize

    found = [s for s in _shapes(path) if not s.is_empty]
    return rasterize(found, out_shape=shape, transform=transform, all_touched=True, dtype="uint8")


def _sea(path: Path, shape: tuple[int, int], transform: Any) -> Any:
    """The cells (bool) on the far side of the coast, seen from the south-west corner."""
    import numpy as np
    import shapely
    from rasterio.features import rasterize

    frame = shapely.box(WEST, SOUTH, EAST, NORTH)
    lines = shapely.union_all([*(s for s in _shapes(path) if not s.is_empty), frame.exterior])
    faces = shapely.get_parts(shapely.polygonize([shapely.node(lines)]))
    corner = shapely.Point(WEST + 1e-6, SOUTH + 1e-6)
    water = [face for face in faces if not face.covers(corner)]
    if not water:
        return np.zeros(shape, bool)
    return rasterize(water, out_shape=shape, transform=transform, dtype="uint8").astype(bool)
