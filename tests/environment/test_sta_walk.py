"""SensorThings as a stranger asks: each function, each page, odd numbers and hidden stations."""

import pytest

from environment.models import Datastream, ObservedProperty, Place, RefusedRow
from tests.environment.factories import make_sensor
from tests.environment.test_sta import BASE, NONE, THING, flood, get, send

SQUARE = "geography'POLYGON((107 16,108 16,108 17,107 17,107 16))'"
# Of `flood()`: 30 hours of 0.5, 0.55 … 1.95 until 2025-11-21T12:00Z.
FILTERS = [
    ("Observations", "result mod 100 eq result", 30),
    ("Observations", "result mod 0 eq 0", 0),
    ("Observations", "date(phenomenonTime) eq 2025-11-21", 13),
    ("Observations", "date(phenomenonTime) lt date(now())", 30),
    ("Observations", "time(phenomenonTime) ge 12:00:00 and time(phenomenonTime) lt 13:00", 2),
    ("Observations", "fractionalseconds(phenomenonTime) eq 0", 30),
    ("Observations", "totaloffsetminutes(phenomenonTime) eq 0", 30),
    ("Observations", "phenomenonTime gt mindatetime() and phenomenonTime lt maxdatetime()", 30),
    ("Observations", "phenomenonTime ge 2025-11-21T19:00:00 07:00", 1),  # a + nobody escaped
    ("Observations", f"st_within(FeatureOfInterest/feature,{SQUARE})", 30),
    ("Things", "substring(name,1) eq 'im Long'", 1),
    ("Things", "substring(name,1,2) eq 'im'", 1),
    ("Things", "Datastreams/Observations/result gt 1.9", 1),
    ("Datastreams", "Observations/result gt 5", 0),
    ("Datastreams", "endswith(observationType,'OM_Measurement')", 1),
    ("Datastreams", "unitOfMeasurement/definition eq 'm'", 1),
    ("Locations", "encodingType eq 'application/geo+json'", 1),
    ("Locations", "geo.length(location) eq 0", 1),
    ("Locations", "geo.length(geography'LINESTRING(0 0,3 4)') eq 5", 1),
    ("Locations", f"st_relate(location,{SQUARE},'T*F**F***')", 1),
    ("Locations", f"st_relate({SQUARE},location,'T*F**F***')", 0),
]


@pytest.mark.django_db
def test_every_function_of_the_standard_answers(client):
    flood()
    for path, text, count in FILTERS:
        found = client.get(f"{BASE}/{path}", {"$filter": text, "$count": "true"})
        assert found.status_code == 200, (text, found.content[:300])
        assert found.json()["@iot.count"] == count, text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Observations", "result mul 1e308 mul 1e308 gt 1"),
        ("Observations", "resultQuality/flag add 9223372036854775807 gt 0"),
        ("Things", "name eq '\x00'"),
        ("Things", "substring(name,1,-5) eq 'x'"),
        ("Things", "substring(name) eq 'x'"),
        ("Observations", "time(phenomenonTime) gt 25:00:00"),
        ("Observations", "time(phenomenonTime) gt phenomenonTime"),
        ("Locations", f"st_relate(location,{SQUARE},'no matrix')"),
        ("Locations", "geo.length(name) gt 0"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_reckoned_is_refused(client, path, text):
    flood()
    answer = client.get(f"{BASE}/{path}", {"$filter": text})
    assert answer.status_code == 400, answer.content[:300]
    assert answer.json()["message"]


@pytest.mark.django_db
def test_the_next_page_of_an_expansion_asks_the_same_question(client):
    sensor = flood()
    url = (f"{BASE}/Things({sensor.pk})?$expand=Datastreams($expand=Observations($top=4;"
           "$orderby=result desc;$filter=result lt 1.6;$select=result;$count=true))")  # fmt: skip
    page = client.get(url).json()["Datastreams"][0]
    seen = page["Observations"]
    link = page["Observations@iot.nextLink"]
    while link:
        answer = client.get(link).json()
        assert answer["@iot.count"] == page["Observations@iot.count"]
        assert all(list(o) == ["result"] for o in answer["value"])
        seen += answer["value"]
        link = answer.get("@iot.nextLink")
    values = [o["result"] for o in seen]
    assert len(values) == page["Observations@iot.count"]
    assert values == sorted(values, reverse=True)
    assert max(values) < 1.6


@pytest.mark.django_db
def test_a_thing_of_two_series_is_counted_and_listed_once(client, token):
    send(client, "Things", THING, token)
    rain = {
        **THING["Datastreams"][0],
        "name": "Rain",
        "Observations": [],
        "unitOfMeasurement": {"symbol": "mm"},
        "ObservedProperty": {"name": "rain"},
    }
    sensor = Place.objects.get().sensor
    assert send(client, f"Things({sensor.pk})/Datastreams", rain, token).status_code == 201
    query = {"$filter": "Datastreams/name ne 'x'"}
    assert client.get(f"{BASE}/Things/$count", query).content == b"1"
    answer = client.get(f"{BASE}/Things", {"$orderby": "Datastreams/name"})
    assert answer.status_code == 400  # by which of them?
    assert get(client, f"Things({sensor.pk})/$ref")["@iot.selfLink"].endswith(f"({sensor.pk})")
    for path in ("Locations?$orderby=encodingType", "Datastreams?$orderby=observationType desc"):
        assert get(client, path)["value"]


@pytest.mark.django_db
def test_no_filter_reads_a_hidden_station(client):
    """Who may not see a station cannot guess its name letter by letter either."""
    flood(name="Trạm kín", public=False)
    assert ObservedProperty.objects.exists()
    query = {"$filter": "startswith(Datastreams/Thing/name,'Tr')"}
    for path in ("ObservedProperties", "Sensors"):
        assert client.get(f"{BASE}/{path}", query).json()["value"] == []
        assert client.get(f"{BASE}/{path}/$count", query).content == b"0"
    make_sensor("71518", "Trạm mở")
    assert client.get(f"{BASE}/ObservedProperties", query).json()["value"] == []


@pytest.mark.django_db
def test_what_a_location_says_of_itself_is_kept(client, token):
    send(client, "Things", THING, token)
    place = get(client, "Locations")["value"][0]
    assert (place["name"], place["description"]) == ("Dã Viên", "left bank")


@pytest.mark.django_db
def test_data_arrays_are_read_before_a_row_is_kept(client, token):
    send(client, "Things", THING, token)
    stream = Datastream.objects.get()
    names = ["phenomenonTime", "result"]
    good = {"Datastream": {"@iot.id": stream.pk}, "components": names,
            "dataArray": [["2026-11-20T01:00:00Z", 0.8]]}  # fmt: skip
    assert send(client, "CreateObservations", [good, 7], token).status_code == 400
    assert get(client, "Observations?$top=0&$count=true")["@iot.count"] == 1
    lost = {**good, "Datastream": {"@iot.id": NONE}}
    for _again in range(2):
        answer = send(client, "CreateObservations", [lost, good], token)
        assert answer.status_code == 201
        assert answer.json()[0] == f"error: Datastream {NONE} does not exist."
    row = RefusedRow.objects.get()
    assert row.code == "unknown"
    assert "0.8" in row.raw
    assert get(client, "Observations?$top=0&$count=true")["@iot.count"] == 2


@pytest.mark.parametrize("odd", ["\x00", "\ud800"])
@pytest.mark.django_db
def test_a_character_that_cannot_be_kept_is_refused(client, token, odd):
    body = {**THING, "properties": {"code": "dv-1", "owner": odd}}
    answer = send(client, "Things", body, token)
    assert answer.status_code == 400, answer.content[:300]
    answer = send(client, "Things", {**THING, "name": f"x{odd}"}, token)
    assert answer.status_code == 400, answer.content[:300]
    assert get(client, "Things")["value"] == []
