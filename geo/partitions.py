"""Tables partitioned by day: the partitions are made ahead and dropped behind."""

from datetime import date, timedelta

from django.db import connection
from psycopg import sql


def ensure_days(table: str, first: date, last: date) -> int:
    """The number of day partitions made so that every day from ``first`` to ``last`` has one.

    A partition is named ``{table}_{yyyymmdd}`` and holds the UTC day.
    """
    wanted = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    missing = sorted(wanted - days_of(table))
    with connection.cursor() as cursor:
        for day in missing:
            cursor.execute(
                sql.SQL(
                    "CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})"
                ).format(
                    sql.Identifier(f"{table}_{day:%Y%m%d}"),
                    sql.Identifier(table),
                    sql.Literal(f"{day.isoformat()} 00:00:00+00"),
                    sql.Literal(f"{(day + timedelta(days=1)).isoformat()} 00:00:00+00"),
                )
            )
    return len(missing)


def days_of(table: str) -> set[date]:
    """The days that have a partition."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = to_regclass(%s)",
            [table],
        )
        names = [name for (name,) in cursor.fetchall()]
    stamps = [name.removeprefix(f"{table}_") for name in names]
    return {
        date(int(s[:4]), int(s[4:6]), int(s[6:])) for s in stamps if len(s) == 8 and s.isdigit()
    }


def drop_before(table: str, day: date) -> int:
    """The number of partitions dropped because they end before ``day``."""
    old = sorted(d for d in days_of(table) if d < day)
    with connection.cursor() as cursor:
        for d in old:
            cursor.execute(
                sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(f"{table}_{d:%Y%m%d}"))
            )
    return len(old)
