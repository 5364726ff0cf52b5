"""Two days of 2,000 vessels in the tables of positions: bytes a row, and the three reads."""

import time
from datetime import date, timedelta

from ioc.ops.bench import Figure

VESSELS, MINUTES = 2_000, 2_880
FIRST = date(2026, 9, 1)
FILL = """
INSERT INTO vessels_hot (observed_at, h3, vessel_id, lon_e7, lat_e7, speed_kn, course_deg,
    heading_deg, status, flags, message_type, feed_id)
SELECT timestamptz '2026-09-01Z' + make_interval(secs => m * 60 + v %% 60), 617700000000000000 + v,
    v, (107 + random() * 2) * 1e7, (16 + random()) * 1e7, (random() * 100)::int / 10.0,
    (random() * 3599)::int / 10.0, CASE WHEN v %% 2 = 0 THEN (random() * 359)::int ELSE -1 END,
    CASE WHEN v %% 2 = 0 THEN 0 ELSE -1 END, 0, 1, 1
FROM generate_series(%s, %s) m, generate_series(1, %s) v ORDER BY m, v
"""
DAY_OF_ONE = """
SELECT observed_at, geom, speed_kn, course_deg FROM vessels_position WHERE vessel_id = 77
AND observed_at >= '2026-09-02Z' AND observed_at < '2026-09-03Z' ORDER BY observed_at
"""
LAST_HOUR = """
SELECT count(*), max(lon_e7), max(speed_kn) FROM vessels_position
WHERE observed_at >= '2026-09-02T23:00Z' AND observed_at < '2026-09-03Z'
"""
BOX = """
SELECT count(DISTINCT vessel_id) FROM vessels_position
WHERE observed_at >= '2026-09-02T12:00Z' AND observed_at < '2026-09-02T18:00Z'
AND geom && ST_MakeEnvelope(107.5, 16.2, 108, 16.6, 4326)
"""
LATE = """
INSERT INTO vessels_hot SELECT observed_at + interval '0.5 s', h3, vessel_id, lon_e7, lat_e7,
    speed_kn, course_deg, heading_deg, status, flags, message_type, feed_id
FROM vessels_hot TABLESAMPLE BERNOULLI (1) ON CONFLICT DO NOTHING
"""
OLD_HOUR = LAST_HOUR.replace("-02T23:00Z", "-02T03:00Z").replace(
    "'2026-09-03Z'", "'2026-09-02T04:00Z'"
)


def figures() -> list[Figure]:
    """Bytes and milliseconds, hot and archived. Django stands on a migrated database."""
    from django.db import connection

    from geo.partitions import ensure_days
    from vessels import archive

    ensure_days("vessels_hot", FIRST, FIRST + timedelta(days=1))
    with connection.cursor() as cursor:
        for start in range(0, MINUTES, 60):  # an hour a commit, as time goes
            cursor.execute(FILL, [start, start + 59, VESSELS])
        cursor.execute("VACUUM ANALYZE vessels_hot")
    rows = VESSELS * MINUTES
    found = [Figure(f"{rows:,} positions hot", _bytes("vessels_hot") / rows, "bytes each",
                    target="≤ 130")]  # fmt: skip
    found += reads("hot", ("≤ 5", "≤ 50", "≤ 300"))
    before = _ms(OLD_HOUR)
    with connection.cursor() as cursor:
        cursor.execute(LATE)
    found.append(Figure("an old hour before 1 % late rows came", before, "ms"))
    found.append(Figure("an old hour with 1 % late rows at the end", _ms(OLD_HOUR), "ms"))
    began = time.perf_counter()
    moved = archive.run().positions
    found.append(Figure("archiving", moved / (time.perf_counter() - began), "positions/s"))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE vessels_archived")
    found.append(Figure(f"{moved:,} positions archived", _bytes("vessels_archived") / moved,
                        "bytes each", target="≤ 65"))  # fmt: skip
    return found + reads("archived", ("", "", ""))


def reads(where: str, targets: tuple[str, str, str]) -> list[Figure]:
    asked = ((DAY_OF_ONE, "a vessel's 24 h"), (LAST_HOUR, "all vessels' last hour"),
             (BOX, "box and 6 h"))  # fmt: skip
    return [
        Figure(f"{title}, {where}", _ms(statement), "ms", target=target)
        for (statement, title), target in zip(asked, targets, strict=True)
    ]


def _ms(statement: str) -> float:
    """The database's own time, best of five; what a driver makes of the rows is not in it."""
    from django.db import connection

    with connection.cursor() as cursor:
        times = []
        for _ in range(5):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}")
            times.append(cursor.fetchone()[0][0]["Execution Time"])
    return min(times)


def _bytes(table: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits "
            "WHERE inhparent = %s::regclass", [table],
        )  # fmt: skip
        return int(cursor.fetchone()[0])
