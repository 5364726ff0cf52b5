"""Who may open the camera desk, and how the map leads there."""

import pytest
from django.test import Client
from django.utils import timezone

from ioc.accounts.models import User
from tests.vision.factories import make_camera, make_finding
from vision import actions
from vision.models import CameraEvent

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("", 302), ("citizen", 403), ("agency_officer", 403), ("fisheries_officer", 403),
        ("planner", 200), ("operator", 200), ("administrator", 200),
    ],
)  # fmt: skip
def test_who_sees_cameras_opens_their_desk(client: Client, role, status):
    if role:
        client.force_login(User.objects.create_user(role, role=role))
    assert client.get("/desk/cameras/").status_code == status


def test_cards_on_the_map_lead_to_the_desk(client: Client):
    client.force_login(User.objects.create_user("lan", role="operator"))
    camera = make_camera()
    event = actions.record_event(camera=camera, finding=make_finding())
    CameraEvent.objects.update(started_at=timezone.now())  # the map shows a day
    for layer, pk, place in (
        ("cameras", camera.pk, f"#/cameras/{camera.pk}"),
        ("camera-events", event.pk, f"event={event.pk}"),
    ):
        card = client.get(f"/api/v1/layers/{layer}/features/{pk}").json()["card"]
        (desk,) = [link["url"] for link in card["links"] if "/desk/cameras/" in link.get("url", "")]
        assert desk.endswith(place)
