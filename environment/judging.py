"""Judge what arrives together with what is held around it, and what is held again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

from environment import checks, hours, parameters, storage
from environment.models import Datastream, Overrule
from environment.quality import GOOD, MISSING, NOT_EVALUATED, SUSPECT
from environment.storage import Reading

BEFORE, AGAIN, AFTER_ROWS = 4, 2, 2000
REACH = timedelta(hours=96)

# What is held between the first and last new value, the rows just around, the last that stands,
# and the first of the run of equal values that the new ones may continue.
AROUND = """
WITH asked AS (
    SELECT * FROM unnest(%(streams)s::bigint[], %(first)s::timestamptz[],
                         %(last)s::timestamptz[], %(grain)s::float8[])
        AS a (stream, first, last, grain)
), before AS (
    SELECT a.stream, a.first, a.grain, b.t, b.value, b.flag, b.note, b.k
    FROM asked a CROSS JOIN LATERAL (
        SELECT o.t, o.value, o.flag, o.note, row_number() OVER (ORDER BY o.t DESC) AS k
        FROM environment_observation o
        WHERE o.datastream_id = a.stream AND o.t < a.first AND o.t >= a.first - %(reach)s
          AND o.t >= %(from)s AND o.t < %(until)s AND o.value IS NOT NULL
        ORDER BY o.t DESC LIMIT %(before)s) b
), stands AS (
    SELECT a.stream, b.t, b.value, b.flag, b.note
    FROM asked a CROSS JOIN LATERAL (
        SELECT o.t, o.value, o.flag, o.note FROM environment_observation o
        WHERE o.datastream_id = a.stream AND o.t < a.first AND o.t >= a.first - %(reach)s
          AND o.t >= %(from)s AND o.t < %(until)s AND o.value IS NOT NULL AND o.flag IN (1, 2)
        ORDER BY o.t DESC LIMIT 1) b
), runs AS (
    SELECT b.stream, r.t, r.value, r.flag, r.note
    FROM before b
    LEFT JOIN LATERAL (
        SELECT o.t FROM environment_observation o
        WHERE o.datastream_id = b.stream AND o.t < b.t AND o.t >= b.first - %(reach)s
          AND o.t >= %(from)s AND o.t < %(until)s AND o.value IS NOT NULL AND o.flag <> 4
          AND abs(o.value - b.value) > b.grain
        ORDER BY o.t DESC LIMIT 1) broken ON true
    CROSS JOIN LATERAL (
        SELECT o.t, o.value, o.flag, o.note FROM environment_observation o
        WHERE o.datastream_id = b.stream AND o.t < b.t
          AND o.t > coalesce(broken.t, b.first - %(reach)s)
          AND o.t >= %(from)s AND o.t < %(until)s AND o.value IS NOT NULL AND o.flag <> 4
        ORDER BY o.t LIMIT 1) r
    WHERE b.k = 1
)
SELECT stream, t, value, flag, note, false FROM stands
UNION ALL SELECT stream, t, value, flag, note, false FROM runs
UNION ALL SELECT stream, t, value, flag, note, k <= %(again)s FROM before
UNION ALL
SELECT a.stream, o.t, o.value, o.flag, o.note, true FROM asked a CROSS JOIN LATERAL (
    SELECT o.t, o.value, o.flag, o.note FROM environment_observation o
    WHERE o.datastream_id = a.stream AND o.t >= a.first AND o.t <= a.last
      AND o.t >= %(from)s AND o.t < %(until)s
    UNION ALL (
    SELECT o.t, o.value, o.flag, o.note FROM environment_observation o
    WHERE o.datastream_id = a.stream AND o.t > a.last AND o.t <= a.last + %(reach)s
      AND o.t >= %(from)s AND o.t < %(until)s
    ORDER BY o.t LIMIT %(after)s)) o
"""
NEIGHBOURS = """
SELECT own.id, o.hour, percentile_cont(0.5) WITHIN GROUP (ORDER BY o.mean)
FROM unnest(%(streams)s::bigint[], %(km)s::float8[]) AS asked (id, km)
JOIN environment_datastream own USING (id)
JOIN environment_sensor here ON here.id = own.sensor_id
JOIN environment_datastream d
    ON d.observed_property_id = own.observed_property_id AND d.id <> own.id
JOIN environment_sensor there ON there.id = d.sensor_id AND there.synthetic = here.synthetic
    AND ST_DWithin(there.geom::geography, here.geom::geography, asked.km * 1000)
CROSS JOIN LATERAL (
    SELECT hour, sum(total) / sum(n) AS mean FROM environment_hour
    WHERE datastream_id = d.id AND hour >= %(from)s AND hour < %(until)s AND flag IN (1, 2)
    GROUP BY 1) o
GROUP BY 1, 2 HAVING count(*) >= 2
"""
UPDATE = """
UPDATE environment_observation o SET flag = c.flag, note = c.note
FROM unnest(%s::bigint[], %s::timestamptz[], %s::smallint[], %s::text[])
    AS c (stream, t, flag, note)
WHERE o.datastream_id = c.stream AND o.t = c.t AND o.t BETWEEN %s AND %s
"""


@dataclass(frozen=True, slots=True)
class Changed:
    """A value that is held, judged anew."""

    stream: int
    t: datetime
    flag: int
    note: str


@dataclass(slots=True)
class _Held:
    t: datetime
    value: float | None
    flag: int
    note: str
    own: bool  # judged anew; else only a witness


def judge(readings: Sequence[Reading], streams: Mapping[int, Datastream]) -> list[Changed]:
    """What the new readings change in what is held; the readings themselves get their flags."""
    groups: dict[int, list[Reading]] = {}
    for r in readings:
        groups.setdefault(r.datastream_id, []).append(r)
    if not groups:
        return []
    rules = {i: checks.checks_of(_code(streams[i]), streams[i].checks) for i in groups}
    spans = {i: (min(r.t for r in rs), max(r.t for r in rs)) for i, rs in groups.items()}
    held = _around(spans, rules)
    medians = _neighbours(spans, rules)
    kept = _overruled(spans, held)
    changed: list[Changed] = []
    for i, rs in groups.items():
        rest = medians.get(i, {})
        changed += _judge_stream(streams[i], rs, held.get(i, []), rules[i], rest, kept)
    return changed


def again(streams: Iterable[Datastream], since: datetime, until: datetime) -> list[Changed]:
    """What the tests now say otherwise about values that are held in a window, and saved.

    Call inside a transaction.
    """
    streams = list(streams)
    storage.hold(s.pk for s in streams)
    by_id = {s.pk: s for s in streams}
    spans = {i: (since, until) for i in by_id}
    rules = {i: checks.checks_of(_code(s), s.checks) for i, s in by_id.items()}
    held = _around(spans, rules)
    medians = _neighbours(spans, rules)
    kept = _overruled(spans, held)
    changed: list[Changed] = []
    for i, stream in by_id.items():
        changed += _judge_stream(stream, [], held.get(i, []), rules[i], medians.get(i, {}), kept)
    save(changed)
    return changed


def save(changed: Sequence[Changed]) -> None:
    """Write flags and notes of values that are held; their hours follow. Call after `hold`."""
    if not changed:
        return
    times = [c.t for c in changed]
    columns = ([c.stream for c in changed], times, [c.flag for c in changed],
               [c.note for c in changed])  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, [*columns, min(times), max(times)])
    hours.renew((c.stream, c.t) for c in changed)


def _code(stream: Datastream) -> str:
    return stream.observed_property.code


def _judge_stream(
    stream: Datastream,
    readings: Sequence[Reading],
    held: Sequence[_Held],
    rules: checks.Checks,
    medians: Mapping[datetime, float],
    kept: set[tuple[int, datetime]],
) -> list[Changed]:
    """New readings get flag and note in place; what is held and differs is answered."""
    known = {h.t for h in held}
    rows: list[Reading | _Held] = [*(r for r in readings if r.t not in known), *held]
    rows.sort(key=lambda row: row.t)
    t = np.fromiter((row.t.timestamp() for row in rows), float, len(rows))
    v = np.fromiter((np.nan if r.value is None else r.value for r in rows), float, len(rows))
    parameter = parameters.of_stream(_code(stream), stream.unit)
    flags, why = checks.judge(t, v, parameter, rules)
    if medians:
        hours = (row.t.replace(minute=0, second=0, microsecond=0) for row in rows)
        means = np.array([medians.get(hour, np.nan) for hour in hours])
        odd = checks.against_neighbours(v, means, rules) & (flags == GOOD)
        flags[odd], why[odd] = SUSPECT, checks.NEIGHBOUR
    if not parameter.judged:
        flags[flags == GOOD] = NOT_EVALUATED
    return _taken(stream.pk, rows, flags, why, kept)


def _taken(
    stream_id: int,
    rows: Sequence[Reading | _Held],
    flags: np.ndarray,
    why: np.ndarray,
    kept: set[tuple[int, datetime]],
) -> list[Changed]:
    changed = []
    for row, flag, code in zip(rows, flags.tolist(), why.tolist(), strict=True):
        if isinstance(row, _Held):
            note = checks.WORDS[code] or ("" if row.note in checks.WORDS else row.note)
            same = (row.flag, row.note) == (flag, note) or row.flag == MISSING
            if row.own and not same and (stream_id, row.t) not in kept:
                changed.append(Changed(stream_id, row.t, flag, note))
        elif flag != row.flag:
            row.flag, row.note = flag, checks.WORDS[code] or row.note
    return changed


def _around(
    spans: Mapping[int, tuple[datetime, datetime]], rules: Mapping[int, checks.Checks]
) -> dict[int, list[_Held]]:
    first, last = [s[0] for s in spans.values()], [s[1] for s in spans.values()]
    asked = {
        "streams": list(spans), "first": first, "last": last,
        "grain": [float(rules[i].grain) for i in spans], "reach": REACH,
        "from": min(first) - REACH, "until": max(last) + REACH,
        "before": BEFORE, "again": AGAIN, "after": AFTER_ROWS,
    }  # fmt: skip
    found: dict[int, dict[datetime, _Held]] = {}
    with connection.cursor() as cursor:
        cursor.execute(AROUND, asked)
        for stream, t, value, flag, note, own in cursor.fetchall():
            rows = found.setdefault(stream, {})
            if own or t not in rows:
                rows[t] = _Held(t, value, flag, note, own)
    return {stream: list(rows.values()) for stream, rows in found.items()}


def _neighbours(
    spans: Mapping[int, tuple[datetime, datetime]], rules: Mapping[int, checks.Checks]
) -> dict[int, dict[datetime, float]]:
    """The median of the neighbours' hourly means, by stream and hour; at least two neighbours."""
    asked = [i for i in spans if rules[i].neighbour is not None]
    if not asked:
        return {}
    first = min(spans[i][0] for i in asked).replace(minute=0, second=0, microsecond=0)
    window = {
        "streams": asked, "km": [float(rules[i].neighbour_km) for i in asked],
        "from": first, "until": max(spans[i][1] for i in asked) + timedelta(hours=1),
    }  # fmt: skip
    found: dict[int, dict[datetime, float]] = {}
    with connection.cursor() as cursor:
        cursor.execute(NEIGHBOURS, window)
        for stream, hour, median in cursor.fetchall():
            found.setdefault(stream, {})[hour.astimezone(UTC)] = median
    return found


def _overruled(
    spans: Mapping[int, object], held: Mapping[int, Sequence[_Held]]
) -> set[tuple[int, datetime]]:
    """Values that a person has spoken about: no test changes them."""
    if not held:
        return set()
    rows = Overrule.objects.filter(datastream__in=list(spans), undone_at=None)
    return set(rows.values_list("datastream_id", "t"))
