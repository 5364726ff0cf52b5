"""Where to put k new sites so that people are nearest, or most of them within reach."""

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from geo.analytics.catalogue import Input, Method
from geo.analytics.checks import Floats, Ints, column, points
from geo.analytics.parameters import ParameterError, Parameters, choice, number
from geo.analytics.progress import Progress, Stopped, Watch
from geo.analytics.reach import CROW, PEOPLE, PLACES
from geo.text import Text

MOST_PAIRS = 20_000_000
FEW = 5_000  # sets of sites, up to which all are tried
BLOCK = 2_000_000


@dataclass(frozen=True)
class Siting(Parameters):
    """What location–allocation may be told."""

    sites: int = number(
        1, Text("Số địa điểm mới", "New sites"),
        Text("Cần chọn bấy nhiêu trong các ứng viên.", "So many are chosen of the candidates."),
        low=1, high=100,
    )  # fmt: skip
    goal: str = choice(
        "distance", Text("Mục tiêu", "Goal"),
        Text("Điều gì làm cho một phương án tốt hơn.", "What makes one choice better."),
        {"distance": Text("khoảng cách bình quân tới nơi gần nhất nhỏ nhất (p-median)",
                          "smallest mean distance to the nearest site (p-median)"),
         "cover": Text("nhiều dân nhất trong tầm phục vụ (MCLP)",
                       "most people within reach (MCLP)")},
    )  # fmt: skip
    within_m: float = number(
        1000.0, Text("Tầm phục vụ", "Reach"),
        Text("Chỉ dùng khi mục tiêu là bao phủ.", "Used only if the goal is coverage."),
        low=1, high=100_000, unit="m",
    )  # fmt: skip


@dataclass(frozen=True)
class SitingResult:
    """Which candidates, in the order in which they are worth most, and how good that is.

    ``before`` and ``after`` are weighted mean metres, or the covered share of weight; ``bound`` is
    what no choice can beat and ``gap`` the proven distance to it as a share of the possible gain
    (0: this is the best choice); ``proved`` where all choices were tried.
    """

    chosen: Ints
    before: float
    after: float
    bound: float
    gap: float
    proved: bool


def best_sites(
    where: Any, candidates: Any, parameters: Siting | None = None, *, weights: Any = None,
    existing: Any = None, progress: Progress | None = None, cancelled: Stopped | None = None,
) -> SitingResult:  # fmt: skip
    """k of the candidates for places in metres, next to what exists already.

    Greedy, then single sites are exchanged while that helps; all sets are tried where there are
    at most 5,000. The bound holds because each further site gains no more than an earlier one
    would have. Without existing sites distance is compared with the farthest candidate.
    Raises ParameterError, Cancelled.

    Source: Teitz, Bart (1968), Operations Research 16, 955–961; Church, ReVelle (1974), Papers of
    the RSA 32, 101–118; Nemhauser, Wolsey, Fisher (1978), Math. Programming 14, 265–294.
    """
    told, watch = parameters or Siting(), Watch(progress, cancelled)
    where, candidates = points("points", where), points("candidates", candidates)
    if len(where) == 0 or told.sites > len(candidates):
        raise ParameterError("candidates", "cần ít nhất một nơi và đủ ứng viên",
                             "one place and enough candidates are needed")  # fmt: skip
    if len(where) * len(candidates) > MOST_PAIRS:
        raise ParameterError("candidates", "quá nhiều cặp nơi và ứng viên; gộp theo ô",
                             "too many pairs of places and candidates; sum up by cell")  # fmt: skip
    weight = np.ones(len(where)) if weights is None else column("weights", weights, len(where), 0)
    if weight.sum() == 0:
        raise ParameterError("weights", "tổng trọng số bằng 0", "the weights add up to 0")
    cost, start = _costs(where, candidates, existing, told)
    problem = Problem(cost, start, weight / weight.sum(), watch)
    chosen = problem.interchanged(problem.greedy(told.sites))
    proved = comb(len(candidates), told.sites) <= FEW
    chosen = problem.best_of_all(told.sites, chosen) if proved else chosen
    before, after = problem.total([]), problem.total(chosen)
    bound = after if proved else max(problem.bound([], told.sites),
                                     problem.bound(chosen, told.sites))  # fmt: skip
    gap = (after - bound) / (before - bound) if before > bound else 0.0
    watch.at(1)
    if told.goal == "cover":
        before, after, bound = 1 - before, 1 - after, 1 - bound
    chosen_first = np.array(problem.ranked(chosen))
    return SitingResult(chosen_first, before, after, bound, max(0.0, gap), proved)


def _costs(where: Floats, candidates: Floats, existing: Any, told: Siting) -> tuple[Any, Any]:
    """Cost of each place at each candidate and as it is now: metres, or 0 within reach else 1."""
    from scipy.spatial import cKDTree
    from scipy.spatial.distance import cdist

    apart = cdist(where, candidates)
    if existing is not None and len(existing):
        now = cKDTree(points("existing", existing)).query(where)[0]
    else:
        now = apart.max(axis=1) if told.goal == "distance" else np.full(len(where), np.inf)
    if told.goal == "cover":
        return (apart > told.within_m).astype(np.float64), (now > told.within_m).astype(np.float64)
    return apart, now


class Problem:
    """Smallest weighted cost where each place goes to the cheapest of the chosen."""

    def __init__(self, cost: Floats, start: Floats, weight: Floats, watch: Watch) -> None:
        self.cost, self.start, self.weight, self.watch = cost, start, weight, watch

    def current(self, chosen: list[int]) -> Floats:
        return np.minimum(self.start, self.cost[:, chosen].min(axis=1, initial=np.inf))

    def total(self, chosen: list[int]) -> float:
        return float(self.weight @ self.current(chosen))

    def gains(self, now: Floats) -> Floats:
        """What each candidate would save."""
        found = np.empty(self.cost.shape[1])
        block = max(1, BLOCK // len(now))
        for begin in range(0, len(found), block):
            saved = np.maximum(0, now[:, None] - self.cost[:, begin : begin + block])
            found[begin : begin + block] = self.weight @ saved
            self.watch.at(0.5)
        return found

    def greedy(self, sites: int) -> list[int]:
        chosen: list[int] = []
        for _ in range(sites):
            gains = self.gains(self.current(chosen))
            gains[chosen] = -1
            chosen.append(int(gains.argmax()))
        return chosen

    def interchanged(self, chosen: list[int]) -> list[int]:
        best, better = self.total(chosen), True
        while better:
            better = False
            for place in range(len(chosen)):
                rest = chosen[:place] + chosen[place + 1 :]
                now = self.current(rest)
                gains = self.gains(now)
                gains[rest] = -1
                total = float(self.weight @ now) - gains.max()
                if total < best * (1 - 1e-12) - 1e-15:
                    chosen, best, better = [*rest, int(gains.argmax())], total, True
        return chosen

    def best_of_all(self, sites: int, chosen: list[int]) -> list[int]:
        best = self.total(chosen)
        for one in combinations(range(self.cost.shape[1]), sites):
            total = self.total(list(one))
            if total < best * (1 - 1e-12):
                chosen, best = list(one), total
            self.watch.at(0.8)
        return chosen

    def bound(self, chosen: list[int], sites: int) -> float:
        """What no set of so many can undercut, as seen from some chosen: so many more on top of
        them could save no more than each alone, nor more than all candidates together."""
        now = self.current(chosen)
        gains = np.sort(self.gains(now))[::-1]
        everything = np.minimum(self.start, self.cost.min(axis=1))
        return float(max(self.weight @ now - gains[:sites].sum(), self.weight @ everything))

    def ranked(self, chosen: list[int]) -> list[int]:
        """The chosen, each next being worth most after those before it."""
        order: list[int] = []
        left = list(chosen)
        while left:
            totals = [self.total([*order, site]) for site in left]
            order.append(left.pop(int(np.argmin(totals))))
        return order


METHODS = (
    Method(
        "best-sites", best_sites, Siting,
        Text("Chọn nơi đặt mới", "Best places for new sites"),
        Text("Trong các ứng viên, đặt k cơ sở ở đâu thì lợi nhất, bên cạnh những cơ sở đã có; kèm "
             "khoảng cách đã chứng minh tới phương án tốt nhất.",
             "Where among the candidates k sites help most beside those that exist; with a proven "
             "distance to the best possible choice."),
        (PLACES,
         Input("candidates", Text("Ứng viên", "Candidates"),
               Text("Những chỗ có thể đặt, tọa độ mét.", "Where one may build, in metres.")),
         PEOPLE,
         Input("existing", Text("Đã có", "Existing"),
               Text("Các cơ sở đang hoạt động.", "Facilities that work already."), optional=True)),
        ("Teitz, Bart (1968), Operations Research 16, 955–961",
         "Church, ReVelle (1974), Papers of the Regional Science Association 32, 101–118",
         "Nemhauser, Wolsey, Fisher (1978), Mathematical Programming 14, 265–294"),
        (CROW, Text("Không tính sức chứa và giá đất.",
                    "Capacity and the price of land are not counted.")),
    ),
)  # fmt: skip
