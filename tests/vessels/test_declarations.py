"""Departures and arrivals: kept once, never edited, refused when absurd."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from tests.vessels.factories import make_user
from tests.vessels.fleet_factories import make_boat, make_sea
from vessels.models import Declaration

pytestmark = pytest.mark.django_db
DOOR = "/api/v1/vessels/declarations"


@pytest.fixture
def officer(db):
    client = Client()
    client.force_login(make_user("fisheries_officer"), backend="ioc.accounts.backends.RoleBackend")
    return client


@pytest.fixture
def body(db):
    make_sea()
    at = timezone.now() - timedelta(hours=1)
    return {"vessel": make_boat().pk, "kind": "departure", "port": "cang", "at": at.isoformat(),
            "crew": 7, "note": "", "key": "a-1"}  # fmt: skip


def post(client, body):
    return client.post(DOOR, body, content_type="application/json")


def test_a_declaration_is_kept_once_and_listed(officer, body):
    first, again = post(officer, body), post(officer, body)
    assert first.status_code == again.status_code == 200
    assert first.json()["id"] == again.json()["id"]
    (shown,) = officer.get(f"{DOOR}?vessel={body['vessel']}").json()["declarations"]
    assert (shown["kind"], shown["crew"], shown["port"]["code"]) == ("departure", 7, "cang")
    assert officer.get(f"{DOOR}?vessel=0").json()["declarations"] == []


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"kind": "sank"}, 422), ({"port": "nowhere"}, 422), ({"crew": -1}, 422),
        ({"crew": 10_000}, 422), ({"at": "2026-01-31T07:00:00"}, 400), ({"key": ""}, 422),
        ({"at": (timezone.now() + timedelta(days=3)).isoformat()}, 422), ({"vessel": 0}, 404),
    ],
)  # fmt: skip
def test_what_is_absurd_is_refused(officer, body, wrong, status):
    assert post(officer, body | wrong).status_code == status
    assert not Declaration.objects.exists()


def test_a_key_is_not_used_for_two(officer, body):
    post(officer, body)
    assert post(officer, body | {"kind": "arrival"}).status_code == 409


def test_a_declaration_is_never_edited(officer, body):
    post(officer, body)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Declaration.objects.update(crew=1)
