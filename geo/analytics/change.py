"""Whether something changed: before and after with confidence, and trends of series."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.analytics.catalogue import Input, Method
from geo.analytics.checks import Bools, Floats, Ints, column
from geo.analytics.emerging import MOST_SLICES, mann_kendall
from geo.analytics.hotspots import ALPHA
from geo.analytics.parameters import ParameterError, Parameters, choice, number
from geo.analytics.progress import Progress, Stopped, Watch
from geo.analytics.significance import adjusted_where, normal_p
from geo.text import Text

FEWEST = number(
    5, Text("Số đếm tối thiểu", "Minimum count"),
    Text("Nơi có tổng số sự việc ít hơn thế không xếp hạng.",
         "Places with fewer events in all are not ranked."),
    low=0, high=1000,
)  # fmt: skip


@dataclass(frozen=True)
class BeforeAfter(Parameters):
    """What the comparison of two periods may be told."""

    confidence: float = number(
        0.95, Text("Độ tin cậy", "Confidence"),
        Text("Khoảng tin cậy chứa tỷ số thật trong chừng này phần các trường hợp.",
             "The interval holds the true ratio in this share of cases."),
        low=0.5, high=0.999,
    )  # fmt: skip
    method: str = choice(
        "mid-p", Text("Cách tính", "Method"),
        Text("Chính xác: không bao giờ quá lạc quan, hơi rộng. Mid-P: đúng mức trung bình.",
             "Exact: never too bold, a little wide. Mid-P: right on average."),
        {"mid-p": Text("mid-P", "mid-P"),
         "exact": Text("chính xác (Clopper-Pearson)", "exact (Clopper-Pearson)")},
    )  # fmt: skip
    alpha: float = ALPHA
    minimum: int = FEWEST


@dataclass(frozen=True)
class BeforeAfterResult:
    """One row a place: rate after by rate before with its interval, p two-sided, q adjusted.

    ``ratio`` is inf where nothing was before, NaN where nothing was at all; ``ranked`` where there
    were enough events; ``sign`` 1 rose, −1 fell significantly, 0 neither.
    """

    ratio: Floats
    low: Floats
    high: Floats
    p: Floats
    q: Floats
    ranked: Bools
    sign: Ints


def before_after(
    before: Any, after: Any, parameters: BeforeAfter | None = None, *,
    exposure_before: Any = 1.0, exposure_after: Any = 1.0,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> BeforeAfterResult:  # fmt: skip
    """Ratio of two Poisson rates from counts and exposures (days, or people times days).

    Given the sum, the count after is binomial. Raises ParameterError, Cancelled.

    Source: Przyborowski, Wilenski (1940), Biometrika 31, 313–323; Clopper, Pearson (1934),
    Biometrika 26, 404–413; mid-P: Lancaster (1961), JASA 56, 223–234.
    """
    told, watch = parameters or BeforeAfter(), Watch(progress, cancelled)
    b = np.rint(column("before", before, low=0))
    a = np.rint(column("after", after, len(b), low=0))
    tb = column("exposure_before", np.broadcast_to(exposure_before, b.shape), low=0)
    ta = column("exposure_after", np.broadcast_to(exposure_after, b.shape), low=0)
    if len(b) == 0 or (tb == 0).any() or (ta == 0).any():
        raise ParameterError("exposure_before", "thời gian hay số dân phải lớn hơn 0",
                             "time or people must be above 0")  # fmt: skip
    mid = told.method == "mid-p"
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (a / ta) / (b / tb)
        shares = _shares(a, a + b, 1 - told.confidence, mid)
        low, high = (share / (1 - share) * tb / ta for share in shares)
    watch.at(0.7)
    p = _p(a, a + b, ta / (ta + tb), mid)
    ranked = a + b >= max(1, told.minimum)
    q = adjusted_where(p, ranked)
    watch.at(1)
    sign = (np.sign(a * tb - b * ta) * (ranked & (q <= told.alpha))).astype(np.int64)
    return BeforeAfterResult(ratio, low, high, p, q, ranked, sign)


def _shares(x: Floats, n: Floats, alpha: float, mid: bool) -> tuple[Floats, Floats]:
    """Limits of a binomial share for x of n: 0 where x is 0, 1 where it is all."""
    from scipy import stats

    low = np.where(x > 0, stats.beta.ppf(alpha / 2, np.maximum(x, 1), n - x + 1), 0.0)
    high = np.where(x < n, stats.beta.ppf(1 - alpha / 2, x + 1, np.maximum(n - x, 1)), 1.0)
    if not mid:
        return low, high
    # mid-P limits lie between the exact ones and the share itself
    share = x / np.maximum(n, 1)
    inner_low = _solved(low, share, lambda s: _tails(x, n, s)[0] < alpha / 2)
    inner_high = _solved(share, high, lambda s: _tails(x, n, s)[1] > alpha / 2)
    return np.where(x > 0, inner_low, 0.0), np.where(x < n, inner_high, 1.0)


def _solved(begin: Floats, end: Floats, before: Callable[[Floats], Any]) -> Floats:
    """Where a rising condition stops to hold, by halves."""
    for _ in range(60):
        middle = (begin + end) / 2
        rising = before(middle)
        begin, end = np.where(rising, middle, begin), np.where(rising, end, middle)
    return (begin + end) / 2


def _tails(x: Floats, n: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Upper and lower tail, half of what was seen in each."""
    from scipy import stats

    half = stats.binom.pmf(x, n, share) / 2
    return stats.binom.sf(x, n, share) + half, stats.binom.cdf(x, n, share) - half


def _p(x: Floats, n: Floats, share: Floats, mid: bool) -> Floats:
    from scipy import stats

    half = 0 if mid else stats.binom.pmf(x, n, share) / 2
    return np.minimum(1, 2 * (np.minimum(*_tails(x, n, share)) + half))


@dataclass(frozen=True)
class Trends(Parameters):
    """What the analysis of trends may be told."""

    season: int = number(
        1, Text("Mùa", "Season"),
        Text("Số lát của một vòng, như 12 với tháng: mỗi tháng chỉ so với cùng tháng. 1 là không "
             "có mùa.",
             "Slices of a cycle, 12 for months: each month is compared with the same month only. "
             "1 is no season."),
        low=1, high=366,
    )  # fmt: skip
    alpha: float = ALPHA
    minimum: int = FEWEST


@dataclass(frozen=True)
class TrendResult:
    """One row a series: Sen's slope in units a slice; z, p, q; ``sign`` 1 rises, −1 falls."""

    slope: Floats
    z: Floats
    p: Floats
    q: Floats
    ranked: Bools
    sign: Ints


def trends(
    series: Any, parameters: Trends | None = None, *, denominator: Any = None,
    progress: Progress | None = None, cancelled: Stopped | None = None,
) -> TrendResult:  # fmt: skip
    """Monotone trends of counts, shape (n, slices), oldest first; per ``denominator`` if given.

    Source: Hirsch, Slack, Smith (1982), Water Resources Research 18, 107–121; Sen (1968), JASA 63,
    1379–1389.
    """
    told, watch = parameters or Trends(), Watch(progress, cancelled)
    x = np.asarray(series, dtype=np.float64)
    if x.ndim != 2 or not 4 <= x.shape[1] <= MOST_SLICES or x.shape[1] < 2 * told.season:
        raise ParameterError("series", f"cần 4 đến {MOST_SLICES} lát, ít nhất hai mùa",
                             f"4 to {MOST_SLICES} slices, at least two seasons")  # fmt: skip
    if not np.isfinite(x).all():
        raise ParameterError("series", "có giá trị trống", "has empty values")
    ranked = x.sum(axis=1) >= told.minimum
    if denominator is not None:
        base = column("denominator", denominator, len(x), low=0)
        if (base == 0).any():
            raise ParameterError("denominator", "có mẫu số bằng 0", "has a denominator of 0")
        x = x / base[:, None]
    parts = [mann_kendall(x[:, start :: told.season]) for start in range(told.season)]
    watch.at(0.5)
    s = np.sum([part.s for part in parts], axis=0)
    variance = np.sum([part.variance for part in parts], axis=0)
    z = np.where(variance > 0, (s - np.sign(s)) / np.sqrt(np.maximum(variance, 1e-300)), 0.0)
    p = normal_p(z)
    q = adjusted_where(p, ranked)
    slope = np.array([_sen(row, told.season) for row in x])
    watch.at(1)
    sign = (np.sign(s) * (ranked & (q <= told.alpha))).astype(np.int64)
    return TrendResult(slope, z, p, q, ranked, sign)


def _sen(row: Floats, season: int) -> float:
    """The median slope between values of the same season."""
    lags = range(season, len(row), season)
    return float(np.median(np.concatenate([(row[lag:] - row[:-lag]) / lag for lag in lags])))


METHODS = (
    Method(
        "before-after", before_after, BeforeAfter,
        Text("Trước và sau", "Before and after"),
        Text("Tỷ suất tăng hay giảm mấy lần từ kỳ này sang kỳ kia, với khoảng tin cậy.",
             "By how much a rate rose or fell from one period to another, with its confidence."),
        (Input("before", Text("Trước", "Before"), Text("Số sự việc kỳ trước.", "Events before.")),
         Input("after", Text("Sau", "After"), Text("Số sự việc kỳ sau.", "Events after.")),
         Input("exposure_before", Text("Mẫu số trước", "Denominator before"),
               Text("Số ngày, hoặc số dân nhân số ngày.", "Days, or people times days."), True),
         Input("exposure_after", Text("Mẫu số sau", "Denominator after"),
               Text("Như trên.", "As above."), True)),
        ("Przyborowski, Wilenski (1940), Biometrika 31, 313–323",
         "Clopper, Pearson (1934), Biometrika 26, 404–413",
         "Lancaster (1961), J. Am. Statist. Assoc. 56, 223–234"),
        (Text("Nơi được chọn vì kỳ trước nhiều bất thường sẽ giảm dù không làm gì (hồi quy về "
              "trung bình).",
              "Places picked because they were unusually bad fall by themselves (regression to "
              "the mean)."),
         Text("Sự việc kéo theo nhau (một vụ nhiều tin báo) làm khoảng tin cậy quá hẹp.",
              "Events that come together (one case, many reports) make the interval too narrow.")),
    ),
    Method(
        "trends", trends, Trends,
        Text("Xu thế theo thời gian", "Trends over time"),
        Text("Nơi nào đang tăng hay giảm đều: kiểm định Mann-Kendall, có mùa nếu cần, và độ dốc "
             "Sen.",
             "Which places steadily rise or fall: Mann-Kendall's test, by season if asked, and "
             "Sen's slope."),
        (Input("series", Text("Chuỗi", "Series"),
               Text("Số đếm của từng nơi theo lát thời gian, cũ trước.",
                    "Counts of each place by slice of time, oldest first.")),
         Input("denominator", Text("Mẫu số", "Denominator"),
               Text("Số dân hay km² của từng nơi.", "People or km² of each place."), True)),
        ("Mann (1945), Econometrica 13, 245–259",
         "Hirsch, Slack, Smith (1982), Water Resources Research 18, 107–121",
         "Sen (1968), J. Am. Statist. Assoc. 63, 1379–1389"),
        (Text("Xu thế của số báo cáo cũng là xu thế của thói quen báo cáo.",
              "A trend of reports is also a trend of the habit of reporting."),),
    ),
)  # fmt: skip
