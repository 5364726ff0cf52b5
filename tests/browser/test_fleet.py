"""A fisheries officer's morning at /fleet/, in a real browser before the real server."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from ioc.accounts.models import User
from tests.reports.factories import make_city
from tests.vessels import fleet_factories as plant
from vessels import alerts, declarations, sweep
from vessels.models import Alert, Declaration, Port, Threshold, Vessel
from vessels.tracks import keep

SCREEN = {"viewport": {"width": 1440, "height": 900}, "locale": "vi-VN"}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PATIENCE_MS = 20_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"), [("fisheries_officer", 200), ("operator", 200), ("citizen", 403)]
)
def test_the_page_is_for_who_may_see_vessels(role: str, status: int) -> None:
    client = Client()
    client.force_login(
        User.objects.create_user(f"is-{role}", role=role), "ioc.accounts.backends.RoleBackend"
    )
    assert client.get("/fleet/").status_code == status


@pytest.mark.django_db
def test_the_page_asks_to_sign_in() -> None:
    answer = Client().get("/fleet/")
    assert answer.status_code == 302 and "login" in answer["Location"]


@pytest.fixture
def morning(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A sea with a silent boat, one over the line, one that fishes quietly, one in port."""
    # What a migration put there, the emptying after another test took away.
    if not Threshold.objects.exists():
        import_module("vessels.migrations.0003_seed_thresholds").seed(apps, None)
    now = timezone.now()
    monkeypatch.setattr(plant, "NOW", now)
    monkeypatch.setattr(plant, "NOW_S", now.timestamp())
    make_city()
    with transaction.atomic():  # as the ingest writes
        plant.make_sea()
        plant.make_zone("foreign", 109.0, 109.4, code="nuoc-khac")
        silent = plant.make_boat(16, vms="vnpt", plate="TTH-96329-TS", name="Thuận An 29")
        plant.hear(silent, *((7 + n * 2.5, 108.8, 16.8, 6.0, 90.0) for n in range(5)), vms=True)
        over = plant.make_boat(20, plate="QNg-90459-TS", name="Sao Biển")
        plant.hear(over, *plant.way(108.9, 109.1, hours=(2.0, 0.1)))
        quiet = plant.make_boat(20, plate="TTH-91001-TS", name="Bình An")
        plant.hear(quiet, *plant.way(108.75, 108.85, lat=16.2))
        moored = plant.make_boat(9, plate="TTH-91002-TS", name="Mai Hương")
        plant.hear(moored, plant.at_port(2.0), plant.at_port(0.2))
    sweep.run(now=now)
    expect.set_options(timeout=PATIENCE_MS)
    yield server
    expect.set_options(timeout=5_000)


@pytest.fixture
def fleet(browser: Browser, morning: str) -> Iterator[Callable[..., Page]]:
    """Opens the fleet as an officer."""
    officer = User.objects.create_user("huong", role="fisheries_officer", display_name="Hương")
    client = Client()
    client.force_login(officer, "ioc.accounts.backends.RoleBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    contexts: list[BrowserContext] = []
    asked: set[Request] = set()

    def open_fleet(hash_: str = "", **args) -> Page:
        context = browser.new_context(**(SCREEN | args))
        contexts.append(context)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": morning}
        context.add_cookies([cookie])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.on("request", lambda request: "/api/" in request.url and asked.add(request))
        for ended in ("requestfinished", "requestfailed"):
            page.on(ended, lambda request: asked.discard(request))
        page.goto(f"{morning}/fleet/{hash_}")
        return page

    yield open_fleet
    for context in contexts:
        for _ in range(40):  # what the server still reads would stand in the way of emptying
            if not asked:
                break
            context.pages[0].wait_for_timeout(50)
        context.close()


def count(page: Page, state: str) -> Locator:
    return page.locator(f".chip[data-state={state}] b")


def test_an_officers_morning(fleet: Callable[..., Page], axe, shot) -> None:
    page = fleet()
    rows = page.locator(".row")
    expect(rows).to_have_count(4)
    for state, n in {"over_line": 1, "silent": 1, "at_sea": 1, "in_port": 1, "danger": 0}.items():
        expect(count(page, state)).to_have_text(str(n))
    # The gravest first, each with its reason; the quiet ones have none.
    expect(rows.nth(0)).to_contain_text("QNg-90459-TS")
    expect(rows.nth(1)).to_contain_text("TTH-96329-TS")
    expect(page.locator(".row-reason")).to_have_count(2)
    expect(rows.nth(1).locator(".clock-left")).to_contain_text("còn")

    # Found by a plate without its dashes; the file says whom to call.
    page.locator("input[type=search]").fill("96329")
    expect(rows).to_have_count(1)
    page.locator(".row-open").click()
    expect(page.locator(".owner")).to_contain_text("Ông Hai")
    expect(page.locator(".law")).to_contain_text("26/2019")

    # Called, though another officer was faster: it is told, and what was typed is kept.
    page.locator("[data-stage=called]").click()
    expect(page.locator(".phones a").first).to_have_attribute("href", "tel:0905")
    page.locator(".stage-form textarea").fill("Máy VMS hỏng, đang về cảng.")
    alert = Alert.objects.get(vessel__plate="TTH-96329-TS")
    other = User.objects.create_user("bao", role="fisheries_officer", display_name="Bảo")
    seen = {"stage": "seen", "words": "", "cause": "", "version": alert.version, "key": "k"}
    alerts.move(alert_id=alert.pk, by=other, **seen)
    page.locator(".stage-form [type=submit]").click()
    expect(page.locator(".refused")).to_contain_text("Người khác")
    expect(page.locator(".stage-form textarea")).to_have_value("Máy VMS hỏng, đang về cảng.")
    page.locator(".stage-form [type=submit]").click()
    expect(page.locator(".said")).to_contain_text("Máy VMS hỏng")
    assert axe(page) == []

    # Closed: not without a cause.
    page.locator("[data-stage=closed]").click()
    page.locator(".stage-form [type=submit]").click()
    expect(page.locator(".refused")).to_be_visible()
    page.locator(".causes input").first.check()
    page.locator(".stage-form [type=submit]").click()
    expect(page.locator(".alert.is-closed")).to_be_visible()
    alert.refresh_from_db()
    assert (alert.stage, alert.closed_at is not None) == ("closed", True)
    shot(page, "fleet-file-1440")


PLANTED = {
    "TTH-92001-TS": "AIS bật, VMS tắt",
    "TTH-92002-TS": "đã khai rời cảng, chưa có vị trí",
    "TTH-92003-TS": "sắp vào",
    "TTH-92004-TS": "nguy cơ va chạm",
    "QNg-90459-TS": "vào Vùng foreign",
    "TTH-96329-TS": "mất tín hiệu quá 6 giờ",
}
QUIET = {"TTH-91001-TS", "TTH-91002-TS", "TTH-93001-TS", "TTH-93002-TS", "TTH-93003-TS"}


def plant_cases() -> None:
    """Four cases more than the morning has, and three boats more that do nothing wrong."""
    with transaction.atomic():
        dark = plant.make_boat(16, vms="vnpt", plate="TTH-92001-TS")
        plant.hear(dark, *((7 + n * 2.5, 108.5, 16.9, 8.0, 90.0) for n in range(6)), vms=True)
        plant.hear(dark, *plant.way(108.5, 108.6, lat=16.9, hours=(4, 0.1)))
        declared = plant.make_boat(16, vms="vnpt", plate="TTH-92002-TS")
        plant.hear(declared, plant.at_port(8.0), vms=True)
        declarations.declare(
            vessel=declared, kind="departure", port=Port.objects.get(), key="planted", by=None,
            at=plant.NOW - timedelta(hours=4),
        )  # fmt: skip
        heading = plant.make_boat(10, plate="TTH-92003-TS")
        plant.hear(heading, (0.1, 107.99, 16.7, 7.0, 90.0))
        boat = plant.make_boat(16, plate="TTH-92004-TS")
        ship = Vessel.objects.create(name="SHIP", kind="cargo", mmsi=2, length_m=180)
        plant.hear(boat, (0.02, 108.6, 16.35, 2.0, 0.0))
        plant.hear(ship, (0.05, 108.65, 16.35, 14.0, 270.0))
        along = plant.make_boat(10, plate="TTH-93001-TS")
        plant.hear(along, (0.1, 107.99, 16.1, 7.0, 0.0))
        slow = plant.make_boat(24, vms="vnpt", plate="TTH-93002-TS")
        plant.hear(slow, *((1.4 + n * 2.5, 108.7, 16.05, 8.0, 90.0) for n in range(6)), vms=True)
        through = plant.make_boat(18, plate="TTH-93003-TS")
        plant.hear(through, *plant.way(108.05, 108.35, hours=(2.0, 0.1), lat=16.25, speed=9.0))
    sweep.run(now=plant.NOW)


def test_each_planted_case_is_found_on_screen_and_none_on_quiet_boats(
    fleet: Callable[..., Page], shot
) -> None:
    plant_cases()
    page = fleet()
    rows = page.locator(".row")
    expect(rows).to_have_count(len(PLANTED) + len(QUIET) + 1)  # and the ship
    for plate, words in PLANTED.items():
        row = rows.filter(has_text=plate)
        expect(row.locator(".row-reason")).to_contain_text(words, ignore_case=True)
    for plate in QUIET:
        row = rows.filter(has_text=plate)
        expect(row).to_have_count(1)
        expect(row.locator(".row-reason")).to_have_count(0)
    expect(page.locator(".row-reason")).to_have_count(len(PLANTED))
    expect(count(page, "danger")).to_have_text("2")  # the boat and the ship that bears down on it
    # The gravest first; its file says what to do, its evidence how it was found.
    expect(rows.nth(0)).to_contain_text("TTH-92004-TS")
    rows.nth(0).locator(".row-open").click()
    expect(page.locator(".alert h3")).to_contain_text("nguy cơ va chạm", ignore_case=True)
    page.locator(".alert footer .link").click()
    expect(page.locator("dialog[open] table").first).to_be_visible()
    shot(page, "fleet-planted-1440")


def test_what_an_officer_writes_down_and_filters(fleet: Callable[..., Page], axe, shot) -> None:
    keep.run()
    quiet = Vessel.objects.get(plate="TTH-91001-TS")
    page = fleet(f"#vessel={quiet.pk}")
    # A departure and a note go on file; the file shows them without a reload.
    page.locator("[data-form=declare]").click()
    page.locator(".file-forms [name=crew]").fill("7")
    page.locator(".file-forms [name=note]").fill("Đi mười ngày")
    page.locator(".file-forms [type=submit]").click()
    expect(page.locator(".toast.good")).to_be_visible()
    said = Declaration.objects.get()
    assert (said.kind, said.crew, said.vessel_id) == ("departure", 7, quiet.pk)
    assert abs((timezone.now() - said.at).total_seconds()) < 120  # the city's clock, not ours
    page.locator("[data-form=note]").click()
    page.locator(".file-forms [name=words]").fill("Chủ tàu đổi số")
    assert axe(page) == []
    page.locator(".file-forms [type=submit]").click()
    expect(page.locator(".fold", has_text="Ghi chú")).to_have_count(1)
    assert quiet.notes.get().words == "Chủ tàu đổi số"
    # Kept an eye on, and found again by it, by kind and by waters.
    page.keyboard.press("s")
    rows = page.locator(".row")
    page.locator(".filters .star").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("TTH-91001-TS")
    page.locator(".filters .star").click()
    page.locator("[data-filter=zone]").select_option("nuoc-khac")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("QNg-90459-TS")
    page.locator("[data-filter=zone]").select_option("")
    page.locator("[data-filter=kind]").select_option("cargo")
    expect(page.locator(".empty")).to_be_visible()
    page.locator(".empty button").click()
    expect(rows).to_have_count(4)
    expect(page.locator("[data-filter=kind]")).to_have_value("")
    # Everybody's tracks of the day, and where fishing was: tiles with their legend.
    for word, slug in (("Hành trình mọi tàu", "vessel-tracks"), ("Mật độ", "fishing-effort")):
        with page.expect_response(
            lambda answer, slug=slug: f"/tiles/{slug}/" in answer.url and answer.ok
        ):
            page.locator(f".map-controls button[aria-label^='{word}']").click()
        expect(page.locator(".overlay-legend li").first).to_be_visible()
    assert axe(page) == []
    shot(page, "fleet-effort-1440")


def test_tracks_an_area_and_what_a_link_keeps(fleet: Callable[..., Page], shot) -> None:
    over = Vessel.objects.get(plate="QNg-90459-TS")
    quiet = Vessel.objects.get(plate="TTH-91001-TS")
    area = "109,16.4;109.2,16.4;109.2,16.6;109,16.6"
    page = fleet(f"#pick={over.pk},{quiet.pk}&area={area}")
    expect(page.locator(".picks li")).to_have_count(2)
    expect(page.locator(".speed-box canvas")).to_be_visible()
    visitors = page.locator(".there tbody tr")
    expect(visitors).to_have_count(1)
    expect(visitors).to_contain_text("QNg-90459-TS")
    page.keyboard.press("ArrowLeft")  # ten minutes back
    expect(page.locator(".way-head")).to_have_count(2)
    page.locator(".dock .check input").check()  # several tracks, coloured by date
    expect(page.locator(".dock .check input")).to_be_checked()
    expect(page.locator(".map.looking-back")).to_be_visible()
    page.locator(".replay .play").click()
    expect(page.locator(".replay .play")).to_have_attribute("aria-label", "Dừng")
    page.locator(".replay .play").click()
    expect(page).to_have_url(re.compile("[#&]at=[0-9]+"))
    again = fleet(page.evaluate("location.hash"))
    expect(again.locator(".picks li")).to_have_count(2)
    expect(again.locator(".replay.is-back")).to_be_visible()
    shot(again, "fleet-tracks-1440")


def test_on_a_phone_list_map_and_file_are_pages(fleet: Callable[..., Page], axe, shot) -> None:
    page = fleet(**PHONE)
    expect(page.locator(".row")).to_have_count(4)
    page.locator(".row-open").nth(1).tap()
    expect(page.locator(".file-name h2")).to_be_visible()
    assert axe(page) == []
    shot(page, "fleet-file-390")
    page.locator(".tabs button").nth(1).tap()
    expect(page.locator(".map-controls")).to_be_visible()
    expect(page.locator(".fleet-list")).not_to_be_visible()
    page.locator(".tabs button").nth(0).tap()
    expect(page.locator(".rows-box")).to_be_visible()
