"""Whole columns of 64-bit numbers out of PostgreSQL in one message, read without a loop.

A row costs the client a message and some objects; an array of a million costs it nothing more.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\x00"
# by the OID of a type in pg_type: bigint and double precision
KINDS = {20: (int, ">i8", np.int64), 701: (float, ">f8", np.float64)}
EMPTY = {int: np.int64, float: np.float64}


def columns_sql(sql: str, names: Iterable[str]) -> str:
    """The COPY that sends the named columns of a query as arrays, for ``columns_of_copy``."""
    arrays = ", ".join(f"array_agg({name})" for name in names)
    return f"COPY (SELECT {arrays} FROM ({sql}) a_column) TO STDOUT (FORMAT BINARY)"


def columns_of_copy(
    chunks: Iterable[Any], kinds: Mapping[str, type[int] | type[float]]
) -> tuple[NDArray[Any], ...]:
    """One array a column, all of the same length: int64 where its kind is int, else float64.

    Raises ValueError where a column is of another type or has nulls.
    Source: PostgreSQL documentation, COPY, "Binary Format"; array_send() of its source.
    """
    body = b"".join(chunks)
    if not body.startswith(HEADER):
        raise ValueError("not PostgreSQL's binary copy format")
    (extension,) = struct.unpack_from(">i", body, len(HEADER) + 4)
    at = len(HEADER) + 8 + extension
    (fields,) = struct.unpack_from(">h", body, at)
    if fields != len(kinds):
        raise ValueError(f"{fields} columns where {len(kinds)} were asked for")
    at, columns = at + 2, []
    for name, kind in kinds.items():
        (size,) = struct.unpack_from(">i", body, at)
        columns.append(_column(body, at + 4, size, name, kind))
        at += 4 + max(size, 0)
    return tuple(columns)


def _column(body: bytes, at: int, size: int, name: str, kind: type) -> NDArray[Any]:
    """One array as it is sent: dimensions, flag, type, then length and lower bound, then values."""
    if size < 0:  # array_agg of no rows is null
        return np.empty(0, EMPTY[kind])
    _dimensions, nulls, oid, length, _low = struct.unpack_from(">iiIii", body, at)
    told, big, native = KINDS.get(oid, (None, "", None))
    if told is not kind or nulls:
        wanted = "bigint" if kind is int else "double precision"
        raise ValueError(f"{name}: every value must be a {wanted}, none null")
    sent = np.dtype([("size", ">i4"), ("value", big)])
    return np.frombuffer(body, sent, length, at + 20)["value"].astype(native)
