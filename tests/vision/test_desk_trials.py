"""Trials over HTTP: clips that are brought, trials that outlive the page, and a whole frame."""

import os
import time
from datetime import timedelta

import cv2
import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from ioc.accounts.models import User
from tests.vision.factories import LINE, WhiteBoxes, falling_box, make_camera
from vision import brought, conf, detectors, frame, jobs
from vision.models import CameraEvent, Job, MinuteCount

pytestmark = pytest.mark.django_db
V = "/api/v1/vision"


@pytest.fixture
def desk(settings, falling, monkeypatch, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.IOC_VISION_MEDIA_ROOTS = [str(falling.parent)]
    monkeypatch.setitem(detectors._factories, "white-boxes", WhiteBoxes)
    monkeypatch.setattr(jobs, "BLUR_BY", "white-boxes")

    def sign_in(name="op", role="operator"):
        client = Client(headers={"accept-language": "en"})
        user, _ = User.objects.get_or_create(username=name, role=role)
        client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
        return client

    return sign_in


def bring(client, data, **headers):
    return client.post(f"{V}/clips", data, content_type="video/mp4", **headers)


def ask(client, camera, **asked):
    body = {"rules": [LINE], **asked}
    return client.post(f"{V}/cameras/{camera.pk}/trials", body, content_type="application/json")


def tried(client, camera, **asked):
    answer = ask(client, camera, **asked)
    assert answer.status_code == 200, answer.content
    assert jobs.run_next()
    return client.get(f"{V}/jobs/{answer.json()['id']}").json()


def test_rules_are_tried_on_a_clip_that_is_brought_and_nothing_of_it_counts(desk, falling):
    client, camera = desk(), make_camera(detector="white-boxes")
    told = bring(client, falling.read_bytes()).json()
    assert (told["container"], told["bytes"]) == ("mp4", falling.stat().st_size)
    path = brought.path_of(told["clip"], User.objects.get().pk)
    assert path.stat().st_mode & 0o077 == 0
    job = tried(client, camera, clip=told["clip"], clip_name="sáng thứ hai.mp4")
    assert (job["state"], job["result"]["found"]) == ("done", 2), job["note"]
    (line,) = client.get(f"{V}/cameras/{camera.pk}/trials").json()["items"]
    assert (line["state"], line["found"], line["rules"], line["mine"]) == ("done", 2, 1, True)
    assert (line["clip"], line["clip_name"]) == (told["clip"], "sáng thứ hai.mp4")
    assert not CameraEvent.objects.exists()
    assert not MinuteCount.objects.exists()
    again = tried(client, camera, clip=told["clip"], seconds=5)
    assert again["result"]["found"] == 1  # the second box falls in the last four seconds


def test_a_clip_goes_a_day_after_the_last_trial_that_used_it(desk, falling):
    client, camera = desk(), make_camera(detector="white-boxes")
    token = bring(client, falling.read_bytes()).json()["clip"]
    path = brought.path_of(token, User.objects.get().pk)
    long_ago = time.time() - 3 * 86400
    os.utime(path, (long_ago, long_ago))
    ask(client, camera, clip=token)
    assert brought.erase() == 0
    assert brought.erase(timezone.now() + timedelta(hours=25)) == 1
    assert not path.exists()
    assert ask(client, camera, clip=token).json()["error"]["code"] == "clip-gone"
    assert jobs.run_next()
    job = Job.objects.get()
    assert (job.state, job.note) == ("failed", "The clip is no longer kept: bring it again.")


def test_somebody_elses_clip_is_not_there(desk, falling):
    camera = make_camera(detector="white-boxes")
    token = bring(desk(), falling.read_bytes()).json()["clip"]
    refused = ask(desk("other"), camera, clip=token)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "clip-gone")
    for bad in ("../../etc/passwd", "*", token[:-1] + "?"):
        assert ask(desk(), camera, clip=bad).status_code == 422


PLAYLIST = b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/latest\n"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (PLAYLIST, "bad-clip"), (b"ffconcat version 1.0\nfile /etc/passwd\n", "bad-clip"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 99, "bad-clip"), (b"", "length-needed"),
        (b"\0\0\0\x20ftypisom" + b"0" * 2_000_000, "clip-too-large"),
    ],
)  # fmt: skip
def test_what_is_no_clip_is_refused_by_its_bytes(desk, settings, data, code):
    settings.IOC_VISION_CLIP_MB = 1
    answer = bring(desk(), data)
    assert answer.status_code in (411, 413, 415)
    assert answer.json()["error"]["code"] == code
    assert not list(conf.clip_dir().glob("*")) if conf.clip_dir().exists() else True


def test_what_only_begins_like_a_clip_fails_in_the_worker_in_words(desk):
    client, camera = desk(), make_camera(detector="white-boxes")
    token = bring(client, b"\0\0\0\x20ftypisom" + PLAYLIST * 20).json()["clip"]
    job = tried(client, camera, clip=token)
    assert job["state"] == "failed"
    assert len(job["note"]) > 10


def test_a_clip_that_is_cut_off_leaves_nothing(desk, tmp_path):
    class Short:
        def read(self, size):
            return b""

    desk()
    with pytest.raises(brought.Refused, match="whole"):
        brought.take(Short(), size=100, by=User.objects.create(username="x"))
    assert not conf.clip_dir().exists() or not list(conf.clip_dir().iterdir())


def test_of_many_clips_the_oldest_goes(desk, falling):
    client = desk()
    tokens = [bring(client, falling.read_bytes()).json()["clip"] for _ in range(7)]
    assert len(list(conf.clip_dir().iterdir())) == brought.MOST_EACH
    with pytest.raises(brought.Refused):
        brought.path_of(tokens[0], User.objects.get().pk)


def test_a_clip_longer_than_an_hour_is_said_to_be(desk, falling, monkeypatch):
    client, camera = desk(), make_camera(detector="white-boxes")
    monkeypatch.setattr(brought, "MOST_S", 4.0)
    job = tried(client, camera, clip=bring(client, falling.read_bytes()).json()["clip"])
    assert (job["state"], "hour" in job["note"]) == ("failed", True)


def test_a_colleague_opens_a_trial_but_does_not_break_it_off(desk, falling):
    camera = make_camera(detector="white-boxes", address=falling.name)
    job = ask(desk(), camera).json()
    other = desk("other")
    (line,) = other.get(f"{V}/cameras/{camera.pk}/trials").json()["items"]
    assert (line["mine"], line["by"], line["clip"]) == (False, "op", "")
    assert other.get(f"{V}/jobs/{job['id']}").json()["asked"]["rules"] == [LINE]
    assert other.post(f"{V}/jobs/{job['id']}/cancel").status_code == 403
    assert desk("plan", "planner").get(f"{V}/jobs/{job['id']}").status_code == 404


def test_a_trial_whose_worker_died_is_said_to_be_broken_off(desk):
    from vision.job_process import begin_waiting

    camera, by = make_camera(), User.objects.create(username="a", role="operator")
    long_ago = timezone.now() - timedelta(minutes=9)
    Job.objects.create(kind="trial", camera=camera, by=by, state="running", beat_at=long_ago)
    begin_waiting()
    assert Job.objects.get().state == "failed"


def test_trials_of_a_camera_take_few_queries(desk, django_assert_max_num_queries):
    client, camera = desk(), make_camera()
    by = User.objects.get()
    for _ in range(12):
        Job.objects.create(kind="trial", camera=camera, by=by, asked={"rules": [LINE]})
    with django_assert_max_num_queries(5):
        page = client.get(f"{V}/cameras/{camera.pk}/trials?limit=10").json()
    rest = client.get(f"{V}/cameras/{camera.pk}/trials?cursor={page['next']}").json()
    assert len({one["id"] for one in page["items"] + rest["items"]}) == 12


def test_a_whole_frame_holds_what_stands_and_nobody_who_walks(desk, falling):
    client, camera = desk(), make_camera(address=falling.name)
    assert client.get(f"{V}/cameras/{camera.pk}/frame").json() == {"job": None}
    client.post(f"{V}/cameras/{camera.pk}/frame")
    assert jobs.run_next()
    job = client.get(f"{V}/cameras/{camera.pk}/frame").json()["job"]
    assert (job["state"], job["result"]["pictures"]) == ("done", 9), job["note"]
    shown = cv2.imread(str(conf.snapshot_dir() / f"jobs/{job['id']}/picture.jpg"))
    assert shown.shape == (240, 320, 3)  # as large as the source
    assert shown.max() < 100  # the white box falls through, and is in no median


def test_what_stands_in_a_frame_is_hidden_where_a_part_shows_it():
    class OnlySmallPictures(WhiteBoxes):
        def _one(self, picture):
            none = detectors.Detections.none()
            return super()._one(picture) if picture.shape[1] < 320 else none

    picture = falling_box(0.6)
    picture[40:60:2, 230:300:2] = 255  # a face, say, too small for the whole
    shown = frame.hidden_in_parts(picture, OnlySmallPictures())
    assert np.ptp(picture[50:58, 232:298]) > 150
    assert np.ptp(shown[50:58, 232:298]) < 60
