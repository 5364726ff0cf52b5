"""`bench vision`: counts beside truth, what each stage costs a core, 24 cameras on this machine.

The rendered junction's detector knows the truth and errs as `vision.synthetic.clip.Noise` says:
boxes off by 1 px and 2 % of their size, 5 % missed, what is covered by two thirds unseen, a false
box in each twentieth picture, 5 % of the class words wrong, control points clicked to 1 px and
0.3 m; pixels carry grain of 8 of 255, from which the lamp is read.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ioc.bench import _vision
from ioc.ops.bench import Context, Figure

CAMERAS, SECONDS = 24, 30.0


def run(ctx: Context) -> list[Figure]:
    with ctx.database():
        from vision import conf
        from vision.detectors import weights
        from vision.detectors.ssdlite import load_default

        weights.setup(conf.model_dir())
        detector = load_default()
        figures = [
            *_vision.stages(detector), *_vision.through(detector), *_vision.counted(detector),
            *_vision.junctions(),
        ]  # fmt: skip
        return [*figures, *crowded()]


def crowded() -> list[Figure]:
    """The worker on 24 cameras, in a process of its own, with the database that the wall reads."""
    if not (_vision.VIDEO / _vision.ROAD).exists():
        return []
    code = "import django; django.setup(); from ioc.bench.vision import watch; watch()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ)
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    mb, looked, dropped, p95_s, cpu = map(float, done.stdout.split()[-5:])
    return [
        Figure("vision worker, memory", mb, "MB", target="≤ 700"),
        Figure(f"{CAMERAS} cameras at 5/s, pictures looked at", looked, "/s"),
        Figure(f"{CAMERAS} cameras at 5/s, pictures skipped and said so", dropped, "/s"),
        Figure(f"{CAMERAS} cameras, picture to stored event, p95", p95_s, "s", target="≤ 1"),
        Figure(f"{CAMERAS} cameras, cores used", cpu, "", target="≤ 2"),
    ]


def watch() -> None:
    """Runs the worker and prints memory MB, looked and dropped a second, p95 s, cores used."""
    from django.conf import settings
    from django.contrib.gis.geos import Point
    from django.utils import timezone

    from vision.actions import save_camera
    from vision.sink import DeskSink
    from vision.worker import Worker

    folder = Path(settings.IOC_VAR) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    clip = folder / "bench-road.mp4"
    shutil.copyfile(_vision.VIDEO / _vision.ROAD, clip)
    rule = {"kind": "line", "name": "l", "line": [0.3, 0.6, 1.0, 0.6]}
    for n in range(CAMERAS):
        save_camera(
            code=f"bench-{n}", name_vi=f"Bench {n}", geom=Point(107.5 + n / 100, 16.4, srid=4326),
            address=clip.name, loops=True, frames_per_s=5, rules=[rule], synthetic=True,
        )  # fmt: skip
    late: list[float] = []

    class Timed(DeskSink):
        def opened(self, camera: str, finding: Any, looked: Any) -> None:
            super().opened(camera, finding, looked)
            late.append((timezone.now() - looked.came_at).total_seconds())

    worker = Worker(sink=Timed())
    end = time.monotonic() + SECONDS
    began = time.process_time()
    worker.run(lambda: time.monotonic() > end)
    spent = time.process_time() - began
    looked = sum(w.frames for w in worker.watches.values()) / SECONDS
    dropped = sum(w.reader.slot.dropped for w in worker.watches.values()) / SECONDS
    clip.unlink()
    print(_vision.memory_mb(), looked, dropped, _vision.percentile(late, 0.95), spent / SECONDS)
