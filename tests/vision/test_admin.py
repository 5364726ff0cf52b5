import pytest
from django.test import Client

from ioc.accounts.models import User
from tests.vision.factories import make_camera, make_finding
from vision import actions, vault
from vision.models import AuditLine, Camera

pytestmark = pytest.mark.django_db
FORM = {
    "code": "c1", "name_vi": "Cầu", "fov_deg": "70", "range_m": "60", "enabled": "on",
    "geom": "POINT (107.59 16.46)", "detector": "mog2", "rules": "[]", "control_points": "[]",
    "masks": "[]", "clear_days": "0",
}  # fmt: skip


@pytest.fixture
def client():
    administrator = User.objects.create_superuser(username="admin", password="x")
    client = Client()
    client.force_login(administrator, backend="ioc.accounts.backends.RoleBackend")
    return client


def test_a_password_given_here_is_sealed_and_not_shown(client):
    page = client.post(
        "/admin/vision/camera/add/", {**FORM, "address": "rtsp://u:p4ss@cam.example/1"}
    )
    assert page.status_code == 302, page.context["adminform"].form.errors
    camera = Camera.objects.get()
    assert (camera.address, vault.unseal(camera.sealed_login)) == (
        "rtsp://cam.example/1", "u:p4ss",
    )  # fmt: skip
    url = f"/admin/vision/camera/{camera.pk}/change/"
    assert "p4ss" not in client.get(url).content.decode()
    client.post(url, {**FORM, "address": "rtsp://cam.example/2"})
    camera.refresh_from_db()
    assert camera.sealed_login
    client.post(url, {**FORM, "address": "rtsp://other.example/2"})
    camera.refresh_from_db()
    assert camera.sealed_login == ""
    client.post(url, {**FORM, "address": "rtsp://other.example/2", "username": "v",
                      "password": "w"})  # fmt: skip
    camera.refresh_from_db()
    assert vault.unseal(camera.sealed_login) == "v:w"
    acts = list(AuditLine.objects.order_by("id").values_list("act", flat=True))
    assert acts == ["login", "address", "address", "address", "login"]


def test_every_page_opens(client):
    camera = make_camera()
    event = actions.record_event(camera=camera, finding=make_finding())
    actions.report_state(camera=camera, state="good")
    actions.report_trouble(camera=camera, kind="black", words="x", at=event.ended_at)
    for name in ("camera", "cameraevent", "auditline", "healthevent", "camerahealth",
                 "minutecount", "platereading", "job"):  # fmt: skip
        assert client.get(f"/admin/vision/{name}/").status_code == 200, name
    assert client.get(f"/admin/vision/cameraevent/{event.pk}/change/").status_code == 200
