"""A terrain on the map of the test city, with a gauge on its river."""

from pathlib import Path
from typing import Any

import numpy as np

from environment import stations
from environment.flood import actions, queries
from environment.flood.models import FloodGauge
from geo.models import District
from tests.environment.terrain.grids import write

WEST, NORTH, CELL = 107.5, 16.5, 1 / 3600


def heights(rows: int = 61, cols: int = 80) -> np.ndarray:
    """A river along row 30 running east, in a valley that rises half a metre a cell."""
    side = np.abs(np.arange(rows) - rows // 2).astype(np.float32)
    return side[:, None] * 0.5 + (cols - np.arange(cols, dtype=np.float32)) * 0.01 + 10


def lonlat(row: float, col: float) -> tuple[float, float]:
    return WEST + (col + 0.5) * CELL, NORTH - (row + 0.5) * CELL


def make_gauge(tmp_path: Path, settings: Any, **asked: Any) -> FloodGauge:
    """The gauge G1 in the middle of the river of a terrain in use."""
    settings.IOC_VAR = tmp_path / "var"
    lon, lat = lonlat(30, 40)
    stations.register(
        code="G1", name_vi="Trạm thử", name_en="Test gauge", kind="river", lon=lon, lat=lat,
        datum="VN-2000", limits=[{"level": 1, "value": 1.0, "source": "test"}],
    )  # fmt: skip
    path = write(tmp_path / "dem.tif", heights(), crs=4326, cell=CELL, at=(WEST, NORTH))
    row = actions.ask(name="valley", asked={"path": str(path), **asked})
    actions.build(terrain=row)
    return queries.gauge("G1")


def make_ward(code: str, rows: tuple[int, int], cols: tuple[int, int]) -> District:
    """A ward over the cells from one to before another."""
    from django.contrib.gis.geos import MultiPolygon, Point, Polygon

    west, north = WEST + cols[0] * CELL, NORTH - rows[0] * CELL
    east, south = WEST + cols[1] * CELL, NORTH - rows[1] * CELL
    area = MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4326)
    return District.objects.create(
        code=code, name_vi=f"Phường {code}", name_en=f"Ward {code}", geom=area,
        label_point=Point(west, south, srid=4326), area_km2=1.0,
    )  # fmt: skip
