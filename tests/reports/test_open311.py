"""GeoReport v2: the standard's shapes, public knowledge alone, and two client libraries."""

import itertools
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ioc.accounts.models import Agency, ApiToken, User, digest
from ioc.reports.models import Category, Photo, Report, Reporter, ReportEvent
from ioc.reports.open311 import wire
from tests.local_server import local_server
from tests.reports.factories import HERE, make_category, make_photo, make_report

API = "/open311/v2"
QUESTIONS = [
    {
        "code": "SIZE",
        "datatype": "singlevaluelist",
        "required": True,
        "description": {"vi": "Lớn bao nhiêu?", "en": "How large?"},
        "values": [
            {"key": "s", "name": {"vi": "Nhỏ", "en": "Small"}},
            {"key": "l", "name": {"vi": "Lớn", "en": "Large"}},
        ],
    },
    {"code": "DEPTH", "datatype": "number", "description": {"vi": "Sâu, cm", "en": "Depth, cm"}},
]


@pytest.fixture
def key(city: Any) -> str:
    token = ApiToken.new_key()
    user = User.objects.create_user("software", role="citizen")
    ApiToken.objects.create(
        user=user, hash=digest(token), hint="x", permissions=["reports.add_report"]
    )
    return token


def post(client: Client, key: str, form: str = "json", **fields: Any) -> Any:
    values = {
        "api_key": key,
        "service_code": "hygiene",
        "lat": HERE[1],
        "long": HERE[0],
        "description": "Rác <b>&amp; chuột",
    }
    given = {name: value for name, value in (values | fields).items() if value is not None}
    return client.post(f"{API}/requests.{form}", given)


def get(client: Client, path: str, **query: Any) -> Any:
    response = client.get(f"{API}/{path}", query)
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.django_db
def test_discovery_and_services_in_both_forms(city: Any, client: Client) -> None:
    make_category("road", name_vi="Đường", name_en="Roads", attributes=QUESTIONS, keywords=["hố"])
    make_category("old", name_vi="Cũ", name_en="Old", active=False)
    said = get(client, "discovery.json")
    (endpoint,) = said["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert set(endpoint["formats"]) == {"text/xml", "application/json"}
    by_code = {one["service_code"]: one for one in get(client, "services.json")}
    assert set(by_code) == {"hygiene", "road"}
    assert (by_code["road"]["metadata"], by_code["road"]["keywords"]) == (True, "hố")
    root = ElementTree.fromstring(client.get(f"{API}/services.xml").content)
    assert root.tag == "services"
    assert {one.findtext("metadata") for one in root.findall("service")} == {"true", "false"}
    definition = get(client, "services/road.json")
    assert [one["datatype"] for one in definition["attributes"]] == ["singlevaluelist", "number"]
    english = client.get(f"{API}/services/road.xml", headers={"Accept-Language": "en"})
    root = ElementTree.fromstring(english.content)
    assert root.findtext("attributes/attribute/values/value/name") == "Small"
    assert root.findtext("attributes/attribute/required") == "true"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("services/none", {}, 404), ("requests/HUE-2222-22", {}, 404), ("requests/x", {}, 404),
        ("tokens/x", {}, 404), ("nothing/here", {}, 404), ("requests", {"status": "maybe"}, 400),
        ("requests", {"page": "0"}, 400), ("requests", {"page": "101"}, 400),
        ("requests", {"page_size": "x"}, 400), ("requests", {"start_date": "soon"}, 400),
        ("requests", {"start_date": "2026-01-01", "end_date": "2026-09-01"}, 400),
        ("requests", {"start_date": "0001-01-01T00:00:00+14:00"}, 200),
        ("requests", {"bbox": "1,2,3"}, 400), ("requests", {"lat": "nan", "long": "1"}, 400),
        ("requests", {"lat": "16.4"}, 400), ("services", {"jurisdiction_id": "boston"}, 404),
        ("services", {"jurisdiction_id": "hue"}, 200), ("requests", {"page": "²"}, 400),
        ("requests", {"service_request_id": ",".join(["x"] * 101)}, 400),
        ("requests", {"service_code": "a\x00b"}, 200),
    ],
)  # fmt: skip
def test_errors_have_the_standards_shape_in_both_forms(
    city: Any, client: Client, path: str, query: dict[str, str], status: int
) -> None:
    answer = client.get(f"{API}/{path}.json", query)
    assert answer.status_code == status, answer.content
    xml = client.get(f"{API}/{path}.xml", query)
    assert (xml.status_code, xml["Content-Type"]) == (status, "text/xml; charset=utf-8")
    root = ElementTree.fromstring(xml.content)
    if status != 200:
        assert answer.json()[0]["code"] == status
        assert answer.json()[0]["description"]
        assert root.findtext("error/code") == str(status)


@pytest.mark.django_db
def test_the_form_follows_the_ending_then_the_query_then_accept(city: Any, client: Client) -> None:
    def kind(path: str, **headers: str) -> str:
        return client.get(f"{API}/{path}", headers=headers)["Content-Type"].partition(";")[0]

    assert kind("services") == "text/xml"
    assert kind("services", Accept="application/json") == "application/json"
    assert kind("services", Accept="text/xml,application/json") == "text/xml"
    assert kind("services?format=json", Accept="text/xml") == "application/json"
    assert kind("services.xml?format=json", Accept="application/json") == "text/xml"
    assert client.get(f"{API}/services.html").status_code == 404
    assert client.put(f"{API}/services.json").status_code == 405


@pytest.mark.django_db
def test_a_posted_request_is_a_report_like_any_other(key: str, client: Client) -> None:
    photo = SimpleUploadedFile("a.jpg", make_photo(), "image/jpeg")
    answer = post(client, key, media=photo, email="lan@example.org", first_name="Lan")
    assert answer.status_code == 201, answer.content
    report = Report.objects.get(code=answer.json()[0]["service_request_id"])
    assert (report.words, report.source) == ("Rác <b>&amp; chuột", "open311")
    assert Reporter.objects.get(report=report).email == "lan@example.org"
    assert report.photos.count() == 1
    xml = post(client, key, "xml", client_key="7")
    code = ElementTree.fromstring(xml.content).findtext("request/service_request_id")
    again = post(client, key, client_key="7")
    assert (again.status_code, again.json()[0]["service_request_id"]) == (200, code)
    header = client.post(
        f"{API}/requests.json",
        {"api_key": key, "service_code": "hygiene", "lat": HERE[1], "long": HERE[0]},
        headers={"Idempotency-Key": "7"},
    )
    assert header.json()[0]["service_request_id"] == code
    assert Report.objects.count() == 2


@pytest.mark.django_db
def test_what_cannot_be_taken_is_refused_in_clear_words(
    key: str, client: Client, settings: Any
) -> None:
    make_category("road", attributes=QUESTIONS)
    citizen = User.objects.create_user("c")
    weak = ApiToken.new_key()
    ApiToken.objects.create(user=citizen, hash=digest(weak), hint="x")
    cases: list[tuple[dict[str, Any], int]] = [
        ({"api_key": None}, 403), ({"api_key": "x"}, 403), ({"api_key": weak}, 403),
        ({"service_code": "none"}, 404), ({"service_code": None}, 400), ({"lat": None}, 400),
        ({"lat": "x"}, 400), ({"lat": "nan"}, 400), ({"lat": 0, "long": 0}, 400),
        ({"description": "x" * 10_000}, 400), ({"email": "x"}, 400), ({"media": "x"}, 201),
        ({"jurisdiction_id": "boston"}, 404), ({"service_code": "road"}, 400),
        ({"service_code": "road", "attribute[SIZE]": "xl"}, 400),
        ({"service_code": "road", "attribute[SIZE]": "s", "attribute[DEPTH]": "deep"}, 400),
        ({"service_code": "road", "attribute[SIZE]": "s", "attribute[DEPTH]": "12"}, 201),
        ({"media": SimpleUploadedFile("a.jpg", b"no picture", "image/jpeg")}, 400),
    ]  # fmt: skip
    for fields, status in cases:
        answer = post(client, key, **fields)
        assert answer.status_code == status, (fields, answer.content)
        if status != 201:
            assert answer.json()[0]["code"] == status and answer.json()[0]["description"]
    assert Report.objects.get(category="road").attributes == {"SIZE": "s", "DEPTH": 12.0}
    broken = client.post(
        f"{API}/requests.json", b"x", content_type="multipart/form-data; boundary=é"
    )
    assert broken.status_code in (400, 403)
    settings.IOC_OPEN311_PER_HOUR = 1
    assert [post(client, key).status_code for _ in range(2)][-1] == 429


@pytest.mark.django_db
def test_a_picture_elsewhere_is_fetched_only_where_the_guard_lets_it(
    key: str, client: Client, settings: Any
) -> None:
    def picture(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(make_photo())
        handler.close_connection = True

    with local_server() as server:
        server.answers = [picture]
        answer = post(client, key, media_url=server.url("/a.jpg"))
        assert answer.status_code == 201
        assert "media_url" in answer.json()[0]["service_notice"]
        assert server.heard == []
        settings.IOC_OUTGOING_NETWORKS, settings.IOC_OUTGOING_HTTP = ["127.0.0.0/8"], True
        answer = post(client, key, media_url=server.url("/a.jpg"))
        assert answer.json()[0]["service_notice"] is None
    code = answer.json()[0]["service_request_id"]
    assert Report.objects.get(code=code).photos.count() == 1


@pytest.fixture
def known(city: Any) -> Report:
    report = make_report(words="Ông Nam, 0905 123 456", photos=(make_photo(),), email="l@e.org")
    report.agency = Agency.objects.create(code="env", name_vi="Môi trường", name_en="Environment")
    report.save()
    return report


@pytest.mark.django_db
def test_one_request_tells_what_is_public_at_both_addresses(known: Report, client: Client) -> None:
    for path in ("request", "requests"):
        (said,) = get(client, f"{path}/{known.code}.json")
    assert said["service_request_id"] == known.code
    assert (said["long"], said["lat"]) == pytest.approx(known.geom_public.coords, abs=1e-6)
    assert (said["status"], said["description"], said["media_url"]) == ("open", "", None)
    assert said["agency_responsible"] == "Môi trường"
    assert said["address"] == "Thuận Hóa"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", said["requested_datetime"])
    text = client.get(f"{API}/requests/{known.code}.xml").content.decode()
    for secret in ("Nam", "0905", "l@e.org", str(HERE[1])):
        assert secret not in text
    Report.objects.filter(pk=known.pk).update(
        words_public="Rác <đổ> bừa & hôi\x0b", state="resolved", closed_at=timezone.now()
    )
    Photo.objects.update(published=True)
    seq = known.events.count()
    ReportEvent.objects.create(
        report=known, seq=seq + 1, kind="resolve", state="resolved", public_words="Đã dọn]]>"
    )
    ReportEvent.objects.create(
        report=known, seq=seq + 2, kind="note", state="resolved", public=False, public_words="Kín"
    )
    (said,) = get(client, f"requests/{known.code}.json")
    assert (said["status"], said["status_notes"]) == ("closed", "Đã dọn]]>")
    assert said["media_url"].endswith(f"{known.photos.get().name}/photo.jpg")
    root = ElementTree.fromstring(client.get(f"{API}/requests/{known.code}.xml").content)
    assert root.findtext("request/description") == "Rác <đổ> bừa & hôi\ufffd"
    assert root.findtext("request/status_notes") == "Đã dọn]]>"
    token = get(client, f"tokens/{known.code}.json")
    assert token == [{"token": known.code, "service_request_id": known.code}]
    Report.objects.filter(pk=known.pk).update(on_map=False)
    assert client.get(f"{API}/requests/{known.code}.json").status_code == 404
    assert client.get(f"{API}/tokens/{known.code}.json").status_code == 404
    assert get(client, "requests.json") == []
    assert get(client, "requests.json", service_request_id=known.code) == []


@pytest.mark.django_db
def test_a_question_to_the_sender_is_nobody_elses(known: Report, client: Client) -> None:
    waiting = "waiting_for_reporter"
    Report.objects.filter(pk=known.pk).update(state=waiting)
    ReportEvent.objects.create(
        report=known, seq=known.events.count() + 1, kind="ask_reporter", state=waiting, public=True,
        public_words="Nhà ông Nam số mấy?",
    )  # fmt: skip
    (said,) = get(client, f"requests/{known.code}.json")
    assert said["status_notes"] == "Chờ người gửi"


@pytest.mark.django_db
def test_lists_are_filtered_and_paged(
    city: Any, client: Client, django_assert_max_num_queries: Any
) -> None:
    make_category("road", name_en="Roads")
    now = timezone.now()
    rows = [make_report(category="road" if n % 2 else "hygiene") for n in range(6)]
    for n, row in enumerate(rows):
        Report.objects.filter(pk=row.pk).update(
            received_at=now - timedelta(days=n * 20), changed_at=now - timedelta(hours=n)
        )
    Report.objects.filter(pk=rows[1].pk).update(state="rejected", closed_at=now)

    def found(**query: Any) -> list[int]:
        codes = [one["service_request_id"] for one in get(client, "requests.json", **query)]
        return [next(n for n, row in enumerate(rows) if row.code == code) for code in codes]

    assert found() == [0, 1, 2, 3, 4]
    assert found(status="closed") == [1]
    assert found(status="open,closed", service_code="road") == [1, 3]
    assert found(service_code="road,hygiene", status="open") == [0, 2, 3, 4]
    start = (now - timedelta(days=115)).isoformat()
    assert found(start_date=start) == [2, 3, 4, 5]
    assert found(start_date=(now - timedelta(days=50)).strftime("%Y-%m-%dT%H:%M:%SZ")) == [0, 1, 2]
    assert found(end_date=(now - timedelta(days=30)).isoformat()) == [2, 3, 4, 5]
    assert [found(page_size=2, page=page) for page in (1, 2, 3, 4)] == [[0, 1], [2, 3], [4], []]
    assert found(updated_after=(now - timedelta(hours=2.5)).isoformat()) == [0, 1, 2]
    assert found(service_request_id=f"{rows[5].code.lower()}, {rows[0].code},nonsense") == [0, 5]
    lon, lat = rows[0].geom_public.coords
    assert found(bbox=f"{lon - 0.01},{lat - 0.01},{lon + 0.01},{lat + 0.01}") == [0, 1, 2, 3, 4]
    assert found(bbox=f"{lon + 0.01},{lat},{lon + 0.02},{lat + 0.01}") == []
    assert found(lat=lat, long=lon, radius=50) == [0, 1, 2, 3, 4]
    assert found(lat=lat + 0.02, long=lon, radius=50) == []
    with django_assert_max_num_queries(2):
        get(client, "requests.json", status="open")


def test_nothing_that_people_write_breaks_the_xml() -> None:
    words = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF, 0x1F600, 0x202E]))
    words += "]]></request><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;"
    xml = wire.to_xml("service_requests", [{"description": words, "n": 1.5, "none": None}])
    root = ElementTree.fromstring(xml)
    assert root.findtext("request/description", "").endswith("&x;")
    assert b"<!ENTITY" not in xml
    assert root.findtext("request/none") == ""


@pytest.mark.django_db(transaction=True)
def test_client_libraries_work_against_a_running_server(
    key: str, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`three` was written for Python 2 and needs one name of it back; `georeport` none."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    from georeport import GeoReport
    from three import Three

    make_category("road", name_vi="Đường", name_en="Roads", attributes=QUESTIONS)
    base = f"{live_server.url}{API}"
    three = Three(endpoint=base, api_key=key, jurisdiction="hue")
    assert three.discovery()["endpoints"][0]["url"] == base
    assert {one["service_code"] for one in three.services()} == {"hygiene", "road"}
    assert three.services("road")["attributes"][0]["code"] == "SIZE"
    sent = {"lat": HERE[1], "long": HERE[0], "description": "Ổ gà", "name": "Lan Nguyen"}
    (posted,) = three.post("road", **sent, **{"attribute[SIZE]": "l"})
    code = posted["service_request_id"]
    (refused,) = three.post("road", **sent)
    assert refused["code"] == 400
    (with_photo,) = three.post("hygiene", **sent, media=("a.jpg", make_photo(), "image/jpeg"))
    assert Photo.objects.get().report.code == with_photo["service_request_id"]
    assert three.request(code)[0]["service_code"] == "road"
    assert [one["service_request_id"] for one in three.requests("road", count=5)] == [code]
    assert len(three.requests(status="open", start="01-01-2026", end="03-01-2026")) == 0
    assert three.token(code)[0]["service_request_id"] == code

    for form in ("json", "xml"):
        city = GeoReport(base, jurisdiction="hue", output_format=form)
        assert {one["service_code"] for one in city.get_service_list()} == {"hygiene", "road"}
        assert city.get_service_definition("road")["service_code"] == "road"
        assert city.get_service_request(code)["service_request_id"] == code
        found = city.get_service_requests(status="open")
        assert {one["service_request_id"] for one in found} == {
            code,
            with_photo["service_request_id"],
        }
    assert Category.objects.count() == 2
