"""The expression: what may be asked of a layer. Made by ``reading`` and ``cql2``, never by hand
from what a person sent, so that whoever compiles it finds fields and values already checked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from geo.queries import Box

MAX_DEPTH = 12
MAX_TERMS = 100
MAX_VALUES = 200
MAX_JOINS = 2
MAX_NEAREST = 10_000
MAX_WITHIN_M = 200_000

Relation = Literal[
    "intersects", "inside", "contains", "disjoint", "touches", "crosses", "overlaps", "equals",
    "interior", "encloses",
]  # fmt: skip
RELATIONS: tuple[Relation, ...] = (
    "intersects", "inside", "contains", "disjoint", "touches", "crosses", "overlaps", "equals",
    "interior", "encloses",
)  # fmt: skip
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Area:
    """A geometry in EPSG:4326 as hex EWKB, with its box and how a sentence names it."""

    ewkb: str
    box: Box
    kind: str
    vertices: int
    name: str = ""
    name_en: str = ""
    """Where the English name is another one."""
    inner: tuple[Box, ...] = ()
    """Boxes that lie wholly inside: points in them need no closer look."""


@dataclass(frozen=True, slots=True)
class Everything:
    """Every row the asker may see; ``value`` False: none."""

    value: bool = True


@dataclass(frozen=True, slots=True)
class Compare:
    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class CompareFields:
    """Two fields of the same row."""

    field: str
    op: str
    other: str


@dataclass(frozen=True, slots=True)
class OneOf:
    field: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """Both ends included."""

    field: str
    low: Any
    high: Any


@dataclass(frozen=True, slots=True)
class Like:
    """A pattern with ``%`` and ``_``; ``\\`` takes the next sign literally."""

    field: str
    pattern: str
    any_case: bool = False
    any_accent: bool = False


@dataclass(frozen=True, slots=True)
class Same:
    """Text that is equal but for case or accents."""

    field: str
    value: str
    any_case: bool = False
    any_accent: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """The text stands somewhere in the field; case and accents do not matter."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """The layer's own search."""

    text: str


@dataclass(frozen=True, slots=True)
class IsNull:
    field: str


@dataclass(frozen=True, slots=True)
class During:
    """From start to end, the end left out unless ``closed``; None: open. Aware times."""

    field: str
    start: datetime | None
    end: datetime | None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Last:
    """The last so many hours or days before now."""

    field: str
    amount: int
    unit: Literal["hours", "days"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Days of the week (1 Monday – 7 Sunday) and hours (0–23) by the city's clock."""

    field: str
    weekdays: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Space:
    relation: Relation
    area: Area


@dataclass(frozen=True, slots=True)
class Within:
    """Not farther than so many metres, on the spheroid."""

    area: Area
    metres: float


@dataclass(frozen=True, slots=True)
class Nearest:
    """The k rows nearest to a place, of all rows the asker may see."""

    area: Area
    k: int


@dataclass(frozen=True, slots=True)
class InBox:
    """A box in degrees; west > east: across the antimeridian."""

    box: Box


@dataclass(frozen=True, slots=True)
class Related:
    """There is a row of another layer near, or touching; ``where`` narrows that layer."""

    layer: str
    where: "Term"
    metres: float | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """The ground that a row reaches (a camera's field of view) fulfils a term."""

    term: "Term"


@dataclass(frozen=True, slots=True)
class Not:
    term: "Term"


@dataclass(frozen=True, slots=True)
class All:
    terms: tuple["Term", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    terms: tuple["Term", ...]


Term = (
    Everything
    | Compare
    | CompareFields
    | OneOf
    | Between
    | Like
    | Same
    | Contains
    | Search
    | IsNull
    | During
    | Last
    | Clock
    | Space
    | Within
    | Nearest
    | InBox
    | Related
    | Reach
    | Not
    | All
    | AnyOf
)


def both(*terms: Term) -> Term:
    """All of the terms, without those that ask nothing."""
    asked = tuple(term for term in terms if term != Everything())
    return asked[0] if len(asked) == 1 else All(asked) if asked else Everything()
