"""Who may see vessels, and the track."""

import time

import pytest
from django.core.cache import caches
from django.test import Client

from ioc.accounts.models import User
from layers import registry
from tests.vessels.factories import NOON, ingest, make_user, said
from vessels import summary
from vessels.models import LiveVessel, Vessel

pytestmark = pytest.mark.django_db
MAY = {"fisheries_officer", "operator", "administrator"}


@pytest.fixture
def vessel(tmp_path):
    ingest(tmp_path, *(said(at=NOON + n * 60, lon=107.8 + n / 1000) for n in range(30)))
    return Vessel.objects.get()


def client_of(role):
    client = Client()
    client.force_login(make_user(role), backend="ioc.accounts.backends.RoleBackend")
    return client


@pytest.mark.parametrize(
    "role", ["citizen", "agency_officer", "planner", "operator", "fisheries_officer",
             "administrator"],
)  # fmt: skip
def test_vessels_are_for_the_fleet_and_the_operators(vessel, role):
    client = client_of(role)
    status = 200 if role in MAY else 404
    assert client.get(f"/api/v1/vessels/{vessel.pk}").status_code == status
    assert client.get(f"/api/v1/vessels/{vessel.pk}/track").status_code == status
    user = User.objects.get(role=role)
    layer = registry.get("vessels")
    assert layer.audience(user) == ("full" if role in MAY else None)
    assert layer.queryset(user).count() == (1 if role in MAY else 0)


def test_a_stranger_is_asked_to_sign_in_and_sees_no_layer(vessel):
    assert Client().get(f"/api/v1/vessels/{vessel.pk}").status_code == 401
    layer = registry.get("vessels")
    assert layer.audience(None) is None
    assert layer.queryset(None).count() == 0


def test_the_track_is_a_line_with_a_time_for_each_point(vessel, django_assert_max_num_queries):
    client = client_of("fisheries_officer")
    with django_assert_max_num_queries(5):  # session, user, vessel, latest, positions
        track = client.get(f"/api/v1/vessels/{vessel.pk}/track?hours=24").json()
    assert track["geometry"]["type"] == "LineString"
    assert len(track["geometry"]["coordinates"]) == 30 == len(track["properties"]["times"])
    assert track["properties"]["times"] == sorted(track["properties"]["times"])
    short = client.get(f"/api/v1/vessels/{vessel.pk}/track?hours=0.1").json()
    assert len(short["geometry"]["coordinates"]) == 7


def test_the_track_refuses_what_it_cannot_answer(vessel):
    client = client_of("operator")
    assert client.get(f"/api/v1/vessels/{vessel.pk}/track?hours=10000").status_code == 422
    answer = client.get(f"/api/v1/vessels/{vessel.pk}/track?until=2026-09-21T00:00:00")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "time-without-zone"
    assert client.get("/api/v1/vessels/999999/track").status_code == 404


def test_a_vessel_says_who_and_where_it_is(vessel):
    told = client_of("operator").get(f"/api/v1/vessels/{vessel.pk}").json()
    assert (told["mmsi"], told["synthetic"]) == (574_001_234, False)
    assert told["latest"]["lon"] == pytest.approx(107.829)


def test_the_cards_track_link_answers(vessel):
    client = client_of("operator")
    card = registry.get("vessels").card(None, LiveVessel.objects.get())
    assert client.get(card["links"][0]["url"]).status_code == 200


@pytest.mark.parametrize("model", ["vessel", "latestposition", "feed", "rawbatch", "rejectedline"])
def test_admin_pages_open(vessel, admin_client, model):
    assert admin_client.get(f"/admin/vessels/{model}/").status_code == 200


def test_the_admin_shows_a_position_on_a_map(vessel, admin_client):
    page = admin_client.get(f"/admin/vessels/latestposition/{vessel.pk}/change/")
    assert page.status_code == 200
    assert b"leaflet" in page.content


def test_the_tile_counts_the_vessels_at_sea(tmp_path):
    caches["local"].clear()
    now = int(time.time()) - 60
    ingest(
        tmp_path,
        said(at=now),
        said(mmsi=574_000_002, at=now, status=7, speed_kn=2.0),
        said(mmsi=574_000_003, at=now, speed_kn=0.0),
        said(mmsi=574_000_004, at=now - 7200),
    )
    (tile,) = summary.at_sea(make_user("operator"))
    assert (tile["value"], tile["state"], len(tile["trend"])) == (2, "good", 24)
    assert "1 fishing" in tile["text"]["en"]
    assert summary.at_sea(make_user("planner")) == []


def test_a_vessel_without_a_name_goes_by_its_number(vessel):
    assert LiveVessel.objects.get().name == str(vessel.mmsi)
