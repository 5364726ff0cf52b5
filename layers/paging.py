"""Keyset paging: the next page starts after the last id, so no row is skipped or shown twice."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from geo.errors import Refused

M = TypeVar("M", bound=Model)


def page_by_id(
    queryset: QuerySet[M], *, limit: int, cursor: str = ""
) -> tuple[list[M], str | None]:
    """One page, newest id first, and the cursor of the next page or None.

    Raises:
        Refused: if the cursor is not one that was given out.
    """
    if cursor:
        if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
            raise Refused("bad-cursor", "cursor is not one that this address gave out")
        queryset = queryset.filter(pk__lt=int(cursor))
    rows: list[Any] = list(queryset.order_by("-pk")[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, str(rows[-1].pk) if more else None
