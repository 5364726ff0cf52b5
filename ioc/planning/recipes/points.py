"""Methods over the positions themselves: density, clusters, coverage, new sites."""

from typing import Any

import numpy as np
import shapely

from geo.text import Text
from ioc.planning import elsewhere, gathering
from ioc.planning.recipes.work import MOST_FEATURES, Feature, Outcome, Work, known


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
    where, weights, notes = _demand(work, len(spots))
    found = run(where, gathering.to_metres(spots), work.parameters, existing=existing,
                weights=weights, **work.watch)  # fmt: skip
    features = [
        Feature(shapely.Point(spots[chosen]), "site", f"{rank}", value=float(rank))
        for rank, chosen in enumerate(found.chosen, 1)
    ]
    figures = {"places": int(weights.sum()), "candidates": len(spots),
               "before": known(found.before), "after": known(found.after),
               "gap": known(found.gap), "proved": found.proved}  # fmt: skip
    return Outcome(features, figures, notes)


def _demand(work: Work, spots: int) -> tuple[Any, Any, list[Text]]:
    """Places to be served in metres with their weights; summed up by cell where they are many."""
    import h3.api.basic_int as h3

    from geo.analytics.siting import MOST_PAIRS

    where = work.points.metres()
    if len(where) * spots <= MOST_PAIRS:
        return where, np.ones(len(where)), []
    for res in (9, 8, 7):
        cells, counts = work.points.counts(res)
        if len(cells) * spots <= MOST_PAIRS or res == 7:
            break
    lonlat = np.array([h3.cell_to_latlng(int(cell))[::-1] for cell in cells])
    edge_m = round(h3.average_hexagon_edge_length(res, unit="m"))
    note = Text(
        f"Nơi cần phục vụ rất nhiều nên được gộp theo ô lục giác cạnh {edge_m} m.",
        f"Places are many and were summed up by hexagons with edges of {edge_m} m.",
    )
    return gathering.to_metres(lonlat), counts.astype(float), [note]
