"""A real server on the test database, and a real browser before it."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from functools import partial
from pathlib import Path

import pytest
from django.db import connection, connections

from ioc.accounts.models import User
from ioc.ops.processes import die_with_parent
from layers.hub import CHANNEL

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "var" / "screenshots"
ROUNDS = itertools.count(1)
PATIENCE_S = 180  # where several servers start at once on a busy machine
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps a loop running


@pytest.fixture(scope="session")
def browser(browser):
    """The one browser; its pages keep still, for each picture that moves is drawn by the CPU."""
    browser.new_context = partial(browser.new_context, reduced_motion="reduce")
    return browser


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def running(django_db_setup, tmp_path_factory):
    """One web process and one publisher for the whole run, on the test database."""
    facts = connections["default"].settings_dict
    where = facts["HOST"] or "127.0.0.1"
    host = f"/{facts['NAME']}?host={where}" if where.startswith("/") else ""
    host = host or f"{where}:{facts['PORT'] or 5432}/{facts['NAME']}"
    port = free_port()
    env = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{host}",
        "IOC_VAR": str(tmp_path_factory.mktemp("var")),
        "IOC_LIVE_TICK_S": "0.5",
        "IOC_REPORTS_PER_HOUR": "1000",
        "DJANGO_SETTINGS_MODULE": "tests.quick",
    }
    web = ["uvicorn", "ioc.asgi:application", "--port", str(port), "--log-level", "warning"]
    parts = [
        subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=env,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        for command in (web, ["django", "publish"])
    ]
    base = f"http://127.0.0.1:{port}"
    try:
        _wait_for(base + "/healthz", parts)
        yield base
    finally:
        for part in parts:
            part.send_signal(signal.SIGTERM)
        for part in parts:
            try:
                part.wait(8)
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()


@pytest.fixture
def server(running, transactional_db):
    """The address of the running platform, its database empty but for what the test makes.

    Changes are numbered on from where no test has been: to the running process an emptied
    database that soon reaches the old number looks as if nothing had happened in between.
    """
    number = next(ROUNDS) * 100_000
    with connection.cursor() as cursor:
        # Published changes outlive a test's rows: a stream would tell of an earlier test's reports.
        cursor.execute("DELETE FROM layers_change")
        cursor.execute(
            "INSERT INTO layers_publisherstate (id, seq) VALUES (1, %s) "
            "ON CONFLICT (id) DO UPDATE SET seq = excluded.seq",
            [number],
        )
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(number)])
    return running


def _wait_for(url, parts):
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        if any(part.poll() is not None for part in parts):
            raise RuntimeError("a part of the test server ended at once")
        try:
            urllib.request.urlopen(url, timeout=2).read()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the test server did not answer")


@pytest.fixture
def account(transactional_db):
    """Makes a person of a role; name and password are returned."""

    def make(role):
        User.objects.create_user(
            f"test-{role}", password="mot-mat-khau", role=role, display_name=f"Thử {role}"
        )
        return f"test-{role}", "mot-mat-khau"

    return make


@pytest.fixture
def shot():
    """Saves what is on screen under var/screenshots."""
    SHOTS.mkdir(parents=True, exist_ok=True)

    def save(page, name):
        page.screenshot(path=str(SHOTS / f"{name}.png"))

    return save


@pytest.fixture
def axe():
    """Serious faults that axe-core finds on a page."""
    script = ROOT / "frontend/node_modules/axe-core/axe.min.js"
    if not script.exists():
        pytest.fail("axe-core is missing: the front end's packages are not installed")

    def check(page):
        page.evaluate(script.read_text())
        found = page.evaluate("async () => (await axe.run(document)).violations")
        return [
            f"{fault['id']}: {fault['help']} ({fault['nodes'][0]['target']})"
            for fault in found
            if fault["impact"] in {"serious", "critical"}
        ]

    return check
