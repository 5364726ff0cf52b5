"""Rows of whole numbers as PostgreSQL's binary COPY sends them, read without a loop."""

from collections.abc import Iterable

import numpy as np

from geo.analytics.checks import Ints

HEADER = b"PGCOPY\n\xff\r\n\x00"


def integers_of_copy(chunks: Iterable[bytes], columns: int) -> Ints:
    """Rows of ``COPY (SELECT bigint, …) TO STDOUT (FORMAT BINARY)``, shape (n, columns), int64.

    Raises ValueError where a column is not a bigint or has nulls.
    Source: PostgreSQL documentation, COPY, "Binary Format".
    """
    body = b"".join(bytes(chunk) for chunk in chunks)
    if not body.startswith(HEADER):
        raise ValueError("not PostgreSQL's binary copy format")
    start = len(HEADER) + 8 + int.from_bytes(body[len(HEADER) + 4 : len(HEADER) + 8], "big")
    row = np.dtype([("fields", ">i2")] + [
        part for n in range(columns) for part in ((f"size{n}", ">i4"), (f"value{n}", ">i8"))
    ])  # fmt: skip
    if (len(body) - start - 2) % row.itemsize:
        raise ValueError("rows of another width: every column must be a bigint without nulls")
    rows = np.frombuffer(body, row, (len(body) - start - 2) // row.itemsize, start)
    if len(rows) and not all((rows[f"size{n}"] == 8).all() for n in range(columns)):
        raise ValueError("every column must be a bigint without nulls")
    return np.column_stack([rows[f"value{n}"] for n in range(columns)]).astype(np.int64)
