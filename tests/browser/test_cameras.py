"""An operator calibrates a camera, draws a rule, and reviews what it raised, in a real browser."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from ioc.accounts.models import User
from tests.reports.factories import make_city
from tests.vision.factories import LINE, make_camera, make_finding
from vision import actions
from vision.models import Camera, CameraEvent, Job, MinuteCount

DESK = {"viewport": {"width": 1920, "height": 1080}, "locale": "vi-VN"}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PATIENCE_MS = 20_000
PIXEL = """<svg xmlns="http://www.w3.org/2000/svg" width="960" height="540"><rect width="960"
height="540" fill="#456"/></svg>"""
PLACES = ((0.1, 0.9), (0.9, 0.9), (0.2, 0.5), (0.8, 0.5), (0.5, 0.7), (0.5, 0.35))


@pytest.fixture
def desk(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Opens the camera desk as an operator; an error of the page fails the test."""
    make_city()
    client = Client()
    client.force_login(User.objects.create_user("lan", role="operator", display_name="Lan"))
    cookie = {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": server,
    }
    contexts, faults = [], []
    expect.set_options(timeout=PATIENCE_MS)

    def open_desk(hash_: str = "", theme: str = "dark", **args) -> Page:
        context = browser.new_context(**(DESK | args))
        contexts.append(context)
        context.add_cookies([cookie])
        context.add_init_script(f"localStorage.setItem('ioc.theme', '{theme}')")
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        for pictures in ("**/picture.jpg*", "**/snapshot.jpg"):
            page.route(
                pictures, lambda route: route.fulfill(content_type="image/svg+xml", body=PIXEL)
            )
        page.goto(f"{server}/desk/cameras/{hash_}")
        return page

    yield open_desk
    for context in contexts:
        context.close()
    expect.set_options(timeout=5_000)
    assert faults == []


def click_at(page: Page, selector: str, x: float, y: float) -> None:
    box = page.locator(selector).bounding_box()
    page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)


def on_picture(page: Page, x: float, y: float) -> None:
    """Clicks a place of the picture, wherever it stands in its room."""
    at = page.evaluate(
        """([x, y]) => { const board = document.querySelector("svg.board");
        const [, , w, h] = board.getAttribute("viewBox").split(" ").map(Number);
        const at = new DOMPoint(x * w, y * h).matrixTransform(board.getScreenCTM());
        return [at.x, at.y]; }""",
        [x, y],
    )
    page.mouse.click(*at)


def still(page: Page) -> None:
    """Waits until nothing fades any more: half faded words have too little contrast."""
    page.mouse.move(5, 5)
    page.wait_for_function(
        "() => document.getAnimations()"
        ".every((one) => one.effect.getTiming().iterations === Infinity)"
    )


def test_a_camera_is_calibrated_and_told_what_to_look_for(desk, shot, axe):
    camera = make_camera(name_vi="Cầu Trường Tiền", address="")
    page = desk()
    page.get_by_role("link", name="Cầu Trường Tiền").click()
    page.get_by_role("link", name="Hiệu chỉnh").click()
    save = page.get_by_role("button", name="Lưu hiệu chỉnh")
    for n, (x, y) in enumerate(PLACES):
        on_picture(page, x, y)
        expect(page.locator(".map-hint")).to_contain_text(f"Điểm {n + 1}")
        expect(save).to_be_disabled()
        # As a camera sees flat ground: what is high in the picture is far away.
        far = 0.25 / (y + 0.2)
        click_at(page, ".cal-map .ground", 0.5 + (x - 0.5) * far, 0.9 - far)
    expect(page.locator(".verdict")).to_contain_text("sai số thường gặp")
    expect(page.locator(".points tbody tr")).to_have_count(6)
    expect(page.locator(".bar-cell")).to_have_count(6)
    page.get_by_role("button", name="Bỏ điểm 6").click()
    expect(page.locator(".points tbody tr")).to_have_count(5)
    page.keyboard.press("Control+z")
    expect(page.locator(".bar-cell")).to_have_count(6)
    page.get_by_role("button", name="Nhìn gần điểm 3").click()  # picture and map come near
    whole = page.locator("svg.board").get_attribute("viewBox")
    assert float(whole.split()[2]) == pytest.approx(960 / 5)
    page.get_by_role("button", name="Cả hình").click()
    expect(save).to_be_enabled()
    expect(page.locator(".verdict")).not_to_have_attribute("aria-busy", "true")
    still(page)
    assert axe(page) == []
    shot(page, "cameras-calibration")
    save.click()
    expect(page.get_by_text("Đã lưu; vùng nhìn")).to_be_visible()
    camera.refresh_from_db()
    assert len(camera.control_points) == 6
    assert camera.view_exact

    page.get_by_role("link", name="Quy tắc").click()
    page.get_by_role("button", name="Đếm qua vạch").click()
    on_picture(page, 0.2, 0.6)
    on_picture(page, 0.8, 0.6)
    expect(page.locator(".arrow")).to_have_count(2)
    page.locator("#r-wrong").select_option("up")
    expect(page.locator(".arrow.forbidden")).to_have_count(1)
    page.get_by_text("Thêm quy tắc").click()
    page.get_by_role("button", name="Tụ tập đông người").click()
    for x, y in ((0.1, 0.7), (0.4, 0.7), (0.4, 0.95)):
        on_picture(page, x, y)
    page.get_by_role("button", name="Xong").click()
    page.locator("#r-people").fill("1")
    expect(page.locator("#r-people")).to_have_attribute("aria-invalid", "true")
    switch_on = page.get_by_role("button", name="Lưu và bật")
    expect(switch_on).to_be_disabled()
    page.locator("#r-people").fill("12")
    switch_on.click()
    expect(page.get_by_text("Đã bật 2 quy tắc")).to_be_visible()
    line, crowd = Camera.objects.get().rules
    assert line["line"] == pytest.approx([0.2, 0.6, 0.8, 0.6], abs=0.01)
    assert (line["wrong"], crowd["people"], len(crowd["zone"])) == ("up", 12, 3)
    assert axe(page) == []
    shot(page, "cameras-rules")


def test_a_trial_on_a_clip_that_is_brought_outlives_the_page(desk, axe, tmp_path):
    camera = make_camera(rules=[LINE])
    clip = tmp_path / "sáng thứ hai.mp4"
    clip.write_bytes(b"\0\0\0\x20ftypisom" + b"0" * 4000)
    page = desk(f"#/cameras/{camera.pk}/rules", theme="light")
    page.get_by_role("tab", name="Chạy thử").click()
    page.locator("input[type=file]").set_input_files(str(clip))
    expect(page.locator("#t-file")).to_contain_text("sáng thứ hai.mp4")
    page.get_by_role("button", name="Chạy thử", exact=True).click()
    expect(page.get_by_text("Đang chờ đến lượt…")).to_be_visible()
    assert "trial=" in page.url
    page.get_by_role("link", name="Tổng quan").click()
    expect(page.locator(".view-picture")).to_be_visible()
    page.get_by_role("link", name="Quy tắc").click()
    page.get_by_role("tab", name="Chạy thử").click()
    expect(page.locator(".trial-queued")).to_contain_text("sáng thứ hai.mp4")
    expect(page.get_by_text("Đang chờ đến lượt…")).to_be_visible()
    job = Job.objects.get()
    assert (job.state, job.asked["rules"]) == ("queued", [LINE])
    assert axe(page) == []
    page.get_by_role("button", name="Hủy").click()
    expect(page.locator(".trial-cancelled")).to_be_visible()


def test_a_camera_is_moved_and_takes_another_detector(desk):
    camera = make_camera(address="", masks=[[[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]])
    before = camera.geom.coords
    page = desk(f"#/cameras/{camera.pk}/view", theme="light")
    expect(page.locator(".shape.hides .zone")).to_have_count(1)
    page.get_by_role("button", name="Sửa").click()
    page.locator("#f-detector").select_option("mog2")
    expect(page.get_by_text("Bấm lên bản đồ để dời camera")).to_be_visible()
    click_at(page, ".view-side .ground", 0.2, 0.3)
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Trừ nền")).to_be_visible()
    expect(page.locator("#f-detector")).to_have_count(0)
    camera.refresh_from_db()
    assert camera.detector == "mog2"
    assert camera.geom.coords != before


def test_what_was_raised_is_reviewed_by_keyboard(desk, shot, axe):
    camera = make_camera()
    for n in range(5):
        actions.record_event(
            camera=camera, finding=make_finding(f"k{n}", kind="wrong_way", notable=True)
        )
    MinuteCount.objects.all().delete()  # those of the events; what is counted comes next
    now = timezone.now().replace(second=0, microsecond=0)
    for ago in range(1, 6):
        MinuteCount.objects.create(camera=camera, rule="gate", direction="down",
            object_class="car", minute=now - timedelta(minutes=ago), count=4)  # fmt: skip
    page = desk("#/review", theme="light")
    expect(page.locator(".event-row")).to_have_count(5)
    newest = CameraEvent.objects.order_by("-pk")
    page.keyboard.press("a")
    expect(page.locator(".event-row.said-accepted")).to_have_count(1)
    expect(page.locator('.event-row[aria-current="true"]')).to_have_class("event-row said-pending")
    page.keyboard.press("r")
    page.keyboard.press("1")
    expect(page.locator(".event-row.said-rejected")).to_have_count(1)
    page.keyboard.press("w")
    page.get_by_role("group", name="Thật ra là gì?").get_by_text("Xe máy").click()
    expect(page.locator(".event-row.said-wrong_class")).to_have_count(1)
    assert [row.review for row in newest[:3]] == ["accepted", "rejected", "wrong_class"]
    assert (newest[1].review_reason, newest[2].right_class) == ("Không có gì ở đó", "motorcycle")
    page.keyboard.press("u")
    expect(page.locator(".event-row.said-wrong_class")).to_have_count(0)
    assert newest[2].review == "pending"
    page.get_by_label("Chọn tất cả").check()
    page.get_by_label("Chọn Đi ngược chiều").first.uncheck()
    assert axe(page) == []
    shot(page, "cameras-review")

    page.get_by_role("link", name="Độ đúng").click()
    expect(page.locator(".interval")).to_contain_text("50 %")
    expect(page.locator(".few")).to_contain_text("2 lượt")
    page.get_by_role("link", name="Đếm xe").click()
    expect(page.locator(".wide-table tbody tr")).to_contain_text("20")
    expect(page.locator("ioc-line-chart canvas")).to_be_visible()
    assert axe(page) == []


def test_on_a_phone_and_in_english(desk, shot):
    camera = make_camera(name_en="Bridge")
    actions.record_event(camera=camera, finding=make_finding(kind="wrong_way", notable=True))
    page = desk(theme="light", **PHONE)
    page.get_by_role("button", name="EN").click()
    expect(page.get_by_role("heading", name="Cameras")).to_be_visible()
    for part in ("view", "calibration", "rules"):
        page.goto(page.url.split("#")[0] + f"#/cameras/{camera.pk}/{part}")
        expect(page.locator("svg.board")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, part
    page.get_by_role("link", name="Review").click()
    page.locator(".event-row > button").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("1 accepted.")).to_be_visible()
    shot(page, "cameras-phone")
    assert CameraEvent.objects.get().review == "accepted"
