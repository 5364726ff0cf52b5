"""A station's values for a chart, thinned so that no extreme is lost, gaps as gaps."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from environment import hours
from environment.models import Datastream

SERIES_POINTS = 600
HOUR_S = 3600
# From here on hours are read, not values: a chart's slice is then half an hour or more.
LONG = timedelta(days=6)
# A chart's precision: what is packed beside the value is the time within its slice and the flag.
GRAIN = 10_000
PACKED = 2**24

# Lowest and highest of each slice of time: a peak survives thinning, as it must for a flood. Value,
# time and flag of a point travel in one whole number, so that plain min and max find it in one
# pass without sorting.
SLICES = """
SELECT s / %(step_s)s AS slice,
       min((value * %(grain)s)::bigint * %(packed)s + s %% %(step_s)s * 8 + flag),
       max((value * %(grain)s)::bigint * %(packed)s + s %% %(step_s)s * 8 + flag)
FROM (
    SELECT value, flag, (date_part('epoch', t) - %(first)s)::int AS s
    FROM environment_observation
    WHERE datastream_id = %(stream)s AND t >= %(since)s AND t < %(until)s
      AND flag = ANY(%(flags)s) AND value IS NOT NULL) o
GROUP BY 1 ORDER BY 1
"""
WHOLE = """
SELECT t, value, flag FROM environment_observation
WHERE datastream_id = %(stream)s AND t >= %(since)s AND t < %(until)s
  AND flag = ANY(%(flags)s) AND value IS NOT NULL ORDER BY t LIMIT %(most)s
"""
# The same from `environment_hour` for slices of whole hours; of the first and last hour, which a
# window may cut, the values themselves.
HOURS = """
SELECT low[2], low[1], low[3]::int, high[2], high[1], high[3]::int, n
FROM (
    SELECT min(ARRAY[low, date_part('epoch', low_at), flag]) AS low,
           max(ARRAY[high, date_part('epoch', high_at), flag]) AS high, sum(n) AS n
    FROM (
        SELECT hour, flag, n, low, low_at, high, high_at FROM environment_hour
        WHERE datastream_id = %(stream)s AND hour >= %(second)s AND hour < %(last)s
        UNION ALL
        SELECT %(first)s, flag, 1, value, t, value, t FROM environment_observation
        WHERE datastream_id = %(stream)s AND t >= %(since)s AND t < %(second)s
          AND value IS NOT NULL
        UNION ALL
        SELECT %(last)s, flag, 1, value, t, value, t FROM environment_observation
        WHERE datastream_id = %(stream)s AND t >= %(last)s AND t < %(until)s
          AND value IS NOT NULL) o
    WHERE flag = ANY(%(flags)s)
    GROUP BY date_bin(%(step)s, hour, %(first)s)) slices
"""


@dataclass
class Series:
    """Points for a chart: aware UTC times, values (None marks a gap), flags."""

    t: list[datetime] = field(default_factory=list)
    v: list[float | None] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)
    thinned: bool = False


def series(
    stream: Datastream,
    since: datetime,
    until: datetime,
    points: int = SERIES_POINTS,
    flags: tuple[int, ...] = (1, 2, 3),
) -> Series:
    """At most about `points` values from `since` to before `until`, gaps marked with None."""
    step_s = max(math.ceil((until - since).total_seconds() / (points / 2)), 1)
    asked = {
        "stream": stream.pk, "since": since, "until": until, "step_s": step_s,
        "first": since.timestamp(), "grain": GRAIN, "packed": PACKED, "flags": list(flags),
        "most": points + 1,
    }  # fmt: skip
    rows = None
    if until - since >= LONG:
        step_s = math.ceil(step_s / HOUR_S) * HOUR_S
        rows = _of_hours(asked, step_s, points)
    thinned = rows is not None
    if rows is None:
        with connection.cursor() as cursor:
            cursor.execute(WHOLE, asked)
            rows = cursor.fetchall()
            if thinned := len(rows) > points:
                cursor.execute(SLICES, asked)
                rows = _unpacked(cursor.fetchall(), since, step_s)
    out = Series(thinned=thinned)
    widest = timedelta(seconds=max(stream.sensor.silent_after_s, 2 * step_s))
    for t, value, flag in rows:
        if out.t and t - out.t[-1] > widest:
            _push(out, out.t[-1] + (t - out.t[-1]) / 2, None, 9)
        _push(out, t, value, flag)
    return out


def _of_hours(
    asked: dict[str, Any], step_s: int, points: int
) -> list[tuple[datetime, float, int]] | None:
    """Lowest and highest of slices of whole hours; None where the window holds few values."""
    first, last = hours.hour_of(asked["since"]), hours.hour_of(asked["until"])
    second = first + hours.HOUR if first < asked["since"] else first
    step = timedelta(seconds=step_s)
    with connection.cursor() as cursor:
        cursor.execute(
            HOURS, {**asked, "first": first, "second": second, "last": last, "step": step}
        )
        slices = cursor.fetchall()
    if sum(row[-1] for row in slices) <= points:
        return None
    rows = {row[i : i + 3] for row in slices for i in (0, 3)}
    return [(datetime.fromtimestamp(t, UTC), value, flag) for t, value, flag in sorted(rows)]


def _unpacked(
    slices: list[tuple[int, int, int]], since: datetime, step_s: int
) -> list[tuple[datetime, float, int]]:
    rows = []
    for number, low, high in slices:
        for packed in {low, high}:
            value, rest = divmod(packed, PACKED)
            seconds, flag = divmod(rest, 8)
            at = since + timedelta(seconds=number * step_s + seconds)
            rows.append((at, value / GRAIN, flag))
    rows.sort(key=lambda row: row[0])
    return rows


def _push(out: Series, t: datetime, value: float | None, flag: int) -> None:
    out.t.append(t)
    out.v.append(value)
    out.flags.append(flag)
