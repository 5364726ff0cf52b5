"""The cache that all processes share, in a table: counters that count right, keys used once.

Django's own counts all rows before each write, throws live entries out beyond 300 of them, and
`incr` reads, adds and writes back with a lifetime of five minutes: limits by the hour would start
anew, and spent proofs could be used again. Here each call is one statement.
"""

import base64
import pickle
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router

SWEEP_ONE_IN = 500
INTEGER = "="  # no base64 begins so: what follows is a number that SQL can add to

PUT = """
INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s)
ON CONFLICT (cache_key) DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires
"""
ADD = PUT + "WHERE {table}.expires < now() RETURNING cache_key"
READ = "SELECT cache_key, value FROM {table} WHERE cache_key = ANY(%s) AND expires >= now()"
COUNT = """
UPDATE {table} SET value = '=' || (substr(value, 2)::bigint + %s)
WHERE cache_key = %s AND expires >= now() AND value LIKE '=%%' RETURNING substr(value, 2)::bigint
"""
TALLY = """
INSERT INTO {table} AS held (cache_key, value, expires) VALUES (%s, '=1', %s)
ON CONFLICT (cache_key) DO UPDATE SET
    value = CASE WHEN held.expires >= now() AND held.value LIKE '=%%'
            THEN '=' || (substr(held.value, 2)::bigint + 1) ELSE '=1' END,
    expires = CASE WHEN held.expires >= now() AND held.value LIKE '=%%'
              THEN held.expires ELSE EXCLUDED.expires END
RETURNING substr(value, 2)::bigint
"""
TOUCH = "UPDATE {table} SET expires = %s WHERE cache_key = %s AND expires >= now() RETURNING 1"
SWEEP = "DELETE FROM {table} WHERE expires < now()"


class SharedCache(DatabaseCache):
    """Entries live until they expire; old ones are swept now and then by whoever writes."""

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        key = self.make_and_validate_key(key, version=version)
        if random.randrange(SWEEP_ONE_IN) == 0:
            self._run(SWEEP)
        return bool(self._run(ADD, key, _text(value), self._expiry(timeout)))

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        key = self.make_and_validate_key(key, version=version)
        self._run(PUT, key, _text(value), self._expiry(timeout))

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        known = {self.make_and_validate_key(key, version=version): key for key in keys}
        rows = self._run(READ, list(known)) if known else []
        return {known[key]: _value(text) for key, text in rows}

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """The new count; the entry lives no longer for it. Raises ValueError: there is none."""
        key = self.make_and_validate_key(key, version=version)
        rows = self._run(COUNT, delta, key)
        if not rows:
            raise ValueError(f"Key {key!r} not found")
        return int(rows[0][0])

    def tally(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> int:
        """How often `key` was counted since its first time, this time included; `timeout` runs
        from the first."""
        key = self.make_and_validate_key(key, version=version)
        if random.randrange(SWEEP_ONE_IN) == 0:
            self._run(SWEEP)
        return int(self._run(TALLY, key, self._expiry(timeout))[0][0])

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version=version)
        return bool(self._run(TOUCH, self._expiry(timeout), key))

    def _expiry(self, timeout: Any) -> datetime:
        ends = self.get_backend_timeout(timeout)
        return (
            datetime.max.replace(tzinfo=UTC) if ends is None else datetime.fromtimestamp(ends, UTC)
        )

    def _run(self, statement: str, *values: Any) -> list[Any]:
        connection = connections[router.db_for_write(self.cache_model_class)]
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined]
            cursor.execute(statement.format(table=table), values)
            return cursor.fetchall() if cursor.description else []


def _text(value: Any) -> str:
    if type(value) is int:
        return f"{INTEGER}{value}"
    return base64.b64encode(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)).decode()


def _value(text: str) -> Any:
    if text.startswith(INTEGER):
        return int(text[1:])
    return pickle.loads(base64.b64decode(text))  # noqa: S301  (we alone write this table)
