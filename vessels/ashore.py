"""Whether a position lies on land for certain, from a grid made once of the pack's land.

Land is taken back from the shore by a tolerance, and from ports, lagoons and rivers: a coast line
of some hundred metres' precision must not put a moored boat ashore.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from vessels.models import Land, Port
from vessels.science.tracks import degree_m

TOLERANCE_M = 500.0
CELL_DEG = 0.002  # some 200 m
MOST_CELLS = 16_000_000  # of a larger land the cells are larger
PORT_MARGIN = 2.0  # times a port's radius


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of land, row by row from the south west."""

    west: float
    south: float
    cell_deg: float
    dry: NDArray[np.bool_]

    def at(self, lon: np.ndarray, lat: np.ndarray) -> NDArray[np.bool_]:
        """Whether each position (degrees, 4326) lies on land; False beyond the grid."""
        rows, columns = self.dry.shape
        if not rows:
            return np.zeros(len(lon), bool)
        i = np.floor((lat - self.south) / self.cell_deg).astype(np.int64)
        j = np.floor((lon - self.west) / self.cell_deg).astype(np.int64)
        known = (i >= 0) & (i < rows) & (j >= 0) & (j < columns)
        return known & self.dry[np.clip(i, 0, rows - 1), np.clip(j, 0, columns - 1)]


NOWHERE = Grid(0.0, 0.0, 1.0, np.zeros((0, 0), bool))


_made: dict[tuple[object, ...], Grid] = {}  # the last one: it takes some tenths of a second


def grid() -> Grid:
    """The grid of the land and ports that the database holds; one without cells where none is."""
    row = Land.objects.order_by("pk").defer("geom").first()
    if row is None:
        return NOWHERE
    ports = [(port.geom.x, port.geom.y, port.radius_m) for port in Port.objects.all()]
    key = (row.updated_at, *ports)
    if key not in _made:
        _made.clear()
        _made[key] = of(shapely.from_wkb(bytes(row.geom.wkb)), ports)
    return _made[key]


def of(land: shapely.Geometry, ports: list[tuple[float, float, float]]) -> Grid:
    """The grid of a land (degrees, 4326), less ports (lon, lat, radius in metres)."""
    west, south, east, north = shapely.bounds(land)
    east_m, north_m = degree_m((south + north) / 2)
    scale = np.array([east_m, north_m])
    shrunk = shapely.transform(land, lambda xy: xy * scale).buffer(-TOLERANCE_M, quad_segs=2)
    water = [shapely.Point(lon * east_m, lat * north_m).buffer(radius * PORT_MARGIN)
             for lon, lat, radius in ports]  # fmt: skip
    shrunk = shrunk.difference(shapely.union_all(water)) if water else shrunk
    if shrunk.is_empty:
        return NOWHERE
    cell = max(CELL_DEG, float(np.sqrt((east - west) * (north - south) / MOST_CELLS)))
    shapely.prepare(shrunk)
    lon = np.arange(west + cell / 2, east, cell)
    lat = np.arange(south + cell / 2, north, cell)
    dry = np.zeros((len(lat), len(lon)), bool)
    for i, one in enumerate(lat):  # a row at a time: memory stays small
        dry[i] = shapely.contains_xy(shrunk, lon * east_m, np.full(len(lon), one * north_m))
    return Grid(float(west), float(south), cell, dry)
