"""Officers and operators see the fleet, an owner their own vessels, everybody else nothing."""

import pytest
from django.test import Client

from ioc.accounts.models import ApiToken, User, digest
from layers import registry
from tests.vessels.factories import make_user
from tests.vessels.fleet_factories import NOW, hear, make_boat, make_sea
from vessels import sweep
from vessels.models import Alert, LiveVessel, Position, Vessel

pytestmark = pytest.mark.django_db
BASE = "/api/v1/vessels"
MAY = {"fisheries_officer", "operator", "administrator"}
ROLES = ("citizen", "agency_officer", "planner", *sorted(MAY))
SPAN = "from=2026-09-21T00:00:00Z&to=2026-09-21T12:00:00Z"


@pytest.fixture
def fleet(db):
    make_sea()
    owner = User.objects.create_user("chu-tau", role="citizen")
    mine, theirs = make_boat(16, vms="vnpt", owner_user=owner), make_boat(16, vms="vnpt")
    for boat in (mine, theirs):
        hear(boat, (7.0, 108.6, 16.5, 8.0, 90.0), vms=True)
    sweep.run(now=NOW)
    return owner, mine, theirs


def signed_in(user):
    client = Client()
    client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    return client


def doors(vessel, alert):
    return (
        "fleet", "fleet/list", "alerts", f"alerts/{alert.pk}", f"alerts/{alert.pk}/evidence",
        "declarations", "ports", f"tracks?ids={vessel.pk}&{SPAN}", f"{vessel.pk}/file",
    )  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_every_door_by_role(fleet, role):
    _, mine, _ = fleet
    client = signed_in(make_user(role))
    alert = Alert.objects.get(vessel=mine)
    for door in doors(mine, alert):
        status = client.get(f"{BASE}/{door}").status_code
        assert status == 200 if role in MAY else status in {403, 404}, door
    step = {"stage": "seen", "version": 1, "key": "a"}
    moved = client.post(f"{BASE}/alerts/{alert.pk}/stage", step, content_type="application/json")
    assert moved.status_code == (200 if role in MAY else 404)
    for slug in ("vessel-alerts", "fishing-zones"):
        layer = registry.get(slug)
        user = User.objects.get(username=role)
        assert layer.audience(user) == ("full" if role in MAY else None)
        assert layer.queryset(user).exists() is (role in MAY)


def test_a_stranger_is_asked_to_sign_in(fleet):
    _, mine, _ = fleet
    for door in doors(mine, Alert.objects.get(vessel=mine)):
        assert Client().get(f"{BASE}/{door}").status_code == 401, door


def test_an_owner_sees_their_own_and_deals_with_nothing(fleet):
    owner, mine, theirs = fleet
    client = signed_in(owner)
    assert client.get(f"{BASE}/fleet").json()["counts"]["total"] == 1
    listed = client.get(f"{BASE}/fleet/list").json()["vessels"]
    assert [v["id"] for v in listed] == [mine.pk]
    assert [a["vessel"]["id"] for a in client.get(f"{BASE}/alerts").json()["alerts"]] == [mine.pk]
    tracks = client.get(f"{BASE}/tracks?ids={mine.pk},{theirs.pk}&{SPAN}").json()["tracks"]
    assert [t["id"] for t in tracks] == [mine.pk]
    assert client.get(f"{BASE}/{mine.pk}/file").status_code == 200
    assert client.get(f"{BASE}/{theirs.pk}/file").status_code == 404
    ours, other = Alert.objects.get(vessel=mine), Alert.objects.get(vessel=theirs)
    assert client.get(f"{BASE}/alerts/{ours.pk}").json()["can"] == []
    assert client.get(f"{BASE}/alerts/{other.pk}").status_code == 404
    step = {"stage": "seen", "version": 1, "key": "a"}
    assert client.post(
        f"{BASE}/alerts/{ours.pk}/stage", step, content_type="application/json"
    ).status_code == 403  # fmt: skip
    polygon = {"type": "Polygon", "coordinates": [
        [[108, 16], [109, 16], [109, 17], [108, 17], [108, 16]]]}  # fmt: skip
    body = {"polygon": polygon, "from": "2026-09-21T00:00:00Z", "to": "2026-09-21T12:00:00Z"}
    seen = client.post(f"{BASE}/who-was-there", body, content_type="application/json").json()
    assert [v["id"] for v in seen["vessels"]] == [mine.pk]


def test_an_owner_declares_for_their_own_vessel_only(fleet):
    owner, mine, theirs = fleet
    client = signed_in(owner)
    body = {"kind": "departure", "port": "cang", "at": "2026-09-21T04:00:00Z", "key": "a"}
    statuses = [
        client.post(
            f"{BASE}/declarations", body | {"vessel": boat.pk, "key": str(boat.pk)},
            content_type="application/json",
        ).status_code
        for boat in (mine, theirs)
    ]  # fmt: skip
    assert statuses == [200, 404]


def test_querysets_show_owners_their_own(fleet):
    owner, mine, _ = fleet
    assert list(Vessel.objects.visible_to(owner)) == [mine]
    assert [v.pk for v in LiveVessel.objects.visible_to(owner)] == [mine.pk]
    assert {p.vessel_id for p in Position.objects.visible_to(owner)} == {mine.pk}
    assert not Vessel.objects.visible_to(None).exists()


VMS = f"ident,plate,time,lat,lon,speed\nX1,TTH 97777 TS,{NOW.isoformat()},16.5,108.6,8\n"


@pytest.mark.parametrize(("permitted", "status"), [(True, 200), (False, 403)])
def test_positions_are_taken_from_a_token_with_the_permission(db, permitted, status):
    key = ApiToken.new_key()
    ApiToken.objects.create(
        user=User.objects.create_user("vnpt", role="citizen"), name="vms", hash=digest(key),
        hint="x", permissions=["vessels.add_position"] if permitted else [],
    )  # fmt: skip
    answer = Client().post(
        f"{BASE}/vms/positions", VMS, content_type="text/csv", HTTP_AUTHORIZATION=f"Bearer {key}"
    )
    assert answer.status_code == status
    if permitted:
        assert (answer.json()["taken"], answer.json()["refused"]) == (1, [])
        assert Position.objects.get().message_type == 0
