"""A station's values for a chart, thinned so that no extreme is lost, gaps as gaps."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from environment.models import Datastream

SERIES_POINTS = 600
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
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(WHOLE, {**asked, "most": points + 1})
        rows = cursor.fetchall()
        thinned = len(rows) > points
        if thinned:
            cursor.execute(SLICES, asked)
            rows = _unpacked(cursor.fetchall(), since, step_s)
    out = Series(thinned=thinned)
    widest = timedelta(seconds=max(stream.sensor.silent_after_s, 2 * step_s))
    for t, value, flag in rows:
        if out.t and t - out.t[-1] > widest:
            _push(out, out.t[-1] + (t - out.t[-1]) / 2, None, 9)
        _push(out, t, value, flag)
    return out


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
