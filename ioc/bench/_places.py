"""A million points, the layer that shows them, and a web process that serves it: what the map
benchmarks measure. Synthetic, made by a fixed seed."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

POINTS = 1_000_000
BOX = (107.30, 16.20, 107.90, 16.75)
LOAD = """
INSERT INTO geo_place (key, kind, name_vi, name_en, search, rank, pack, geom)
SELECT n::text, 'k' || n %% 5, 'Điểm ' || n, '', '', n %% 100, 'bench', ST_SetSRID(ST_MakePoint(
    CASE WHEN n %% 10 < 6 THEN 107.45 + 0.28 * spot(n %% 40, 1) + 0.004 * bell(n, 1)
         ELSE %(w)s + (%(e)s - %(w)s) * spot(n, 2) END,
    CASE WHEN n %% 10 < 6 THEN 16.35 + 0.28 * spot(n %% 40, 3) + 0.004 * bell(n, 2)
         ELSE %(s)s + (%(n)s - %(s)s) * spot(n, 4) END), 4326)
FROM generate_series(1, %(count)s) n
"""
FUNCTIONS = """
CREATE FUNCTION spot(n bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(n, salt) & 4294967295)::float8 / 4294967296 $$;
CREATE FUNCTION bell(n bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT sqrt(-2 * ln(spot(n, salt + 10) + 1e-12)) * cos(6.283185307 * spot(n, salt + 20)) $$;
"""


def layer() -> Any:
    """The benchmark's layer, with kept counts; registered by whoever calls this."""
    from geo.models import Place
    from geo.text import Text
    from layers.registry import Choice, Field, Layer, Style, register

    kinds = tuple(Choice(f"k{n}", Text(f"K{n}", f"K{n}"), "#56b4e9") for n in range(5))
    return register(
        Layer(
            slug="bench-places",
            title=Text("Điểm thử", "Benchmark points"),
            geometry="point",
            queryset=lambda user: Place.objects.all(),
            permission="",
            fields=(
                Field("name_vi", Text("Tên", "Name")),
                Field("kind", Text("Loại", "Kind"), "choice", choices=kinds, filter=True),
                Field("rank", Text("Hạng", "Rank"), "number"),
            ),
            title_field="name_vi",
            time_field="none",
            style=Style(kind="event", color="#56b4e9", by="kind"),
            live=True,
            grid=True,
        )
    )


def load(count: int = POINTS) -> float:
    """Seconds that loading the points took, their counts kept by the trigger."""
    from django.contrib.gis.geos import Polygon
    from django.db import connection

    from geo.models import City
    from layers import grid

    west, south, east, north = BOX
    City.objects.create(slug="bench", name_vi="Bench", bounds=Polygon.from_bbox(BOX))
    with connection.cursor() as cursor:
        cursor.execute(
            grid.trigger_sql(layer="bench-places", table="geo_place", geom="geom", group="kind")
        )
        cursor.execute(FUNCTIONS)
        began = time.perf_counter()
        cursor.execute(LOAD, {"count": count, "w": west, "s": south, "e": east, "n": north})
        took = time.perf_counter() - began
        grid.fold(0)
        cursor.execute("CLUSTER geo_place USING geo_place_geom_" + _index_suffix(cursor))
        cursor.execute("VACUUM ANALYZE geo_place")
        cursor.execute("VACUUM ANALYZE layers_gridcount")
    return took


def _index_suffix(cursor: Any) -> str:
    cursor.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename = 'geo_place' AND indexdef LIKE '%gist%'"
    )
    return str(cursor.fetchone()[0]).removeprefix("geo_place_geom_")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(app: str, ready: str, **extra: str) -> Iterator[tuple[str, int]]:
    """Address and process number of one web process serving ``app`` until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--log-level", "error"]
    process = subprocess.Popen(command, env={**os.environ, **extra})
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(address + ready, timeout=5).read()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{app} ended with {process.returncode}") from None
                time.sleep(0.1)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(10)


def memory_mb(pid: int) -> float:
    """Resident memory of a process in MB (Linux)."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024
