"""OGC API – Features over a million points beside tipg on the same table: pages of 10 and 1,000."""

import asyncio
import json
import random
import urllib.request

from ioc.bench import _places
from ioc.bench.tiles import hammer
from ioc.ops.bench import Context, Figure

OURS = "/ogc/collections/bench-places/items"
THEIRS = "/collections/public.geo_place/items"


def boxes(count: int) -> list[str]:
    """Boxes of some 5 by 5 km anywhere in the city."""
    rng = random.Random(7)
    west, south, east, north = _places.BOX
    made = []
    for _ in range(count):
        x, y = rng.uniform(west, east - 0.05), rng.uniform(south, north - 0.05)
        made.append(f"{x:.4f},{y:.4f},{x + 0.05:.4f},{y + 0.05:.4f}")
    return made


def run(ctx: Context) -> list[Figure]:
    ctx.peer("tipg")
    with ctx.database():
        _places.load()
        asked = {
            "limit 10": (["?limit=10"], "≥ 10 ×"),
            "limit 10 + box": ([f"?limit=10&bbox={box}" for box in boxes(500)], ""),
            "limit 1000": (["?limit=1000"], ""),
            "limit 1000 + box": ([f"?limit=1000&bbox={box}" for box in boxes(500)], "≥ 5 ×"),
        }
        rates: dict[str, dict[str, float]] = {"ours": {}, "tipg": {}}
        with _places.served("ioc.bench._server:application", "/healthz") as (address, pid):
            for name, (queries, _) in asked.items():
                rates["ours"][name] = asyncio.run(hammer(address, [OURS + q for q in queries]))
            streamed = _read(f"{address}{OURS}?limit=10000")
            memory = _places.memory_mb(pid)
        settings = {"TIPG_DB_SCHEMAS": '["public"]'}
        with _places.served("tipg.main:app", "/healthz", **settings) as (address, _pid):
            for name, (queries, _) in asked.items():
                rates["tipg"][name] = asyncio.run(hammer(address, [THEIRS + q for q in queries]))
    figures = [
        Figure(
            name, rates["ours"][name], "requests/s",
            peer="tipg", peer_value=rates["tipg"][name], target=target,
        )
        for name, (_, target) in asked.items()
    ]  # fmt: skip
    return [
        *figures,
        Figure("features in a page of 10,000", streamed, "features", target="= 10000"),
        Figure("web process after this", memory, "MB", target="≤ 300"),
    ]


def _read(address: str) -> int:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return len(json.load(answer)["features"])
