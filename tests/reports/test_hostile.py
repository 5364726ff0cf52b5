"""Input that somebody made to do harm, or that a phone made by mistake, through the real door."""

import io
import json
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from PIL import Image

from geo.models import City
from ioc.accounts.actions import make_token
from ioc.accounts.models import User
from ioc.reports.models import Category, Photo, Report, ReportEvent
from tests.reports.factories import (
    HERE,
    make_agency,
    make_category,
    make_photo,
    make_report,
    make_staff,
    move,
)
from tests.reports.test_api import error, form, send
from tests.reports.test_photos import SVG, bare, png_bomb

pytestmark = pytest.mark.usefixtures("city")
SCRIPT = "<script>alert(1)</script>"
NAMES = ("lon", "lat", "category", "client_key", "words", "emergency", "accuracy_m", "language",
         "device_at", "sent_at", "synthetic", "email", "attributes", "proof")  # fmt: skip


def stored(settings: Any) -> list[Path]:
    return sorted(settings.MEDIA_ROOT.rglob("*.jpg"))


def send_file(client: Client, data: bytes, name: str, kind: str) -> Any:
    file = SimpleUploadedFile(name, data, kind)
    return client.post("/api/v1/reports", form() | {"photo": file}, HTTP_ACCEPT_LANGUAGE="en")


def send_raw(client: Client, *parts: bytes, border: str = "b0rder") -> Any:
    values = {name.encode(): str(value).encode() for name, value in form().items()}
    fields = [
        b'Content-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % pair for pair in values.items()
    ]
    line = b"--b0rder\r\n"
    body = b"".join(line + part for part in (*fields, *parts)) + b"--b0rder--\r\n"
    kind = f"multipart/form-data; boundary={border}"
    return client.generic("POST", "/api/v1/reports", body, kind, HTTP_ACCEPT_LANGUAGE="en")


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.js", "alert(1)")
    return out.getvalue()


def framed(data: bytes, hidden: bytes) -> bytes:
    """A JPEG with something else in a comment before its pixels."""
    return data[:2] + b"\xff\xfe" + (len(hidden) + 2).to_bytes(2, "big") + hidden + data[2:]


@pytest.mark.parametrize(
    ("data", "name", "kind", "code"),
    [
        (SVG, "photo.jpg", "image/jpeg", "photo-unreadable"),
        (b"<html>" + SCRIPT.encode(), "photo.png", "image/png", "photo-unreadable"),
        (b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)", "photo.gif", "image/gif", "photo-unreadable"),
        (b"MZ\x90\0" + b"\0" * 99, "photo.jpg", "image/jpeg", "photo-unreadable"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file", "a.jpg", "image/jpeg",
         "photo-unreadable"),
        (lambda: png_bomb(8000, 5000), "small.png", "image/png", "photo-too-many-pixels"),
        (lambda: png_bomb(100_000, 300), "wide.png", "image/png", "photo-too-many-pixels"),
        (make_photo((900, 900))[:-400], "half.jpg", "image/jpeg", "photo-broken"),
        (make_photo((64, 64), "WEBP")[:-9], "half.webp", "image/webp", "photo-unreadable"),
        (b"\xff\xd8\xff" + b"\xff" * 70_000, "ff.jpg", "image/jpeg", "photo-unreadable"),
        (b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\0" * 60, "riff.webp", "image/webp",
         "photo-unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_hostile_photo_is_refused_and_nothing_is_kept(client, settings, data, name, kind, code):
    answer = send_file(client, data() if callable(data) else data, name, kind)
    assert answer.status_code == 400 and error(answer) == code
    assert not Report.objects.exists() and not stored(settings)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (make_photo() + zipped(), "photo.zip", "application/zip"),
        (framed(make_photo(), b"*/alert(1);/*" + SCRIPT.encode()), "photo.js", "text/javascript"),
        (make_photo((64, 64), "PNG") + SVG, "photo.svg", "image/svg+xml"),
        (make_photo((64, 64), "WEBP"), "../../../etc/cron.d/evil.php", "text/x-php"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_photo_that_is_also_something_else_is_kept_as_a_photo_alone(
    client, settings, data, name, kind
):
    answer = send_file(client, data, name, kind)
    assert answer.status_code == 201, answer.content
    photo = Photo.objects.get()
    root = Path(settings.MEDIA_ROOT) / "reports"
    assert stored(settings) == sorted([Path(photo.file.path), Path(photo.thumb.path)])
    for path in stored(settings):
        assert path.is_relative_to(root) and photo.name in path.name and bare(path.read_bytes())
        assert not any(word in path.read_bytes() for word in (b"PK\x03", b"alert", b"<svg"))
    client.force_login(User.objects.create_user(username="centre", role="operator"))
    shown = client.get(f"/api/v1/reports/photos/{photo.name}/photo.jpg")
    assert shown["Content-Type"] == "image/jpeg" and shown["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(shown.content)).format == "JPEG"


def test_ten_thousand_characters_are_refused_and_two_thousand_emoji_are_kept(client):
    answer = send(client, words="ơ" * 10_000)
    assert error(answer) == "words-too-long" and "words" in answer.json()["error"]["fields"]
    assert not Report.objects.exists()
    family = "👩‍👩‍👧‍👦" * 250 + "🇻🇳" * 125
    assert send(client, words=family).status_code == 201
    assert Report.objects.get().words == family


def test_letters_with_loose_accents_are_joined_before_they_are_counted(client):
    loose = "o\u031b\u0309" * 2000  # ở in three signs
    assert send(client, words=loose).status_code == 201
    assert Report.objects.get().words == "ở" * 2000


@pytest.mark.parametrize(
    "words",
    [
        "\u202egnp.exe\u202c",
        "\u2066\u2067\u202b مرحبا \u2069",
        "\u200f\u200e\u061c",
        "a\u0300" * 60,
    ],
)
def test_words_that_turn_the_line_about_are_kept_as_they_were_written(client, words):
    """Evidence stays as it came; each place that shows words isolates them (dir="auto")."""
    key = str(uuid.uuid4())
    code = send(client, words=f"Đường {words}.", client_key=key).json()["code"]
    said = client.get(f"/api/v1/reports/by-code/{code}", headers={"X-Report-Key": key}).json()
    assert said["words"] == Report.objects.get().words and said["words"].startswith("Đường ")


@pytest.mark.parametrize(
    "value", [SCRIPT, "\0", "a\0b", "' OR 1=1 --", "{{7*7}}", "\ufeff", "x" * 9999], ids=repr
)
def test_no_field_takes_the_server_down(client, settings, value):
    settings.IOC_REPORTS_PER_HOUR = 100
    for name in NAMES:
        answer = send(client, **{name: value})
        assert answer.status_code in {201, 400, 403, 422}, (name, answer.content)
        assert answer["Content-Type"].startswith("application/json")
        assert answer.status_code == 201 or error(answer)
    assert all("\0" not in report.words for report in Report.objects.all())


def test_a_script_in_every_field_at_once_is_text(client):
    key = str(uuid.uuid4())
    Category.objects.update(name_vi=SCRIPT, name_en=SCRIPT)
    code = send(client, words=SCRIPT, client_key=key).json()["code"]
    read = client.get(f"/api/v1/reports/by-code/{code}", headers={"X-Report-Key": key})
    assert read.json()["words"] == SCRIPT and read["Content-Type"].startswith("application/json")
    client.force_login(User.objects.create_superuser("admin", role="administrator"))
    page = client.get("/admin/reports/report/").content.decode()
    assert code in page and SCRIPT not in page


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("-0", "-0"), ("107.9", "16.7"), ("180", "90"), ("1e400", "16"), ("nan", "nan"),
     ("107.59°", "16"), ("0x6b", "16"), ("107,59", "16,46"), ("", "")],
)  # fmt: skip
def test_a_pin_at_sea_or_nowhere_is_refused(client, lon, lat):
    land = Polygon.from_bbox((107.4, 16.3, 107.7, 16.6))
    City.objects.update(outline=MultiPolygon(land, srid=4326))
    answer = send(client, lon=lon, lat=lat)
    assert answer.status_code in {400, 422}
    assert error(answer) in {"outside-city", "bad-position", "invalid-input"}
    assert not Report.objects.exists()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9e10"])
def test_a_phone_from_another_age_leaves_a_report_that_can_be_read(client, at):
    """A time before the year 1 in our zone was once stored, and no list could read it back."""
    answer = send(client, device_at=at, sent_at=at)
    assert answer.status_code in {201, 422}, answer.content
    if answer.status_code == 201:
        report = Report.objects.get()
        assert report.device_at is None and report.clock_off_s is not None
        assert abs((report.received_at - ReportEvent.objects.get().at).total_seconds()) < 60
    client.force_login(User.objects.create_superuser("admin", role="administrator"))
    assert client.get("/admin/reports/report/").status_code == 200


def test_a_category_retired_while_the_form_was_open_says_so_by_its_field(client):
    Category.objects.filter(pk="hygiene").update(active=False)
    make_category("roads")
    answer = send(client, photos=(make_photo((64, 64)),))
    assert error(answer) == "unknown-category" and "category" in answer.json()["error"]["fields"]
    assert send(client, category="roads").status_code == 201


@pytest.mark.parametrize(
    "part",
    [
        b'Content-Disposition: form-data; name="words"\r\n\r\n\xff\xfe\xc0\x80\xed\xa0\x80\r\n',
        b'Content-Disposition: form-data; name="words"\r\nContent-Type: text/plain; '
        b"charset=nonsense\r\n\r\nabc\r\n",
        b'Content-Disposition: form-data; name="photo"; filename="a"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n",
        b"Content-Disposition: nothing\r\n\r\nabc\r\n",
        b'Content-Disposition: form-data; name="photo"; filename="cut"\r\n\r\n\xff\xd8\xff',
        b'Content-Disposition: form-data; name="\0"\r\n\r\n\0\r\n',
        b'--b0rder\r\nContent-Disposition: form-data; name="f"\r\n\r\na\r\n' * 1200,
        b'--b0rder\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\na\r\n'
        * 150,
    ],
    ids=["utf-8", "charset", "base64", "no-name", "cut", "nul", "fields", "files"],
)
def test_a_form_that_is_no_form_gets_an_answer(client, part):
    answer = send_raw(client, part)
    assert answer.status_code in {201, 400, 422}, answer.content
    assert answer["Content-Type"].startswith("application/json"), answer.content
    assert answer.status_code == 201 or error(answer)


@pytest.mark.parametrize("border", ["", "x" * 300, "another"])
def test_a_form_with_a_false_border_gets_an_answer(client, border):
    answer = send_raw(client, border=border)
    assert answer.status_code in {400, 422} and error(answer) == "invalid-input"
    assert not Report.objects.exists()


def test_a_body_of_another_kind_gets_an_answer(client):
    for body, kind in ((json.dumps(form()), "application/json"), ("[" * 9999, "text/plain")):
        answer = client.generic("POST", "/api/v1/reports", body, kind, HTTP_ACCEPT_LANGUAGE="en")
        assert answer.status_code in {400, 415, 422} and error(answer)


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_lose_nothing_and_double_nothing(city, settings):
    """Three reports sent four times each, all at the same moment, with a photo each."""
    settings.IOC_REPORTS_PER_HOUR = 100
    keys = [str(uuid.uuid4()) for _ in range(3)]
    photo = make_photo((320, 240))

    def tap(key: str) -> tuple[str, str]:
        try:
            return key, send(Client(), (photo,), client_key=key).json()["code"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as threads:
        said = set(threads.map(tap, keys * 4))
    assert len(said) == len({code for _, code in said}) == 3  # each key has one code
    assert Report.objects.count() == Photo.objects.count() == 3
    assert len(stored(settings)) == 6
    assert {report.geom.coords for report in Report.objects.all()} == {HERE}


def test_the_other_doors_for_photos_are_as_strict(client, settings):
    """The sender's answer and the desk's photos of the result."""
    key, agency = uuid.uuid4(), make_agency()
    report = make_report(client_key=key)
    officer = make_staff("agency_officer", agency)
    move(make_staff("operator"), "assign", report, agency=agency.code)
    move(officer, "accept", report)
    move(officer, "ask_reporter", report, public_words="Số nhà nào?")
    answer = f"/api/v1/reports/by-code/{report.code}/answer"
    result = f"/api/v1/reports/desk/cases/{report.code}/photos"
    client.force_login(officer)

    def attach(address: str, data: bytes) -> Any:
        file = SimpleUploadedFile("a.jpg", data, "image/jpeg")
        body = {"key": str(uuid.uuid4()), "words": SCRIPT, "photo": file}
        headers = {"Accept-Language": "en", "X-Report-Key": str(key)}
        return client.post(address, body, headers=headers)

    for address in (answer, result):
        for data, code in (
            (SVG, "photo-unreadable"),
            (png_bomb(8000, 5000), "photo-too-many-pixels"),
        ):
            refused = attach(address, data)
            assert refused.status_code == 400 and error(refused) == code
    assert not stored(settings) and Report.objects.get().state == "waiting_for_reporter"
    for address in (answer, result):
        taken = attach(address, framed(make_photo(), SCRIPT.encode()))
        assert taken.status_code == 200, taken.content
    assert len(stored(settings)) == 4 and all(bare(path.read_bytes()) for path in stored(settings))


@pytest.mark.parametrize(
    "words",
    ["ơ" * 10_000, SCRIPT, "a\0b", "👩‍👩‍👧‍👦 \u202eمرحبا\u202c", "\ud800", " \n "],
    ids=["long", "script", "nul", "emoji-rtl", "half-sign", "blank"],
)
def test_every_other_door_takes_words_as_text_or_says_no(client, words):
    """Answer, rating, note, question, redaction, filter, category, and other software's door."""
    key, agency, operator = uuid.uuid4(), make_agency(), make_staff("operator")
    report = make_report(client_key=key)
    for name, fields in (("assign", {"agency": agency.code}), ("accept", {}),
                         ("ask_reporter", {"public_words": "Số nhà nào?"})):  # fmt: skip
        assert move(operator, name, report, **fields).error is None
    client.force_login(operator, "ioc.accounts.backends.RoleBackend")
    token = make_token(user=operator, name="city", permissions=["reports.add_report"])

    def post(address: str, method: str = "post", **body: Any) -> Any:
        answer = getattr(client, method)(
            f"/api/v1/reports/{address}", json.dumps(body), "application/json",
            headers={"X-Report-Key": str(key), "Accept-Language": "en"},
        )  # fmt: skip
        assert answer.status_code in {200, 201, 400, 409, 422}, (address, answer.content)
        assert answer.status_code < 300 or error(answer)
        return answer

    def act(name: str, **fields: str) -> bool:
        version = Report.objects.get(pk=report.pk).version
        said = post("desk/moves", move=name, key=str(uuid.uuid4()), fields=fields,
                    items=[{"code": report.code, "version": version}])  # fmt: skip
        if said.status_code != 200:
            return False
        (result,) = said.json()["results"]
        assert result["ok"] or result["error"]["message"]
        return result["ok"]

    done = [
        act("note", private_words=words),
        act("redact", words=words, reason="personal-data"),
        act("resume", private_words=words),
        act("ask_reporter", public_words=words),
    ]
    form = {"key": str(uuid.uuid4()), "words": words.encode("utf-8", "replace").decode()}
    told = client.post(f"/api/v1/reports/by-code/{report.code}/answer", form,
                       headers={"X-Report-Key": str(key)})  # fmt: skip
    assert told.status_code in {200, 400, 409, 422}, told.content
    if len(words) > 2000:
        assert not any(done) and told.status_code in {400, 422}
        assert Report.objects.get().words == "Rác chưa thu gom"
    if words == SCRIPT:
        assert all(done) and Report.objects.get().words == SCRIPT
    post(f"by-code/{report.code}/rate", key=str(uuid.uuid4()), verdict=words, words=words)
    post("desk/filters", name=words, query={"q": words})
    post("setup/categories/hygiene", "put", version=words, values={"name_vi": words})
    post("setup/categories/new", "put", values={
        "name_vi": words, "name_en": words, "icon": "car", "color": "#000000",
        "keywords": [words], "attributes": [{"code": "a", "description": words}]})  # fmt: skip
    posted = client.post("/open311/v2/requests.json", {
        "api_key": token, "service_code": "hygiene", "lat": HERE[1], "long": HERE[0],
        "description": form["words"]})  # fmt: skip
    assert posted.status_code in {200, 201, 400}, posted.content
    kept = [row.words + row.words_public for row in Report.objects.all()]
    assert not any("\0" in text for text in kept)
