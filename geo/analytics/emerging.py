"""How hot spots came and went: Gi* in space and time, a trend for each cell, and a word for it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.analytics.catalogue import CELLS, STUDY, Input, Method
from geo.analytics.checks import Bools, Floats, Ints
from geo.analytics.counted import ALPHA, MINIMUM, RINGS, TAIL
from geo.analytics.lattice import neighbours
from geo.analytics.notes import notes_of
from geo.analytics.parameters import ParameterError, Parameters, number
from geo.analytics.progress import Progress, Stopped, Watch
from geo.analytics.significance import adjusted_where, normal_p, sum_p
from geo.text import Text

MOST_SLICES = 400

# the order is the code: 0 none, 1 new, …
KINDS: tuple[tuple[str, Text, Text], ...] = (
    ("none", Text("không có mẫu hình", "no pattern"),
     Text("Không thuộc loại nào dưới đây.", "None of the kinds below.")),
    ("new", Text("mới", "new"),
     Text("Nóng ở lát cuối và chưa từng nóng trước đó.",
          "Hot in the last slice and never before.")),
    ("consecutive", Text("liên tiếp", "consecutive"),
     Text("Nóng liền trong ít nhất hai lát cuối, trước đó chưa từng, và nóng trong chưa tới phần "
          "lớn quy định các lát.",
          "Hot without a break in at least the last two slices, never before them, and in less "
          "than the set share of all.")),
    ("intensifying", Text("tăng cường", "intensifying"),
     Text("Nóng ở lát cuối và trong ít nhất phần lớn quy định các lát, với số sự việc tăng có ý "
          "nghĩa.",
          "Hot in the last slice and in at least the set share of all, with events rising "
          "significantly.")),
    ("persistent", Text("dai dẳng", "persistent"),
     Text("Như trên nhưng không tăng cũng không giảm rõ.",
          "As above, neither clearly rising nor falling.")),
    ("diminishing", Text("giảm dần", "diminishing"),
     Text("Như trên nhưng số sự việc giảm có ý nghĩa.",
          "As above, with events falling significantly.")),
    ("sporadic", Text("lác đác", "sporadic"),
     Text("Nóng ở lát cuối, lúc có lúc không trước đó, chưa từng lạnh.",
          "Hot in the last slice, on and off before, never cold.")),
    ("oscillating", Text("dao động", "oscillating"),
     Text("Nóng ở lát cuối nhưng trước đó từng lạnh.",
          "Hot in the last slice, but cold in an earlier one.")),
    ("historical", Text("đã qua", "historical"),
     Text("Không nóng ở lát cuối nhưng nóng trong ít nhất phần lớn quy định các lát.",
          "Not hot in the last slice, but in at least the set share of all.")),
)  # fmt: skip
CODE = {slug: code for code, (slug, _, _) in enumerate(KINDS)}


@dataclass(frozen=True)
class Emerging(Parameters):
    """What the analysis of hot spots over time may be told."""

    rings: int = RINGS
    back: int = number(
        1, Text("Số lát trước", "Earlier slices"),
        Text("Mỗi lát được xét cùng bấy nhiêu lát ngay trước nó; 0 là chỉ chính nó.",
             "Each slice is looked at together with so many right before it; 0 is itself alone."),
        low=0, high=12,
    )  # fmt: skip
    share: float = number(
        0.9, Text("Phần lớn các lát", "Share of slices"),
        Text("Nóng trong ít nhất phần này của các lát thì gọi là dai dẳng, tăng cường hay giảm "
             "dần.",
             "Hot in at least this share of slices is called persistent, intensifying or "
             "diminishing."),
        low=0.5, high=1.0,
    )  # fmt: skip
    alpha: float = ALPHA
    minimum: int = MINIMUM
    tail: str = TAIL


@dataclass(frozen=True)
class Trend:
    """Mann-Kendall of each row: S and its variance, score with continuity correction, p."""

    s: Ints
    variance: Floats
    z: Floats
    p: Floats


@dataclass(frozen=True)
class EmergingResult:
    """One row a cell, sorted by cell; slices are columns, oldest first.

    ``sign`` and ``z`` shape (n, slices); ``kind`` the code in ``KINDS``, ``side`` 1 where it is
    about heat, −1 about cold, 0 none; ``trend`` of the neighbourhood's events, ``trend_q`` adjusted
    for many cells.
    """

    cells: Ints
    z: Floats
    sign: NDArray[np.int8]
    kind: Ints
    side: Ints
    trend: Trend
    trend_q: Floats
    ranked: Bools
    outside: int
    study_given: bool

    @property
    def notes(self) -> tuple[Text, ...]:
        """What to say under the map."""
        return notes_of(False, self.study_given, self.ranked, self.outside)


def emerging_hot_spots(
    cells: Any, slices: Any, parameters: Emerging | None = None, *, study: Any = None,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> EmergingResult:  # fmt: skip
    """Kinds of hot and cold spots over time from counts, shape (len(cells), slices).

    Each bin of space and time is compared with all bins. The trend is that of single slices:
    windows that overlap in time would be correlated and rise by themselves. Raises
    ParameterError, Cancelled.

    Source: Ord, Getis (1995); Mann (1945), Econometrica 13, 245–259; the kinds follow ArcGIS Pro,
    "How Emerging Hot Spot Analysis works".
    """
    told, watch = parameters or Emerging(), Watch(progress, cancelled)
    area, counts, outside = _cube(cells, slices, study)
    w = neighbours(area, told.rings)
    near = w @ counts
    watch.at(0.3)
    around, times = _windows(near, told.back)
    sizes = np.diff(w.indptr)[:, None] * times
    z = _scores(counts, around, sizes)
    ranked = np.isfinite(z) & (np.maximum(around, sizes * counts.mean()) >= told.minimum)
    flat = (counts.ravel(), sizes.ravel().astype(np.float64), around.ravel(), z.ravel())
    p = sum_p(*flat) if told.tail == "exact" else normal_p(z.ravel())
    watch.at(0.6)
    q = adjusted_where(p, ranked.ravel()).reshape(z.shape)
    sign = (np.sign(np.nan_to_num(z)) * (ranked & (q <= told.alpha))).astype(np.int8)
    trend = mann_kendall(near, watch)
    some = ranked.any(axis=1)
    trend_q = adjusted_where(trend.p, some)
    rising = np.sign(trend.s) * (trend_q <= told.alpha)
    kind, side = kinds_of(sign, rising, told.share)
    watch.at(1)
    return EmergingResult(
        area, z, sign, kind, side, trend, trend_q, some, outside, study is not None
    )


def _cube(cells: Any, slices: Any, study: Any) -> tuple[Ints, Floats, int]:
    """The study area's cells, sorted, with counts by slice and what lies outside."""
    cells = np.asarray(cells, dtype=np.int64)
    counts = np.asarray(slices, dtype=np.float64)
    if counts.ndim != 2 or len(counts) != len(cells):
        shape = f"({len(cells)}, n)"
        raise ParameterError("slices", f"cần mảng {shape}, không phải {counts.shape}",
                             f"an array {shape}, not {counts.shape}")  # fmt: skip
    if not 4 <= counts.shape[1] <= MOST_SLICES:
        raise ParameterError("slices", f"cần 4 đến {MOST_SLICES} lát thời gian",
                             f"4 to {MOST_SLICES} slices of time are needed")  # fmt: skip
    if not np.isfinite(counts).all() or counts.min(initial=0) < 0:
        raise ParameterError("slices", "số đếm trống hoặc âm", "empty or negative counts")
    area = np.sort(np.asarray(cells if study is None else study, dtype=np.int64))
    at = np.minimum(np.searchsorted(area, cells), len(area) - 1)
    inside = area[at] == cells
    cube = np.zeros((len(area), counts.shape[1]))
    np.add.at(cube, at[inside], counts[inside])
    if not cube.any():
        raise ParameterError("slices", "không có sự việc nào trong vùng nghiên cứu",
                             "nothing was counted in the study area")  # fmt: skip
    return area, cube, round(counts.sum() - cube.sum())


def _windows(near: Floats, back: int) -> tuple[Floats, Ints]:
    """Sums over each slice and so many before it, and how many slices that were."""
    summed = np.cumsum(np.pad(near, ((0, 0), (1, 0))), axis=1)
    upto = np.arange(1, near.shape[1] + 1)
    since = np.maximum(0, upto - back - 1)
    return summed[:, upto] - summed[:, since], upto - since


def _scores(counts: Floats, around: Floats, sizes: Ints) -> Floats:
    """Gi* of every bin against all bins; NaN where all are equal."""
    n = counts.size
    spread = np.sqrt(counts.var() * sizes * (n - sizes) / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (around - sizes * counts.mean()) / spread
    return np.where(np.isfinite(z), z, np.nan)


def mann_kendall(series: Any, watch: Watch | None = None) -> Trend:
    """Trend of each row, shape (n, times), with the variance corrected for ties.

    Source: Mann (1945); Kendall (1975), Rank Correlation Methods; Gilbert (1987), 16.4.
    """
    x = np.asarray(series, dtype=np.float64)
    n, times = x.shape
    s, same = np.zeros(n, np.int64), np.zeros((n, times), np.int64)
    for lag in range(1, times):
        later, earlier = x[:, lag:], x[:, :-lag]
        s += (later > earlier).sum(axis=1) - (later < earlier).sum(axis=1)
        equal = later == earlier
        same[:, lag:] += equal
        same[:, :-lag] += equal
        if watch is not None:
            watch.at(0.6 + 0.35 * lag / times)
    # each group of t equal values appears t times, so t (t − 1) (2t + 5) is summed without one t
    ties = (same * (2 * same + 7)).sum(axis=1)
    variance = (times * (times - 1) * (2 * times + 5) - ties) / 18
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (s - np.sign(s)) / np.sqrt(variance), 0.0)
    return Trend(s, variance, z, normal_p(z))


def kinds_of(sign: Any, rising: Any, share: float = 0.9) -> tuple[Ints, Ints]:
    """The kind and its side for each row of signs 1, 0, −1 by time; ``rising`` 1, 0 or −1."""
    heat, cold = _kinds(sign, rising, share), _kinds(-np.asarray(sign), rising, share)
    kind = np.where(heat > 0, heat, cold)
    return kind, np.where(heat > 0, 1, np.where(cold > 0, -1, 0))


def _kinds(sign: Any, rising: Any, share: float) -> Ints:
    hot, cold = np.asarray(sign) > 0, np.asarray(sign) < 0
    slices = hot.shape[1]
    total, last = hot.sum(axis=1), hot[:, -1]
    often = total >= share * slices
    run = np.argmin(np.c_[hot[:, ::-1], np.zeros(len(hot), bool)], axis=1)
    rules = [
        (last & (total == 1), "new"),
        (last & often & (rising > 0), "intensifying"),
        (last & often & (rising < 0), "diminishing"),
        (last & often, "persistent"),
        (last & (run == total) & (run >= 2), "consecutive"),
        (last & cold.any(axis=1), "oscillating"),
        (last, "sporadic"),
        (~last & often, "historical"),
    ]
    return np.select([rule for rule, _ in rules], [CODE[slug] for _, slug in rules], 0)


METHODS = (
    Method(
        "emerging-hot-spots", emerging_hot_spots, Emerging,
        Text("Điểm nóng theo thời gian", "Hot spots over time"),
        Text("Điểm nóng nào mới xuất hiện, đang mạnh lên, dai dẳng hay đã qua: Gi* trên lân cận "
             "không gian và thời gian, xu thế Mann-Kendall của từng ô. "
             + " ".join(f"{title.vi}: {words.vi}" for _, title, words in KINDS[1:]),
             "Which hot spots are new, intensifying, persistent or past: Gi* over neighbours in "
             "space and time, and the Mann-Kendall trend of each cell. "
             + " ".join(f"{title.en}: {words.en}" for _, title, words in KINDS[1:])),
        (CELLS,
         Input("slices", Text("Số đếm theo lát", "Counts by slice"),
               Text("Số sự việc của từng ô trong từng lát thời gian bằng nhau, cũ trước.",
                    "The events of each cell in slices of equal time, oldest first.")),
         STUDY),
        ("Ord, Getis (1995), Geographical Analysis 27, 286–306",
         "Mann (1945), Econometrica 13, 245–259",
         "Kendall (1975), Rank Correlation Methods",
         "Esri, ArcGIS Pro: How Emerging Hot Spot Analysis works"),
        (Text("Ít lát thì xu thế khó có ý nghĩa: nên có ít nhất 10.",
              "With few slices a trend is hardly ever significant: have at least 10."),
         Text("Lát cuối chưa đủ ngày sẽ trông như giảm.",
              "A last slice that is not over yet looks like a fall."),
         Text("Với điểm lạnh, 'tăng' và 'giảm' vẫn nói về số sự việc.",
              "For cold spots rising and falling still speak of events.")),
    ),
)  # fmt: skip
