"""What each hour of a datastream holds, by quality: lowest, highest, sum and count.

Kept beside the values in the transaction that writes them, so that a chart of weeks or the mean of
an hour reads tens of rows, not tens of thousands. One row an hour and flag: whichever flags a
reader believes, the answer is that of the values themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection

if TYPE_CHECKING:
    from environment.storage import Reading

HOUR = timedelta(hours=1)

# Value and time travel as one array, so that plain min and max find both in one pass: of equal
# values the lowest keeps its first time, the highest its last.
RENEW = """
WITH asked AS (
    SELECT * FROM unnest(%(streams)s::bigint[], %(hours)s::timestamptz[]) AS a (stream, hour)
), found AS (
    SELECT a.stream, a.hour, o.flag, count(*) AS n, sum(o.value) AS total,
           min(ARRAY[o.value, date_part('epoch', o.t)]) AS low,
           max(ARRAY[o.value, date_part('epoch', o.t)]) AS high
    FROM asked a JOIN environment_observation o
        ON o.datastream_id = a.stream AND o.t >= a.hour AND o.t < a.hour + interval '1 hour'
    WHERE o.t >= %(from)s AND o.t < %(until)s AND o.value IS NOT NULL
    GROUP BY 1, 2, 3
), gone AS (
    DELETE FROM environment_hour h USING asked a
    WHERE h.datastream_id = a.stream AND h.hour = a.hour AND NOT EXISTS (
        SELECT 1 FROM found f
        WHERE f.stream = h.datastream_id AND f.hour = h.hour AND f.flag = h.flag)
)
INSERT INTO environment_hour AS h
    (datastream_id, hour, flag, n, total, low, low_at, high, high_at)
SELECT stream, hour, flag, n, total, low[1], to_timestamp(low[2]), high[1], to_timestamp(high[2])
FROM found
ON CONFLICT (datastream_id, hour, flag) DO UPDATE SET
    n = excluded.n, total = excluded.total, low = excluded.low, low_at = excluded.low_at,
    high = excluded.high, high_at = excluded.high_at
"""


ADD = """
INSERT INTO environment_hour AS h
    (datastream_id, hour, flag, n, total, low, low_at, high, high_at)
SELECT stream, to_timestamp(hour * 3600.0), flag, n, total, low, low_at, high, high_at
FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::integer[], %s::float8[], %s::float8[],
            %s::timestamptz[], %s::float8[], %s::timestamptz[])
    AS a (stream, hour, flag, n, total, low, low_at, high, high_at)
ON CONFLICT (datastream_id, hour, flag) DO UPDATE SET
    n = h.n + excluded.n, total = h.total + excluded.total,
    low = least(h.low, excluded.low), high = greatest(h.high, excluded.high),
    low_at = CASE WHEN (excluded.low, excluded.low_at) < (h.low, h.low_at)
             THEN excluded.low_at ELSE h.low_at END,
    high_at = CASE WHEN (excluded.high, excluded.high_at) > (h.high, h.high_at)
              THEN excluded.high_at ELSE h.high_at END
"""


def add(fresh: Sequence[Reading]) -> None:
    """Bring hours up to values that were not held before; of these alone, none is read again."""
    rows = [r for r in fresh if r.value is not None]
    if not rows:
        return
    t = np.fromiter((r.t.timestamp() for r in rows), float, len(rows))
    keys = [np.fromiter((r.datastream_id for r in rows), np.int64, len(rows)),
            (t // 3600).astype(np.int64),
            np.fromiter((r.flag for r in rows), np.int64, len(rows))]  # fmt: skip
    v = np.fromiter((r.value for r in rows), float, len(rows))
    order = np.lexsort((t, v, *reversed(keys)))  # within an hour and flag the lowest comes first
    keys = [key[order] for key in keys]
    new = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    first = np.flatnonzero(np.concatenate([[True], new]))
    last = np.append(first[1:], len(rows)) - 1
    lows, highs = order[first].tolist(), order[last].tolist()
    columns = [key[first].tolist() for key in keys]
    columns += [(last - first + 1).tolist(), np.add.reduceat(v[order], first).tolist()]
    for places in (lows, highs):
        columns += [[rows[n].value for n in places], [rows[n].t for n in places]]
    with connection.cursor() as cursor:
        cursor.execute(ADD, columns)


def renew(written: Iterable[tuple[int, datetime]]) -> None:
    """Bring the hours of these values (datastream, time) up to what is held now, read again.

    Call after the write, in its transaction; `storage.hold` keeps others from writing meanwhile.
    """
    spots = {(stream, hour_of(t)) for stream, t in written}
    if not spots:
        return
    hours = [hour for _, hour in spots]
    asked = {
        "streams": [stream for stream, _ in spots], "hours": hours,
        "from": min(hours), "until": max(hours) + HOUR,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(RENEW, asked)


def hour_of(t: datetime) -> datetime:
    """The beginning of the hour (UTC) that holds a time."""
    return t.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
