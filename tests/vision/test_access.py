import subprocess
import sys
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ioc.accounts.models import User
from layers import registry
from tests.vision.factories import make_camera, make_finding
from vision import actions, summary
from vision.models import CameraEvent

pytestmark = pytest.mark.django_db


def person(role):
    return User.objects.create_user(username=role, password="x", role=role)


@pytest.fixture
def event():
    camera = make_camera(address="rtsp://cam.example/secret-path")
    event = actions.record_event(camera=camera, finding=make_finding())
    CameraEvent.objects.update(started_at=timezone.now())  # the map shows a day
    return event


def client_of(role):
    client = Client()
    client.force_login(person(role), backend="ioc.accounts.backends.RoleBackend")
    return client


def test_operators_see_cameras_events_and_pictures(event):
    client = client_of("operator")
    answer = client.get(f"/api/v1/layers/cameras/features/{event.camera_id}")
    assert answer.status_code == 200
    assert "secret-path" not in answer.content.decode()
    answer = client.get(f"/api/v1/layers/camera-events/features/{event.pk}")
    assert answer.json()["properties"]["error_m"] == 4.5
    url = answer.json()["card"]["media"][0]["url"]
    assert url == f"/api/v1/cameras/events/{event.pk}/snapshot.jpg"
    picture = client.get(url)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    listed = client.get(f"/api/v1/cameras/{event.camera_id}/events").json()
    assert [row["id"] for row in listed["events"]] == [str(event.pk)]


@pytest.mark.parametrize("role", ["citizen", "fisheries_officer", "agency_officer"])
def test_others_see_nothing(event, role):
    client = client_of(role)
    for url in (
        f"/api/v1/layers/cameras/features/{event.camera_id}",
        f"/api/v1/layers/camera-events/features/{event.pk}",
        f"/api/v1/cameras/events/{event.pk}/snapshot.jpg",
        f"/api/v1/cameras/{event.camera_id}/events",
        "/api/v1/layers/camera-events/snapshot",
    ):
        assert client.get(url).status_code in (403, 404), url


def test_strangers_must_sign_in(event):
    assert Client().get(f"/api/v1/cameras/events/{event.pk}/snapshot.jpg").status_code == 401


def test_no_layer_holds_the_address():
    names = {
        field.name for slug in ("cameras", "camera-events") for field in registry.get(slug).fields
    }
    assert not names & {"address", "control_points", "rules", "track_key"}


def test_admin_pages_show_the_address_to_administrators_only(event):
    administrator = User.objects.create_superuser(username="admin", password="x")
    client = Client()
    client.force_login(administrator, backend="ioc.accounts.backends.RoleBackend")
    page = client.get(f"/admin/vision/camera/{event.camera_id}/change/")
    assert page.status_code == 200
    assert "secret-path" in page.content.decode()
    assert client.get(f"/admin/vision/cameraevent/{event.pk}/change/").status_code == 200


def test_the_wall_hears_of_crossings(event):
    actions.report_state(camera=event.camera, state="good")
    recent = timezone.now() - timedelta(minutes=5)
    CameraEvent.objects.filter(pk=event.pk).update(started_at=recent)
    (tile,) = summary.counted(person("operator"))
    assert (tile["value"], tile["state"], len(tile["trend"])) == (1, "good", 12)
    assert "1 of 1 cameras good" in tile["text"]["en"]
    assert summary.counted(person("citizen")) == []


def test_lists_take_few_queries(event, django_assert_max_num_queries):
    client = client_of("operator")
    with django_assert_max_num_queries(6):
        client.get(f"/api/v1/cameras/{event.camera_id}/events")


def test_web_processes_load_nothing_heavy():
    code = (
        "import django, sys; django.setup(); import ioc.urls, vision.api, vision.admin;"
        "print([m for m in ('torch', 'torchvision', 'cv2', 'av') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
