"""Answers while the hand still draws: every layer one may see, asked at once about one area.

Each layer is one query with its own time limit, so that one slow layer costs nobody the others.
Layers with few rows in the area are counted to the last one; where the planner expects very many,
each n-th row is counted and the answer says so, with its margin.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import shapely
from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _

from geo import reference
from geo.errors import Refused
from geo.text import Text
from layers import registry
from layers.questions import costs, reading, running, shapes, summing, words
from layers.questions.costs import Estimate
from layers.questions.places import KEYS as PLACE_KEYS
from layers.questions.places import only, place_of
from layers.questions.terms import Area, Space, Term, both
from layers.questions.views import View, view_of

LIMIT_S, EXACT_LIMIT_S = 1.8, 8.0
ESTIMATE_LIMIT_S = 0.5
EXACT_ROWS, LAYERS_AT_ONCE = 20_000, 6
"""A layer with fewer expected rows is counted exactly; all together, so many times as many."""
BOXES_FROM = 4_000
"""From so many rows on it pays to know the boxes that lie wholly inside the area."""
MAX_LAYERS = 20
KEYS = frozenset({"area", "layers", "filters", "period", "exact", "limit"})


@dataclass(frozen=True)
class Asked:
    """What a person asks, read: the area, and of each layer what narrows it beside the area."""

    area: Area
    terms: list[tuple[View, Term]]
    exact: bool
    limit: int
    hours: bool


def read(user: Any, given: Any) -> Asked:
    """The questions to each layer that JSON asks. Raises Refused."""
    if not isinstance(given, dict) or set(given) - KEYS:
        known = ", ".join(sorted(KEYS))
        raise Refused("bad-question", _("An answer needs: %(known)s") % {"known": known})
    if not isinstance(given.get("area"), dict):
        raise Refused("bad-area", _("An area is a geometry, wards or a feature: one of them."))
    only(given["area"], PLACE_KEYS)
    area = place_of(user, given["area"])
    filters = given.get("filters") or {}
    if not isinstance(filters, dict):
        raise Refused("bad-question", _("filters is an object: a layer's name and its condition."))
    views = _views(user, given.get("layers"))
    if unknown := set(filters) - {view.layer.slug for view in views}:
        slug = sorted(unknown)[0]
        raise Refused(
            "not-found", _("There is no layer %(slug)s.") % {"slug": slug[:60]}, status=404
        )
    limit = int(reading.number_of(given.get("limit", 20), "limit", low=0, high=200))
    budget = reading.Budget()
    terms = []
    for view in views:
        narrowed = reading.term_of(view, filters.get(view.layer.slug), budget)
        terms.append((view, both(*period_terms(view, given.get("period")), narrowed)))
    return Asked(area, terms, given.get("exact") is True, limit, _short(given.get("period")))


def _plan(asked: Asked, n: int, area: Area, every: int, apart: bool = False) -> summing.Plan:
    view, term = asked.terms[n]
    whole = both(Space("intersects", area), term)
    return summing.plan(view, whole, every=every, limit=asked.limit, hours=asked.hours, apart=apart)


def _views(user: Any, slugs: Any) -> list[View]:
    if slugs is None:
        pairs = registry.visible_layers(user)[:MAX_LAYERS]
        return [View(layer, audience, user) for layer, audience in pairs]
    if not isinstance(slugs, list) or not 1 <= len(slugs) <= MAX_LAYERS:
        message = _("layers is a list of 1 to %(limit)s names.") % {"limit": MAX_LAYERS}
        raise Refused("bad-question", message)
    return [
        view_of(user, reading.text_of(slug, "layers")) for slug in dict.fromkeys(map(str, slugs))
    ]


def period_terms(view: View, given: Any) -> list[Term]:
    """The period as a term; a layer without a time is not narrowed by it."""
    if given is None or not view.time:
        return []
    if not isinstance(given, dict):
        raise Refused("bad-question", _("period is {start, end} or {last: {amount, unit}}."))
    only(given, ("start", "end", "last"))
    if isinstance(given.get("last"), dict):
        return [reading.term_of(view, {**given["last"], "op": "last"})]
    return [
        reading.term_of(
            view, {"op": "during", "start": given.get("start"), "end": given.get("end")}
        )
    ]


def _short(given: Any) -> bool:
    """Whether the period is so short that hours say more than days."""
    if not isinstance(given, dict):
        return False
    last = given.get("last")
    if isinstance(last, dict):
        return last.get("unit") == "hours" and last.get("amount", 99) <= 72
    if given.get("start") and given.get("end"):
        return (reading.time_of(given["end"]) - reading.time_of(given["start"])).days < 3
    return False


async def answer(user: Any, given: Any) -> dict[str, Any]:
    """Counts, densities, choices, times and the newest features of every layer in an area."""
    began = time.perf_counter()
    asked, plans = await sync_to_async(_prepared)(user, given)
    expected = await asyncio.gather(*(_expected(*plan.look) for plan in plans))
    plans = await sync_to_async(_planned)(asked, plans, expected)
    answers = await asyncio.gather(*(_one(plan, asked.exact) for plan in plans))
    body = await sync_to_async(_in_words)(asked, plans, answers)
    body["took_ms"] = round((time.perf_counter() - began) * 1000)
    return body


def _prepared(user: Any, given: Any) -> tuple[Asked, list[summing.Plan]]:
    with reference.held():
        asked = read(user, given)
        return asked, [_plan(asked, n, asked.area, 1) for n in range(len(asked.terms))]


async def _expected(sql: str, params: Any) -> Estimate | Refused:
    try:
        rows = await running.fetch(sql, params, limit_s=ESTIMATE_LIMIT_S)
        plan = rows[0][0][0]["Plan"]
        expected = Estimate(int(plan["Plan Rows"]), float(plan["Total Cost"]))
        costs.check(expected)
    except Refused as refused:
        return refused
    return expected


def _planned(
    asked: Asked, plans: list[summing.Plan], expected: list[Estimate | Refused]
) -> list[Any]:
    """Each layer's query: exact where it is small, until what all may read together is spent."""
    made: list[Any] = [guess if isinstance(guess, Refused) else None for guess in expected]
    quick: Area | None = None
    left = EXACT_ROWS * LAYERS_AT_ONCE
    order = sorted(
        (guess.rows, n) for n, guess in enumerate(expected) if isinstance(guess, Estimate)
    )
    with reference.held():
        for rows, n in order:
            if rows <= BOXES_FROM:
                made[n] = plans[n]
            else:
                quick = quick or shapes.with_inner(asked.area, shapely.from_wkb(asked.area.ewkb))
                small = asked.exact or (rows <= EXACT_ROWS and rows <= left)
                every = 1 if small else summing.sampling(rows)
                made[n] = _plan(asked, n, quick, every, apart=rows > EXACT_ROWS)
            left -= rows
    return made


async def _one(plan: summing.Plan | Refused, exact: bool) -> Any:
    if isinstance(plan, Refused):
        return plan
    try:
        limit_s = EXACT_LIMIT_S if exact else LIMIT_S
        return (await running.fetch(plan.sql, plan.params, limit_s=limit_s))[0]
    except Refused as refused:
        return refused


def _in_words(asked: Asked, plans: list[Any], answers: list[Any]) -> dict[str, Any]:
    with reference.held():
        return _told(asked, plans, answers)


def _told(asked: Asked, plans: list[Any], answers: list[Any]) -> dict[str, Any]:
    shape = shapely.from_wkb(asked.area.ewkb)
    km2 = area_km2(shape)
    within, layers = Space("intersects", asked.area), []
    for (view, term), plan, found in zip(asked.terms, plans, answers, strict=True):
        about: dict[str, Any] = {
            "layer": view.layer.slug,
            "title": view.layer.title.dict(),
            "in_words": words.in_words(view, both(within, term)).dict(),
        }
        if isinstance(found, Refused):
            about["error"] = {"code": found.code, "message": str(found.message)}
        else:
            about |= summing.read(plan, found)
            about["density_per_km2"] = _density(view, about["count"]["value"], km2)
        layers.append(about)
    return {
        "area": {
            "name": asked.area.name,
            "km2": round(km2, 4),
            "bbox": list(asked.area.box),
            "vertices": asked.area.vertices,
        },
        "partial": any("error" in about for about in layers),
        "layers": layers,
    }


def area_km2(shape: shapely.Geometry) -> float:
    """The area on the spheroid, in km²; a line has none."""
    from pyproj import Geod

    parts = shapely.get_parts(shape)
    areas = shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])
    square_m, _length = Geod(ellps="WGS84").geometry_area_perimeter(areas)
    return abs(square_m) / 1e6


def _density(view: View, count: int, km2: float) -> float | None:
    """How many to the km²; none for what is no point, or an area without extent."""
    if view.layer.geometry != "point" or km2 <= 0:
        return None
    return round(count / km2, 3)


async def question(user: Any, given: Any) -> dict[str, Any]:
    """One question to one layer: its sentence, its cost, how many rows, and a page of them."""
    until = time.monotonic() + LIMIT_S
    view, term, limit, cursor = await sync_to_async(asked_of)(user, given)
    expected = await costs.estimate(view, term)
    costs.check(expected)
    sql, params = await sync_to_async(_page_sql)(view, term, limit, cursor)
    text, returned, last = (await running.fetch(sql, params, limit_s=until - time.monotonic()))[0]
    more = returned > limit
    if more or cursor is not None:
        counted = await _counted(view, term, returned, until - time.monotonic())
    else:
        counted = {"value": returned, "kind": "exact"}
    said: Text = await sync_to_async(words.in_words)(view, term)
    return {
        "layer": view.layer.slug,
        "in_words": said.dict(),
        "expected_rows": expected.rows,
        "count": counted,
        "features": text,
        "next": str(last) if more else None,
    }


async def _counted(view: View, term: Term, seen: int, left_s: float) -> dict[str, Any]:
    """How many rows match; where counting takes too long, at least those that are on the page."""
    try:
        count = await costs.count_upto(view, term, COUNT_LIMIT, limit_s=max(0.05, left_s))
    except Refused:
        return {"value": seen, "kind": "at least"}
    return {"value": count, "kind": "exact" if count < COUNT_LIMIT else "at least"}


COUNT_LIMIT = 1_000_000


def asked_of(user: Any, given: Any) -> tuple[View, Term, int, int | None]:
    """The layer, the term and the page that JSON asks for. Raises Refused."""
    if not isinstance(given, dict) or set(given) - {"layer", "where", "limit", "cursor"}:
        raise Refused("bad-question", _("A question needs: %(known)s") % {"known": "layer, where"})
    view = view_of(user, reading.text_of(given.get("layer"), "layer"))
    term = reading.term_of(view, given.get("where"))
    limit = int(reading.number_of(given.get("limit", 50), "limit", low=1, high=500))
    cursor = given.get("cursor")
    digits = isinstance(cursor, str) and cursor.isascii() and cursor.isdigit() and len(cursor) < 19
    if cursor is not None and not digits:
        raise Refused("bad-cursor", _("cursor is not one that this address gave out."))
    return view, term, limit, int(cursor) if cursor else None


def _page_sql(view: View, term: Term, limit: int, cursor: int | None) -> tuple[str, Any]:
    from layers.questions.compiling import rows_of
    from layers.questions.features import listing_sql

    rows = rows_of(view, term)
    return listing_sql(view, rows.filter(pk__lt=cursor) if cursor else rows, limit)
