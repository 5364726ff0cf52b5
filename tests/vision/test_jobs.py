"""What an operator asks for: a look at a source, rules tried on a clip; nothing is stored by it."""

import json
import socket
import threading

import pytest
from django.core.management import call_command
from pycocotools.coco import COCO

from geo.errors import Refused
from geo.models import Notice
from ioc.accounts.models import User
from tests.vision.factories import LINE, WhiteBoxes, make_camera, make_finding
from vision import actions, conf, detectors, jobs, onvif, vault
from vision.models import AuditLine, CameraEvent, Job, MinuteCount

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(settings, falling, monkeypatch):
    settings.IOC_VISION_MEDIA_ROOTS = [str(falling.parent)]
    monkeypatch.setitem(detectors._factories, "white-boxes", WhiteBoxes)
    monkeypatch.setattr(jobs, "BLUR_BY", "white-boxes")
    return User.objects.create_user(username="op", role="operator")


def done(by, kind, camera=None, sealed="", **asked):
    job = Job.objects.create(by=by, kind=kind, camera=camera, asked=asked, sealed=sealed)
    assert jobs.run_next()
    job.refresh_from_db()
    return job


def test_a_look_at_a_camera_without_rules_is_its_picture(by, falling):
    camera = make_camera(address=falling.name)
    assert not conf.now_path(camera.pk).exists()
    done(by, "probe", camera=camera, sealed=vault.seal(falling.name))  # an address not yet saved
    assert not conf.now_path(camera.pk).exists()
    for full in (False, True):
        conf.now_path(camera.pk).unlink(missing_ok=True)
        assert done(by, "probe", camera=camera, full=full).state == "done"
        assert conf.now_path(camera.pk).read_bytes()[:2] == b"\xff\xd8"
    conf.now_path(camera.pk).unlink()


def test_a_probe_shows_a_hidden_picture_and_says_what_the_source_is(by, falling):
    job = done(by, "probe", sealed=vault.seal(falling.name))
    assert (job.state, job.note) == ("done", "")
    told = job.result
    assert (told["width"], told["height"], told["codec"], told["hidden_by"]) == (
        320, 240, "h264", "detector",
    )  # fmt: skip
    assert (conf.snapshot_dir() / job.picture).read_bytes()[:2] == b"\xff\xd8"


def test_without_a_detector_a_probe_is_too_coarse_to_know_anybody(by, falling, monkeypatch):
    import cv2

    from vision.detectors.weights import WeightsMissing

    def missing():
        raise WeightsMissing("not set up")

    monkeypatch.setitem(detectors._factories, "white-boxes", missing)
    job = done(by, "probe", sealed=vault.seal(falling.name))
    assert job.result["hidden_by"] == "coarse"
    assert cv2.imread(str(conf.snapshot_dir() / job.picture)).shape[1] <= 64


@pytest.mark.parametrize(
    "source", ["missing.mp4", "../secret.mp4", "exec:ls", "rtsp://127.0.0.1:1/x", "file:///x.mp4"]
)
def test_a_source_that_cannot_be_is_said_in_words(by, source):
    job = done(by, "probe", sealed=vault.seal(source))
    assert job.state == "failed"
    assert len(job.note) > 10
    assert "Traceback" not in job.note


def test_a_clear_picture_is_sealed_and_shown_once_and_written_down(by, falling):
    from django.test import Client

    admin = User.objects.create_user(username="admin", role="administrator")
    camera = make_camera(address=falling.name)
    job = done(admin, "probe", camera, clear=True, reason="Case 12")
    sealed = conf.clear_dir() / f"jobs/{job.pk}.sealed"
    assert b"\xff\xd8" not in sealed.read_bytes()[:20]
    client = Client()
    client.force_login(admin, backend="ioc.accounts.backends.RoleBackend")
    url = f"/api/v1/vision/jobs/{job.pk}/clear"
    assert client.post(url).content[:2] == b"\xff\xd8"
    assert AuditLine.objects.get().reason == "Case 12"
    assert client.post(url).status_code == 404
    assert not sealed.exists()


def test_rules_tried_on_a_clip_tell_what_they_would_have_counted(by, falling):
    camera = make_camera(detector="white-boxes", frames_per_s=10)
    job = done(by, "trial", camera, vault.seal(falling.name), rules=[LINE], seconds=60)
    assert (job.state, job.note, job.progress) == ("done", "", 1.0)
    (count,) = job.result["counts"]
    assert (count["rule"], count["direction"], count["object_class"], count["count"]) == (
        "gate", "down", "car", 2,
    )  # fmt: skip
    first = job.result["findings"][0]
    assert 1 < first["at_s"] < 3
    assert (conf.snapshot_dir() / f"jobs/{job.pk}/{first['picture']}.jpg").exists()
    assert job.result["seconds"] == pytest.approx(8, abs=0.3)
    # Nothing of a trial is real.
    assert not CameraEvent.objects.exists()
    assert not MinuteCount.objects.exists()
    assert not Notice.objects.exists()


def test_a_trial_can_be_cancelled(by, falling, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT_S", 0.0)
    camera = make_camera(detector="white-boxes")
    seen = []

    def beat(job, progress, note=""):
        seen.append(progress)
        actions.jobs.cancel(job=job)
        return Job.objects.filter(pk=job.pk, cancelled=False).exists()

    monkeypatch.setattr("vision.actions.jobs.beat", beat)
    job = done(by, "trial", camera, vault.seal(falling.name), rules=[LINE])
    assert job.state == "cancelled"
    assert len(seen) == 1


def test_a_job_whose_process_died_is_given_up(by):
    from datetime import timedelta

    from django.utils import timezone

    job = Job.objects.create(
        by=by, kind="probe", state="running", beat_at=timezone.now() - timedelta(hours=1)
    )
    assert actions.jobs.claim() is None
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.note


def test_reviewed_events_become_coco(by, tmp_path, capsys):
    import cv2
    import numpy as np

    camera = make_camera()
    said = {"accepted": "", "rejected": "", "wrong_class": "bus", "pending": ""}
    for review, right in said.items():
        event = actions.record_event(
            camera=camera, finding=make_finding(review, kind="wrong_way", notable=True)
        )
        cv2.imwrite(str(conf.snapshot_dir() / event.snapshot), np.zeros((100, 200, 3), np.uint8))
        CameraEvent.objects.filter(pk=event.pk).update(
            review=review, right_class=right, box=[0.1, 0.2, 0.3, 0.6]
        )
    call_command("vision", "export-reviews", str(tmp_path))
    assert "3 pictures, 2 boxes, 1 not there" in capsys.readouterr().out
    data = COCO(str(tmp_path / "annotations.json"))
    assert len(data.getImgIds()) == 3
    names = {data.cats[a["category_id"]]["name"]: a["bbox"] for a in data.anns.values()}
    assert names == {"car": [20, 20, 40, 40], "bus": [20, 20, 40, 40]}
    for image in data.imgs.values():
        assert (tmp_path / "images" / image["file_name"]).exists()
        wrong = [[20, 20, 40, 40]] if image["review"] == "rejected" else None
        assert image.get("not_there") == wrong
    assert json.loads((tmp_path / "annotations.json").read_text())["info"]


ANSWER = """<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Header>
<a:RelatesTo>urn:uuid:{id}</a:RelatesTo></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch>
<d:Scopes>onvif://www.onvif.org/name/C%E1%BA%A7u%20Tr%C6%B0%E1%BB%9Dng
 onvif://www.onvif.org/hardware/DS-2CD</d:Scopes>
<d:XAddrs>http://127.0.0.1/onvif/device_service http://10.9.9.9/evil http://u:p@127.0.0.1/x
 exec:ls</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"""


def test_discovery_hears_cameras_of_the_network_alone(settings):
    settings.IOC_VISION_DISCOVERY = ["127.0.0.0/30"]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    udp.settimeout(5)

    def camera():
        data, asker = udp.recvfrom(4096)
        number = data.decode().partition("urn:uuid:")[2][:36]
        udp.sendto(b"<noise", asker)
        udp.sendto(ANSWER.format(id=number).encode(), asker)

    threading.Thread(target=camera, daemon=True).start()
    found = onvif.discover("127.0.0.1/32", wait_s=1.0, port=udp.getsockname()[1])
    udp.close()
    assert found == [
        {"ip": "127.0.0.1", "name": "Cầu Trường", "model": "DS-2CD", "location": "",
         "services": ["http://127.0.0.1/onvif/device_service"]}
    ]  # fmt: skip
    with pytest.raises(Refused):
        onvif.discover("127.0.1.0/30")


@pytest.mark.parametrize(
    "data",
    [b"", b"<a", b"\xff\xfe", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
     ANSWER.format(id="another").encode()],
)  # fmt: skip
def test_what_is_no_answer_of_ours_is_nothing(data):
    assert onvif.answer(data, "127.0.0.1", "mine") is None
