"""SensorThings 1.1 as a client sees it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environment import actions
from environment.models import Datastream, Instrument, Observation, Place, RefusedRow, Sensor
from environment.sta.entities import BY_NAME, observation_id, observation_key
from environment.sta.faults import Fault
from environment.sta.options import read
from ioc.accounts.actions import make_token
from ioc.accounts.models import User
from tests.environment.factories import NOW, make_receipt, make_sensor, rising

BASE = "/sta/v1.1"
NONE = 2**31 - 1
UNIT = {"name": "metre", "symbol": "m", "definition": "http://unitsofmeasure.org/ucum.html#para-30"}
THING = {
    "name": "Cầu Dã Viên",
    "description": "Gauge under the bridge",
    "properties": {"code": "dv-1", "owner": "city"},
    "Locations": [
        {
            "name": "Dã Viên", "description": "left bank", "encodingType": "application/geo+json",
            "location": {"type": "Point", "coordinates": [107.57, 16.46]},
        }
    ],
    "Datastreams": [
        {
            "name": "Level", "description": "water", "unitOfMeasurement": UNIT,
            "observationType":
                "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "ObservedProperty": {
                "name": "Water level", "definition": "http://example.org/water_level",
                "description": "above the gauge's zero",
            },
            "Sensor": {"name": "Radar 1", "description": "radar", "encodingType": "text/html",
                       "metadata": "none"},
            "Observations": [{"phenomenonTime": "2026-11-20T00:00:00Z", "result": 0.7}],
        }
    ],
}  # fmt: skip


def send(client, path, body, token, method="post"):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = body if isinstance(body, str) else json.dumps(body)
    call = getattr(client, method)
    return call(f"{BASE}/{path}", data, content_type="application/json", headers=headers)


def get(client, path, **headers):
    answer = client.get(f"{BASE}/{path}", headers=headers)
    assert answer.status_code == 200, answer.content
    return answer.json()


def flood(code="71520", hours=30, **fields):
    sensor = make_sensor(code, **fields)
    values = [0.5 + n / 20 for n in range(hours)]
    actions.record([r.__class__(r.line, code, *_rest(r)) for r in rising(*values)],
                   receipt=make_receipt(), now=NOW)  # fmt: skip
    return sensor


def _rest(r):
    return r.at, r.parameter, r.value, r.unit


# -- registering ----------------------------------------------------------------------------------


def test_a_deep_insert_makes_a_station_with_series_and_values(client, token):
    answer = send(client, "Things", THING, token)
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == answer.json()["@iot.selfLink"]
    sensor = Sensor.objects.get(code="dv-1")
    assert (sensor.kind, sensor.geom.coords, sensor.synthetic) == ("river", (107.57, 16.46), False)
    stream = sensor.datastreams.get()
    assert (stream.unit, stream.instrument.name) == ("m", "Radar 1")
    assert Observation.objects.get().value == 0.7
    thing = client.get(answer["Location"]).json()
    assert thing["properties"]["owner"] == "city"
    for name in ("Locations", "HistoricalLocations", "Datastreams"):
        assert client.get(thing[f"{name}@iot.navigationLink"]).json()["value"]


def test_registering_again_answers_the_same_and_changes_nothing(client, token):
    first = send(client, "Things", THING, token).json()["@iot.id"]
    again = send(client, "Things", THING, token)
    assert (again.status_code, again.json()["@iot.id"]) == (201, first)
    assert [m.objects.count() for m in (Sensor, Place, Datastream, Instrument, Observation)] == (
        [1] * 5
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": 7}, "name must be text, not 7"),
        ({"name": None}, "name is missing"),
        ({"properties": "x"}, "properties must be an object"),
        ({"Locations": []}, "stands somewhere"),
        ({"Locations": [{"location": {"type": "Point", "coordinates": ["a", 1]}}]}, "GeoJSON"),
        ({"Locations": [{"location": {"type": "Point", "coordinates": [16.4, 107.5]}}]}, "outside"),
        ({"Datastreams": {}}, "Datastreams must be a list"),
        ({"properties": {"kind": "boat"}}, "none of river, rain"),
    ],
)
def test_wrong_types_are_refused_with_words_and_leave_nothing(client, token, change, words):
    answer = send(client, "Things", {**THING, **change}, token)
    assert answer.status_code == 400
    assert words in answer.json()["message"]
    assert not Sensor.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unitOfMeasurement": {"symbol": "µg/m³"}}, "is not one of water level; expected m"),
        ({"unitOfMeasurement": "m"}, "unitOfMeasurement must be an object"),
        ({"observationType": "http://x/OM_TruthObservation"}, "results here are numbers"),
        ({"Sensor": {"@iot.id": 99}}, "Sensor 99 does not exist"),
        ({"ObservedProperty": {"@iot.id": True}}, "must be a whole number"),
        ({"Observations": [{"result": "high"}]}, "result must be a number, not 'high'"),
        ({"Observations": [{"result": True}]}, "result must be a number, not True"),
        ({"Observations": [{"result": 1, "phenomenonTime": "2026-11-20T00:00:00"}]}, "an offset"),
        ({"Observations": [{"result": 1, "phenomenonTime": "2099-01-01T00:00:00Z"}]}, "ahead"),
    ],
)
def test_a_wrong_datastream_takes_the_whole_insert_back(client, token, change, words):
    stream = {**THING["Datastreams"][0], **change}
    answer = send(client, "Things", {**THING, "Datastreams": [stream]}, token)
    assert answer.status_code == 400, answer.content
    assert words in answer.json()["message"]
    assert not Sensor.objects.exists()
    assert not Observation.objects.exists()


def test_humidity_in_micrograms_is_caught(client, token):
    stream = {**THING["Datastreams"][0], "unitOfMeasurement": {"symbol": "µg/m³"},
              "ObservedProperty": {"name": "humidity"}}  # fmt: skip
    answer = send(client, "Things", {**THING, "Datastreams": [stream]}, token)
    assert answer.status_code == 400
    assert "'µg/m³' is not one of humidity; expected %" in answer.json()["message"]


def test_values_in_another_unit_are_converted_and_kept_as_sent(client, token):
    stream = {**THING["Datastreams"][0], "unitOfMeasurement": {"symbol": "cm"}}
    stream["Observations"] = [{"phenomenonTime": "2026-11-20T00:00:00Z", "result": 231}]
    send(client, "Things", {**THING, "Datastreams": [stream]}, token)
    held = Observation.objects.get()
    assert (held.value, held.raw, held.raw_unit) == (2.31, "231", "cm")


def test_a_property_that_nobody_knew_is_kept_unjudged(client, token):
    stream = {**THING["Datastreams"][0], "unitOfMeasurement": {"symbol": "mg/L"},
              "ObservedProperty": {"name": "Dissolved oxygen", "definition": "x"}}  # fmt: skip
    answer = send(client, "Things", {**THING, "Datastreams": [stream]}, token)
    assert answer.status_code == 201, answer.content
    assert (Observation.objects.get().flag, Datastream.objects.get().unit) == (2, "mg/L")


def test_a_station_that_moves_keeps_where_it_was(client, token):
    user = User.objects.create_user("a", role="administrator")
    admin = make_token(user=user, name="a")
    thing = send(client, "Things", THING, token).json()
    place = {**THING["Locations"][0], "name": "right bank",
             "location": {"type": "Point", "coordinates": [107.58, 16.46]}}  # fmt: skip
    path = f"Things({thing['@iot.id']})/Locations"
    assert send(client, path, place, token).status_code == 403
    assert send(client, path, place, admin).status_code == 201
    assert [p["name"] for p in get(client, path)["value"]] == ["right bank"]
    history = get(client, f"Things({thing['@iot.id']})/HistoricalLocations?$expand=Locations")
    assert len(history["value"]) == 2
    assert all(h["Locations"] for h in history["value"])


# -- values ---------------------------------------------------------------------------------------


def test_one_value_by_the_collection_or_below_its_datastream(client, token):
    send(client, "Things", THING, token)
    stream = Datastream.objects.get()
    body = {"result": 0.8, "phenomenonTime": "2026-11-20T01:00:00Z",
            "Datastream": {"@iot.id": stream.pk}}  # fmt: skip
    first = send(client, "Observations", body, token)
    assert first.status_code == 201, first.content
    assert client.get(first["Location"]).json()["result"] == 0.8
    again = send(client, "Observations", body, token)
    assert (again.status_code, again["Location"]) == (201, first["Location"])
    other = send(client, "Observations", {**body, "result": 0.9}, token)
    assert (other.status_code, other.json()["type"]) == (409, "conflict")
    del body["Datastream"]
    body["phenomenonTime"] = "2026-11-20T02:00:00.250Z/2026-11-20T03:00:00Z"
    below = send(client, f"Datastreams({stream.pk})/Observations", body, token)
    assert below.json()["phenomenonTime"] == "2026-11-20T02:00:00.250000Z"
    unquoted = below["Location"].replace("'", "")
    assert client.get(unquoted).json()["@iot.id"] == below.json()["@iot.id"]


def test_data_arrays_answer_every_row(client, token):
    send(client, "Things", THING, token)
    stream = Datastream.objects.get()
    rows = [
        ["2026-11-20T01:00:00Z", 0.8], ["2026-11-20T02:00:00Z", "high"],
        ["2026-11-20T03:00:00", 0.9], ["2026-11-20T04:00:00Z", -999], [1],
        ["2026-11-20T05:00:00+07:00", 77], ["2026-11-20T01:00:00Z", 0.8],
        ["2026-11-20T01:00:00Z", 0.9],
    ]  # fmt: skip
    body = [
        {"Datastream": {"@iot.id": stream.pk}, "components": ["phenomenonTime", "result"],
         "dataArray@iot.count": 8, "dataArray": rows},
        {"Datastream": {"@iot.id": NONE}, "components": ["phenomenonTime", "result"],
         "dataArray": [["2026-11-20T01:00:00Z", 1]]},
    ]  # fmt: skip
    answer = send(client, "CreateObservations", body, token)
    assert answer.status_code == 201, answer.content
    found = answer.json()
    wrong = [n for n, link in enumerate(found) if link.startswith("error")]
    assert wrong == [1, 2, 4, 7, 8]
    assert "result must be a number" in found[1]
    assert "offset" in found[2]
    assert "another value is held" in found[7]
    assert f"Datastream {NONE} does not exist" in found[8]
    assert client.get(found[0]).json()["result"] == 0.8
    assert client.get(found[3]).json()["resultQuality"]["flag"] == 9
    assert client.get(found[5]).json()["resultQuality"] == {"flag": 4, "note": "out-of-range"}
    assert RefusedRow.objects.count() == 5  # nothing is lost


@pytest.mark.parametrize(
    ("role", "rights", "status"),
    [
        (None, None, 401), ("citizen", [], 403), ("citizen", ["environment.add_observation"], 403),
        ("citizen", ["environment.add_sensor", "environment.add_observation"], 201),
        ("planner", [], 403), ("administrator", [], 201),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_who_may_register_a_station(client, role, rights, status):
    key = None
    if role:
        key = make_token(user=User.objects.create_user("u", role=role), name="k",
                         permissions=rights)  # fmt: skip
    assert send(client, "Things", THING, key).status_code == status
    assert send(client, "CreateObservations", [], key).status_code == (
        status if role is None or not rights else 201
    )


@pytest.mark.django_db
def test_a_session_writes_nothing(client):
    client.force_login(User.objects.create_user("a", role="administrator"))
    assert send(client, "Things", THING, None).status_code == 401


def test_values_are_neither_changed_nor_deleted(client, token):
    admin = make_token(user=User.objects.create_user("a", role="administrator"), name="a")
    send(client, "Things", THING, token)
    link = get(client, "Observations")["value"][0]["@iot.selfLink"].split("/v1.1/")[1]
    assert send(client, link, {"result": 3}, admin, "patch").status_code == 405
    assert send(client, link, "", admin, "delete").status_code == 405
    thing = Sensor.objects.get()
    assert send(client, f"Things({thing.pk})", "", admin, "delete").status_code == 409
    changed = {"description": "moved", "properties": {"owner": "province"}}
    assert send(client, f"Things({thing.pk})", changed, token, "patch").status_code == 403
    assert send(client, f"Things({thing.pk})", changed, admin, "patch").status_code == 200
    assert get(client, f"Things({thing.pk})/properties")["properties"]["owner"] == "province"
    assert send(client, f"Things({thing.pk})", {"name": 1}, admin, "patch").status_code == 400


# -- reading --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_root_names_eight_collections_that_all_answer(client):
    flood()
    root = get(client, "")
    assert len(root["value"]) == 8
    assert any("data-array" in c for c in root["serverSettings"]["conformance"])
    for item in root["value"]:
        found = client.get(item["url"]).json()
        assert "value" in found
        for entity in found["value"][:2]:
            assert client.get(entity["@iot.selfLink"]).json()["@iot.id"] == entity["@iot.id"]
            for name, link in entity.items():
                if name.endswith("navigationLink"):
                    assert client.get(link).status_code in (200, 404)


@pytest.mark.django_db
def test_pages_follow_each_other_without_hole_or_doubling(client):
    flood()
    url, seen, pages = f"{BASE}/Observations?$top=7&$count=true&$orderby=phenomenonTime desc", [], 0
    while url:
        page = client.get(url).json()
        assert page["@iot.count"] == 30
        seen += [o["phenomenonTime"] for o in page["value"]]
        url, pages = page.get("@iot.nextLink"), pages + 1
    assert pages == 5
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 30
    assert "@iot.nextLink" not in client.get(f"{BASE}/Observations?$top=30").json()
    assert get(client, "Observations?$top=0&$count=true") == {
        "@iot.count": 30, "value": [],
    }  # fmt: skip


FILTERS = [
    ("Observations", "result gt 1.5", 9),
    ("Observations", "result ge 1.5 and result lt 1.6", 2),
    ("Observations", "not (result gt 0.5)", 1),
    ("Observations", "result mul 2 add 1 gt 3", 19),
    ("Observations", "phenomenonTime ge 2025-11-21T12:00:00Z", 1),
    ("Observations", "phenomenonTime ge 2025-11-21T19:00:00+07:00", 1),
    ("Observations", "hour(phenomenonTime) eq 12", 2),
    ("Observations", "Datastream/Thing/name eq 'Kim Long'", 30),
    ("Observations", "Datastream/ObservedProperty/properties/code ne 'water_level'", 0),
    ("Observations", "resultQuality/flag in (3, 4)", 0),
    ("Observations", "result eq null", 0),
    ("Observations", "Datastream/@iot.id gt 0", 30),
    ("Things", "startswith(name,'Kim') or endswith(name,'x')", 1),
    ("Things", "substringof('long', tolower(name))", 1),
    ("Things", "properties/kind eq 'river'", 2),
    ("Things", "properties/owner eq 'city'", 0),
    ("Things", "Datastreams/ObservedProperty/properties/code eq 'water_level'", 1),
    ("Things", "st_within(Locations/location, geography'POLYGON((9 9,108 9,108 17,9 17,9 9))')",
     2),
    ("Locations", "geo.distance(location, geography'POINT(107.558 16.4678)') lt 0.001", 1),
    ("Datastreams", "unitOfMeasurement/symbol eq 'm' and length(unitOfMeasurement/symbol) eq 1", 1),
]  # fmt: skip


@pytest.mark.django_db
def test_filters_answer_what_they_say(client):
    flood()
    make_sensor("71518", "Phú Ốc", lon=107.47, lat=16.53)
    for path, text, count in FILTERS:
        found = client.get(f"{BASE}/{path}", {"$filter": text, "$count": "true"})
        assert found.status_code == 200, (text, found.content)
        assert found.json()["@iot.count"] == count, text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"$filter": "result gt 'x'"}, "is a number, 'x' is text"),
        ({"$filter": "vibes gt 1"}, "'vibes' is no property of Observations; there are"),
        ({"$filter": "result gt"}, "missing"),
        ({"$filter": "result gt 1 1"}, "one word too many"),
        ({"$filter": "result; DROP TABLE x"}, "cannot be read at"),
        ({"$filter": "phenomenonTime gt 2025-11-17T00:00:00"}, "needs an offset"),
        ({"$filter": "result"}, "needs a condition"),
        ({"$filter": "(" * 60 + "1"}, "nested deeper"),
        ({"$filter": "frobnicate(result)"}, "not a function"),
        ({"$orderby": "result up"}, "neither with asc"),
        ({"$orderby": "vibes"}, "no property"),
        ({"$select": "vibes"}, "there are"),
        ({"$expand": "Things"}, "none of Observations"),
        ({"$expand": "Datastream($top=1"}, "do not match"),
        ({"$top": "-1"}, "whole number"),
        ({"$skip": "9999999"}, "at most"),
        ({"$vibes": "1"}, "$vibes is not known"),
        ({"$count": "maybe"}, "true or false"),
        ({"$expand": "Datastream/Thing/Datastreams/Thing/Datastreams/Thing"}, "deeper"),
    ],
)
@pytest.mark.django_db
def test_a_wrong_question_is_told_what_is_wrong(client, query, words):
    answer = client.get(f"{BASE}/Observations", query)
    assert answer.status_code == 400, answer.content
    assert words in answer.json()["message"]


@settings(max_examples=150, deadline=None)
@given(st.text("abc()',/ geqno1.2-;$@iT:Z", max_size=40) | st.text(max_size=30))
def test_no_filter_breaks_the_reader(text):
    for name in ("Observation", "Thing"):
        try:
            read(BY_NAME[name], {"$filter": text, "$expand": text, "$orderby": text})
        except Fault as fault:
            assert fault.status == 400


@pytest.mark.django_db
def test_expansions_are_nested_ordered_and_bounded(client, django_assert_max_num_queries):
    flood()
    flood("71518", name="Phú Ốc", lon=107.47, lat=16.53)
    url = (f"{BASE}/Things?$select=name&$orderby=name&$expand=Locations($select=location),"
           "Datastreams($expand=ObservedProperty,Observations($top=2;$orderby=phenomenonTime desc;"
           "$filter=result lt 1.9;$count=true))")  # fmt: skip
    with django_assert_max_num_queries(40):
        found = client.get(url).json()["value"]
    assert [t["name"] for t in found] == ["Kim Long", "Phú Ốc"]
    assert found[0]["Locations"][0]["location"]["type"] == "Point"
    (stream,) = found[0]["Datastreams"]
    assert stream["ObservedProperty"]["name"] == "Water level"
    assert stream["Observations@iot.count"] == 28
    assert [round(o["result"], 2) for o in stream["Observations"]] == [1.85, 1.8]
    rest = client.get(stream["Observations@iot.nextLink"]).json()
    assert rest["value"]
    deep = get(client, "Observations?$top=1&$expand=Datastream/Thing/Locations,FeatureOfInterest")
    first = deep["value"][0]
    assert first["Datastream"]["Thing"]["Locations"][0]["location"]["type"] == "Point"
    assert first["FeatureOfInterest"]["feature"]["type"] == "Point"


@pytest.mark.django_db
def test_paths_lead_to_properties_and_neighbours(client):
    sensor = flood()
    stream = sensor.datastreams.get()
    assert get(client, f"Things({sensor.pk})/name") == {"name": "Kim Long"}
    assert client.get(f"{BASE}/Things({sensor.pk})/name/$value").content.decode() == "Kim Long"
    assert client.get(f"{BASE}/Things/$count").content == b"1"
    assert get(client, f"Datastreams({stream.pk})/Thing")["@iot.id"] == sensor.pk
    assert get(client, f"Things({sensor.pk})/Datastreams({stream.pk})/unitOfMeasurement/symbol")
    links = get(client, f"Things({sensor.pk})/Datastreams/$ref")["value"]
    assert list(links[0]) == ["@iot.selfLink"]
    array = get(client, f"Datastreams({stream.pk})/Observations?$resultFormat=dataArray&$top=5")
    assert len(array["value"][0]["dataArray"]) == 5
    none = f"Things({NONE})"
    for path in ("Boats", none, "Things('x')", "Things(1)/Vibes", "Observations('1-x')"):
        answer = client.get(f"{BASE}/{path}")
        assert answer.status_code == 404
        assert answer.json()["message"]


@pytest.mark.django_db
def test_the_public_sees_no_station_that_is_not_public(client):
    sensor = flood(public=False)
    stream = sensor.datastreams.get()
    for name in ("Things", "Locations", "HistoricalLocations", "Datastreams", "Observations",
                 "FeaturesOfInterest"):  # fmt: skip
        assert get(client, name)["value"] == []
    assert client.get(f"{BASE}/Datastreams({stream.pk})/Observations").status_code == 404
    client.force_login(User.objects.create_user("o", role="operator"))
    assert len(get(client, "Observations")["value"]) == 30
    assert len(get(client, "ObservedProperties?$expand=Datastreams")["value"][0]["Datastreams"])


@given(st.integers(1, 10**6), st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)))
def test_an_observation_is_found_by_its_id(stream, at):
    at = at.replace(tzinfo=UTC)
    assert observation_key(observation_id(stream, at)) == (stream, at)
    assert observation_key(observation_id(stream, at + timedelta(microseconds=1))) != (stream, at)
