"""Deleting what may be much."""

from typing import Any

from django.db.models import QuerySet

AT_A_TIME = 10_000


def delete_in_parts(rows: QuerySet[Any], at_a_time: int = AT_A_TIME) -> int:
    """Delete these rows, some thousand a statement, and with them what hangs on them; how many.

    When the task queue stood still for long, millions may be due at once. One statement over all
    of them would be ended at its time limit, each time again, and so never delete any.
    """
    gone = 0
    while some := list(rows.order_by().values_list("pk", flat=True)[:at_a_time]):
        gone += rows.model._base_manager.filter(pk__in=some).delete()[0]
    return gone
