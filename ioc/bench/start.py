"""`bench start`: how long a newcomer waits, and how much memory the web processes then take."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ioc.ops.bench import Context, Figure
from ioc.ops.cluster import Cluster
from ioc.ops.errors import Stop
from ioc.ops.paths import ROOT

OURS = ("DATABASE_URL", "PYTHONPATH", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV")
PYTHON = getattr(sys, "_base_executable", None) or sys.executable


def run(ctx: Context) -> list[Figure]:
    """The figures of a first and a second start in a fresh clone."""
    with fresh_clone() as clone:
        port = free_port()
        first_s = up(clone, port)
        ioc(clone, "down")
        second_s = up(clone, port)
        web_mb = largest_web_process_mb(clone)
        ioc(clone, "down")
    return [
        Figure("first start in a fresh clone, to /readyz", first_s, "s"),
        Figure("second start, to /readyz", second_s, "s", target="≤ 15"),
        Figure("largest web process", web_mb, "MB", target="≤ 250"),
    ]


@contextmanager
def fresh_clone() -> Iterator[Path]:
    """A clone of what is committed, gone afterwards with all it made."""
    with tempfile.TemporaryDirectory(prefix="ioc-start-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        try:
            yield clone
        finally:
            ioc(clone, "down")
            Cluster(clone / "var/pg").remove()


def ioc(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the clone's with the Python that a newcomer would use."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in OURS and not name.startswith("IOC_")
    }
    command = [PYTHON, "-m", "ioc", *arguments]
    return subprocess.run(
        command, cwd=clone, env=env, stdout=subprocess.PIPE, text=True, check=False
    )


def up(clone: Path, port: int) -> float:
    """Seconds until `up --detach` returned, which is when /readyz answers 200."""
    began = time.perf_counter()
    if ioc(clone, "up", "--detach", "--no-browser", "--port", str(port)).returncode:
        raise Stop("The clone did not start; its own words are above.")
    return time.perf_counter() - began


def largest_web_process_mb(clone: Path) -> float:
    """Resident memory of the largest process under the web part."""
    state = json.loads(ioc(clone, "status", "--json").stdout)
    master = next(child["pid"] for child in state["children"] if child["name"] == "web")
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in children]
    return max(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
