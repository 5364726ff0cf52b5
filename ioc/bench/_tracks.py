"""Two days of 2,000 boats that steam and trawl: reads of positions, tracks by day, their tiles."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from ioc.bench import _positions
from ioc.ops.bench import Figure

VESSELS, MINUTES = _positions.VESSELS, _positions.MINUTES
SEA = (107.6, 16.2, 109.0, 17.2)
REPEATS = 5
FLEET = """
INSERT INTO vessels_vessel (id, mmsi, name, callsign, plate, kind, stale_after_s, source, synthetic,
    gear, created_at, updated_at)
SELECT v, 799000000 + v, 'BENCH ' || v, '', '', 'fishing', 1800, 'bench', true,
    (ARRAY['lưới kéo', 'lưới rê', 'câu'])[1 + v %% 3], now(), now() FROM generate_series(1, %s) v
"""
# A wide loop a day, and small loops on it that come and go: about 3 to 9 kn.
FILL = """
INSERT INTO vessels_hot (observed_at, h3, vessel_id, lon_e7, lat_e7, speed_kn, course_deg,
    heading_deg, status, flags, message_type, feed_id)
SELECT timestamptz '2026-09-01Z' + make_interval(secs => m * 60 + v %% 60), 617700000000000000 + v,
    v, (%(west)s + %(wide)s * ((v * 37) %% 1000) / 1000.0 + 0.2 * cos(m / 230.0 + v)
        + 0.02 * cos(m / (9.0 + v %% 7))) * 1e7,
    (%(south)s + %(high)s * ((v * 61) %% 1000) / 1000.0 + 0.2 * sin(m / 230.0 + v)
        + 0.02 * sin(m / (9.0 + v %% 7))) * 1e7,
    3 + 6 * abs(sin(m / 300.0 + v)), (m * 3 + v) %% 360, -1, -1, 0, 1, 1
FROM generate_series(%(from)s, %(to)s) m, generate_series(1, %(vessels)s) v ORDER BY m, v
"""


def figures() -> list[Figure]:
    """Milliseconds of reads and tiles. Django stands on a migrated database."""
    fill()
    found = _positions.reads("hot", ("≤ 5", "≤ 50", "≤ 300"))
    return found + [_built(), *_tiles()]


def fill() -> None:
    """Store the fleet and where it was."""
    from django.db import connection

    from geo.partitions import ensure_days

    west, south, east, north = SEA
    given = {"west": west, "south": south, "wide": east - west, "high": north - south,
             "vessels": VESSELS}  # fmt: skip
    ensure_days("vessels_hot", _positions.FIRST, _positions.FIRST + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(FLEET, [VESSELS])
        for start in range(0, MINUTES, 60):
            cursor.execute(FILL, {**given, "from": start, "to": start + 59})
        cursor.execute("VACUUM ANALYZE vessels_hot")


def _built() -> Figure:
    """Every position becomes a line and hours."""
    from django.db import connection

    from vessels.tracks import keep

    began = time.perf_counter()
    keep.run(budget_s=1e9)
    took = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE vessels_daytrack")
        cursor.execute("VACUUM ANALYZE vessels_efforthours")
        cursor.execute("VACUUM ANALYZE vessels_effortplace")
    return Figure("tracks by day and effort built", VESSELS * MINUTES / took, "positions/s")


class Officer:
    """Who may see everything."""

    is_authenticated = True

    def has_perm(self, permission: str) -> bool:
        return True


def _tiles() -> list[Figure]:
    from ioc.bench.tiles import tile_of
    from layers import registry

    start = datetime.combine(_positions.FIRST, datetime.min.time(), UTC)
    days = {"day": f"{start.date()}/{(start + timedelta(days=1)).date()}"}
    west, south, east, north = SEA
    found = []
    for slug, z, target in (
        ("vessel-tracks", 9, "≤ 120"), ("vessel-tracks", 7, ""), ("vessel-tracks", 12, ""),
        ("fishing-effort", 9, ""), ("fishing-effort", 7, ""),
    ):  # fmt: skip
        layer = registry.get(slug)
        _, x0, y0 = tile_of(west, north, z)
        _, x1, y1 = tile_of(east, south, z)
        if z > 9:
            x0, y0, x1, y1 = *tile_of((west + east) / 2, (south + north) / 2, z)[1:], 0, 0
            x1, y1 = x0, y0
        each = [_tile(layer, (z, x, y), days) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)]
        heaviest = max(each)
        found.append(Figure(f"{slug}, two days, heaviest tile z{z}", heaviest[0], "ms",
                            target=target))  # fmt: skip
        if z == 9:
            found.append(Figure(f"{slug}, that tile gzipped", heaviest[1] / 1000, "KB"))
    return found


def _tile(layer: Any, at: tuple[int, int, int], days: dict[str, str]) -> tuple[float, int]:
    """Best milliseconds of five, made anew each time, and bytes gzipped."""
    import gzip

    from django.db import connection

    from layers import mvt, tiles

    times, body = [], b""
    for _ in range(REPEATS):
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(*tiles.plan(layer, "full", Officer(), mvt.Tile(*at), days))
            body = gzip.compress(bytes(cursor.fetchone()[0] or b""), compresslevel=5, mtime=0)
        times.append((time.perf_counter() - began) * 1000)
    return min(times), len(body)
