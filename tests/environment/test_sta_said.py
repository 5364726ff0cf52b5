"""What a provider says of a value beside its time and result comes back as it was said."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from environment import actions, said
from environment.models import Datastream, Observation, Receipt, RefusedRow
from environment.mqtt import command
from environment.mqtt.messages import Rule, Stream, rows_of
from environment.quality import Unusable
from environment.sta import values
from ioc.accounts.models import User
from tests.environment.test_batch import ask, part
from tests.environment.test_batch_multipart import call, post, read
from tests.environment.test_sta import BASE, THING, get, send

AT = "2026-11-20T01:00:00Z"
SAYS = {
    "resultTime": "2026-11-20T01:00:20Z",
    "validTime": "2026-11-20T01:00:00Z/2026-11-20T02:00:00Z",
    "parameters": {"depth": 2.5, "by": {"name": "Trạm 7"}, "raw": [1, None]},
    "resultQuality": {"nameOfMeasure": "bias", "value": 0.02},
}
VALUE = {"phenomenonTime": AT, "result": 0.8}


@pytest.fixture
def stream(client, token):
    """A Datastream with one value at midnight, of which nothing was said."""
    assert send(client, "Things", THING, token).status_code == 201
    return Datastream.objects.select_related("sensor", "observed_property").get()


def array(client, token, stream, names, *rows):
    body = [{"Datastream": {"@iot.id": stream.pk}, "components": list(names), "dataArray": rows}]
    answer = send(client, "CreateObservations", body, token)
    assert answer.status_code == 201, answer.content
    return answer.json()


def says(shown, what=SAYS):
    """Whether an Observation says all of it, beside the value as received and our own flag."""
    return (
        all(shown[name] == what[name] for name in ("resultTime", "validTime"))
        and shown["parameters"].items() >= what["parameters"].items()
        and shown["resultQuality"]["given"] == what["resultQuality"]
        and shown["resultQuality"]["flag"] in (1, 2, 3)
    )


# -- every way in and out -------------------------------------------------------------------------


def test_a_value_of_its_own_is_given_back_by_every_way(client, token, stream):
    body = {**VALUE, **SAYS, "Datastream": {"@iot.id": stream.pk}}
    made = send(client, "Observations", body, token)
    assert made.status_code == 201, made.content
    assert says(made.json())
    assert says(client.get(made["Location"]).json())
    plain, full = get(client, "Observations?$orderby=phenomenonTime")["value"]
    assert says(full)
    assert plain["resultTime"] == plain["phenomenonTime"]
    assert "validTime" not in plain
    assert (plain["parameters"], list(plain["resultQuality"])) == ({"raw": "0.7"}, ["flag", "note"])
    inner = get(client, "Datastreams?$expand=Observations($orderby=resultTime desc;$top=1)")
    assert says(inner["value"][0]["Observations"][0])
    chosen = get(client, "Observations?$select=validTime,parameters&$orderby=resultTime desc")
    assert chosen["value"][0]["validTime"] == SAYS["validTime"]
    assert set(chosen["value"][0]) == {"validTime", "parameters"}
    assert client.get(f"{made['Location']}/validTime").json() == {"validTime": SAYS["validTime"]}
    assert client.get(f"{plain['@iot.selfLink']}/validTime").status_code == 204
    (table,) = get(client, "Observations?$resultFormat=dataArray")["value"]
    rows = [dict(zip(table["components"], row, strict=True)) for row in table["dataArray"]]
    assert [row["validTime"] for row in rows] == [None, SAYS["validTime"]]
    assert says(rows[1])


def test_below_a_datastream_and_in_a_deep_insert(client, token, stream):
    assert says(send(client, f"Datastreams({stream.pk})/Observations", {**VALUE, **SAYS},
                     token).json())  # fmt: skip
    series = {**THING["Datastreams"][0], "Observations": [{**VALUE, **SAYS}]}
    thing = {**THING, "properties": {"code": "dv-2"}, "Datastreams": [series]}
    made = send(client, "Things", thing, token)
    assert made.status_code == 201, made.content
    url = f"Things({made.json()['@iot.id']})/Datastreams?$expand=Observations"
    assert says(get(client, url)["value"][0]["Observations"][0])


def test_in_both_forms_of_a_batch(client, token, stream):
    url = f"Datastreams({stream.pk})/Observations"
    (one,) = ask(client, token, part("a", "POST", url, {**VALUE, **SAYS}))
    assert says(one["body"])
    later = {**VALUE, **SAYS, "phenomenonTime": "2026-11-20T03:00:00Z"}
    ((_, status, body),) = read(post(client, token, call(f"POST {url}", later)))
    assert status == 201
    assert says(body)


def test_a_data_array_takes_them_and_sets_bad_rows_aside(client, token, stream):
    names = ["phenomenonTime", "result", *SAYS]
    full = list(SAYS.values())
    bad = [
        ("resultTime", ["noon", None, None, None]), ("resultTime", [7, None, None, None]),
        ("validTime", [None, "2026-11-20T02:00:00Z/2026-11-20T01:00:00Z", None, None]),
        ("parameters", [None, None, [1], None]),
        ("resultQuality", [None, None, None, "x" * 2049]),
    ]  # fmt: skip
    rows = [[AT, 0.8, *full], ["2026-11-20T02:00:00Z", 0.8, None, None, {}, None]]
    rows += [[f"2026-11-20T03:0{n}:00Z", 0.8, *what] for n, (_, what) in enumerate(bad)]
    found = array(client, token, stream, names, *rows)
    assert says(client.get(found[0]).json())
    assert client.get(found[1]).json()["resultTime"] == "2026-11-20T02:00:00Z"
    for answer, (name, _) in zip(found[2:], bad, strict=True):
        assert answer.startswith(f"error: {name} ")
    assert Observation.objects.count() == 3
    assert RefusedRow.objects.count() == len(bad)
    names = ["phenomenonTime", "resultTime", "result"]
    (link,) = array(client, token, stream, names, [None, "2026-11-20T05:00:00Z", 0.8])
    assert client.get(link).json()["phenomenonTime"] == "2026-11-20T05:00:00Z"


def test_by_the_broker_and_to_it(client, token, stream, settings):
    settings.IOC_MQTT_URL = "mqtt://broker.example"
    topic = f"v1.1/Datastreams({stream.pk})/Observations"
    rule = Rule("v1.1/#", "", "", "", "value", "time", UTC)
    known = {stream.pk: Stream(stream.sensor.code, "water_level", "m")}
    now = datetime(2026, 11, 21, tzinfo=UTC)
    line = command.Line.__new__(command.Line)
    sent = []
    line.sent, line.client = 0, SimpleNamespace(publish=lambda *note, qos: sent.append(note))
    payload = json.dumps({**VALUE, **SAYS}).encode()
    rows, _ = rows_of(topic, payload, [rule], known, now)
    receipt = actions.open_receipt(source="mqtt", via=Receipt.Via.MQTT)
    actions.record(rows, receipt=receipt, now=now)
    at = datetime.fromisoformat(AT).isoformat()
    line.publish(json.dumps({"receipt": receipt.pk, "streams": [stream.pk], "first": at,
                             "last": at}))  # fmt: skip
    ((where, body),) = sent
    assert where == topic
    assert says(json.loads(body))
    rows, _ = rows_of(topic, b'{"result": 1, "resultTime": 1795262400000}', [rule], known, now)
    assert rows[0].at == rows[0].said.result_time == datetime(2026, 11, 21, 12, tzinfo=UTC)
    (bad,), _ = rows_of(topic, b'{"result": 1, "parameters": 3}', [rule], known, now)
    assert (bad.code, bad.message) == ("wrong-type", "parameters must be an object, not '3'")


# -- again, and otherwise -------------------------------------------------------------------------


def test_again_changes_nothing_more_is_added_and_another_word_is_a_conflict(client, token, stream):
    url = f"Datastreams({stream.pk})/Observations"
    for more in ({}, {"resultTime": SAYS["resultTime"]}, SAYS, SAYS, {}):
        made = send(client, url, {**VALUE, **more}, token)
        assert made.status_code == 201, made.content
    assert says(made.json())
    for name, other in (
        ("resultTime", AT), ("validTime", f"{AT}/{AT}"), ("parameters", {"depth": 3}),
        ("resultQuality", "good"),
    ):  # fmt: skip
        answer = send(client, url, {**VALUE, **SAYS, name: other}, token)
        assert (answer.status_code, answer.json()["type"]) == (409, "conflict")
        assert f"another {name} is held" in answer.json()["message"]
    assert says(client.get(made["Location"]).json())


def test_two_words_for_one_time_in_one_array(client, token, stream):
    late = "2026-11-20T01:00:30Z"
    names = ["phenomenonTime", "result", "resultTime"]
    rows = [[AT, 0.8, None], [AT, 0.8, late], [AT, 0.8, AT], [AT, 0.9, late]]
    found = array(client, token, stream, names, *rows)
    assert found[0] == found[1]
    assert "another resultTime is held for this time: 2026-11-20T01:00:30" in found[2]
    assert "another value is held for this time: 0.8" in found[3]
    assert client.get(found[0]).json()["resultTime"] == late
    first = RefusedRow.objects.order_by("pk")[0]
    assert "resultTime=2026-11-20 01:00:00+00:00" in first.raw  # nothing is lost


# -- what is wrong --------------------------------------------------------------------------------

DEEP = json.loads('{"a":' * 30 + "1" + "}" * 30)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"resultTime": "2026-11-20T01:00:00"}, "resultTime '2026-11-20T01:00:00' needs an offset"),
        ({"resultTime": "0001-01-01T00:00:00+07:00"}, "is out of range"),
        ({"resultTime": True}, "resultTime must be text, not 'True'"),
        ({"validTime": AT}, "validTime '2026-11-20T01:00:00Z' is no interval"),
        ({"validTime": f"{AT}/PT1H"}, "validTime 'PT1H' is no time"),
        ({"validTime": {}}, "validTime '{}' is no interval"),
        ({"validTime": f"{AT}/2026-11-20T00:59:59Z"}, "validTime ends before it begins"),
        ({"parameters": "x"}, "parameters must be an object"),
        ({"parameters": {"a": "ộ" * 700}}, "parameters has 2108 bytes of JSON; at most 2048"),
        ({"parameters": {"a": "b\x00"}}, "parameters holds a character that cannot be kept"),
        ({"parameters": {"a": "\ud800"}}, "parameters holds what cannot be kept as JSON"),
        ({"parameters": {"a": float("nan")}}, "parameters holds what cannot be kept as JSON"),
        ({"parameters": DEEP}, "parameters is nested deeper than 20"),
    ],
)
def test_what_cannot_be_kept_is_named(change, words):
    with pytest.raises(Unusable) as wrong:
        said.read({**VALUE, **change})
    assert words in str(wrong.value)


def test_a_wrong_word_is_answered_400_and_leaves_nothing(client, token, stream):
    answer = send(client, f"Datastreams({stream.pk})/Observations",
                  {**VALUE, "validTime": "now"}, token)  # fmt: skip
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("validTime 'now' is no interval")
    assert Observation.objects.count() == 1


# -- questions ------------------------------------------------------------------------------------


def test_questions_over_what_was_said(client, token, stream):
    names = ["phenomenonTime", "result", "resultTime", "parameters"]
    array(client, token, stream, names, [AT, 1, "2026-11-21T00:00:00Z", {"crew": "A", "raw": "x"}],
          ["2026-11-20T02:00:00Z", 1.1, None, None])  # fmt: skip
    for text, found in (
        ("resultTime ge 2026-11-20T02:00:00Z", [1, 1.1]),
        ("resultTime lt 2026-11-20T02:00:00Z", [0.7]),
        ("resultTime ne 2026-11-21T00:00:00Z", [0.7, 1.1]),
        ("2026-11-21T00:00:00Z le resultTime", [1]),
        ("day(resultTime) eq 21", [1]),
        ("parameters/crew eq 'A'", [1]),
        ("parameters/crew eq null", [0.7, 1.1]),
        ("parameters/raw eq '0.7' or parameters/raw eq 'x'", [0.7, 1]),
        ("parameters/rawUnit eq null", [0.7, 1, 1.1]),
    ):
        answer = client.get(f"{BASE}/Observations", {"$filter": text, "$orderby": "result"})
        assert answer.status_code == 200, (text, answer.content)
        assert [o["result"] for o in answer.json()["value"]] == found, text
    order = get(client, "Observations?$orderby=resultTime desc&$select=result")["value"]
    assert [o["result"] for o in order] == [1, 1.1, 0.7]
    text = "Observations/resultTime gt 2026-11-20T09:00Z"
    late = client.get(f"{BASE}/Datastreams", {"$filter": text})
    assert len(late.json()["value"]) == 1
    for asked in ({"$filter": f"validTime gt {AT}"}, {"$orderby": "validTime"}):
        answer = client.get(f"{BASE}/Observations", asked)
        assert answer.status_code == 400
        assert "'validTime' can neither be filtered nor ordered by" in answer.json()["message"]


def test_a_page_is_one_query_whatever_was_said(client, token, stream, django_assert_num_queries):
    rows = [[f"2026-11-20T0{n}:00:00Z", 0.8, SAYS["parameters"]] for n in range(1, 9)]
    array(client, token, stream, ["phenomenonTime", "result", "parameters"], *rows)
    with django_assert_num_queries(5):  # savepoint, its limit, the page, the limit, release
        assert len(get(client, "Observations?$top=20")["value"]) == 9


# -- for all that may be said ---------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)
NUMBERS = st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
TIMES = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))


@st.composite
def told(draw):
    begins, ends = sorted((draw(TIMES), draw(TIMES)))
    whole = {
        "resultTime": said.iso(draw(TIMES)), "validTime": said.interval(begins, ends),
        "parameters": draw(st.dictionaries(WORDS, JSON, max_size=4)), "resultQuality": draw(JSON),
    }  # fmt: skip
    return {name: value for name, value in whole.items() if draw(st.booleans())}


@pytest.mark.django_db
@settings(max_examples=12, deadline=None)
@given(items=st.lists(told(), min_size=8, max_size=8))
def test_whatever_is_said_comes_back(items):
    """Through the database, and again as a repetition that changes nothing."""
    user = User.objects.filter(username="u").first() or User.objects.create_user(
        "u", role="administrator"
    )
    stream = _series(user)
    start = datetime(2026, 11, 20, tzinfo=UTC)
    rows = [[said.iso(start + timedelta(minutes=n)), 0.5, *(item.get(k) for k in said.NAMES)]
            for n, item in enumerate(items)]  # fmt: skip
    body = [{"Datastream": {"@iot.id": stream.pk}, "dataArray": rows,
             "components": ["phenomenonTime", "result", *said.NAMES]}]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM environment_observation")
    for _ in range(2):
        assert [wrong for *_, wrong in values.Values(user).data_arrays(body)] == [""] * len(rows)
        held = Observation.objects.filter(datastream=stream).order_by("t")
        for o, item in zip(held, items, strict=True):
            shown = said.shown(o)
            assert shown["resultTime"] == item.get("resultTime", said.iso(o.t))
            assert shown.get("validTime") == item.get("validTime")
            assert shown["parameters"] == {"raw": "0.5", **item.get("parameters", {})}
            assert shown["resultQuality"].get("given") == item.get("resultQuality")


def _series(user):
    from environment.sta.writing import Writer

    Writer(user).create("Thing", {**THING, "Datastreams": [
        {k: v for k, v in THING["Datastreams"][0].items() if k != "Observations"}]})  # fmt: skip
    return Datastream.objects.get()
