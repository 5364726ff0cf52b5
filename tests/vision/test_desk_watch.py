"""What the desk tells of troubles, of who looked, and of what reviews teach."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ioc.accounts.models import User
from tests.vision.factories import make_camera, make_finding
from vision import actions, audit
from vision.actions.reviews import CAUSES
from vision.models import AuditLine, Camera, CameraEvent, HealthEvent

pytestmark = pytest.mark.django_db
V = "/api/v1/vision"


def sign_in(role):
    client = Client(headers={"accept-language": "en"})
    user = User.objects.create_user(username=role, role=role)
    client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    return client


def test_troubles_say_since_when_and_which_go_on(django_assert_max_num_queries):
    client = sign_in("operator")
    now = timezone.now()
    for code in ("a", "b", "c"):
        camera = make_camera(code)
        for kind, ended in (("frozen", now), ("black", None)):
            HealthEvent.objects.create(
                camera=camera, kind=kind, words="x", started_at=now - timedelta(hours=2),
                ended_at=ended,
            )  # fmt: skip
    Camera.objects.filter(pk=camera.pk).update(enabled=False)
    with django_assert_max_num_queries(4):
        page = client.get(f"{V}/cameras/troubles?open=true").json()
    assert [(row["kind"], row["camera"]["code"], row["ended_at"]) for row in page["items"]] == [
        ("black", "b", None), ("black", "a", None),  # c is switched off
    ]  # fmt: skip
    whole = client.get(f"{V}/cameras/troubles?limit=4").json()
    assert len(whole["items"]) == 4
    rest = client.get(f"{V}/cameras/troubles?limit=4&cursor={whole['next']}").json()
    assert (len(rest["items"]), rest["next"]) == (2, None)
    own = client.get(f"{V}/cameras/troubles?camera={camera.pk}").json()
    assert {row["camera"]["code"] for row in own["items"]} == {"c"}


def test_the_audit_is_paged_and_asked_by_act_person_camera_and_time():
    admin = sign_in("administrator")
    by = User.objects.get()
    other = User.objects.create(username="thanh", role="administrator")
    camera = make_camera(code="cau")
    for n in range(5):
        audit.note("clear_picture", by=by if n else other, camera=camera, reason=f"case {n}")
    audit.note("discovery", by=by, reason="10.0.0.0/24")
    page = admin.get(f"{V}/audit?limit=4").json()
    rest = admin.get(f"{V}/audit?limit=4&cursor={page['next']}").json()
    ids = [row["id"] for row in page["items"] + rest["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 6
    clear = admin.get(f"{V}/audit?act=clear_picture&camera={camera.pk}").json()["items"]
    assert (len(clear), clear[0]["camera"]["name"], clear[0]["reason"]) == (5, "Cầu", "case 4")
    (row,) = admin.get(f"{V}/audit?by=THANH").json()["items"]
    assert (row["by_name"], row["act_title"]) == ("thanh", "saw a clear picture")
    later = (timezone.now() + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    assert admin.get(f"{V}/audit?start={later}").json()["items"] == []
    assert admin.get(f"{V}/audit?start=2026-01-01T00:00:00").status_code == 422
    operator = User.objects.create(username="op", role="operator")
    assert not AuditLine.objects.visible_to(operator).exists()
    assert AuditLine.objects.visible_to(other).count() == 6


def test_what_reviews_teach_is_counted_by_what_they_say_of_the_box():
    client, camera = sign_in("operator"), make_camera()
    said = [("accepted", "", ""), ("rejected", "", CAUSES["shadow"].vi),
            ("rejected", "", "some tree"), ("rejected", "", CAUSES["allowed"].en),
            ("rejected", "", CAUSES["unclear"].en), ("wrong_class", "bus", ""),
            ("wrong_class", "nothing", ""), ("wrong_class", "animal", ""),
            ("pending", "", "")]  # fmt: skip
    for n, (review, right, reason) in enumerate(said):
        event = actions.record_event(
            camera=camera, finding=make_finding(f"k{n}", kind="wrong_way", notable=True)
        )
        CameraEvent.objects.filter(pk=event.pk).update(
            review=review, right_class=right, review_reason=reason, box=[0.1, 0.2, 0.3, 0.6]
        )
    assert client.get(f"{V}/training").json() == {
        "pictures": 8, "boxes": 3, "not_there": 3,
        "by_class": [{"object_class": "car", "count": 2}, {"object_class": "bus", "count": 1}],
    }  # fmt: skip
    causes = client.get(f"{V}/home").json()["causes"]
    assert [one["code"] for one in causes] == list(CAUSES)
