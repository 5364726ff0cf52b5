"""Methods that give each ward a value: before and after, trends, classes, two values."""

from typing import Any

import numpy as np

from geo.analytics import ParameterError
from ioc.planning import gathering
from ioc.planning.gathering import Wards
from ioc.planning.recipes.work import Outcome, Work, by_ward, known


def before_after(work: Work) -> Outcome:
    from geo.analytics.change import before_after as run

    wards = gathering.wards_in(work.shape)
    given = {key: work.asked.get(key) for key in ("layer", "where")}
    counts, days = [], []
    for name in ("before", "after"):
        period = work.asked.get(name)
        if not isinstance(period, dict):
            raise ParameterError(name, "cần hai khoảng thời gian", "two periods are needed")
        days.append(_days(period))
        part = gathering.source(work.user, given | {"period": period}, work.area)
        counts.append(wards.counted(part.positions()[0]))
    found = run(*counts, work.parameters, exposure_before=days[0], exposure_after=days[1],
                **work.watch)  # fmt: skip
    kinds = {1: "rose", -1: "fell", 0: "same"}
    rows = [
        {"kind": kinds[int(found.sign[n])] if found.ranked[n] else "too-few",
         "value": known(found.ratio[n]), "q": known(found.q[n]),
         "facts": {"before": int(counts[0][n]), "after": int(counts[1][n]),
                   "low": known(found.low[n]), "high": known(found.high[n])}}
        for n in range(len(wards.rows))
    ]  # fmt: skip
    order = np.lexsort((-np.nan_to_num(found.ratio, posinf=1e9), np.nan_to_num(found.q, nan=1)))
    figures = {"before": int(counts[0].sum()), "after": int(counts[1].sum()), "days": days}
    figures |= _moved(found)
    return Outcome(by_ward(wards, rows, order), figures)


def _moved(found: Any) -> dict[str, int]:
    return {"rose": int((found.sign > 0).sum()), "fell": int((found.sign < 0).sum())}


def _days(period: dict[str, Any]) -> float:
    from layers.questions.reading import time_of

    if period.get("start") is None or period.get("end") is None:
        raise ParameterError("period", "cần ngày đầu và ngày cuối", "a start and an end are needed")
    span = time_of(period["end"]) - time_of(period["start"])
    if span.total_seconds() <= 0:
        raise ParameterError("period", "ngày cuối trước ngày đầu", "the end is before the start")
    return span.total_seconds() / 86_400


def trends(work: Work) -> Outcome:
    from geo.analytics.change import trends as run

    wards = gathering.wards_in(work.shape)
    width = work.asked.get("slice", "week")
    lonlat, seconds = work.points.positions(with_time=True)
    of = wards.numbers(lonlat)
    inside = of >= 0
    starts = gathering.starts_of(seconds[inside], width)
    series = np.zeros((len(wards.rows), starts.size and int(starts.max()) + 1), np.int64)
    np.add.at(series, (of[inside], starts), 1)
    found = run(series, work.parameters, **work.watch)
    kinds = {1: "rose", -1: "fell", 0: "same"}
    rows = [
        {"kind": kinds[int(found.sign[n])] if found.ranked[n] else "too-few",
         "value": known(found.slope[n]), "z": known(found.z[n]), "q": known(found.q[n]),
         "facts": {"events": int(series[n].sum()), "series": series[n].tolist()}}
        for n in range(len(wards.rows))
    ]  # fmt: skip
    order = np.lexsort((-np.abs(found.slope), np.nan_to_num(found.q, nan=1)))
    figures = {"events": int(series.sum()), "slices": series.shape[1], "slice": width}
    figures |= _moved(found)
    return Outcome(by_ward(wards, rows, order), figures)


def classes(work: Work) -> Outcome:
    from geo.analytics.classes import classified

    wards = gathering.wards_in(work.shape)
    counts = wards.counted(work.points.positions()[0])
    values, unit = _rate(work, wards, counts)
    found = classified(values, work.parameters, **work.watch)
    rows = [
        {"kind": f"class-{int(found.of[n]) + 1}" if found.of[n] >= 0 else "empty",
         "value": known(values[n]), "facts": {"count": int(counts[n])}}
        for n in range(len(values))
    ]  # fmt: skip
    figures = {"events": int(counts.sum()), "unit": unit, "limits": found.limits.tolist(),
               "counts": found.counts.tolist(), "fit": known(found.fit),
               "bars": found.bars.tolist(), "edges": found.edges.tolist()}  # fmt: skip
    return Outcome(by_ward(wards, rows, np.argsort(-np.nan_to_num(values))), figures)


def _rate(work: Work, wards: Wards, counts: Any) -> tuple[Any, str]:
    """Counts by km², or by the points of the layer that is the denominator."""
    if isinstance(work.asked.get("denominator"), dict):
        base = wards.counted(work.other("denominator").positions()[0]).astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(base > 0, counts / base, np.nan), "per feature"
    return counts / wards.km2, "1/km²"


def bivariate(work: Work) -> Outcome:
    from geo.analytics.classes import bivariate as run

    wards = gathering.wards_in(work.shape)
    counts = [wards.counted(each.positions()[0]) for each in (work.points, work.other())]
    first, second = (each / wards.km2 for each in counts)
    found = run(first, second, work.parameters, **work.watch)
    side = work.parameters.count
    rows = [
        {"kind": f"pair-{int(of) // side + 1}-{int(of) % side + 1}" if of >= 0 else "empty",
         "value": known(first[n]), "facts": {"second": known(second[n])}}
        for n, of in enumerate(found.of)
    ]  # fmt: skip
    figures = {"correlation": known(found.correlation), "table": found.table.tolist(),
               "unit": "1/km²"}  # fmt: skip
    return Outcome(by_ward(wards, rows, np.argsort(-found.of)), figures)
