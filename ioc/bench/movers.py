"""What the browser draws: points that move each second, and panning over a million as tiles.

Headless Chromium at 1920×1080 without a GPU, the product's own map code (``/bench/``).
"""

import shutil

from ioc.bench import _places
from ioc.ops.bench import Context, Figure

ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
SECONDS = 15


def run(ctx: Context) -> list[Figure]:
    ctx.peer("playwright")
    with ctx.database():
        _places.load()
        with _places.served("ioc.bench._server:application", "/healthz", IOC_BENCH="1") as (at, _):
            return measured(at)


def measured(address: str) -> list[Figure]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=ARGS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"{address}/bench/")
        page.wait_for_function("window.iocBench !== undefined")
        moving = page.evaluate(f"window.iocBench.movers(10000, {SECONDS})")
        crowd = page.evaluate(f"window.iocBench.movers(100000, {SECONDS})")
        pan = page.evaluate(f"window.iocBench.pan({SECONDS}, 'bench-places', 12)")
        browser.close()
    return [
        Figure("10,000 points at 1 Hz", moving["fps"], "frames/s", target="≥ 55"),
        Figure("10,000 points, one update", moving["update_ms"], "ms"),
        Figure("100,000 points at 1 Hz", crowd["fps"], "frames/s"),
        Figure("panning 1M points as tiles, p50", pan["p50"], "ms/frame"),
        Figure("panning 1M points as tiles, p95", pan["p95"], "ms/frame", target="≤ 33"),
    ]
