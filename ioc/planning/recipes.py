"""Each method as the desk runs it: what it asks a planner for, and what it makes of the data.

A recipe gathers arrays, calls the pure analysis, and answers features for map and table with the
figures that go beside them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geo.analytics import ParameterError, methods
from geo.text import Text
from ioc.planning import elsewhere, gathering
from ioc.planning.gathering import Source, Wards

MOST_FEATURES = 20_000
RESOLUTION = 8


@dataclass
class Feature:
    """One row of a result; ``shape`` in degrees."""

    shape: Any
    kind: str
    title: str = ""
    value: float | None = None
    z: float | None = None
    q: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Outcome:
    """What a method found: features by rank, figures, and what the reader must know."""

    features: list[Feature]
    figures: dict[str, Any]
    notes: list[Text] = field(default_factory=list)


@dataclass(frozen=True)
class Work:
    """What a recipe works with. ``shape`` is the area in degrees."""

    user: Any
    asked: dict[str, Any]
    parameters: Any
    shape: Any
    area: Any
    points: Source
    progress: Callable[[float], None]
    cancelled: Callable[[], bool]

    @property
    def watch(self) -> dict[str, Any]:
        """How an analysis tells its progress: it has the second half of the bar."""
        return {
            "progress": lambda share: self.progress(0.4 + 0.5 * share),
            "cancelled": self.cancelled,
        }

    @property
    def resolution(self) -> int:
        res = self.asked.get("resolution", RESOLUTION)
        if isinstance(res, bool) or not isinstance(res, int):
            raise ParameterError("resolution", "cần số nguyên", "a whole number is needed")
        return res

    def other(self, name: str = "against") -> Source:
        """The second layer of the question. Raises ParameterError where none is named."""
        if not isinstance(self.asked.get(name), dict):
            raise ParameterError(name, "cần một lớp thứ hai", "a second layer is needed")
        return gathering.source(self.user, self.asked[name], self.area, f"{name}.layer")

    def study(self) -> Any:
        from geo.analytics.lattice import cells_within

        found = cells_within(self.shape, self.resolution)
        if len(found) == 0:
            raise ParameterError("resolution", "vùng nhỏ hơn một ô; chọn ô nhỏ hơn",
                                 "the area is smaller than one cell")  # fmt: skip
        return found


def hexagon(cell: int) -> Any:
    """A cell's border in degrees."""
    import h3.api.basic_int as h3

    return shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(int(cell))])


def known(value: Any) -> float | None:
    """A number as JSON has it: none where it is not finite."""
    return float(value) if np.isfinite(value) else None


def _cells(result: Any, kinds: dict[int, str], of: Any) -> list[Feature]:
    """The cells that stand out, the surest first."""
    chosen = np.nonzero(of)[0]
    order = chosen[np.lexsort((-np.abs(result.z[chosen]), result.q[chosen]))]
    return [
        Feature(hexagon(result.cells[n]), kinds[int(of[n])], value=float(result.value[n]),
                z=known(result.z[n]), q=known(result.q[n]),
                facts={"cell": f"{int(result.cells[n]):x}"})
        for n in order[:MOST_FEATURES]
    ]  # fmt: skip


def _base(work: Work, study: Any) -> Any:
    """The denominator of each cell of a study area, or None: so many points of another layer."""
    if work.asked.get("denominator") is None:
        return None
    cells, counts = work.other("denominator").counts(work.resolution)
    order = np.argsort(cells)
    at = np.searchsorted(cells[order], study)
    found = np.take(order, at, mode="clip")
    same = (at < len(cells)) & (cells[found] == study) if len(cells) else np.zeros(len(study), bool)
    return np.where(same, counts[found] if len(cells) else 0, 0).astype(float)


def hot_spots(work: Work) -> Outcome:
    from geo.analytics.hotspots import hot_spots as run

    study = work.study()
    cells, counts = work.points.counts(work.resolution)
    base = _base(work, study)
    found = elsewhere.computed(run, cells, counts, work.parameters, study=study, denominator=base,
                               points=int(counts.sum()), watch=work.watch)  # fmt: skip
    features = _cells(found, {1: "hot", -1: "cold"}, found.sign)
    figures = {
        "events": int(counts.sum()), "cells": len(found.cells), "hot": int((found.sign > 0).sum()),
        "cold": int((found.sign < 0).sum()), "too_few": int((~found.ranked).sum()),
        "rate": found.rate,
    }  # fmt: skip
    return Outcome(features, figures, list(found.notes))


def local_moran(work: Work) -> Outcome:
    from geo.analytics.moran import local_moran as run

    study = work.study()
    cells, counts = work.points.counts(work.resolution)
    base = _base(work, study)
    found = elsewhere.computed(run, cells, counts, work.parameters, study=study, denominator=base,
                               points=int(counts.sum()), watch=work.watch)  # fmt: skip
    kinds = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
    features = _cells(found, kinds, found.cluster)
    figures = {"events": int(counts.sum()), "cells": len(found.cells)} | {
        name: int((found.cluster == code).sum()) for code, name in kinds.items()
    }
    return Outcome(features, figures, list(found.notes))


def emerging(work: Work) -> Outcome:
    from geo.analytics.emerging import KINDS
    from geo.analytics.emerging import emerging_hot_spots as run

    cells, table, starts = work.points.slices(work.resolution, work.asked.get("slice", "week"))
    if len(starts) == 0:
        raise ParameterError("layer", "không có sự việc nào", "there are no events")
    found = run(cells, table, work.parameters, study=work.study(), **work.watch)
    last = found.z[:, -1]
    chosen = np.nonzero(found.kind)[0]
    order = chosen[np.argsort(-np.abs(last[chosen]), kind="stable")]
    features = []
    for n in order[:MOST_FEATURES]:
        slug, title, _words = KINDS[int(found.kind[n])]
        side = "cold" if found.side[n] < 0 else "hot"
        features.append(
            Feature(hexagon(found.cells[n]), f"{slug}-{side}"[:24], title.vi, z=known(last[n]),
                    q=known(found.trend_q[n]), facts={"title": title.dict(), "side": side,
                    "trend_z": known(found.trend.z[n])})
        )  # fmt: skip
    kinds = {slug: int((found.kind == code).sum()) for code, (slug, _t, _w) in enumerate(KINDS)}
    figures = {"events": int(table.sum()), "cells": len(found.cells), "slices": len(starts),
               "first": starts[0].isoformat(), "kinds": kinds}  # fmt: skip
    return Outcome(features, figures, list(found.notes))


def kernel_density(work: Work) -> Outcome:
    from rasterio import features as burnt
    from rasterio.transform import from_bounds

    from geo.analytics.density import kernel_density as run
    from geo.analytics.density import raster_of

    land = gathering.to_metric(work.shape)
    where = work.points.metres()
    height, width, box = raster_of(shapely.bounds(land), work.parameters.cell_m)
    grid = from_bounds(*box, width, height)
    mask = burnt.geometry_mask([land], (height, width), grid, invert=True)
    found = run(where, shapely.bounds(land), work.parameters, mask=mask, **work.watch)
    highest = float(np.nanmax(found.density, initial=0))
    # Below a thousandth of the peak there is only the kernel's tail and rounding.
    dense = found.density[np.nan_to_num(found.density) > highest / 1000]
    if len(dense) == 0:
        return Outcome([], {"events": len(where)})
    limits = np.unique(np.quantile(dense, [0.5, 0.75, 0.9, 0.95, 0.99]))
    bands = np.digitize(np.nan_to_num(found.density), limits).astype(np.int16)
    features = []
    for shape, band in burnt.shapes(bands, mask=bands > 0, transform=grid, connectivity=4):
        low = float(limits[int(band) - 1])
        border = gathering.to_degrees(shapely.make_valid(shapely.geometry.shape(shape)))
        features.append(Feature(border, f"band-{int(band)}", value=low))
    features.sort(key=lambda one: -(one.value or 0))
    figures = {"events": len(where), "outside": found.outside, "highest": highest,
               "unit": "1/km²", "limits": limits.round(3).tolist()}  # fmt: skip
    return Outcome(features[:MOST_FEATURES], figures)


def clusters(work: Work) -> Outcome:
    from geo.analytics import clusters as pure

    lonlat, seconds = work.points.positions(with_time=work.asked["method"] == "space-time-dbscan")
    where = gathering.to_metres(lonlat)
    run: Any = {"dbscan": pure.dbscan, "hdbscan": pure.hdbscan}.get(work.asked["method"])
    if run is None:
        found = pure.space_time_dbscan(where, seconds, work.parameters, **work.watch)
    else:
        found = elsewhere.computed(run, where, work.parameters, points=len(where), watch=work.watch)
    features = []
    for rank, label in enumerate(np.argsort(-found.sizes, kind="stable")[:MOST_FEATURES], 1):
        members = found.labels == label
        hull = shapely.buffer(
            shapely.concave_hull(shapely.multipoints(where[members]), ratio=0.3), 10
        )
        facts: dict[str, Any] = {"events": int(found.sizes[label])}
        if len(seconds):
            facts |= {"from": float(seconds[members].min()), "to": float(seconds[members].max())}
        features.append(Feature(gathering.to_degrees(hull), "cluster", f"{rank}",
                                value=float(found.sizes[label]), facts=facts))  # fmt: skip
    figures = {"events": len(where), "clusters": len(found.sizes),
               "alone": int((found.labels < 0).sum())}  # fmt: skip
    return Outcome(features, figures)


def coverage(work: Work) -> Outcome:
    from geo.analytics.reach import coverage as run
    from geo.analytics.reach import distance_rings

    wards = gathering.wards_in(work.shape)
    lonlat, _none = work.points.positions()
    facilities = work.other().metres()
    groups = wards.numbers(lonlat)
    found = run(gathering.to_metres(lonlat), facilities, work.parameters, **work.watch)
    land = gathering.to_metric(work.shape)
    rings = distance_rings(facilities, work.parameters, mask=land, cancelled=work.cancelled)
    features = []
    for ring, metres, share in zip(rings, work.parameters.distances_m, found.share, strict=True):
        features.append(Feature(gathering.to_degrees(ring), "ring", f"≤ {metres:,.0f} m",
                                value=float(metres), facts={"share": float(share)}))  # fmt: skip
    table = []
    for number, ward in enumerate(wards.rows):
        inside = groups == number
        if inside.any():
            far = float(np.median(found.distance_m[inside]))
            table.append({"ward": ward.name_vi, "places": int(inside.sum()), "median_m": far})
    figures = {
        "places": len(lonlat), "facilities": len(facilities), "mean_m": found.mean_m,
        "median_m": found.median_m, "wards": sorted(table, key=lambda row: -row["median_m"]),
        "share": dict(zip(map(str, work.parameters.distances_m), map(float, found.share),
                          strict=True)),
    }  # fmt: skip
    return Outcome(features, figures)


def best_sites(work: Work) -> Outcome:
    import h3.api.basic_int as h3

    from geo.analytics.siting import best_sites as run

    if isinstance(work.asked.get("candidates"), dict):
        spots = work.other("candidates").positions()[0]
    else:
        centres = [h3.cell_to_latlng(int(cell)) for cell in work.study()]
        spots = np.array([(lon, lat) for lat, lon in centres])
    has = isinstance(work.asked.get("against"), dict)
    existing = work.other().metres() if has else None
    where = work.points.metres()
    found = run(where, gathering.to_metres(spots), work.parameters, existing=existing, **work.watch)
    features = [
        Feature(shapely.Point(spots[chosen]), "site", f"{rank}", value=float(rank))
        for rank, chosen in enumerate(found.chosen, 1)
    ]
    figures = {"places": len(where), "candidates": len(spots), "before": known(found.before),
               "after": known(found.after), "gap": known(found.gap),
               "proved": found.proved}  # fmt: skip
    return Outcome(features, figures)


def _by_ward(wards: Wards, rows: list[dict[str, Any]], order: Any) -> list[Feature]:
    """One feature a ward; each row gives kind, value, z, q and facts."""
    return [
        Feature(wards.borders[n], title=wards.rows[n].name_vi, **rows[n])
        for n in np.asarray(order).tolist()
    ]


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
    return Outcome(_by_ward(wards, rows, order), figures)


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
    return Outcome(_by_ward(wards, rows, order), figures)


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
    return Outcome(_by_ward(wards, rows, np.argsort(-np.nan_to_num(values))), figures)


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
    return Outcome(_by_ward(wards, rows, np.argsort(-found.of)), figures)


@dataclass(frozen=True)
class Recipe:
    """How a method is run here; ``asks`` are the parts of a question beyond layer and area."""

    run: Callable[[Work], Outcome]
    asks: tuple[str, ...] = ()


_CELLS = ("period", "resolution", "denominator?")
RECIPES: dict[str, Recipe] = {
    "hot-spots": Recipe(hot_spots, _CELLS),
    "local-moran": Recipe(local_moran, _CELLS),
    "emerging-hot-spots": Recipe(emerging, ("period", "resolution", "slice")),
    "kernel-density": Recipe(kernel_density, ("period",)),
    "dbscan": Recipe(clusters, ("period",)),
    "space-time-dbscan": Recipe(clusters, ("period",)),
    "hdbscan": Recipe(clusters, ("period",)),
    "coverage": Recipe(coverage, ("period", "against")),
    "best-sites": Recipe(best_sites, ("period", "resolution", "against?", "candidates?")),
    "before-after": Recipe(before_after, ("before", "after")),
    "trends": Recipe(trends, ("period", "slice")),
    "classes": Recipe(classes, ("period", "denominator?")),
    "bivariate": Recipe(bivariate, ("period", "against")),
}


def described() -> list[dict[str, Any]]:
    """Every method that the desk runs, with its words, parameters and what it asks for."""
    known_methods = methods()
    return [
        known_methods[slug].dict() | {"asks": list(recipe.asks)} for slug, recipe in RECIPES.items()
    ]
