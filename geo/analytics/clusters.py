"""Clusters of points by density: DBSCAN, the same in space and time, and HDBSCAN."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.analytics.catalogue import POINTS, Input, Method
from geo.analytics.checks import Bools, Floats, Ints, column, points
from geo.analytics.parameters import ParameterError, Parameters, number, required
from geo.analytics.progress import Progress, Stopped, Watch
from geo.text import Text

MOST_HDBSCAN = 50_000
MOST_ROWS = 1 << 30

EPS = required(
    Text("Bán kính", "Reach"),
    Text("Hai điểm cách nhau không quá chừng này là láng giềng.",
         "Two points at most this far apart are neighbours."),
    low=0.01, high=100_000, unit="m",
)  # fmt: skip
LEAST = number(
    10, Text("Số điểm tối thiểu", "Minimum points"),
    Text("Một điểm là lõi của cụm khi trong bán kính có ít nhất bấy nhiêu điểm, kể cả nó.",
         "A point is the core of a cluster if so many lie within reach, itself among them."),
    low=2, high=100_000,
)  # fmt: skip


@dataclass(frozen=True)
class Dbscan(Parameters):
    """What DBSCAN may be told."""

    eps_m: float = EPS
    least: int = LEAST


@dataclass(frozen=True)
class SpaceTimeDbscan(Parameters):
    """What DBSCAN in space and time may be told."""

    eps_m: float = EPS
    eps_s: float = required(
        Text("Khoảng thời gian", "Span of time"),
        Text("Láng giềng cũng phải cách nhau không quá chừng này về thời gian.",
             "Neighbours must also be at most this far apart in time."),
        low=1, high=3_155_760_000, unit="s",
    )  # fmt: skip
    least: int = LEAST


@dataclass(frozen=True)
class Hdbscan(Parameters):
    """What HDBSCAN may be told."""

    smallest: int = number(
        15, Text("Cụm nhỏ nhất", "Smallest cluster"),
        Text("Nhóm ít điểm hơn thế không được coi là cụm.",
             "A group of fewer points is no cluster."),
        low=2, high=10_000,
    )  # fmt: skip
    least: int = number(
        5, Text("Độ thận trọng", "Caution"),
        Text("Càng lớn thì càng nhiều điểm bị coi là lẻ loi.",
             "The larger, the more points are called noise."),
        low=1, high=1000,
    )  # fmt: skip


@dataclass(frozen=True)
class ClusterResult:
    """The cluster of each point, shape (n,): numbers from 0, −1 for points of none.

    ``core`` tells the points that carry their cluster; ``sizes`` has the points of each cluster.
    """

    labels: Ints
    core: Bools
    sizes: Ints


def dbscan(
    where: Any, parameters: Dbscan, *,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> ClusterResult:  # fmt: skip
    """Clusters of points in metres, shape (n, 2), labels equal to scikit-learn's.

    On a grid whose cells are so small that all their points are neighbours; a point at the border
    of several clusters belongs to the one found first. Raises ParameterError, Cancelled.

    Source: Ester, Kriegel, Sander, Xu (1996), KDD; the grid: Gunawan (2013), TU Eindhoven.
    """
    from geo.analytics import clusters_kernels as kernels

    watch = Watch(progress, cancelled)
    where = points("points", where)
    # always floats, or the loops would be compiled again for whole numbers
    eps2 = float(parameters.eps_m) ** 2
    # a hair smaller than eps / √2, so that rounding never makes neighbours of strangers
    grid = Grid(where, parameters.eps_m / np.sqrt(2) * (1 - 1e-9))
    watch.at(0.2)
    parts = (grid.x, grid.y, grid.first, grid.keys, grid.stride)
    core = kernels.cores(*parts, 2, eps2, parameters.least)
    watch.at(0.5)
    sets = kernels.joined(*parts, eps2, core)[grid.cell]
    watch.at(0.8)
    labels = kernels.numbered(grid.order, core, grid.first[sets])
    labels = kernels.with_borders(*parts, eps2, core, labels)
    watch.at(1)
    return grid.result(labels, core)


def space_time_dbscan(
    where: Any, seconds: Any, parameters: SpaceTimeDbscan, *,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> ClusterResult:  # fmt: skip
    """Clusters of events near each other in space and in time; ``seconds`` since any moment.

    Source: Birant, Kut (2007), Data & Knowledge Engineering 60, 208–221, without its optional
    limit on a third attribute.
    """
    from geo.analytics import clusters_kernels as kernels

    watch = Watch(progress, cancelled)
    where = points("points", where)
    t = column("seconds", seconds, len(where))
    grid = Grid(where, parameters.eps_m * (1 + 1e-9), t)
    t = t[grid.order]
    watch.at(0.2)
    parts = (grid.x, grid.y, t, grid.first, grid.keys, grid.stride)
    reach = (float(parameters.eps_m) ** 2, float(parameters.eps_s))
    core = kernels.space_time_cores(*parts, *reach, parameters.least)
    watch.at(0.5)
    sets = kernels.space_time_joined(*parts, *reach, core)
    watch.at(0.8)
    labels = kernels.numbered(grid.order, core, sets)
    labels = kernels.space_time_borders(*parts, *reach, core, labels)
    watch.at(1)
    return grid.result(labels, core)


def hdbscan(
    where: Any, parameters: Hdbscan | None = None, *,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> ClusterResult:  # fmt: skip
    """Clusters of differing density, by scikit-learn, of at most 50,000 points in metres.

    It cannot be stopped once begun. Source: Campello, Moulavi, Sander (2013), PAKDD.
    """
    from sklearn.cluster import HDBSCAN

    told, watch = parameters or Hdbscan(), Watch(progress, cancelled)
    where = points("points", where)
    if len(where) > MOST_HDBSCAN:
        raise ParameterError(
            "points", f"nhiều nhất {MOST_HDBSCAN} điểm; lọc bớt hoặc dùng DBSCAN",
            f"at most {MOST_HDBSCAN} points; filter them or use DBSCAN",
        )  # fmt: skip
    if len(where) < max(told.smallest, told.least):
        labels = np.full(len(where), -1)
        return ClusterResult(labels, labels >= 0, np.zeros(0, np.int64))
    watch.at(0.05)
    found = HDBSCAN(min_cluster_size=told.smallest, min_samples=told.least, copy=True).fit(where)
    watch.at(1)
    labels = found.labels_.astype(np.int64)
    return ClusterResult(labels, labels >= 0, np.bincount(labels[labels >= 0]))


class Grid:
    """Points sorted by square cell, and by a second key within the cell if given."""

    def __init__(self, where: Floats, side: float, then: Floats | None = None) -> None:
        low = where.min(axis=0, initial=np.inf) if len(where) else np.zeros(2)
        at = np.floor((where - low) / side).astype(np.int64) + 2
        if len(where) and at.max() > MOST_ROWS:
            raise ParameterError("eps_m", "quá nhỏ so với vùng", "too small for the area")
        self.stride = int(at[:, 0].max(initial=0)) + 8
        key = at[:, 1] * self.stride + at[:, 0]
        self.order = np.argsort(key, kind="stable") if then is None else np.lexsort((then, key))
        key = key[self.order]
        starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, int)
        self.keys = key[starts]
        self.first = np.r_[starts, len(key)].astype(np.int64)
        self.cell = np.repeat(np.arange(len(starts)), np.diff(self.first))
        self.x = np.ascontiguousarray(where[self.order, 0])
        self.y = np.ascontiguousarray(where[self.order, 1])

    def result(self, labels: Ints, core: Bools) -> ClusterResult:
        """Labels and cores of sorted points, told in the points' own order."""
        own_labels, own_core = np.empty_like(labels), np.empty_like(core)
        own_labels[self.order], own_core[self.order] = labels, core
        return ClusterResult(own_labels, own_core, np.bincount(labels[labels >= 0]))


CHANCE = Text("Cụm nói rằng điểm dày, không nói rằng dày bất thường: dùng điểm nóng để thử.",
              "A cluster says that points are dense, not that this is unusual: test with hot "
              "spots.")  # fmt: skip
METHODS = (
    Method(
        "dbscan", dbscan, Dbscan,
        Text("Cụm điểm (DBSCAN)", "Clusters of points (DBSCAN)"),
        Text("Những nhóm điểm dày, hình bất kỳ; điểm lẻ loi bị bỏ ra.",
             "Dense groups of points of any shape; lone points are left out."),
        (POINTS,),
        ("Ester, Kriegel, Sander, Xu (1996), KDD-96, 226–231",
         "Gunawan (2013), A faster algorithm for DBSCAN, TU Eindhoven"),
        (CHANCE, Text("Một bán kính cho cả thành phố: nơi đông dân dễ dính thành một cụm.",
                      "One reach for the whole city: crowded parts easily grow into one cluster.")),
    ),
    Method(
        "space-time-dbscan", space_time_dbscan, SpaceTimeDbscan,
        Text("Cụm trong không gian và thời gian", "Clusters in space and time"),
        Text("Những đợt sự việc gần nhau cả về chỗ lẫn về lúc.",
             "Bursts of events near each other in place and in time."),
        (POINTS, Input("seconds", Text("Thời điểm", "Times"),
                       Text("Giây tính từ một mốc bất kỳ.", "Seconds since any moment."))),
        ("Birant, Kut (2007), Data & Knowledge Engineering 60, 208–221",), (CHANCE,),
    ),
    Method(
        "hdbscan", hdbscan, Hdbscan,
        Text("Cụm nhiều mật độ (HDBSCAN)", "Clusters of several densities (HDBSCAN)"),
        Text("Như DBSCAN nhưng không cần bán kính: tìm cụm dày ở nội thành lẫn cụm thưa ở ngoại "
             f"thành. Nhiều nhất {MOST_HDBSCAN} điểm.",
             "As DBSCAN but without a reach: finds dense clusters downtown and sparse ones "
             f"outside. At most {MOST_HDBSCAN} points."),
        (POINTS,), ("Campello, Moulavi, Sander (2013), PAKDD, 160–172",), (CHANCE,),
    ),
)  # fmt: skip
