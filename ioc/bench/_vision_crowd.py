"""24 cameras on this machine: the worker, the publisher and a web process beside each other."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from ioc.bench import _places
from ioc.bench._vision import ROAD, VIDEO
from ioc.ops.bench import Figure

CAMERAS, SECONDS, LOAD_S = 24, 40.0, 60.0
ASKED_EVERY_S = 0.2


def crowded() -> list[Figure]:
    """What the worker does and says, how late its events come, how quickly the web answers."""
    if not (VIDEO / ROAD).exists():
        return []
    code = "import django; django.setup(); from ioc.bench._vision_crowd import watch; watch()"
    with _places.served("ioc.asgi:application", "/healthz") as (address, _):
        quiet = _asked(address, lambda began: time.monotonic() - began < 5)
        publisher = subprocess.Popen([sys.executable, "-m", "ioc.ops.command", "publish"])
        worker = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        try:
            waits = _asked(address, lambda began: worker.poll() is None)
            told = worker.communicate(timeout=30)[0]
        finally:
            for process in (worker, publisher):
                process.kill()
                process.wait()
    if worker.returncode:
        raise RuntimeError(f"the worker ended with {worker.returncode}")
    (mb, taken, gated, dropped, said, seen_s, stored_s, live_s, events, cpu) = map(
        float, told.split()[-10:]
    )
    name = f"{CAMERAS} cameras at 5/s"
    return [
        Figure("vision worker, memory", mb, "MB", target="≤ 700"),
        Figure(f"{name}, pictures looked at", taken, "/s"),
        Figure(f"{name}, of these nothing moved", gated, "/s"),
        Figure(f"{name}, pictures skipped", dropped, "/s"),
        Figure(f"{name}, cameras that say what they skip", said, f"of {CAMERAS}"),
        Figure(f"{name}, events", events, ""),
        Figure(f"{name}, picture to all that is told of it, p95", seen_s, "s", target="≤ 1"),
        Figure(f"{name}, picture to stored event, p95", stored_s, "s"),
        Figure(f"{name}, picture to the wall's stream, p95", live_s, "s", target="≤ 1"),
        Figure(f"{name}, cores used", cpu, "", target="≤ 2"),
        Figure(f"{name}, the wall's catalogue, p95", 1e3 * percentile(waits, 0.95), "ms",
               "without cameras", 1e3 * percentile(quiet, 0.95), target="≤ 500"),
    ]  # fmt: skip


def _asked(address: str, goes_on: Any) -> list[float]:
    """Seconds that each asking for the wall's catalogue took."""
    waits, begin = [], time.monotonic()
    while goes_on(begin):
        began = time.monotonic()
        urllib.request.urlopen(f"{address}/api/v1/layers", timeout=30).read()
        waits.append(time.monotonic() - began)
        time.sleep(ASKED_EVERY_S)
    return waits


def watch() -> None:
    """Runs the worker; prints what `crowded` reads."""
    from django.conf import settings
    from django.contrib.gis.geos import Point
    from django.utils import timezone

    from vision.actions import save_camera
    from vision.lines import Detectors
    from vision.models import Camera
    from vision.sink import DeskSink
    from vision.worker import Worker

    folder = Path(settings.IOC_VAR) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    clip = folder / "bench-road.mp4"
    shutil.copyfile(VIDEO / ROAD, clip)
    rule = {"kind": "line", "name": "l", "line": [0.3, 0.6, 1.0, 0.6]}
    for n in range(CAMERAS):
        save_camera(
            code=f"bench-{n}", name_vi=f"Bench {n}", geom=Point(107.5 + n / 100, 16.4, srid=4326),
            address=clip.name, loops=True, frames_per_s=5, rules=[rule], synthetic=True,
        )  # fmt: skip
    shown: dict[str, Any] = {}
    late: list[float] = []
    seen: list[float] = []

    class Timed(DeskSink):
        def looked(self, camera: str, looked: Any) -> None:
            super().looked(camera, looked)
            seen.append((timezone.now() - looked.at).total_seconds())

        def opened(self, camera: str, finding: Any, looked: Any) -> None:
            super().opened(camera, finding, looked)
            # A file played at its own pace: `at` is the moment at which the picture was due.
            late.append((timezone.now() - looked.at).total_seconds())
            shown[finding.key] = looked.at

    detectors = Detectors()  # loaded before 24 threads of readers are in its way
    detectors.for_camera(Camera._meta.get_field("detector").default)
    worker = Worker(detectors, Timed())
    clock = _Clock(worker, late, seen)
    worker.run(clock.over)
    looked, gated, dropped, cpu = clock.rates()
    said = Camera.objects.filter(code__startswith="bench-", frames_dropped__gt=0).count()
    time.sleep(2.5)  # the last events reach the stream
    clip.unlink()
    print(
        _peak_mb(), looked, gated, dropped, said, percentile(seen, 0.95), percentile(late, 0.95),
        percentile(_until_live(shown), 0.95), len(late), cpu,
    )  # fmt: skip


class _Clock:
    """Measures from when every camera has its line of work; the detector is loaded by then."""

    def __init__(self, worker: Any, *waits: list[float]) -> None:
        self._worker, self._waits = worker, waits
        self._first = time.monotonic()
        self._began: float | None = None
        self._before = self._totals()

    def over(self) -> bool:
        watches, now = self._worker.watches.values(), time.monotonic()
        if self._began is None:
            if (len(watches) == CAMERAS and all(w.line for w in watches)) or (
                now > self._first + LOAD_S
            ):
                self._began, self._before = now, self._totals()
                for one in self._waits:
                    one.clear()
            return False
        return now > self._began + SECONDS

    def rates(self) -> list[float]:
        """Looked at, of these nothing moved, skipped, CPU seconds: each a second."""
        pairs = zip(self._totals(), self._before, strict=True)
        return [(after - before) / SECONDS for after, before in pairs]

    def _totals(self) -> list[float]:
        watches = list(self._worker.watches.values())
        return [
            sum(w.frames for w in watches),
            sum(w.line.gated for w in watches if w.line),
            sum(w.reader.slot.dropped for w in watches),
            time.process_time(),
        ]


def _until_live(shown: dict[str, Any]) -> list[float]:
    """Seconds from each picture to the tick that put its event on the stream."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.track_key, min(c.tick_at) FROM vision_cameraevent e JOIN layers_change c "
            "ON c.layer = 'camera-events' AND c.feature_id = e.id::text GROUP BY e.track_key"
        )
        ticks = dict(cursor.fetchall())
    return [(ticks[key] - at).total_seconds() for key, at in shown.items() if key in ticks]


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if values else float("nan")


def _peak_mb() -> float:
    """The most memory this process held; `getrusage` would tell its parent's as well."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
