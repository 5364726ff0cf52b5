"""Who may ask for what: each address under /vision with each role, and nobody unsigned."""

import pytest
from django.test import Client

from ioc.accounts.models import User
from tests.vision.factories import make_camera, make_finding
from vision import actions
from vision.models import AuditLine, Job

pytestmark = pytest.mark.django_db
ROLES = ("citizen", "agency_officer", "fisheries_officer", "planner", "operator", "administrator")
SEE = {"planner", "operator", "administrator"}
WORK = {"operator", "administrator"}
ONLY = {"administrator"}
WHEN = "start=2026-11-21T00:00:00Z&end=2026-11-21T01:00:00Z"
KEY = "6e6c8cbe-4a1a-4d53-9d3f-3e3f1c7f0001"

MATRIX = [
    ("get", "home", None, SEE),
    ("get", "cameras", None, SEE),
    ("get", "cameras/{camera}", None, SEE),
    ("get", "cameras/{camera}/health", None, SEE),
    ("get", "cameras/{camera}/picture.jpg", None, SEE),
    ("get", "rules/kinds", None, SEE),
    ("get", "cameras/troubles", None, SEE),
    ("get", "training", None, SEE),
    ("get", "events", None, SEE),
    ("get", "events/{event}", None, SEE),
    ("get", "events/{event}/clip.webm", None, SEE),
    ("get", "events/proven.csv", None, SEE),
    ("get", "precision", None, SEE),
    ("get", f"counts/series?{WHEN}", None, SEE),
    ("get", f"counts/ward?{WHEN}", None, SEE),
    ("get", "jobs/{job}", None, SEE),
    ("post", "jobs/{job}/cancel", {}, SEE),
    ("get", "jobs/{job}/picture.jpg", None, SEE),
    ("get", "jobs/{job}/pictures/0.jpg", None, SEE),
    ("post", "cameras", {"values": {}}, WORK),
    ("post", "cameras/check-address", {"address": "exec:ls"}, WORK),
    ("put", "cameras/{camera}", {"values": {}, "version": 99}, WORK),
    ("put", "cameras/{camera}/enabled", {"enabled": False, "version": 99}, WORK),
    ("put", "cameras/{camera}/calibration", {"points": [], "version": 99}, WORK),
    ("put", "cameras/{camera}/rules", {"rules": [], "version": 99}, WORK),
    ("post", "cameras/{camera}/probe", {}, WORK),
    ("post", "cameras/{camera}/trials", {"rules": [{}]}, WORK),
    ("get", "cameras/{camera}/trials", None, WORK),
    ("get", "cameras/{camera}/frame", None, WORK),
    ("post", "cameras/{camera}/frame", {}, WORK),
    ("post", "clips", {}, WORK),
    ("post", "probe", {"address": "exec:ls"}, WORK),
    ("post", "calibration", {"points": []}, WORK),
    ("post", "rules/check", {"rules": []}, WORK),
    ("get", "recordings", None, WORK),
    ("post", "reviews", {"items": [{"id": 0, "version": 0}], "review": "accepted", "key": KEY},
     WORK),
    ("post", "reviews/undo", {"key": KEY}, WORK),
    ("post", "cameras/{camera}/clear", {"reason": "for the test"}, ONLY),
    ("post", "events/{event}/clear", {"reason": "for the test"}, ONLY),
    ("post", "jobs/{job}/clear", {}, ONLY),
    ("post", "discovery", {"network": "10.0.0.0/24"}, ONLY),
    ("post", "discovery/streams", {"service": "http://10.0.0.1/onvif"}, ONLY),
    ("get", "discovery", None, ONLY),
    ("post", "plates/search", {"plate": "75A12345", "reason": "for the test"}, ONLY),
    ("post", "plates/1/text", {"reason": "for the test"}, ONLY),
    ("get", "audit", None, ONLY),
]  # fmt: skip


@pytest.fixture
def places():
    camera = make_camera(address="rtsp://cam.example/secret-path")
    event = actions.record_event(camera=camera, finding=make_finding())
    return {"camera": camera.pk, "event": event.pk}


def ask(client, verb, path, body):
    call = getattr(client, verb)
    if body is None:
        return call(path)
    return call(path, body, content_type="application/json")


def sign_in(role):
    user = User.objects.create_user(username=role, role=role)
    client = Client()
    client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    return client, user


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_what_is_its_own(places, role, settings):
    settings.IOC_VISION_DISCOVERY = []
    client, user = sign_in(role)
    for verb, path, body, roles in MATRIX:
        job = Job.objects.create(kind="probe", by=user, state="done")
        url = "/api/v1/vision/" + path.format(job=job.pk, **places)
        answer = ask(client, verb, url, body)
        assert answer.status_code < 500, (role, path, answer.content)
        if role in roles:
            code = answer.json().get("error", {}).get("code") if answer.status_code == 403 else ""
            assert code in ("", "network-not-allowed"), (role, path)
            assert answer.status_code != 401
        else:
            assert answer.status_code in (403, 404), (role, path, answer.status_code)


def test_every_address_is_in_the_matrix():
    from ioc.api import api

    known = {path.partition("?")[0] for _verb, path, _body, _roles in MATRIX}
    named = {
        "{camera}": "{camera_id}", "{event}": "{event_id}", "{job}": "{job_id}",
        "pictures/0.jpg": "pictures/{number}.jpg", "counts/ward": "counts/{by}",
        "plates/1/": "plates/{reading_id}/",
    }  # fmt: skip
    for given, name in named.items():
        known = {path.replace(given, name) for path in known}
    there = {
        path.removeprefix("/api/v1/vision/")
        for path in api.get_openapi_schema()["paths"]
        if path.startswith("/api/v1/vision/")
    }
    assert there == known


def test_strangers_must_sign_in(places):
    for verb, path, body, _roles in MATRIX:
        url = "/api/v1/vision/" + path.format(job=1, **places)
        assert ask(Client(), verb, url, body).status_code == 401, path


def test_another_persons_job_is_not_there(places):
    client, _ = sign_in("operator")
    other = User.objects.create_user(username="other", role="operator")
    job = Job.objects.create(kind="probe", by=other)
    assert client.get(f"/api/v1/vision/jobs/{job.pk}").status_code == 404
    assert client.post(f"/api/v1/vision/jobs/{job.pk}/cancel").status_code == 404


def test_the_audit_only_grows():
    from django.db import DatabaseError, transaction

    _, user = sign_in("administrator")
    line = AuditLine.objects.create(act="login", by=user, by_name="a", reason="why")
    for write in (lambda: AuditLine.objects.update(reason="x"), AuditLine.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    user.delete()  # the account goes, the line stays
    line.refresh_from_db()
    assert (line.by, line.by_name) == (None, "a")
