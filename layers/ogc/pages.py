"""Pages of features as JSON that the database writes: one query a page, after the last id.

No row becomes an object here, so a page costs what its text costs, and a long answer is written
chunk by chunk: memory does not grow with the answer.
"""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.core.exceptions import EmptyResultSet

from layers import mvt
from layers.ogc.asking import Ask
from layers.ogc.crs import Crs
from layers.questions import running
from layers.questions.compiling import rows_of
from layers.questions.costs import count_upto, estimate_of
from layers.questions.features import feature_sql, listing_sql
from layers.questions.views import View

CHUNK = 1_000
COUNT_LIMIT = 100_000


class Chunk(NamedTuple):
    """Features as JSON with commas between them, how many, and where the next begin."""

    text: str
    count: int
    after: int | None


def chunk_sql(view: View, ask: Ask, size: int, after: int | None) -> tuple[str, tuple[Any, ...]]:
    """The query of so many features after an id, newest first, and one more to know of a rest."""
    rows = rows_of(view, ask.term)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return listing_sql(view, rows, size, ask.crs.srid, ask.crs.flip)


async def fetch(sql: str, params: Any, size: int) -> Chunk:
    ((text, count, last),) = await running.fetch(sql, params)
    return Chunk(text or "", min(count, size), last if count > size else None)


async def chunks(view: View, ask: Ask, first: Chunk) -> AsyncIterator[Chunk]:
    """The chunks of a long page, the first of which is already here."""
    left = ask.limit - first.count
    yield first
    chunk = first
    while left > 0 and chunk.after is not None:
        size = min(CHUNK, left)
        sql, params = await sync_to_async(chunk_sql)(view, ask, size, chunk.after)
        chunk = await fetch(sql, params, size)
        left -= chunk.count
        yield chunk


def one_sql(view: View, key: str, crs: Crs) -> tuple[str, tuple[Any, ...]] | None:
    """The query of one feature; None for an id that cannot exist."""
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    columns, feature = feature_sql(view, crs.srid, crs.flip)
    rows = view.rows().filter(pk=int(key)).annotate(**columns).values(*columns)
    try:
        sql, params = mvt.compiled(rows)
    except EmptyResultSet:  # a number larger than the column holds
        return None
    return f"SELECT {feature} FROM ({sql}) f", params


async def matched(view: View, ask: Ask, page: Chunk) -> dict[str, Any]:
    """How many features match: ``count`` with its ``kind``: exact, estimated, at least, or
    not counted (counting a million rows costs more than the page)."""
    if ask.cursor is None and page.after is None:
        return {"count": page.count, "kind": "exact"}
    if ask.count in {"auto", "none"}:
        return {"count": None, "kind": "not counted"}
    if ask.count == "estimated":
        return {"count": await estimate_of(view, ask.term), "kind": "estimated"}
    found = await count_upto(view, ask.term, COUNT_LIMIT)
    return {"count": found, "kind": "exact" if found < COUNT_LIMIT else "at least"}
