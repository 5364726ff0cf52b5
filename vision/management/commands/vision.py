from __future__ import annotations

import signal
import threading
import time
from argparse import ArgumentParser
from collections import Counter
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from geo.errors import Refused
from vision import actions, conf, rules
from vision.addresses import Address, checked, from_command_line, reachable
from vision.detectors import weights
from vision.gate import MotionGate
from vision.lines import Detectors, line_for
from vision.models import Camera
from vision.parts import models, rendered
from vision.sources import SourceFailed, frames

PARTS = {
    "evaluate": models.evaluate, "train": models.train, "add-model": models.add_model,
    "train-scene": models.train_scene, "evaluate-scene": models.evaluate_scene,
    "render": rendered.render, "truth": rendered.truth,
}  # fmt: skip


class Command(BaseCommand):
    help = "Cameras: set up the detector, try one camera, or work on all of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        parts.add_parser("setup", help="fetch, check and convert the detector's weights, once")
        parts.add_parser("work", help="watch every enabled camera that has a stream")
        parts.add_parser("job", help="do the next job that a person waits for, then end")
        export = parts.add_parser(
            "export-reviews", help="write rejected and wrongly classed events as COCO"
        )
        export.add_argument("folder", help="an empty or new folder")
        models.add(parts)
        rendered.add(parts)
        run = parts.add_parser("run", help="look at one camera, or at a file in its place")
        run.add_argument("camera", help="the camera's code")
        run.add_argument("--source", help="a video file or a stream instead of the camera's own")
        run.add_argument("--seconds", type=float, help="stop after so many seconds of video")
        run.add_argument("--fps", type=float, help="pictures a second to look at (default 12.5)")
        run.add_argument("--detector", help="another detector than the camera's")
        run.add_argument(
            "--at",
            type=datetime.fromisoformat,
            help="when a recording began, with offset (default: now)",
        )

    def handle(self, *args: Any, part: str, **options: Any) -> None:
        if part in PARTS:
            PARTS[part](self.stdout.write, **options)
        else:
            getattr(self, "_" + part.replace("-", "_"))(**options)

    def _job(self, **options: Any) -> None:
        import os

        from vision.jobs import run_next

        run_next(os.getppid())

    def _export_reviews(self, *, folder: str, **options: Any) -> None:
        from vision.training import export_reviews

        told = export_reviews(folder)
        self.stdout.write(
            f"{told.pictures} pictures, {told.boxes} boxes, {told.not_there} not there in {folder}"
        )

    def _setup(self, **options: Any) -> None:
        try:
            path = weights.setup(conf.model_dir(), say=self.stdout.write)
        except weights.WeightsMissing as missing:
            raise CommandError(str(missing)) from None
        self.stdout.write(f"detector ready: {path.name}, sha256 {weights.sha256(path)[:12]}…")

    def _work(self, **options: Any) -> None:
        from vision.worker import Worker

        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        Worker().run(stop.is_set)

    def _run(self, *, camera: str, **options: Any) -> None:
        row = Camera.objects.filter(code=camera).first()
        if row is None:
            known = ", ".join(Camera.objects.values_list("code", flat=True)[:20]) or "none yet"
            raise CommandError(f'there is no camera "{camera}"; known: {known}')
        if options["at"] and options["at"].tzinfo is None:
            raise CommandError("--at needs an offset, as in 2026-11-21T08:00:00+07:00")
        try:
            address = self._address(row, options["source"])
            detector = Detectors().for_camera(options["detector"] or row.detector)
            line = line_for(row, detector, None if row.rules else rules.ACROSS)
            line.gate = MotionGate(forced_s=0)  # looks at every picture, and knows what moves
            self._watch(row, line, address, options)
        except (Refused, SourceFailed, weights.WeightsMissing, ValueError, KeyError) as problem:
            raise CommandError(str(problem).strip("'\"")) from None

    def _address(self, camera: Camera, source: str | None) -> Address:
        if source:
            return from_command_line(source)
        if not camera.address:
            raise CommandError(f"{camera.code} has no stream; name one with --source")
        address = checked(camera.address, roots=conf.media_roots())
        reachable(address)
        return address

    def _watch(self, camera: Camera, line: Any, address: Address, options: dict[str, Any]) -> None:
        per_s = options["fps"] or camera.frames_per_s or max(settings.IOC_VISION_FPS, 12.5)
        counts: Counter[str] = Counter()
        new, began = 0, time.monotonic()
        for frame in frames(address, per_s=per_s, started_at=options["at"]):
            if options["seconds"] and frame.media_s > options["seconds"]:
                break
            for finding in line.look(frame.picture(), frame.media_s, frame.at, frame.session):
                sighting = finding.sighting
                counts[" ".join(filter(None, (sighting.rule, sighting.direction)))] += 1
                new += actions.record_event(camera=camera, finding=finding) is not None
                self.stdout.write(
                    f"{frame.media_s:7.1f} s  {sighting.rule} {sighting.kind} {sighting.direction}"
                    f"  {sighting.track.class_name} {finding.confidence:.2f}"
                    f"  ±{finding.fix.error_m:.0f} m"
                )
        spent = time.monotonic() - began
        told = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) or "nothing"
        self.stdout.write(
            f"{told} — {new} new events from {line.frames} pictures "
            f"({line.frames / max(spent, 1e-3):.1f} a second)"
        )
