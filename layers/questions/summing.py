"""What lies in a question, in one query: how many, by which choices, over which days, and the
newest few. Very many rows are counted on every n-th of them, and the answer says so."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Func, IntegerField
from django.utils import timezone

from layers import mvt
from layers.questions.compiling import Formula, condition
from layers.questions.features import listing_sql
from layers.questions.reading import zone
from layers.questions.terms import Term
from layers.questions.views import View

MAX_FIELDS = 4
TOP = 12
MAX_BINS = 60
SAMPLED_ROWS = 16_000
HOUR_S, DAY_S = 3_600, 86_400


@dataclass(frozen=True)
class Plan:
    """One layer's query and how to read its answer. ``every``: each n-th row is counted."""

    view: View
    sql: str
    params: tuple[Any, ...]
    fields: tuple[str, ...]
    unit_s: int
    offset_s: int
    every: int
    limit: int
    look: tuple[str, tuple[Any, ...]]
    """The query that asks the planner what this one would read."""


def fields_of(view: View) -> tuple[str, ...]:
    """The fields that are worth counting by: choices and yes/no, the style's own first."""
    by = view.layer.style_dict(view.audience)["by"]
    named = [f.name for f in view.fields.values() if f.type in {"choice", "bool"}]
    named.sort(key=lambda name: (name != by, not view.fields[name].filter))
    return tuple(named[:MAX_FIELDS])


def sampling(expected_rows: int) -> int:
    """Each how many-th row to count, so that some SAMPLED_ROWS are looked at."""
    return 1 << max(0, math.ceil(math.log2(max(1, expected_rows) / SAMPLED_ROWS)))


def plan(
    view: View, term: Term, *, every: int, limit: int, hours: bool, apart: bool = False
) -> Plan:
    """The query of one layer. ``hours``: times are counted by hour, else by the city's day.

    ``apart``: the newest are looked for on their own, which pays where very many rows match.
    """
    fields = fields_of(view)
    unit_s = HOUR_S if hours else DAY_S
    offset = timezone.now().astimezone(zone()).utcoffset()
    offset_s = int(offset.total_seconds()) if offset else 0
    rows = view.rows().filter(condition(view, term))
    counted = rows if every == 1 else rows.filter(_each(every))
    columns: dict[str, Any] = {f"c_{n}": F(name) for n, name in enumerate(fields)}
    if view.time:
        columns["c_t"] = Func(
            F(view.time),
            template=(
                f"floor((date_part('epoch', %(expressions)s) + {offset_s:d}) / {unit_s:d})::int"
            ),
            output_field=IntegerField(),
        )
    names = list(columns)
    columns["c_id"] = F("pk")
    sql, params = mvt.compiled(counted.annotate(**columns).values(*columns))
    sets = ", ".join(["()", *(f"({name})" for name in names)])
    marks = [f"grouping({name}) AS g_{name}" for name in names]
    groups = (
        f"SELECT json_agg(json_build_array({_which(names)}, {_text(names)}, n)) FROM "
        f"(SELECT {', '.join([*names, *marks, 'count(*) AS n'])} "
        f"FROM r GROUP BY GROUPING SETS ({sets})) g"
    )
    if apart or every > 1:
        asked = listing_sql(view, rows, limit)
        start = f"WITH r AS NOT MATERIALIZED ({sql})"
    else:
        # The rows are looked for once: the newest of them are then fetched by their ids.
        newest = f"SELECT c_id FROM r ORDER BY c_id DESC LIMIT {limit + 1:d}"
        listed = Formula(f"{{0}} = ANY (ARRAY({newest}))", F("pk"))
        asked = listing_sql(view, view.rows().filter(listed), limit)
        start = f"WITH r AS MATERIALIZED ({sql})"
    whole = f"{start} SELECT ({groups}), t.* FROM ({asked[0]}) t"
    look = f"EXPLAIN (FORMAT JSON) {sql}", params
    return Plan(view, whole, (*params, *asked[1]), fields, unit_s, offset_s, every, limit, look)


def _each(every: int) -> Formula:
    """Some rows of which each is one of so many: by chance, for numbers may follow a pattern."""
    return Formula(f"hashint8extended({{0}}::bigint, 7) & {every - 1:d} = 0", F("pk"))


def _which(names: list[str]) -> str:
    """SQL of the name of the column that a group is by; empty for the total."""
    cases = "".join(f" WHEN g_{name} = 0 THEN '{name}'" for name in names)
    return f"CASE{cases} ELSE '' END" if names else "''"


def _text(names: list[str]) -> str:
    return f"coalesce({', '.join(f'{name}::text' for name in names)})" if names else "NULL"


def read(plan: Plan, row: tuple[Any, ...]) -> dict[str, Any]:
    """The answer of one layer: count, counts by choice and by time, and the newest features."""
    groups, text, returned, last = row
    counts: dict[str, list[tuple[Any, int]]] = {}
    for which, value, n in groups or []:
        counts.setdefault(which, []).append((value, n * plan.every))
    total = counts.get("", [(None, 0)])[0][1]
    more = returned > plan.limit
    return {
        "count": _count(total, plan.every),
        "by": [_by(plan, n, name, counts) for n, name in enumerate(plan.fields)],
        "time": _times(plan, counts.get("c_t", [])),
        "features": text,
        "next": str(last) if more else None,
    }


def _count(total: int, every: int) -> dict[str, Any]:
    if every == 1:
        return {"value": total, "kind": "exact", "margin": 0}
    margin = math.ceil(1.96 * math.sqrt(total * (every - 1)))
    return {"value": total, "kind": "estimated", "margin": margin}


def _by(plan: Plan, n: int, name: str, counts: dict[str, Any]) -> dict[str, Any]:
    field = plan.view.fields[name]
    titles = {str(choice.value): choice for choice in field.choices}
    groups = sorted(counts.get(f"c_{n}", []), key=lambda pair: -pair[1])
    values = [
        {
            "value": value,
            "title": titles[value].title.dict() if value in titles else None,
            "color": titles[value].color if value in titles else "",
            "count": count,
        }
        for value, count in groups[:TOP]
    ]
    rest = sum(count for _, count in groups[TOP:])
    return {"field": name, "title": field.title.dict(), "values": values, "rest": rest}


def _times(plan: Plan, groups: list[tuple[Any, int]]) -> dict[str, Any] | None:
    """Counts in at most MAX_BINS equal bins; rows without a time are told apart."""
    known = sorted((int(unit), n) for unit, n in groups if unit is not None)
    if not plan.view.time:
        return None
    timeless = sum(n for unit, n in groups if unit is None)
    if not known:
        return {"start": None, "step_s": plan.unit_s, "counts": [], "without": timeless}
    first, last = known[0][0], known[-1][0]
    per = math.ceil((last - first + 1) / MAX_BINS)
    bins = [0] * ((last - first) // per + 1)
    for unit, n in known:
        bins[(unit - first) // per] += n
    start = datetime.fromtimestamp(first * plan.unit_s - plan.offset_s, tz=zone())
    return {
        "start": start.isoformat(),
        "step_s": per * plan.unit_s,
        "counts": bins,
        "without": timeless,
    }
