"""`vision evaluate`, `vision train` and `vision add-model`."""

from __future__ import annotations

import math
import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from vision import conf, detectors
from vision.detectors import weights
from vision.scenes import SCENES

TELL_S = 2.0
Say = Callable[[str], Any]


def add(parts: Any) -> None:
    """The arguments of the three."""
    evaluate = parts.add_parser("evaluate", help="mean average precision on labelled pictures")
    _data(evaluate)
    evaluate.add_argument("--detector", default="ssdlite-mobilenetv2-coco")
    train = parts.add_parser("train", help="fine-tune the default detector on reviewed events")
    _data(train)
    train.add_argument("--name", required=True, help="what the new model is called")
    train.add_argument("--licence", required=True, help="of the pictures, and so of the model")
    train.add_argument("--turns", type=int, default=10)
    train.add_argument("--rate", type=float, default=1e-3)
    model = parts.add_parser("add-model", help="make a file of weights known, with its licence")
    model.add_argument("name")
    model.add_argument("file", type=Path, help="weights: a torch state dict, or an ONNX file")
    model.add_argument("--builder", required=True, help="a torchvision builder's name, or onnx")
    model.add_argument("--licence", required=True)
    model.add_argument("--classes", type=Path, help="words by id, one a line: 3 car; default COCO")
    scene = parts.add_parser("train-scene", help="a scene classifier from folders yes and no")
    scene.add_argument("kind", help=", ".join(SCENES))
    scene.add_argument("--images", type=Path, required=True)
    scene.add_argument("--licence", required=True)
    scene.add_argument("--turns", type=int, default=8)
    scene.add_argument("--start", type=Path, help="ImageNet weights to begin with, a state dict")
    judge = parts.add_parser("evaluate-scene", help="its precision and recall on other pictures")
    judge.add_argument("kind")
    judge.add_argument("--images", type=Path, required=True)


def _data(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="COCO annotations, JSON")
    parser.add_argument("--images", type=Path, required=True, help="the folder of its pictures")


class _Going:
    """Tells the progress now and then, and hears Ctrl-C."""

    def __init__(self, say: Say) -> None:
        self._say, self._told, self.stopped = say, 0.0, False
        try:
            signal.signal(signal.SIGINT, self._stop)
        except ValueError:
            pass  # not in the main thread: whoever runs us hears it

    def _stop(self, *_: Any) -> None:
        self.stopped = True

    def tell(self, words: str) -> bool:
        if time.monotonic() - self._told >= TELL_S:
            self._told = time.monotonic()
            self._say(words)
        return not self.stopped


def evaluate(say: Say, *, data: Path, images: Path, detector: str, **_: Any) -> None:
    """Prints the precision whole, by size and by class."""
    from vision.detectors import evaluate as evaluation

    going = _Going(say)
    try:
        made = detectors.load(detector)
        told = evaluation.evaluate(
            made,
            evaluation.read_coco(data),
            images,
            lambda done, of: going.tell(f"{done} of {of} pictures"),
        )
    except (ValueError, KeyError, weights.WeightsMissing) as problem:
        raise CommandError(str(problem).strip("'\"")) from None
    except KeyboardInterrupt:
        raise CommandError("stopped") from None
    found = told.precision
    say(f"{detector} {made.model_hash[:12]}… on {told.pictures} pictures, {told.ms:.0f} ms each")
    say(f"mAP {found.map:.3f}, at overlap .5 {found.map_50:.3f}")
    sizes = {name: value for name, value in found.by_size.items() if not math.isnan(value)}
    say("  ".join(f"{name} {value:.3f}" for name, value in sizes.items()))
    for number, value in sorted(found.by_class.items(), key=lambda pair: -pair[1]):
        say(f"  {told.names.get(number, number)}: {value:.3f}")


def train(
    say: Say,
    *,
    data: Path,
    images: Path,
    name: str,
    licence: str,
    turns: int,
    rate: float,
    **_: Any,
) -> None:
    """Trains and writes the model with its sheet; Ctrl-C keeps what was learned so far."""
    from vision.detectors.evaluate import read_coco

    going = _Going(say)
    try:
        from vision.detectors.train import train as fine_tune

        sheet = fine_tune(
            read_coco(data), images, weights.checked(conf.model_dir()),
            name=name, into=conf.model_dir(), licence=licence, turns=turns, rate=rate,
            going=lambda s: going.tell(
                f"turn {s.turn} of {s.turns}, batch {s.done} of {s.of}, loss {s.loss:.3f}"
            ),
        )  # fmt: skip
    except (ValueError, weights.WeightsMissing) as problem:
        raise CommandError(str(problem)) from None
    say(f"{sheet.name}: {sheet.file}, sha256 {sheet.sha256[:12]}…, {sheet.licence}")
    say("evaluate it on pictures that it was not trained on before a camera uses it")


def add_model(
    say: Say, *, name: str, file: Path, builder: str, licence: str, classes: Path | None, **_: Any
) -> None:
    """Copies the file into the model folder and writes its sheet; tries to load it."""
    import shutil

    from vision.detectors import coco
    from vision.detectors.sheet import describe

    words = coco.NAMES
    if classes is not None:
        lines = [line.split(None, 1) for line in classes.read_text().splitlines() if line.strip()]
        words = {int(number): word.strip() for number, word in lines}
    folder = conf.model_dir()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}{file.suffix}"
    shutil.copyfile(file, target)
    try:
        describe(folder, name, builder, target, licence, words)
        detectors.load(name)
    except Exception as problem:
        target.unlink(missing_ok=True)
        (folder / f"{name}.json").unlink(missing_ok=True)
        raise CommandError(f"it cannot be loaded: {problem}") from None
    say(f"{name} is ready")


def train_scene(
    say: Say, *, kind: str, images: Path, licence: str, turns: int, start: Path | None, **_: Any
) -> None:
    """Trains and writes the classifier with its sheet; Ctrl-C keeps what was learned so far."""
    from vision.scenes import folder
    from vision.scenes.network import train as learn

    going = _Going(say)
    try:
        sheet = learn(
            kind, images, folder(), licence=licence, turns=turns, start=start,
            going=lambda turn, of, loss: going.tell(f"turn {turn} of {of}, loss {loss:.3f}"),
        )  # fmt: skip
    except ValueError as problem:
        raise CommandError(str(problem)) from None
    say(f"{sheet.name}: sha256 {sheet.sha256[:12]}…, {sheet.licence}; experimental")


def evaluate_scene(say: Say, *, kind: str, images: Path, **_: Any) -> None:
    """Prints precision and recall on pictures that it was not trained on."""
    from vision import scenes
    from vision.scenes.network import Scene
    from vision.scenes.network import evaluate as judged

    try:
        made = scenes.load(kind)
        if not isinstance(made, Scene):
            raise ValueError(f"{kind} is not one of the trained classifiers")
        told = judged(made, images)
    except (KeyError, ValueError, weights.WeightsMissing) as problem:
        raise CommandError(str(problem).strip("'\"")) from None
    say(f"{kind}: precision {told.precision:.3f}, recall {told.recall:.3f}; {told}")
