"""Officers and the centre at the desk, in a real browser before the real server."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from ioc.accounts.models import Agency, User
from ioc.reports import messages
from ioc.reports.actions import moves
from ioc.reports.models import Report
from tests.reports.factories import HERE, make_category, make_city, make_district, make_photo

DESK = {"viewport": {"width": 1440, "height": 900}, "locale": "vi-VN"}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PATIENCE_MS = 20_000
OPEN_ROW = ".row-open"


@pytest.fixture
def city_server(server: str) -> Iterator[str]:
    make_city()
    make_district()
    make_category()
    make_category("traffic", name_vi="Hạ tầng giao thông", name_en="Traffic", icon="car")
    expect.set_options(timeout=PATIENCE_MS)
    yield server
    expect.set_options(timeout=5_000)


@pytest.fixture
def agency(city_server: str) -> Agency:
    return Agency.objects.create(code="do-thi", name_vi="Phòng Đô thị", name_en="Urban office")


@pytest.fixture
def officer(agency: Agency) -> User:
    return User.objects.create_user("mai", role="agency_officer", agency=agency, display_name="Mai")


@pytest.fixture
def operator(city_server: str) -> User:
    return User.objects.create_user("huy", role="operator", display_name="Huy")


@pytest.fixture
def desk(browser: Browser, city_server: str) -> Iterator[Callable[..., Page]]:
    """Opens the desk as somebody; a script of a report that runs fails the test."""
    contexts: list[BrowserContext] = []
    asked: set[Request] = set()

    def open_desk(user: User, hash_: str = "", theme: str = "light", **args) -> Page:
        context = browser.new_context(**(DESK | args))
        contexts.append(context)
        context.add_cookies(
            [{"name": n, "value": v, "url": city_server} for n, v in session(user).items()]
        )
        context.add_init_script(f"localStorage.setItem('ioc.theme', '{theme}')")
        context.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
        page = context.new_page()
        page.on("request", lambda request: "/api/" in request.url and asked.add(request))
        for ended in ("requestfinished", "requestfailed"):
            page.on(ended, lambda request: asked.discard(request))
        page.goto(f"{city_server}/desk/{hash_}")
        return page

    yield open_desk
    for context in contexts:
        # What the server still reads would stand in the way of emptying the database.
        for _ in range(40):
            if not asked:
                break
            context.pages[0].wait_for_timeout(50)
        context.close()


def session(user: User) -> dict[str, str]:
    """The cookie of somebody who has signed in."""
    client = Client()
    client.force_login(user, "ioc.accounts.backends.RoleBackend")
    name = settings.SESSION_COOKIE_NAME
    return {name: client.cookies[name].value}


def send(base: str, words: str, photos: int = 0, **changes) -> Report:
    """A report as a citizen sends it."""
    form = {
        "lon": HERE[0], "lat": HERE[1], "category": "hygiene", "words": words, "language": "vi",
        "client_key": str(uuid.uuid4()),
    } | changes  # fmt: skip
    citizen = User.objects.get_or_create(username="dan", role="citizen")[0]
    files = [("photo", (f"{n}.jpg", make_photo(), "image/jpeg")) for n in range(photos)]
    answer = httpx.post(
        f"{base}/api/v1/reports", data=form, files=files or None, cookies=session(citizen)
    )
    assert answer.status_code == 201, answer.text
    return Report.objects.get(code=answer.json()["code"])


def do(user: User, report: Report, move: str, **fields) -> None:
    version = Report.objects.get(pk=report.pk).version
    (done,) = moves.perform(user, move, [moves.Item(report.code, version)], uuid.uuid4(), fields)
    assert done.error is None, done.error


def state_of(report: Report) -> str:
    return Report.objects.get(pk=report.pk).state


def press(page: Page, move: str) -> None:
    """Presses a move's button on the open case, under "more" where it stands there."""
    shown = page.locator(f".composer [data-move={move}]")
    page.locator(".composer .moves").wait_for()
    if not shown.count():
        page.locator(".composer .more").click()
    shown.click()


def test_an_officer_takes_a_case_from_queue_to_answer(
    city_server, desk, officer, operator, agency, axe, shot, tmp_path
):
    words = "Ổ gà sâu <img src=x onerror=alert(1)>"
    report = send(city_server, words, photos=1)
    do(operator, report, "assign", agency=agency.code)
    page = desk(officer, "#view=team")
    row = page.locator(f".row[data-code='{report.code}']")
    expect(row).to_have_class(re.compile("unread"))
    expect(row).to_contain_text("giờ làm việc")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".case-words")).to_have_text(words)
    expect(page.locator(".shots img").first).not_to_have_js_property("naturalWidth", 0)
    expect(row).not_to_have_class(re.compile("unread"))
    expect(page).to_have_url(re.compile(f"case={report.code}"))

    page.keyboard.press("a")
    expect(page.locator(".undo-bar")).to_be_visible()
    expect(page.locator(".case-bar .state")).to_have_text("Đang xử lý")
    page.locator(".undo-bar button").click()
    expect(page.locator(".case-bar .state")).to_have_text("Đã giao đơn vị")
    expect(page.locator(".step.undone")).to_have_count(1)
    press(page, "accept")
    expect(page.locator(".case-bar .state")).to_have_text("Đang xử lý")

    press(page, "ask_reporter")
    page.locator(".move-form .primary").click()
    expect(page.locator(".move-form .problem")).to_be_visible()
    expect(page.locator(".move-form .hint-line")).to_contain_text("Chỉ người gửi đọc được")
    page.fill(".move-form textarea", "Gần số nhà nào ạ?")
    soon = str(timezone.localdate() + timedelta(days=200))
    do(operator, report, "plan", planned_for=soon, public_words="Sẽ vá")
    page.locator(".move-form .primary").click()
    expect(page.locator(".stale")).to_contain_text("Huy")
    expect(page.locator(".move-form textarea")).to_have_value("Gần số nhà nào ạ?")
    page.locator(".move-form .primary").click()
    expect(page.locator(".case-bar .state")).to_have_text("Chờ người gửi")
    expect(row.locator(".due")).to_have_text("tạm dừng")
    day = "/".join(reversed(soon.split("-")))
    expect(page.locator(".step[data-kind=plan]")).to_contain_text(f"Đã lên kế hoạch: ngày {day}")
    press(page, "resume")
    expect(page.locator(".case-bar .state")).to_have_text("Đang xử lý")

    page.keyboard.press("n")
    page.fill(".move-form textarea", "Chú ý dây điện")
    page.locator(".move-form .primary").click()
    expect(page.locator(".said.internal")).to_contain_text("Chú ý dây điện")
    page.keyboard.press("r")
    picture = tmp_path / "after.jpg"
    picture.write_bytes(make_photo((800, 600)))
    page.set_input_files(".move-form input[type=file]", picture)
    expect(page.locator(".preview.sent")).to_have_count(1)
    page.fill(".move-form textarea", "Đã vá xong sáng nay")
    shot(page, "desk-resolve")
    page.locator(".move-form button[type=submit]").click()
    expect(page.locator(".case-bar .state")).to_have_text("Đã giải quyết")
    expect(page.locator(".step[data-kind=resolve] img")).to_have_count(1)
    assert state_of(report) == "resolved"
    assert report.photos.filter(kind="result").count() == 1
    assert axe(page) == []
    paper = page.request.get(page.locator("a[href*='dossier.pdf']").evaluate("e => e.href"))
    assert paper.ok and paper.body().startswith(b"%PDF-")


def test_the_centre_assigns_many_takes_it_back_and_keeps_a_filter(
    city_server, desk, operator, agency, axe, shot
):
    reports = [send(city_server, f"Rác ở kiệt {n}") for n in range(3)]
    send(city_server, "Ổ gà", category="traffic")
    page = desk(operator, "#view=triage", theme="dark")
    expect(page.locator(OPEN_ROW)).to_have_count(4)
    page.keyboard.press("/")
    page.keyboard.type("kiệt")
    expect(page.locator(OPEN_ROW)).to_have_count(3)
    page.keyboard.press("Escape")
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator(".bulk-head")).to_contain_text("2")
    page.locator(".bulk [data-move=assign]").click()
    page.select_option(".bulk select", agency.code)
    page.locator(".bulk button[type=submit]").dblclick()
    expect(page.locator(".undo-bar")).to_contain_text("2")
    expect(page.locator(OPEN_ROW)).to_have_count(1)
    assert sorted(map(state_of, reports)) == ["assigned", "assigned", "submitted"]
    page.keyboard.press("u")
    expect(page.locator(OPEN_ROW)).to_have_count(3)
    assert {state_of(report) for report in reports} == {"submitted"}

    page.fill("input[type=search]", "")
    page.locator(".filter-toggle").click()
    page.select_option("[data-filter=category]", "traffic")
    expect(page.locator(OPEN_ROW)).to_have_count(1)
    page.fill(".keep input", "Đường sá")
    page.locator(".keep [type=submit]").click()
    page.locator(".views [data-view=all]").click()
    expect(page.locator(OPEN_ROW)).to_have_count(4)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".composer [data-move=assign]")).to_be_visible()
    first = page.locator(".case-bar .code").inner_text()
    page.keyboard.press("j")
    expect(page.locator(".case-bar .code")).not_to_have_text(first)
    expect(page.locator(".composer [data-move=assign]")).to_be_visible()
    assert axe(page) == []
    shot(page, "desk-centre-dark")
    page.keyboard.press("Escape")
    page.reload()
    page.get_by_role("button", name="Đường sá", exact=True).click()
    expect(page.locator(OPEN_ROW)).to_have_count(1)
    send(city_server, "Đèn tín hiệu hỏng", category="traffic")
    expect(page.locator(OPEN_ROW)).to_have_count(2)  # told by the live stream


def test_a_moderator_redacts_words_and_blurs_a_face(city_server, desk, operator, shot):
    report = send(city_server, "Gọi chị Hạnh 0905123456 nhé", photos=1, website="x")
    page = desk(operator, f"#view=moderation&case={report.code}")
    expect(page.locator(".banner")).to_contain_text("Điền vào ô ẩn")
    press(page, "release")
    expect(page.locator(".banner")).to_have_count(0)
    press(page, "redact")
    area = page.locator(".move-form textarea")
    area.evaluate("(e) => { const n = e.value.indexOf('0905'); e.setSelectionRange(n, n + 10); }")
    page.locator(".redact").click()
    expect(area).to_have_value("Gọi chị Hạnh ▇▇▇▇ nhé")
    page.locator(".reason").first.click()
    page.locator(".move-form button[type=submit]").click()
    expect(page.locator(".case-words")).to_have_text("Gọi chị Hạnh ▇▇▇▇ nhé")

    page.locator(".shots .photo").click()
    page.locator(".lightbox header .button").click()
    box = page.locator(".canvas img").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6, steps=4)
    page.mouse.up()
    expect(page.locator(".blur-box")).to_have_count(1)
    shot(page, "desk-blur")
    page.locator(".lightbox footer .primary").click()
    expect(page.locator(".lightbox")).to_have_count(0)
    expect(page.locator(".step[data-kind=blur]")).to_have_count(1)
    assert report.photos.filter(replaced_by=None).count() == 1
    assert report.photos.count() == 2

    press(page, "publish")
    page.locator(".choose-photo input").check()
    page.locator(".move-form button[type=submit]").click()
    expect(page.locator(".photo-tag")).to_be_visible()
    report.refresh_from_db()
    assert report.words_public == report.words == "Gọi chị Hạnh ▇▇▇▇ nhé"


def test_who_has_no_seat_is_refused_and_a_phone_goes_from_list_to_case(
    city_server, desk, operator, agency, officer, axe, shot
):
    citizen = User.objects.create_user("ai-do", role="citizen")
    assert httpx.get(f"{city_server}/desk/", cookies=session(citizen)).status_code == 403
    assert httpx.get(f"{city_server}/desk/").headers["location"].startswith("/accounts/login/")
    led = httpx.get(f"{city_server}/welcome/", cookies=session(officer))
    assert led.headers["location"] == "/desk/"
    report = send(city_server, "Cống nghẹt", photos=1)
    do(operator, report, "assign", agency=agency.code)
    messages.send_due(timezone.now() + timedelta(hours=90))
    page = desk(officer, **PHONE)
    expect(page.locator(".bell .count")).to_have_text("1")
    page.locator(".bell").tap()
    expect(page.locator(".letters-panel .fresh")).to_contain_text(report.code)
    shot(page, "desk-phone-letters")
    assert axe(page) == []
    page.locator(".letters-panel a").tap()
    expect(page.locator(".letters-panel")).to_be_hidden()
    expect(page.locator(".case-words")).to_have_text("Cống nghẹt")
    expect(page.locator(".bell .count")).to_have_count(0)
    assert messages.inbox(officer)[1] == 0
    page.go_back()
    page.locator(OPEN_ROW).tap()
    expect(page.locator(".case-words")).to_have_text("Cống nghẹt")
    shot(page, "desk-phone-case")
    assert axe(page) == []
    page.go_back()
    expect(page.locator(OPEN_ROW)).to_be_visible()
    expect(page.locator(".case-words")).to_have_count(0)
    assert axe(page) == []
