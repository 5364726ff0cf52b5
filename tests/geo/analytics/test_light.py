"""What the web process pays for describing the analyses, and how counts come from PostgreSQL."""

import subprocess
import sys

import numpy as np
import pytest
from django.db import connection

from geo.analytics.rows import integers_of_copy

HEAVY = ("scipy", "numba", "sklearn", "dask", "pandas", "pyarrow", "exactextract", "shapely")


def test_describing_the_methods_loads_nothing_heavy():
    code = (
        "import sys; from geo.analytics import methods; methods();"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def copied(sql: str, columns: int) -> np.ndarray:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT BINARY)") as copy,
    ):
        return integers_of_copy(copy, columns)


@pytest.mark.django_db
def test_rows_of_a_binary_copy():
    rows = copied("SELECT n, n * -7000000000 FROM generate_series(1::bigint, 3) n ORDER BY n", 2)
    assert rows.tolist() == [[1, -7e9], [2, -14e9], [3, -21e9]]
    assert copied("SELECT 1::bigint WHERE false", 1).shape == (0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("sql", ["SELECT 1", "SELECT NULL::bigint", "SELECT 'abcdefgh'::text, 1"])
def test_other_columns_are_refused(sql):
    with pytest.raises(ValueError, match="bigint"):
        copied(sql, 1)


def test_anything_else_is_refused():
    with pytest.raises(ValueError, match="binary copy"):
        integers_of_copy([b"1\t2\n"], 2)
