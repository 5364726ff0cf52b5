"""Every address of reports × every role: who comes in, and whose cases they find there."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver

from ioc.accounts.actions import make_token
from ioc.accounts.models import Agency, User
from ioc.accounts.roles import Role
from ioc.api import api
from ioc.reports.models import Photo, Report
from tests.reports.factories import HERE, make_agency, make_photo, make_report, make_staff, move

BASE = "/api/v1/reports"
ANYBODY = {None, *Role.values}
SIGNED_IN = set(Role.values)
DESK = {Role.AGENCY_OFFICER, Role.OPERATOR, Role.PLANNER, Role.ADMINISTRATOR}
ACTING = {Role.OPERATOR, Role.ADMINISTRATOR}
PLACE = {"lon": HERE[0], "lat": HERE[1]}

# Method, address below BASE, who comes in, body. What is not listed here fails the test.
DOORS = [
    ("get", "/categories", ANYBODY, None),
    ("post", "", ANYBODY, PLACE | {"category": "hygiene"}),
    ("get", "/nearby", ANYBODY, PLACE),
    ("get", "/public", ANYBODY, None),
    ("get", "/statistics", ANYBODY, None),
    ("get", "/mine", SIGNED_IN, None),
    ("get", "/by-code/{code}", ANYBODY, None),
    ("post", "/by-code/{code}/follow", ANYBODY, {"client_key": str(uuid.uuid4())}),
    ("post", "/by-code/{code}/unfollow", ANYBODY, {"client_key": str(uuid.uuid4())}),
    ("post", "/by-code/{code}/answer", set(), {"key": str(uuid.uuid4())}),
    ("post", "/by-code/{code}/rate", set(), {"key": str(uuid.uuid4()), "verdict": "accepts"}),
    ("get", "/desk/home", DESK, None),
    ("get", "/desk/queue", DESK, {"view": "escalated"}),
    ("get", "/desk/cases/{code}", DESK - {Role.AGENCY_OFFICER}, None),
    ("get", "/desk/cases/{code}/dossier.pdf", DESK - {Role.AGENCY_OFFICER}, None),
    ("post", "/desk/moves", DESK, {"move": "note", "items": [{"code": "{code}", "version": 1}],
                                   "key": str(uuid.uuid4())}),
    ("post", "/desk/undo", set(), {"key": str(uuid.uuid4())}),
    ("post", "/desk/cases/{code}/photos", ACTING, None),
    ("post", "/desk/cases/{code}/photos/{name}/blur", ACTING,
     {"boxes": [[0, 0, 0.5, 0.5]], "reason": "other"}),
    ("post", "/desk/seen", DESK - {Role.AGENCY_OFFICER}, {"code": "{code}"}),
    ("get", "/desk/filters", DESK, None),
    ("post", "/desk/filters", DESK, {"name": "x", "query": {}}),
    ("delete", "/desk/filters/{filter_id}", DESK, None),
    ("get", "/setup", ACTING, None),
    ("get", "/setup/wards", ACTING, None),
    ("post", "/setup/rules", ACTING, {"values": {}}),
    ("post", "/setup/rules/order", ACTING, {"ids": []}),
    ("post", "/setup/rules/try", ACTING, {"conditions": {}}),
    ("put", "/setup/rules/{rule_id}", ACTING, {"values": {}}),
    ("delete", "/setup/rules/{rule_id}", ACTING, None),
    ("put", "/setup/categories/{code}", ACTING, {"values": {}}),
    ("put", "/setup/plans/{code}", ACTING, {"values": {}}),
    ("put", "/setup/calendars/{code}", ACTING, {"values": {}}),
    ("put", "/setup/calendars/{code}/days/{day}", ACTING, {"values": {}}),
    ("delete", "/setup/calendars/{code}/days/{day}", ACTING, None),
    ("post", "/setup/calendars/{code}/probe", ACTING, {"hours": 8}),
    ("get", "/challenge", ANYBODY, None),
    ("get", "/push/key", ANYBODY, None),
    ("post", "/push", ANYBODY, None),
    ("post", "/push/end", SIGNED_IN, {"endpoint": "https://web.push.apple.com/x"}),
    ("get", "/inbox", SIGNED_IN, None),
    ("post", "/inbox/read", SIGNED_IN, {"ids": []}),
]  # fmt: skip
FORMS = {"", "/by-code/{code}/answer", "/desk/cases/{code}/photos"}
CLOSED_TO = {401, 403, 404}


def test_every_address_is_in_the_table():
    paths = api.get_openapi_schema()["paths"]
    known = {
        (method, path.removeprefix(BASE))
        for path, methods in paths.items()
        if path.startswith(BASE)
        for method in methods
    }
    assert known == {(method, path) for method, path, _who, _body in DOORS}
    assert any("open311" in str(pattern.pattern) for pattern in get_resolver().url_patterns)


@pytest.fixture
def report(city):
    return make_report(photos=[make_photo()])


def client_of(role):
    client = Client(raise_request_exception=False)
    if role:
        user = make_staff(role, make_agency("elsewhere") if role == "agency_officer" else None)
        client.force_login(user, backend="ioc.accounts.backends.RoleBackend")
    return client


@pytest.mark.parametrize("role", [None, *Role.values])
def test_who_comes_in_where(report, role):
    client = client_of(role)
    names = {"code": report.code, "name": report.photos.get().name, "filter_id": 1, "rule_id": 1,
             "day": "2026-09-02"}  # fmt: skip
    wrong = []
    for method, path, who, body in DOORS:
        address = BASE + path.format(**names)
        given = json.loads(json.dumps(body or {}).replace("{code}", report.code))
        if path in FORMS:
            if path.endswith("photos"):
                given = {"photo": SimpleUploadedFile("a.jpg", make_photo(), "image/jpeg")}
            answer = client.post(address, given | {"client_key": str(uuid.uuid4())})
        elif method == "get":
            answer = client.get(address, given)
        else:
            address += "?version=1" if method == "delete" else ""
            answer = getattr(client, method)(address, given, content_type="application/json")
        said = answer.status_code
        # A thing that does not exist is 404 for those who may ask as well.
        unknown = {404} if "_id}" in path or path.startswith("/setup/") else set()
        if said >= 500 or (said in CLOSED_TO - unknown if role in who else said not in CLOSED_TO):
            wrong.append((method, path, said))
    assert wrong == []


def test_a_planner_reads_and_moves_nothing(report):
    planner = make_staff("planner")
    assert move(planner, "note", report, private_words="x").error.code == "forbidden"
    assert report.events.count() == 1


def test_what_is_held_or_hidden_is_there_for_its_sender_and_the_centre_alone(city):
    key = uuid.uuid4()
    report = make_report(client_key=key, photos=[make_photo()])
    operator, photo = make_staff("operator"), report.photos.get()
    publish = {"words": "Rác ở ███", "photos": [photo.name]}
    assert move(operator, "publish", report, **publish).error is None
    address = f"{BASE}/by-code/{report.code}"
    picture = f"{BASE}/photos/{photo.name}/thumb.jpg"
    shown = Client().get(address).json()
    assert (
        shown["words"] == "Rác ở ███" and Client().get(shown["photos"][0]["url"]).status_code == 200
    )
    move(operator, "hide", report, reason="personal-data")
    assert Client().get(address).status_code == 404
    assert Client().get(picture).status_code == 404
    assert Client().get(f"{BASE}/public").json()["reports"] == []
    assert Client().get(f"/open311/v2/requests/{report.code}.json").status_code == 404
    own = Client().get(address, headers={"X-Report-Key": str(key)})
    assert own.status_code == 200 and own.json()["mine"]
    for door in ("tiles/reports/14/13088/7436.mvt", "api/v1/layers/reports/snapshot"):
        assert report.code not in Client().get(f"/{door}").content.decode("latin-1")


def test_an_officer_opens_photos_of_the_own_agencys_cases_only(city):
    agency = make_agency()
    report = make_report(photos=[make_photo()])
    picture = f"{BASE}/photos/{report.photos.get().name}/photo.jpg"
    client = Client()
    officer = make_staff("agency_officer", agency)
    client.force_login(officer, backend="ioc.accounts.backends.RoleBackend")
    assert client.get(picture).status_code == 404
    move(make_staff("operator"), "assign", report, agency=agency.code)
    assert client.get(picture).status_code == 200
    case = client.get(f"{BASE}/desk/cases/{report.code}").json()
    assert case["lon"] == pytest.approx(HERE[0]) and case["reporter"]["kind"] == "anonymous"
    move(make_staff("operator"), "hand_over", report,
         agency=make_agency("other").code, private_words="Nhầm")  # fmt: skip
    assert client.get(picture).status_code == 404
    assert client.get(f"{BASE}/desk/cases/{report.code}").status_code == 404


def test_staff_learn_nothing_of_who_reported(city):
    person = User.objects.create_user(
        "hoang-lan", email="lan@example.org", display_name="Hoàng Lan"
    )
    report = make_report(person, email="lan2@example.org", words="Rác đầu hẻm")
    operator = make_staff("operator")
    move(operator, "note", report, private_words="Đã xem")
    client = Client()
    client.force_login(operator, backend="ioc.accounts.backends.RoleBackend")
    for door in ("desk/queue?view=all", f"desk/cases/{report.code}", f"by-code/{report.code}"):
        said = client.get(f"{BASE}/{door}").content.decode()
        assert not any(word in said for word in ("hoang-lan", "lan@", "lan2@", "Hoàng Lan"))
    assert client.get(f"{BASE}/desk/cases/{report.code}").json()["reporter"] == {
        "kind": "account",
        "reachable": True,
    }


def test_a_token_of_an_officer_works_on_their_own_cases(city):
    agency = make_agency()
    officer = make_staff("agency_officer", agency)
    key = make_token(user=officer, name="desk")
    report = make_report()
    move(make_staff("operator"), "assign", report, agency=agency.code)
    headers = {"Authorization": f"Bearer {key}"}
    queue = Client().get(f"{BASE}/desk/queue?view=team", headers=headers).json()
    assert [item["code"] for item in queue["items"]] == [report.code]
    assert Agency.objects.count() == 1 and Photo.objects.count() == 0
    assert Report.objects.worked_by(officer).count() == 1
