"""Who has a facility within reach: the nearest one, coverage by distance, rings on the map."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.analytics.catalogue import Input, Method
from geo.analytics.checks import Floats, Ints, column, points
from geo.analytics.parameters import ParameterError, Parameters, numbers
from geo.analytics.progress import Progress, Stopped, Watch
from geo.text import Text

DISTANCES = numbers(
    (500, 1000, 2000), Text("Các khoảng cách", "Distances"),
    Text("Các ngưỡng tăng dần, tính bằng mét đường chim bay.",
         "Rising limits in metres as the crow flies."), unit="m",
)  # fmt: skip


@dataclass(frozen=True)
class Coverage(Parameters):
    """What coverage may be told."""

    distances_m: tuple[float, ...] = DISTANCES

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.distances_m or min(self.distances_m) <= 0 or len(self.distances_m) > 20:
            raise ParameterError("distances_m", "cần 1 đến 20 khoảng cách lớn hơn 0",
                                 "1 to 20 distances above 0 are needed")  # fmt: skip


@dataclass(frozen=True)
class CoverageResult:
    """How far each place is from its nearest facility, and how much lies within each distance.

    ``nearest`` is the facility's index and ``distance_m`` how far, shape (n,); ``within`` the
    weight within each distance and ``share`` of all, shape (distances,); ``group_share`` the same
    for each group, shape (groups, distances), NaN where a group has no weight.
    """

    nearest: Ints
    distance_m: Floats
    within: Floats
    share: Floats
    mean_m: float
    median_m: float
    group_share: Floats | None


def coverage(
    where: Any, facilities: Any, parameters: Coverage | None = None, *, weights: Any = None,
    groups: Any = None, progress: Progress | None = None, cancelled: Stopped | None = None,
) -> CoverageResult:  # fmt: skip
    """Nearest facility and coverage of places in metres, shape (n, 2), weighted by people.

    ``groups`` numbers each place's ward from 0. Raises ParameterError, Cancelled.
    """
    from scipy.spatial import cKDTree

    told, watch = parameters or Coverage(), Watch(progress, cancelled)
    where, facilities = points("points", where), points("facilities", facilities)
    if len(where) == 0 or len(facilities) == 0:
        raise ParameterError("facilities", "cần ít nhất một nơi và một cơ sở",
                             "at least one place and one facility are needed")  # fmt: skip
    weight = np.ones(len(where)) if weights is None else column("weights", weights, len(where), 0)
    if weight.sum() == 0:
        raise ParameterError("weights", "tổng trọng số bằng 0", "the weights add up to 0")
    distance, nearest = cKDTree(facilities).query(where)
    watch.at(0.8)
    inside = distance[:, None] <= np.array(told.distances_m)
    within = weight @ inside
    order = np.argsort(distance)
    half = np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)
    shares = None
    if groups is not None:
        group = column("groups", groups, len(where), 0).astype(np.int64)
        total = np.bincount(group, weight)
        parts = np.column_stack([np.bincount(group, weight * part) for part in inside.T])
        shares = np.divide(parts, total[:, None], out=np.full_like(parts, np.nan),
                           where=total[:, None] > 0)  # fmt: skip
    watch.at(1)
    return CoverageResult(
        nearest.astype(np.int64), distance, within, within / weight.sum(),
        float(np.average(distance, weights=weight)),
        float(distance[order[min(half, len(order) - 1)]]), shares,
    )  # fmt: skip


def distance_rings(
    facilities: Any, parameters: Coverage | None = None, *, mask: Any = None,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> list[Any]:  # fmt: skip
    """One shapely geometry in metres a distance: nearer than it and not than the one before.

    ``mask`` is a shapely polygon, such as land, outside which nothing is kept. Circles have 64
    corners, so they are up to 0.1 % of the distance too small.
    """
    import shapely

    told, watch = parameters or Coverage(), Watch(progress, cancelled)
    centres = shapely.points(points("facilities", facilities))
    rings, before = [], shapely.Polygon()
    for done, distance in enumerate(told.distances_m, 1):
        disc = shapely.union_all(shapely.buffer(centres, distance, quad_segs=16))
        disc = disc if mask is None else shapely.intersection(disc, mask)
        rings.append(shapely.difference(disc, before))
        before = disc
        watch.at(done / len(told.distances_m))
    return rings


FACILITIES = Input("facilities", Text("Cơ sở", "Facilities"),
                   Text("Nơi cung cấp dịch vụ, tọa độ mét.",
                        "Where the service is, in metres."))  # fmt: skip
PLACES = Input("points", Text("Nơi có nhu cầu", "Places in need"),
               Text("Điểm dân cư hay tâm ô, tọa độ mét.",
                    "Dwellings or centres of cells, in metres."))  # fmt: skip
PEOPLE = Input("weights", Text("Số dân", "People"),
               Text("Số dân của mỗi nơi; thiếu thì mỗi nơi tính như nhau và tỷ lệ là tỷ lệ nơi, "
                    "không phải tỷ lệ dân.",
                    "People at each place; without it each place counts the same and a share is "
                    "of places, not of people."), optional=True)  # fmt: skip
CROW = Text("Đường chim bay: sông, đầm và đường một chiều không được tính. Chưa có mạng đường.",
            "As the crow flies: rivers, lagoons and one-way streets are not counted. There is no "
            "road network yet.")  # fmt: skip
METHODS = (
    Method(
        "coverage", coverage, Coverage,
        Text("Cơ sở gần nhất và độ bao phủ", "Nearest facility and coverage"),
        Text("Mỗi nơi cách cơ sở gần nhất bao xa, và bao nhiêu phần dân ở trong từng khoảng cách.",
             "How far each place is from its nearest facility, and which share of people lives "
             "within each distance."),
        (PLACES, FACILITIES, PEOPLE,
         Input("groups", Text("Phường xã", "Wards"),
               Text("Mỗi nơi thuộc phường xã nào, đánh số từ 0.",
                    "Which ward each place is in, numbered from 0."), optional=True)),
        ("Bentley (1975), Comm. ACM 18, 509–517 (k-d tree)",), (CROW,),
    ),
    Method(
        "distance-rings", distance_rings, Coverage,
        Text("Vành khoảng cách", "Rings of distance"),
        Text("Vùng gần cơ sở hơn từng khoảng cách.", "The area nearer than each distance."),
        (FACILITIES,
         Input("mask", Text("Đất liền", "Land"),
               Text("Vùng được giữ lại.", "What is kept."), optional=True)),
        ("de Berg et al. (2008), Computational Geometry, 13",), (CROW,),
    ),
)  # fmt: skip
