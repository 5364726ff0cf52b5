"""Rules as forms: what each kind asks for, and answers checked in words for who gave them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from geo.text import Text
from vision.detectors.coco import NAMES

SHORTEST_LINE = 0.02  # of the picture
SMALLEST_ZONE = 0.0004  # of the picture's area: 2 % by 2 %
EDGE = 0.01
CLASSES = {*NAMES.values(), "moving"}


class RuleProblem(ValueError):
    """What is wrong with one field of one rule; the message is fit for an operator."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True)
class Asked:
    """One field of a form. Places are fractions of the picture's width and height."""

    type: str  # line, zone, number, integer, text, choice, classes, boolean
    title: Text
    help: Text = Text("", "")
    unit: str = ""
    min: float | None = None
    max: float | None = None
    choices: tuple[tuple[str, Text], ...] = ()


def ask(asked: Asked, **default: Any) -> Any:
    """A dataclass field that a person fills in; without `default` it must be given."""
    return dataclasses.field(**default, metadata={"asked": asked}, kw_only=True)


def fields_of(rule: type) -> dict[str, dataclasses.Field]:
    """What a rule's declaration may hold, by name, in the order in which a form shows it."""
    return {f.name: f for f in dataclasses.fields(rule) if "asked" in f.metadata}


def described(name: str, field: dataclasses.Field) -> dict[str, Any]:
    """A field as a screen builds its input from it."""
    asked: Asked = field.metadata["asked"]
    given = field.default if field.default is not dataclasses.MISSING else None
    return {
        "name": name,
        "type": asked.type,
        "title": asked.title.dict(),
        "help": asked.help.dict(),
        "unit": asked.unit,
        "required": field.default is dataclasses.MISSING,
        "default": list(given) if isinstance(given, tuple) else given,
        "min": asked.min,
        "max": asked.max,
        "choices": [{"value": value, "title": title.dict()} for value, title in asked.choices],
    }


def filled(rule: type, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the rule takes them. Raises RuleProblem for the first that cannot be."""
    known = fields_of(rule)
    title = values.get("name")
    if not isinstance(title, str) or not title.strip() or len(title) > 40:
        raise RuleProblem("name", _("each rule needs a name of at most 40 characters"))
    if unknown := sorted(set(values) - set(known)):
        words = _("rule %(kind)s does not know %(fields)s")
        raise RuleProblem(unknown[0], words % {"kind": kind, "fields": ", ".join(unknown)})
    taken = {}
    for name, field in known.items():
        if name in values:
            taken[name] = _value(name, field.metadata["asked"], values[name], title)
        elif field.default is dataclasses.MISSING:
            words = _("%(rule)s: %(field)s is missing")
            raise RuleProblem(
                name, words % {"rule": title, "field": str(field.metadata["asked"].title)}
            )
    return taken


def _value(name: str, asked: Asked, value: Any, title: str) -> Any:
    try:
        return CHECKS[asked.type](asked, value, title)
    except RuleProblem as problem:
        problem.field = name
        raise


def _text(asked: Asked, value: Any, title: str) -> str:
    if not isinstance(value, str) or len(value) > 80:
        words = _("%(rule)s: %(field)s is a short text")
        raise RuleProblem("", words % {"rule": title, "field": str(asked.title)})
    return value.strip()


def _choice(asked: Asked, value: Any, title: str) -> str:
    known = [choice for choice, _title in asked.choices]
    if value not in known:
        words = _("%(rule)s: %(field)s is %(choices)s")
        told = _(" or ").join(choice for choice in known if choice)
        raise RuleProblem(
            "", words % {"rule": title, "field": str(asked.title).lower(), "choices": told}
        )
    return value


def _number(asked: Asked, value: Any, title: str) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    low, high = asked.min, asked.max
    if not good or (low is not None and value < low) or (high is not None and value > high):
        words = _("%(rule)s: %(field)s is a number from %(low)s to %(high)s")
        shown = {"low": _bound(low), "high": _bound(high)}
        raise RuleProblem("", words % {"rule": title, "field": str(asked.title), **shown})
    return value


def _bound(value: float | None) -> str:
    return "…" if value is None else f"{value:g}"


def _integer(asked: Asked, value: Any, title: str) -> int:
    number = _number(asked, value, title)
    if number != int(number):
        words = _("%(rule)s: %(field)s is a whole number")
        raise RuleProblem("", words % {"rule": title, "field": str(asked.title)})
    return int(number)


def _boolean(asked: Asked, value: Any, title: str) -> bool:
    if not isinstance(value, bool):
        words = _("%(rule)s: %(field)s is yes or no")
        raise RuleProblem("", words % {"rule": title, "field": str(asked.title)})
    return value


def _classes(asked: Asked, value: Any, title: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not set(value) <= CLASSES:
        unknown = sorted({str(v) for v in value} - CLASSES) if isinstance(value, list) else []
        words = _("%(rule)s: these kinds of object are not known: %(names)s")
        raise RuleProblem("", words % {"rule": title, "names": ", ".join(unknown) or "—"})
    return tuple(value)


def _line(asked: Asked, value: Any, title: str) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = _fractions(value, 4, title)
    if math.hypot(x2 - x1, y2 - y1) < SHORTEST_LINE:
        raise RuleProblem("", _("the line of %(rule)s is too short") % {"rule": title})
    for a, b in ((x1, x2), (y1, y2)):
        if max(a, b) < EDGE or min(a, b) > 1 - EDGE:
            words = _(
                "the line of %(rule)s runs along the picture's edge: nothing can be seen on both "
                "sides of it"
            )
            raise RuleProblem("", words % {"rule": title})
    return x1, y1, x2, y2


def _zone(asked: Asked, value: Any, title: str) -> tuple[tuple[float, float], ...]:
    if not value and asked.min == 0:
        return ()  # a zone that may be left out
    if not isinstance(value, list | tuple) or not 3 <= len(value) <= 60:
        words = _("the zone of %(rule)s needs three corners or more (at most 60)")
        raise RuleProblem("", words % {"rule": title})
    corners = [_fractions(corner, 2, title) for corner in value]
    if corners[0] == corners[-1]:
        corners.pop()
    if abs(area(corners)) < SMALLEST_ZONE:
        words = _("the zone of %(rule)s has no area: its corners lie on one line or too near")
        raise RuleProblem("", words % {"rule": title})
    if _crosses_itself(corners):
        raise RuleProblem("", _("the zone of %(rule)s crosses itself") % {"rule": title})
    return tuple((x, y) for x, y in corners)


def _fractions(values: Any, count: int, title: str) -> list[float]:
    if not isinstance(values, list | tuple) or len(values) != count:
        words = _("%(rule)s: expected %(count)d fractions of the picture, 0 to 1")
        raise RuleProblem("", words % {"rule": title, "count": count})
    if not all(
        isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v <= 1 for v in values
    ):
        words = _("%(rule)s lies outside the picture: expected fractions of it, 0 to 1")
        raise RuleProblem("", words % {"rule": title})
    return [float(v) for v in values]


def area(corners: Sequence[Sequence[float]]) -> float:
    """Signed area of a polygon; positive where its corners run clockwise on a screen."""
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def _crosses_itself(corners: list[list[float]]) -> bool:
    sides = list(zip(corners, corners[1:] + corners[:1], strict=True))
    apart = (
        (a, b)
        for i, a in enumerate(sides)
        for j, b in enumerate(sides[i + 2 :], i + 2)
        if (i, j) != (0, len(sides) - 1)
    )
    return any(_cross(*a, *b) for a, b in apart)


def _cross(a: Sequence, b: Sequence, c: Sequence, d: Sequence) -> bool:
    return area([a, b, c]) * area([a, b, d]) < 0 and area([c, d, a]) * area([c, d, b]) < 0


CHECKS: Mapping[str, Any] = {
    "text": _text, "choice": _choice, "number": _number, "integer": _integer,
    "boolean": _boolean, "classes": _classes, "line": _line, "zone": _zone,
}  # fmt: skip
