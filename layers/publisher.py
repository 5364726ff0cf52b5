"""Gives committed changes their sequence numbers, one tick at a time.

Only committed rows can be seen here, and only one publisher runs (an advisory lock), so numbers
are given in one order without holes, and a reader who knows a number has everything below it.
"""

import time
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import QueryCanceled

from geo import partitions
from layers import grid

log = structlog.get_logger(__name__)

LOCK = 7_205_759
BATCH = 50_000

_COLUMNS = (
    "layer, feature_id, op, at, lon, lat, props, public, public_lon, public_lat, "
    "public_props, scope"
)
TICK = f"""
WITH taken AS (
    DELETE FROM layers_pendingchange WHERE id <= %(upto)s RETURNING *
), kept AS (
    INSERT INTO layers_replay (minute, {_COLUMNS})
    SELECT DISTINCT ON (layer, feature_id, date_trunc('minute', at))
        date_trunc('minute', at), {_COLUMNS}
    FROM taken WHERE at BETWEEN %(oldest)s AND %(latest)s
    ORDER BY layer, feature_id, date_trunc('minute', at), at DESC, id DESC
    ON CONFLICT (layer, feature_id, minute) DO UPDATE SET
        op = excluded.op, at = excluded.at, lon = excluded.lon, lat = excluded.lat,
        props = excluded.props, public = excluded.public, public_lon = excluded.public_lon,
        public_lat = excluded.public_lat, public_props = excluded.public_props,
        scope = excluded.scope
    WHERE excluded.at >= layers_replay.at
), last AS (
    SELECT DISTINCT ON (layer, feature_id) * FROM taken
    ORDER BY layer, feature_id, at DESC, id DESC
), numbered AS (
    SELECT row_number() OVER (ORDER BY id) + %(seq)s AS seq, last.* FROM last
), published AS (
    INSERT INTO layers_change (seq, tick_at, {_COLUMNS})
    SELECT seq, %(now)s, {_COLUMNS} FROM numbered
    RETURNING seq, layer, at
)
SELECT layer, max(seq), count(*), max(at) FROM published GROUP BY layer
"""

# The batch is named by its last id: the planner takes this table, empty at most times, for small,
# and a semi-join with a list of ids then compares each row with each.
WAITING = f"""
SELECT max(id) FROM (SELECT id FROM layers_pendingchange ORDER BY id LIMIT {BATCH}) batch
"""
STATE = """
INSERT INTO layers_publisherstate (id, seq)
SELECT 1, coalesce((SELECT max(seq) FROM layers_change), 0)
ON CONFLICT (id) DO UPDATE SET id = 1 RETURNING seq
"""


class Publisher:
    """One tick after another; ``published`` counts the changes given a number."""

    def __init__(self) -> None:
        self.published = 0
        self.folded_to = 0
        self.marks: list[tuple[float, int]] = []

    def lock(self) -> bool:
        """Whether this process is the one publisher; held until its connection ends."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            return bool(cursor.fetchone()[0])

    def tick(self) -> int:
        """The number of changes published in one tick."""
        now = timezone.now()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(WAITING)
            (upto,) = cursor.fetchone()
            if upto is None:
                return 0
            cursor.execute(STATE)
            (seq,) = cursor.fetchone()
            bounds = {
                "oldest": now - timedelta(hours=settings.IOC_REPLAY_HOURS),
                "latest": now + timedelta(hours=1),
            }
            cursor.execute(TICK, {"seq": seq, "upto": upto, "now": now, **bounds})
            layers = cursor.fetchall()
            count = sum(n for _, _, n, _ in layers)
            cursor.execute("UPDATE layers_publisherstate SET seq = seq + %s", [count])
            for layer, newest_seq, _, newest_at in layers:
                self._mark(layer, newest_seq, newest_at, now)
            cursor.execute("SELECT pg_notify('layers_tick', %s)", [str(seq + count)])
        self.published += count
        self.marks.append((time.monotonic(), seq + count))
        return count

    def _mark(self, layer: str, seq: int, newest_at: object, now: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO layers_layerstate (layer, seq, changed_at, newest_at) "
                "VALUES (%s, %s, %s, %s) ON CONFLICT (layer) DO UPDATE SET seq = excluded.seq, "
                "changed_at = excluded.changed_at, "
                "newest_at = greatest(layers_layerstate.newest_at, excluded.newest_at)",
                [layer, seq, now, newest_at],
            )

    def forget(self) -> int:
        """The number of changes dropped because the resume window has passed them."""
        limit = time.monotonic() - settings.IOC_LIVE_RETAIN_S
        old = [seq for at, seq in self.marks if at < limit]
        if not old:
            return 0
        self.marks = [mark for mark in self.marks if mark[0] >= limit]
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM layers_change WHERE seq <= %s", [old[-1]])
            return cursor.rowcount

    def fold(self) -> None:
        """Folds some kept counts; the feed goes on where that takes too long."""
        try:
            self.folded_to = grid.fold(self.folded_to)
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            log.warning("fold-cancelled", folded_to=self.folded_to)


def keep_partitions() -> None:
    """Days ahead exist, days past the window are gone."""
    today = timezone.now().date()
    replay_days = settings.IOC_REPLAY_HOURS // 24 + 1
    partitions.ensure_days("layers_change", today, today + timedelta(days=2))
    partitions.ensure_days(
        "layers_replay", today - timedelta(days=replay_days), today + timedelta(days=2)
    )
    partitions.drop_before("layers_change", today - timedelta(days=1))
    partitions.drop_before("layers_replay", today - timedelta(days=replay_days + 1))
