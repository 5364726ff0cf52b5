import os
import subprocess
import sys
import time

import pytest
from django.db import connection

from geo.models import Heartbeat
from tests.vision.factories import LINE, WhiteBoxes, make_camera
from vision import actions, detectors
from vision.models import Camera, CameraEvent
from vision.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


class Breaks(WhiteBoxes):
    name = "breaks"

    def detect(self, pictures):
        raise RuntimeError("cannot")


@pytest.fixture
def worker(settings, falling, monkeypatch):
    settings.IOC_VISION_MEDIA_ROOTS = [str(falling.parent)]
    monkeypatch.setitem(detectors._factories, "white-boxes", WhiteBoxes)
    monkeypatch.setitem(detectors._factories, "breaks", Breaks)
    monkeypatch.setattr("vision.worker.BEAT_S", 0.3)
    worker = Worker()
    yield worker
    for watch in worker.watches.values():
        watch.reader.stop()


def run(worker, seconds, until=lambda: False):
    end = time.monotonic() + seconds
    worker.run(lambda: time.monotonic() > end or until())


def test_one_camera_counts_while_others_fail(worker, falling):
    good = {"address": falling.name, "rules": [LINE], "frames_per_s": 10}
    make_camera("good", detector="white-boxes", loops=True, **good)
    make_camera("broken", detector="breaks", loops=True, **good)
    make_camera("gone", detector="white-boxes", address="missing.mp4", rules=[LINE])
    make_camera("private", detector="white-boxes", address="rtsp://127.0.0.1:9/x", rules=[LINE])
    make_camera("idle")
    run(worker, 20, until=lambda: CameraEvent.objects.exists() and Heartbeat.objects.exists())
    worker._tell()
    states = dict(Camera.objects.values_list("code", "state"))
    assert states == {
        "good": "good", "broken": "failed", "gone": "failed", "private": "failed", "idle": "off",
    }  # fmt: skip
    notes = dict(Camera.objects.values_list("code", "state_note"))
    assert "private network" in notes["private"] or "mạng" in notes["private"]
    event = CameraEvent.objects.get()
    assert (event.camera.code, event.direction, event.object_class) == ("good", "down", "car")
    assert Heartbeat.objects.get(part="vision").progress > 10
    assert Camera.objects.get(code="good").frames > 0


def test_detectors_are_loaded_before_any_reader_runs(worker, falling, monkeypatch):
    loaded = []

    class Slow(WhiteBoxes):
        def detect(self, pictures):
            loaded.append((pictures[0].shape, len(worker.watches)))
            return super().detect(pictures)

    monkeypatch.setitem(detectors._factories, "white-boxes", Slow)
    given = {"address": falling.name, "loops": True}
    make_camera("one", detector="white-boxes", rules=[LINE], **given)
    make_camera("other", detector="white-boxes", rules=[LINE], **given)
    make_camera("unknown", detector="breaks", rules=[], **given)
    worker._refresh()
    assert loaded == [((72, 128, 3), 0)]
    assert len(worker.watches) == 3


def test_a_restart_does_not_double(worker, falling):
    camera = make_camera(
        detector="white-boxes", address=falling.name, rules=[LINE], frames_per_s=10
    )
    run(worker, 12, until=CameraEvent.objects.exists)
    first = set(CameraEvent.objects.values_list("track_key", flat=True))
    run(Worker(), 12, until=lambda: CameraEvent.objects.count() > len(first))
    assert len(set(CameraEvent.objects.values_list("track_key", flat=True))) == len(first) + 1
    assert camera.events.count() == len(first) + 1


def test_switching_a_camera_off_ends_its_reader(worker, falling):
    camera = make_camera(
        detector="white-boxes", address=falling.name, loops=True, rules=[LINE], frames_per_s=10
    )
    worker.step()
    reader = worker.watches[camera.pk].reader
    actions.save_camera(code="cam", enabled=False)
    worker._refresh()
    reader.join(5)
    assert not reader.is_alive()
    assert worker.watches == {}
    assert Camera.objects.get().state == Camera.State.OFF


def test_silence_is_said(worker, falling, monkeypatch):
    make_camera(detector="white-boxes", address=falling.name, loops=True, rules=[LINE])
    run(worker, 5, until=lambda: worker.progress > 2)
    (watch,) = worker.watches.values()
    assert watch.state(time.monotonic())[0] == Camera.State.GOOD
    assert watch.state(time.monotonic() + 20)[0] == Camera.State.STALE


def test_nothing_to_do_is_progress_too(worker):
    worker._refresh()
    before = worker.progress
    worker._refresh()
    assert worker.progress == before + 1


KILLED = """
import django
django.setup()
from tests.vision.factories import WhiteBoxes
from vision import detectors
from vision.worker import Worker
detectors._factories["white-boxes"] = WhiteBoxes
Worker().run(lambda: False)
"""


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_a_track_loses_and_doubles_nothing(worker, falling):
    """The file plays; the process dies between the first event and the second; another goes on."""
    make_camera(detector="white-boxes", address=falling.name, rules=[LINE], frames_per_s=10)
    at = connection.settings_dict
    url = f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    given = {"DATABASE_URL": url, "IOC_VISION_MEDIA_ROOTS": str(falling.parent), "PYTHONPATH": "."}
    process = subprocess.Popen([sys.executable, "-c", KILLED], env=os.environ | given)
    try:
        end = time.monotonic() + 60
        while not CameraEvent.objects.exists() and time.monotonic() < end:
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(2.6)  # the second box is in the picture and above the line
    finally:
        process.kill()
        process.wait()
    assert CameraEvent.objects.count() == 1
    run(worker, 30, until=lambda: CameraEvent.objects.count() > 1)
    run(worker, 1)
    assert CameraEvent.objects.count() == 2
    assert CameraEvent.objects.values("track_key").distinct().count() == 2
