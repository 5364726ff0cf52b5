"""Each method as the desk runs it: what it asks a planner for, and what it makes of the data.

A recipe gathers arrays, calls the pure analysis, and answers features for map and table with the
figures that go beside them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from geo.analytics import methods
from ioc.planning.gathering import Kind
from ioc.planning.recipes import cells, ground, points, wards
from ioc.planning.recipes.work import Feature, Outcome, Work

OTHERS: dict[str, Kind] = {
    "against": "point", "candidates": "point", "denominator": "point", "zones": "polygon",
}  # fmt: skip
"""Further layers that a question may name, and of what kind they must be."""


@dataclass(frozen=True)
class Recipe:
    """How a method is run here; ``asks`` are the parts of a question beyond layer and area, the
    optional ones with a question mark; ``kind`` is the kind of layer that it looks at."""

    run: Callable[[Work], Outcome]
    asks: tuple[str, ...] = ()
    kind: Kind = "point"


_CELLS = ("period", "resolution", "denominator?")
RECIPES: dict[str, Recipe] = {
    "hot-spots": Recipe(cells.hot_spots, _CELLS),
    "local-moran": Recipe(cells.local_moran, _CELLS),
    "emerging-hot-spots": Recipe(cells.emerging, ("period", "resolution", "slice")),
    "kernel-density": Recipe(points.kernel_density, ("period",)),
    "dbscan": Recipe(points.clusters, ("period",)),
    "space-time-dbscan": Recipe(points.clusters, ("period",)),
    "hdbscan": Recipe(points.clusters, ("period",)),
    "coverage": Recipe(points.coverage, ("period", "against")),
    "best-sites": Recipe(points.best_sites, ("period", "resolution", "against?", "candidates?")),
    "before-after": Recipe(wards.before_after, ("before", "after")),
    "trends": Recipe(wards.trends, ("period", "slice")),
    "classes": Recipe(wards.classes, ("period", "denominator?")),
    "bivariate": Recipe(wards.bivariate, ("period", "against")),
    "exposure": Recipe(ground.exposure, ("period", "zones")),
    "zonal": Recipe(ground.zonal, ("feature?",), "grid"),
}


def described() -> list[dict[str, Any]]:
    """Every method that the desk runs, with its words, parameters and what it asks for."""
    known_methods = methods()
    return [
        known_methods[slug].dict() | {"asks": list(recipe.asks), "layer_kind": recipe.kind}
        for slug, recipe in RECIPES.items()
    ]


__all__ = ["OTHERS", "RECIPES", "Feature", "Outcome", "Recipe", "Work", "described"]
