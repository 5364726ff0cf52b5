"""One watched process: started again with a growing pause, its output kept in a bounded log."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from ioc.ops import processes
from ioc.ops.processes import Adopted

LOG_BYTES, LOG_KEPT = 10_000_000, 3
PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
SETTLED_S = 60  # a process that ran so long starts again without a pause to make up for

Spawn = Callable[[int], "subprocess.Popen[bytes] | Adopted"]


class RotatingLog:
    """A log file that is put aside as NAME.log.1 … at a size, so that a disk never fills of it."""

    def __init__(self, path: Path, limit: int = LOG_BYTES, kept: int = LOG_KEPT) -> None:
        self.path, self.limit, self.kept = path, limit, kept
        path.parent.mkdir(parents=True, exist_ok=True)

    def follow(self, source: IO[bytes]) -> None:
        """Copy until the source ends. A full disk loses lines, never the process."""
        for line in source:
            with suppress(OSError):
                self._rotate()
                with self.path.open("ab") as file:
                    file.write(line)

    def _rotate(self) -> None:
        if not self.path.exists() or self.path.stat().st_size < self.limit:
            return
        for number in range(self.kept - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                older.replace(self.path.with_name(f"{self.path.name}.{number + 1}"))
        self.path.replace(self.path.with_name(f"{self.path.name}.1"))


class Child:
    """A process under watch. ``tick`` is called often and never blocks."""

    def __init__(self, name: str, spawn: Spawn, log: Path, grace_s: float = 10) -> None:
        self.name, self.spawn, self.grace_s = name, spawn, grace_s
        self.log = RotatingLog(log)
        self.process: subprocess.Popen[bytes] | Adopted | None = None
        self.restarts, self.last_exit = -1, None
        self.since = self.next_start = 0.0
        self.pause = PAUSE_S

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def tick(self) -> None:
        """Start what should run; note what has ended and when to try again."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.last_exit = self.process.returncode
            self._end_group()
            self.process = None
            if now - self.since > SETTLED_S:
                self.pause = PAUSE_S
            self.next_start = now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE_S)
        if self.process is None and now >= self.next_start:
            self._start(now)

    def _start(self, now: float) -> None:
        reading, writing = os.pipe()
        try:
            self.process = self.spawn(writing)
        except OSError as error:
            os.write(writing, f"could not be started: {error}\n".encode())
            self.next_start = now + self.pause
        finally:
            os.close(writing)
        source = os.fdopen(reading, "rb")
        threading.Thread(target=self.log.follow, args=(source,), daemon=True).start()
        self.since = now
        self.restarts += 1

    def signal(self, sign: signal.Signals) -> None:
        if self.process is not None and self.running:
            with suppress(ProcessLookupError):
                self.process.send_signal(sign)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self._end_group()

    def _end_group(self) -> None:
        """What the process had started itself goes with it."""
        if isinstance(self.process, subprocess.Popen):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def report(self) -> dict[str, Any]:
        """The child's state for ``status``."""
        pid = self.process.pid if self.process is not None and self.running else None
        return {
            "name": self.name,
            "state": "running" if pid else "waiting",
            "pid": pid,
            "started": processes.started_at(pid) if pid else "",
            "up_s": round(time.monotonic() - self.since) if pid else 0,
            "restarts": max(self.restarts, 0),
            "last_exit": self.last_exit,
        }


def spawn_command(argv: tuple[str, ...], env: Mapping[str, str], cwd: Path) -> Spawn:
    """A ``Spawn`` of an ordinary command in a process group of its own."""
    die = processes.die_with_parent(signal.SIGTERM)

    def spawn(output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            argv, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=die,
        )  # fmt: skip

    return spawn
