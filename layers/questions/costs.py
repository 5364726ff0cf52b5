"""What a question would cost, asked of the planner before it runs, and counts with a bound."""

from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db.models import Value
from django.utils.translation import gettext as _

from geo.errors import Refused
from layers import mvt
from layers.questions import running
from layers.questions.compiling import rows_of
from layers.questions.terms import Term
from layers.questions.views import View


class Estimate(NamedTuple):
    """The planner's guess: rows that match, and its unit of cost (some 100,000 a second)."""

    rows: int
    cost: float


def count_sql(view: View, term: Term, limit: int) -> tuple[str, tuple[Any, ...]]:
    """The query that counts rows up to a limit."""
    rows = rows_of(view, term).annotate(f_one=Value(1)).values("f_one")[:limit]
    sql, params = mvt.compiled(rows)
    return f"SELECT count(*) FROM ({sql}) f", params


def explain_sql(view: View, term: Term) -> tuple[str, tuple[Any, ...]]:
    sql, params = mvt.compiled(rows_of(view, term).values("pk"))
    return f"EXPLAIN (FORMAT JSON) {sql}", params


async def count_upto(view: View, term: Term, limit: int, limit_s: float = running.LIMIT_S) -> int:
    """How many rows match, at most ``limit``."""
    sql, params = await sync_to_async(count_sql)(view, term, limit)
    return int((await running.fetch(sql, params, limit_s=limit_s))[0][0])


async def estimate(view: View, term: Term) -> Estimate:
    """What the planner expects; takes a millisecond and reads no row."""
    sql, params = await sync_to_async(explain_sql)(view, term)
    plan = (await running.fetch(sql, params))[0][0][0]["Plan"]
    return Estimate(int(plan["Plan Rows"]), float(plan["Total Cost"]))


async def estimate_of(view: View, term: Term) -> int:
    return (await estimate(view, term)).rows


def check(expected: Estimate) -> None:
    """Raises Refused for a question that would take minutes, before it takes a second."""
    limit = settings.IOC_QUESTION_COST
    if expected.cost > limit:
        message = _(
            "This question would read far too much (%(times)s times what one question may). "
            "Draw a smaller area, ask for a shorter time, or join fewer features."
        )
        times = f"{expected.cost / limit:,.0f}"
        raise Refused("too-much", message % {"times": times}, status=422)
