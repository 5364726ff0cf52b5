"""A citizen with a phone in one hand, in a real browser before the real server."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ioc.reports.models import Report
from tests.reports.factories import HERE, make_category, make_city, make_district, make_photo

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
CODE = re.compile(r"^HUE-[2-9A-Z]{4}-[2-9A-Z]{2}$")


@pytest.fixture
def city_server(server: str) -> str:
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


def test_a_report_is_sent_followed_and_seen_by_everybody(city_server, opened, photo, shot):
    watcher = opened(**DESK).new_page()
    watcher.goto(city_server)
    expect(watcher.locator(".in-view .empty")).to_be_visible()
    page = opened(**PHONE).new_page()
    page.goto(city_server)
    page.locator(".leaflet-container").wait_for()
    shot(page, "citizen-phone-light-home")
    write(page, photo, SCRIPT)
    shot(page, "citizen-phone-light-check")
    page.locator("#send").click()
    code = page.locator(".big-code")
    expect(code).to_have_text(CODE)
    expect(watcher.locator(".in-view .row")).to_have_count(1)
    expect(watcher.locator(".in-view .row")).to_contain_text("Hạ tầng giao thông")
    shot(page, "citizen-phone-light-done")
    shot(watcher, "citizen-desk-light-home")

    report = Report.objects.get(code=code.inner_text())
    assert report.words == SCRIPT and report.photos.count() == 1
    assert max(report.photos.get().width, report.photos.get().height) <= 2048
    assert report.geom.coords == pytest.approx(HERE, abs=2e-5)

    page.get_by_role("link", name="Theo dõi").click()
    expect(page.locator(".said")).to_have_text(SCRIPT)
    expect(page.locator(".photos img")).to_be_visible()
    expect(page.locator(".timeline li")).to_have_count(1)
    shot(page, "citizen-phone-light-follow")
    watcher.goto(f"{city_server}/r/{report.code}")
    expect(watcher.locator(".follow-head .code")).to_contain_text(report.code)
    expect(watcher.locator(".said, .photos")).to_have_count(0)


def test_without_the_net_a_report_waits_and_is_sent_once(city_server, opened, photo):
    context = opened(**PHONE)
    page = context.new_page()
    page.goto(city_server)
    page.locator(".leaflet-container").wait_for()
    write(page, photo)
    context.set_offline(True)
    page.locator("#send").click()
    expect(page.locator(".ending[data-state=queued]")).to_be_visible()
    assert not Report.objects.exists()
    page.get_by_role("link", name="Về bản đồ").click()
    expect(page.locator(".tray")).to_contain_text("1 chờ gửi")
    context.set_offline(False)
    expect(page.locator(".tray")).to_have_count(0)
    assert Report.objects.count() == 1
    page.goto(f"{city_server}/#/mine")
    expect(page.locator(".mine-row[data-state=sent] .code")).to_have_text(CODE)


def test_a_draft_survives_a_reload_and_the_page_opens_without_the_net(city_server, opened, photo):
    context = opened(**PHONE)
    page = context.new_page()
    page.goto(city_server)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator("#start").click()
    page.set_input_files("#photo-file", photo)
    expect(page.locator(".photos img")).to_have_count(1)
    page.wait_for_function(
        "async () => (await (await caches.open('ioc-shell-1')).keys()).length > 5"
    )
    context.set_offline(True)
    page.reload()
    expect(page.locator(".photos img")).to_have_count(1)
    page.goto(f"{city_server}/")
    expect(page.locator(".tray")).to_contain_text("1 bản nháp")
    context.set_offline(False)


def test_a_report_that_is_refused_says_why_and_where_to_mend_it(city_server, opened, photo):
    page = opened(**PHONE).new_page()
    page.goto(city_server)
    page.locator(".leaflet-container").wait_for()
    write(page, photo)
    make_category("traffic").__class__.objects.filter(pk="traffic").update(active=False)
    page.locator("#send").click()
    expect(page.locator(".ending[data-state=refused]")).to_contain_text(
        "“Hạ tầng giao thông” không còn được tiếp nhận"
    )
    page.locator(".ending .primary").click()
    expect(page.locator(".categories")).to_be_visible()


def test_no_serious_fault_for_those_who_cannot_see(city_server, opened, axe):
    for theme, device in (("light", PHONE), ("dark", PHONE), ("light", DESK), ("dark", DESK)):
        page = opened(theme, **device).new_page()
        page.goto(city_server)
        page.locator(".leaflet-container").wait_for()
        assert axe(page) == []
        for step in ("photo", "pin", "category", "words", "check"):
            page.goto(f"{city_server}/#/new/{step}")
            page.locator(f".flow[data-step={step}]").wait_for()
            assert axe(page) == [], (theme, step)
        page.goto(f"{city_server}/#/mine")
        assert axe(page) == []
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
