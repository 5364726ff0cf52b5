"""Counts or rates on H3 cells: what hot spots and local Moran both begin with."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.analytics.checks import Bools, Floats, Ints, column
from geo.analytics.lattice import neighbours
from geo.analytics.parameters import ParameterError, choice, number
from geo.analytics.progress import Watch
from geo.analytics.significance import sum_p
from geo.text import Text

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

RINGS = number(
    1, Text("Số vòng lân cận", "Rings of neighbours"),
    Text("Mỗi ô được xét cùng các ô trong bấy nhiêu vòng quanh nó; nhiều vòng thì cụm to hơn và "
         "mờ hơn.",
         "Each cell is looked at together with the cells in so many rings around it; more rings "
         "give larger, blurrier clusters."),
    low=1, high=10,
)  # fmt: skip
ALPHA = number(
    0.05, Text("Tỷ lệ báo nhầm chấp nhận", "Accepted share of false finds"),
    Text("Trong các ô được báo, nhiều nhất bấy nhiêu phần trung bình là do ngẫu nhiên "
         "(Benjamini–Hochberg).",
         "Among the cells that are reported, at most this share is chance on average "
         "(Benjamini–Hochberg)."),
    low=0.0001, high=0.5,
)  # fmt: skip
MINIMUM = number(
    5, Text("Số đếm tối thiểu", "Minimum count"),
    Text("Ô mà vùng lân cận vừa có vừa được trông đợi ít sự việc hơn số này thì không xếp hạng: "
         "số nhỏ nhảy theo ngẫu nhiên.",
         "A cell whose neighbourhood both has and would be expected to have fewer events than "
         "this is not ranked: small numbers jump by chance."),
    low=0, high=1000,
)  # fmt: skip
TAIL = choice(
    "exact", Text("Cách tính xác suất", "How the probability is worked out"),
    Text("z luôn như nhau. Xấp xỉ chuẩn báo quá nhiều khi số đếm ít và lệch; cách chính xác dùng "
         "điểm yên ngựa trên chính các giá trị đã đếm.",
         "z is the same in both. The normal approximation reports too much where counts are few "
         "and skewed; the exact way uses a saddlepoint on the very values that were counted."),
    {"exact": Text("chính xác (điểm yên ngựa)", "exact (saddlepoint)"),
     "normal": Text("xấp xỉ chuẩn, như PySAL", "normal approximation, as PySAL")},
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Cells of the study area, sorted, with count, denominator (1 where none) and value."""

    cells: Ints
    count: Floats
    base: Floats
    value: Floats
    outside: int


@dataclass(frozen=True)
class Around:
    """What lies in each cell's neighbourhood, all shape (n,); ``events`` are those of the cell too.

    ``sizes`` and ``sums`` of values are of the cells with a weight; ``enough`` where the events or
    those expected at the mean rate are no small number.
    """

    events: Floats
    sizes: Floats
    sums: Floats
    enough: Bools

    def p(self, values: Floats, z: Floats) -> Floats:
        """Two-sided p-values of the sums, exact in the tail, on the side of each ``z``."""
        return sum_p(values, self.sizes, self.sums, z)


def opened(
    cells: Any, counts: Any, told: Any, *, study: Any, denominator: Any, itself: bool, watch: Watch
) -> tuple[Table, "csr_matrix", Around]:
    """The study area's cells, who neighbours whom, and what lies around each.

    ``told`` has ``rings`` and ``minimum``; ``itself`` counts a cell among its neighbours. Takes
    progress from 0 to 0.6. Raises ParameterError, Cancelled.
    """
    table = tabulated(cells, counts, study, denominator)
    watch.at(0.1)
    w = neighbours(table.cells, told.rings, itself)
    watch.at(0.6)
    events, sizes = w @ table.count, np.diff(w.indptr).astype(np.float64)
    base = w @ table.base if denominator is not None else sizes
    sums = w @ table.value if denominator is not None else events
    if not itself:
        events, base = events + table.count, base + table.base
    expected = base * (table.count.sum() / table.base.sum())
    enough = np.maximum(events, expected) >= told.minimum
    return table, w, Around(events, sizes, sums, enough)


def tabulated(cells: Any, counts: Any, study: Any, denominator: Any) -> Table:
    """The study area's cells with zeros where nothing was counted. Raises ParameterError."""
    cells = np.asarray(cells, dtype=np.int64)
    counts = column("counts", counts, len(cells), low=0)
    area = np.asarray(cells if study is None else study, dtype=np.int64)
    order = np.argsort(area)
    area = area[order]
    if len(area) < 3:
        raise ParameterError("study", "cần ít nhất 3 ô", "at least 3 cells are needed")
    if (area[1:] == area[:-1]).any():
        raise ParameterError("study", "có ô lặp lại", "the same cell twice")
    base = np.ones(len(area))
    if denominator is not None:
        base = column("denominator", denominator, len(area), low=0)[order]
    at = np.minimum(np.searchsorted(area, cells), len(area) - 1)
    inside = area[at] == cells
    count = np.bincount(at[inside], counts[inside], len(area)).astype(np.float64)
    keep = base > 0
    area, count, base = area[keep], count[keep], base[keep]
    outside = round(counts.sum() - count.sum())
    if len(area) < 3 or count.sum() == 0:
        raise ParameterError("counts", "không có sự việc nào trong vùng nghiên cứu",
                             "nothing was counted in the study area")  # fmt: skip
    return Table(area, count, base, count / base, outside)
