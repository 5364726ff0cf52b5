"""Hot and cold spots of counts or rates on H3 cells: Getis and Ord's G statistics."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.analytics.catalogue import CELLS, COUNTS, DENOMINATOR, STUDY, Method
from geo.analytics.checks import Bools, Floats, Ints, column
from geo.analytics.counted import ALPHA, MINIMUM, RINGS, TAIL, opened
from geo.analytics.notes import notes_of
from geo.analytics.parameters import ParameterError, Parameters
from geo.analytics.progress import Progress, Stopped, Watch
from geo.analytics.significance import adjusted_where, normal_p
from geo.text import Text

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True)
class HotSpots(Parameters):
    """What the hot-spot analysis may be told."""

    rings: int = RINGS
    alpha: float = ALPHA
    minimum: int = MINIMUM
    tail: str = TAIL


@dataclass(frozen=True)
class HotSpotResult:
    """One row a cell, sorted by cell: what was counted, how unusual it is, and the verdict.

    ``value`` is the count or the rate; ``z`` Gi*'s score; ``p`` two-sided; ``q`` adjusted for many
    tests among the ``ranked``; ``sign`` 1 hot, −1 cold, 0 neither; ``around`` the events in the
    neighbourhood; ``outside`` the events in cells that are no part of the study area.
    """

    cells: Ints
    value: Floats
    z: Floats
    p: Floats
    q: Floats
    sign: Ints
    ranked: Bools
    around: Floats
    outside: int
    rate: bool
    study_given: bool

    @property
    def notes(self) -> tuple[Text, ...]:
        """What to say under the map."""
        return notes_of(self.rate, self.study_given, self.ranked, self.outside)


def hot_spots(
    cells: Any, counts: Any, parameters: HotSpots | None = None, *, study: Any = None,
    denominator: Any = None, progress: Progress | None = None, cancelled: Stopped | None = None,
) -> HotSpotResult:  # fmt: skip
    """Hot and cold cells by Getis-Ord Gi*, binary weights with the cell itself.

    ``denominator`` is aligned with ``study`` where that is given, else with ``cells``; cells
    where it is 0 have no rate and are left out. Raises ParameterError, Cancelled.

    Source: Ord, Getis (1995), Geographical Analysis 27, 286–306.
    """
    told, watch = parameters or HotSpots(), Watch(progress, cancelled)
    table, w, around = opened(
        cells, counts, told, study=study, denominator=denominator, itself=True, watch=watch
    )
    z = g_local(table.value, w, star=True)[1]
    ranked = np.isfinite(z) & around.enough
    p = around.p(table.value, z) if told.tail == "exact" else normal_p(z)
    q = adjusted_where(p, ranked)
    watch.at(1)
    sign = (np.sign(np.nan_to_num(z)) * (ranked & (q <= told.alpha))).astype(np.int64)
    return HotSpotResult(
        table.cells, table.value, z, p, q, sign, ranked, around.events, table.outside,
        denominator is not None, study is not None,
    )  # fmt: skip


def g_local(y: Any, w: "csr_matrix", *, star: bool, row_standardised: bool = False) -> Any:
    """(G, z) of each place: Gi* with the diagonal of ``w`` counted in, Gi without it.

    ``w`` is binary, shape (n, n); ``star`` puts 1 on a diagonal that is missing. Scores are NaN
    where they are not defined (all values equal, every place a neighbour).
    Source: Getis, Ord (1992); Ord, Getis (1995); moments as esda's ``G_Local``.
    """
    from scipy import sparse

    y = column("y", y, w.shape[0])
    w = w - sparse.diags(w.diagonal()) if not star or (w.diagonal() == 0).any() else w
    w = (w + sparse.identity(w.shape[0])).tocsr() if star and (w.diagonal() == 0).any() else w
    sums, weight = w @ y, np.asarray(w.sum(axis=1)).ravel()
    if row_standardised:
        safe = np.where(weight > 0, weight, 1)
        sums, weight = sums / safe, weight / safe
    n = len(y) - (not star)
    rest = y.sum() - (0 if star else y)
    mean = rest / n
    variance = ((y**2).sum() - (0 if star else y**2)) / n - mean**2
    with np.errstate(divide="ignore", invalid="ignore"):
        g = sums / rest
        spread = np.sqrt(weight * (n - weight) / (n - 1) / n**2 * variance / mean**2)
        z = (g - weight / n) / spread
    z[~np.isfinite(z)] = np.nan
    return g, z


@dataclass(frozen=True)
class GlobalG:
    """Getis and Ord's general G: whether high values lie together anywhere at all."""

    g: float
    expected: float
    variance: float
    z: float
    p: float


def g_global(y: Any, w: "csr_matrix") -> GlobalG:
    """General G of non-negative values with binary weights; ``p`` one-sided as in esda.

    Source: Getis, Ord (1992), Geographical Analysis 24, 189–206.
    """
    from scipy import sparse

    y = column("y", y, w.shape[0], low=0)
    n = len(y)
    if n < 4 or np.count_nonzero(y) < 2:
        raise ParameterError("y", "cần ít nhất 4 nơi, trong đó 2 nơi khác 0",
                             "at least 4 places are needed, 2 of them not 0")  # fmt: skip
    w = (w - sparse.diags(w.diagonal())).tocsr()
    s0, both = w.sum(), (w + w.T)
    s1 = both.multiply(both).sum() / 2
    s2 = float(((np.asarray(w.sum(axis=0)).ravel() + np.asarray(w.sum(axis=1)).ravel()) ** 2).sum())
    m1, m2, m3, m4 = (float((y**power).sum()) for power in (1, 2, 3, 4))
    g = float(y @ (w @ y)) / (m1**2 - m2)
    expected = s0 / (n * (n - 1))
    second = (
        ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) * m2**2
        - ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2) * m4
        - (2 * n * s1 - (n + 3) * s2 + 6 * s0**2) * m1**2 * m2
        + (4 * (n - 1) * s1 - 2 * (n + 1) * s2 + 8 * s0**2) * m1 * m3
        + (s1 - s2 + s0**2) * m1**4
    ) / ((m1**2 - m2) ** 2 * n * (n - 1) * (n - 2) * (n - 3))
    variance = second - expected**2
    z = (g - expected) / np.sqrt(variance)
    return GlobalG(g, float(expected), float(variance), float(z), float(normal_p(z)) / 2)


METHODS = (
    Method(
        "hot-spots", hot_spots, HotSpots,
        Text("Điểm nóng và điểm lạnh", "Hot and cold spots"),
        Text("Ô nào cùng các ô quanh nó có nhiều (hoặc ít) hơn hẳn so với khi sự việc rải ngẫu "
             "nhiên trên vùng nghiên cứu: Getis-Ord Gi* trên ô lục giác, có hiệu chỉnh vì thử "
             "nhiều ô cùng lúc.",
             "Which cells, together with those around them, have clearly more (or fewer) events "
             "than if these were scattered over the study area by chance: Getis-Ord Gi* on "
             "hexagons, corrected for testing many cells at once."),
        (CELLS, COUNTS, STUDY, DENOMINATOR),
        ("Getis, Ord (1992), Geographical Analysis 24, 189–206",
         "Ord, Getis (1995), Geographical Analysis 27, 286–306",
         "Benjamini, Hochberg (1995), J. R. Statist. Soc. B 57, 289–300",
         "Lugannani, Rice (1980), Adv. Appl. Prob. 12, 475–490"),
        (Text("Số đếm không có mẫu số chủ yếu vẽ lại nơi đông người.",
              "Counts without a denominator mostly redraw where people are."),
         Text("Ô bị bờ biển hay ranh giới cắt có ít đất hơn; hãy lấy km² đất liền làm mẫu số.",
              "Cells cut by the coast or a border have less land; take km² of land as "
              "denominator."),
         Text("Điểm nóng không nói vì sao; đổi cỡ ô có thể đổi kết quả.",
              "A hot spot does not say why; another size of cell may change the result.")),
    ),
)  # fmt: skip
