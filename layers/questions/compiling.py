"""An expression as a condition over the layer's own rows: one query, every value a parameter.

Written as plain SQL logic (three values), so that a question and its CQL2 twin agree, and rights
hold on both sides of a join: each side starts from what the asker sees of that layer.
"""

import re
from datetime import timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.models import BooleanField, Exists, F, FloatField, Func, OuterRef, QuerySet, Value
from django.db.models import Subquery as Sub
from django.utils import timezone

from geo.crs import city
from layers import filters
from layers.questions import shapes
from layers.questions.terms import (
    All,
    AnyOf,
    Area,
    Between,
    Clock,
    Compare,
    CompareFields,
    Contains,
    During,
    Everything,
    InBox,
    IsNull,
    Last,
    Like,
    Nearest,
    Not,
    OneOf,
    Reach,
    Related,
    Same,
    Search,
    Space,
    Term,
    Within,
)  # fmt: skip
from layers.questions.views import View, view_of

SPACE = {
    "intersects": "ST_Intersects", "inside": "ST_CoveredBy", "contains": "ST_Covers",
    "disjoint": "ST_Disjoint", "touches": "ST_Touches", "crosses": "ST_Crosses",
    "overlaps": "ST_Overlaps", "equals": "ST_Equals", "interior": "ST_Within",
    "encloses": "ST_Contains",
}  # fmt: skip
_HOLE = re.compile(r"\{(\d+)\}")


class Formula(Func):
    """SQL written here with holes ``{0}`` for expressions; nothing from outside is in the text."""

    def __init__(self, formula: str, *expressions: Any, output_field: Any = None) -> None:
        self.formula = formula
        super().__init__(*expressions, output_field=output_field or BooleanField())

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        if any(self._empty(compiler, part) for part in self.source_expressions):
            return "FALSE", []
        made = [self._made(compiler, part) for part in self.source_expressions]
        sql, params = [], []
        for n, piece in enumerate(_HOLE.split(self.formula)):
            if n % 2:
                sql.append(made[int(piece)][0])
                params += made[int(piece)][1]
            else:
                sql.append(piece)
        return "".join(sql), params

    @staticmethod
    def _empty(compiler: Any, part: Any) -> bool:
        """Whether it is a subquery that can have no row: what is IN it is nothing."""
        if not isinstance(part, Sub):
            return False
        try:
            compiler.compile(part)
        except EmptyResultSet:
            return True
        return False

    @staticmethod
    def _made(compiler: Any, part: Any) -> tuple[str, Any]:
        try:
            return compiler.compile(part)
        except EmptyResultSet:
            return "FALSE", ()
        except FullResultSet:
            return "TRUE", ()


def rows_of(view: View, term: Term) -> QuerySet[Any]:
    """The rows that the asker may see and that the term holds for."""
    rows = view.rows()
    return rows if term == Everything() else rows.filter(condition(view, term))


def _value(value: Any) -> Value:
    return Value(value, output_field=FloatField()) if isinstance(value, float) else Value(value)


def _column(view: View, name: str) -> F:
    return F(view.name(name))


def _geometry(area: Area) -> Value:
    return Value(area.ewkb)


def condition(view: View, term: Term) -> Any:
    """The term as a boolean expression over ``view.rows()``."""
    match term:
        case All(terms) | AnyOf(terms):
            word = " AND " if isinstance(term, All) else " OR "
            holes = word.join(f"{{{n}}}" for n in range(len(terms)))
            return Formula(f"({holes})", *(condition(view, part) for part in terms))
        case Not(inner):
            return Formula("NOT ({0})", condition(view, inner))
        case Everything(value):
            return Formula("TRUE" if value else "FALSE")
        case Space() | Within() | Nearest() | InBox():
            return _place(view, term)
        case Reach(inner):
            reached = rows_of(view_of(view.user, view.layer.reach), inner)
            return Formula("{0} IN {1}", F("pk"), Sub(reached.order_by().values("pk")))
        case Related():
            return _related(view, term)
        case During() | Last() | Clock():
            return _time(view, term)
        case _:
            return _field(view, term)


def _field(view: View, term: Term) -> Any:
    match term:
        case Compare(field, op, value):
            return Formula(f"{{0}} {op} {{1}}", _column(view, field), _value(value))
        case CompareFields(field, op, other):
            return Formula(f"{{0}} {op} {{1}}", _column(view, field), _column(view, other))
        case OneOf(field, values):
            holes = ", ".join(f"{{{n + 1}}}" for n in range(len(values)))
            return Formula(f"{{0}} IN ({holes})", _column(view, field), *map(_value, values))
        case Between(field, low, high):
            ends = _value(low), _value(high)
            return Formula("{0} BETWEEN {1} AND {2}", _column(view, field), *ends)
        case IsNull(field):
            return Formula("{0} IS NULL", _column(view, field))
        case Like(field, text, any_case, any_accent):
            sides = _plain("{0}::text", any_case, any_accent), _plain("{1}", any_case, any_accent)
            return Formula(" LIKE ".join(sides), _column(view, field), Value(text))
        case Same(field, text, any_case, any_accent):
            sides = _plain("{0}::text", any_case, any_accent), _plain("{1}", any_case, any_accent)
            return Formula(" = ".join(sides), _column(view, field), Value(text))
        case Contains(field, text):
            escaped = re.sub(r"([%_\\])", r"\\\1", text)
            return condition(view, Like(field, f"%{escaped}%", any_case=True, any_accent=True))
        case Search(text):
            found = filters.search(view.layer, view.audience, view.rows(), text)
            return Formula("{0} IN {1}", F("pk"), Sub(found.order_by().values("pk")))
    raise TypeError(f"{type(term).__name__} is not a term")


def _plain(side: str, any_case: bool, any_accent: bool) -> str:
    side = f"lower({side})" if any_case else side
    return f"unaccent({side})" if any_accent else side


def _time(view: View, term: Any) -> Any:
    column = _column(view, term.field)
    match term:
        case During(_, start, end, closed):
            parts, ends = [], [end for end in (start, end) if end is not None]
            if start is not None:
                parts.append("{0} >= {1}")
            if end is not None:
                parts.append(f"{{0}} {'<=' if closed else '<'} {{{len(ends)}}}")
            return Formula(" AND ".join(parts) or "{0} IS NOT NULL", column, *map(Value, ends))
        case Last(_, amount, unit):
            start = timezone.now() - timedelta(**{unit: amount})
            return Formula("{0} >= {1}", column, Value(start))
        case Clock(_, weekdays, hours):
            here = city()
            zone = Value(here.time_zone if here else "Asia/Ho_Chi_Minh")
            wanted = [("isodow", weekdays), ("hour", hours)]
            local = "extract({} FROM {{0}} AT TIME ZONE {{1}}) IN ({})"
            parts = [
                local.format(part, ", ".join(f"{number:d}" for number in numbers))
                for part, numbers in wanted
                if numbers
            ]
            return Formula(" AND ".join(parts) or "{0} IS NOT NULL", column, zone)
    raise TypeError(f"{type(term).__name__} is not a time")


def _envelope(box: tuple[float, ...], first: int) -> tuple[str, list[Value]]:
    holes = ", ".join(f"{{{first + n}}}" for n in range(4))
    return f"ST_MakeEnvelope({holes}, 4326)", [_value(float(edge)) for edge in box]


def _place(view: View, term: Term) -> Any:
    geom = F(view.geom)
    match term:
        case Space("intersects" | "inside", area) if area.inner and view.layer.geometry == "point":
            return _in_large(geom, area)
        case Space(relation, area):
            return Formula(f"{SPACE[relation]}({{0}}, {{1}}::geometry)", geom, _geometry(area))
        case Within(area, metres):
            return near(geom, area, metres)
        case InBox((west, south, east, north)) if west > east:
            sides = (west, south, 180.0, north), (-180.0, south, east, north)
            return condition(view, AnyOf(tuple(InBox(side) for side in sides)))
        case InBox(box):
            envelope, edges = _envelope(box, 1)
            # The boxes first: they are cheap where an order, not the index, leads to the rows.
            exact = f"({{0}} && {envelope} AND ST_Intersects({{0}}, {envelope}))"
            return Formula(exact, geom, *edges)
        case Nearest(area, k):
            return Formula("{0} IN {1}", F("pk"), Sub(_nearest(view, area, k)))
    raise TypeError(f"{type(term).__name__} is not a place")


def _in_large(geom: F, area: Area) -> Any:
    """A point in an area: by the boxes inside it, and only near the border by its outline.

    Two halves of its box lead the database to a bitmap, which reads each page once; a CASE, for
    an index finds nothing by an inner box that it does not find by the halves. All are numbers
    made here, a hundred of them, which as parameters cost more than the rows.
    """
    west, south, east, north = area.box
    middle = (west + east) / 2
    halves = [_boxed((west, south, middle, north)), _boxed((middle, south, east, north))]
    near = " OR ".join(f"{{0}} && {half}" for half in halves)
    cases = " ".join(f"WHEN {{0}} && {_boxed(box)} THEN TRUE" for box in area.inner)
    outline = "ST_Intersects({0}, {1}::geometry)"
    return Formula(f"(({near}) AND CASE {cases} ELSE {outline} END)", geom, _geometry(area))


def _boxed(box: tuple[float, ...]) -> str:
    return f"ST_MakeEnvelope({', '.join(repr(float(edge)) for edge in box)}, 4326)"


def near(geom: F, area: Area, metres: float) -> Any:
    """Within metres of a fixed shape: the box through the index, then the spheroid."""
    envelope, edges = _envelope(shapes.grown(area.box, metres), 3)
    exact = "ST_DWithin({0}::geography, {1}::geometry::geography, {2})"
    return Formula(
        f"({{0}} && {envelope} AND {exact})", geom, _geometry(area), _value(metres * 1.0), *edges
    )


def _nearest(view: View, area: Area, k: int) -> QuerySet[Any]:
    """The k nearest: candidates by the index in degrees, their order in metres."""
    degrees = Formula(
        "{0} <-> {1}::geometry", F(view.geom), _geometry(area), output_field=FloatField()
    )
    metres = Formula(
        "ST_Distance({0}::geography, {1}::geometry::geography)",
        F(view.geom), _geometry(area), output_field=FloatField(),
    )  # fmt: skip
    some = view.rows().filter(**{f"{view.geom}__isnull": False})
    candidates = some.order_by(degrees).values("pk")[: 4 * k + 50]
    return some.filter(pk__in=candidates).order_by(metres, "pk").values("pk")[:k]


def _related(view: View, term: Related) -> Any:
    """There is such a row of another layer: its rights, its fields, its geometry."""
    other = view_of(view.user, term.layer)
    rows = rows_of(other, term.where)
    ours, theirs = OuterRef(view.geom), F(other.geom)
    if other.layer.slug == view.layer.slug:
        rows = rows.exclude(pk=OuterRef("pk"))
    if term.metres is None:
        return Exists(rows.filter(Formula("ST_Intersects({0}, {1})", theirs, ours)))
    high = _value(term.metres / 110_500)
    # Degrees of longitude that hold the metres at the latitude of the outer row.
    wide = "{2} / greatest(0.01, cos(radians(least(89.5, abs(ST_Y(ST_Centroid({1}))) + {2}))))"
    reach = Formula(
        f"{{0}} && ST_Expand({{1}}, {wide}, {{2}})"
        " AND ST_DWithin({0}::geography, {1}::geography, {3})",
        theirs, ours, high, _value(term.metres * 1.0),
    )  # fmt: skip
    return Exists(rows.filter(reach))
