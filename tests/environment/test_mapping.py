"""Providers' files by a mapping that is kept and tried first."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from environment.ingest import command
from environment.ingest import mapping as maps
from environment.ingest.formats import BadRow, UnreadableFile
from environment.models import Observation, Provider
from geo.errors import Refused
from ioc.accounts.models import User
from tests.environment.factories import make_sensor

pytestmark = pytest.mark.django_db
BASE = "/api/v1/environment"
WIDE = {
    "station": "Trạm", "date": "Ngày", "clock": "Giờ", "format": "%d/%m/%Y %H:%M",
    "zone": "Asia/Ho_Chi_Minh", "delimiter": ";", "decimal": ",",
    "columns": {"Mực nước (cm)": {"parameter": "water_level", "unit": "cm"}, "Mưa": "rain"},
    "stations": {"KL": "71520"},
}  # fmt: skip
FILE = (
    "Trạm;Ngày;Giờ;Mực nước (cm);Mưa\n"
    "KL;17/11/2025;02:00;211,5;3,5\n"
    "KL;17/11/2025;03:00;cao;\n"
    "KL;2025-11-17;04:00;1;1\n"
    "XX;17/11/2025;05:00;210;\n"
    "KL;17/11/2025;06:00\n"
)


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def rows(text, given):
    return list(maps.rows_of(io.StringIO(text), "a.csv", maps.mapping_of(given)))


def test_columns_units_zone_commas_and_names_are_read_as_kept():
    found = rows(FILE, WIDE)
    first = found[0]
    assert (first.station, first.parameter, first.value, first.unit) == (
        "71520", "water_level", "211.5", "cm",
    )  # fmt: skip
    assert first.at == datetime(2025, 11, 16, 19, tzinfo=UTC)
    assert [r.code for r in found if isinstance(r, BadRow)] == ["bad-time", "columns"]


def test_a_column_that_says_utc_may_be_local():
    given = {"station_code": "71520", "time": "time_utc", "zone": "Asia/Ho_Chi_Minh",
             "columns": {"h": "water_level"}}  # fmt: skip
    text = "time_utc,h\n2025-11-17T02:00:00Z,2.1\n"
    assert rows(text, given)[0].at == datetime(2025, 11, 17, 2, tzinfo=UTC)
    assert rows(text, {**given, "zone_wins": True})[0].at == datetime(2025, 11, 16, 19, tzinfo=UTC)


def test_a_long_file_with_names_of_its_own():
    given = {"station": "tram", "time": "t", "parameter": "p", "value": "v", "unit": "u",
             "parameters": {"H": "water_level"}}  # fmt: skip
    (found,) = rows("tram,t,p,v,u\n71520,2025-11-17 02:00,H,2.1,m\n", given)
    assert (found.parameter, found.value, found.unit) == ("water_level", "2.1", "m")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"zone": "Mars/Olympus"}, "no time zone"),
        ({"columns": {"RH": {"parameter": "hum", "unit": "µg/m³"}}}, "expected %"),
        ({"columns": {"x": "vibes"}}, "no parameter"),
        ({"columns": {}}, "Name either columns"),
        ({"vibes": 1}, "not part of a mapping"),
        ({"station": 7}, "wrong type"),
        ({"station": ""}, "station_code"),
        ({"date": ""}, "time"),
        ({"decimal": "x"}, "decimal"),
        ({"delimiter": "ab"}, "delimiter"),
    ],
)
def test_a_wrong_mapping_is_named(change, words):
    with pytest.raises(Refused, match=words):
        maps.mapping_of({**WIDE, **change})


def test_missing_columns_are_named():
    with pytest.raises(UnreadableFile, match="expected columns .*found a, b"):
        rows("a,b\n1,2\n", {**WIDE, "delimiter": ","})


def test_a_kept_mapping_reads_a_file_on_the_command_line(tmp_path):
    make_sensor()
    Provider.objects.create(code="kttv", name="Đài KTTV", mapping=WIDE)
    path = tmp_path / "a.csv"
    path.write_text(FILE, encoding="utf-8")
    out = io.StringIO()
    assert command.run(str(path), stdout=out, provider="kttv") == 0
    assert "2 taken" in out.getvalue()
    assert Observation.objects.filter(value=2.115, raw="211.5", raw_unit="cm").exists()
    assert command.run(str(path), stdout=out, provider="none") == 2
    assert "there are: kttv" in out.getvalue()


@pytest.fixture
def admin(client):
    client.force_login(User.objects.create_user("a", role="administrator"))
    return client


def upload(client, path, **fields):
    file = SimpleUploadedFile("a.csv", FILE.encode())
    return client.post(f"{BASE}/{path}", {"file": file, **fields})


def test_a_mapping_is_tried_before_use_and_then_takes_the_file(admin):
    make_sensor()
    tried = upload(admin, "mappings/try", mapping=json.dumps(WIDE)).json()
    assert (tried["rows"], tried["accepted"]) == (6, 2)
    assert tried["first"][0]["value"] == 2.115
    assert any("XX" in reason for reason in tried["reasons"])
    assert not Observation.objects.exists()
    body = {"name": "Đài KTTV", "mapping": WIDE}
    kept = admin.put(f"{BASE}/providers/kttv", body, content_type="application/json")
    assert kept.status_code == 200, kept.content
    sent = upload(admin, "providers/kttv/file").json()
    assert (sent["accepted"], sent["refused"]) == (2, 4)
    assert upload(admin, "providers/kttv/file").json()["duplicate"] == 2
    wrong = {"name": "x", "mapping": {**WIDE, "zone": "x"}}
    answer = admin.put(f"{BASE}/providers/kttv", wrong, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad-mapping")


@pytest.mark.parametrize(
    ("role", "status"),
    [(None, 401), ("citizen", 403), ("planner", 403), ("operator", 403), ("administrator", 200)],
)
def test_who_may_see_and_try_mappings(client, role, status):
    if role:
        client.force_login(User.objects.create_user("u", role=role))
    assert client.get(f"{BASE}/providers").status_code == status
    answer = upload(client, "mappings/try", mapping=json.dumps(WIDE))
    assert answer.status_code == status
    body = {"name": "x", "mapping": WIDE}
    put = client.put(f"{BASE}/providers/x", body, content_type="application/json")
    assert put.status_code == status
    sending = {None: 401, "citizen": 403, "planner": 403}.get(role, 404)
    assert upload(client, "providers/none/file").status_code == sending
