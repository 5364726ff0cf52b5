"""Classes for a coloured map: where to cut, how well that fits, and two values at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.analytics.catalogue import Input, Method
from geo.analytics.checks import Floats, Ints
from geo.analytics.parameters import ParameterError, Parameters, choice, number, numbers
from geo.analytics.progress import Progress, Stopped, Watch
from geo.text import Text

BARS = 60


@dataclass(frozen=True)
class Classes(Parameters):
    """What a classification may be told."""

    method: str = choice(
        "quantile", Text("Cách chia", "How to cut"),
        Text("Ngưỡng giữa các lớp được đặt thế nào.", "How the limits between classes are set."),
        {"quantile": Text("bằng nhau về số lượng", "as many in each"),
         "natural": Text("khoảng trống tự nhiên (Jenks, tối ưu)", "natural breaks (optimal)"),
         "equal": Text("khoảng đều", "equal steps"),
         "custom": Text("tự đặt", "own limits")},
    )  # fmt: skip
    count: int = number(
        5, Text("Số lớp", "Classes"),
        Text("Mắt phân biệt được khoảng bảy màu trên bản đồ.",
             "Eyes tell about seven colours apart on a map."),
        low=2, high=12,
    )  # fmt: skip
    limits: tuple[float, ...] = numbers(
        (), Text("Ngưỡng tự đặt", "Own limits"),
        Text("Cận trên của từng lớp trừ lớp cuối, tăng dần.",
             "The upper limit of each class but the last, rising."),
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method == "custom" and not 1 <= len(self.limits) <= 11:
            raise ParameterError("limits", "cần 1 đến 11 ngưỡng", "1 to 11 limits are needed")


@dataclass(frozen=True)
class ClassesResult:
    """``limits`` are upper limits that belong to their class, the last the largest value.

    ``of`` is each value's class from 0, −1 where it is empty (NaN); ``counts`` by class; ``fit``
    the share of variance between classes (1: every class has one value); ``bars`` the histogram's
    counts and ``edges`` its limits.
    """

    limits: Floats
    of: Ints
    counts: Ints
    fit: float
    bars: Ints
    edges: Floats


def classified(
    values: Any, parameters: Classes | None = None, *,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> ClassesResult:  # fmt: skip
    """Classes of values, shape (n,), NaN being empty; fewer where values are fewer.

    Natural breaks are the true optimum, not an approximation. Raises ParameterError, Cancelled.

    Source: Fisher (1958), JASA 53, 789–798; Jenks (1977); the search: Grønlund et al. (2017),
    arXiv:1701.07204.
    """
    told, watch = parameters or Classes(), Watch(progress, cancelled)
    every = np.asarray(values, dtype=np.float64)
    filled = np.isfinite(every)
    known = every[filled]
    if every.ndim != 1 or len(known) == 0:
        raise ParameterError("values", "không có giá trị nào", "there are no values")
    watch.at(0.1)
    limits = _limits(known, told)
    watch.at(0.9)
    of = np.full(len(every), -1)
    of[filled] = np.searchsorted(limits[:-1], known)
    counts = np.bincount(of[filled], minlength=len(limits))
    bars, edges = np.histogram(known, BARS)
    watch.at(1)
    return ClassesResult(limits, of, counts, _fit(known, of[filled]), bars, edges)


def _limits(known: Floats, told: Classes) -> Floats:
    top = known.max()
    if told.method == "custom":
        inner = np.array(told.limits, dtype=np.float64)
        return np.r_[inner, max(top, np.nextafter(inner[-1], np.inf))]
    distinct = np.unique(known)
    if len(distinct) <= told.count and told.method != "equal":
        return distinct
    if told.method == "quantile":
        # a limit is a value, so that equal values never part
        shares = np.arange(1, told.count + 1) / told.count
        return np.unique(np.quantile(known, shares, method="inverted_cdf"))
    if told.method == "equal":
        return np.unique(np.linspace(known.min(), top, told.count + 1)[1:])
    return natural_breaks(known, told.count)


def natural_breaks(values: Any, count: int) -> Floats:
    """Upper limits of the classes with the least squared deviation, shape (count,), exactly."""
    from geo.analytics.classes_kernels import optimal_cuts

    value, weight = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    if len(value) <= count:
        return value
    # centred, so that sums of squares do not cancel
    cuts = optimal_cuts(value - value.mean(), weight.astype(np.float64), count)
    return value[cuts]


def _fit(known: Floats, of: Ints) -> float:
    spread = ((known - known.mean()) ** 2).sum()
    mean = np.bincount(of, known) / np.maximum(np.bincount(of), 1)
    return float(1 - ((known - mean[of]) ** 2).sum() / spread) if spread > 0 else 1.0


@dataclass(frozen=True)
class Bivariate(Parameters):
    """What a map of two values may be told."""

    count: int = number(
        3, Text("Số lớp mỗi chiều", "Classes each way"),
        Text("Ba lớp mỗi chiều cho chín màu; nhiều hơn thì khó đọc.",
             "Three each way give nine colours; more are hard to read."),
        low=2, high=4,
    )  # fmt: skip
    method: str = choice(
        "quantile", Text("Cách chia", "How to cut"),
        Text("Như với một giá trị.", "As for one value."),
        {"quantile": Text("bằng nhau về số lượng", "as many in each"),
         "natural": Text("khoảng trống tự nhiên", "natural breaks"),
         "equal": Text("khoảng đều", "equal steps")},
    )  # fmt: skip


@dataclass(frozen=True)
class BivariateResult:
    """``of`` is row · count + column by the classes of the first and second value, −1 empty.

    ``table`` shape (count, count) has how many lie in each; ``correlation`` is Spearman's.
    """

    of: Ints
    first: ClassesResult
    second: ClassesResult
    table: Ints
    correlation: float


def bivariate(
    first: Any, second: Any, parameters: Bivariate | None = None, *,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> BivariateResult:  # fmt: skip
    """Classes of two values at the same places, for a map with a square legend.

    Source: Robertson, O'Callaghan (1986), IEEE CG&A 6, 24–32; Trumbo (1981), Am. Statistician 35.
    """
    from scipy import stats

    told, watch = parameters or Bivariate(), Watch(progress, cancelled)
    pair = [np.asarray(values, dtype=np.float64) for values in (first, second)]
    if pair[0].shape != pair[1].shape:
        raise ParameterError("second", "hai dãy khác độ dài", "the two differ in length")
    both = np.isfinite(pair[0]) & np.isfinite(pair[1])
    pair = [np.where(both, values, np.nan) for values in pair]
    rule = Classes(method=told.method, count=told.count)
    one, two = (classified(values, rule) for values in pair)
    watch.at(0.8)
    of = np.where(both, one.of * told.count + two.of, -1)
    table = np.bincount(of[both], minlength=told.count**2).reshape(told.count, told.count)
    varied = both.sum() > 2 and all(np.ptp(values[both]) > 0 for values in pair)
    correlation = stats.spearmanr(*(values[both] for values in pair))[0] if varied else np.nan
    watch.at(1)
    return BivariateResult(of, one, two, table, float(correlation))


VALUES = Input("values", Text("Các giá trị", "Values"),
               Text("Một số cho mỗi nơi; nơi trống không vào lớp nào.",
                    "One number a place; empty ones fall in no class."))  # fmt: skip
RATES = Text("Tô màu vùng bằng tỷ suất, không bằng số đếm: vùng lớn sẽ át vùng nhỏ.",
             "Colour areas by rates, not by counts: large areas drown small ones.")  # fmt: skip
METHODS = (
    Method(
        "classes", classified, Classes,
        Text("Chia lớp", "Classes"),
        Text("Cắt các giá trị thành lớp cho bản đồ màu, kèm biểu đồ phân bố và độ khớp.",
             "Cuts values into classes for a coloured map, with the histogram and how well they "
             "fit."),
        (VALUES,),
        ("Fisher (1958), J. Am. Statist. Assoc. 53, 789–798",
         "Jenks (1977), Optimal data classification for choropleth maps",
         "Grønlund et al. (2017), arXiv:1701.07204"),
        (RATES,),
    ),
    Method(
        "bivariate", bivariate, Bivariate,
        Text("Bản đồ hai giá trị", "Map of two values"),
        Text("Nơi nào cao cả hai, thấp cả hai, hay cao một thấp một.",
             "Where both are high, both low, or one high and one low."),
        (Input("first", Text("Giá trị thứ nhất", "First value"), VALUES.explanation),
         Input("second", Text("Giá trị thứ hai", "Second value"), VALUES.explanation)),
        ("Trumbo (1981), American Statistician 35, 220–226",
         "Robertson, O'Callaghan (1986), IEEE Computer Graphics and Applications 6, 24–32"),
        (RATES, Text("Cùng cao không có nghĩa là cái này gây ra cái kia.",
                     "High together does not mean that one causes the other.")),
    ),
)  # fmt: skip
