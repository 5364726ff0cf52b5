"""Vector tiles over a million points, 60 % of them in hot spots, beside tipg on the same table."""

import asyncio
import gzip
import math
import random
import time
from typing import Any

from ioc.bench import _places
from ioc.ops.bench import Context, Figure

CLIENTS = 8
SECONDS = 8
REPEATS = 20


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    side = 1 << z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int((lon + 180) / 360 * side), int(y * side)


def tiles_of_box(z: int) -> list[tuple[int, int, int]]:
    """Every tile of one zoom that touches the box of the points and their hot spots."""
    west, south, east, north = _places.BOX
    _, x0, y0 = tile_of(west - 0.1, north + 0.1, z)
    _, x1, y1 = tile_of(east + 0.1, south - 0.1, z)
    return [(z, x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)]


def random_tiles(low: int, high: int, count: int) -> list[tuple[int, int, int]]:
    rng = random.Random(7)
    west, south, east, north = _places.BOX
    return [
        tile_of(rng.uniform(west, east), rng.uniform(south, north), rng.randint(low, high))
        for _ in range(count)
    ]


def run(ctx: Context) -> list[Figure]:
    ctx.peer("tipg")
    ctx.peer("mapbox-vector-tile")
    with ctx.database():
        took = _places.load()
        layer = _places.layer()
        figures = [Figure("load, counts kept", _places.POINTS / took, "rows/s")]
        figures += counts(layer)
        figures += densest(layer)
        figures += throughput()
    return figures


def _one(sql: str, params: Any) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]


def counts(layer: Any) -> list[Figure]:
    """How many zooms 0–14 have tiles whose counts add up to the rows."""
    import mapbox_vector_tile

    from layers import mvt, tiles

    rows = _one("SELECT count(*) FROM geo_place", [])
    equal = 0
    for z in range(14):
        total = 0
        for tile in tiles_of_box(z):
            body = bytes(_one(*tiles.plan(layer, "full", None, mvt.Tile(*tile), {})) or b"")
            for part in mapbox_vector_tile.decode(body).values():
                total += sum(feature["properties"]["n"] for feature in part["features"])
        equal += total == rows
    sample = random.Random(3).sample(tiles_of_box(14), 60)
    raw_equal = all(_raw_equal(layer, mvt.Tile(*tile)) for tile in sample)
    return [Figure("zooms 0–14 whose counts equal SQL", equal + raw_equal, "of 15", target="= 15")]


def _raw_equal(layer: Any, tile: Any) -> bool:
    import mapbox_vector_tile

    from layers import tiles

    body = bytes(_one(*tiles.plan(layer, "full", None, tile, {})) or b"")
    parts = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})
    found = sum(
        0 <= f["geometry"]["coordinates"][0] < 4096 and 0 <= f["geometry"]["coordinates"][1] < 4096
        for part in parts.values()
        for f in part["features"]
    )
    # MVT rounds to 1/4096 of a tile: rows within a unit of a border may fall either side. The
    # comparison is exact: && alone compares boxes in single precision, a metre off here.
    inside = (
        "SELECT count(*) FROM geo_place WHERE geom && %s AND "
        "ST_Intersects(ST_Transform(geom, 3857), ST_Expand(ST_TileEnvelope(%s, %s, %s), %s))"
    )
    unit = 2 * 20037508.342789244 / (1 << tile.z) / 4096
    box = tile.box(0.01).ewkb.hex()
    most = _one(inside, [box, *tile, unit])
    least = _one(inside, [box, *tile, -unit])
    return bool(least <= found <= most)


def densest(layer: Any) -> list[Figure]:
    """The heaviest tile of each zoom 6–13, made anew each time: time and size."""
    from layers import mvt, tiles

    worst_ms = worst_kb = 0.0
    figures = []
    for z in range(6, 14):
        plans = [tiles.plan(layer, "full", None, mvt.Tile(*t), {}) for t in tiles_of_box(z)]
        heaviest = max(plans, key=lambda plan: len(bytes(_one(*plan) or b"")))
        times = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            body = gzip.compress(bytes(_one(*heaviest)), compresslevel=5, mtime=0)
            times.append((time.perf_counter() - began) * 1000)
        times.sort()
        p95 = times[math.ceil(0.95 * len(times)) - 1]
        worst_ms, worst_kb = max(worst_ms, p95), max(worst_kb, len(body) / 1000)
        figures.append(Figure(f"densest tile z{z}, p95", p95, "ms", target="≤ 50"))
    return [
        *figures,
        Figure("densest tile z6–13, gzipped", worst_kb, "KB", target="≤ 100"),
    ]


async def hammer(address: str, paths: list[str]) -> float:
    """Requests a second that a server answers to eight clients, each asking one after another."""
    host, port = address.removeprefix("http://").split(":")
    until = time.perf_counter() + SECONDS
    done = 0

    async def client(offset: int) -> int:
        reader, writer = await asyncio.open_connection(host, int(port))
        answered = 0
        while time.perf_counter() < until:
            path = paths[(offset + answered * CLIENTS) % len(paths)]
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
            if status not in {200, 204}:
                raise RuntimeError(f"{path}: {status}")
            await _body(reader, head.lower())
            answered += 1
        writer.close()
        return answered

    began = time.perf_counter()
    done = sum(await asyncio.gather(*(client(n) for n in range(CLIENTS))))
    return done / (time.perf_counter() - began)


async def _body(reader: asyncio.StreamReader, head: bytes) -> None:
    if b"content-length:" in head:
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
    elif b"transfer-encoding: chunked" in head:
        while (size := int((await reader.readline()).strip() or b"0", 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()


def throughput() -> list[Figure]:
    ranges = {"z13–15": (13, 15, "≥ 2 ×"), "z9–15": (9, 15, "≥ 8 ×")}
    ours = "/tiles/bench-places/{}/{}/{}.mvt"
    theirs = "/collections/public.geo_place/tiles/WebMercatorQuad/{}/{}/{}"
    asked = {name: random_tiles(low, high, 20_000) for name, (low, high, _) in ranges.items()}
    rates: dict[str, dict[str, float]] = {"ours": {}, "tipg": {}}
    with _places.served("ioc.bench._server:application", "/healthz") as (address, pid):
        for name, tiles in asked.items():
            paths = [ours.format(*tile) for tile in tiles]
            rates["ours"][name] = asyncio.run(hammer(address, paths))
        memory = _places.memory_mb(pid)
    with _places.served("tipg.main:app", "/healthz", TIPG_DB_SCHEMAS='["public"]') as (address, _):
        for name, tiles in asked.items():
            paths = [theirs.format(*tile) for tile in tiles]
            rates["tipg"][name] = asyncio.run(hammer(address, paths))
    figures = [
        Figure(
            f"random tiles {name}", rates["ours"][name], "requests/s",
            peer="tipg", peer_value=rates["tipg"][name], target=target,
        )
        for name, (_, _, target) in ranges.items()
    ]  # fmt: skip
    return [*figures, Figure("web process after this", memory, "MB", target="≤ 250")]
