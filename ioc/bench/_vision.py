"""Truth beside result: what was counted by eye, and what is known of rendered junctions."""

from collections import Counter
from pathlib import Path
from typing import Any

from ioc.ops.bench import Figure
from ioc.ops.paths import ROOT

VIDEO = ROOT.parent / "shared/data/video"
ROAD, OVERHEAD = "road_8_down.mp4", "overhead_2_up_2_down.mp4"
# Pole height, lens, aside and pictures a second: no two cameras look alike.
CAMERAS = (
    (9.0, 70.0, 0.0, 10.0), (7.0, 80.0, 3.0, 10.0), (12.0, 60.0, -2.0, 8.0),
    (10.0, 65.0, 1.0, 12.5), (8.0, 75.0, -1.0, 6.0), (14.0, 58.0, 2.0, 5.0),
)  # fmt: skip
# The first six clips were looked at while tracker and rules were mended, the others only counted.
JUNCTIONS = tuple((seed + n, *camera) for seed in (501, 901) for n, camera in enumerate(CAMERAS))
CLIP_S = 120.0


def counted(detector: Any) -> list[Figure]:
    """Crossings told of those counted by eye."""
    if not (VIDEO / ROAD).exists():
        return []
    from vision.detectors.coco import ROAD_USERS

    figures, detector = [], detector.only(ROAD_USERS)
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


def equal(detector: Any) -> list[Figure]:
    """The network as it runs beside the one as converted, on pictures of the road.

    What the converted network finds at 0.3 and more is the truth, so its own mAP is 1.
    """
    if not (VIDEO / ROAD).exists():
        return []
    import numpy as np
    import torch

    from vision.addresses import Address
    from vision.detectors.average_precision import Found, measured
    from vision.detectors.network import SIZE_PX, select
    from vision.detectors.ssdlite import IOU, MIN_SCORE, to_input
    from vision.sources import frames

    images, rows, found, own = [], [], {}, {}
    for name in (ROAD, OVERHEAD):
        for frame in frames(Address(str(VIDEO / name), True), per_s=1):
            picture, image = frame.picture(), len(images)
            with torch.inference_mode():
                boxes, scores = detector._network.decode(to_input(picture))
                told = select(boxes[0], scores[0], MIN_SCORE, IOU)
            scale = np.array([picture.shape[1], picture.shape[0]] * 2) / SIZE_PX
            xyxy, score, label = (told[k].numpy() for k in ("boxes", "scores", "labels"))
            xyxy = xyxy * scale
            images.append({"id": image})
            rows += [
                {"image_id": image, "category_id": int(c), "bbox": [*b[:2], *(b[2:] - b[:2])]}
                for b, s, c in zip(xyxy, score, label, strict=True) if s >= 0.3
            ]  # fmt: skip
            own[image] = Found(xyxy, score, label)
            (seen,) = detector.detect([picture])
            found[image] = Found(seen.xyxy, seen.score, seen.class_id)
    data = {"images": images, "annotations": rows}
    ours, theirs = measured(data, found).map, measured(data, own).map
    return [
        Figure(f"mAP of the network as it runs, {len(images)} pictures", ours, "", "as converted",
               theirs, "≥ 0.995")
    ]  # fmt: skip


def junctions() -> list[Figure]:
    """Precision, recall and position error over rendered junctions, by kind."""
    scores = [_trial(*row) for row in JUNCTIONS]
    return _scored("rendered", scores, "≥ 0.95", "≤ 1.5")


def pixels() -> list[Figure]:
    """The same from the pixels: background subtraction looks at the drawn pictures.

    It knows no classes, joins what moves together and takes in what stands: said, not aimed at.
    """
    from vision.detectors.mog2 import BackgroundSubtraction

    scores = [_trial(*row, detector=BackgroundSubtraction()) for row in JUNCTIONS[:3]]
    return _scored("from pixels", scores)


def _trial(
    seed: int, height_m: float, fov_deg: float, aside_m: float, per_s: float, detector: Any = None
) -> Any:
    from geo.crs import DEFAULT_METRIC_SRID
    from vision.synthetic import trial
    from vision.synthetic.clip import Clip, Setting

    setting = Setting(seed, CLIP_S, per_s, height_m, fov_deg, aside_m)
    return trial.run(Clip(setting, DEFAULT_METRIC_SRID), detector=detector)


def _scored(name: str, scores: Any, share: str = "", metres: str = "") -> list[Figure]:
    import numpy as np

    from vision.synthetic import trial

    figures = []
    for kind, s in trial.summed(scores).items():
        asked = s.right + s.missed
        label = f"{name}, {kind} ({s.right} of {asked}, {s.false} false)"
        figures.append(Figure(f"{label}: precision", s.precision, "", target=share))
        figures.append(Figure(f"{label}: recall", s.recall, "", target=share))
        if kind == "all" and s.errors_m:
            away = float(np.median(s.errors_m))
            figures.append(Figure(f"{name}, position error, median", away, "m", target=metres))
            held = s.held / len(s.errors_m)
            figures.append(Figure(f"{name}, truth within the error told", held, "of 1"))
    return figures
