from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from geo import notices
from geo.errors import Refused
from geo.models import Notice
from geo.text import Text
from ioc.accounts.models import User
from ioc.accounts.roles import Role
from ioc.incidents import actions
from ioc.incidents.models import Incident
from layers.models import PendingChange

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def make_user(role, name=None):
    return User.objects.create_user(name or role, password="x", role=role, display_name=name or "")


def publish(key="kl:2", severity="moderate", at=AT, **more):
    return notices.publish(
        key=key, kind="river-alarm", severity=severity, layer="sensors", feature_id="7",
        point=(107.56, 16.46), occurred_at=at,
        title=Text("Kim Long ≥ BĐ2", "Kim Long ≥ A2"), **more,
    )  # fmt: skip


def test_a_notice_becomes_one_incident_however_often_it_is_told(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert publish()
        assert not publish()
    incident = Incident.objects.get()
    assert (incident.repeats, incident.severity, incident.state) == (1, "moderate", "open")
    assert actions.record(notice=Notice.objects.get()) is None
    assert Incident.objects.get().repeats == 1


def test_repeats_group_while_the_incident_lives_and_the_worst_severity_stays():
    for n, severity in enumerate(("minor", "severe", "moderate")):
        publish(key=f"kl:{n}", severity=severity, at=AT + timedelta(minutes=n))
    assert actions.sweep() == 3
    incident = Incident.objects.get()
    assert (incident.repeats, incident.severity) == (3, "severe")
    assert incident.first_at == AT
    assert incident.last_at == AT + timedelta(minutes=2)
    Incident.objects.update(state="closed")
    publish(key="kl:9")
    actions.sweep()
    assert Incident.objects.count() == 2


def test_a_rolled_back_write_leaves_no_notice():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish()
        raise ZeroDivisionError
    assert not Notice.objects.exists()


def test_the_sweep_hears_what_a_crash_kept_from_being_heard():
    publish()
    assert not Incident.objects.exists()
    assert actions.sweep() == 1
    assert actions.sweep() == 0


def test_acknowledging_names_the_person_once():
    publish()
    actions.sweep()
    first, second = make_user(Role.OPERATOR, "An"), make_user(Role.OPERATOR, "Bình")
    number = Incident.objects.get().pk
    done = actions.acknowledge(incident_id=number, by=first)
    assert (done.state, done.acknowledged_by) == ("acknowledged", "An")
    at = done.acknowledged_at
    assert actions.acknowledge(incident_id=number, by=first).acknowledged_at == at
    with pytest.raises(Refused) as refused:
        actions.acknowledge(incident_id=number, by=second)
    assert refused.value.status == 409
    assert refused.value.details["acknowledged_by"] == "An"
    assert PendingChange.objects.filter(layer="incidents").count() == 2


@pytest.mark.parametrize(
    ("role", "listed", "acknowledged"),
    [
        (None, 401, 401),
        (Role.CITIZEN, 200, 404),
        (Role.AGENCY_OFFICER, 200, 404),
        (Role.PLANNER, 200, 403),
        (Role.FISHERIES_OFFICER, 200, 403),
        (Role.OPERATOR, 200, 200),
        (Role.ADMINISTRATOR, 200, 200),
    ],
)
def test_rights(role, listed, acknowledged, django_assert_max_num_queries):
    publish()
    actions.sweep()
    client = Client()
    if role:
        client.force_login(make_user(role), backend="ioc.accounts.backends.RoleBackend")
    with django_assert_max_num_queries(6):
        response = client.get("/api/v1/incidents")
    assert response.status_code == listed
    if listed == 200:
        assert len(response.json()["incidents"]) == (acknowledged != 404)
    number = Incident.objects.get().pk
    response = client.post(f"/api/v1/incidents/{number}/acknowledge")
    assert response.status_code == acknowledged
