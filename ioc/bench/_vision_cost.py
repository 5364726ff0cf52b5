"""What each stage of a camera's line of work costs a core."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from ioc.bench._vision import ROAD, VIDEO
from ioc.ops.bench import Figure


def stages(detector: Any) -> list[Figure]:
    """CPU milliseconds of each stage, medians."""
    import numpy as np
    import torch

    from vision.detectors.coco import ROAD_USERS
    from vision.detectors.network import SIZE_PX
    from vision.detectors.selection import selected
    from vision.detectors.ssdlite import IOU, MIN_SCORE, to_input
    from vision.gate import MotionGate
    from vision.lens import LensWatch

    picture = np.random.default_rng(1).integers(0, 255, (720, 1280, 3), np.uint8)
    narrow = detector.only(ROAD_USERS)
    gate, lens, times = MotionGate(), LensWatch(), iter(n / 10 for n in range(9000))
    with torch.inference_mode():
        x = to_input(picture)
        logits, codes = narrow.fused(x)
        anchors = narrow._anchors
        converted = each(lambda: detector._network.decode(x), 20)
        work: dict[str, Callable[[], Any]] = {
            "motion gate, 1280 × 720": lambda: gate.moves(picture, next(times)),
            "lens watch, once a second, 1280 × 720": lambda: lens.look(picture, 20 * next(times)),
            "scale to 300 × 300": lambda: to_input(picture),
            "network, six road users": lambda: narrow.fused(x),
            "network, 90 classes": lambda: detector.fused(x),
            "score, decode, suppress": lambda: selected(
                logits, codes, anchors, min_score=MIN_SCORE, iou=IOU, size=SIZE_PX
            ),
        }
        figures = [_figure(name, each(one, 60), converted) for name, one in work.items()]
    return [*figures, Figure("tracker, 50 objects", _tracked(), "ms", target="≤ 1"), *_decoding()]


def _figure(name: str, ms: float, converted_ms: float) -> Figure:
    target = "≤ 1.5" if name.startswith("motion gate") else ""
    if name.startswith("network"):
        return Figure(name, ms, "ms", "as converted", converted_ms)
    return Figure(name, ms, "ms", target=target)


def _tracked() -> float:
    import numpy as np

    from vision.detectors import Detections
    from vision.tracker import Tracker

    rng, tracker = np.random.default_rng(1), Tracker()
    start, speed = rng.random((50, 2)) * (1100, 600), rng.normal(0, 40, (50, 2))

    def seen(at_s: float) -> Detections:
        corner = (start + speed * at_s + rng.normal(0, 1, (50, 2))).astype(np.float32)
        score, ids = np.full(50, 0.8, np.float32), np.full(50, 3)
        return Detections(np.hstack([corner, corner + 60]), score, ids, ("car",) * 50)

    found = iter([(seen(n / 10), n / 10) for n in range(320)])
    return each(lambda: tracker.update(*next(found)), 300)


def _decoding() -> list[Figure]:
    from vision.addresses import Address
    from vision.sources import frames

    path = VIDEO / ROAD
    if not path.exists():
        return []
    given = frames(Address(str(path), True), per_s=25)
    raw = [next(given) for _ in range(100)]
    return [
        Figure("decode a picture, 640 × 352", each(lambda: next(given), 200), "ms"),
        Figure("… to RGB", each(lambda: raw.pop().picture(), 100), "ms"),
    ]


def each(work: Callable[[], Any], times: int) -> float:
    """Median CPU milliseconds of this thread; the first three times are not counted."""
    spent = []
    for _ in range(times):
        began = time.thread_time()
        work()
        spent.append(1e3 * (time.thread_time() - began))
    return median(spent[3:])


def through(detector: Any) -> list[Figure]:
    """Pictures a second of CPU from the file to tracked boxes; how many cameras fit a core."""
    from vision.addresses import Address
    from vision.detectors.coco import ROAD_USERS
    from vision.pipeline import LOOKED_FOR
    from vision.sources import frames
    from vision.tracker import Tracker

    path = VIDEO / ROAD
    if not path.exists():
        return []
    narrow = detector.only(ROAD_USERS)
    for frame in frames(Address(str(path), True), per_s=5):
        narrow.detect([frame.picture()])  # the first one lays the network out
        break
    tracker, looked, began = Tracker(), 0, time.thread_time()
    for frame in frames(Address(str(path), True), per_s=5):
        (seen,) = narrow.detect([frame.picture()])
        tracker.update(seen.of(LOOKED_FOR).distinct(), frame.media_s)
        looked += 1
    rate = looked / (time.thread_time() - began)
    return [
        Figure("inferences with decode (5 of 25 a second), scale, track", rate, "/s a core",
               target="≥ 24"),
        Figure("cameras at 5/s a core", rate / 5, "", target="≥ 4"),
    ]  # fmt: skip
