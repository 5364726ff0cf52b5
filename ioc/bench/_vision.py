"""What `bench vision` measures apart: truth on clips, and the time that single stages take."""

import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from ioc.ops.bench import Figure
from ioc.ops.paths import ROOT

VIDEO = ROOT.parent / "shared/data/video"
ROAD, OVERHEAD = "road_8_down.mp4", "overhead_2_up_2_down.mp4"
# Pole height, lens, aside and pictures a second: no two clips look alike.
JUNCTIONS = (
    (1, 9.0, 70.0, 0.0, 10.0), (2, 7.0, 80.0, 3.0, 10.0), (3, 12.0, 60.0, -2.0, 8.0),
    (4, 10.0, 65.0, 1.0, 12.5), (5, 8.0, 75.0, -1.0, 6.0), (6, 14.0, 58.0, 2.0, 5.0),
)  # fmt: skip
CLIP_S = 120.0


def counted(detector: Any) -> list[Figure]:
    """Crossings told of those counted by eye."""
    if not (VIDEO / ROAD).exists():
        return []
    figures = []
    for per_s in (25, 12.5, 8, 5):
        told = crossings(VIDEO / ROAD, detector, 0.3, 0.6, per_s)
        target = "= 8" if per_s == 12.5 else ""
        figures.append(
            Figure(f"{ROAD} at {per_s:g}/s, down", told["down"], "of 8", "truth", 8, target)
        )
        false = "= 0" if per_s == 12.5 else ""
        figures.append(Figure(f"{ROAD} at {per_s:g}/s, false up", told["up"], "", target=false))
    from vision.detectors.mog2 import BackgroundSubtraction

    told = crossings(VIDEO / OVERHEAD, BackgroundSubtraction(), 0.0, 0.5, 12.5)
    right = min(told["up"], 2) + min(told["down"], 2)
    wrong = sum(told.values()) - right
    return [
        *figures,
        Figure(f"{OVERHEAD}, right", right, "of 4", "truth", 4, "= 4"),
        Figure(f"{OVERHEAD}, false", wrong, "", target="= 0"),
    ]


def crossings(path: Path, detector: Any, left: float, y: float, per_s: float) -> Counter:
    """How many crossed a level line, by direction."""
    from vision import rules
    from vision.addresses import Address
    from vision.ground import Wedge
    from vision.pipeline import Line
    from vision.sources import frames

    declared = [{"kind": "line", "name": "l", "line": [left, y, 1.0, y]}]
    line = Line("truth", detector, rules.from_data(declared), Wedge(107.6, 16.5, 0, 60, 50, 9214))
    told: Counter = Counter()
    for frame in frames(Address(str(path), True), per_s=per_s):
        for finding in line.look(frame.picture(), frame.media_s, frame.at, frame.session):
            told[finding.sighting.direction] += 1
    return told


def junctions() -> list[Figure]:
    """Precision, recall and position error over rendered junctions, by kind."""
    import numpy as np

    from geo.crs import DEFAULT_METRIC_SRID
    from vision.synthetic import trial
    from vision.synthetic.clip import Clip, Setting

    scores = []
    for seed, height_m, fov_deg, aside_m, per_s in JUNCTIONS:
        setting = Setting(seed, CLIP_S, per_s, height_m, fov_deg, aside_m)
        scores.append(trial.run(Clip(setting, DEFAULT_METRIC_SRID)))
    figures = []
    for kind, s in trial.summed(scores).items():
        asked = s.right + s.missed
        label = f"rendered, {kind} ({asked} true, {s.false} false)"
        figures.append(Figure(f"{label}: precision", s.precision, "", target="≥ 0.95"))
        figures.append(Figure(f"{label}: recall", s.recall, "", target="≥ 0.95"))
        if kind == "all":
            away = float(np.median(s.errors_m))
            figures.append(Figure("rendered, position error, median", away, "m", target="≤ 1.5"))
            held = s.held / len(s.errors_m)
            figures.append(Figure("rendered, truth within the error told", held, "of 1"))
    return figures


def stages(detector: Any) -> list[Figure]:
    """CPU time of the gate, the tracker and the detector, medians."""
    import numpy as np

    from vision.detectors import Detections
    from vision.gate import MotionGate
    from vision.tracker import Tracker

    rng = np.random.default_rng(1)
    picture = rng.integers(0, 255, (720, 1280, 3), np.uint8)
    gate, tracker = MotionGate(), Tracker()
    start, speed = rng.random((50, 2)) * (1100, 600), rng.normal(0, 40, (50, 2))

    def seen(at_s: float) -> Detections:
        corner = (start + speed * at_s + rng.normal(0, 1, (50, 2))).astype(np.float32)
        score, ids = np.full(50, 0.8, np.float32), np.full(50, 3)
        return Detections(np.hstack([corner, corner + 60]), score, ids, ("car",) * 50)

    found = iter([seen(n / 10) for n in range(320)])
    times = iter(n / 10 for n in range(2000))
    ticks = iter(n / 10 for n in range(320))
    return [
        Figure("motion gate, 1280 × 720", each(lambda: gate.moves(picture, next(times)), 300), "ms",
               target="≤ 1.5"),
        Figure("tracker, 50 objects", each(lambda: tracker.update(next(found), next(ticks)), 300),
               "ms", target="≤ 1"),
        Figure("detector alone, 300 × 300", each(lambda: detector.detect([picture]), 60), "ms"),
    ]  # fmt: skip


def each(work: Callable[[], Any], times: int) -> float:
    """Median CPU milliseconds of this thread."""
    spent = []
    for _ in range(times):
        began = time.thread_time()
        work()
        spent.append(1e3 * (time.thread_time() - began))
    return median(spent)


def through(detector: Any) -> list[Figure]:
    """Pictures a second of CPU from the file to tracked boxes; where four cameras fit a core."""
    from vision.addresses import Address
    from vision.pipeline import LOOKED_FOR
    from vision.sources import frames
    from vision.tracker import Tracker

    path = VIDEO / ROAD
    if not path.exists():
        return []
    tracker, looked, began = Tracker(), 0, time.thread_time()
    for frame in frames(Address(str(path), True), per_s=5):
        (seen,) = detector.detect([frame.picture()])
        tracker.update(seen.of(LOOKED_FOR).distinct(), frame.media_s)
        looked += 1
    rate = looked / (time.thread_time() - began)
    return [
        Figure("inferences with decode (5 of 25 a second), scale, track", rate, "/s a core",
               target="≥ 24"),
        Figure("cameras at 5/s a core", rate / 5, "", target="≥ 4"),
    ]  # fmt: skip


def memory_mb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def percentile(values: list[float], share: float) -> float:
    ordered: Iterator[float] | list[float] = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if values else float("nan")
