"""Methods over ground that a layer covers: what lies in its zones, what its grid holds."""

from typing import Any

import numpy as np
import shapely

from geo.analytics import ParameterError
from ioc.planning import gathering
from ioc.planning.gathering import Source
from ioc.planning.recipes.work import Feature, Outcome, Work, known

MOST_ZONES = 2_000
FIFTHS = 5


def borders(source: Source) -> list[Any]:
    """The polygons of a layer in degrees. Raises ParameterError for none or far too many."""
    column = source.view.geom
    rows = source.rows().filter(**{f"{column}__isnull": False})
    found = list(rows.values_list(column, flat=True)[: MOST_ZONES + 1])
    if not found:
        raise ParameterError("zones", "không có vùng nào ở đây", "there is no zone here")
    if len(found) > MOST_ZONES:
        raise ParameterError("zones", f"hơn {MOST_ZONES} vùng; hãy thu hẹp câu hỏi",
                             f"more than {MOST_ZONES} zones; ask for fewer")  # fmt: skip
    return [shapely.make_valid(shapely.from_wkb(bytes(shape.wkb))) for shape in found]


def graded(values: Any) -> tuple[list[str], dict[str, Any]]:
    """The kind of each value by fifths, as in a map of classes, and the limits for its legend."""
    from geo.analytics.classes import Classes, classified

    if not np.isfinite(values).any():
        return ["spared"] * len(values), {}
    found = classified(values, Classes(count=FIFTHS))
    kinds = [f"class-{of + 1}" if of >= 0 else "spared" for of in found.of.tolist()]
    return kinds, {"limits": found.limits.tolist(), "counts": found.counts.tolist()}


def exposure(work: Work) -> Outcome:
    from geo.analytics.exposure import exposure as run

    wards = gathering.wards_in(work.shape)
    zones = [gathering.to_metric(zone) for zone in borders(work.other("zones", "polygon"))]
    lonlat, _none = work.points.positions()
    areas = [gathering.to_metric(shapely.intersection(border, work.shape))
             for border in wards.borders]  # fmt: skip
    found = run(gathering.to_metres(lonlat), zones, areas, work.parameters, **work.watch)
    order = np.lexsort((-found.km2, -found.exposed))
    kinds, legend = graded(np.where(found.exposed > 0, found.exposed, np.nan))
    features = [
        Feature(
            gathering.to_degrees(found.parts[n]), kinds[n], wards.rows[n].name_vi,
            value=float(found.exposed[n]),
            facts={"count": int(found.total[n]), "share": known(found.share[n]),
                   "km2": float(found.km2[n]), "area_share": float(found.area_share[n])},
        )
        for n in order.tolist() if found.km2[n] > 0
    ]  # fmt: skip
    figures = {"events": len(lonlat), "exposed": int(found.inside.sum()), "zones": len(zones),
               "km2": float(found.km2.sum()), "wards_touched": len(features)}  # fmt: skip
    return Outcome(features, figures | legend)


def zonal(work: Work) -> Outcome:
    from geo.analytics.zonal import zonal as run

    layer = work.points.view.layer
    grid = layer.grid_of(work.points.rows()) if layer.grid_of else None
    if grid is None:
        raise ParameterError("layer", "lớp này chưa có số liệu ở đây",
                             "this layer holds no figures here yet")  # fmt: skip
    wards = gathering.wards_in(work.shape)
    turn = grid.from_degrees()
    zones = [shapely.make_valid(shapely.transform(shapely.intersection(border, work.shape), turn))
             for border in wards.borders]  # fmt: skip
    found = run(grid.values, grid.bounds, zones, work.parameters, **work.watch)
    cell_km2 = grid.cell_m2() / 1e6
    kinds, legend = graded(found.mean)
    features = [
        Feature(
            shapely.intersection(wards.borders[n], work.shape), kinds[n], wards.rows[n].name_vi,
            value=known(found.mean[n]),
            facts={"lowest": known(found.low[n]), "highest": known(found.high[n]),
                   "deviation": known(found.deviation[n]),
                   "km2": float(found.cells[n] * cell_km2)},
        )
        for n in np.argsort(-np.nan_to_num(found.mean, nan=-1e9)).tolist() if found.cells[n] > 0
    ]  # fmt: skip
    figures = {"unit": grid.unit, "grid": grid.name, "wards_touched": len(features),
               "km2": float(np.nansum(found.cells) * cell_km2),
               "highest": known(np.nanmax(found.high, initial=-np.inf))}  # fmt: skip
    return Outcome(features, figures | legend)
