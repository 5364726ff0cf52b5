"""`bench vision`: counts beside truth, what each stage costs a core, 24 cameras on this machine.

IOC_BENCH_VISION=stages,crowd runs these parts alone; a part that fails is named and the rest goes
on. Milliseconds and rates are of this thread's CPU time with one thread for torch, so that other
work on the machine counts less; what is waited for (24 cameras) is wall time.

The rendered junction's detector knows the truth and errs as `vision.synthetic.clip.Noise` says:
boxes off by 1 px and 2 % of their size, 5 % missed, what is covered by two thirds unseen, a false
box in each twentieth picture, 5 % of the class words wrong, control points clicked to 1 px and
0.3 m; pixels carry grain of 8 of 255, from which the lamp is read. In `pixels` nothing knows the
truth: background subtraction looks at the drawn pictures.
"""

import os
import sys
import traceback
from collections.abc import Callable
from functools import cache
from typing import Any

from ioc.bench import _vision, _vision_cost, _vision_crowd
from ioc.ops.bench import Context, Figure

PARTS: dict[str, Callable[[], list[Figure]]] = {
    "stages": lambda: _vision_cost.stages(detector()),
    "through": lambda: _vision_cost.through(detector()),
    "equal": lambda: _vision.equal(detector()),
    "counted": lambda: _vision.counted(detector()),
    "junction": _vision.junctions,
    "pixels": _vision.pixels,
    "crowd": _vision_crowd.crowded,
}


def run(ctx: Context) -> list[Figure]:
    asked = [name for name in os.environ.get("IOC_BENCH_VISION", "").split(",") if name]
    if unknown := sorted(set(asked) - set(PARTS)):
        raise ValueError(f"bench vision has no part {unknown[0]}; there are: {', '.join(PARTS)}")
    with ctx.database():
        return [figure for name in asked or PARTS for figure in _part(name)]


def _part(name: str) -> list[Figure]:
    """What the part measured; where it failed a figure that says so."""
    print(f"    … {name}", file=sys.stderr, flush=True)
    try:
        return PARTS[name]()
    except Exception:
        traceback.print_exc()
        return [Figure(f"{name}: failed", 1, "", target="= 0")]


@cache
def detector() -> Any:
    """The default detector, whole; its weights are fetched where they are missing."""
    from vision import conf
    from vision.detectors import weights
    from vision.detectors.ssdlite import load_default

    weights.setup(conf.model_dir(), say=lambda words: print("     ", words, file=sys.stderr))
    return load_default()
