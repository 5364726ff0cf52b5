"""A `$filter` as a condition of the database; what it may name is given, nothing else is reached.

Source: OGC SensorThings API 1.1, 9.3.3.5 (operators, functions).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from datetime import time as clock
from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.db.models import FloatField, Func, Q, Value
from django.db.models import functions as fn
from django.db.models import lookups as op

from environment.sta.faults import Fault
from environment.sta.functions import called
from environment.sta.terms import NAMES, Term, told

LONGEST, DEEPEST, MOST_TOKENS = 4000, 40, 400
TOKEN = re.compile(
    r"""\s*(?:
    (?P<geo>geo(?:graphy|metry)'[^']*')
  | (?P<text>'(?:[^']|'')*')
  | (?P<time>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+\-\ ]\d\d:?\d\d)?)
  | (?P<date>\d{4}-\d\d-\d\d)
  | (?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)
  | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<name>@iot\.id|[A-Za-z_][\w.]*(?:/(?:@iot\.id|[A-Za-z_][\w.]*))*)
  | (?P<mark>[(),])
)""",
    re.VERBOSE,
)
COMPARE = {"eq": op.Exact, "gt": op.GreaterThan, "ge": op.GreaterThanOrEqual,
           "lt": op.LessThan, "le": op.LessThanOrEqual}  # fmt: skip
FLIP = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq", "ne": "ne"}
SUM, PRODUCT = {"add": "+", "sub": "-"}, {"mul": "*", "div": "/", "mod": "%"}


Resolve = Callable[[str], Term]
"""A property's path, such as `Datastream/Thing/name`, as a term; raises Fault where unknown."""


def condition(text: str, resolve: Resolve) -> Q:
    """The filter as a Q. Raises: Fault that says what is wrong and where."""
    if len(text) > LONGEST:
        raise Fault(400, f"$filter has {len(text)} characters; at most {LONGEST} are read.")
    parser = _Parser(_tokens(text), resolve)
    term = parser.either()
    parser.end()
    return _truth(term)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or match.end() == at:
            raise Fault(400, f"$filter cannot be read at {text[at : at + 20]!r}.")
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind)))
        at = match.end()
    if len(found) > MOST_TOKENS:
        raise Fault(400, f"$filter has more than {MOST_TOKENS} words.")
    return found


def _truth(term: Term) -> Q:
    if term.kind != "bool":
        raise Fault(400, f"$filter needs a condition; {told(term)} is {NAMES[term.kind]}.")
    return term.expr if isinstance(term.expr, Q) else Q(op.Exact(term.expr, Value(True)))


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], resolve: Resolve) -> None:
        self._tokens, self._resolve = tokens, resolve
        self._at = self._depth = 0

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "the end")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, *words: str) -> str:
        kind, text = self._peek()
        if kind in ("name", "mark") and text in words:
            self._at += 1
            return text
        return ""

    def _need(self, mark: str) -> None:
        if not self._take(mark):
            raise Fault(400, f"$filter: expected {mark!r}, found {self._peek()[1]!r}.")

    def end(self) -> None:
        if self._peek()[0] != "end":
            raise Fault(400, f"$filter: {self._peek()[1]!r} is one word too many.")

    def either(self) -> Term:
        term = self._both()
        while self._take("or"):
            term = Term("bool", _truth(term) | _truth(self._both()))
        return term

    def _both(self) -> Term:
        term = self._not()
        while self._take("and"):
            term = Term("bool", _truth(term) & _truth(self._not()))
        return term

    def _not(self) -> Term:
        if self._take("not"):
            return Term("bool", ~_truth(self._not()))
        left = self._sum()
        word = self._take("eq", "ne", "gt", "ge", "lt", "le", "in")
        if word == "in":
            return self._among(left)
        return _compared(left, word, self._sum()) if word else left

    def _among(self, left: Term) -> Term:
        self._need("(")
        found = _truth(_compared(left, "eq", self._sum()))
        while self._take(","):
            found |= _truth(_compared(left, "eq", self._sum()))
        self._need(")")
        return Term("bool", found)

    def _sum(self) -> Term:
        term = self._product()
        while word := self._take(*SUM):
            term = _reckoned(term, SUM[word], self._product())
        return term

    def _product(self) -> Term:
        term = self._single()
        while word := self._take(*PRODUCT):
            term = _reckoned(term, PRODUCT[word], self._single())
        return term

    def _single(self) -> Term:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Fault(400, f"$filter is nested deeper than {DEEPEST}.")
        try:
            if self._take("("):
                term = self.either()
                self._need(")")
                return term
            kind, text = self._next()
            if kind == "name" and self._peek() == ("mark", "("):
                return self._call(text)
            return self._literal(kind, text)
        finally:
            self._depth -= 1

    def _literal(self, kind: str, text: str) -> Term:
        if kind == "text":
            return Term("text", Value(text[1:-1].replace("''", "'")), text)
        if kind == "number":
            number = float(text) if re.search("[.eE]", text) else int(text)
            return Term("number", Value(number), text)
        if kind in ("time", "date"):
            return Term("time", Value(read_time(text)), text)
        if kind == "clock":
            return Term("clock", Value(_clock(text)), text)
        if kind == "geo":
            return Term("geo", _geometry(text), text)
        if kind == "name":
            words = {"true": ("bool", True), "false": ("bool", False), "null": ("null", None)}
            if text in words:
                return Term(words[text][0], Value(words[text][1]), text)
            return self._resolve(text)
        raise Fault(400, f"$filter: a value or a property is missing at {text!r}.")

    def _call(self, name: str) -> Term:
        self._need("(")
        terms: list[Term] = []
        if not self._take(")"):
            terms.append(self.either())
            while self._take(","):
                terms.append(self.either())
            self._need(")")
        return called(name.lower(), terms)


def read_time(text: str) -> datetime:
    """An aware time. Raises: Fault where it has no offset or is none.

    A blank before the offset is the + of an address that was not escaped.
    """
    text = text.replace(" ", "+")
    try:
        at = datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00Z")
    except ValueError:
        raise Fault(400, f"{text[:40]!r} is no time like 2025-11-17T02:00:00Z.") from None
    if at.tzinfo is None:
        raise Fault(400, f"{text!r} needs an offset, such as 2025-11-17T02:00:00Z.")
    return at


def _clock(text: str) -> clock:
    try:
        return clock.fromisoformat(text)
    except ValueError:
        raise Fault(400, f"{text!r} is no time of day like 06:30:00.") from None


def _geometry(text: str) -> GEOSGeometry:
    try:
        return GEOSGeometry(text[text.index("'") + 1 : -1], srid=4326)
    except (ValueError, GEOSException, GDALException):
        raise Fault(400, f"{text[:60]} is no geometry in WKT.") from None


def _compared(left: Term, word: str, right: Term) -> Term:
    if left.kind == "null" or (isinstance(left.expr, Value) and not isinstance(right.expr, Value)):
        left, right, word = right, left, FLIP[word]
    if right.kind == "null":
        if word not in ("eq", "ne"):
            raise Fault(400, "$filter: null can only be compared by eq and ne.")
        return Term("bool", Q(op.IsNull(left.expr, word == "eq")))
    if "any" not in (left.kind, right.kind) and left.kind != right.kind:
        raise Fault(400, f"$filter: {told(left)} is {NAMES[left.kind]}, "
                         f"{told(right)} is {NAMES[right.kind]}.")  # fmt: skip
    if isinstance(left.expr, Q) or isinstance(right.expr, Q) or "geo" in (left.kind, right.kind):
        raise Fault(400, f"$filter: {told(left)} cannot be compared by {word}.")
    if isinstance(left.expr, fn.Coalesce) and isinstance(right.expr, Value) and word != "ne":
        return Term("bool", _first_said(left.expr, COMPARE[word], right.expr))
    if word == "ne":
        return Term("bool", ~Q(op.Exact(left.expr, right.expr)) | Q(op.IsNull(left.expr, True)))
    return Term("bool", Q(COMPARE[word](left.expr, right.expr)))


def _first_said(either: fn.Coalesce, compare: Any, value: Value) -> Q:
    """The comparison with the first that is there, each alone: so an index of one can answer."""
    first, second = either.get_source_expressions()
    return Q(compare(first, value)) | (Q(op.IsNull(first, True)) & Q(compare(second, value)))


def _reckoned(left: Term, sign: str, right: Term) -> Term:
    for term in (left, right):
        if term.kind not in ("number", "any"):
            raise Fault(400, f"$filter: {told(term)} is {NAMES[term.kind]}, not a number.")
    if sign == "%":  # the database knows no remainder of floating-point numbers
        parts = _numeric(left.expr), fn.NullIf(_numeric(right.expr), Value(0))
        return Term("number", Func(*parts, function="MOD", output_field=FloatField()))
    if sign == "/":
        right = Term("number", fn.NullIf(right.expr, Value(0)))
    if sign == "+":
        return Term("number", left.expr + right.expr)
    if sign == "-":
        return Term("number", left.expr - right.expr)
    return Term("number", left.expr * right.expr if sign == "*" else left.expr / right.expr)


def _numeric(expr: Any) -> Func:
    return Func(expr, template="(%(expressions)s)::numeric", output_field=FloatField())
