"""How many rows PostgreSQL's planner takes a table for, set right where it is far off.

It multiplies the pages that a table has now with the rows a page held when it was last looked at.
A table that was looked at while it was all but empty and then filled is taken for one row: whole
tables are then compared row by row, for hours. Autovacuum looks again, but a statement that has
begun keeps its plan.
"""

from typing import Any

from django.db import connection
from psycopg import sql

FEW = 1_000
"""Below so many rows any plan will do."""
FAR_OFF = 10
MOST = 10

# What statements join and narrow by. Figures of arrays and shapes take the planner seconds.
_COLUMNS = """
SELECT coalesce(array_agg(DISTINCT a.attname::text), '{}') AS names
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = c.oid AND m.amname = 'btree'
"""
# Of a table never looked at (relpages 0) it goes by the width of a row, which is near enough.
_TAKEN_FOR = f"""
SELECT n.nspname, c.relname, a.names
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL ({_COLUMNS}) a
WHERE c.oid = to_regclass(%(table)s) AND c.relpages > 0 AND c.reltuples >= 0
    AND %(rows)s > %(far_off)s * (1 + c.reltuples
        * (pg_relation_size(c.oid) / current_setting('block_size')::int) / c.relpages)
"""
_FAR_OFF = f"""
SELECT n.nspname, c.relname, a.names
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL ({_COLUMNS}) a
CROSS JOIN LATERAL (SELECT pg_stat_get_live_tuples(c.oid) AS live OFFSET 0) s
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND c.relpages > 0 AND c.reltuples >= 0
    AND n.nspname NOT LIKE 'pg\\_%%' AND pg_has_role(c.relowner, 'USAGE') AND s.live > %(few)s
    AND s.live > %(far_off)s * (1 + c.reltuples
        * (pg_relation_size(c.oid) / current_setting('block_size')::int) / c.relpages)
ORDER BY s.live DESC LIMIT %(most)s
"""


def known(table: str, rows: int) -> bool:
    """Whether the planner had to be told that a table holds about so many rows or more.

    Call before a statement that joins many rows with the table; for a few nothing is asked.
    """
    if rows <= FEW:
        return False
    asked = {"table": table, "rows": rows, "far_off": FAR_OFF}
    return bool(_told(_TAKEN_FOR, asked))


def look_again() -> list[str]:
    """The tables that hold ten times the rows the planner took them for; it was told."""
    return _told(_FAR_OFF, {"few": FEW, "far_off": FAR_OFF, "most": MOST})


def _told(question: str, asked: dict[str, Any]) -> list[str]:
    """The tables that were looked at."""
    with connection.cursor() as cursor:
        cursor.execute(question, asked)
        found = cursor.fetchall()
        for schema, table, names in found:
            columns = sql.SQL(", ").join(map(sql.Identifier, names))
            of = sql.SQL("({})").format(columns) if names else sql.SQL("")
            # Whoever holds the lock vacuums or looks himself.
            look = sql.SQL("ANALYZE (SKIP_LOCKED) {} {}")
            cursor.execute(look.format(sql.Identifier(schema, table), of))
    return [table for _, table, _ in found]
