"""What seldom changes and is asked all the time (city, categories, rules …), kept in the process.

Tables that are watched (`Watch`) draw a new number whenever they are written, in the writer's
transaction. Who asks reads that number, one small query, and nothing else while it stands: no
process ever answers with what was, and nothing has to be waited for.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection
from django.db.migrations.operations import RunSQL

Thing = TypeVar("Thing")

NUMBER = "SELECT number FROM geo_reference"


class Watch(RunSQL):
    """A migration's operation: `geo_reference` has a new number whenever `table` is written."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"CREATE TRIGGER reference_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION geo_reference_changed()",
            f"DROP TRIGGER reference_changed ON {table}",
        )


class Reference:
    """What was read under one number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._things: dict[Any, Any] = {}

    def get(self, key: Any, load: Callable[[], Thing]) -> Thing:
        """The thing of this name, read when first asked for. It is shared: change nothing in it."""
        try:
            return self._things[key]
        except KeyError:
            return self._things.setdefault(key, load())


_latest = Reference(-1)
_held: ContextVar[Reference | None] = ContextVar("reference", default=None)


def now() -> Reference:
    """What is known under the number that stands, or under the one that `held` read."""
    global _latest
    if (held := _held.get()) is not None:
        return held
    with connection.cursor() as cursor:
        cursor.execute(NUMBER)
        (number,) = cursor.fetchone()
    known = _latest
    if known.number != number:
        known = _latest = Reference(number)
    return known


@contextmanager
def held() -> Iterator[Reference]:
    """Inside, the number is read once; for one short piece of work."""
    reference = now()
    token = _held.set(reference)
    try:
        yield reference
    finally:
        _held.reset(token)
