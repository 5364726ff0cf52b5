"""What a request for items asks, read and checked: anything unknown is refused, as Core demands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from geo.errors import Refused
from layers.ogc import crs as systems
from layers.ogc.crs import Crs
from layers.questions import cql2
from layers.questions.reading import bad, text_of, time_of, value_of
from layers.questions.terms import Compare, During, InBox, Search, Term, both
from layers.questions.views import View

LIMIT, MAX_LIMIT, HTML_LIMIT = 10, 10_000, 25
FORMATS = {"json", "html"}
ITEMS = ("bbox", "bbox-crs", "datetime", "limit", "crs", "filter", "filter-lang", "filter-crs",
         "q", "cursor", "count", "f")  # fmt: skip
COUNTS = ("auto", "exact", "estimated", "none")


@dataclass(frozen=True)
class Ask:
    """One page of one collection."""

    term: Term
    limit: int
    cursor: int | None
    crs: Crs
    count: str
    filtered: bool
    """Whether anything was asked beyond the page itself."""


def only(query: Mapping[str, str], *known: str) -> None:
    """Raises Refused 400 for a parameter that the description does not name."""
    for name in query:
        if name not in known:
            listed = ", ".join(sorted(known))
            message = _("There is no parameter %(name)s; there are: %(known)s")
            raise Refused("unknown-parameter", message % {"name": name[:60], "known": listed})


def ask_of(view: View, query: Mapping[str, str], kind: Literal["json", "html"] = "json") -> Ask:
    """What the parameters of an items request ask. Raises Refused 400."""
    only(query, *ITEMS, *view.fields)
    parts = [*_box(query), *_times(view, query), *_filter(view, query)]
    if "q" in query:
        parts.append(Search(text_of(query["q"], "q", 80)))
    for name in view.fields:
        if name in query and name not in ITEMS:
            parts.append(Compare(name, "=", value_of(view, name, _typed(view, name, query[name]))))
    count = query.get("count", "auto")
    if count not in COUNTS:
        raise bad(_("count is one of: %(known)s") % {"known": ", ".join(COUNTS)})
    return Ask(
        term=both(*parts),
        limit=_limit(query, kind),
        cursor=_cursor(query),
        crs=systems.read(query["crs"], "crs") if "crs" in query else systems.DEFAULT,
        count=count,
        filtered=bool(parts),
    )


def _limit(query: Mapping[str, str], kind: str) -> int:
    given = query.get("limit")
    if given is None:
        return HTML_LIMIT if kind == "html" else LIMIT
    if not given.isascii() or not given.isdigit() or len(given) > 9 or int(given) < 1:
        raise bad(_("limit is a whole number from 1 to %(limit)s.") % {"limit": MAX_LIMIT})
    return min(int(given), MAX_LIMIT)


def _cursor(query: Mapping[str, str]) -> int | None:
    given = query.get("cursor")
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise bad(_("cursor is not one that this address gave out."))
    return int(given)


def _box(query: Mapping[str, str]) -> list[Term]:
    crs = systems.read(query["bbox-crs"], "bbox-crs") if "bbox-crs" in query else systems.DEFAULT
    if "bbox" not in query:
        return []
    try:
        numbers = [float(part) for part in query["bbox"].split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in {4, 6} or any(number != number for number in numbers):
        raise bad(_("bbox needs four numbers: west, south, east, north"))
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    return [InBox(cql2.box_in_degrees(numbers, crs.for_filter))]


def _times(view: View, query: Mapping[str, str]) -> list[Term]:
    """The parameter ``datetime``: an instant or an interval, both ends included.

    A collection without a time is not narrowed by it, as Core says.
    """
    if "datetime" not in query:
        return []
    ends = query["datetime"].split("/")
    if len(ends) > 2:
        raise bad(_("datetime is a time, or two with a slash between them."))
    times = [None if end in {"", ".."} and len(ends) == 2 else time_of(end) for end in ends]
    start, end = times[0], times[-1]
    if len(ends) == 2 and start is None and end is None:
        raise bad(_("datetime is a time, or two with a slash between them."))
    if start and end and start > end:
        raise bad(_("The period ends before it begins."))
    return [During("datetime", start, end, closed=True)] if view.time else []


def _filter(view: View, query: Mapping[str, str]) -> list[Term]:
    lang = query.get("filter-lang", "cql2-text")
    if lang not in {"cql2-text", "cql2-json"}:
        raise bad(_("filter-lang is cql2-text or cql2-json."))
    crs = (
        systems.read(query["filter-crs"], "filter-crs")
        if "filter-crs" in query
        else systems.DEFAULT
    )
    if "filter" not in query:
        return []
    if len(query["filter"]) > cql2.cql2_text.MAX_CHARS:
        raise Refused("too-long", _("The filter is too long."))
    read = cql2.read if lang == "cql2-text" else cql2.read_json
    return [read(view, query["filter"], crs=crs.for_filter)]


def _typed(view: View, name: str, given: str) -> Any:
    """A value in an address as the field's kind has it."""
    kind = view.kind(name)
    if kind == "bool":
        return {"true": True, "false": False}.get(given, given)
    if kind in {"number", "integer"}:
        try:
            return float(given)
        except ValueError:
            return given
    return given
