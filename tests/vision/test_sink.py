"""What the worker finds lands on the desk with a picture and a clip in which nobody is known."""

import io
from datetime import timedelta

import av
import cv2
import numpy as np
import pytest

from tests.vision.factories import NOON, make_camera, make_finding, seen
from vision import actions, conf, vault
from vision.clips import Reel, webm
from vision.models import CameraEvent, HealthEvent
from vision.pipeline import Looked
from vision.sink import DeskSink

pytestmark = pytest.mark.django_db(transaction=True)
NOISE = np.random.default_rng(3).integers(0, 255, (360, 640, 3), np.uint8)
PERSON = seen((100, 60, 220, 300), name="person")


def looked(after_s, session="s"):
    return Looked(NOISE, PERSON, NOON + timedelta(seconds=after_s), session, after_s)


def rough(picture, part):
    """How much neighbours differ: noise is rough, what is hidden is not."""
    return np.abs(np.diff(picture[part][..., 0].astype(int), axis=1)).mean()


def frames_of(data):
    with av.open(io.BytesIO(data)) as container:
        return (
            container.streams.video[0].codec_context.name,
            [(f.time, f.to_ndarray(format="rgb24")) for f in container.decode(video=0)],
        )


def test_a_clip_plays_is_small_and_hides_everybody():
    reel = Reel()
    for n in range(63):  # 12.5 pictures a second for five seconds
        reel.add(NOISE, PERSON, NOON + timedelta(seconds=n * 0.08), "s")
    data = webm(reel.around(NOON + timedelta(seconds=2.5)))
    codec, frames = frames_of(data)
    assert codec in ("vp8", "libvpx")
    assert 18 <= len(frames) <= 30
    assert frames[-1][0] == pytest.approx(5, abs=0.5)
    assert frames[0][1].shape == (270, 480, 3)
    assert len(data) < 600_000  # noise is the worst there is
    inside, outside = (slice(60, 210), slice(85, 155)), (slice(60, 210), slice(250, 320))
    for _at, picture in frames[::5]:
        assert rough(picture, inside) < 0.4 * rough(picture, outside)


def test_a_reel_forgets_and_starts_afresh():
    reel = Reel()
    for n in range(200):
        reel.add(NOISE[:40, :60], PERSON, NOON + timedelta(seconds=n * 0.2), "s")
    assert len(reel.stills) <= 45
    reel.add(NOISE[:40, :60], PERSON, NOON, "another")
    assert len(reel.stills) == 1


def test_an_event_gets_its_clip_and_a_masked_picture():
    mask = [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]
    camera = make_camera(masks=[mask], clear_days=3)
    sink = DeskSink()
    for n in range(16):
        sink.looked("cam", looked(n / 5))
    finding = make_finding(kind="wrong_way", notable=True)
    sink.opened("cam", finding, looked(3.0))
    sink.opened("cam", finding, looked(3.0))  # told twice
    for n in range(16, 40):
        sink.looked("cam", looked(n / 5))
    sink.close()
    event = CameraEvent.objects.get()
    _, frames = frames_of((conf.snapshot_dir() / event.clip).read_bytes())
    assert frames[3][1][:, 260:].max() < 30  # the mask is black
    kept = cv2.imread(str(conf.snapshot_dir() / event.snapshot))
    assert kept[:, 330:].max() < 40
    sealed = (conf.clear_dir() / event.clear).read_bytes()
    assert b"\xff\xd8" not in sealed[:50]
    clear = cv2.imdecode(np.frombuffer(vault.unseal_bytes(sealed), np.uint8), 1)
    assert rough(clear, (slice(60, 300), slice(100, 220))) > 20
    assert clear[:, 330:].max() < 40  # masks hide from everybody
    assert cv2.imread(str(conf.now_path(camera.pk))) is not None


def test_nothing_clear_is_kept_where_the_camera_does_not_ask_for_it():
    make_camera()
    sink = DeskSink(clips=False)
    sink.opened("cam", make_finding(kind="wrong_way", notable=True), looked(0))
    assert CameraEvent.objects.get().clear == ""
    assert not conf.clear_dir().exists()


def test_a_count_needs_no_clip():
    make_camera()
    sink = DeskSink()
    for n in range(5):
        sink.looked("cam", looked(n / 5))
    sink.opened("cam", make_finding(), looked(1))
    sink.close()
    assert CameraEvent.objects.get().clip == ""


def test_looking_never_fails_and_a_camera_nobody_knows_keeps_nothing(monkeypatch):
    sink = DeskSink()
    sink.looked("nobody", looked(0))
    make_camera()
    monkeypatch.setattr("vision.sink.small", lambda *args: 1 / 0)
    sink.looked("cam", looked(0))
    assert not (conf.snapshot_dir() / "now").exists()


def test_what_was_open_is_known_after_a_restart():
    from dataclasses import replace

    make_camera()
    finding = make_finding(kind="stopped", notable=True)
    finding = replace(
        finding, box=(0.1, 0.1, 0.2, 0.2), sighting=replace(finding.sighting, lasting=True)
    )
    DeskSink().opened("cam", finding, looked(0))
    again = DeskSink()
    (left,) = again.still_open("cam")
    assert (left.key, left.box, left.rule) == (finding.key, (0.1, 0.1, 0.2, 0.2), "gate")
    again.lapsed("cam", left.key)
    assert again.still_open("cam") == []
    assert not CameraEvent.objects.get().going_on


def test_a_camera_taken_away_meanwhile_stops_nobody():
    DeskSink().opened("gone", make_finding(), looked(0))
    assert not CameraEvent.objects.exists()


def test_a_login_under_a_lost_key_is_no_login(settings):
    camera = make_camera(sealed_login=vault.seal("u:p"))
    assert actions.login_for(camera) == "u:p"
    settings.IOC_VISION_KEYS = ["another"]
    assert actions.login_for(camera) == ""
    settings.IOC_VISION_KEYS = ["another", settings.SECRET_KEY]  # the old one still opens
    assert actions.login_for(camera) == "u:p"


def test_health_reaches_the_camera():
    camera = make_camera()
    sink = DeskSink()
    sink.health("cam", "covered", "the lens is covered", NOON)
    sink.health("nobody", "covered", "x", NOON)
    assert HealthEvent.objects.get().camera == camera
    sink.health("cam", "good", "", NOON + timedelta(seconds=9))
    assert HealthEvent.objects.get().ended_at
    assert actions.mark_unconfigured() == 0
