"""Observations in by data array, quality included; a station's month; the latest of 5,000.

Values come as a provider sends them: JSON over HTTP through the product's own address.
"""

import json
import math
import time
from datetime import UTC, datetime, timedelta

from ioc.ops.bench import Context, Figure

ROWS, CALL, STATIONS = 1_000_000, 50_000, 5_000
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
MONTH = 31 * 24 * 60


def run(ctx: Context) -> list[Figure]:
    with ctx.database():
        from django.test import Client

        from environment.models import Sensor

        client, key = Client(SERVER_NAME="localhost"), _token()
        streams = _register(client, key)
        figures = _arrays(client, key, streams)
        figures += _month(client)
        _many(Sensor)
        return [*figures, *_latest(client)]


def _token() -> str:
    from ioc.accounts.actions import make_token
    from ioc.accounts.models import User

    user = User.objects.create_user("bench", role="administrator")
    return make_token(user=user, name="bench")


def _post(client, key: str, path: str, body: object) -> object:
    answer = client.post(
        f"/sta/v1.1/{path}", json.dumps(body), content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )  # fmt: skip
    assert answer.status_code == 201, answer.content[:300]
    return answer.json()


def _register(client, key: str, count: int = 10) -> list[int]:
    """Datastreams of some river gauges with alarm levels."""
    from environment import stations
    from environment.models import Datastream, Sensor

    for n in range(count):
        stream = {
            "name": "level", "unitOfMeasurement": {"symbol": "m"},
            "ObservedProperty": {"name": "water_level"}, "Sensor": {"name": "radar"},
        }  # fmt: skip
        place = {"location": {"type": "Point", "coordinates": [107.5 + n / 100, 16.4]}}
        thing = {"name": f"bench {n}", "Locations": [place], "Datastreams": [stream]}
        _post(client, key, "Things", thing)
        limits = [{"level": k, "value": float(k), "source": "bench"} for k in (1, 2, 3)]
        stations.change_thresholds(sensor=Sensor.objects.get(code=f"bench-{n}"), limits=limits)
    return list(Datastream.objects.order_by("pk").values_list("pk", flat=True))


def _level(n: int) -> float:
    return round(1.2 + math.sin(n / 700) + 0.1 * math.sin(n / 31), 2)


def _arrays(client, key: str, streams: list[int]) -> list[Figure]:
    """A million minutes, in calls as large as they come; what the database holds is counted."""
    from django.db import connection

    each = ROWS // len(streams)
    calls = []
    for start in range(0, each, CALL // len(streams)):
        numbers = range(start, min(start + CALL // len(streams), each))
        rows = [[f"{BEGAN + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}", _level(n)] for n in numbers]
        calls.append([
            {"Datastream": {"@iot.id": s}, "components": ["phenomenonTime", "result"],
             "dataArray": rows} for s in streams
        ])  # fmt: skip
    wall, cpu = time.perf_counter(), time.process_time()
    for body in calls:
        _post(client, key, "CreateObservations", body)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM environment_observation WHERE flag IN (1, 3)")
        held = cursor.fetchone()[0]
        cursor.execute("ANALYZE environment_observation")
    return [
        Figure("1M observations in by data array, with quality", held / wall, "rows/s",
               target="≥ 20000"),
        Figure("the same by this process's own time", held / cpu, "rows/CPU s"),
    ]  # fmt: skip


def _month(client) -> list[Figure]:
    """Of a station that speaks each ten minutes, as most do, and of one that does each minute."""
    from environment import actions
    from environment.ingest.formats import RawRow

    last = BEGAN + timedelta(days=31)
    receipt = actions.open_receipt(source="bench", via="file")
    count = MONTH // 10
    rows = [RawRow(0, "bench-0", BEGAN + timedelta(minutes=10 * n), "rain", n % 7 / 2, "mm")
            for n in range(count)]  # fmt: skip
    actions.record(rows, receipt=receipt)
    window = f"from={BEGAN:%Y-%m-%dT%H:%MZ}&to={last:%Y-%m-%dT%H:%MZ}"
    path = "/api/v1/environment/stations"
    tens = _best(lambda: client.get(f"{path}/bench-0/series?parameter=rain&{window}"))
    ones = _best(lambda: client.get(f"{path}/bench-3/series?{window}"))
    return [
        Figure(f"a station's month, each 10 min ({count:,} values)", tens, "ms", target="≤ 15"),
        Figure(f"a station's month, each minute ({MONTH:,} values)", ones, "ms"),
    ]


def _many(sensor) -> None:
    """Five thousand stations, each with a latest value."""
    from django.contrib.gis.geos import Point
    from django.utils import timezone

    from environment.models import Datastream, Latest, ObservedProperty
    from geo import cells

    now = timezone.now()
    spots = [(107.1 + n % 100 / 100, 16.0 + n // 100 / 100) for n in range(STATIONS)]
    sensor.objects.bulk_create(
        sensor(code=f"many-{n}", name_vi=f"Trạm {n}", name_en=f"Station {n}", kind="river",
               geom=Point(*spot, srid=4326), h3=cells.cell_of(*spot, 9), state="good",
               parameter="water_level", unit="m", value=1.0, observed_at=now)
        for n, spot in enumerate(spots)
    )  # fmt: skip
    prop = ObservedProperty.objects.get(code="water_level")
    rows = sensor.objects.filter(code__startswith="many-")
    streams = Datastream.objects.bulk_create(
        Datastream(sensor=row, observed_property=prop, unit="m") for row in rows
    )
    Latest.objects.bulk_create(Latest(datastream=s, t=now, value=1.0) for s in streams)


def _latest(client) -> list[Figure]:
    ms = _best(lambda: client.get("/api/v1/environment/latest"))
    return [Figure(f"latest of {STATIONS:,} stations", ms, "ms", target="≤ 20")]


def _best(call, rounds: int = 15) -> float:
    """Milliseconds of the best call through all of Django; a warm one, as a server's is."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        answer = call()
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.content[:300]
    return min(times) * 1000
