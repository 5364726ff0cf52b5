"""Local Moran's I: where high lies among high, and where a place differs from those around it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.analytics.catalogue import CELLS, COUNTS, DENOMINATOR, STUDY, Method
from geo.analytics.checks import Bools, Floats, Ints, column
from geo.analytics.counted import ALPHA, MINIMUM, RINGS, TAIL, opened
from geo.analytics.notes import notes_of
from geo.analytics.parameters import ParameterError, Parameters, choice
from geo.analytics.progress import Progress, Stopped, Watch
from geo.analytics.significance import adjusted_where, normal_p
from geo.text import Text

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

QUADRANTS = {
    1: Text("cao giữa cao", "high among high"),
    2: Text("thấp giữa cao", "low among high"),
    3: Text("thấp giữa thấp", "low among low"),
    4: Text("cao giữa thấp", "high among low"),
}


@dataclass(frozen=True)
class LocalMoran(Parameters):
    """What local Moran may be told."""

    rings: int = RINGS
    alpha: float = ALPHA
    minimum: int = MINIMUM
    null: str = choice(
        "conditional", Text("So với ngẫu nhiên nào", "Compared with which chance"),
        Text("Có điều kiện: giữ giá trị của ô, xáo trộn các ô khác. Toàn phần: xáo trộn tất cả.",
             "Conditional: the cell keeps its value and all others are shuffled. Total: all are "
             "shuffled."),
        {"conditional": Text("có điều kiện", "conditional"),
         "total": Text("toàn phần", "total")},
    )  # fmt: skip
    tail: str = TAIL


@dataclass(frozen=True)
class MoranStatistic:
    """Local I of each place with its moments under both kinds of chance, all shape (n,).

    ``quadrant`` 1 high among high, 2 low among high, 3 low among low, 4 high among low.
    """

    i: Floats
    quadrant: Ints
    expected_conditional: Floats
    variance_conditional: Floats
    expected_total: Floats
    variance_total: Floats

    def z(self, null: str = "conditional") -> Floats:
        """Standard scores; NaN where the variance is 0, as at a value equal to the mean."""
        conditional = null == "conditional"
        expected = self.expected_conditional if conditional else self.expected_total
        variance = self.variance_conditional if conditional else self.variance_total
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (self.i - expected) / np.sqrt(variance)
        return np.where(np.isfinite(z), z, np.nan)


@dataclass(frozen=True)
class MoranResult:
    """One row a cell, sorted by cell; ``cluster`` is the quadrant where it is significant, else 0.

    ``p`` is two-sided, ``q`` adjusted among the ``ranked``; islands have NaN and are not ranked.
    """

    cells: Ints
    value: Floats
    statistic: MoranStatistic
    z: Floats
    p: Floats
    q: Floats
    cluster: Ints
    ranked: Bools
    outside: int
    rate: bool
    study_given: bool

    @property
    def notes(self) -> tuple[Text, ...]:
        """What to say under the map."""
        return notes_of(self.rate, self.study_given, self.ranked, self.outside)


def local_moran(
    cells: Any, counts: Any, parameters: LocalMoran | None = None, *, study: Any = None,
    denominator: Any = None, progress: Progress | None = None, cancelled: Stopped | None = None,
) -> MoranResult:  # fmt: skip
    """Clusters and outliers of counts or rates on H3 cells, inputs as ``hot_spots``.

    Row-standardised weights without the cell itself. Raises ParameterError, Cancelled.
    """
    told, watch = parameters or LocalMoran(), Watch(progress, cancelled)
    table, w, around = opened(
        cells, counts, told, study=study, denominator=denominator, itself=False, watch=watch
    )
    statistic = moran_statistic(table.value, w)
    z = statistic.z(told.null)
    z[around.sizes == 0] = np.nan
    ranked = np.isfinite(z) & around.enough
    if told.tail == "exact" and told.null == "conditional":
        # with the cell's own value kept, chance is that of its neighbours' sum alone
        p = around.p(table.value, np.sign(table.value - table.value.mean()) * z)
    else:
        p = normal_p(z)
    q = adjusted_where(p, ranked)
    watch.at(1)
    cluster = np.where(ranked & (q <= told.alpha), statistic.quadrant, 0)
    return MoranResult(
        table.cells, table.value, statistic, z, p, q, cluster, ranked, table.outside,
        denominator is not None, study is not None,
    )  # fmt: skip


def moran_statistic(y: Any, w: "csr_matrix", *, row_standardised: bool = True) -> MoranStatistic:
    """Local I with analytic moments, equal to esda's Is, EI, VI, EIc, VIc and q.

    ``w`` shape (n, n) without self-weights. Raises ParameterError where all values are equal.

    Source: Anselin (1995), Geographical Analysis 27, 93–115; Sokal, Oden, Thomson (1998),
    Geographical Analysis 30, 331–354, equations A3, A4*, A7, A8.
    """
    from scipy import sparse

    y = column("y", y, w.shape[0])
    n = len(y)
    if n < 3 or (spread := y.std()) == 0:
        raise ParameterError("y", "cần ít nhất 3 giá trị không bằng nhau",
                             "at least 3 values that differ are needed")  # fmt: skip
    z = (y - y.mean()) / spread
    ones = np.ones(n)
    lag, weight = w @ z, w @ ones
    squares = sparse.csr_matrix((w.data**2, w.indices, w.indptr), shape=w.shape) @ ones
    if row_standardised:
        # as if each row of w were divided by its sum, without another matrix
        total = np.where(weight > 0, weight, 1)
        lag, weight, squares = lag / total, weight / total, squares / total**2
    z2, weight2 = z * z, weight * weight
    m2 = z2.sum() / n
    b2 = (z2 * z2).sum() / n / m2**2
    conditional = z2 / m2**2 * n / (n - 2) * (squares - weight2 / (n - 1)) * (m2 - z2 / (n - 1))
    total_variance = (
        squares * (n - b2) / (n - 1)
        + (weight2 - squares) * (2 * b2 - n) / ((n - 1) * (n - 2))
        - weight2 / (n - 1) ** 2
    )
    high, high_around = z > 0, lag > 0
    quadrant = np.where(high, np.where(high_around, 1, 4), np.where(high_around, 2, 3))
    return MoranStatistic(
        (n - 1) * z * lag / z2.sum(), quadrant,
        -z2 * weight / ((n - 1) * m2), conditional, -weight / (n - 1), total_variance,
    )  # fmt: skip


METHODS = (
    Method(
        "local-moran", local_moran, LocalMoran,
        Text("Cụm và ngoại lệ", "Clusters and outliers"),
        Text("Nơi cao nằm giữa nơi cao, thấp giữa thấp, và những ô khác hẳn xung quanh: chỉ số "
             "Moran địa phương với phương sai giải tích.",
             "Where high lies among high, low among low, and cells unlike those around them: "
             "local Moran's I with analytic variance."),
        (CELLS, COUNTS, STUDY, DENOMINATOR),
        ("Anselin (1995), Geographical Analysis 27, 93–115",
         "Sokal, Oden, Thomson (1998), Geographical Analysis 30, 331–354",
         "Benjamini, Hochberg (1995), J. R. Statist. Soc. B 57, 289–300"),
        (Text("Khi so với ngẫu nhiên toàn phần luôn dùng xấp xỉ chuẩn, vốn báo quá nhiều khi số "
              "đếm ít.",
              "Compared with total chance the normal approximation is used always, which reports "
              "too much where counts are few."),
         Text("Ô không có láng giềng không được xét.", "Cells without neighbours are left out.")),
    ),
)  # fmt: skip
