"""What each hour of a datastream holds, by quality: lowest, highest, sum and count.

Kept beside the values in the transaction that writes them, so that a chart of weeks or the mean of
an hour reads tens of rows, not tens of thousands. One row an hour and flag: whichever flags a
reader believes, the answer is that of the values themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import connection

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


def renew(written: Iterable[tuple[int, datetime]]) -> None:
    """Bring the hours of these values (datastream, time) up to what is held now.

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
