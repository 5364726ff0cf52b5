"""The demo's river: the same for the same seed, through the real doors, marked at every step."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import pytest
from django.test import Client

from environment import aqi, surface
from environment.ingest import command
from environment.models import AlarmCrossing, Sensor
from ioc.accounts.actions import make_token
from ioc.accounts.models import User
from ioc.demo import river

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Door:
    base_url: str = "http://testserver"
    token: str = ""
    seed: int = 7


def test_the_story_is_a_function_of_seed_and_time():
    assert list(river.history(7, NOON, 2)) == list(river.history(7, NOON, 2))
    assert list(river.history(7, NOON, 2)) != list(river.history(8, NOON, 2))
    assert all(row["synthetic"] is True for row in river.history(7, NOON, 1))


def test_each_flood_passes_alarm_two_and_falls_again():
    station = river.RIVERS[0]
    for n in range(24):
        began = NOON + timedelta(seconds=n * river.CYCLE_S)
        times = [began + timedelta(seconds=s) for s in range(0, river.CYCLE_S, 60)]
        levels = [river.values(7, station, t)["water_level"][0] for t in times]
        assert max(levels) >= station.alarms[1]
        assert min(levels) < station.alarms[0] - 0.05


def test_its_air_stations_carry_a_surface_at_every_hour():
    air = [station for station in river.STATIONS if station.kind == "air"]
    xy = surface.stations_xy([(station.lon, station.lat) for station in air], 32648)
    for hour in range(24):
        times = [NOON + timedelta(hours=hour - back) for back in range(12)]
        dust = [[river.values(7, station, t)["pm25"][0] for t in times] for station in air]
        indices = [aqi.sub_index("pm25", aqi.nowcast(series)) for series in dust]
        assert surface.prove(xy, np.array(indices)).holds, times[0]


@pytest.mark.django_db
def test_history_goes_in_over_http_and_registers_marked_stations(monkeypatch):
    user = User.objects.create_user("demo", role="citizen")
    token = make_token(user=user, name="demo", permissions=["environment.add_observation"])
    django = Client()

    def answer(request):
        reply = django.generic(
            request.method, request.url.path, request.content, "application/json",
            headers={"Authorization": request.headers["Authorization"]},
        )  # fmt: skip
        return httpx.Response(reply.status_code, content=reply.content)

    class InProcess(httpx.AsyncClient):
        def __init__(self, **options):
            super().__init__(transport=httpx.MockTransport(in_thread), **options)

    async def in_thread(request):
        from asgiref.sync import sync_to_async

        return await sync_to_async(answer, thread_sensitive=True)(request)

    monkeypatch.setattr(river.httpx, "AsyncClient", InProcess)
    from asgiref.sync import async_to_sync

    sent = async_to_sync(river._backfill)(Door(token=token), 4)  # a whole flood, whatever the hour
    assert sent > 200
    assert Sensor.objects.count() == len(river.STATIONS)
    assert not Sensor.objects.filter(synthetic=False).exists()
    assert all("mô phỏng" in name for name in Sensor.objects.values_list("name_vi", flat=True))
    assert AlarmCrossing.objects.filter(level=2, before__lt=2).exists()
    assert set(Sensor.objects.filter(kind="river").values_list("state", flat=True)) <= {
        "good", "minor", "moderate", "severe",
    }  # fmt: skip


@pytest.mark.django_db
def test_history_as_a_file_is_taken_by_ingest_as_synthetic_only(tmp_path):
    for station in river.STATIONS:
        from environment import stations

        fields = river.registration(station)
        limits = fields.pop("thresholds")
        stations.register(**fields, limits=limits)
    count = river.backfill(tmp_path / "river.csv", hours=1, seed=7)
    out = io.StringIO()
    assert command.run(str(tmp_path / "river.csv"), stdout=out, name="demo", synthetic=True) == 0
    assert f"{count} taken, 0 held already, 0 set aside" in out.getvalue()
    out = io.StringIO()
    command.run(str(tmp_path / "river.csv"), stdout=out, name="demo")
    assert f"{count} × real values may not enter" in out.getvalue() or "set aside" in out.getvalue()
