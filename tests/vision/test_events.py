from datetime import timedelta

import cv2
import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from geo.models import Notice
from layers.models import PendingChange
from tests.vision.factories import LINE, NOON, make_camera, make_finding, seen
from vision import actions, conf
from vision.models import Camera, CameraEvent
from vision.snapshots import encode

pytestmark = pytest.mark.django_db


def test_a_finding_becomes_one_event_on_the_map():
    camera = make_camera(synthetic=True)
    event = actions.record_event(camera=camera, finding=make_finding())
    assert (event.geom.x, event.error_m, event.model_hash) == (107.591, 4.5, "a" * 64)
    assert event.synthetic
    assert event.h3
    assert (conf.snapshot_dir() / event.snapshot).read_bytes().startswith(b"\xff\xd8")
    change = PendingChange.objects.get(layer="camera-events")
    assert (change.lon, change.props["kind"], change.public) == (107.591, "line", False)
    assert not Notice.objects.exists()  # a count is no news


def test_the_same_finding_again_changes_nothing():
    camera = make_camera()
    assert actions.record_event(camera=camera, finding=make_finding())
    assert actions.record_event(camera=camera, finding=make_finding()) is None
    assert (
        CameraEvent.objects.count()
        == PendingChange.objects.filter(layer="camera-events").count()
        == 1
    )


def test_a_stopped_vehicle_is_told_to_the_centre_once():
    camera = make_camera()
    for _ in range(2):
        actions.record_event(camera=camera, finding=make_finding(kind="stopped", notable=True))
    notice = Notice.objects.get()
    assert (notice.kind, notice.severity, notice.feature_id) == (
        "camera-stopped", "moderate", str(camera.pk),
    )  # fmt: skip


def test_old_events_go_with_their_pictures():
    camera = make_camera()
    event = actions.record_event(camera=camera, finding=make_finding())
    later = NOON + timedelta(days=31)
    assert actions.purge_events(older_than_days=40, now=later) == 0
    assert actions.purge_events(older_than_days=30, now=later) == 1
    assert not (conf.snapshot_dir() / event.snapshot).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "exec:ls"),
        ("address", "/etc/passwd"),
        ("address", "rtsp://u:p@host/1"),
        ("rules", [{"kind": "x"}]),
        ("rules", "line"),
        ("control_points", [{"x": 0.1}]),
        ("detector", "none"),
        ("fov_deg", 0),
    ],
)
def test_a_camera_that_cannot_be_is_refused_by_field(field, value):
    with pytest.raises(ValidationError) as refusal:
        make_camera(**{field: value})
    assert field in refusal.value.message_dict


def test_a_camera_without_a_stream_says_so():
    camera = make_camera()
    assert camera.state == Camera.State.OFF
    actions.report_state(camera=camera, state="good")
    assert actions.mark_unconfigured() == 1
    camera.refresh_from_db()
    assert camera.state == Camera.State.OFF


def test_pictures_hide_people_and_plates():
    picture = np.random.default_rng(2).integers(0, 255, (240, 320, 3), np.uint8)
    found = seen((10, 10, 60, 110), name="person")
    jpeg = encode(picture, found, (100, 100, 200, 200))
    shown = cv2.cvtColor(cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1), cv2.COLOR_BGR2RGB)
    # Noise is rough everywhere but under the coarse blocks.
    assert np.abs(np.diff(shown[15:100, 15:55, 0].astype(int), axis=1)).mean() < 8
    assert np.abs(np.diff(shown[15:100, 215:255, 0].astype(int), axis=1)).mean() > 30
    assert b"Exif" not in jpeg


def test_run_counts_a_file_and_a_rerun_adds_nothing(falling, capsys, monkeypatch):
    from tests.vision.factories import WhiteBoxes
    from vision import detectors

    monkeypatch.setitem(detectors._factories, "white-boxes", WhiteBoxes)
    make_camera(rules=[LINE], detector="white-boxes")
    call_command("vision", "run", "cam", "--source", str(falling))
    assert "gate down: 2 — 2 new events" in capsys.readouterr().out
    call_command("vision", "run", "cam", "--source", str(falling))
    assert "gate down: 2 — 0 new events" in capsys.readouterr().out
    assert CameraEvent.objects.count() == 2


def test_run_says_what_is_wrong():
    with pytest.raises(CommandError, match="none yet"):
        call_command("vision", "run", "nowhere")
    make_camera()
    with pytest.raises(CommandError, match="--source"):
        call_command("vision", "run", "cam")
    with pytest.raises(CommandError):
        call_command("vision", "run", "cam", "--source", "exec:ls")
    with pytest.raises(CommandError, match="known: "):
        call_command("vision", "run", "cam", "--detector", "x", "--source", __file__)
