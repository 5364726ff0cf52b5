"""The officer's screen with 4,000 vessels: what the list costs, and what the browser draws."""

import secrets
import shutil
import time
from typing import Any

from ioc.bench import _places
from ioc.bench.movers import ARGS
from ioc.ops.bench import Figure

VESSELS = 4_000
SECONDS = 12
REPEATS = 7
FIRST_ID = 1_000_000  # beside the boats of the tracks
FILL = """
INSERT INTO vessels_vessel (id, mmsi, name, callsign, plate, plate_key, kind, stale_after_s, source,
    synthetic, registered, length_m, waters_class, gear, created_at, updated_at)
SELECT %(first)s + v, 799100000 + v, 'TÀU ' || v, '', 'TTH-' || (10000 + v) || '-TS',
    'TTH' || (10000 + v), 'fishing', 1800, 'bench', true, true, 8 + v %% 20, '',
    (ARRAY['lưới kéo', 'lưới rê', 'câu'])[1 + v %% 3], now(), now()
FROM generate_series(1, %(count)s) v;
INSERT INTO vessels_feed (name, synthetic, created_at) VALUES ('bench', true, now())
ON CONFLICT DO NOTHING;
INSERT INTO vessels_latest (vessel_id, observed_at, h3, speed_kn, course_deg, flags, state, geom,
    feed_id)
SELECT %(first)s + v, now() - make_interval(secs => v %% 240), 0, (v %% 90) / 10.0, (v * 37) %% 360,
    0, 'under-way', ST_Point(107.6 + 1.8 * sqrt(mod(v * 0.7548776662, 1)),
        16.15 + 1.3 * mod(v * 0.5698402910, 1), 4326),
    (SELECT id FROM vessels_feed WHERE name = 'bench')
FROM generate_series(1, %(count)s) v;
INSERT INTO vessels_fleet (vessel_id, state, since_at, zone_code, need_order)
SELECT %(first)s + v, CASE WHEN v %% 400 = 0 THEN 'danger' WHEN v %% 133 = 0 THEN 'over_line'
        WHEN v %% 40 = 0 THEN 'silent' WHEN v %% 3 = 0 THEN 'in_port' ELSE 'at_sea' END,
    now(), 'offshore', 9000000000000000
FROM generate_series(1, %(count)s) v;
"""
# What the stream brings each second: every vessel moved a little. The page's own code takes it.
MOVE = """
async (seconds) => {
  const app = document.querySelector("ioc-fleet");
  const { model, parts } = app;
  const ids = [...model.vessels.keys()];
  const costs = [], gaps = [];
  const points = parts.stage.points;
  let step = 0;
  const move = () => {
    step++;
    const t = Date.now() / 1000;
    const changes = ids.map((id, i) => {
      const vessel = model.vessels.get(id);
      const a = i + step * 0.01;
      const p = [vessel.lon + 2e-4 * Math.cos(a), vessel.lat + 2e-4 * Math.sin(a)];
      return { l: "vessels", id, op: "upsert", t, p,
               a: { mmsi: vessel.mmsi, speed_kn: 7, course_deg: (i * 37 + step * 5) % 360 } };
    });
    const began = performance.now();
    parts.stage.moved(model.apply(changes));
    const took = performance.now() - began;
    requestAnimationFrame(() => costs.push(took + points.lastDrawMs));
  };
  const timer = setInterval(move, 1000);
  await new Promise((done) => {
    const end = performance.now() + seconds * 1000;
    let last = 0;
    const frame = (now) => {
      if (last) gaps.push(now - last);
      last = now;
      now < end ? requestAnimationFrame(frame) : done();
    };
    requestAnimationFrame(frame);
  });
  clearInterval(timer);
  const sum = (all) => all.reduce((a, b) => a + b, 0);
  gaps.sort((a, b) => a - b);
  return { vessels: ids.length, fps: gaps.length / sum(gaps) * 1000,
           update_ms: sum(costs) / costs.length, p99: gaps[Math.floor(gaps.length * 0.99)] };
}
"""


def figures() -> list[Figure]:
    """Milliseconds of the list, frames a second of the screen. Django stands on a database."""
    session = fill()
    return [*_list(), *_drawn(session)]


def fill() -> str:
    """Store the fleet; the session of an officer who may see it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.gis.geos import Polygon
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connection

    from geo.models import City
    from ioc.accounts.models import User

    City.objects.get_or_create(slug="bench", name_vi="Bench", bounds=Polygon.from_bbox(_places.BOX))
    with connection.cursor() as cursor:
        for part in FILL.split(";\n"):
            if part.strip():
                cursor.execute(part, {"first": FIRST_ID, "count": VESSELS})
        cursor.execute("ANALYZE vessels_vessel")
        cursor.execute("ANALYZE vessels_latest")
        cursor.execute("ANALYZE vessels_fleet")
    officer = User.objects.create_user(f"bench-{secrets.token_hex(4)}", role="fisheries_officer")
    session = SessionStore()
    session[SESSION_KEY] = str(officer.pk)
    session[BACKEND_SESSION_KEY] = "ioc.accounts.backends.RoleBackend"
    session[HASH_SESSION_KEY] = officer.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _list() -> list[Figure]:
    """The whole list in one answer, as the server makes it."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    user = get_user_model().objects.filter(username__startswith="bench-").latest("pk")
    client.force_login(user, "ioc.accounts.backends.RoleBackend")
    took, cpu, count = [], [], 0
    for _ in range(REPEATS):
        began, used = time.perf_counter(), time.process_time()
        answer = client.get("/api/v1/vessels/fleet/list?limit=5000")
        took.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - used) * 1000)
        count = answer.content.count(b'"mmsi"')
    return [
        Figure(f"list of {count:,} vessels, whole", min(took), "ms", target="≤ 50"),
        Figure("of it our own process", min(cpu), "ms CPU"),
    ]


def _drawn(session: str) -> list[Figure]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        _places.served("ioc.asgi:application", "/healthz") as (address, _),
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=chromium, args=ARGS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        began = time.perf_counter()
        page.goto(f"{address}/fleet/")
        page.wait_for_selector(".row")
        first_s = time.perf_counter() - began
        for _ in range(60):  # the page's policy forbids waiting for an expression
            if page.evaluate("() => document.querySelector('ioc-fleet').model.vessels.size") >= (
                VESSELS
            ):
                break
            page.wait_for_timeout(500)
        page.wait_for_timeout(2_000)
        seen: dict[str, Any] = page.evaluate(MOVE, SECONDS)
        browser.close()
    return [
        Figure("screen: first rows", first_s, "s"),
        Figure(f"screen: {seen['vessels']:,} vessels at 1 Hz", seen["fps"], "frames/s",
               target="≥ 55"),
        Figure("screen: one move of all of them, drawn", seen["update_ms"], "ms"),
        Figure("screen: time of a frame, p99", seen["p99"], "ms"),
    ]  # fmt: skip
