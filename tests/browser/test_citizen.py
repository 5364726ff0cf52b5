"""A citizen with a phone in one hand, in a real browser before the real server."""

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from geo.models import City
from ioc.accounts.models import Agency, User
from ioc.reports import statistics
from ioc.reports.actions import moves
from ioc.reports.models import Follower, Message, Report, ReportDay
from tests.reports.factories import (
    HERE,
    make_category,
    make_city,
    make_district,
    make_photo,
    make_report,
)

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "vi-VN",
    "geolocation": {"longitude": HERE[0], "latitude": HERE[1], "accuracy": 12},
    "permissions": ["geolocation"],
}
DESK = {"viewport": {"width": 1920, "height": 1080}, "locale": "vi-VN"}
SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>"
PATIENCE_MS = 20_000
TWO_DAYS_S = 172_800
CLOCK_AHEAD = f"""(() => {{
  const real = Date;
  const ahead = {TWO_DAYS_S} * 1000;
  window.Date = class extends real {{
    constructor(...given) {{ given.length ? super(...given) : super(real.now() + ahead); }}
    static now() {{ return real.now() + ahead; }}
  }};
}})()"""
# Whether the phone keeps the pages, what they ask first, and every file this page has loaded.
ALL_KEPT = """async () => {
  const cache = await caches.open("ioc-shell-1");
  const files = performance.getEntriesByType("resource").map((one) => one.name)
    .filter((name) => new URL(name).pathname.startsWith("/static/"));
  const asked = ["/", "/r/offline", "/api/v1/layers", "/api/v1/reports/categories", ...files];
  const kept = await Promise.all(asked.map((one) => cache.match(one, { ignoreVary: true })));
  return files.length > 0 && kept.every(Boolean);
}"""
CODE = re.compile(r"^HUE-[2-9A-Z]{4}-[2-9A-Z]{2}$")


@pytest.fixture
def city_server(server: str) -> str:
    with connection.cursor() as cursor:
        # Counts outlive a test's rows: by the third test the same words look like spam.
        cursor.execute("DELETE FROM ioc_cache")
    make_city()
    make_district()
    make_category()
    make_category("traffic", name_vi="Hạ tầng giao thông", name_en="Traffic", icon="car")
    return server


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts whose pages fail the test when a script of a report runs."""
    contexts: list[BrowserContext] = []
    expect.set_options(timeout=PATIENCE_MS)

    def make(theme: str = "light", **args) -> BrowserContext:
        context = browser.new_context(**args)
        context.add_init_script(
            f"localStorage.getItem('ioc.theme') || localStorage.setItem('ioc.theme', '{theme}')"
        )
        context.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    expect.set_options(timeout=5_000)


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(make_photo((3000, 2000)))
    return str(path)


def forward(page: Page) -> None:
    page.locator(".sheet-foot .primary").click()


def write(page: Page, photo: str, words: str = "Ổ gà sâu giữa đường") -> None:
    """From the first question to the last look."""
    page.locator("#start").click()
    page.set_input_files("#photo-file", photo)
    expect(page.locator(".photos img")).to_have_count(1)
    forward(page)
    expect(page.locator(".where strong")).to_have_text("Thuận Hóa")
    forward(page)
    page.locator("[data-code=traffic]").click()
    page.locator("#words, .nearby").first.wait_for()
    if page.locator(".nearby").count():
        forward(page)
    page.fill("#words", words)
    forward(page)


def move(code: str, name: str, user: User, **fields: str) -> None:
    """The centre moves a case on, as its desk would."""
    item = moves.Item(code, Report.objects.get(code=code).version)
    (result,) = moves.perform(user, name, [item], uuid.uuid4(), fields)
    assert result.error is None


def test_a_report_is_sent_followed_and_seen_by_everybody(city_server, opened, photo, shot):
    watcher = opened(**DESK).new_page()
    watcher.goto(city_server)
    expect(watcher.locator(".in-view .empty")).to_be_visible()
    page = opened(**PHONE).new_page()
    page.goto(city_server)
    page.locator(".leaflet-container").wait_for()
    shot(page, "citizen-phone-light-home")
    write(page, photo, SCRIPT)
    page.get_by_role("button", name="Sửa: Mô tả").click()
    emergency = page.locator("[data-urgency=emergency]")
    emergency.click()
    expect(page.locator("dialog [href='tel:115']")).to_be_visible()
    shot(page, "citizen-phone-light-emergency")
    page.locator("#not-emergency").click()
    expect(emergency).to_have_attribute("aria-checked", "false")
    emergency.click()
    page.keyboard.press("Escape")
    expect(emergency).to_have_attribute("aria-checked", "false")
    emergency.click()
    page.locator("#yes-emergency").click()
    expect(emergency).to_have_attribute("aria-checked", "true")
    forward(page)
    expect(page.locator(".note.danger")).to_be_visible()
    shot(page, "citizen-phone-light-check")
    page.locator("#send").dblclick()
    code = page.locator(".big-code")
    expect(code).to_have_text(CODE)
    expect(watcher.locator(".in-view .row")).to_have_count(1)
    expect(watcher.locator(".in-view .row")).to_contain_text("Hạ tầng giao thông")
    shot(page, "citizen-phone-light-done")
    shot(watcher, "citizen-desk-light-home")

    report = Report.objects.get(code=code.inner_text())
    assert report.words == SCRIPT and report.photos.count() == 1 and report.emergency
    assert Report.objects.count() == 1
    shrunk = report.photos.get()
    assert shrunk.width * shrunk.height == pytest.approx(2e6, rel=0.01)
    assert report.geom.coords == pytest.approx(HERE, abs=2e-5)

    page.get_by_role("link", name="Theo dõi").click()
    expect(page.locator(".said")).to_have_text(SCRIPT)
    expect(page.locator(".photos img")).to_be_visible()
    expect(page.locator(".timeline li")).to_have_count(1)
    shot(page, "citizen-phone-light-follow")
    watcher.goto(f"{city_server}/r/{report.code}")
    expect(watcher.locator(".follow-head .code")).to_contain_text(report.code)
    expect(watcher.locator(".said, .photos")).to_have_count(0)


def test_its_sender_answers_a_question_and_opens_it_again(city_server, opened, photo, shot, axe):
    user = User.objects.create_user("centre", password="mot-mat-khau", role="operator")
    page = opened(**PHONE).new_page()
    page.goto(city_server)
    page.locator(".leaflet-container").wait_for()
    write(page, photo)
    page.locator("#send").click()
    expect(page.locator(".big-code")).to_have_text(CODE)
    code = page.locator(".big-code").inner_text()
    Agency.objects.create(code="roads", name_vi="Sở Xây dựng", name_en="Construction")
    move(code, "assign", user, agency="roads")
    move(code, "ask_reporter", user, public_words="Ổ gà ở làn nào?")
    page.goto(f"{city_server}/#/mine")
    expect(page.locator(".mine-row .asks")).to_be_visible()
    page.goto(f"{city_server}/r/{code}")
    expect(page.locator("blockquote")).to_contain_text("Ổ gà ở làn nào?")
    expect(page.locator(".standing")).to_contain_text("Sở Xây dựng")
    page.locator("#answer-send").click()
    expect(page.locator(".asking [role=alert]")).to_be_visible()
    page.fill("#answer", "Làn phía sông")
    page.set_input_files("#answer-photo", photo)
    expect(page.locator(".asking .thumbs img")).to_have_count(1)
    shot(page, "citizen-phone-light-question")
    assert axe(page) == []
    page.locator("#answer-send").dblclick()
    expect(page.locator("ioc-answer")).to_have_count(0)
    expect(page.locator(".timeline")).to_contain_text("Làn phía sông")
    assert Report.objects.get(code=code).events.filter(kind="answer").count() == 1

    move(code, "resolve", user, public_words="Đã vá xong mặt đường")
    page.reload()
    expect(page.locator(".timeline")).to_contain_text("Đã vá xong mặt đường")
    page.locator("[data-verdict=not_satisfied]").click()
    page.locator("#rate-send").click()
    expect(page.locator(".rating [role=alert]")).to_be_visible()
    page.get_by_text("Đã tái diễn").click()
    shot(page, "citizen-phone-light-rating")
    assert axe(page) == []
    page.locator("#rate-send").click()
    expect(page.locator(".big-state")).to_have_text("Mở lại")
    assert Report.objects.get(code=code).state == "reopened"


def test_without_the_net_reports_and_me_too_wait_and_are_sent_once(city_server, opened, photo):
    make_category("traffic")
    known = make_report(category="traffic", words="Đã có người báo")
    Report.objects.filter(pk=known.pk).update(on_map=True, overdue=True)
    context = opened(**PHONE)
    context.add_init_script(CLOCK_AHEAD)
    page = context.new_page()
    page.goto(city_server)
    page.locator(".leaflet-container").wait_for()
    write(page, photo)
    context.set_offline(True)
    page.locator("#send").click()
    expect(page.locator(".ending[data-state=queued]")).to_be_visible()
    page.get_by_role("link", name="Về bản đồ").click()
    expect(page.locator(".tray")).to_contain_text("1 chờ gửi")
    context.set_offline(False)
    expect(page.locator(".tray")).to_have_count(0)
    sent = Report.objects.exclude(pk=known.pk).get()
    assert sent.clock_off_s == pytest.approx(TWO_DAYS_S, abs=600)
    assert abs((sent.received_at - timezone.now()).total_seconds()) < 600

    # A second one gets as far as its neighbours, then the net goes; a third is only begun.
    page.locator("#start").click()
    page.set_input_files("#photo-file", photo)
    forward(page)
    expect(page.locator(".where strong")).to_have_text("Thuận Hóa")
    forward(page)
    page.locator("[data-code=traffic]").click()
    card = page.locator(f".near-card[data-code={known.code}]")
    expect(card).to_be_visible()
    context.set_offline(True)
    card.locator(".me-too-button").click()
    expect(page.locator(".ending[data-state=queued]")).to_contain_text(known.code)
    page.get_by_role("link", name="Về bản đồ").click()
    page.locator("#start").click()
    page.set_input_files("#photo-file", photo)
    expect(page.locator(".photos img")).to_have_count(1)
    forward(page)
    expect(page.locator(".sheet-body")).to_contain_text("Chưa có mạng: bản đồ")
    page.goto(f"{city_server}/#/mine")
    expect(page.locator(".mine-group").first.locator(".mine-row")).to_have_count(2)
    assert not Follower.objects.exists()
    context.set_offline(False)
    followed = page.locator(f".mine-row[data-state=sent][data-follows={known.code}]")
    expect(followed).to_be_visible()
    expect(page.locator(".mine-row[data-state=sent]")).to_have_count(2)
    expect(page.locator(".mine-row[data-state=draft]")).to_have_count(1)
    expect(page.locator(".mine-row[data-state=sent]").first).to_contain_text("vừa xong")
    assert Report.objects.count() == 2 and Follower.objects.get().report_id == known.pk

    # Another phone, with the net: from the public list, filtered, to the report, and joins it.
    other = opened(**DESK).new_page()
    other.goto(f"{city_server}/#/list?here=0")
    expect(other.locator(".public-row")).to_have_count(2)
    other.get_by_role("radio", name="Quá hạn").click()
    expect(other.locator(".public-row")).to_have_count(1)
    expect(other.locator(".pin")).to_have_count(1)
    expect(other.locator(".pin-late")).to_be_visible()
    other.locator("select[name=category]").select_option("hygiene")
    expect(other.locator(".public-row")).to_have_count(0)
    other.get_by_role("button", name="Bỏ bộ lọc").click()
    other.locator(f".public-row[data-code={known.code}] a").click()
    other.locator("#me-too").click()
    expect(other.locator(".me-too-line")).to_contain_text("2 người cùng gặp")
    other.locator("#unfollow").click()
    expect(other.locator(".me-too-line")).to_contain_text("1 người cùng gặp")

    # A report once looked at opens without the net, as it was, and says of when that is.
    page.goto(f"{city_server}/r/{sent.code}")
    expect(page.locator(".told .said")).to_have_text("Ổ gà sâu giữa đường")
    assert awaited(page, ALL_KEPT)
    context.set_offline(True)
    page.reload()
    expect(page.locator(".old-note")).to_contain_text("Chưa có mạng")
    expect(page.locator(".follow-head .code")).to_have_text(sent.code)
    expect(page.locator(".told .said")).to_have_text("Ổ gà sâu giữa đường")
    expect(page.locator(".timeline li")).to_have_count(1)
    page.goto(f"{city_server}/r/{known.code}")  # never looked at on this phone
    expect(page.locator(".instead")).to_be_visible()
    context.set_offline(False)
    page.goto(f"{city_server}/r/{sent.code}")
    expect(page.locator(".photos img")).to_be_visible()
    expect(page.locator(".old-note")).to_have_count(0)


def test_who_is_signed_in_finds_their_reports_and_messages(city_server, opened):
    user = User.objects.create_user("dan", password="mot-mat-khau", role="citizen")
    report = make_report(user=user)
    Message.objects.create(
        key="k", channel="app", user=user, report=report, state="sent", sent_at=timezone.now(),
        subject="Đã nhận phản ánh", body="Cảm ơn bạn", url=f"/r/{report.code}",
    )  # fmt: skip
    client = Client()
    client.force_login(user)
    context = opened("dark", **PHONE)
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": city_server}])
    page = context.new_page()
    page.goto(f"{city_server}/#/mine")
    expect(page.locator(".mine-row .code")).to_have_text(report.code)
    page.goto(f"{city_server}/")
    expect(page.locator(".bell .count")).to_have_text("1")
    page.locator(".bell").click()
    expect(page.locator(".letter.fresh")).to_contain_text("Cảm ơn bạn")
    expect(page.locator(".bell .count")).to_have_count(0)
    page.locator(".letter a").click()
    expect(page.locator(".follow-head .code")).to_have_text(report.code)
    expect(page.locator(".told .said")).to_have_text("Rác chưa thu gom")
    assert Message.objects.get(key="k").read_at is not None


def test_figures_rank_only_what_is_enough(city_server, opened, axe):
    today = timezone.localdate()
    for key, n in (("traffic", 40), ("hygiene", 4)):
        hours = [0] * (len(statistics.LIMITS_H) + 1)
        hours[5] = n
        ReportDay.objects.create(
            by="category", day=today, key=key, received=n, closed=n, timed=n, in_time=n - 1,
            rated=n, satisfied=n, hours=hours,
        )  # fmt: skip
    page = opened(**DESK).new_page()
    page.goto(f"{city_server}/#/stats?by=category&days=30")
    expect(page.locator(".stat-row[data-rank='1']")).to_contain_text("Hạ tầng giao thông")
    expect(page.locator(".few .stat-row")).to_contain_text("Vệ sinh môi trường")
    expect(page.locator(".few .note")).to_contain_text("Dưới 20")
    expect(page.locator(".few .place")).to_have_text("–")
    assert axe(page) == []


def push_a_word(context: BrowserContext, page: Page, base: str) -> list:
    """What the phone shows once a push service has handed it news: title, words, what it opens."""
    browser = context.new_cdp_session(page)
    known: list[dict] = []
    browser.on(
        "ServiceWorker.workerRegistrationUpdated", lambda e: known.extend(e["registrations"])
    )
    browser.send("ServiceWorker.enable")
    for _ in range(400):
        if known:
            break
        page.wait_for_timeout(50)
    news = {"title": "Tin mới", "body": "Đã vá xong", "url": "https://city.example/r/HUE-2222-23"}
    browser.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": base, "registrationId": known[0]["registrationId"], "data": json.dumps(news)},
    )
    return awaited(
        page,
        "async () => (await (await navigator.serviceWorker.ready).getNotifications())"
        ".map((one) => [one.title, one.body, one.data])",
    )


def awaited(page: Page, look: str) -> Any:
    """The first answer of an async function of the page that is not empty or false.

    The browser's own `wait_for_function` takes a promise for a yes.
    """
    give_up = time.monotonic() + 20
    while not (found := page.evaluate(look)) and time.monotonic() < give_up:
        page.wait_for_timeout(100)
    return found


# What a piece of the city's map says: status, where it lies in the whole, bytes.
PIECE = """async () => {
  const asked = { headers: { Range: "bytes=10-19" } };
  const said = await fetch("/basemap/hue.pmtiles", asked).catch(() => null);
  return said && [said.status, said.headers.get("Content-Range"), await said.text()];
}"""
PIECE_KEPT = """async () => {
  await navigator.serviceWorker.ready;
  const controlled = navigator.serviceWorker.controller !== null;
  return controlled && Boolean(await caches.match("/basemap/hue.pmtiles?bytes=10-19"));
}"""


def test_a_draft_survives_a_reload_and_the_page_opens_without_the_net(
    city_server, opened, photo, tmp_path
):
    context = opened(**PHONE | {"permissions": ["geolocation", "notifications"]})
    page = context.new_page()
    page.goto(city_server)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator("#start").click()
    page.set_input_files("#photo-file", photo)
    expect(page.locator(".photos img")).to_have_count(1)
    assert awaited(page, ALL_KEPT)
    seen = [206, "bytes 10-19/40", "0123456789"]
    (tmp_path / "map").write_text("0123456789" * 4)
    City.objects.update(basemap={"file": str(tmp_path / "map")})
    assert page.evaluate(PIECE) == seen
    assert awaited(page, PIECE_KEPT)
    City.objects.update(basemap={})
    told = push_a_word(context, page, city_server)
    assert told == [["Tin mới", "Đã vá xong", {"url": f"{city_server}/r/HUE-2222-23"}]]
    context.set_offline(True)
    page.reload()
    expect(page.locator(".photos img")).to_have_count(1)
    assert page.evaluate(PIECE) == seen
    page.goto(f"{city_server}/")
    expect(page.locator(".tray")).to_contain_text("1 bản nháp")
    context.set_offline(False)


def test_a_report_that_is_refused_says_why_and_where_to_mend_it(city_server, opened, photo):
    small = {"viewport": {"width": 320, "height": 568}}
    page = opened(**(PHONE | small)).new_page()
    page.goto(city_server)
    page.locator(".leaflet-container").wait_for()
    assert page.locator(".sheet.home").evaluate("(e) => e.scrollWidth - e.clientWidth") == 0
    page.set_viewport_size({"width": 568, "height": 320})  # held sideways
    expect(page.locator(".stage")).to_have_css("height", "320px")
    expect(page.locator("#start")).to_be_in_viewport()
    page.set_viewport_size(small["viewport"])
    write(page, photo, "Ổ gà sâu giữa đường, " * 60)
    # Whatever was written can be read again before it is sent.
    assert page.locator(".check").evaluate("(e) => e.scrollHeight - e.clientHeight") == 0
    make_category("traffic").__class__.objects.filter(pk="traffic").update(active=False)
    page.locator("#send").click()
    expect(page.locator(".ending[data-state=refused]")).to_contain_text(
        "“Hạ tầng giao thông” không còn được tiếp nhận"
    )
    page.locator(".ending .primary").click()
    expect(page.locator(".categories")).to_be_visible()


@pytest.mark.parametrize(
    ("theme", "device"),
    [
        ("light", PHONE),
        ("dark", DESK),
        pytest.param("dark", PHONE, marks=pytest.mark.slow),
        pytest.param("light", DESK, marks=pytest.mark.slow),
    ],
)
def test_no_serious_fault_for_those_who_cannot_see(city_server, opened, axe, theme, device):
    page = opened(theme, **device).new_page()
    page.goto(city_server)
    page.locator(".leaflet-container").wait_for()
    assert axe(page) == []
    steps = ("photo", "pin", "category", "words", "check") if device is PHONE else ()
    for step in steps:
        page.goto(f"{city_server}/#/new/{step}")
        page.locator(f".flow[data-step={step}]").wait_for()
        assert axe(page) == [], (theme, step)
    for view in ("mine", "list", "stats"):
        page.goto(f"{city_server}/#/{view}")
        page.locator(".sheet-body").wait_for()
        assert axe(page) == [], (theme, view)
    page.goto(f"{city_server}/r/HUE-2222-23")
    page.locator(".instead h1").wait_for()
    assert axe(page) == []


def test_the_pin_is_placed_with_the_keyboard_alone(city_server, opened):
    page = opened(**(DESK)).new_page()
    page.goto(f"{city_server}/#/new/pin")
    before = page.locator(".where")
    expect(before).to_contain_text(re.compile(r"\d"))
    was = before.inner_text()
    page.locator(".leaflet-container").focus()
    page.keyboard.press("ArrowRight")
    expect(before).not_to_have_text(was)
    page.locator("input[type=search]").fill("16.4637, 107.5909")
    page.keyboard.press("Enter")
    page.locator(".found button").first.focus()
    page.keyboard.press("Enter")
    expect(before).to_contain_text("16,46370, 107,59090")
    expect(before.locator("strong")).to_have_text("Thuận Hóa")
    page.get_by_role("button", name="English").click()
    expect(before.locator("strong")).to_have_text("Thuan Hoa")

    # With too few reports to tell where they happen, the map opens as it did on the last visit.
    page.goto(f"{city_server}/#/")
    expect(page.locator(".leaflet-control-scale-line")).to_have_text("200 m")
    page.evaluate(f"localStorage.setItem('ioc.citizen.view', '[{HERE[1]}, {HERE[0]}, 12]')")
    page.reload()
    expect(page.locator(".leaflet-control-scale-line")).to_have_text("3 km")
