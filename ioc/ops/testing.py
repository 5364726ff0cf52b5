"""`test`: pytest from the project's root, on a database of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ioc.ops.cluster import Cluster
from ioc.ops.environment import environment
from ioc.ops.lifecycle import signals_left_to_child
from ioc.ops.paths import ROOT, VAR

# No statement of a test takes as long, but one that waits for another might for ever: it ends
# before pytest ends the process (pyproject.toml).
PATIENCE = {"IOC_STATEMENT_TIMEOUT_MS": "120000"}


@contextmanager
def throwaway_database() -> Iterator[str]:
    """The address of a cluster that is made for this run and deleted after it."""
    VAR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="test-pg-", dir=VAR) as folder:
        cluster = Cluster(Path(folder), durable=False)
        try:
            cluster.prepare()
            with cluster.started() as url:
                yield url
        finally:
            cluster.remove()


def shared_out(arguments: list[str]) -> list[str]:
    """What lets processes share all tests, each file in one of them and browsers last; nothing
    where somebody asked for certain tests or says how many processes.

    Three, also on two cores: one of them mostly waits for servers that start and stop.
    """
    asked = any(not word.startswith("-") for word in arguments)
    told = any(word in {"-x", "-s", "--pdb"} or word.startswith("-n") for word in arguments)
    many = len(os.sched_getaffinity(0)) > 1
    share = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
    return share if many and not asked and not told else []


def main(arguments: list[str]) -> int:
    """Run the tests; pytest's exit code."""
    command = [sys.executable, "-m", "pytest", *shared_out(arguments), *arguments]
    if address := os.environ.get("DATABASE_URL"):
        return subprocess.call(command, cwd=ROOT, env=PATIENCE | environment(address))
    with throwaway_database() as url, signals_left_to_child():
        return subprocess.call(command, cwd=ROOT, env=PATIENCE | environment(url))
