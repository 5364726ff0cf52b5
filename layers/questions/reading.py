"""Questions as JSON: read into terms and checked against what the asker sees of the layer."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from geo.crs import city
from geo.errors import Refused
from layers.questions import shapes
from layers.questions.places import KEYS as PLACE_KEYS
from layers.questions.places import only, place_of
from layers.questions.terms import (
    COMPARISONS,
    MAX_DEPTH,
    MAX_JOINS,
    MAX_NEAREST,
    MAX_TERMS,
    MAX_VALUES,
    MAX_WITHIN_M,
    RELATIONS,
    All,
    AnyOf,
    Between,
    Clock,
    Compare,
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
    Search,
    Space,
    Term,
    Within,
)  # fmt: skip
from layers.questions.views import TIME, View, view_of

MAX_TEXT = 200
EARLIEST, LATEST = 1000, 9000
"""Years that every calendar and clock on the way can say, in any time zone."""
MAX_LAST = {"hours": 24 * 366, "days": 366 * 10}


def bad(message: Any) -> Refused:
    return Refused("bad-question", message)


class Budget:
    """What one question may spend: terms, depth, joins. Shared by all its parts."""

    def __init__(self) -> None:
        self.terms = self.joins = 0

    def spend(self, depth: int) -> None:
        self.terms += 1
        if self.terms > MAX_TERMS:
            message = _("A question has at most %(limit)s conditions; ask in parts.")
            raise Refused("too-many-terms", message % {"limit": MAX_TERMS})
        if depth > MAX_DEPTH:
            message = _(
                "Conditions are nested more than %(limit)s deep; make the question flatter."
            )
            raise Refused("too-deep", message % {"limit": MAX_DEPTH})

    def join(self) -> None:
        self.joins += 1
        if self.joins > MAX_JOINS:
            message = _("A question joins at most %(limit)s other layers.") % {"limit": MAX_JOINS}
            raise Refused("too-many-joins", message)


def term_of(view: View, given: Any, budget: Budget | None = None, depth: int = 1) -> Term:
    """The term that JSON describes; nothing given asks nothing.

    Raises:
        Refused: with the reason, for anything that is not a question to this layer.
    """
    budget = budget or Budget()
    if given is None or given == {}:
        return Everything()
    budget.spend(depth)
    if not isinstance(given, dict) or not isinstance(given.get("op"), str):
        raise bad(_('A condition is an object with "op".'))
    op = given["op"]
    if op in _KEYS:
        only(given, {"op"} | _KEYS[op])
    if op in {"and", "or", "not"}:
        return _logic(view, given, budget, depth)
    if op in {"near", "meets"}:
        return _related(view, given, budget, depth)
    if op == "reach":
        return _reach(view, given, budget, depth)
    if op == "cql2":
        from layers.questions import cql2

        return cql2.read(view, given.get("filter"), budget=budget, depth=depth)
    read = _place if op in PLACES else _READ.get(op)
    if read is None:
        known = ", ".join(sorted(_KEYS))
        raise bad(
            _("There is no condition %(op)s; there are: %(known)s")
            % {"op": op[:40], "known": known}
        )
    return read(view, given)


def _logic(view: View, given: dict[str, Any], budget: Budget, depth: int) -> Term:
    if given["op"] == "not":
        return Not(term_of(view, given.get("term"), budget, depth + 1))
    terms = given.get("terms")
    if not isinstance(terms, list) or not terms:
        raise bad(_('"and" and "or" need a list "terms".'))
    parts = tuple(term_of(view, term, budget, depth + 1) for term in terms)
    return All(parts) if given["op"] == "and" else AnyOf(parts)


def _related(view: View, given: dict[str, Any], budget: Budget, depth: int) -> Term:
    budget.join()
    other = view_of(view.user, text_of(given.get("layer"), "layer"))
    where = term_of(other, given.get("where"), budget, depth + 1)
    metres = None
    if given["op"] == "near":
        metres = number_of(given.get("metres"), "metres", low=0, high=MAX_WITHIN_M)
    return Related(other.layer.slug, where, metres)


def _reach(view: View, given: dict[str, Any], budget: Budget, depth: int) -> Term:
    return Reach(term_of(reached(view, budget), given.get("term"), budget, depth + 1))


def reached(view: View, budget: Budget) -> View:
    """The layer of what the features of a layer reach. Raises Refused where they reach nothing."""
    if not view.layer.reach:
        message = _("%(layer)s is not known to reach or see any ground.")
        raise bad(message % {"layer": view.layer.slug})
    budget.join()
    return view_of(view.user, view.layer.reach)


PLACES = frozenset({*RELATIONS, "within", "nearest"})


def _place(view: View, given: dict[str, Any]) -> Term:
    area = place_of(view.user, given)
    op: Any = given["op"]
    if op == "within":
        metres = number_of(given.get("metres"), "metres", low=0, high=MAX_WITHIN_M)
        return Within(area, metres)
    if op == "nearest":
        return Nearest(area, int(number_of(given.get("k"), "k", low=1, high=MAX_NEAREST)))
    return Space(op, area)


def _bbox(view: View, given: dict[str, Any]) -> Term:
    box = given.get("bbox")
    if not isinstance(box, list) or len(box) != 4:
        raise bad(_("bbox needs four numbers: west, south, east, north"))
    west, south, east, north = (number_of(edge, "bbox") for edge in box)
    return InBox(checked_box(west, south, east, north))


def checked_box(west: float, south: float, east: float, north: float) -> tuple[float, ...]:
    """A box in degrees; west > east crosses the antimeridian. Raises Refused."""
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise bad(_("bbox is west, south, east, north within ±180 and ±90, south ≤ north"))
    return west, south, east, north


def _compare(view: View, given: dict[str, Any]) -> Term:
    name = field_of(view, given)
    return Compare(name, given["op"], value_of(view, name, given.get("value")))


def _in(view: View, given: dict[str, Any]) -> Term:
    name, values = field_of(view, given), given.get("values")
    if not isinstance(values, list) or not 1 <= len(values) <= MAX_VALUES:
        raise bad(_('"in" needs a list "values" of 1 to %(limit)s.') % {"limit": MAX_VALUES})
    return OneOf(name, tuple(value_of(view, name, value) for value in values))


def _between(view: View, given: dict[str, Any]) -> Term:
    name = field_of(view, given)
    return Between(
        name, value_of(view, name, given.get("low")), value_of(view, name, given.get("high"))
    )


def _during(view: View, given: dict[str, Any]) -> Term:
    name = time_field(view, given)
    start, end = (
        given[key] and time_of(given[key]) if given.get(key) else None for key in ("start", "end")
    )
    if start and end and start > end:
        raise bad(_("The period ends before it begins."))
    return During(name, start, end)


def _last(view: View, given: dict[str, Any]) -> Term:
    unit = given.get("unit", "days")
    if unit not in MAX_LAST:
        raise bad(_('"unit" is hours or days.'))
    amount = int(number_of(given.get("amount"), "amount", low=1, high=MAX_LAST[unit]))
    return Last(time_field(view, given), amount, unit)


def _clock(view: View, given: dict[str, Any]) -> Term:
    def numbers(key: str, low: int, high: int) -> tuple[int, ...]:
        listed = given.get(key) or []
        if not isinstance(listed, list) or len(listed) > high - low + 1:
            raise bad(
                _('"%(key)s" is a list of numbers %(low)s–%(high)s.')
                % {"key": key, "low": low, "high": high}
            )
        return tuple(sorted({int(number_of(n, key, low=low, high=high)) for n in listed}))

    weekdays, hours = numbers("weekdays", 1, 7), numbers("hours", 0, 23)
    if not weekdays and not hours:
        raise bad(_('"clock" needs "weekdays" or "hours".'))
    return Clock(time_field(view, given), weekdays, hours)


_READ: dict[str, Callable[[View, dict[str, Any]], Term]] = {
    **dict.fromkeys(COMPARISONS, _compare),
    "in": _in,
    "between": _between,
    "like": lambda view, g: Like(field_of(view, g), text_of(g.get("pattern"), "pattern")),
    "contains-text": lambda view, g: Contains(field_of(view, g), text_of(g.get("text"), "text")),
    "search": lambda view, g: Search(text_of(g.get("text"), "text")),
    "empty": lambda view, g: IsNull(field_of(view, g)),
    "bbox": _bbox,
    "during": _during,
    "last": _last,
    "clock": _clock,
}


_KEYS: dict[str, set[str]] = {
    **{op: {"field", "value"} for op in COMPARISONS},
    **{op: set(PLACE_KEYS) for op in RELATIONS},
    "within": PLACE_KEYS | {"metres"}, "nearest": PLACE_KEYS | {"k"},
    "and": {"terms"}, "or": {"terms"}, "not": {"term"}, "cql2": {"filter"},
    "near": {"layer", "where", "metres"}, "meets": {"layer", "where"}, "reach": {"term"},
    "in": {"field", "values"}, "between": {"field", "low", "high"}, "like": {"field", "pattern"},
    "contains-text": {"field", "text"}, "search": {"text"}, "empty": {"field"}, "bbox": {"bbox"},
    "during": {"field", "start", "end"}, "last": {"field", "amount", "unit"},
    "clock": {"field", "weekdays", "hours"},
}  # fmt: skip
"""What each condition reads beside its ``op``."""


def field_of(view: View, given: dict[str, Any]) -> str:
    name = text_of(given.get("field"), "field")
    view.kind(name)
    return name


def time_field(view: View, given: dict[str, Any]) -> str:
    """The field of time that is named, else the layer's own."""
    name = text_of(given.get("field") or TIME, "field")
    if name == TIME and not view.time:
        raise bad(_("The layer %(layer)s has no time.") % {"layer": view.layer.slug})
    if view.kind(name) != "time":
        raise bad(_("%(name)s is not a time.") % {"name": name})
    return name


def text_of(given: Any, name: str, limit: int = MAX_TEXT) -> str:
    """A text without NUL, which no database takes. Raises Refused."""
    if not isinstance(given, str) or not given or len(given) > limit or "\0" in given:
        raise bad(_("%(name)s is a text of 1 to %(limit)s signs.") % {"name": name, "limit": limit})
    try:
        given.encode()
    except UnicodeEncodeError:
        raise bad(_("%(name)s holds signs that are no text.") % {"name": name}) from None
    return given


def number_of(given: Any, name: str, low: float = -math.inf, high: float = math.inf) -> float:
    """A finite number within limits. Raises Refused."""
    if isinstance(given, bool) or not isinstance(given, int | float) or abs(given) > 1e300:
        raise bad(_("%(name)s is not a number.") % {"name": name})
    if math.isnan(given) or not low <= given <= high:
        raise bad(
            _("%(name)s lies between %(low)s and %(high)s.")
            % {"name": name, "low": low, "high": high}
        )
    return given


def value_of(view: View, name: str, given: Any) -> Any:
    """A value as the column has it. Raises Refused if it is of another kind."""
    kind = view.kind(name)
    if kind == "bool":
        if isinstance(given, bool):
            return given
        raise bad(_("%(name)s is true or false.") % {"name": name})
    if kind in {"number", "integer"}:
        number = number_of(given, name)
        return int(number) if kind == "integer" and number == int(number) else float(number)
    if kind == "time":
        return given if isinstance(given, datetime) else time_of(given)
    if kind == "date":
        return given if isinstance(given, date) else date_of(given)
    text = text_of(given, name)
    choices = {choice.value for choice in view.fields[name].choices}
    if choices and text not in choices:
        known = ", ".join(sorted(choices)[:30])
        raise bad(_("%(name)s is one of: %(known)s") % {"name": name, "known": known})
    return text


def zone() -> ZoneInfo:
    """The city's time zone."""
    here = city()
    return ZoneInfo(here.time_zone if here else "Asia/Ho_Chi_Minh")


def time_of(given: Any) -> datetime:
    """An aware time from ISO 8601; a day alone begins at the city's midnight. Raises Refused."""
    try:
        text = text_of(given, "time", 40)
        at = parse_datetime(text)
        if at is None and (day := parse_date(text)) is not None:
            at = datetime(day.year, day.month, day.day, tzinfo=zone())
        if at is not None:
            at = (at if at.tzinfo else at.replace(tzinfo=zone())).astimezone(UTC)
            if EARLIEST <= at.year <= LATEST:
                return at
            message = _("A time lies in the years %(earliest)s to %(latest)s.")
            raise bad(message % {"earliest": EARLIEST, "latest": LATEST})
    except (ValueError, OverflowError):
        pass
    raise bad(_("A time is written like 2026-11-21T12:00:00Z."))


def date_of(given: Any) -> date:
    try:
        day = parse_date(text_of(given, "date", 40)[:10])
    except ValueError:
        day = None
    if day is None:
        raise bad(_("A date is written like 2026-11-21."))
    return day


__all__ = ["Budget", "bad", "checked_box", "shapes", "term_of"]
