"""Rows, columns and counts of one bounded query, as this person's questions read them."""

from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from geo.analytics.checks import Ints
from geo.analytics.lattice import parents
from geo.analytics.rows import columns_of_copy, columns_sql

STATEMENT_MS = 60_000


def fetched(sql: str, params: Any) -> list[Any]:
    """The rows of one query, which the database gives up after a minute."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {STATEMENT_MS:d}")
        cursor.execute(sql, params)
        return cursor.fetchall()


def columns(sql: str, params: Any, kinds: dict[str, type]) -> tuple[NDArray[Any], ...]:
    """The named columns of one such query, int or float, as arrays of the same length."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {STATEMENT_MS:d}")
        with cursor.copy(columns_sql(sql, kinds), params) as copy:
            return columns_of_copy(copy, kinds)


def counted(sql: str, params: Any, res: int) -> tuple[Ints, Ints]:
    """Distinct cells of a resolution, sorted, and the rows of each, from a query of ``a_cell``.

    The database counts by the cell as it is stored, in the order of its index; parents of so few
    are a matter of milliseconds here.
    """
    grouped = f"SELECT a_cell, count(*) AS a_count FROM ({sql}) t GROUP BY a_cell"
    cell, count = columns(grouped, params, {"a_cell": int, "a_count": int})
    if len(cell) == 0:
        return cell, count
    found, of = np.unique(parents(cell, res), return_inverse=True)
    return found, np.bincount(of, count).astype(np.int64)
