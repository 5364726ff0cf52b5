"""Streams: a thousand and three thousand readers of one web process, and one that is cut off."""

import asyncio
import json
import math
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ioc.bench import _places
from ioc.ops.bench import Context, Figure

TICKS = 20
FEATURES_A_TICK = 20


def run(ctx: Context) -> list[Figure]:
    with ctx.database():
        _places.layer()
        from layers.publisher import keep_partitions

        keep_partitions()
        with _places.served("ioc.bench._server:application", "/healthz") as (address, pid):
            figures = readers(address, 1000, "≤ 300") + readers(address, 3000, "")
            figures.append(Figure("web process", _places.memory_mb(pid), "MB", target="≤ 250"))
            figures += cut_off(address)
    return figures


def readers(address: str, count: int, target: str) -> list[Figure]:
    """Milliseconds from the commit of a tick to its arrival at each reader."""
    with tempfile.NamedTemporaryFile() as result:
        command = [sys.executable, "-m", "ioc.bench.live", address, str(count), str(TICKS)]
        child = subprocess.Popen([*command, result.name], stdout=subprocess.PIPE)
        assert child.stdout is not None
        if child.stdout.readline().strip() != b"ready":
            raise RuntimeError("the readers did not get their streams")
        publish(TICKS, 1.0)
        child.wait(60)
        waits = sorted(json.loads(Path(result.name).read_text()))
    p50, p99 = (waits[math.ceil(share * len(waits)) - 1] for share in (0.5, 0.99))
    expected = count * TICKS
    return [
        Figure(f"{count} readers, p50", p50, "ms"),
        Figure(f"{count} readers, p99", p99, "ms", target=target),
        Figure(f"{count} readers, ticks heard", len(waits) / expected * 100, "%", target="= 100"),
    ]


def publish(ticks: int, pause_s: float) -> None:
    """Commit and publish ticks of about 2 KB, each change carrying the time of its tick."""
    from layers import changes
    from layers.changes import ChangeRow
    from layers.publisher import Publisher

    publisher = Publisher()
    for tick in range(ticks):
        began = time.perf_counter()
        rows = [
            ChangeRow("bench-places", str(n), lon=107.5, lat=16.4, props={"tick": tick, "n": n})
            for n in range(FEATURES_A_TICK)
        ]
        for row in rows:
            row.props["sent"] = time.time()
        changes.record_many(rows)
        publisher.tick()
        time.sleep(max(0, pause_s - (time.perf_counter() - began)))


async def _lines(host: str, port: int, since: int | None = None):  # type: ignore[no-untyped-def]
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
    resume = f"Last-Event-ID: {since}\r\n" if since is not None else ""
    writer.write(
        f"GET /live/?layers=bench-places HTTP/1.1\r\nHost: {host}\r\n{resume}\r\n".encode()
    )
    try:
        async for line in reader:
            yield line
    finally:
        writer.close()


def cut_off(address: str) -> list[Figure]:
    """A reader cut off again and again while changes come: what it missed and saw twice."""
    host, port = address.removeprefix("http://").split(":")
    rng = random.Random(1)
    greeted = asyncio.Event()

    async def follow(stop_at: int) -> list[int]:
        seen: list[int] = []
        last: int | None = None
        while not seen or seen[-1] < stop_at:
            budget = rng.randint(1, 4)
            async for line in _lines(host, int(port), last):
                if line.startswith(b"event: hello"):
                    greeted.set()
                if line.startswith(b"id: "):
                    last = int(line[4:])
                if line.startswith(b"data: ") and b'"changes"' in line:
                    data = json.loads(line[6:])
                    seen += [int(change["a"]["n"]) for change in data["changes"]]
                    budget -= 1
                if not budget or (seen and seen[-1] >= stop_at):
                    break
        return seen

    async def both() -> list[int]:
        following = asyncio.create_task(follow(299))
        await asyncio.wait_for(greeted.wait(), 30)
        await asyncio.to_thread(numbered, 300)
        return await asyncio.wait_for(following, 60)

    seen = asyncio.run(both())
    return [
        Figure("cut off and resumed: missed", len(set(range(300)) - set(seen)), "", target="= 0"),
        Figure("cut off and resumed: seen twice", len(seen) - len(set(seen)), "", target="= 0"),
    ]


def numbered(count: int) -> None:
    from django.db import connection

    from layers import changes
    from layers.changes import ChangeRow
    from layers.publisher import Publisher

    publisher = Publisher()
    for n in range(0, count, 10):
        changes.record_many(
            [ChangeRow("bench-places", f"c{m}", props={"n": m}) for m in range(n, n + 10)]
        )
        publisher.tick()
        time.sleep(0.05)
    connection.close()


async def _read(host: str, port: int, ticks: int, ready: list[int], waits: list[float]) -> None:
    heard = 0
    async for line in _lines(host, port):
        if line.startswith(b"event: hello"):
            ready[0] += 1
        elif line.startswith(b'data: {"seq"') and b'"sent":' in line:
            now = time.time()
            sent = float(line.rsplit(b'"sent":', 1)[1].split(b"}")[0].split(b",")[0])
            waits.append((now - sent) * 1000)
            heard += 1
            if heard == ticks:
                return


async def _many(address: str, count: int, ticks: int) -> list[float]:
    host, port = address.removeprefix("http://").split(":")
    ready, waits = [0], [0.0][:0]
    tasks = []
    for _ in range(count):
        tasks.append(asyncio.create_task(_read(host, int(port), ticks, ready, waits)))
        if len(tasks) % 50 == 0:
            await asyncio.sleep(0.05)
    while ready[0] < count:
        await asyncio.sleep(0.1)
    print("ready", flush=True)
    await asyncio.wait(tasks, timeout=ticks + 20)
    return waits


if __name__ == "__main__":
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    import uvloop

    found = uvloop.run(_many(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
    Path(sys.argv[4]).write_text(json.dumps(found))
