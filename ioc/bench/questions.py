"""Draw to answer: six layers of a million points in all, counted, grouped and listed in areas from
a street corner to the whole city, by the very function that the planning desk calls."""

import asyncio
import json
import math
import random
import resource
import time
from contextlib import ExitStack
from typing import Any

from ioc.bench import _places
from ioc.ops.bench import Context, Figure

LAYERS, POINTS, DRAWINGS, SAMPLED = 6, 1_000_000, 60, 6
TABLE = """
CREATE TABLE bench_points_{n} (
    id bigserial PRIMARY KEY, kind varchar(20) NOT NULL, state varchar(20) NOT NULL,
    words varchar(200) NOT NULL, at timestamptz NOT NULL, geom geometry(Point, 4326) NOT NULL);
INSERT INTO bench_points_{n} (kind, state, words, at, geom)
SELECT 'k' || n %% 5, 's' || n %% 7, 'Điểm ' || n, now() - n * interval '3 minutes',
    ST_SetSRID(ST_MakePoint(
        CASE WHEN n %% 10 < 6 THEN 107.45 + 0.28 * spot(n %% 40, 1) + 0.004 * bell(n, 1 + {n})
             ELSE %(w)s + (%(e)s - %(w)s) * spot(n, 2 + {n}) END,
        CASE WHEN n %% 10 < 6 THEN 16.35 + 0.28 * spot(n %% 40, 3) + 0.004 * bell(n, 2 + {n})
             ELSE %(s)s + (%(n)s - %(s)s) * spot(n, 4 + {n}) END), 4326)
FROM generate_series(1, %(count)s) n;
CREATE INDEX ON bench_points_{n} USING gist (geom);
"""


def layer(n: int) -> Any:
    """One of the benchmark's layers, over a table of its own."""
    from django.contrib.gis.db import models

    from geo.text import Text
    from layers.registry import Choice, Field, Layer, Style

    meta = type("Meta", (), {"app_label": "geo", "managed": False, "db_table": f"bench_points_{n}"})
    names = {"kind": 20, "state": 20, "words": 200}
    columns: dict[str, Any] = {
        name: models.CharField(max_length=size) for name, size in names.items()
    }
    columns |= {"at": models.DateTimeField(), "geom": models.PointField(srid=4326)}
    model: Any = type(
        f"BenchPoint{n}", (models.Model,), {"__module__": __name__, "Meta": meta, **columns}
    )
    kinds = tuple(Choice(f"k{k}", Text(f"K{k}", f"K{k}")) for k in range(5))
    states = tuple(Choice(f"s{s}", Text(f"S{s}", f"S{s}")) for s in range(7))
    title = Text(f"Điểm {n}", f"Points {n}")
    fields = (
        Field("kind", Text("Loại", "Kind"), "choice", choices=kinds, filter=True),
        Field("state", Text("Trạng thái", "State"), "choice", choices=states, filter=True),
        Field("words", Text("Nội dung", "Words")),
        Field("at", Text("Lúc", "At"), "time"),
    )
    return Layer(
        slug=f"bench-{n}", title=title, geometry="point", permission="", fields=fields,
        queryset=lambda user: model.objects.all(), title_field="words", time_field="at",
        style=Style(kind="event", color="#56b4e9", by="kind"),
    )  # fmt: skip


def drawings() -> list[dict[str, Any]]:
    """Hand-drawn rings with 24 corners, from 300 m to 30 km across, evenly on a logarithm."""
    rng = random.Random(7)
    west, south, east, north = _places.BOX
    made = []
    for n in range(DRAWINGS):
        radius = 0.15 * 100 ** (n / (DRAWINGS - 1)) / 111  # degrees
        x, y = rng.uniform(107.4, 107.75), rng.uniform(16.3, 16.65)
        ring = []
        for corner in range(24):
            angle, far = corner / 24 * math.tau, radius * rng.uniform(0.8, 1.2)
            ring.append([x + far * math.cos(angle), y + far * math.sin(angle)])
        made.append({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    rng.shuffle(made)
    return made


def run(ctx: Context) -> list[Figure]:
    with ctx.database(), ExitStack() as stack:
        from django.contrib.auth.models import AnonymousUser
        from django.db import connection

        from layers.registry import registered

        west, south, east, north = _places.BOX
        count = POINTS // LAYERS
        given = {"w": west, "e": east, "s": south, "n": north, "count": count}
        with connection.cursor() as cursor:
            cursor.execute(_places.FUNCTIONS)
            for n in range(LAYERS):
                for statement in TABLE.format(n=n).split(";\n"):
                    if statement.strip():
                        cursor.execute(statement, given if "%(" in statement else None)
                cursor.execute(f"VACUUM ANALYZE bench_points_{n}")
                stack.enter_context(registered(layer(n)))
        return asyncio.run(_measured(AnonymousUser()))


async def _measured(user: Any) -> list[Figure]:
    from ioc.planning.answers import answer
    from layers import pool

    slugs = [f"bench-{n}" for n in range(LAYERS)]
    areas = drawings()
    await answer(user, {"area": {"geometry": areas[0]}, "layers": slugs})
    bodies, cpu = [], time.process_time()
    for area in areas:
        bodies.append(await answer(user, {"area": {"geometry": area}, "layers": slugs}))
    cpu = (time.process_time() - cpu) / len(areas) * 1000
    times = sorted(body["took_ms"] for body in bodies)
    counts = [[about["count"] for about in body["layers"]] for body in bodies]
    exact = sum(all(count["kind"] == "exact" for count in found) for found in counts)
    sampled = [n for n, found in enumerate(counts) if found[0]["kind"] != "exact"][:SAMPLED]
    off = [abs(count["value"] - true) / count["margin"] for n in sampled for count, true in
           zip(counts[n], await _true(areas[n]), strict=True) if count["margin"]]  # fmt: skip
    wrong = 0
    for area in areas[:10]:
        body = await answer(user, {"area": {"geometry": area}, "layers": slugs, "exact": True})
        found = [about["count"]["value"] for about in body["layers"]]
        wrong += sum(a != b for a, b in zip(found, await _true(area), strict=True))
    rows, took = POINTS // LAYERS, await _files(user)
    await pool.close()
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Figure("draw to answer, six layers, median", times[len(times) // 2], "ms"),
        Figure("draw to answer, six layers, p95", times[math.ceil(0.95 * len(times)) - 1], "ms",
               target="≤ 400"),
        Figure("of an answer, in the web process", cpu, "ms of CPU"),
        Figure("areas answered exactly at once", exact / len(areas) * 100, "%"),
        Figure("answers with a layer left out", sum(body["partial"] for body in bodies), "answers",
               target="= 0"),
        Figure("counts that differ from SQL's, ten areas", wrong, "counts", target="= 0"),
        Figure(f"estimates within their margin (95 %), {SAMPLED} areas",
               sum(share <= 1 for share in off) / max(1, len(off)) * 100, "%"),
        Figure("farthest estimate from SQL's count", max(off, default=0), "margins",
               target="≤ 2"),
        Figure(f"most memory of this process, four files of {rows:,} rows among it", largest, "MB",
               target="≤ 300"),
        *(Figure(f"{rows:,} rows as {kind}, in the web process", seconds, "s of CPU")
          for kind, seconds in took.items()),
    ]  # fmt: skip


async def _files(user: Any) -> dict[str, float]:
    """CPU seconds of this process for the rows of one layer as a file of each format, streamed."""
    from layers.questions import files
    from layers.questions.terms import Everything
    from layers.questions.views import view_of

    view = view_of(user, "bench-0")
    took = {}
    for kind in files.FORMATS:
        began = time.process_time()
        async for _block in await files.body_of(view, Everything(), kind):
            pass
        took[kind] = time.process_time() - began
    return took


async def _true(area: Any) -> list[int]:
    """What SQL that is not ours counts in each layer."""
    from layers.questions import running

    where = "ST_Intersects(geom, ST_SetSRID(ST_GeomFromGeoJSON(%s), 4326))"
    found = []
    for n in range(LAYERS):
        sql = f"SELECT count(*) FROM bench_points_{n} WHERE {where}"
        found.append((await running.fetch(sql, [json.dumps(area)], limit_s=30))[0][0])
    return found
