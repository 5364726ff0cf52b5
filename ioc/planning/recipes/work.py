"""What every recipe works with, and what it makes: features for map and table, and figures."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geo.analytics import ParameterError
from geo.text import Text
from ioc.planning import gathering
from ioc.planning.gathering import Kind, Source, Wards

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

    def other(self, name: str = "against", kind: Kind = "point") -> Source:
        """The second layer of the question. Raises ParameterError where none is named."""
        if not isinstance(self.asked.get(name), dict):
            raise ParameterError(name, "cần một lớp thứ hai", "a second layer is needed")
        return gathering.source(self.user, self.asked[name], self.area, f"{name}.layer", kind)

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


def tell_wards(features: list[Feature]) -> None:
    """Each feature that is no ward itself is told the ward it lies in, in both languages."""
    rows, borders = gathering.borders()
    names = {ward.name_vi for ward in rows}
    loose = [one for one in features if one.kind != "ring" and one.title not in names]
    if not loose or not rows:
        return
    inner = shapely.point_on_surface([one.shape for one in loose])
    found = shapely.STRtree(borders).query(inner, predicate="intersects")
    for at, ward in zip(*found.tolist(), strict=True):
        names_of = {"vi": rows[ward].name_vi, "en": rows[ward].name_en}
        loose[at].facts.setdefault("ward", names_of)


def by_ward(wards: Wards, rows: list[dict[str, Any]], order: Any) -> list[Feature]:
    """One feature a ward; each row gives kind, value, z, q and facts."""
    return [
        Feature(wards.borders[n], title=wards.rows[n].name_vi, **rows[n])
        for n in np.asarray(order).tolist()
    ]
