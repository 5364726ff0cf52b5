import json
import uuid
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from geo.models import Notice
from ioc.accounts.actions import make_token
from ioc.accounts.models import User
from ioc.reports import limits, photos
from ioc.reports.models import Category, Photo, Report, Reporter, ReportEvent
from ioc.reports.room import Room
from layers.models import PendingChange
from tests.reports.factories import HERE, make_category, make_photo, make_report

pytestmark = pytest.mark.usefixtures("city")
SECRET_WORDS = "gọi chị Hoa 0905123456"


def form(**changes: Any) -> dict[str, Any]:
    values = {
        "lon": HERE[0],
        "lat": HERE[1],
        "category": "hygiene",
        "words": "Rác chưa thu gom",
        "client_key": str(uuid.uuid4()),
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def send(client: Client, photos: tuple[bytes, ...] = (), **changes: Any):
    files = [SimpleUploadedFile("IMG.jpg", data, "image/jpeg") for data in photos]
    headers = changes.pop("headers", {})
    body = form(**changes) | ({"photo": files} if files else {})
    return client.post("/api/v1/reports", body, headers={"Accept-Language": "en"} | headers)


def error(response: Any) -> str:
    body = response.json()["error"]
    assert body["message"] and "\n" not in body["message"]
    return body["code"]


def person(role: str) -> User:
    return User.objects.create_user(username=role, password="x", role=role)


def test_a_report_gets_a_code_a_log_and_a_place_on_the_live_map(client):
    answer = send(client, (make_photo(),), accuracy_m=12)
    assert answer.status_code == 201, answer.content
    said = answer.json()
    report = Report.objects.get(code=said["code"])
    assert said["url"] == f"/r/{report.code}" and said["state"] == "submitted"
    assert report.district.code == "thuan-hoa" and report.photos.count() == 1
    assert [event.state for event in report.events.all()] == ["submitted"]
    assert (said["lon"], said["lat"]) == report.geom_public.coords != HERE
    change = PendingChange.objects.get()
    assert change.feature_id == str(report.pk) and (change.lon, change.lat) == HERE


def test_no_account_and_no_csrf_token_are_asked(city):
    assert send(Client(enforce_csrf_checks=True)).status_code == 201


def test_the_same_key_twice_is_one_report(client):
    key = str(uuid.uuid4())
    first, second = (send(client, (make_photo(),), client_key=key) for _ in range(2))
    assert first.json() == second.json() and second.status_code == 201
    assert (Report.objects.count(), Photo.objects.count(), ReportEvent.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_is_one_report(city):
    key, codes = str(uuid.uuid4()), []

    def tap() -> None:
        try:
            codes.append(send(Client(), (make_photo(),), client_key=key).json()["code"])
        finally:
            connection.close()

    threads = [Thread(target=tap) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(codes) == 4 and len(set(codes)) == 1
    assert Report.objects.count() == Photo.objects.count() == 1


def test_the_key_itself_is_not_stored(client):
    key = uuid.uuid4()
    send(client, client_key=str(key))
    assert not Report.objects.filter(client_key=key).exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lon": 109.5, "lat": 16.4}, "outside-city"),
        ({"lon": 107.0, "lat": 99}, "bad-position"),
        ({"category": "no-such"}, "unknown-category"),
        ({"words": "x" * 2001}, "words-too-long"),
        ({"lon": "NaN"}, "invalid-input"),
        ({"client_key": "1"}, "invalid-input"),
        ({"lat": None}, "invalid-input"),
        ({"accuracy_m": -1}, "invalid-input"),
    ],
)
def test_bad_input_is_refused_in_one_line(client, changes, code):
    answer = send(client, **changes)
    assert answer.status_code in {400, 422} and error(answer) == code
    assert not Report.objects.exists() and not PendingChange.objects.exists()


def test_the_refusal_speaks_vietnamese(client):
    answer = send(client, lon=109.5, headers={"Accept-Language": "vi"})
    assert "ngoài thành phố" in answer.json()["error"]["message"]


def test_a_retired_category_is_refused(client):
    Category.objects.update(active=False)
    assert error(send(client)) == "unknown-category"
    assert client.get("/api/v1/reports/categories").json() == []


def test_one_bad_photo_refuses_the_report_and_leaves_no_file(client, settings):
    answer = send(client, (make_photo(), b"not a photo"))
    assert error(answer) == "photo-unreadable" and not Report.objects.exists()
    assert not list(settings.MEDIA_ROOT.rglob("*.jpg"))


def test_four_photos_are_too_many(client):
    assert error(send(client, (make_photo((8, 8)),) * 4)) == "too-many-photos"


def test_a_photo_or_form_that_is_too_long_is_refused_while_it_arrives(client, monkeypatch):
    big = make_photo() + b"\0" * (12 * 1024 * 1024)
    answer = send(client, (big,))
    assert answer.status_code == 413 and error(answer) == "photo-too-large"
    monkeypatch.setattr(limits, "MAX_FORM_BYTES", 1000)
    assert error(send(client, (make_photo(),))) == "photo-too-large"


def test_too_many_photos_at_once_are_asked_to_come_again(client, monkeypatch):
    monkeypatch.setattr(photos, "_room", Room(1))
    monkeypatch.setattr(photos, "PATIENCE_S", 0.01)
    with photos._room.place(1):
        answer = send(client, (make_photo(),))
    assert answer.status_code == 503 and int(answer["Retry-After"]) > 0
    assert send(client, (make_photo(),)).status_code == 201


def test_a_full_disk_is_said_and_leaves_nothing(client, settings, monkeypatch):
    from django.core.files.storage import FileSystemStorage

    real = FileSystemStorage._save

    def full(self, name, content):
        if "thumb" in name:
            raise OSError(28, "No space left on device")
        return real(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    answer = send(client, (make_photo(),))
    assert answer.status_code == 507 and error(answer) == "disk-full"
    assert not Report.objects.exists() and not list(settings.MEDIA_ROOT.rglob("*.jpg"))


def test_words_keep_their_emoji_and_scripts_as_text(client):
    words = "Ổ gà 🕳️ <script>alert(1)</script> \u202eabc\x00\x07"
    report = Report.objects.get(code=send(client, words=words).json()["code"])
    assert report.words == "Ổ gà 🕳️ <script>alert(1)</script> \u202eabc"


def test_one_address_sends_only_so_many_an_hour(client, settings):
    settings.IOC_REPORTS_PER_HOUR = 2
    assert [send(client).status_code for _ in range(3)] == [201, 201, 429]
    answer = send(client)
    assert error(answer) == "too-many-reports" and int(answer["Retry-After"]) > 0
    assert send(client, REMOTE_ADDR="10.0.0.9").status_code == 429


def test_a_repeat_is_not_counted(client, settings):
    settings.IOC_REPORTS_PER_HOUR = 1
    key = str(uuid.uuid4())
    assert [send(client, client_key=key).status_code for _ in range(3)] == [201] * 3


def test_a_clock_two_days_ahead_is_noted_and_not_trusted(client):
    ahead = timezone.now() + timedelta(days=2)
    answer = send(client, device_at=ahead.isoformat(), sent_at=ahead.isoformat())
    report = Report.objects.get(code=answer.json()["code"])
    assert report.received_at < timezone.now() and abs(report.clock_off_s - 172_800) < 60


def test_a_draft_written_yesterday_offline_is_not_a_wrong_clock(client):
    now = timezone.now()
    earlier = now - timedelta(days=1)
    send(client, device_at=earlier.isoformat(), sent_at=now.isoformat())
    assert Report.objects.get().clock_off_s is None


def test_only_a_demo_token_may_send_synthetic_reports(client):
    assert send(client, synthetic="true").status_code == 403
    earlier = timezone.now() - timedelta(hours=3)
    token = make_token(user=person("citizen"), name="demo", permissions=["reports.add_synthetic"])
    headers = {"Authorization": f"Bearer {token}"}
    answer = send(client, synthetic="true", device_at=earlier.isoformat(), headers=headers)
    assert answer.status_code == 201, answer.content
    report = Report.objects.get()
    assert report.synthetic and report.received_at == earlier


def test_an_emergency_warns_the_centre_and_an_ordinary_report_does_not(client):
    send(client)
    assert not Notice.objects.exists()
    send(client, emergency="true", words=SECRET_WORDS)
    notice = Notice.objects.get()
    assert notice.severity == "severe" and "Hoa" not in json.dumps(
        [notice.title_vi, notice.body_vi, notice.data]
    )


def test_the_sender_sees_words_and_photos_and_a_stranger_with_the_code_does_not(client):
    key = str(uuid.uuid4())
    code = send(client, (make_photo(),), client_key=key, words=SECRET_WORDS).json()["code"]
    mine = client.get(f"/api/v1/reports/by-code/{code}", headers={"X-Report-Key": key}).json()
    assert mine["mine"] and mine["words"] == SECRET_WORDS and len(mine["photos"]) == 1
    opened = client.get(mine["photos"][0]["thumb"])
    assert opened.status_code == 200 and opened["Content-Type"] == "image/jpeg"
    for headers in ({}, {"X-Report-Key": str(uuid.uuid4())}, {"X-Report-Key": "x"}):
        theirs = client.get(f"/api/v1/reports/by-code/{code}", headers=headers).json()
        assert (theirs["words"], theirs["photos"], theirs["mine"]) == (None, [], False)
        assert theirs["state"]["value"] == "submitted" and len(theirs["steps"]) == 1


@pytest.mark.parametrize(
    ("role", "status"), [("operator", 200), ("administrator", 200), ("citizen", 404)]
)
def test_a_photo_opens_by_role(client, role, status):
    send(client, (make_photo(),))
    name = Photo.objects.get().name
    address = f"/api/v1/reports/photos/{name}/photo.jpg"
    assert client.get(address).status_code == 404
    assert client.get(f"{address}?ticket=x:y").status_code == 404
    client.force_login(person(role))
    assert client.get(address).status_code == status


def test_a_signed_in_sender_needs_no_key(client):
    user = person("citizen")
    client.force_login(user)
    code = send(client).json()["code"]
    assert client.get(f"/api/v1/reports/by-code/{code}").json()["mine"]
    assert Reporter.objects.get().user == user


@pytest.mark.parametrize("code", ["HUE-2222-23", "x", "%00", "' or 1=1"])
def test_a_code_that_is_not_there_is_404(client, code):
    assert client.get(f"/api/v1/reports/by-code/{code}").status_code == 404


def test_nearby_tells_open_reports_by_their_public_places(client):
    report = make_report()
    make_report(lon=HERE[0] + 0.02)
    closed = make_report()
    Report.objects.filter(pk=closed.pk).update(state="resolved", closed_at=timezone.now())
    near = client.get("/api/v1/reports/nearby", {"lon": HERE[0], "lat": HERE[1]}).json()
    assert [one["code"] for one in near] == [report.code]
    assert (near[0]["lon"], near[0]["lat"]) == report.geom_public.coords
    assert near[0]["words"] is None and near[0]["thumb"] is None


def test_nearby_cannot_be_moved_about_to_find_the_exact_place(client):
    """Two reports of one grid square are near exactly the same points."""
    make_report(lon=107.59201, lat=16.46301)
    other = Report.objects.get()
    answers = []
    for lon, lat in ((107.59201, 16.46301), (other.geom_public.x, other.geom_public.y)):
        other.geom.x, other.geom.y = lon, lat
        other.save()
        seen = [
            bool(client.get("/api/v1/reports/nearby", {"lon": 107.589 + i * 5e-4, "lat": y}).json())
            for i in range(12)
            for y in (16.4615, 16.463, 16.4645)
        ]
        answers.append(seen)
    assert answers[0] == answers[1] and True in answers[0] and False in answers[0]


def test_reading_is_few_queries(client, django_assert_max_num_queries):
    code = make_report().code
    for _ in range(6):
        make_report()
    with django_assert_max_num_queries(5):
        client.get(f"/api/v1/reports/by-code/{code}")
    for most in (7, 4):  # names are read once and kept
        with django_assert_max_num_queries(most):
            client.get("/api/v1/reports/nearby", {"lon": HERE[0], "lat": HERE[1]})
    with django_assert_max_num_queries(1):
        client.get("/api/v1/reports/categories")


def test_categories_are_bilingual(client):
    make_category("roads", name_vi="Hạ tầng giao thông", name_en="Roads", order=1)
    said = client.get("/api/v1/reports/categories").json()
    assert said[0] == {
        "code": "roads",
        "title": {"vi": "Hạ tầng giao thông", "en": "Roads"},
        "icon": "waste-basket",
        "color": "#f5a524",
        "description": {"vi": "", "en": ""},
        "attributes": [],
    }


def test_answers_to_a_categorys_questions_are_checked_and_read_by_the_agency(client):
    asked = [
        {"code": "what", "datatype": "multivaluelist", "required": True, "description": "Gì?",
         "values": [{"key": "a", "name": {"vi": "Rác", "en": "Waste"}}, {"key": "b", "name": "B"}]},
        {"code": "old", "datatype": "string", "description": {"vi": "Từ khi nào?", "en": "When?"}},
    ]  # fmt: skip
    Category.objects.update(attributes=asked)

    def told(**answers: Any) -> Any:
        return send(client, attributes=json.dumps(answers))

    missing = told(old="hôm qua")
    assert error(missing) == "bad-attributes"
    assert set(missing.json()["error"]["fields"]) == {"attribute[what]"}
    assert error(told(what=["a", "x"])) == "bad-attributes"
    taken = told(what=["b", "a"], old="hôm qua", unasked="x")
    assert taken.status_code == 201, taken.content
    assert told(what="a,b").status_code == 201  # as a page kept from before sends it
    reports = Report.objects.order_by("id")
    assert [one.attributes["what"] for one in reports] == [["a", "b"]] * 2
    assert reports[0].attributes == {"what": ["a", "b"], "old": "hôm qua"}
    Category.objects.update(attributes=asked[:1])
    client.force_login(person("operator"))
    case = client.get(f"/api/v1/reports/desk/cases/{reports[0].code}").json()
    assert case["answers"] == [
        {"code": "what", "question": {"vi": "Gì?", "en": "Gì?"},
         "answer": {"vi": "Rác, B", "en": "Waste, B"}},
        {"code": "old", "question": {"vi": "old", "en": "old"},
         "answer": {"vi": "hôm qua", "en": "hôm qua"}},
    ]  # fmt: skip
