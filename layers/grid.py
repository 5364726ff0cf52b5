"""Counts per cell that are kept beside a large layer, so that a low zoom costs what it shows.

Each statement that changes the layer's table appends its differences; readers sum; the
publisher folds. Nothing is ever updated in place, so writers never wait for each other. A
trigger does it because COPY, bulk updates and plain SQL must count too: see
``ioc/decisions/2026-11-21-grid-counts.md``.
"""

from django.db import connection, migrations, transaction

from geo import estimates
from layers.mvt import column_sql, row_sql

DEEPEST = 13
"""Counts are kept for zooms 0 to this one: below the usual raw zoom of 14."""
_CELLS = 64 << DEEPEST
_SPREAD = ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
           (2, 0x3333333333333333), (1, 0x5555555555555555))  # fmt: skip

FOLD_ROWS = 20_000
FOLD_TIMEOUT_MS = 10_000
NEXT = f"""
SELECT max(id), count(*) FROM
    (SELECT id FROM layers_gridcount WHERE id > %s ORDER BY id LIMIT {FOLD_ROWS}) next
"""
FOLD = """
WITH touched AS MATERIALIZED (
    SELECT DISTINCT layer, view, z, cell, grp FROM layers_gridcount WHERE id > %s AND id <= %s
), several AS MATERIALIZED (
    SELECT array_agg(g.id) AS ids FROM touched JOIN layers_gridcount g
    USING (layer, view, z, cell, grp) GROUP BY layer, view, z, cell, grp HAVING count(*) > 1
), gone AS (
    DELETE FROM layers_gridcount WHERE id = ANY (ARRAY(SELECT unnest(ids) FROM several))
    RETURNING layer, view, z, cell, grp, n
)
INSERT INTO layers_gridcount (layer, view, z, cell, grp, n)
SELECT layer, view, z, cell, grp, sum(n) FROM gone
GROUP BY layer, view, z, cell, grp HAVING sum(n) <> 0
"""


def _spread(name: str) -> str:
    """PL/pgSQL that puts a zero before each bit of a number below 2³²."""
    steps = (f"{name} := ({name} | ({name} << {by})) & {mask};" for by, mask in _SPREAD)
    return " ".join(steps)


FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION layers_cell(g geometry) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    x bigint := {column_sql("g", _CELLS)};
    y bigint := {row_sql("g", _CELLS)};
BEGIN
    {_spread("x")}
    {_spread("y")}
    RETURN x | (y << 1);
END $$;
"""


def _differences(view: str, geom: str, group: str, where: str, tables: dict[str, int]) -> str:
    """The statement that appends what a change of the table did to one view's counts."""
    rows = " UNION ALL ".join(
        f"SELECT layers_cell({geom}) AS cell, coalesce({group}::text, '') AS grp, {sign} AS d "
        f"FROM {table} WHERE NOT ST_IsEmpty({geom}) AND ({where})"
        for table, sign in tables.items()
    )
    return f"""
    INSERT INTO layers_gridcount (layer, view, z, cell, grp, n)
    SELECT TG_ARGV[0], '{view}', z, cell >> (2 * ({DEEPEST} - z)), grp, sum(d)
    FROM (SELECT cell, grp, sum(d) AS d FROM ({rows}) r GROUP BY cell, grp HAVING sum(d) <> 0) b
    CROSS JOIN generate_series(0, {DEEPEST}) z
    GROUP BY z, cell >> (2 * ({DEEPEST} - z)), grp HAVING sum(d) <> 0;
    """


def trigger_sql(
    *, layer: str, table: str, geom: str, group: str = "''",
    public_geom: str = "", public_where: str = "",
) -> str:  # fmt: skip
    """The SQL that keeps the counts of one table from now on.

    ``group`` is the column that colours the layer; ``public_where`` the rows of the public view
    (empty: the layer has none). All are written by us in a migration, never by a user.
    """
    views = [("full", geom, "true")]
    if public_where:
        views.append(("public", public_geom or geom, public_where))
    new, old = {"new_rows": 1}, {"old_rows": -1}
    parts = []
    for event, tables in (("INSERT", new), ("DELETE", old), ("UPDATE", new | old)):
        body = "".join(_differences(*view[:2], group, view[2], tables) for view in views)
        name = f"layers_grid_{table}_{event.lower()}"
        given = " ".join(
            f"{'NEW' if sign > 0 else 'OLD'} TABLE AS {t}" for t, sign in tables.items()
        )
        parts.append(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN {body} RETURN NULL; END $$;\n"
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {given} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}('{layer}');"
        )
    return "\n".join(parts)


def drop_sql(*, layer: str, table: str) -> str:
    names = [f"layers_grid_{table}_{event}" for event in ("insert", "delete", "update")]
    drops = [f"DROP TRIGGER {n} ON {table}; DROP FUNCTION {n}();" for n in names]
    return "\n".join([*drops, f"DELETE FROM layers_gridcount WHERE layer = '{layer}';"])


def keep_counts(*, layer: str, table: str, **columns: str) -> migrations.RunSQL:
    """A migration operation: from now on the counts of this table's points are kept."""
    return migrations.RunSQL(
        trigger_sql(layer=layer, table=table, **columns), drop_sql(layer=layer, table=table)
    )


def fold(after_id: int) -> int:
    """The new watermark, after cells with several rows among the next ids became one row each.

    Readers always see either the rows or their sum. A row committed late below the watermark is
    still counted; it is folded when its cell is touched again. Raises: OperationalError where it
    takes too long.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {FOLD_TIMEOUT_MS:d}")
        cursor.execute(NEXT, [after_id])
        upto, rows = cursor.fetchone()
        if not rows:
            return after_id
        estimates.known("layers_gridcount", rows)
        cursor.execute(FOLD, [after_id, upto])
        return int(upto)
