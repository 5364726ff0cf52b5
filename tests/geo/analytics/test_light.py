"""What the web process pays for describing the analyses, and how counts come from PostgreSQL."""

import subprocess
import sys

import pytest
from django.db import connection

from geo.analytics.rows import columns_of_copy, columns_sql

HEAVY = ("scipy", "numba", "sklearn", "dask", "pandas", "pyarrow", "exactextract", "shapely")


def test_describing_the_methods_loads_nothing_heavy():
    code = (
        "import sys; from geo.analytics import methods; methods();"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def copied(sql: str, **kinds: type) -> list[list[float]]:
    with connection.cursor() as cursor, cursor.copy(columns_sql(sql, kinds)) as copy:
        return [column.tolist() for column in columns_of_copy(copy, kinds)]


@pytest.mark.django_db
def test_columns_of_a_binary_copy():
    sql = "SELECT n, n / -4.0::float8 AS x FROM generate_series(7000000000::bigint, 7000000002) n"
    assert copied(sql, n=int, x=float) == [
        [7000000000, 7000000001, 7000000002], [-1.75e9, -1750000000.25, -1750000000.5]
    ]  # fmt: skip
    assert copied("SELECT 1::bigint n, 1::float8 x WHERE false", n=int, x=float) == [[], []]


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["1", "NULL::bigint", "1.5::float8", "'abcdefgh'::text"])
def test_columns_of_another_type_or_with_nulls_are_refused(value):
    with pytest.raises(ValueError, match="n: every value must be a bigint"):
        copied(f"SELECT {value} AS n", n=int)


def test_anything_else_is_refused():
    with pytest.raises(ValueError, match="binary copy"):
        columns_of_copy([b"1\t2\n"], {"n": int})
