import io
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from ioc.accounts.actions import make_token
from ioc.accounts.models import User
from ioc.demo import cases, citizens
from ioc.demo.street_photos import SCENES, street_photo
from ioc.reports.models import Category, Photo, Report, ReportEvent
from tests.reports.factories import make_agency, make_category


@pytest.fixture
def door(city, monkeypatch):
    """The demo's door, with its HTTP client answered by Django's handler."""
    user = User.objects.create_user(username="demo", password="x", demo=True)
    token = make_token(user=user, name="demo", permissions=["reports.add_synthetic"])

    def answer(request: httpx.Request) -> httpx.Response:
        said = Client().generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            content_type=request.headers.get("content-type", ""),
            headers={"Authorization": request.headers["Authorization"]},
        )
        return httpx.Response(said.status_code, content=said.content, request=request)

    def client(door) -> httpx.Client:
        headers = {"Authorization": f"Bearer {door.token}"}
        return httpx.Client(
            base_url=door.base_url, headers=headers, transport=httpx.MockTransport(answer)
        )

    monkeypatch.setattr(citizens, "_client", client)
    monkeypatch.setattr(citizens, "BACKFILL", 8)
    return SimpleNamespace(base_url="http://testserver", token=token, seed=7)


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_is_the_same_for_the_same_seed(scene: str):
    photo = street_photo(scene, "a")
    assert photo == street_photo(scene, "a") != street_photo(scene, "b")
    assert Image.open(io.BytesIO(photo)).size == (1200, 900)


def test_a_day_of_reports_is_marked_spread_out_and_not_doubled(door):
    make_category("roads", name_en="Traffic infrastructure")
    sent = citizens.backfill(door, hours=3)
    assert 1 <= sent == Report.objects.count() == Report.objects.filter(synthetic=True).count()
    assert Photo.objects.exists()
    times = Report.objects.values_list("received_at", flat=True)
    assert len(set(times)) == sent
    citizens.backfill(door, hours=3)
    assert Report.objects.count() == sent


def test_the_limit_on_one_address_does_not_stop_the_demo(door, settings):
    settings.IOC_REPORTS_PER_HOUR = 0
    assert citizens.backfill(door, hours=2) == Report.objects.count() > 0


def test_nothing_of_the_history_lies_ahead(city, monkeypatch):
    """Cases of yesterday evening, written just after midnight: their next steps are to come."""
    midnight = timezone.localtime().replace(hour=0, minute=20)
    monkeypatch.setattr(timezone, "now", lambda: midnight)
    monkeypatch.setattr(cases, "DAYS", 2)
    assert cases.history(7) == 0  # nobody answers for the only category
    Category.objects.update(agency=make_agency().code)
    made = cases.history(7)
    assert made and cases.history(7) == 0
    assert not ReportEvent.objects.filter(at__gt=midnight).exists()
    assert not Report.objects.filter(changed_at__gt=midnight).exists()
    begun = ReportEvent.objects.filter(kind="assign", at__gt=midnight - timedelta(days=2))
    assert 0 < begun.count() <= made
