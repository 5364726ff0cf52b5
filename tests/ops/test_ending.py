"""What is asked to stop, or loses who started it, ends: also with nobody left to see to it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from ioc.ops.processes import alive
from tests.ops.installation import ROOT, wait_for

GRACE_S = 1
WORKER = f"""
import ioc.ops.parts
ioc.ops.parts.WORKER_GRACE_S = {GRACE_S}
from celery.__main__ import main
main()
"""
LATE = """
import os, signal, time
from ioc.ops.processes import die_with_parent
die = die_with_parent(signal.SIGTERM)
if os.fork() == 0:
    time.sleep(0.5)  # its parent is gone by now
    print("asks", flush=True)
    die()
    print("stayed")
"""


def test_a_worker_ends_though_its_database_is_silent() -> None:
    """The kernel takes the connection, nobody answers: each try of the queue's pool waits 10 s."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgis://a:b@127.0.0.1:{silent.getsockname()[1]}/none"
        command = ("-A", "ioc.celery", "--quiet", "--skip-checks", "worker", "-c", "1")
        with subprocess.Popen(
            [sys.executable, "-c", WORKER, *command],
            env=os.environ | {"DATABASE_URL": address}, cwd=ROOT, stderr=subprocess.DEVNULL,
        ) as worker:  # fmt: skip
            try:
                children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
                pool = [int(pid) for pid in wait_for(lambda: children.read_text().split(), 60)]
                silent.settimeout(30)
                silent.accept()  # it waits for an answer
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(GRACE_S + 4) == 1
                wait_for(lambda: not any(map(alive, pool)), within_s=5)
            finally:
                worker.kill()


def test_a_child_whose_parent_died_before_it_could_ask_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LATE], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.stdout.split() == ["asks"]
