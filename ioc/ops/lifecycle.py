"""`up`, `down` and `status` as a person types them."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from ioc.ops.errors import Stop
from ioc.ops.paths import LOGS, VAR
from ioc.ops.processes import alive
from ioc.ops.supervisor import (
    STATE,
    Options,
    Supervisor,
    already_up,
    read_state,
    ready,
    supervisor_pid,
)

READY_WITHIN_S = 240  # without a sign of progress
ACCOUNTS = VAR / "demo-accounts.json"


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def welcome(url: str, options: Options, browser: bool) -> None:
    """Where to look, once it is ready."""
    say(f"\n  The map        {url}/\n  The wall       {url}/wall/")
    if options.demo and ACCOUNTS.exists():
        say(f"  Sign in with   {ACCOUNTS} (one account a role)")
    say("  How it does    python3 -m ioc status\n  Stop           python3 -m ioc down\n")
    if browser and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        with suppress(webbrowser.Error):
            webbrowser.open(f"{url}/")


def up(options: Options, arguments: list[str], browser: bool) -> int:
    """Run in the foreground until Ctrl-C."""
    supervisor = Supervisor(options, say)

    def greet() -> None:
        while supervisor.ready_after_s is None:
            time.sleep(0.2)
        welcome(supervisor.url, options, browser)

    Thread(target=greet, daemon=True).start()
    return supervisor.run()


def up_detached(options: Options, arguments: list[str], browser: bool) -> int:
    """Start in the background and return when /readyz answers 200, with progress until then."""
    if supervisor_pid() is not None:
        raise already_up()
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / "up.log"
    rest = [argument for argument in arguments if argument != "--detach"]
    with log.open("wb") as output:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "ioc.ops", "up", *rest, "--no-browser"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    with log.open() as text:
        give_up = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < give_up:
            ended = daemon.poll() is not None
            while line := text.readline():
                if line.startswith(("  [", "  !", "  ✗")):
                    say(line.rstrip("\n"))
                    give_up = time.monotonic() + READY_WITHIN_S
            state = read_state()
            if state.get("pid") == daemon.pid and state.get("ready_after_s") is not None:
                welcome(state["url"], options, browser)
                return 0
            if ended:
                return daemon.returncode or 1
            time.sleep(0.1)
    raise Stop(f"It is up, but not ready. {unready(read_state())}")


def unready(state: dict) -> str:
    """What keeps the installation from being ready."""
    _, answer = ready(state.get("url", ""))
    waiting = [name for name, part in answer.get("parts", {}).items() if not part["ok"]]
    if not answer:
        return f"The web process does not answer: see {LOGS}/web.log"
    return f"Waiting for {', '.join(waiting)}: see {LOGS}" if waiting else ""


def down(arguments: list[str]) -> int:
    """Stop what `up` started, by force after a minute."""
    argparse.ArgumentParser(prog="python3 -m ioc down").parse_args(arguments)
    pid = supervisor_pid()
    if pid is None:
        say("  Nothing is up.")
        return 0
    began = time.monotonic()
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    while alive(pid):
        if time.monotonic() - began > 60:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    STATE.unlink(missing_ok=True)
    say(f"  Stopped ({time.monotonic() - began:.1f} s).")
    return 0


def status(arguments: list[str]) -> int:
    """What runs and how it progresses; exit code 0 when ready, 3 when nothing is up, else 1."""
    parser = argparse.ArgumentParser(prog="python3 -m ioc status")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    if supervisor_pid() is None:
        print(
            json.dumps({"up": False}) if asked.json else "Nothing is up. Start: python3 -m ioc up"
        )
        return 3
    state = read_state()
    is_ready, answer = ready(state.get("url", ""))
    if asked.json:
        print(json.dumps({"up": True, "ready": is_ready, **state, "readyz": answer}, indent=1))
        return 0 if is_ready else 1
    print(f"{state.get('url')}  {'ready' if is_ready else state.get('phase')}  "
          f"up {duration(state.get('up_s', 0))}")  # fmt: skip
    for child in state.get("children", []):
        more = f"  restarted {child['restarts']}×, last exit {child['last_exit']}"
        print(f"  {child['name']:<10} {child['state']:<8} {duration(child['up_s']):>8}"
              f"{more if child['restarts'] else ''}")  # fmt: skip
    for name, part in answer.get("parts", {}).items():
        print(f"  {name:<10} {part['state']:<8} progress {part['progress']}")
    if not is_ready:
        print(f"  {unready(state)}")
    return 0 if is_ready else 1


def duration(seconds: float) -> str:
    """Seconds as a person says them: 42 s, 3 min, 5 h, 2 d."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"


@contextmanager
def signals_left_to_child() -> Iterator[None]:
    """Ctrl-C reaches the child alone, which decides what to do; we pass on its answer."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
