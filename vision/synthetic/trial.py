"""A rendered clip put through the whole line of work, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from vision import ground, rules
from vision.detectors import Detector
from vision.findings import Finding
from vision.pipeline import Line, projectors
from vision.synthetic.clip import POLE, Clip, NoisyTruth
from vision.synthetic.truth import Score, score

BEGAN = datetime(2026, 11, 21, 1, tzinfo=UTC)


def line_of(clip: Clip, detector: Detector | None = None) -> Line:
    """The clip's camera as the worker would set it up."""
    best, fallback = projectors(
        lonlat=POLE,
        bearing_deg=0.0,
        fov_deg=clip.setting.fov_deg,
        range_m=60.0,
        control=ground.points_from(clip.control_points()),
        srid=clip.srid,
    )
    return Line(
        "junction", detector or NoisyTruth(clip), rules.from_data(clip.rules()), best, fallback
    )


def run(clip: Clip, *, every: int = 1, detector: Detector | None = None) -> dict[str, Score]:
    """The score of every kind, looking at each `every`-th picture."""
    return score(clip, told(clip, every=every, detector=detector))


def told(
    clip: Clip, *, every: int = 1, detector: Detector | None = None
) -> Sequence[tuple[float, Finding]]:
    """What opened, and when, seconds."""
    line, found = line_of(clip, detector), []
    for frame in range(0, len(clip.states), every):
        at_s = frame / clip.setting.per_s
        at = BEGAN + timedelta(seconds=at_s)
        found += [(at_s, f) for f in line.look(clip.picture(frame), at_s, at, "s")]
    return found


def summed(scores: Sequence[dict[str, Score]]) -> dict[str, Score]:
    """Several clips' scores by kind, and "all" over every kind."""
    total: dict[str, Score] = {"all": Score()}
    for one in scores:
        for kind, result in one.items():
            total.setdefault(kind, Score()).plus(result)
            total["all"].plus(result)
    return total
