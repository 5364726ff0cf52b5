"""The tests' database: migrated once for all processes, and emptied of what a test wrote."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

KEPT = {"auth_permission", "django_content_type"}  # as the migrations made them; no test adds any
PATIENCE_S = 300


class Template:
    """A database that is migrated beside the collecting of tests and then copied by each process.

    The first process of all makes it; the word in `told` is "made", or why there is none.
    """

    def __init__(self, address: str, told: Path) -> None:
        parts = urlsplit(address)
        self.address, self.told = address, told
        self.name = f"test_{parts.path.lstrip('/')}_template"
        self.own = urlunsplit(parts._replace(path=f"/{self.name}"))
        self.thread = threading.Thread(target=self._make, daemon=True)

    def _make(self) -> None:
        env = {**os.environ, "DATABASE_URL": self.own, "DJANGO_SETTINGS_MODULE": "ioc.settings"}
        word = "made"
        try:
            self._run("DROP DATABASE IF EXISTS {}", "CREATE DATABASE {}")
            for command in (["migrate", "--run-syncdb"], ["createcachetable"]):
                django = [sys.executable, "-m", "django", *command, "-v", "0"]
                subprocess.run(django, env=env, check=True, capture_output=True, text=True)
        except (psycopg.Error, subprocess.CalledProcessError) as error:
            word = f"{error} {getattr(error, 'stderr', '')}"
        written = self.told.with_suffix(".part")
        written.write_text(word)
        written.rename(self.told)

    def remove(self) -> None:
        self.thread.join()
        self._run("DROP DATABASE IF EXISTS {}")

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as upkeep:
            for statement in statements:
                upkeep.execute(sql.SQL(statement).format(sql.Identifier(self.name)))


def template_of(name: str, told: Path) -> str | None:
    """The template's name once it is made; None where the making failed."""
    give_up = time.monotonic() + PATIENCE_S
    while not told.exists() and time.monotonic() < give_up:
        time.sleep(0.05)
    return name if told.exists() and told.read_text() == "made" else None


def keep_first_rows() -> None:
    """Remember what the migrations wrote, so that emptying can bring it back."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE")
        cursor.execute("CREATE SCHEMA kept")
        for table in _filled(cursor):
            cursor.execute(f'CREATE TABLE kept."{table}" AS TABLE "{table}"')


def empty() -> None:
    """Every table as the migrations left it. Only tables with rows are touched, and by DELETE:
    that takes a tenth of the time of truncating all, and waits for no reader."""
    with connection.cursor() as cursor:
        kept = _names(cursor, "SELECT tablename FROM pg_tables WHERE schemaname = 'kept'")
        with _deletable(cursor, _filled(cursor)), transaction.atomic():
            for _ in range(2):  # a deletion may write again: kept counts follow it
                for table in kept.union(_filled(cursor)):
                    if table not in kept:
                        cursor.execute(f'DELETE FROM "{table}"')
                    elif not _unchanged(cursor, table):
                        cursor.execute(f'DELETE FROM "{table}"')
                        cursor.execute(f'INSERT INTO "{table}" SELECT * FROM kept."{table}"')


@contextmanager
def _deletable(cursor: Any, tables: set[str]) -> Iterator[None]:
    """Inside, tables that only grow let go of their rows."""
    refusing = tables & _names(
        cursor,
        "SELECT tgrelid::regclass::text FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgparentid = 0 AND tgtype & 2 <> 0",  # fires before
    )
    try:
        for table in refusing:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        yield
    finally:
        for table in refusing:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')


def _names(cursor: Any, question: str) -> set[str]:
    cursor.execute(question)
    return {name for (name,) in cursor.fetchall()}


def _filled(cursor: Any) -> set[str]:
    """Tables of models that hold a row, those that migrations make in SQL among them."""
    models = apps.get_models(include_auto_created=True)
    there = connection.introspection.table_names(cursor)  # a partitioned table, not its parts
    own = {model._meta.db_table for model in models if model._meta.app_label != "gis"}
    names = sorted(own.intersection(there))
    each = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in names]
    return _names(cursor, " UNION ALL ".join(each)) - KEPT


def _unchanged(cursor: Any, table: str) -> bool:
    cursor.execute(
        f'SELECT NOT EXISTS ((TABLE "{table}" EXCEPT ALL TABLE kept."{table}") UNION ALL '
        f'(TABLE kept."{table}" EXCEPT ALL TABLE "{table}"))'
    )
    return cursor.fetchone()[0]
