"""What a raster says inside each area, exact at the borders."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.analytics.catalogue import Input, Method
from geo.analytics.checks import Floats
from geo.analytics.parameters import ParameterError, Parameters
from geo.analytics.progress import Progress, Stopped, Watch
from geo.text import Text

MOST_ZONES = 100_000
WANTED = ("count", "sum", "mean", "min", "max", "stdev")


@dataclass(frozen=True)
class Zonal(Parameters):
    """Zonal statistics need no choices."""


@dataclass(frozen=True)
class ZonalResult:
    """One row an area: cells covered, by share of each, and what they hold; NaN where none."""

    cells: Floats
    total: Floats
    mean: Floats
    low: Floats
    high: Floats
    deviation: Floats


def zonal(
    raster: Any, bounds: Any, zones: Any, parameters: Zonal | None = None, *,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> ZonalResult:  # fmt: skip
    """Statistics of a raster, shape (height, width) north up, NaN empty, within shapely polygons.

    ``bounds`` west, south, east, north in the polygons' CRS. A cell counts by the share of it
    that lies inside. Raises ParameterError, Cancelled.

    Source: Baston, exactextract, https://github.com/isciences/exactextract.
    """
    import shapely
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    watch = Watch(progress, cancelled)
    cells = np.asarray(raster, dtype=np.float64)
    if cells.ndim != 2 or cells.size == 0:
        raise ParameterError("raster", "cần ảnh hai chiều", "a raster of two dimensions is needed")
    west, south, east, north = (float(value) for value in bounds)
    if not (west < east and south < north):
        raise ParameterError("bounds", "khung trống", "the box is empty")
    zones = list(zones)
    if not zones or len(zones) > MOST_ZONES:
        raise ParameterError("zones", f"cần 1 đến {MOST_ZONES} vùng",
                             f"1 to {MOST_ZONES} areas are needed")  # fmt: skip
    if any(shapely.is_empty(zone) or not shapely.is_valid(zone) for zone in zones):
        raise ParameterError("zones", "có vùng trống hay tự cắt", "one is empty or crosses itself")
    source = NumPyRasterSource(cells, west, south, east, north, nodata=np.nan)
    rows: list[dict[str, Any]] = []
    block = max(1, len(zones) // 20)
    for begin in range(0, len(zones), block):
        told = [
            {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(zone)}
            for zone in zones[begin : begin + block]
        ]
        rows += [found["properties"] for found in exact_extract(source, told, list(WANTED))]
        watch.at(len(rows) / len(zones))
    return ZonalResult(*(np.array([_known(row[name]) for row in rows]) for name in WANTED))


def _known(value: Any) -> float:
    return float(value) if value is not None else float("nan")


METHODS = (
    Method(
        "zonal", zonal, Zonal,
        Text("Thống kê theo vùng", "Statistics by area"),
        Text("Tổng, trung bình, thấp nhất, cao nhất của một ảnh trong từng vùng; điểm ảnh ở ranh "
             "giới tính theo phần nằm trong.",
             "Sum, mean, lowest and highest of a raster in each area; pixels on the border count "
             "by the share inside."),
        (Input("raster", Text("Ảnh", "Raster"),
               Text("Mật độ, độ cao, ngập.", "Density, height, flood.")),
         Input("bounds", Text("Khung", "Box"),
               Text("Tây, nam, đông, bắc.", "West, south, east, north.")),
         Input("zones", Text("Các vùng", "Areas"),
               Text("Phường xã hay vùng tự vẽ.", "Wards or what is drawn."))),
        ("Baston, exactextract, https://github.com/isciences/exactextract",),
        (Text("Tổng chỉ đúng nếu ảnh ghi lượng mỗi ô, không phải mật độ.",
              "A sum is right only where the raster holds amounts a cell, not densities."),),
    ),
)  # fmt: skip
