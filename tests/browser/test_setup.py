"""The centre's operator sets up rules, categories, plans and calendars, in a real browser."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from geo.crs import snap_to_grid
from geo.models import District
from ioc.accounts.models import Agency, User
from ioc.reports import terms
from ioc.reports.models import Category, Report, RoutingRule, ServicePlan
from tests.reports.factories import HERE, make_category, make_city, make_district

DESK = {"viewport": {"width": 1920, "height": 1080}, "locale": "vi-VN"}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PATIENCE_MS = 20_000
PHONE_SCREENS = {
    "#/rules": ".card.rule",
    "#/categories/hygiene": "ioc-category-form .form-body",
    "#/plans/usual": "ioc-plan-form .steps",
    "#/calendars/office": "ioc-calendar-form .form-body",
}
# How far anything reaches beyond the side of what it scrolls in.
BEYOND_PX = """() => {
  const all = [document.documentElement, ...document.querySelectorAll(".form-body, .setup-list")];
  return Math.max(...all.map((one) => one.scrollWidth - one.clientWidth));
}"""


@pytest.fixture
def city_server(server: str) -> Iterator[str]:
    make_city()
    make_district()
    make_category(agency="works")
    for code, name in (("works", "Sở Xây dựng"), ("power", "Công ty Điện lực")):
        Agency.objects.create(code=code, name_vi=name, name_en=code.title())
    terms.usual_plan()
    past = [
        Report(
            code=f"HUE-{number:04}-22", client_key=uuid.uuid4(), h3=0, category_id="hygiene",
            geom=Point(*HERE, srid=4326), geom_public=Point(*snap_to_grid(*HERE), srid=4326),
            district=District.objects.get(), words="Dây cáp sà xuống" if number < 3 else "Rác",
            received_at=timezone.now() - timedelta(hours=number),
        )
        for number in range(8)
    ]  # fmt: skip
    Report.objects.bulk_create(past)
    expect.set_options(timeout=PATIENCE_MS)
    yield server
    expect.set_options(timeout=5_000)


@pytest.fixture
def setup(browser: Browser, city_server: str) -> Iterator[Callable[..., Page]]:
    """Opens the setup as the operator; an error of the page fails the test."""
    client = Client()
    client.force_login(User.objects.create_user("lan", role="operator", display_name="Lan"))
    cookie = {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": city_server,
    }
    contexts, faults = [], []

    def open_setup(hash_: str = "", theme: str = "dark", **args) -> Page:
        context = browser.new_context(**(DESK | args))
        contexts.append(context)
        context.add_cookies([cookie])
        context.add_init_script(f"localStorage.setItem('ioc.theme', '{theme}')")
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{city_server}/desk/setup/{hash_}")
        return page

    yield open_setup
    for context in contexts:
        context.close()
    assert faults == []


def save(page: Page) -> None:
    page.get_by_role("button", name="Lưu", exact=True).click()


def test_a_rule_is_tried_before_it_goes_live(setup, shot, axe):
    page = setup("#/rules")
    expect(page.get_by_text("Chưa có quy tắc nào")).to_be_visible()
    page.get_by_role("link", name="Thêm quy tắc").click()
    save(page)
    expect(page.locator("#f-name")).to_have_attribute("aria-invalid", "true")
    page.locator("#f-name").fill("Cáp rơi")
    page.locator("#f-agency").select_option("power")
    words = page.locator("[id='f-conditions.words']")
    words.fill("cap")
    words.press("Enter")
    expect(page.locator(".figures")).to_contain_text(
        re.compile(r"3\s*khớp.*3\s*sẽ đổi đơn vị", re.S)
    )
    expect(page.locator(".sample li.changed").first).to_contain_text("Công ty Điện lực")

    page.get_by_role("button", name="Vẽ vùng").click()
    box = page.locator(".rule-map").bounding_box()
    for across, down in ((0.3, 0.3), (0.6, 0.3), (0.6, 0.6)):
        page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
    page.get_by_role("button", name="Xong").click()
    expect(page.get_by_role("button", name="Vẽ lại")).to_be_visible()
    save(page)
    expect(page.get_by_text("Đã lưu “Cáp rơi”")).to_be_visible()
    rule = RoutingRule.objects.get()
    assert rule.conditions["words"] == ["cap"]
    assert rule.conditions["area"]["type"] == "Polygon"
    assert not rule.live and rule.changed_by.username == "lan"
    expect(page.locator(".card.rule")).to_contain_text("trong vùng vẽ")
    page.locator(".card.rule .switch").click()
    expect(page.get_by_text("bắt đầu áp dụng")).to_be_visible()
    assert RoutingRule.objects.get().live
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_text("Đã hoàn tác")).to_be_visible()
    assert not RoutingRule.objects.get().live
    shot(page, "setup-rule-dark")
    assert axe(page) == []


def test_order_shadows_and_two_who_edit_at_once(setup, shot, axe):
    power, works = Agency.objects.order_by("code")
    wide = RoutingRule.objects.create(order=10, name="Tất cả", agency=works, live=True)
    narrow = RoutingRule.objects.create(
        order=20, name="Cáp", agency=power, live=True, conditions={"words": ["cáp"]}
    )
    page = setup(f"#/rules/{narrow.pk}", theme="light")
    expect(page.locator(".row-note")).to_contain_text("Tất cả")
    page.get_by_role("button", name="Đưa Cáp lên").press("Enter")
    expect(page.locator(".row-note")).to_have_count(0)
    assert [rule.pk for rule in RoutingRule.objects.all()] == [narrow.pk, wide.pk]

    RoutingRule.objects.filter(pk=narrow.pk).update(note="Của người khác")
    page.locator("#f-name").fill("Cáp viễn thông")
    save(page)
    expect(page.get_by_text("trong khi bạn đang sửa").or_(
        page.get_by_text("while you were editing"))).to_be_visible()  # fmt: skip
    assert RoutingRule.objects.get(pk=narrow.pk).name == "Cáp"
    page.get_by_role("button", name="Ghi đè bằng bản của tôi").click()
    expect(page.get_by_text("Đã lưu “Cáp viễn thông”")).to_be_visible()
    page.get_by_role("button", name="Xóa", exact=True).click()
    page.locator(".sure .danger").click()
    expect(page.locator(".card.rule")).to_have_count(1)
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator(".card.rule")).to_have_count(2)
    first, second = RoutingRule.objects.values_list("name", flat=True)
    page.locator(".rules li").nth(1).drag_to(page.locator(".rules li").nth(0))
    expect(page.locator(".card.rule").first).to_contain_text(second)
    expect(page.get_by_text("Đã đổi thứ tự")).to_be_visible()
    assert [rule.name for rule in RoutingRule.objects.all()] == [second, first]
    shot(page, "setup-rules-light")
    assert axe(page) == []


def test_categories_plans_and_calendars(setup, shot, axe):
    page = setup("#/categories/hygiene")
    page.get_by_role("button", name="Ngừng dùng loại này").click()
    expect(page.get_by_text("8 phản ánh đang mở vẫn được xử lý")).to_be_visible()
    page.get_by_role("button", name="Giữ lại").click()
    page.locator("#f-name_vi").fill("Vệ sinh")
    page.get_by_role("button", name="recycling").click()
    page.get_by_role("link", name="Kế hoạch dịch vụ").click()
    page.get_by_role("link", name="Loại phản ánh").click()
    page.locator(".card").first.click()
    expect(page.locator("#f-name_vi")).to_have_value("Vệ sinh")  # not lost by looking elsewhere
    page.get_by_role("button", name="Thêm câu hỏi").click()
    page.get_by_label("Câu hỏi (tiếng Việt)").fill("Loại rác nào?")
    page.get_by_label("Kiểu trả lời").select_option("multivaluelist")
    save(page)
    expect(page.locator(".choices-of .fault")).to_be_visible()  # a choice without a name
    page.get_by_label("Tiếng Việt 1").fill("Xây dựng")
    page.get_by_role("button", name="Thêm lựa chọn").click()
    page.get_by_label("Tiếng Việt 2").fill("Sinh hoạt")
    save(page)
    expect(page.get_by_text("Đã lưu “Vệ sinh”")).to_be_visible()
    assert Category.objects.get(pk="hygiene").icon == "recycling"
    (asked,) = Category.objects.get(pk="hygiene").attributes
    assert asked["description"] == {"vi": "Loại rác nào?", "en": "Loại rác nào?"}
    assert [one["name"]["vi"] for one in asked["values"]] == ["Xây dựng", "Sinh hoạt"]
    page.locator(".questions").scroll_into_view_if_needed()
    shot(page, "setup-questions-dark")
    assert axe(page) == []

    page.get_by_role("link", name="Kế hoạch dịch vụ").click()
    page.locator(".card").first.click()
    page.locator("#f-resolve_h").fill("0")
    page.locator("#f-resolve_h").press("Tab")
    save(page)
    expect(page.locator("#f-resolve_h")).to_have_attribute("aria-invalid", "true")
    page.locator("#f-resolve_h").fill("40")
    page.locator("#f-resolve_h").press("Tab")
    save(page)
    expect(page.locator(".card").first).to_contain_text("xong 40 giờ")
    assert ServicePlan.objects.get().resolve_h == 40
    shot(page, "setup-plan-dark")

    page.get_by_role("link", name="Lịch làm việc").click()
    page.locator(".card").first.click()
    friday = date(date.today().year, 11, 13)  # of the year that the calendar shows
    friday += timedelta(days=(4 - friday.weekday()) % 7)
    monday, tuesday = (f"{friday + timedelta(days=n):%d/%m/%Y}" for n in (3, 4))
    page.locator(".probe input[type=datetime-local]").fill(f"{friday}T16:00")
    expect(page.locator(".probe-end")).to_contain_text("16:30")
    expect(page.locator(".probe-end")).to_contain_text(monday)
    page.locator(f"[aria-label^='{monday}']").dispatch_event("click")
    page.locator(".day-form .switch").click()
    page.get_by_role("button", name="Lưu ngày").click()
    expect(page.locator(".probe-end")).to_contain_text(tuesday)
    expect(page.locator(".named .own")).to_contain_text(monday)
    assert axe(page) == []
    shot(page, "setup-calendar-dark")


def test_on_a_phone_and_in_english(setup, shot, axe):
    RoutingRule.objects.create(name="Cáp", agency=Agency.objects.first(), live=True)
    page = setup("#/calendars/office", theme="light", **(PHONE | {"locale": "en-GB"}))
    heading = page.get_by_role("heading", name="Office hours")
    expect(heading).to_be_visible()  # as the browser asks
    page.get_by_role("button", name=re.compile("Tiếng Việt")).click()
    expect(page.get_by_role("heading", name="Giờ hành chính")).to_be_visible()
    page.get_by_role("button", name=re.compile("English")).click()
    expect(heading).to_be_visible()
    shot(page, "setup-calendar-phone")
    for hash_, shown in PHONE_SCREENS.items():
        page.goto(page.url.split("#")[0] + hash_)
        page.locator(shown).first.wait_for()
        assert page.evaluate(BEYOND_PX) == 0, hash_
    assert axe(page) == []
    page.goto(page.url.split("#")[0] + "#/rules")
    page.locator(".card-words").first.click()
    expect(page.locator("#f-name")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator(".card.rule")).to_be_visible()
