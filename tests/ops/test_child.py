"""A watched process: pauses that grow, logs that do not."""

import io
import signal
import sys
import time
from pathlib import Path

from ioc.ops.child import PAUSE_S, Child, RotatingLog, spawn_command
from ioc.ops.processes import alive
from tests.ops.installation import wait_for


def watched(code: str, log: Path, grace_s: float = 5) -> Child:
    return Child("one", spawn_command((sys.executable, "-c", code), {}, log.parent), log, grace_s)


def test_pauses_grow_and_restarts_are_counted(tmp_path: Path) -> None:
    child = watched("raise SystemExit(7)", tmp_path / "one.log")
    for _ in range(3):
        before = time.monotonic()
        child.next_start = 0
        child.tick()
        wait_for(lambda: not child.running)
        child.tick()
    assert child.report() | {"name": ""} == {
        "name": "", "state": "waiting", "pid": None, "started": "", "up_s": 0, "restarts": 2,
        "last_exit": 7,
    }  # fmt: skip
    assert child.pause == PAUSE_S * 8
    assert child.next_start - before > PAUSE_S


def test_output_is_kept(tmp_path: Path) -> None:
    child = watched("print('said'); import sys; print('cried', file=sys.stderr)", tmp_path / "log")
    child.tick()
    wait_for(lambda: child.log.path.exists() and "cried" in child.log.path.read_text())
    assert "said" in child.log.path.read_text()


def test_a_program_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    child = Child("no", spawn_command(("/no/such/program",), {}, tmp_path), tmp_path / "no.log")
    before = time.monotonic()
    child.tick()
    assert not child.running and child.next_start >= before + PAUSE_S
    wait_for(lambda: child.log.path.exists() and "could not" in child.log.path.read_text())


def test_grandchildren_go_along(tmp_path: Path) -> None:
    code = (
        "import subprocess as s; print(s.Popen(['sleep', '60']).pid, flush=True); s.time.sleep(60)"
    )
    child = watched(code, tmp_path / "one.log")
    child.tick()
    pid = int(wait_for(lambda: child.log.path.exists() and child.log.path.read_text()))
    child.signal(signal.SIGKILL)
    wait_for(lambda: not child.running)
    child.tick()
    wait_for(lambda: not alive(pid))


def test_logs_rotate_and_stay_small(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "one.log", limit=1000, kept=2)
    log.follow(io.BytesIO(b"".join(b"%099d\n" % n for n in range(100))))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "one.log", "one.log.1", "one.log.2"
    ]  # fmt: skip
    assert all(path.stat().st_size <= 1100 for path in tmp_path.iterdir())
    assert log.path.read_bytes().endswith(b"99\n")
