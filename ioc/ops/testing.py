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

    Two, whatever the machine: a third browser on two cores makes all of them wait.
    """
    asked = any(not word.startswith("-") for word in arguments)
    told = any(word in {"-x", "-s", "--pdb"} or word.startswith("-n") for word in arguments)
    many = len(os.sched_getaffinity(0)) > 1
    share = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    return share if many and not asked and not told else []


def main(arguments: list[str]) -> int:
    """Run the tests; pytest's exit code."""
    command = [sys.executable, "-m", "pytest", *shared_out(arguments), *arguments]
    if address := os.environ.get("DATABASE_URL"):
        return subprocess.call(command, cwd=ROOT, env=environment(address))
    with throwaway_database() as url, signals_left_to_child():
        return subprocess.call(command, cwd=ROOT, env=environment(url))
