"""A process of its own for each job, which ends with its parent."""

from __future__ import annotations

import subprocess
import sys

from vision.actions.jobs import give_up_silent
from vision.models import Job

_running: list[subprocess.Popen[bytes]] = []


def begin_waiting() -> int:
    """How many processes were begun; each takes the next job that waits, or none."""
    give_up_silent()
    _running[:] = [process for process in _running if process.poll() is None]
    waiting = Job.objects.filter(state=Job.State.QUEUED).count()
    begun = 0
    while begun < waiting and len(_running) < 2:
        argv = [sys.executable, "-m", "ioc.ops.command", "vision", "job"]
        _running.append(subprocess.Popen(argv))
        begun += 1
    return begun
