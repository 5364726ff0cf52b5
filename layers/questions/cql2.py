"""CQL2, as text or JSON, read into the same terms as our own questions.

A function of ours: REACH(filter), the features whose ground, such as a camera's field of view,
fulfils the filter.

Source: OGC 21-065r2 (Common Query Language). Times that are days count from the city's midnight.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import shapely
from django.utils.translation import gettext as _

from geo.errors import Refused
from layers.questions import cql2_text, shapes
from layers.questions.reading import (
    Budget,
    checked_box,
    date_of,
    number_of,
    reached,
    text_of,
    time_of,
    value_of,
)
from layers.questions.terms import (
    COMPARISONS,
    MAX_VALUES,
    All,
    AnyOf,
    Between,
    Compare,
    CompareFields,
    During,
    Everything,
    InBox,
    IsNull,
    Like,
    Not,
    OneOf,
    Reach,
    Relation,
    Same,
    Space,
    Term,
)  # fmt: skip
from layers.questions.views import TIME, View

GEOMETRY = ("geometry", "geom")
SPATIAL: dict[str, tuple[Relation, Relation]] = {
    "s_intersects": ("intersects", "intersects"),
    "s_within": ("interior", "encloses"),
    "s_contains": ("encloses", "interior"),
    "s_disjoint": ("disjoint", "disjoint"),
    "s_touches": ("touches", "touches"),
    "s_crosses": ("crosses", "crosses"),
    "s_overlaps": ("overlaps", "overlaps"),
    "s_equals": ("equals", "equals"),
}
"""The relation when the layer's geometry stands first, and when it stands second."""
FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
TEMPORAL = ("t_after", "t_before", "t_during", "t_equals", "t_intersects", "t_disjoint")


def bad(message: Any) -> Refused:
    return Refused("bad-filter", message)


@dataclass(frozen=True)
class Crs:
    """The coordinate system of the geometries in a filter; ``flip``: y comes before x."""

    srid: int = 4326
    flip: bool = False


def read(
    view: View, given: Any, *, crs: Crs = Crs(), budget: Budget | None = None, depth: int = 1
) -> Term:
    """The term of a filter: CQL2-text as a string, CQL2-JSON as what JSON gives.

    Raises:
        Refused: with the reason and, for text, the place.
    """
    tree = (
        cql2_text.parse(text_of(given, "filter", cql2_text.MAX_CHARS))
        if isinstance(given, str)
        else given
    )
    return _Reader(view, crs, budget or Budget()).term(tree, depth)


def read_json(view: View, text: str, *, crs: Crs = Crs()) -> Term:
    """The term of a filter in CQL2-JSON as it stands in an address."""
    try:
        tree = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise bad(_("The filter is not JSON.")) from None
    if not isinstance(tree, dict | bool):
        raise bad(_("A filter in CQL2-JSON is an object."))
    return read(view, tree, crs=crs)


@dataclass
class _Reader:
    view: View
    crs: Crs
    budget: Budget

    def term(self, tree: Any, depth: int) -> Term:
        self.budget.spend(depth)
        if isinstance(tree, bool):
            return Everything(tree)
        if (name := _property(tree)) is not None:
            return Compare(name, "=", value_of(self.view, name, True))
        op, args = _call(tree)
        if op in {"and", "or"}:
            if not args:
                raise bad(_("%(op)s needs arguments.") % {"op": op})
            parts = tuple(self.term(arg, depth + 1) for arg in args)
            return All(parts) if op == "and" else AnyOf(parts)
        if op == "not":
            return Not(self.term(_only(args, 1)[0], depth + 1))
        if op in SPATIAL:
            return self.spatial(op, _only(args, 2))
        if op in TEMPORAL:
            return self.temporal(op, _only(args, 2))
        if op == "reach":
            other = _Reader(reached(self.view, self.budget), self.crs, self.budget)
            return Reach(other.term(_only(args, 1)[0], depth + 1))
        return self.scalar(op, args)

    def scalar(self, op: str, args: list[Any]) -> Term:
        if op in COMPARISONS:
            return self.comparison(op, _only(args, 2))
        if op == "isnull":
            return IsNull(self.field(_only(args, 1)[0]))
        if op == "between":
            name, low, high = self.field(args[0] if args else None), *_only(args, 3)[1:]
            return Between(name, self.value(name, low), self.value(name, high))
        if op == "in":
            left, values = _only(args, 2)
            if not isinstance(values, list) or not 1 <= len(values) <= MAX_VALUES:
                raise bad(_('"in" needs a list of 1 to %(limit)s values.') % {"limit": MAX_VALUES})
            plain, how = _unwrapped(left)
            name = self.field(plain)
            if how:
                return AnyOf(tuple(self.same(name, value, how) for value in values))
            return OneOf(name, tuple(self.value(name, value) for value in values))
        if op == "like":
            left, pattern = _only(args, 2)
            plain, how = _unwrapped(left)
            pattern, also = _unwrapped(pattern)
            how |= also
            text = text_of(pattern, "pattern")
            return Like(self.field(plain), text, "casei" in how, "accenti" in how)
        raise bad(_("%(op)s is not supported in filters.") % {"op": op[:40]})

    def comparison(self, op: str, args: list[Any]) -> Term:
        left, right = args
        if _property(_unwrapped(left)[0]) is None:
            left, right, op = right, left, FLIPPED[op]
        plain, how = _unwrapped(left)
        name = self.field(plain)
        if (other := _property(_unwrapped(right)[0])) is not None:
            other = self.field({"property": other})
            if self.view.kind(other) != self.view.kind(name):
                raise bad(_("%(a)s and %(b)s cannot be compared.") % {"a": name, "b": other})
            return CompareFields(name, op, other)
        if how or _unwrapped(right)[1]:
            if op not in {"=", "<>"}:
                raise bad(_("CASEI and ACCENTI compare with = and <> only."))
            same = self.same(name, right, how)
            return same if op == "=" else Not(same)
        return Compare(name, op, self.value(name, right))

    def same(self, name: str, value: Any, how: set[str]) -> Term:
        plain, also = _unwrapped(value)
        how = how | also
        return Same(name, text_of(plain, name), "casei" in how, "accenti" in how)

    def field(self, tree: Any) -> str:
        name = _property(tree)
        if name is None:
            raise bad(_("A name of a field is expected."))
        self.view.kind(name)
        return name

    def value(self, name: str, tree: Any) -> Any:
        """A literal as the field has it."""
        kind = self.view.kind(name)
        if isinstance(tree, dict):
            if set(tree) == {"timestamp"} and kind in {"time", "date"}:
                at = time_of(tree["timestamp"])
                return at if kind == "time" else at.date()
            if set(tree) == {"date"} and kind in {"time", "date"}:
                return date_of(tree["date"]) if kind == "date" else time_of(tree["date"])
            raise bad(_("%(name)s is not compared with this.") % {"name": name})
        return value_of(self.view, name, tree)

    def spatial(self, op: str, args: list[Any]) -> Term:
        first, second = SPATIAL[op]
        left, right = args
        for place, literal, relation in ((left, right, first), (right, left, second)):
            if _property(place) is not None:
                if _property(place) not in GEOMETRY:
                    known = GEOMETRY[0]
                    raise bad(_("The geometry's name is %(name)s.") % {"name": known})
                return self.space(relation, literal)
        raise bad(_("%(op)s needs the name of the geometry.") % {"op": op})

    def space(self, relation: Relation, literal: Any) -> Term:
        if not isinstance(literal, dict):
            raise bad(_("A geometry is expected."))
        if "bbox" in literal:
            box = self.box(literal["bbox"])
            if relation == "intersects":
                return InBox(box)
            return Space(relation, shapes.box_area(box))
        shape = literal.get("shape")
        if shape is None:
            shape = shapes.shape_of(literal)
        elif shapely.get_num_coordinates(shape) > shapes.MAX_VERTICES:
            raise shapes.too_many(shapes.MAX_VERTICES)
        if self.crs.flip:
            shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
        return Space(relation, shapes.area_from(shapes.settle(shape, self.crs.srid)))

    def box(self, edges: Any) -> Any:
        if not isinstance(edges, list) or len(edges) not in {4, 6}:
            raise bad(_("bbox needs four numbers: west, south, east, north"))
        numbers = [number_of(edge, "bbox") for edge in edges]
        if len(numbers) == 6:
            numbers = [*numbers[:2], *numbers[3:5]]
        return box_in_degrees(numbers, self.crs)

    def temporal(self, op: str, args: list[Any]) -> Term:
        left, right = args
        if _property(left) is None:
            left, right = right, left
            op = {"t_after": "t_before", "t_before": "t_after"}.get(op, op)
            if op == "t_during":
                raise bad(_("T_DURING needs the name of a time first."))
        name = self.field(left)
        if self.view.kind(name) != "time":
            raise bad(_("%(name)s is not a time.") % {"name": name})
        start, end, whole = _span(right)
        match op:
            case "t_after" if end is not None:
                return Compare(name, ">=" if whole else ">", end)
            case "t_before" if start is not None:
                return Compare(name, "<", start)
            case "t_after" | "t_before":
                return Everything(False)
            case "t_during" if "interval" in right:
                inside = [Compare(name, ">", start)] if start else []
                inside += [Compare(name, "<", end)] if end else []
                return All(tuple(inside)) if inside else Not(IsNull(name))
            case "t_during":
                raise bad(_("T_DURING needs an INTERVAL."))
        within = During(name, start, end, closed=not whole)
        return Not(within) if op == "t_disjoint" else within


def box_in_degrees(numbers: list[float], crs: Crs) -> Any:
    """A box as sent, in degrees, x before y. Raises Refused."""
    if crs.flip:
        numbers = [numbers[1], numbers[0], numbers[3], numbers[2]]
    if crs.srid != 4326:
        if not (numbers[0] <= numbers[2] and numbers[1] <= numbers[3]):
            raise bad(_("bbox names its lower corner first."))
        if not all(abs(number) < 1e9 for number in numbers):
            raise bad(_("The coordinates lie outside the area of their coordinate system."))
        turned = shapely.transform(_rim(*numbers), shapes.to_degrees(crs.srid))
        numbers = list(turned.bounds)
        if not all(map(_finite, numbers)):
            raise bad(_("The coordinates lie outside the area of their coordinate system."))
    return checked_box(*numbers)


def _rim(west: float, south: float, east: float, north: float) -> Any:
    """Points along the sides of a box, whose edges may be curves in another CRS; it may be flat."""
    steps = [n / 16 for n in range(17)]
    across = [(west + (east - west) * n, y) for n in steps for y in (south, north)]
    return shapely.multipoints(
        across + [(x, south + (north - south) * n) for n in steps for x in (west, east)]
    )


def _finite(number: float) -> bool:
    return abs(number) <= 1e300


def _span(literal: Any) -> tuple[datetime | None, datetime | None, bool]:
    """Start and end of a temporal literal; whether its end is left out (it is a whole day)."""
    if not isinstance(literal, dict) or len(literal) != 1:
        raise bad(_("A TIMESTAMP, DATE or INTERVAL is expected."))
    ((kind, given),) = literal.items()
    if kind == "interval":
        if not isinstance(given, list) or len(given) != 2:
            raise bad(_("An interval has a start and an end."))
        start, end = (_end_of_interval(part) for part in given)
        if start and end and start > end:
            raise bad(_("The period ends before it begins."))
        return start, end, False
    if kind == "timestamp":
        at = time_of(given)
        return at, at, False
    if kind == "date":
        at = time_of(text_of(given, "date", 10))
        return at, at + timedelta(days=1), True
    raise bad(_("A TIMESTAMP, DATE or INTERVAL is expected."))


def _end_of_interval(part: Any) -> datetime | None:
    if part == "..":
        return None
    if isinstance(part, dict) and len(part) == 1 and set(part) <= {"timestamp", "date"}:
        part = next(iter(part.values()))
    return time_of(part)


def _property(tree: Any) -> str | None:
    if isinstance(tree, dict) and set(tree) == {"property"} and isinstance(tree["property"], str):
        return tree["property"]
    return None


def _unwrapped(tree: Any) -> tuple[Any, set[str]]:
    """What CASEI and ACCENTI are asked of, and which of them are."""
    how: set[str] = set()
    while isinstance(tree, dict) and tree.get("op") in {"casei", "accenti"}:
        how.add(tree["op"])
        if len(how) > 2 or not isinstance(tree.get("args"), list):
            break
        tree = _only(tree["args"], 1)[0]
    return tree, how


def _call(tree: Any) -> tuple[str, list[Any]]:
    if not isinstance(tree, dict) or not isinstance(tree.get("op"), str):
        raise bad(_('A condition is an object with "op" and "args".'))
    args = tree.get("args")
    if not isinstance(args, list):
        raise bad(_('A condition is an object with "op" and "args".'))
    return tree["op"].lower(), args


def _only(args: list[Any], count: int) -> list[Any]:
    if len(args) != count:
        raise bad(_("%(count)s arguments are expected.") % {"count": count})
    return args


__all__ = ["Crs", "TIME", "box_in_degrees", "read", "read_json"]
