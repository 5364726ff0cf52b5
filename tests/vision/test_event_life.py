"""One thing is one event: opened, updated, ended, merged, and never doubled."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examined
from hypothesis import strategies as st

from geo.models import Notice
from tests.vision.factories import NOON, make_camera, make_finding
from vision import actions, conf, retention
from vision.actions.events import overlap
from vision.ground import Fix
from vision.models import CameraEvent, HealthEvent, MergedSighting, MinuteCount, PlateText
from vision.precision import wilson

pytestmark = pytest.mark.django_db
HERE = (0.2, 0.2, 0.4, 0.4)


def told(key, kind="stopped", after_s=0.0, box=HERE, phase="opened", **values):
    finding = make_finding(key, kind=kind, notable=True)
    at = NOON + timedelta(seconds=after_s)
    sighting = replace(finding.sighting, direction="", lasting=True, phase=phase)
    given = {"started_at": at, "ended_at": at, "box": box, "sighting": sighting}
    return replace(finding, **(given | values))


def test_an_event_goes_on_and_ends_under_one_id():
    camera = make_camera()
    event = actions.record_event(camera=camera, finding=told("a"))
    assert event.going_on
    better = told("a", after_s=10, phase="updated", confidence=0.9, fix=Fix(107.5911, 16.4611, 2.0))
    actions.update_event(finding=better)
    actions.update_event(finding=told("a", after_s=5, confidence=0.1))  # late news change nothing
    event.refresh_from_db()
    assert (event.confidence, event.error_m, event.ended_at) == (
        0.9, 2.0, NOON + timedelta(seconds=10),
    )  # fmt: skip
    for _ in range(2):
        actions.end_event(finding=told("a", after_s=20, phase="ended"))
    event.refresh_from_db()
    assert (event.going_on, event.ended_at) == (False, NOON + timedelta(seconds=20))
    assert actions.update_event(finding=told("nobody", phase="updated")) is None
    assert CameraEvent.objects.count() == 1


def test_a_worse_place_does_not_replace_a_better_one():
    event = actions.record_event(camera=make_camera(), finding=told("a"))
    actions.update_event(finding=told("a", after_s=9, fix=Fix(107.7, 16.7, 60.0)))
    event.refresh_from_db()
    assert (event.geom.x, event.error_m) == (107.591, 4.5)


@pytest.mark.parametrize(
    ("kind", "after_s", "box", "events"),
    [
        ("stopped", 30, (0.21, 0.2, 0.41, 0.4), 1),  # the track changed its number
        ("stopped", 30, (0.6, 0.2, 0.8, 0.4), 2),  # another place
        ("stopped", 600, HERE, 2),  # much later
        ("wrong_way", 1, HERE, 2),  # two that pass one place are two
        ("red_light", 1, HERE, 2),
        ("crowd", 60, (0.6, 0.2, 0.8, 0.4), 1),  # said of the zone
    ],
)
def test_what_is_the_same_thing_is_one_event(kind, after_s, box, events):
    camera = make_camera()
    actions.record_event(camera=camera, finding=told("a", kind))
    actions.record_event(camera=camera, finding=told("b", kind, after_s, box))
    assert CameraEvent.objects.count() == events
    assert Notice.objects.count() == events
    if events == 1:
        actions.record_event(camera=camera, finding=told("b", kind, after_s, box))  # once more
        event = CameraEvent.objects.get()
        assert (event.sightings, event.track_key) == (2, "a")
        assert event.ended_at == NOON + timedelta(seconds=after_s)
        actions.end_event(finding=told("b", kind, after_s + 5, box, phase="ended"))
        event.refresh_from_db()
        assert not event.going_on


def test_two_cameras_that_see_one_thing_make_one_notice():
    one, two = make_camera("one"), make_camera("two")
    first = actions.record_event(camera=one, finding=told("a"))
    second = actions.record_event(camera=two, finding=told("b", after_s=5))
    far = actions.record_event(
        camera=two, finding=told("c", after_s=5, box=(0.7, 0.7, 0.9, 0.9),
                                 fix=Fix(107.6, 16.47, 3.0))
    )  # fmt: skip
    assert (second.same_as, far.same_as) == (first, None)
    assert Notice.objects.count() == 2


def test_a_place_that_is_not_known_well_is_the_same_as_nothing():
    one, two = make_camera("one"), make_camera("two")
    actions.record_event(camera=one, finding=told("a", fix=Fix(107.591, 16.461, 60.0)))
    event = actions.record_event(camera=two, finding=told("b", fix=Fix(107.591, 16.461, 60.0)))
    assert event.same_as is None


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["opened", "updated", "ended"]), st.sampled_from("abc"), st.integers(0, 60)
    ),
    max_size=12,
)


@examined(max_examples=15, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(STEPS)
def test_however_calls_come_and_repeat_a_key_is_one_event(steps):
    CameraEvent.objects.all().delete()
    MinuteCount.objects.all().delete()
    camera = actions.save_camera(code="cam", **CAMERA)
    for phase, key, after_s in [*steps, *steps]:
        box = {"a": (0, 0, 0.2, 0.2), "b": (0.4, 0.4, 0.6, 0.6), "c": (0.8, 0.8, 1, 1)}[key]
        actions.record_event(camera=camera, finding=told(key, "stopped", after_s, box, phase))
    opened = {key for phase, key, _ in steps if phase == "opened"}
    keys = list(CameraEvent.objects.values_list("track_key", flat=True))
    assert len(keys) == len(set(keys))
    assert len(keys) + MergedSighting.objects.count() == len(opened)
    for event in CameraEvent.objects.all():
        assert event.started_at <= event.ended_at


@pytest.fixture(autouse=True, scope="module")
def _camera_values():
    from django.contrib.gis.geos import Point

    CAMERA.update(name_vi="Cầu", geom=Point(107.59, 16.46, srid=4326), bearing_deg=90.0)


CAMERA: dict[str, object] = {}


def test_what_nobody_heard_of_again_is_ended_by_the_clock():
    camera = make_camera()
    event = actions.record_event(camera=camera, finding=told("a"))
    assert actions.close_left_open(now=NOON + timedelta(seconds=60)) == 0
    later = event.updated_at + timedelta(hours=1)
    assert actions.close_left_open(now=later) == 1
    assert actions.close_left_open(now=later) == 0


def test_pictures_go_by_camera_and_the_event_stays():
    short, long = make_camera("short", keep_days=2), make_camera("long", keep_days=90)
    for camera in (short, long):
        event = actions.record_event(camera=camera, finding=told(camera.code))
        clip = f"{camera.code}.webm"
        (conf.snapshot_dir() / clip).write_bytes(b"x")
        actions.attach_clip(event_id=event.pk, clip=clip)
    assert retention.erase_pictures(NOON + timedelta(days=10)) == 1
    gone, kept = CameraEvent.objects.get(camera=short), CameraEvent.objects.get(camera=long)
    assert (gone.snapshot, gone.clip, bool(kept.snapshot)) == ("", "", True)
    assert not (conf.snapshot_dir() / "short.webm").exists()
    assert (conf.snapshot_dir() / "long.webm").exists()
    assert retention.erase_pictures(NOON + timedelta(days=10)) == 0


def test_a_camera_goes_with_its_files(django_capture_on_commit_callbacks):
    from vision.actions.cameras import remove

    camera = make_camera()
    event = actions.record_event(camera=camera, finding=told("a"))
    with django_capture_on_commit_callbacks(execute=True):
        remove(camera=camera)
    assert not (conf.snapshot_dir() / event.snapshot).exists()
    assert not CameraEvent.objects.exists()


def test_old_jobs_go_with_their_pictures():
    from django.utils import timezone

    from ioc.accounts.models import User
    from vision.models import Job

    by = User.objects.create_user(username="op")
    job = Job.objects.create(by=by, kind="trial", state="done")
    picture = conf.snapshot_dir() / f"jobs/{job.pk}/0.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"x")
    assert retention.erase_jobs() == 0
    assert retention.erase_jobs(timezone.now() + timedelta(days=2)) == 1
    assert not picture.parent.exists()


def test_cameras_from_before_get_their_ward_and_view():
    from vision.actions.cameras import settle_unsettled
    from vision.models import Camera

    make_camera()
    Camera.objects.update(view=None)
    assert settle_unsettled() == 1
    assert Camera.objects.get().view
    assert settle_unsettled() == 0


def test_billboards_in_view_are_linked():
    from datetime import date

    from django.contrib.gis.geos import Point

    from ioc.accounts.models import User
    from ioc.billboards.models import Billboard
    from vision.cards import camera_card

    camera = make_camera()  # looks east
    for code, lon in (("seen", 107.5903), ("behind", 107.5897)):
        Billboard.objects.create(
            code=code, name_vi=code, geom=Point(lon, 16.46, srid=4326), kind="static",
            permit_until=date(2030, 1, 1),
        )  # fmt: skip
    operator = User.objects.create_user(username="op", role="operator")
    links = [link for link in camera_card(operator, camera)["links"] if "layer" in link]
    assert [(link["layer"], link["title"]["vi"]) for link in links] == [("billboards", "seen")]


def test_a_cameras_troubles_have_a_begin_and_an_end():
    camera = make_camera(address="rtsp://cam.example/1")
    black = {"camera": camera, "kind": "black", "words": "the picture is black"}
    assert actions.report_trouble(at=NOON, **black)
    assert actions.report_trouble(at=NOON + timedelta(seconds=5), **black) is None
    camera.refresh_from_db()
    assert camera.state_note == "the picture is black"
    actions.report_state(camera=camera, state="failed", note="no answer in time")
    assert HealthEvent.objects.filter(ended_at=None).count() == 2
    actions.report_state(camera=camera, state="good")
    assert HealthEvent.objects.get(ended_at=None).kind == "black"  # only "good" of the picture ends
    actions.report_trouble(camera=camera, kind="good", words="", at=NOON + timedelta(minutes=1))
    assert not HealthEvent.objects.filter(ended_at=None).exists()


def test_minutes_of_health_add_up():
    from vision.models import CameraHealth

    camera = make_camera()
    for frames in (10, 25, 40):
        actions.report_state(camera=camera, state="good", frames=frames, frames_dropped=frames // 5,
                             inference_ms=30.0, frames_per_s_now=5.0)  # fmt: skip
    rows = list(CameraHealth.objects.values_list("frames", "dropped"))
    assert (sum(f for f, _ in rows), sum(d for _, d in rows)) == (40, 8)


def test_plates_are_hashed_sealed_searched_and_forgotten():
    from ioc.accounts.models import User
    from vision.actions import plates
    from vision.models import AuditLine, PlateReading
    from vision.plate_reader import Read
    from vision.plates import plate_of

    event = actions.record_event(camera=make_camera(), finding=told("a", "red_light"))
    plates.store_plates(event=event, reads=[Read(plate_of("75A-123.45"), 0.9, "white")])
    stored = str(list(PlateReading.objects.values())) + str(list(PlateText.objects.values()))
    assert "12345" not in stored
    assert "123.45" not in stored
    by = User.objects.create_user(username="officer", role="administrator")
    ask = {"by": by, "plate": "75a 12345", "reason": "Case 12 of the police"}
    assert plates.search(**ask) == []  # nobody has accepted the event
    CameraEvent.objects.update(review="accepted")
    (found,) = plates.search(**ask)
    assert plates.clear_text(by=by, reading=found, reason="Case 12") == "75A-123.45"
    acts = list(AuditLine.objects.values_list("act", flat=True))
    assert sorted(acts) == ["plate_search", "plate_search", "plate_text"]
    assert "12345" not in str(list(AuditLine.objects.values()))
    text = PlateText.objects.get()
    assert retention.erase_plates(text.erase_at) == 0
    assert retention.erase_plates(text.erase_at + timedelta(seconds=1)) == 1
    assert PlateReading.objects.exists()


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_bounds_hold_the_share(right, more):
    share, low, high = wilson(right, right + more)
    assert 0 <= low <= share <= high <= 1


@given(st.tuples(*[st.floats(0, 0.49)] * 2, *[st.floats(0.5, 1)] * 2))
def test_a_box_covers_itself_wholly(box):
    assert overlap(box, box) == pytest.approx(1)
    assert overlap(box, (2, 2, 3, 3)) == 0
