"""`vision render` and `vision truth`: a synthetic junction as a clip, and the score on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from geo.crs import metric_srid

Say = Callable[[str], Any]


def add(parts: Any) -> None:
    """The arguments of both."""
    for name, words in (
        ("render", "a synthetic junction as clip.mp4, camera.json and truth.json"),
        ("truth", "what was told of a synthetic junction beside what happened on it"),
    ):
        part = parts.add_parser(name, help=words)
        if name == "render":
            part.add_argument("folder", type=Path)
        part.add_argument("--seed", type=int, default=1)
        part.add_argument("--seconds", type=float, default=60)
        part.add_argument("--fps", type=float, default=10, dest="per_s")
        part.add_argument("--height", type=float, default=9.0, dest="height_m")
        part.add_argument("--fov", type=float, default=70.0, dest="fov_deg")
        part.add_argument("--aside", type=float, default=0.0, dest="aside_m")
        part.add_argument("--grain", type=float, default=8.0, help="noise of a pixel, of 255")


def _clip(options: dict[str, Any]) -> Any:
    from vision.synthetic.clip import Clip, Setting

    known = {field.name for field in fields(Setting)}
    return Clip(Setting(**{k: v for k, v in options.items() if k in known}), metric_srid())


def render(say: Say, *, folder: Path, **options: Any) -> None:
    """Writes the clip, the camera that would watch it and the truth."""
    import av

    from vision.synthetic.truth import events

    clip = _clip(options)
    folder.mkdir(parents=True, exist_ok=True)
    with av.open(str(folder / "clip.mp4"), "w") as container:
        rate = Fraction(clip.setting.per_s).limit_denominator(1000)
        stream = container.add_stream("libx264", rate=rate, options={"crf": "20"})
        stream.width, stream.height, stream.pix_fmt = *clip.setting.size_px, "yuv420p"
        for picture in clip.pictures():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    truth = {
        "events": [{k: _plain(v) for k, v in vars(e).items()} for e in events(clip)],
        "pictures": [
            [
                {"id": s.id, "body": s.body, "lonlat": clip.lonlat(s.x, s.y), "ms": s.speed_ms}
                for s in states
            ]
            for states in clip.states
        ],
    }
    (folder / "truth.json").write_text(json.dumps(truth))
    (folder / "camera.json").write_text(json.dumps(clip.sheet(), indent=1, default=_plain))
    say(f"{len(clip.states)} pictures in {folder}")


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def truth(say: Say, **options: Any) -> None:
    """Prints precision, recall and position error by kind."""
    from vision.synthetic import trial

    scores = trial.summed([trial.run(_clip(options))])
    for kind, s in sorted(scores.items()):
        away = f"{np.median(s.errors_m):.2f} m" if s.errors_m else "—"
        say(
            f"{kind:12} right {s.right:3} missed {s.missed:3} false {s.false:3}  "
            f"precision {s.precision:.3f} recall {s.recall:.3f}  position error {away}"
        )
