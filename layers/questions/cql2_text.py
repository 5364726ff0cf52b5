"""CQL2-text read into the tree that CQL2-JSON has, so that both go one way from here.

Source: OGC 21-065r2, annex B; without arithmetic, arrays and functions of one's own.
"""

import re
from typing import Any, NamedTuple

import shapely
from django.utils.translation import gettext as _

from geo.errors import Refused

MAX_CHARS = 400_000
MAX_TOKENS = 4_000
MAX_NESTED = 40
GEOMETRIES = frozenset(
    {"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"}
)
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<wkt>(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*Z?\s*(?=\())
  | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
  | '(?P<string>(?:[^']|'')*)'
  | "(?P<quoted>[^"]+)"
  | (?P<word>[^\W\d][\w.:-]*)
  | (?P<sign><>|<=|>=|[=<>(),])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
SPATIAL = frozenset(
    f"S_{name}"
    for name in (
        "INTERSECTS", "WITHIN", "CONTAINS", "DISJOINT", "TOUCHES", "CROSSES", "OVERLAPS", "EQUALS",
    )
)  # fmt: skip
TEMPORAL = frozenset(
    f"T_{name}" for name in ("AFTER", "BEFORE", "DISJOINT", "DURING", "EQUALS", "INTERSECTS")
)
KEYWORDS = frozenset({"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE"})


class Token(NamedTuple):
    kind: str
    text: str
    at: int

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind in {"word", "sign"} else ""


def wrong(message: Any, at: int) -> Refused:
    return Refused(
        "bad-filter", _("%(message)s (at sign %(at)s)") % {"message": message, "at": at + 1}
    )


def parse(text: str) -> Any:
    """The CQL2-JSON tree of a filter in CQL2-text.

    Raises:
        Refused: with the place of the first thing that is not understood.
    """
    if len(text) > MAX_CHARS:
        raise Refused("too-long", _("The filter is too long."))
    reader = _Reader(_tokens(text), len(text))
    tree = reader.either()
    if reader.peek is not None:
        raise wrong(
            _("%(token)s is one too many") % {"token": reader.peek.text[:40]}, reader.peek.at
        )
    return tree


def _tokens(text: str) -> list[Token]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            raise wrong(_("%(sign)s is not understood") % {"sign": text[at : at + 20].strip()}, at)
        kind = match.lastgroup or ""
        start, at = match.start(kind), match.end()
        if kind == "wkt":
            at = _closed(text, at)
        tokens.append(Token(kind, match[kind] if kind != "wkt" else text[start:at], start))
        if len(tokens) > MAX_TOKENS:
            raise Refused("too-long", _("The filter is too long."))
    return tokens


def _closed(text: str, at: int) -> int:
    """Where the brackets that open at a place have all closed."""
    depth = 0
    for bracket in re.finditer(r"[()]", text[at:]):
        depth += 1 if bracket[0] == "(" else -1
        if depth == 0:
            return at + bracket.end()
    raise wrong(_("%(sign)s is missing") % {"sign": ")"}, len(text))


class _Reader:
    """Recursive descent over the tokens; each level of nesting is counted."""

    def __init__(self, tokens: list[Token], end: int) -> None:
        self.tokens, self.n, self.end, self.depth = tokens, 0, end, 0

    @property
    def peek(self) -> Token | None:
        return self.tokens[self.n] if self.n < len(self.tokens) else None

    def next(self) -> Token:
        token = self.peek
        if token is None:
            raise wrong(_("the filter ends too early"), self.end)
        self.n += 1
        return token

    def take(self, *words: str) -> str:
        """The word if it comes next, else nothing."""
        token = self.peek
        if token is not None and token.upper in words:
            self.n += 1
            return token.upper
        return ""

    def need(self, sign: str) -> None:
        if not self.take(sign):
            token = self.peek
            raise wrong(_("%(sign)s is missing") % {"sign": sign}, token.at if token else self.end)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_NESTED:
            message = _(
                "Conditions are nested more than %(limit)s deep; make the question flatter."
            )
            raise Refused("too-deep", message % {"limit": MAX_NESTED})

    def either(self) -> Any:
        parts = [self.every()]
        while self.take("OR"):
            parts.append(self.every())
        return parts[0] if len(parts) == 1 else {"op": "or", "args": parts}

    def every(self) -> Any:
        parts = [self.negated()]
        while self.take("AND"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else {"op": "and", "args": parts}

    def negated(self) -> Any:
        if self.take("NOT"):
            self.deeper()
            inner = {"op": "not", "args": [self.negated()]}
            self.depth -= 1
            return inner
        return self.predicate()

    def predicate(self) -> Any:
        if self.take("("):
            self.deeper()
            inner = self.either()
            self.need(")")
            self.depth -= 1
            return inner
        token = self.peek
        if token is not None and token.upper in SPATIAL | TEMPORAL:
            self.n += 1
            return {"op": token.upper.lower(), "args": self.arguments()}
        if self.calls("REACH"):
            self.n += 1
            return {"op": "reach", "args": [self.predicate()]}
        return self.comparison(self.operand())

    def calls(self, name: str) -> bool:
        """Whether a function of this name comes next: its word and a bracket."""
        words = [token.upper for token in self.tokens[self.n : self.n + 2]]
        return words == [name, "("]

    def comparison(self, left: Any) -> Any:
        if op := self.take("=", "<>", "<", "<=", ">", ">="):
            return {"op": op, "args": [left, self.operand()]}
        if self.take("IS"):
            negated = self.take("NOT")
            self.need("NULL")
            return _maybe_not(negated, {"op": "isNull", "args": [left]})
        negated = self.take("NOT")
        if self.take("LIKE"):
            return _maybe_not(negated, {"op": "like", "args": [left, self.operand()]})
        if self.take("BETWEEN"):
            low = self.operand()
            self.need("AND")
            return _maybe_not(negated, {"op": "between", "args": [left, low, self.operand()]})
        if self.take("IN"):
            return _maybe_not(negated, {"op": "in", "args": [left, self.arguments()]})
        if negated:
            self.need("LIKE")
        return left

    def arguments(self) -> list[Any]:
        self.need("(")
        self.deeper()
        values = [self.operand()]
        while self.take(","):
            values.append(self.operand())
        self.need(")")
        self.depth -= 1
        return values

    def operand(self) -> Any:
        token = self.next()
        match token.kind:
            case "number":
                number = float(token.text)
                return int(token.text) if re.fullmatch(r"[-+]?\d{1,18}", token.text) else number
            case "string":
                return token.text.replace("''", "'")
            case "quoted":
                return {"property": token.text}
            case "wkt":
                return _geometry(token)
            case "word":
                return self.word(token)
        raise wrong(_("%(token)s is not expected here") % {"token": token.text}, token.at)

    def word(self, token: Token) -> Any:
        name = token.upper
        if name in {"TRUE", "FALSE"}:
            return name == "TRUE"
        called = self.peek is not None and self.peek.upper == "("
        if called and name in {"TIMESTAMP", "DATE", "CASEI", "ACCENTI", "INTERVAL", "BBOX"}:
            values = self.arguments()
            if name in {"CASEI", "ACCENTI"}:
                return {"op": name.lower(), "args": values}
            if name in {"INTERVAL", "BBOX"}:
                return {name.lower(): values}
            return {name.lower(): values[0]}
        if called or name in KEYWORDS or name in GEOMETRIES:
            raise wrong(
                _("%(token)s is not understood here") % {"token": token.text[:40]}, token.at
            )
        return {"property": token.text}


def _maybe_not(negated: str, tree: Any) -> Any:
    return {"op": "not", "args": [tree]} if negated else tree


def _geometry(token: Token) -> Any:
    try:
        shape = shapely.force_2d(shapely.from_wkt(token.text))
    except shapely.errors.ShapelyError:
        raise wrong(_("the geometry is not well formed"), token.at) from None
    return {"shape": shape}
