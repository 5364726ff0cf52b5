"""From an alarm to its station and the land it floods; and what a citizen reads of it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from environment import actions
from environment.flood import water
from environment.flood.models import TerrainModel
from environment.models import Overrule
from ioc.incidents import actions as incidents
from tests.environment.factories import make_receipt, make_sensor, row
from tests.environment.flood.factories import make_gauge, make_ward
from tests.reports.factories import make_category, make_city

WALL = {"viewport": {"width": 1920, "height": 1080}, "locale": "vi-VN"}
PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "vi-VN", "has_touch": True}


@pytest.fixture
def city_server(server):
    make_city()
    make_category()
    expect.set_options(timeout=20_000)
    yield server
    expect.set_options(timeout=5_000)


@pytest.fixture
def open_wall(browser, city_server, account):
    contexts = []

    def sign_in(role="operator"):
        context = browser.new_context(**WALL)
        contexts.append(context)
        name, password = account(role)
        page = context.new_page()
        page.goto(f"{city_server}/wall/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", password)
        page.locator("button[type=submit]").first.click()
        return page

    yield sign_in
    for context in contexts:
        context.close()


def send(*levels):
    """Levels at G1 up to now, ten minutes apart."""
    start = timezone.now().replace(second=0, microsecond=0)
    rows = [
        row(level, start - timedelta(minutes=10 * n), station="G1")
        for n, level in enumerate(reversed(levels))
    ]
    rows.append(row(3.5, start, station="G1", parameter="rain", unit="mm"))
    actions.record(list(reversed(rows)), receipt=make_receipt())


def test_an_alarm_opens_its_station_and_the_zone_at_its_stage(
    open_wall, browser, city_server, tmp_path, settings, axe, shot
):
    water._kept.clear()
    make_gauge(tmp_path, settings)
    TerrainModel.objects.update(facts={"sea_m": 0.0})
    make_ward("W1", (0, 61), (0, 80))
    send(0.6, 0.7, 0.8, 0.95, 1.2)
    make_sensor("G2", "Trạm hai", lon=107.7, lat=16.3, limits=[])
    now = timezone.now()
    doubtful = [row(0.5, now - timedelta(minutes=5), station="G2"), row(99, now, station="G2")]
    actions.record(doubtful, receipt=make_receipt())
    incidents.sweep()
    page = open_wall()
    page.locator(".incident-open").click()

    station = page.locator("ioc-station")
    expect(station).to_contain_text("Trên báo động I")
    expect(station.locator(".station-plot canvas")).to_be_visible()
    panel = page.locator(".flood-panel")
    slider = panel.get_by_role("slider", name="Mực nước, Trạm thử")
    expect(slider).to_have_value("120")
    expect(panel.locator(".flood-table tbody tr")).to_contain_text("Phường W1")

    # The zone follows the slider, and the table follows the zone.
    before = panel.locator(".flood-figures dd").first.inner_text()
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "4,0 m, Trên báo động I")
    expect(panel.locator(".flood-figures dd").first).not_to_have_text(before)
    expect(page.locator(".flood-pane canvas")).to_be_visible()
    expect(page).to_have_url(re.compile(r"flood=G1:400(&|$)"))

    panel.get_by_role("button", name="So sánh hai mức").click()
    panel.get_by_role("slider").nth(1).press("Home")
    expect(panel.locator(".flood-table thead")).to_contain_text("Δ km²")
    expect(panel.locator(".flood-table tbody tr")).to_contain_text("−")
    panel.get_by_role("button", name="Thôi so sánh").click()
    expect(panel.locator(".flood-answer")).to_have_attribute("aria-busy", "false")
    assert axe(page) == []
    shot(page, "wall-flood")

    # The sea has a slider of its own where the terrain has a coast; its zone has its own link.
    sea = panel.get_by_role("slider", name="Mực nước biển")
    expect(sea).to_have_attribute("aria-valuetext", "như thường ngày")
    sea.press("ArrowRight")
    expect(sea).to_have_attribute("aria-valuetext", "0,1 m")
    expect(page).to_have_url(re.compile(r"flood=G1:400:sea10"))
    panel.get_by_role("button", name="Trả biển về như thường ngày").click()
    expect(panel.locator(".flood-answer")).to_have_attribute("aria-busy", "false")

    panel.get_by_role("button", name="In", exact=True).click()
    expect(page.locator(".flood-sheet .paper")).to_contain_text("Những gì được đơn giản hóa")
    expect(page.locator(".flood-sheet .paper")).to_contain_text("Trạm thử (G1): 4,0 m")
    page.keyboard.press("Escape")
    expect(panel).to_be_visible()

    # What an operator publishes, anybody reads in plain words.
    panel.get_by_role("button", name="Đưa lên bản đồ").first.click()
    page.get_by_role("button", name="Công bố cho người dân").click()
    expect(panel.get_by_role("button", name="Người dân đang thấy")).to_be_visible()

    # Of rain no line ahead is drawn, and nobody is told that data are missing for one.
    station.get_by_label("Đại lượng").select_option("rain")
    expect(station.locator(".station-plot")).to_have_attribute("aria-label", re.compile("mm"))
    expect(station.get_by_role("button", name="Ước tính", exact=True)).to_have_count(0)
    expect(station).not_to_contain_text("Chưa đủ số liệu tốt để ước tính")
    station.get_by_label("Đại lượng").select_option("water_level")
    expect(station.get_by_role("button", name="Ước tính", exact=True)).to_be_visible()

    station.get_by_text("Xem và sửa cờ chất lượng").click()
    station.get_by_role("button", name="Sửa cờ").first.click()
    station.get_by_label("Lý do").fill("Cảm biến vừa được lau")
    station.get_by_role("button", name="Ghi nhận").click()
    expect(station).to_contain_text("giá trị gốc vẫn được giữ")
    assert Overrule.objects.get().flag == 4
    expect(station).to_contain_text("Cảm biến vừa được lau")
    station.get_by_role("button", name="Bỏ sửa").click()
    expect(station).to_contain_text("xét lại giá trị này")
    assert Overrule.objects.get().undone_at

    context = browser.new_context(**PHONE)
    public = context.new_page()
    public.goto(city_server)
    card = public.locator(".city-now")
    expect(card).to_contain_text("Vùng có thể ngập")
    expect(card).to_contain_text("Trạm thử: ")
    expect(card).to_contain_text("Trạm hai: số liệu mới đang được kiểm tra")
    shot(public, "citizen-river")
    context.close()


def test_without_a_terrain_the_panel_says_how_to_build_one(open_wall):
    page = open_wall("planner")
    page.get_by_role("button", name="Mở bảng vùng ngập").click()
    panel = page.locator(".flood-panel")
    expect(panel).to_contain_text("chưa có mô hình địa hình")
    expect(panel).to_contain_text("terrain build --dem")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
