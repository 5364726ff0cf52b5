"""The data of a question as arrays: what an analysis is given, read under the asker's rights."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal

import numpy as np
import shapely
from django.db.models import BigIntegerField, F, FloatField, Max, QuerySet
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from geo import cells, crs
from geo.analytics import ParameterError
from geo.errors import Refused
from geo.models import District
from ioc.planning.answers import period_terms
from ioc.planning.columns import columns, counted, fetched
from layers import mvt
from layers.questions import costs, reading, shapes
from layers.questions.compiling import Formula, rows_of
from layers.questions.places import KEYS as PLACE_KEYS
from layers.questions.places import only, place_of
from layers.questions.terms import Area, Space, Term, both
from layers.questions.views import View, view_of
from layers.questions.words import in_words

MOST_POINTS = 2_000_000
MOST_SLICES = 400
COARSEST, FINEST = 5, cells.RESOLUTION
SLICES = {"day": "day", "week": "week", "month": "month"}

Kind = Literal["point", "polygon", "grid"]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Source:
    """What a question names of one layer, as one person sees it; ``feature``: one row alone."""

    view: View
    term: Term
    feature: int | None = None

    def words(self) -> dict[str, str]:
        return in_words(self.view, self.term).dict()

    def rows(self) -> QuerySet[Any]:
        """The rows that it names."""
        found = rows_of(self.view, self.term)
        return found if self.feature is None else found.filter(pk=self.feature)

    @property
    def synthetic(self) -> bool:
        """Whether any of it is made up."""
        return self.view.synthetic and self.rows().filter(synthetic=True).exists()

    def newest(self) -> datetime | None:
        """The time of the newest row; None where the layer has no times or no rows."""
        if not self.view.time:
            return None
        return self.rows().aggregate(newest=Max(self.view.time))["newest"]

    @cached_property
    def _cell(self) -> Any:
        """The stored cell, where the person may know it: it is of the exact place."""
        exact = self.view.geom == self.view.layer.geom_field
        stored = isinstance(self.view.column("h3"), BigIntegerField) and exact
        return F("h3") if stored else None

    def counts(self, res: int) -> tuple[Ints, Ints]:
        """Cells of a resolution with their events, sorted: two arrays of the same length."""
        _bounded(res)
        if self._cell is None:
            lonlat, _none = self.positions()
            return np.unique(cells.cells_of(lonlat[:, 0], lonlat[:, 1], res), return_counts=True)
        sql, params = mvt.compiled(self.rows().values(a_cell=self._cell))
        return counted(f"SELECT a_cell FROM ({sql}) t", params, res)

    def slices(self, res: int, width: str) -> tuple[Ints, Ints, list[datetime]]:
        """Cells, their counts in slices of time shape (cells, slices), and when each begins."""
        if not self.view.time:
            raise ParameterError("layer", "lớp này không có thời gian", "this layer has no times")
        _bounded(res)
        found, starts = self._tallied(res, width)
        names, row = np.unique(found[:, 0], return_inverse=True)
        table = np.zeros((len(names), len(starts)), np.int64)
        np.add.at(table, (row, found[:, 1]), found[:, 2])
        return names, table, starts

    def _tallied(self, res: int, width: str) -> tuple[Ints, list[datetime]]:
        """Rows of a cell, a slice's number and a count, shape (n, 3), and when slices begin."""
        if self._cell is None:
            return self._tallied_here(res, width)
        unused = (1 << (3 * (15 - res))) - 1
        parent = f"(({{0}} & ~(15::bigint << 52)) | ({res}::bigint << 52) | {unused})"
        rows = self.rows().annotate(
            a_cell=Formula(parent, self._cell, output_field=BigIntegerField()),
            a_slice=_slice(self.view.time, width),
        )
        sql, params = mvt.compiled(rows.values("a_cell", "a_slice"))
        grouped = f"SELECT a_cell, a_slice, count(*) FROM ({sql}) t GROUP BY a_cell, a_slice"
        return _numbered(fetched(grouped, params), width)

    def _tallied_here(self, res: int, width: str) -> tuple[Ints, list[datetime]]:
        """The same from positions, where no cell is stored or it would tell too much."""
        lonlat, seconds = self.positions(with_time=True)
        found = cells.cells_of(lonlat[:, 0], lonlat[:, 1], res)
        zone = reading.zone()
        starts = [_start(datetime.fromtimestamp(s, zone), width) for s in seconds]
        keys, n = np.unique(
            np.column_stack([found, [int(start.timestamp()) for start in starts]]),
            axis=0, return_counts=True,
        )  # fmt: skip
        rows = [
            (cell, datetime.fromtimestamp(at, zone).replace(tzinfo=None), count)
            for (cell, at), count in zip(keys.tolist(), n.tolist(), strict=True)
        ]
        return _numbered(rows, width)

    def positions(self, *, with_time: bool = False) -> tuple[Floats, Floats]:
        """Longitude and latitude in degrees, shape (n, 2); seconds since 1970, or none."""
        rows = self.rows().filter(**{f"{self.view.geom}__isnull": False})
        rows = rows.annotate(
            a_x=Formula("ST_X({0})", F(self.view.geom), output_field=FloatField()),
            a_y=Formula("ST_Y({0})", F(self.view.geom), output_field=FloatField()),
        )
        names = ["a_x", "a_y"]
        if with_time:
            if not self.view.time:
                raise ParameterError("layer", "lớp này không có thời gian",
                                     "this layer has no times")  # fmt: skip
            seconds = Formula(
                "extract(epoch FROM {0})::float8", F(self.view.time), output_field=FloatField()
            )
            rows, names = rows.annotate(a_t=seconds), [*names, "a_t"]
        sql, params = mvt.compiled(rows.values(*names)[: MOST_POINTS + 1])
        found = np.column_stack(columns(sql, params, dict.fromkeys(names, float)))
        if len(found) > MOST_POINTS:
            raise ParameterError("points", f"hơn {MOST_POINTS:,} điểm; hãy thu hẹp câu hỏi",
                                 f"more than {MOST_POINTS:,} points; ask for fewer")  # fmt: skip
        return found[:, :2], found[:, 2] if with_time else np.empty(0)

    def metres(self) -> Floats:
        """East and north in the city's metric CRS, shape (n, 2)."""
        return to_metres(self.positions()[0])


def _slice(name: str, width: str) -> Formula:
    return Formula(
        f"date_trunc('{SLICES[width]}', {{0}} AT TIME ZONE '{reading.zone().key}')", F(name)
    )


def _bounded(res: int) -> None:
    if not COARSEST <= res <= FINEST:
        raise ParameterError("resolution", f"từ {COARSEST} đến {FINEST}",
                             f"from {COARSEST} to {FINEST}")  # fmt: skip


def _numbered(rows: list[Any], width: str) -> tuple[Ints, list[datetime]]:
    """Rows (cell, start, count) with the start's number in an unbroken row of slices."""
    if not rows:
        return np.empty((0, 3), np.int64), []
    starts = [min(row[1] for row in rows)]
    last = max(row[1] for row in rows)
    while starts[-1] < last:
        starts.append(_next(starts[-1], width))
        if len(starts) > MOST_SLICES:
            raise ParameterError("slice", f"hơn {MOST_SLICES} lát thời gian",
                                 f"more than {MOST_SLICES} slices of time")  # fmt: skip
    number = {start: n for n, start in enumerate(starts)}
    table = [(cell, number[start], count) for cell, start, count in rows]
    return np.array(table, np.int64), starts


def _start(at: datetime, width: str) -> datetime:
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if width == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if width == "week" else day


def _next(start: datetime, width: str) -> datetime:
    if width == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if width == "week" else 1)


def to_metres(lonlat: Floats) -> Floats:
    """Degrees as metres of the city's metric CRS, shape (n, 2)."""
    x, y = crs.transformers(crs.metric_srid())[0].transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y]).reshape(-1, 2)


def to_degrees(shape: Any) -> Any:
    """A shapely geometry in metres as one in degrees."""
    back = crs.transformers(crs.metric_srid())[1]

    def turned(xy: Floats) -> Floats:
        return np.column_stack(back.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(shape, turned)


def to_metric(shape: Any) -> Any:
    """A shapely geometry in degrees as one in metres."""
    return shapely.transform(shape, to_metres)


def source(
    user: Any, given: dict[str, Any], area: Area | None, name: str = "layer", kind: Kind = "point"
) -> Source:
    """The points, polygons or grid that JSON names. Raises Refused."""
    slug = given.get("layer") if isinstance(given, dict) else None
    view = view_of(user, reading.text_of(slug, name))
    if not _suits(view, kind):
        message = {
            "point": _("%(layer)s is no layer of points; this method needs one."),
            "polygon": _("%(layer)s is no layer of areas; this method needs one."),
            "grid": _("%(layer)s holds no figures on a grid; this method needs such a layer."),
        }[kind]
        raise Refused("bad-layer", message % {"layer": view.layer.slug})
    term = reading.term_of(view, given.get("where"))
    terms = [term, *period_terms(view, given.get("period"))]
    if area is not None:
        terms.append(Space("intersects", area))
    found = Source(view, both(*terms), _feature(given.get("feature"), kind))
    costs.check(estimated(found))
    if found.feature is not None and not found.rows().exists():
        raise Refused("not-found", _("There is nothing here that you may see."), status=404)
    return found


def _feature(given: Any, kind: Kind) -> int | None:
    """The number of the one feature whose figures are meant; None: the newest. Raises Refused."""
    if given is None:
        return None
    if kind != "grid":
        raise Refused("bad-question", _("A question has no part %s.") % "feature")
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given < 2**63:
        raise Refused("bad-question", _("feature is the id of one feature of the layer."))
    return given


def _suits(view: View, kind: Kind) -> bool:
    """Whether a layer is of a kind; grids are only for those who see the layer whole."""
    if kind == "grid":
        return view.layer.grid_of is not None and view.audience == "full"
    return view.layer.geometry == kind


def estimated(found: Source) -> costs.Estimate:
    """What the planner expects of a source, asked over this thread's own connection.

    A worker has no event loop: one made for each question would take its pool along half closed.
    """
    plan = fetched(*costs.explain_sql(found.view, found.term))[0][0][0]["Plan"]
    return costs.Estimate(int(plan["Plan Rows"]), float(plan["Total Cost"]))


def area_of(user: Any, given: Any) -> tuple[Area, Any]:
    """The area that JSON names, or the city's wards, and it as a shapely geometry in degrees."""
    if given:
        only(given, PLACE_KEYS)
        area = place_of(user, given)
        shape = shapely.from_wkb(area.ewkb)
        return shapes.with_inner(area, shape), shape
    borders = [shapely.from_wkb(bytes(ward.geom.wkb)) for ward in _wards()]
    if not borders:
        raise Refused("no-area", _("There are no wards yet: import a city pack, or draw an area."))
    shape = shapely.union_all(borders)
    here = crs.city()
    name, in_english = (here.name_vi, here.name_en) if here else ("city", "")
    return shapes.area_from(shape, name=name, name_en=in_english), shape


def _wards() -> list[District]:
    return list(District.objects.filter(retired_at=None).order_by("pk"))


def borders() -> tuple[list[District], list[Any]]:
    """The wards of today and their borders in degrees."""
    rows = _wards()
    return rows, [shapely.from_wkb(bytes(ward.geom.wkb)) for ward in rows]


@dataclass(frozen=True)
class Wards:
    """The wards that touch an area, with their borders in degrees and km² of land and water."""

    rows: list[District]
    borders: list[Any]
    km2: Floats

    def counted(self, lonlat: Floats) -> Ints:
        """How many positions lie in each."""
        return np.array(
            [int(_inside(border, lonlat).sum()) for border in self.borders], dtype=np.int64
        )

    def numbers(self, lonlat: Floats) -> Ints:
        """The number of each position's ward, −1 where it is in none."""
        of = np.full(len(lonlat), -1, np.int64)
        for number, border in enumerate(self.borders):
            of[_inside(border, lonlat) & (of < 0)] = number
        return of


def _inside(border: Any, lonlat: Floats) -> NDArray[np.bool_]:
    west, south, east, north = shapely.bounds(border)
    x, y = lonlat[:, 0], lonlat[:, 1]
    near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    shapely.prepare(border)
    near[near] = shapely.intersects_xy(border, x[near], y[near])
    return near


def wards_in(shape: Any) -> Wards:
    """The wards that share ground with a shape in degrees."""
    shapely.prepare(shape)
    found = [(ward, shapely.from_wkb(bytes(ward.geom.wkb))) for ward in _wards()]
    found = [(ward, border) for ward, border in found if shapely.intersects(shape, border)]
    if not found:
        raise Refused("no-wards", _("No ward lies in this area."))
    rows, borders = [ward for ward, _ in found], [border for _, border in found]
    km2 = np.array([shapely.area(to_metric(border)) / 1e6 for border in borders])
    return Wards(rows, borders, km2)


def starts_of(seconds: Floats, width: str) -> Ints:
    """The number of each moment's slice, the first 0, by the city's days, weeks or months."""
    if len(seconds) == 0:
        return np.empty(0, np.int64)
    import pandas as pd

    at = pd.to_datetime(seconds, unit="s", utc=True).tz_convert(reading.zone()).tz_localize(None)
    number = at.to_period({"day": "D", "week": "W-SUN", "month": "M"}[width]).asi8
    found = np.asarray(number - number.min(), np.int64)
    if found.max() >= MOST_SLICES:
        raise ParameterError("slice", f"hơn {MOST_SLICES} lát thời gian",
                             f"more than {MOST_SLICES} slices of time")  # fmt: skip
    return found
