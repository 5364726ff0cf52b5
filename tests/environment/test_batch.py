"""Many calls in one."""

import pytest

from environment.models import Datastream, Observation, Sensor
from environment.sta import batch
from ioc.accounts.actions import make_token
from ioc.accounts.models import User
from tests.environment.test_sta import THING, UNIT, send

RAIN = {
    "name": "Rain", "description": "by the hour", "unitOfMeasurement": {**UNIT, "symbol": "mm"},
    "Thing": {"@iot.id": "$gauge"}, "Sensor": {"name": "Bucket", "metadata": "none"},
    "ObservedProperty": {"name": "Rain", "definition": "x/rain", "description": "rain"},
}  # fmt: skip


def part(name, method, url, body=None, group=None, after=()):
    found = {"id": name, "method": method, "url": url, "dependsOn": list(after)}
    return found | ({"body": body} if body else {}) | ({"atomicityGroup": group} if group else {})


def ask(client, key, *parts, prefer="", status=200):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    response = client.post(
        "/sta/v1.1/$batch", {"requests": parts}, content_type="application/json",
        headers=headers | ({"Prefer": prefer} if prefer else {}),
    )  # fmt: skip
    assert response.status_code == status, response.content
    return response.json().get("responses")


@pytest.fixture
def admin(db):
    return make_token(user=User.objects.create_user("a", role="administrator"), name="a")


def test_later_parts_name_what_earlier_ones_made(client, token):
    found = ask(
        client, token,
        part("gauge", "post", "Things", THING),
        part("rain", "POST", "Datastreams", RAIN),
        part("value", "POST", "$rain/Observations",
             {"phenomenonTime": "2026-11-20T01:00:00Z", "result": 4.5}),
        part("again", "GET", "$rain/Observations?$select=result&$count=true"),
        part("all", "GET", "Things/$count"),
    )  # fmt: skip
    assert [item["status"] for item in found] == [201, 201, 201, 200, 200]
    assert found[1]["body"]["@iot.selfLink"] == found[1]["headers"]["location"]
    assert found[3]["body"] == {"@iot.count": 1, "value": [{"result": 4.5}]}
    assert found[4]["body"] == "1"


def test_a_group_is_kept_whole_or_not_at_all(client, token):
    found = ask(
        client, token,
        part("gauge", "POST", "Things", THING, "both"),
        part("bad", "POST", "Datastreams", {"name": "no unit"}, "both"),
        part("look", "GET", "Things/$count"),
        prefer="odata.continue-on-error",
    )  # fmt: skip
    assert [item["status"] for item in found] == [424, 400, 200]
    assert found[0]["atomicityGroup"] == "both" and found[2]["body"] == "0"
    assert not Sensor.objects.exists() and not Datastream.objects.exists()
    kept = ask(client, token, part("gauge", "POST", "Things", THING, "both"),
               part("rain", "POST", "Datastreams", RAIN, "both"))  # fmt: skip
    assert [item["status"] for item in kept] == [201, 201]
    assert Datastream.objects.count() == 2


def test_after_a_part_that_fails_the_rest_is_not_tried_unless_asked_for(client, token):
    parts = [part("bad", "GET", f"Things({2**31 - 1})"), part("gauge", "POST", "Things", THING),
             part("rain", "POST", "Datastreams", RAIN, after=["bad"])]  # fmt: skip
    assert [item["status"] for item in ask(client, token, *parts)] == [404, 424, 424]
    assert not Sensor.objects.exists()
    told = ask(client, token, *parts, prefer="continue-on-error")
    assert [item["status"] for item in told] == [404, 201, 424]
    assert "bad failed" in told[2]["body"]["message"]
    told = ask(client, token, *parts, prefer="continue-on-error=false")
    assert [item["status"] for item in told] == [404, 424, 424]


def test_each_part_needs_its_own_right(client, token, admin):
    (made,) = ask(client, token, part("gauge", "POST", "Things", THING))
    url = f"Things({made['body']['@iot.id']})"
    change = part("change", "PATCH", url, {"description": "moved"})
    assert [item["status"] for item in ask(client, token, change)] == [403]
    assert [item["status"] for item in ask(client, admin, change)] == [200]
    ask(client, None, change, status=401)
    client.force_login(User.objects.get(username="a"))
    ask(client, None, change, status=401)  # a session writes nothing


def test_values_come_as_arrays_and_stay_once(client, token):
    ask(client, token, part("gauge", "POST", "Things", THING))
    stream = Datastream.objects.get().pk
    rows = [
        {
            "Datastream": {"@iot.id": stream},
            "components": ["phenomenonTime", "result"],
            "dataArray": [[f"2026-11-20T0{hour}:00:00Z", 1.0 + hour / 10] for hour in (2, 3)],
        }
    ]
    twice = [part(name, "POST", "CreateObservations", rows) for name in "ab"]
    assert [item["status"] for item in ask(client, token, *twice)] == [201, 201]
    assert Observation.objects.count() == 3


@pytest.mark.parametrize(
    ("requests", "status", "words"),
    [
        ([{"method": "GET", "url": "Things"}], 400, "id is missing"),
        ([part("a", "PUT", "Things")], 400, "none of GET"),
        ([part("a", "GET", "Things"), part("a", "GET", "Things")], 400, "is used"),
        ([part("a", "GET", "Things", after=[{}])], 400, "dependsOn"),
        ([7], 400, "must be an object"),
        ("all", 400, "must be a list"),
        ([part(str(n), "GET", "Things") for n in range(1001)], 413, "1000 requests at most"),
    ],
)
def test_a_batch_that_is_none_is_refused_with_words(client, token, requests, status, words):
    response = send(client, "$batch", {"requests": requests}, token)
    assert response.status_code == status and words in response.json()["message"]


def test_no_batch_in_a_batch_nothing_too_deep_and_an_end(client, token, monkeypatch):
    (told,) = ask(client, token, part("a", "POST", "$batch", {"requests": []}))
    assert told["status"] == 400
    monkeypatch.setattr(batch, "LONGEST_S", -1.0)
    (told,) = ask(client, token, part("a", "GET", "Things"))
    assert told["status"] == 503 and "Not tried" in told["body"]["message"]
