"""What screens and citizens read over HTTP, who may, and what alarms tell."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from environment import actions, air, aqi, states
from environment.models import Observation, RefusedRow
from geo.models import Notice
from ioc.accounts.models import User
from tests.environment.factories import make_receipt, make_sensor, rising, row

pytestmark = pytest.mark.django_db
BASE = "/api/v1/environment"


def hour():
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def record(*rows, now=None):
    return actions.record(list(rows), receipt=make_receipt(), now=now)


def login(client, role):
    client.force_login(User.objects.create_user(role, role=role))
    return client


def get(client, path):
    answer = client.get(f"{BASE}/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize(("role", "can"), [("operator", ["overrule"]), ("planner", [])])
def test_a_station_says_what_one_may_do(client, role, can):
    make_sensor()
    assert get(login(client, role), "stations/71520")["can"] == can


# -- alarms tell ---------------------------------------------------------------------------------


def test_a_notice_names_level_trend_time_to_next_and_what_is_reached(monkeypatch):
    monkeypatch.setattr(
        "environment.telling.exposed",
        lambda code, stage: {"known": True, "wards": {"count": 1, "names": ["Kim Long"]}},
    )
    make_sensor(datum="VN-2000")
    record(*rising(1.1, 1.4, 1.75, 2.05, start=hour()))
    notice = Notice.objects.get(title_vi__contains="BĐ2")
    assert "đã vượt báo động II (2,00 m)" in notice.body_vi
    assert "đang lên 32 cm/giờ" in notice.body_vi
    assert "đạt báo động III (3,50 m)" in notice.body_vi
    assert "reaches: 1 ward (Kim Long)" in notice.body_en
    assert notice.data["trend"]["word"] == "rising"
    assert 3 < notice.data["arrival"]["hours"] < 6
    assert (notice.data["datum"], notice.data["next"]["level"]) == ("VN-2000", 3)


def test_an_alarm_goes_out_though_the_map_of_zones_fails(monkeypatch):
    import sys
    import types

    broken = types.ModuleType("environment.flood")
    broken.exposed = lambda code, stage: 1 / 0
    monkeypatch.setitem(sys.modules, "environment.flood", broken)
    make_sensor()
    record(*rising(0.5, 1.2, start=hour()))
    assert Notice.objects.get().data["exposed"] is None


def test_silent_and_stuck_stations_raise_notices_of_their_own():
    sensor = make_sensor()
    now = hour()
    for n in range(50):
        at = now - timedelta(hours=50 - n)
        record(row(0.8, at), now=at)
    assert states.tell_stuck(now=now) == 1
    assert states.tell_stuck(now=now) == 0
    assert Notice.objects.get().kind == "sensor-stuck"
    sensor.refresh_from_db()
    assert states.mark_silent(now=now + timedelta(hours=5)) == 1
    silent = Notice.objects.get(kind="sensor-silent")
    assert "không có nghĩa là an toàn" in silent.body_vi


def test_a_release_for_a_gauge_that_is_none_is_set_aside():
    make_sensor("BD", "Bình Điền", kind="reservoir")
    out = record(row(120, station="BDX", parameter="release", unit="m³/s"),
                 row(120, station="BD", parameter="release", unit="m³/s"))  # fmt: skip
    assert [f.code for f in out.fates] == ["unknown-station", ""]
    assert "station 'BDX' is not known" in RefusedRow.objects.get().message
    assert Observation.objects.get().value == 120


# -- screens -------------------------------------------------------------------------------------


def test_latest_is_one_row_a_station_and_rights_hold(client, django_assert_max_num_queries):
    make_sensor()
    make_sensor("X", "Hidden", public=False)
    record(*rising(1.2, start=hour()))
    with django_assert_max_num_queries(3):
        found = get(client, "latest")
    only = {name: column[0] for name, column in found.items()}
    assert {len(column) for column in found.values()} == {1}
    assert (only["code"], only["state"], only["value"]) == ("71520", "minor", 1.2)
    assert only["observed_at"] == hour().timestamp()
    assert len(get(login(client, "operator"), "latest")["code"]) == 2


def test_a_station_tells_level_trend_next_and_reservoirs(client):
    make_sensor()
    make_sensor("TT", "Tả Trạch", kind="reservoir")
    record(*rising(1.1, 1.4, 1.75, start=hour()),
           row(40.5, hour(), station="TT", parameter="reservoir_level"),
           row(310, hour(), station="TT", parameter="release", unit="m³/s"))  # fmt: skip
    found = get(client, "stations/71520")
    river = found["river"]
    assert (river["level"], river["trend"]["word"], river["next"]["level"]) == (1, "rising", 2)
    assert river["text"]["vi"].startswith("Kim Long: 1,75 m, đang lên, trên báo động I")
    assert "báo động II" in river["outlook"]["vi"]
    (dam,) = found["reservoirs"]
    assert dam["latest"]["release"]["value"] == 310
    assert get(client, "rivers")[0]["text"] == river["text"]
    assert client.get(f"{BASE}/stations/none").status_code == 404


def test_a_level_that_is_held_looks_to_the_one_above_it(client):
    """Just below level II, which it has not left: what comes next is level III."""
    make_sensor()
    record(*rising(1.7, 2.02, 1.96, start=hour()))
    river = get(client, "stations/71520")["river"]
    assert (river["level"], river["next"]["level"]) == (2, 3)


def test_a_series_brings_neighbours_a_marked_forecast_and_bad_values_if_asked(client):
    make_sensor()
    make_sensor("71518", "Phú Ốc", lon=107.47, lat=16.53)
    values = [1 + n / 50 for n in range(30)]
    record(*rising(*values, start=hour()))
    record(*(row(r.value, r.at, station="71518") for r in rising(*values, start=hour())))
    record(row(29.0, hour() - timedelta(minutes=30)))
    found = get(client, "stations/71520/series?neighbours=true&forecast=true")
    assert [n["station"] for n in found["neighbours"]] == ["71518"]
    assert len(found["forecast"]["v"]) == 6
    assert "A simple estimate" in found["forecast"]["method"]["en"]
    assert 29.0 not in found["v"]
    assert 29.0 in get(client, "stations/71520/series?bad=true")["v"]


@pytest.mark.parametrize(
    ("role", "status"),
    [(None, 401), ("citizen", 403), ("planner", 403), ("operator", 200), ("administrator", 200)],
)
def test_who_may_overrule(client, role, status):
    make_sensor()
    record(*rising(1.0, 4.0, 1.05, start=hour()))
    if role:
        login(client, role)
    at = hour() - timedelta(hours=1)
    body = {"time": at.isoformat(), "flag": 1, "reason": "seen by eye"}
    path = f"{BASE}/stations/71520/overrule"
    assert client.post(path, json.dumps(body), "application/json").status_code == status
    assert client.get(f"{path}s").status_code == status
    assert client.get(f"{BASE}/stations/71520/values").status_code == status
    held = client.get(f"{BASE}/stations/71520/values")
    undo = client.post(f"{path}/undo", json.dumps({"time": at.isoformat()}), "application/json")
    assert undo.status_code == status
    if status == 200:
        said = [each["overruled"] and each["overruled"]["reason"] for each in held.json()]
        assert said == [None, "seen by eye", None]
        (word,) = get(client, "stations/71520/overrules")
        assert (word["flag"], word["before"], word["by"]) == (1, 3, role)
        assert word["undone_at"]
        again = client.post(f"{path}/undo", json.dumps({"time": at.isoformat()}),
                            "application/json")  # fmt: skip
        assert again.status_code == 404


@pytest.mark.parametrize(
    "path", ["latest", "rivers", "alarms", "air", "air/surface", "stations/71520",
             "stations/71520/series", "stations/A/air"],
)  # fmt: skip
@pytest.mark.parametrize("role", [None, "citizen", "operator"])
def test_everybody_may_read_public_stations(client, role, path):
    make_sensor()
    make_sensor("A", "Air", kind="air")
    record(*rising(1.0, 1.2, start=hour()))
    if role:
        login(client, role)
    get(client, path)


def test_alarms_so_far(client):
    make_sensor()
    record(*rising(0.5, 1.2, 0.5, start=hour()))
    found = get(client, "alarms?station=71520")
    assert [(c["before"], c["level"]) for c in found] == [(1, 0), (0, 1)]


# -- air -----------------------------------------------------------------------------------------


def test_the_day_goes_from_one_to_midnight_by_the_limits_of_its_date(client):
    sensor = make_sensor("A", "Air", kind="air")
    zone = air.queries.zone()
    day = date(2026, 11, 19)
    first = datetime(2026, 11, 19, 1, tzinfo=zone)
    rows = [row(47, first + timedelta(hours=n), station="A", parameter="pm25", unit="µg/m³")
            for n in range(24)]  # fmt: skip
    outside = row(400, first - timedelta(hours=1), station="A", parameter="pm25", unit="µg/m³")
    record(outside, *rows)
    found = get(client, f"stations/A/air?day={day}")["day"]
    assert found["aqi"]["index"] == 94
    assert found["hours"] == {"pm25": 24}
    assert [(p["averaging"], p["limit"]) for p in found["passed"]] == [("24h", 45.0)]
    assert air.limits_on(date(2025, 12, 31))["pm25", "24h"].value == 50
    assert air.limits_on(date(2026, 1, 1))["pm25", "24h"].value == 45
    assert sensor.datastreams.count() == 1


def test_a_silent_station_is_not_clean_air(client):
    make_sensor("A", "Air", kind="air", silent_after_s=7200)
    rows = [row(10, hour() - timedelta(hours=n), station="A", parameter="pm25", unit="µg/m³")
            for n in range(3)]  # fmt: skip
    record(*rows)
    assert get(client, "air")["stations"][0]["aqi"]["category"]["en"] == "Good"
    states.mark_silent(now=hour() + timedelta(hours=3))
    (found,) = get(client, "air")["stations"]
    assert (found["silent"], found["aqi"]) == (True, None)
    assert "NowCast" in get(client, "air")["method"]["en"]


def test_daily_ozone_takes_the_larger_of_one_and_eight_hours():
    flat = {"pm25": [10.0] * 24, "o3": [110.0] * 24}
    assert aqi.daily_parts(flat) == {"pm25": 20, "o3": 75}  # 8 h: 50 + 50 × 10/20
    assert aqi.sub_index_o3_8h(401) is None
    high = {"pm25": [10.0] * 24, "o3": [450.0] * 24}
    assert aqi.daily_parts(high)["o3"] == 213  # the 8 h value is left out above 400
    assert aqi.daily_index({"pm25": [10.0] * 17 + [None] * 7}) is None
    assert aqi.daily_index({"o3": [100.0] * 24}) is None
    assert aqi.daily_index({"pm10": [75.0] * 24, "no2": [None, 150.0]}) == (75, "no2")
    assert aqi.rounded(62.5) == 63
