"""What lies in a hazard's zones: points inside, and of each area how many and how much ground."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.analytics.catalogue import POINTS, Input, Method
from geo.analytics.checks import Floats, Ints, points
from geo.analytics.parameters import ParameterError, Parameters, number
from geo.analytics.progress import Progress, Stopped, Watch
from geo.text import Text

MOST_AREAS = 100_000


@dataclass(frozen=True)
class Exposure(Parameters):
    """What exposure may be told."""

    margin_m: float = number(
        0.0, Text("Nới vùng thêm", "Widen the zones by"),
        Text("Tính cả những gì cách mép vùng không quá khoảng này.",
             "Also count what is no farther than this from a zone's edge."),
        low=0, high=5000, unit="m",
    )  # fmt: skip


@dataclass(frozen=True)
class ExposureResult:
    """``inside`` of each point, shape (n,); the rest by area: points in it, points of it inside,
    their share (NaN where it has none), km² inside, their share of the area, and the ``parts`` of
    the areas that lie in a zone. A point on the border of two areas belongs to the first."""

    inside: Any
    total: Ints
    exposed: Ints
    share: Floats
    km2: Floats
    area_share: Floats
    parts: list[Any]


def exposure(
    where: Any, zones: Any, areas: Any, parameters: Exposure | None = None, *,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> ExposureResult:  # fmt: skip
    """Points in metres, shape (n, 2), and shapely areas against shapely zones, all in metres.

    Zones that overlap count once. Raises ParameterError, Cancelled.

    Source: de Moel, van Alphen, Aerts (2009), Nat. Hazards Earth Syst. Sci. 9, 289–301.
    """
    import shapely

    told, watch = parameters or Exposure(), Watch(progress, cancelled)
    where, areas = points("points", where), list(areas)
    if not 1 <= len(areas) <= MOST_AREAS:
        raise ParameterError("areas", f"cần 1 đến {MOST_AREAS} vùng",
                             f"1 to {MOST_AREAS} areas are needed")  # fmt: skip
    danger = shapely.union_all([zone for zone in zones if not shapely.is_empty(zone)])
    if shapely.is_empty(danger):
        raise ParameterError("zones", "không có vùng nào", "there is no zone")
    if told.margin_m > 0:
        danger = shapely.buffer(danger, told.margin_m)
    watch.at(0.2)
    inside = _covered(danger, where)
    of = np.full(len(where), -1, np.int64)
    parts = []
    for number_, area in enumerate(areas):
        free = np.flatnonzero(of < 0)
        of[free[_covered(area, where[free])]] = number_
        parts.append(shapely.intersection(area, danger))
        watch.at(0.2 + 0.8 * (number_ + 1) / len(areas))
    total = np.bincount(of[of >= 0], minlength=len(areas))
    exposed = np.bincount(of[(of >= 0) & inside], minlength=len(areas))
    km2 = shapely.area(np.array(parts, dtype=object)) / 1e6
    whole = shapely.area(np.array(areas, dtype=object)) / 1e6
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, exposed / total, np.nan)
        area_share = np.where(whole > 0, km2 / whole, 0.0)
    return ExposureResult(inside, total, exposed, share, km2, area_share, parts)


def _covered(shape: Any, xy: Floats) -> Any:
    """Whether each position lies in a shape or on its border, shape (n,)."""
    import shapely

    found = np.zeros(len(xy), bool)
    if shapely.is_empty(shape) or len(xy) == 0:
        return found
    west, south, east, north = shapely.bounds(shape)
    x, y = xy[:, 0], xy[:, 1]
    near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    shapely.prepare(shape)
    found[near] = shapely.intersects_xy(shape, x[near], y[near])
    return found


METHODS = (
    Method(
        "exposure", exposure, Exposure,
        Text("Phơi nhiễm trong vùng ngập, vùng nguy hiểm", "Exposure to flood and other zones"),
        Text("Bao nhiêu đối tượng và bao nhiêu km² của từng phường, xã nằm trong các vùng của một "
             "lớp khác: vùng ngập, vùng nhìn camera, vùng cảnh báo.",
             "How many features and how many km² of each ward lie in the zones of another layer: "
             "flood zones, fields of view, warnings."),
        (POINTS,
         Input("zones", Text("Các vùng", "Zones"),
               Text("Vùng ngập hay vùng nguy hiểm; chồng nhau thì tính một lần.",
                    "Floods or other hazards; where they overlap they count once.")),
         Input("areas", Text("Các phường, xã", "Areas"),
               Text("Kết quả cho từng phường, xã.", "The result is told for each of them."))),
        ("de Moel, van Alphen, Aerts (2009), Nat. Hazards Earth Syst. Sci. 9, 289–301",),
        (Text("Nằm trong vùng chưa phải là thiệt hại: độ sâu, thời gian và sức chịu đựng không có "
              "trong phép đếm này.",
              "To lie in a zone is not yet damage: depth, duration and how vulnerable a thing is "
              "are not in this count."),
         Text("Mép vùng ngập có sai số của địa hình; hãy nới vùng để xem kết quả đổi bao nhiêu.",
              "A flood's edge is as uncertain as the terrain; widen the zones to see how much the "
              "result changes.")),
    ),
)  # fmt: skip
