"""A whole installation in a temporary folder, driven as a person drives it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ioc.ops.cluster import Cluster
from ioc.ops.processes import alive

ROOT = Path(__file__).resolve().parents[2]
PACK = {"IOC_PACK_PATH": "fixtures/packs"}  # the small one, also where a full one lies beside


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what: Callable[[], Any], within_s: float = 30) -> Any:
    """The first true answer. Raises: AssertionError when there is none in time."""
    give_up = time.monotonic() + within_s
    while time.monotonic() < give_up:
        if answer := what():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"nothing within {within_s} s")


@dataclass
class Installation:
    """State in a folder of its own, the code of this project, no packages installed."""

    var: Path
    port: int

    def ioc(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m ioc …` to its end."""
        inherited = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "IOC_PARTS"}}
        return subprocess.run(
            [sys.executable, "-m", "ioc", *arguments],
            cwd=ROOT,
            env={**inherited, "IOC_INSTALL": "no", "IOC_VAR": str(self.var), **PACK, **env},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def up(self) -> subprocess.CompletedProcess[str]:
        parts = "web,worker,beat"
        return self.ioc("up", "--detach", "--no-demo", "--port", str(self.port), "--parts", parts)

    def status(self) -> dict[str, Any]:
        return json.loads(self.ioc("status", "--json").stdout)

    def state(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            return json.loads((self.var / "up.json").read_text())
        return {}

    def child(self, name: str) -> dict[str, Any]:
        return next((c for c in self.state().get("children", []) if c["name"] == name), {})

    def pids(self) -> list[int]:
        """Every process of it: the supervisor, its children and theirs."""
        found = [self.state()["pid"]]
        for pid in found:
            for listed in Path("/proc").glob("[0-9]*/stat"):
                with suppress(OSError):
                    parent = int(listed.read_text().rsplit(")", 1)[1].split()[1])
                    if parent == pid:
                        found.append(int(listed.parent.name))
        return found

    def clean(self) -> None:
        self.ioc("down")
        cluster = Cluster(self.var / "pg")
        if cluster.facts and (pid := cluster.running()):
            os.kill(pid, signal.SIGQUIT)
            wait_for(lambda: not alive(pid))
        cluster.remove()
