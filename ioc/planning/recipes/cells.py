"""Methods over the hexagons of the area: hot spots, local Moran, emerging hot spots."""

from typing import Any

import numpy as np

from geo.analytics import ParameterError
from ioc.planning import elsewhere
from ioc.planning.recipes.work import MOST_FEATURES, Feature, Outcome, Work, hexagon, known


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
