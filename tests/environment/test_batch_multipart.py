"""Many calls in one, in the standard's own form."""

import email
import email.policy
import json

import pytest

from environment.models import Datastream, Observation, Sensor
from tests.environment.test_batch import RAIN
from tests.environment.test_sta import THING

HTTP = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
RAIN_OF = {**RAIN, "Thing": {"@iot.id": "$gauge"}}


def call(line, body=None, name="", end="\r\n"):
    text = "" if body is None else json.dumps(body, ensure_ascii=False)
    kind = "Content-Type: application/json\r\n" if text else "Host: city.example\r\n"
    head = HTTP + (f"Content-ID: {name}\r\n" if name else "")
    return f"{head}\r\n{line} HTTP/1.1\r\n{kind}\r\n{text}".replace("\r\n", end)


def changes(*calls):
    parts = "".join(f"--cs\r\n{one}\r\n" for one in calls)
    return f"Content-Type: multipart/mixed; boundary=cs\r\n\r\n{parts}--cs--"


def post(client, key, *parts, prefer="", end="\r\n"):
    body = "".join(f"--b_1{end}{part}{end}" for part in parts) + f"--b_1--{end}"
    headers = {"Authorization": f"Bearer {key}"} | ({"Prefer": prefer} if prefer else {})
    return client.generic("POST", "/sta/v1.1/$batch", body.encode(), headers=headers,
                          content_type='multipart/mixed; boundary="b_1"')  # fmt: skip


def read(response):
    """Each part as (name, status, body), a change set as a list of them."""
    assert response.status_code == 200, response.content
    head = f"Content-Type: {response['Content-Type']}\r\n\r\n".encode()
    return _inside(email.message_from_bytes(head + response.content, policy=email.policy.HTTP))


def _inside(message):
    found = []
    for part in message.get_payload():
        if part.is_multipart():
            found.append(_inside(part))
            continue
        head, _, body = part.get_payload(decode=True).partition(b"\r\n\r\n")
        status = int(head.split()[1])
        is_json = b"application/json" in head and body
        found.append((part["Content-ID"], status, json.loads(body) if is_json else body.decode()))
    return found


def test_a_change_set_makes_a_station_and_what_follows_names_it(client, token):
    value = {"phenomenonTime": "2026-11-20T01:00:00Z", "result": 4.5}
    found = read(post(
        client, token,
        changes(call("POST Things", THING, "gauge"), call("POST /sta/v1.1/Datastreams", RAIN_OF,
                                                          "rain")),
        call("POST $rain/Observations", value),
        call("GET http://testserver/sta/v1.1/$rain/Observations?$select=result"),
        call("GET Things/$count"),
    ))  # fmt: skip
    (gauge, rain), made, seen, count = found
    assert gauge[:2] == ("gauge", 201)
    assert gauge[2]["name"] == "Cầu Dã Viên"
    assert rain[:2] == ("rain", 201)
    assert made[:2] == (None, 201)
    assert made[2]["result"] == 4.5
    assert count[1:] == (200, "1")
    assert seen[1] == 200
    assert seen[2]["value"] == [{"result": 4.5}]
    assert Observation.objects.filter(datastream__sensor__code="dv-1").count() == 2


def test_a_change_set_that_fails_leaves_nothing_and_says_why(client, token):
    found = read(post(
        client, token,
        changes(call("POST Things", THING, "gauge"), call("POST Datastreams", {"name": "x"})),
        call("GET Things/$count"),
        prefer="continue-on-error",
    ))  # fmt: skip
    assert found[0][1] == 400
    assert "unitOfMeasurement is missing" in found[0][2]["message"]
    assert found[1][1:] == (200, "0")
    assert not Sensor.objects.exists() and not Datastream.objects.exists()


def test_lines_may_end_without_a_carriage_return(client, token):
    found = read(post(client, token, call("GET Things?$count=true", end="\n"), end="\n"))
    assert found == [(None, 200, {"@iot.count": 0, "value": []})]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("Content-Type: text/plain\r\n\r\nGET Things HTTP/1.1", "not application/http"),
        (HTTP + "\r\nThings", "begins with no line"),
        (HTTP + "\r\n", "begins with no line"),
        (HTTP + "\r\nPOST Things HTTP/1.1\r\n\r\n{bad", "not JSON"),
        (HTTP + "\r\nPUT Things HTTP/1.1\r\n\r\n", "none of"),
        (HTTP + "Content-ID: a b\r\n\r\nGET Things HTTP/1.1\r\n\r\n", "no plain name"),
    ],
)
def test_a_part_that_is_none_is_refused_with_words(client, token, part, words):
    answer = post(client, token, part)
    assert answer.status_code == 400
    assert words in answer.json()["message"]


def test_without_parts_or_a_token_nothing_is_done(client, token):
    headers = {"Authorization": f"Bearer {token}"}
    for kind in ("multipart/mixed", "multipart/mixed; boundary=b_1"):
        answer = client.generic("POST", "/sta/v1.1/$batch", b"hello", headers=headers,
                                content_type=kind)  # fmt: skip
        assert answer.status_code == 400
        assert "boundary" in answer.json()["message"]
    assert post(client, "", call("GET Things")).status_code == 401
