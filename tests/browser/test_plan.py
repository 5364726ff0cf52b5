"""The planning desk: a question drawn, narrowed, analysed, compared and kept."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from ioc.accounts.models import User
from ioc.planning import actions, computing
from ioc.planning.models import Analysis, Run
from ioc.reports.models import Report
from tests.planning import factories as ground

SCREEN = {"viewport": {"width": 1440, "height": 900}, "locale": "vi-VN"}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PATIENCE_MS = 20_000
NOWHERE = "#layer=reports&area=" + (
    '{"geometry":{"type":"Point","coordinates":[107.1,16.1]},"buffer_m":200}'
)


# What the browser would have printed at that moment, the screen being dark before.
SHEET = """() => {
  document.querySelector(".plan-top .icon-button").click();
  const text = (name) => document.querySelector(name).textContent;
  window.print = () => (document.body.dataset.sheet = JSON.stringify({
    theme: document.documentElement.dataset.theme,
    wide: document.querySelector("ioc-plan-stage").getBoundingClientRect().width,
    head: text(".print-head"), legend: text(".print-legend"),
  }));
}"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("planner", 200), ("operator", 200), ("administrator", 200), ("agency_officer", 403),
        ("fisheries_officer", 403), ("citizen", 403),
    ],
)  # fmt: skip
def test_the_page_is_for_who_may_plan(role: str, status: int) -> None:
    client = Client()
    user = User.objects.create_user(f"is-{role}", role=role)
    client.force_login(user, "ioc.accounts.backends.RoleBackend")
    assert client.get("/plan/").status_code == status


@pytest.mark.django_db
def test_the_page_asks_to_sign_in() -> None:
    answer = Client().get("/plan/")
    assert answer.status_code == 302 and "login" in answer["Location"]


@pytest.fixture
def plan(
    browser: Browser, server: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Page]]:
    """Opens the desk as a planner of a city of two wards with a crowd of reports in one."""
    monkeypatch.setattr(ground, "NOW", timezone.now() - timedelta(minutes=5))
    ground.make_ground()
    ground.make_reports()
    planner = User.objects.create_user("minh", role="planner", display_name="Minh")
    client = Client()
    client.force_login(planner, "ioc.accounts.backends.RoleBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    contexts: list[BrowserContext] = []
    asked: set[Request] = set()
    expect.set_options(timeout=PATIENCE_MS)

    def open_plan(hash_: str = "", **args) -> Page:
        context = browser.new_context(**(SCREEN | args))
        contexts.append(context)
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server}]
        )
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.on("request", lambda request: "/api/" in request.url and asked.add(request))
        for ended in ("requestfinished", "requestfailed"):
            page.on(ended, lambda request: asked.discard(request))
        page.goto(f"{server}/plan/{hash_}")
        return page

    yield open_plan
    for context in contexts:
        for _ in range(40):  # what the server still reads would stand in the way of emptying
            if not asked:
                break
            context.pages[0].wait_for_timeout(50)
        context.close()
    expect.set_options(timeout=5_000)


def computed(run: Run) -> bool:
    """Whether the run is done: computed as a worker does, away from the browser's loop."""

    def work() -> bool:
        try:
            return computing.compute(str(run.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def figure(page: Page, n: int | str) -> None:
    expect(page.locator(".figure strong")).to_have_text(str(n))


def test_a_question_is_drawn_narrowed_analysed_and_kept(
    plan: Callable[..., Page], axe, shot
) -> None:
    total = Report.objects.count()
    page = plan("#map=13/16.46/107.61")
    figure(page, total)
    expect(page.locator(".sentence")).to_contain_text("Tất cả")

    # Drawn: the answer follows the hand before the drawing is done, and every layer is counted.
    page.locator("[data-tool=polygon]").click()
    box = page.locator(".plan-map .map").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-120, -120), (120, -120)):
        page.mouse.click(x + dx, y + dy)
    page.mouse.move(x + 120, y + 120)
    expect(page.locator(".sentence")).to_contain_text("vùng đã vẽ")
    page.mouse.click(x + 120, y + 120)
    page.mouse.dblclick(x - 120, y + 120)
    expect(page.locator(".tool-hint")).to_have_count(0)
    expect(page.locator(".area-chip small")).to_contain_text("km²")
    expect(page.locator(".figure small")).to_contain_text("/ km²")
    expect(page.locator(".every li")).not_to_have_count(0)

    # A ward picked by its name is counted as SQL counts it; then a condition, turned round.
    page.locator(".place-search").fill("Vỹ Dạ")
    page.locator(".place-found button").first.click()
    ward = ground.District.objects.get(code="vy-da")
    inside = Report.objects.filter(geom__intersects=ward.geom)
    figure(page, inside.count())
    page.locator(".chip.add").click()
    page.locator(".cond-form [name=kind]").select_option("condWithout")
    page.locator(".cond-form [name=layer]").select_option("wards")
    page.locator(".cond-form [type=submit]").click()
    figure(page, 0)
    expect(page.locator(".nothing")).to_contain_text("Không có gì")
    page.locator(".chip-words").click()
    figure(page, inside.count())
    assert axe(page) == []
    page.locator(".chip .icon-button").click()
    page.locator(".area-chip .icon-button").click()
    figure(page, total)
    page.locator("[data-undo]").click()
    figure(page, inside.count())
    page.locator("[data-redo]").click()
    figure(page, total)

    # Analysed: a run with its results in table and on the map, named, shared, and on the wall.
    page.keyboard.press("2")
    page.locator(".run-button").click()
    expect(page.locator(".progress")).to_be_visible()
    assert computed(Run.objects.get())
    rows = page.locator(".table-box tbody tr")
    expect(rows.first).to_contain_text("Nóng")
    rows.first.hover()
    expect(rows.first).to_have_class(re.compile("is-lit"))
    page.locator(".about summary").click()
    expect(page.locator(".references li").first).to_be_visible()
    page.locator("[data-save]").click()
    page.locator("dialog[open] [name=name]").fill("Điểm nóng")
    page.locator("dialog[open] [name=every]").select_option("day")
    page.locator("dialog[open] [name=on_wall]").check()
    page.locator("dialog[open] [type=submit]").click()
    expect(page.locator(".card.is-open")).to_contain_text("mỗi ngày")
    kept = Analysis.objects.get()
    assert (kept.name, kept.every, kept.on_wall) == ("Điểm nóng", "day", True)
    assert axe(page) == []
    shot(page, "plan-hotspots-1440")

    # Taken away: the run as files and as a report, and on paper light, whatever the screen is.
    for kind, begins in (("gpkg", b"SQLite format 3"), ("parquet", b"PAR1")):
        page.locator(".answer-head .menu summary").click()
        with page.expect_download() as taken:
            page.locator(f"[data-export={kind}]").click()
        assert taken.value.path().read_bytes().startswith(begins)
    page.locator(".answer-head .menu summary").click()
    report = page.locator("[data-export=pdf]").get_attribute("href")
    assert page.request.get(page.url.split("/plan/")[0] + report).body().startswith(b"%PDF-")
    page.keyboard.press("Escape")
    page.evaluate(SHEET)
    page.keyboard.press("Control+p")
    expect(page.locator("body")).to_have_attribute("data-sheet", re.compile("theme"))
    sheet = json.loads(page.locator("body").get_attribute("data-sheet") or "")
    assert sheet["theme"] == "light" and 680 < sheet["wide"] < 700
    assert "1:" in sheet["head"] and "Nóng" in sheet["legend"]
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    # The link opens the same run; putting it away can be undone.
    expect(page).to_have_url(re.compile("run="))
    english = plan(page.evaluate("location.hash"), locale="en-US")
    expect(english.locator(".numbers")).to_contain_text("events")
    expect(english.locator(".numbers")).to_contain_text("cells")
    expect(english.locator("[data-ask=resolution]")).to_contain_text("0.53 km")
    expect(english.locator(".plan-answer .sentence")).to_contain_text("meeting Hue")
    again = plan(page.evaluate("location.hash"))
    expect(again.locator(".table-box tbody tr").first).to_contain_text("Nóng")
    again.locator(".card").first.hover()
    again.locator(".card [aria-label^='Bỏ']").click()
    expect(again.locator(".card.is-open")).to_have_count(0)
    again.locator(".toast button").click()
    expect(again.locator(".card", has_text="Điểm nóng")).to_have_count(1)


def test_two_periods_a_file_and_an_empty_place(plan: Callable[..., Page], axe, shot) -> None:
    page = plan("#layer=reports&mode=compare")
    expect(page.locator(".versus strong").first).not_to_have_text("–")
    page.locator(".swipe-bar").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".swipe-bar")).to_have_attribute("aria-valuenow", "55")
    assert axe(page) == []
    shot(page, "plan-compare-1440")
    page.keyboard.press("1")
    page.locator(".menu summary").click()
    with page.expect_download() as taken:
        page.locator("[data-export=csv]").click()
    lines = taken.value.path().read_text("utf-8-sig").strip().splitlines()
    assert len(lines) == Report.objects.count() + 1
    page.locator(".menu summary").click()
    with page.expect_download() as picture:
        page.locator("[data-export=png]").click()
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")

    # Two values at once, one of which has a single class: the other's classes keep their colours.
    run = actions.ask(
        User.objects.get(username="minh"), method="bivariate", parameters={},
        asked={"layer": "billboards", "against": {"layer": "reports"}},
    )  # fmt: skip
    assert computed(run)
    page = plan(f"#layer=billboards&mode=analyse&run={run.pk}")
    expect(page.locator(".square i")).to_have_count(9)
    swatches = page.locator(".table-box tbody em")
    expect(swatches).to_have_count(2)
    tints = [swatches.nth(n).get_attribute("style") or "" for n in range(2)]
    assert tints[0] != tints[1] and all(
        re.fullmatch(r"--tint:#[0-9a-f]{6};?", one) for one in tints
    )

    phone = plan(NOWHERE, **PHONE)
    phone.locator(".tabs button").nth(2).tap()
    expect(phone.locator(".nothing")).to_contain_text("mở rộng vùng")
    expect(phone.locator(".plan-ask")).not_to_be_visible()
    assert axe(phone) == []
    shot(phone, "plan-empty-390")
