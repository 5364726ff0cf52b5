import json
from datetime import UTC, datetime, timedelta

import pytest

from environment import actions
from environment.models import Observation, Receipt, Sensor, Threshold
from ioc.accounts.actions import make_token
from ioc.accounts.models import User
from tests.environment.factories import make_receipt, make_sensor, rising

pytestmark = pytest.mark.django_db
BASE = "/api/v1/environment"


@pytest.fixture
def token():
    user = User.objects.create_user("feeder", role="citizen")
    return make_token(user=user, name="feed", permissions=["environment.add_observation"])


def post(client, path, body, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post(
        BASE + path, json.dumps(body), content_type="application/json", headers=headers
    )


def item(value=1.2, minutes=0, **fields):
    at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes)
    return {"station": "71520", "parameter": "water_level", "time": at.isoformat(),
            "value": value, "unit": "m", **fields}  # fmt: skip


def test_every_row_is_answered_and_again_is_harmless(client, token):
    make_sensor()
    body = [
        item(1.2), item(1.3, 1), item("1.4", 2), item(1.5, 3, station="x"), item(1, 4, time="noon"),
        item(1, 5, time="2025-11-17T02:00"), "junk", {"station": "71520"}, item(True, 6),
        item(1, 7, unit=5), item(-999, 8), item(1.1, -600),
    ]  # fmt: skip
    answer = post(client, "/observations", body, token).json()
    assert [r["code"] or r["status"] for r in answer["results"]] == [
        "accepted", "accepted", "wrong-type", "unknown-station", "bad-time", "no-offset",
        "not-an-object", "missing-field", "wrong-type", "wrong-type", "missing", "future-time",
    ]  # fmt: skip
    assert (answer["accepted"], answer["refused"], answer["flagged"]) == (3, 9, 1)
    again = post(client, "/observations", body, token).json()
    assert (again["accepted"], again["duplicate"], again["refused"]) == (0, 3, 9)
    assert Observation.objects.count() == 3
    assert Receipt.objects.filter(via="http", source="feeder").count() == 2


def test_a_stranger_and_a_token_without_the_right_are_refused(client):
    assert post(client, "/observations", [], None).status_code == 401
    plain = make_token(user=User.objects.create_user("plain", role="citizen"), name="x")
    assert post(client, "/observations", [item()], plain).status_code == 403


def test_at_most_a_thousand_rows_a_call(client, token):
    answer = post(client, "/observations", [item()] * 1001, token)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too-many-rows"
    assert post(client, "/observations", {"station": "71520"}, token).status_code == 422


def test_a_synthetic_station_can_be_registered_twice_a_real_one_not_by_a_feed(client, token):
    station = {
        "code": "demo-1",
        "name_vi": "Thử (mô phỏng)",
        "kind": "river",
        "lon": 107.5,
        "lat": 16.4,
        "synthetic": True,
        "thresholds": [{"level": n, "value": n, "source": "simulation"} for n in (1, 2)],
    }
    assert post(client, "/stations", station, token).json()["created"] is True
    assert post(client, "/stations", station, token).json()["created"] is False
    assert Sensor.objects.get().synthetic
    assert Threshold.objects.count() == 2
    assert post(client, "/stations", {**station, "synthetic": False}, token).status_code == 403
    wrong = [{"level": 1, "value": 3, "source": "s"}, {"level": 2, "value": 1, "source": "s"}]
    answer = post(client, "/stations", {**station, "thresholds": wrong}, token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "thresholds-order")
    values = [item(2.5, station="demo-1", synthetic=True)]
    assert post(client, "/observations", values, token).json()["accepted"] == 1
    assert Sensor.objects.get().state == "moderate"


def test_a_series_has_thresholds_and_marks_gaps(client):
    make_sensor()
    now = datetime.now(UTC).replace(microsecond=0)
    rows = rising(1.0, 1.1, start=now - timedelta(hours=9)) + rising(1.9, 2.2, start=now)
    actions.record(rows, receipt=make_receipt())
    answer = client.get(f"{BASE}/stations/71520/series").json()
    assert answer["v"] == [1.0, 1.1, None, 1.9, 2.2]
    assert answer["t"] == sorted(answer["t"])
    assert [(x["level"], x["value"], x["title"]["vi"]) for x in answer["thresholds"]] == [
        (1, 1.0, "BĐ1"), (2, 2.0, "BĐ2"), (3, 3.5, "BĐ3"),
    ]  # fmt: skip
    assert (answer["unit"], answer["title"]["en"]) == ("m", "Water level")


def test_a_long_series_is_thinned_and_keeps_its_peak(client, django_assert_max_num_queries):
    make_sensor()
    now = datetime.now(UTC).replace(microsecond=0)
    values = [1.0] * 3000
    values[1234] = 1.27
    actions.record(rising(*values, start=now, minutes=1), receipt=make_receipt())
    with django_assert_max_num_queries(8):
        answer = client.get(f"{BASE}/stations/71520/series?parameter=level").json()
    assert answer["thinned"] is True
    assert len(answer["v"]) <= 601
    assert max(answer["v"]) == 1.27


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?from=2026-01-01T00:00Z&to=2025-01-01T00:00Z", 400),
        ("?from=2020-01-01T00:00Z&to=2026-01-01T00:00Z", 400),
        ("?from=2026-01-01T00:00", 400),
        ("?from=never", 422),
        ("?parameter=pm25", 404),
    ],
)
def test_a_wrong_window_is_refused_in_words(client, query, status):
    make_sensor()
    actions.record(rising(1.0), receipt=make_receipt())
    assert client.get(f"{BASE}/stations/71520/series{query}").status_code == status


def test_a_station_that_is_not_public_is_not_there(client):
    make_sensor(public=False)
    assert client.get(f"{BASE}/stations/71520/series").status_code == 404


def test_nothing_a_feed_can_write_breaks_the_door(client, token):
    make_sensor()
    times = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "\x00", "2025-11-17"]
    odd = ["\ud800", "\x00", "x" * 5000, None, 7, [], {}]
    body = [item(time=t) for t in times] + [item(station=s) for s in odd]
    body += [item(unit=u) for u in odd] + [item(parameter=p) for p in odd]
    body += [item(v, n) for n, v in enumerate([1e308, -1e308, 10**400, [], {}, "", "NaN", 1 << 70])]
    answer = post(client, "/observations", body, token)
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == len(body)
    raw = '[{"station": "71520", "parameter": "h", "time": "2025-11-17T02:00Z", "value": NaN}]'
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post(f"{BASE}/observations", raw, "application/json", headers=headers).json()
    assert answer["results"][0]["flag"] == 9
