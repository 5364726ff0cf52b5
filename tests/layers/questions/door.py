"""The pool's place taken by the test's own connection, so that a test sees what it wrote."""

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.db.utils import OperationalError

from layers import viewers
from layers.questions import running


def _asked(sql, params, limit_s):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [int(limit_s * 1000)])
            cursor.execute(sql, params)
            return cursor.fetchall()
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise running.too_slow() from error
        raise


@pytest.fixture
def one_connection(monkeypatch, db):
    async def fetch(sql, params, *, limit_s=running.LIMIT_S):
        return await sync_to_async(_asked)(sql, params, limit_s)

    monkeypatch.setattr(running, "fetch", fetch)
    # Who asks is looked up in a thread that then closes its connection: here it is the test's.
    monkeypatch.setattr(viewers, "close_old_connections", lambda: None)
