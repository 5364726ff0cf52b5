"""The functions of a `$filter`, of text, times, numbers and places, as the database's own.

Source: OGC SensorThings API 1.1, 9.3.3.5.2 (table of functions).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import BooleanField, F, FloatField, Func, IntegerField, Q, Value
from django.db.models import functions as fn
from django.db.models import lookups as op

from environment.sta.faults import Fault
from environment.sta.terms import NAMES, Term, told


def _found_at(whole: Term, part: Term) -> Any:
    return fn.StrIndex(whole.expr, part.expr)


def _ends(whole: Term, part: Term) -> Q:
    return Q(op.Exact(fn.Right(whole.expr, fn.Length(part.expr)), part.expr))


def _fraction(term: Term) -> Func:
    sql = "MOD(EXTRACT(MICROSECONDS FROM %(expressions)s), 1000000) / 1000000"
    return Func(term.expr, template=sql, output_field=FloatField())


# name → (kinds of the arguments, kind of the result, what it does)
FUNCTIONS: dict[str, tuple[tuple[str, ...], str, Callable[..., Any]]] = {
    "substringof": (("text", "text"), "bool", lambda a, b: Q(op.GreaterThan(_found_at(b, a), 0))),
    "contains": (("text", "text"), "bool", lambda a, b: Q(op.GreaterThan(_found_at(a, b), 0))),
    "startswith": (("text", "text"), "bool", lambda a, b: Q(op.Exact(_found_at(a, b), 1))),
    "endswith": (("text", "text"), "bool", _ends),
    "length": (("text",), "number", lambda a: fn.Length(a.expr)),
    "indexof": (("text", "text"), "number", lambda a, b: _found_at(a, b) - 1),
    "tolower": (("text",), "text", lambda a: fn.Lower(a.expr)),
    "toupper": (("text",), "text", lambda a: fn.Upper(a.expr)),
    "trim": (("text",), "text", lambda a: fn.Trim(a.expr)),
    "concat": (("text", "text"), "text", lambda a, b: fn.Concat(a.expr, b.expr)),
    "year": (("time",), "number", lambda a: fn.ExtractYear(a.expr, tzinfo=UTC)),
    "month": (("time",), "number", lambda a: fn.ExtractMonth(a.expr, tzinfo=UTC)),
    "day": (("time",), "number", lambda a: fn.ExtractDay(a.expr, tzinfo=UTC)),
    "hour": (("time",), "number", lambda a: fn.ExtractHour(a.expr, tzinfo=UTC)),
    "minute": (("time",), "number", lambda a: fn.ExtractMinute(a.expr, tzinfo=UTC)),
    "second": (("time",), "number", lambda a: fn.ExtractSecond(a.expr, tzinfo=UTC)),
    "fractionalseconds": (("time",), "number", _fraction),
    "date": (("time",), "time", lambda a: fn.TruncDay(a.expr, tzinfo=UTC)),
    "time": (("time",), "clock", lambda a: fn.TruncTime(a.expr, tzinfo=UTC)),
    # Times are told in UTC.
    "totaloffsetminutes": (("time",), "number", lambda a: Value(0)),
    "mindatetime": ((), "time", lambda: Value(datetime.min.replace(tzinfo=UTC))),
    "maxdatetime": ((), "time", lambda: Value(datetime.max.replace(tzinfo=UTC))),
    "now": ((), "time", lambda: fn.Now()),
    "round": (("number",), "number", lambda a: fn.Round(a.expr)),
    "floor": (("number",), "number", lambda a: fn.Floor(a.expr)),
    "ceiling": (("number",), "number", lambda a: fn.Ceil(a.expr)),
}
SPATIAL = {
    "st_within": "within", "st_intersects": "intersects", "geo.intersects": "intersects",
    "st_disjoint": "disjoint", "st_equals": "equals", "st_touches": "touches",
    "st_overlaps": "overlaps", "st_crosses": "crosses", "st_contains": "contains",
}  # fmt: skip
RELATE = re.compile(r"[012TF*]{9}", re.IGNORECASE)
TURNED = {"within": "contains", "contains": "within"}


def called(name: str, terms: list[Term]) -> Term:
    """What a function of these terms is. Raises: Fault for one that is not known or wrongly fed."""
    if name in SPATIAL:
        return _spatial(name, terms)
    if name == "geo.distance":
        return _distance(terms)
    if name == "geo.length":
        return _length(terms)
    if name == "st_relate":
        return _related(terms)
    if name == "substring":
        return _substring(terms)
    if name not in FUNCTIONS:
        raise Fault(400, f"$filter: {name} is not a function known here.")
    kinds, kind, make = FUNCTIONS[name]
    if len(terms) != len(kinds):
        raise Fault(400, f"$filter: {name} takes {len(kinds)} arguments, not {len(terms)}.")
    for wanted, term in zip(kinds, terms, strict=True):
        if term.kind not in (wanted, "any"):
            raise Fault(400, f"$filter: {name} takes {NAMES[wanted]}; "
                             f"{told(term)} is {NAMES[term.kind]}.")  # fmt: skip
    return Term(kind, make(*terms), name)


def _place_and_shape(name: str, terms: list[Term]) -> tuple[F, GEOSGeometry, bool]:
    """The property, the geometry, and whether they came the other way round."""
    if len(terms) != 2 or any(t.kind != "geo" for t in terms):
        raise Fault(400, f"$filter: {name} takes a location and a geometry such as "
                         "geography'POINT (107.58 16.46)'.")  # fmt: skip
    first, second = terms
    if isinstance(first.expr, F) and isinstance(second.expr, GEOSGeometry):
        return first.expr, second.expr, False
    if isinstance(second.expr, F) and isinstance(first.expr, GEOSGeometry):
        return second.expr, first.expr, True
    raise Fault(400, f"$filter: {name} takes one property and one geometry.")


def _spatial(name: str, terms: list[Term]) -> Term:
    place, shape, turned = _place_and_shape(name, terms)
    lookup = SPATIAL[name]
    if turned:
        lookup = TURNED.get(lookup, lookup)
    return Term("bool", Q(**{f"{place.name}__{lookup}": shape}))


def _distance(terms: list[Term]) -> Term:
    """In degrees, as the standard's geometries are."""
    place, shape, _ = _place_and_shape("geo.distance", terms)
    shape_sql = Func(Value(shape.ewkt), function="ST_GeomFromEWKT")
    distance = Func(place, shape_sql, function="ST_Distance", output_field=FloatField())
    return Term("number", distance, "geo.distance")


def _length(terms: list[Term]) -> Term:
    """In degrees, as `geo.distance`."""
    if len(terms) != 1 or terms[0].kind != "geo":
        raise Fault(400, "$filter: geo.length takes a location or a geometry.")
    of = terms[0].expr
    shape = of if isinstance(of, F) else Func(Value(of.ewkt), function="ST_GeomFromEWKT")
    length = Func(shape, function="ST_Length", output_field=FloatField())
    return Term("number", length, "geo.length")


def _related(terms: list[Term]) -> Term:
    """By the nine signs of an intersection matrix."""
    pattern = terms[2].expr if len(terms) == 3 and terms[2].kind == "text" else None
    if not isinstance(pattern, Value) or not RELATE.fullmatch(pattern.value):
        raise Fault(400, "$filter: st_relate takes a location, a geometry and nine signs such "
                         "as 'T*F**F***'.")  # fmt: skip
    place, shape, turned = _place_and_shape("st_relate", terms[:2])
    pair = [place, Func(Value(shape.ewkt), function="ST_GeomFromEWKT")]
    pair = pair[::-1] if turned else pair
    found = Func(*pair, pattern, function="ST_Relate", output_field=BooleanField())
    return Term("bool", Q(op.Exact(found, Value(True))))


def _substring(terms: list[Term]) -> Term:
    """From a place counted from 0, all or so many characters."""
    kinds = [term.kind for term in terms]
    if kinds not in (["text", "number"], ["text", "number", "number"]):
        raise Fault(400, "$filter: substring takes text, where it begins and, at will, a length.")
    begins, *length = (fn.Cast(term.expr, IntegerField()) for term in terms[1:])
    return Term("text", fn.Substr(terms[0].expr, begins + 1, *length), "substring")
