"""Connections to the database, of which a process has few."""

from django.db import connection


def release() -> None:
    """Give this thread's connection back before work that needs none; the next query takes one.

    Within a transaction it stays. Not for one who holds a lock of the session.
    """
    if not connection.in_atomic_block:
        connection.close()
