"""One small process beside this one that forks workers for photos, started when first asked.

Starting Python and its decoders takes longer than drawing a photo anew; forking does not. The pool
is started by exec, so it holds nothing of this process, and ends when this process does.
"""

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
GRACE_S = 3.0
CONTROL_S = 5.0
# Pictures lie in huge pages where the kernel has them, and memory once had is kept: a quarter off
# the time of a photo.
TUNABLES = (
    "hugetlb=1", "trim_threshold=100000000", "mmap_threshold=100000000", "top_pad=33554432",
)  # fmt: skip
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "GLIBC_TUNABLES": ":".join(f"glibc.malloc.{one}" for one in TUNABLES),
}
START = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from ioc.reports.photo_forker import serve; serve(int(sys.argv[2]))"
)


class PoolLost(Exception):
    """The pool itself is gone or silent: the photo is not to blame."""


class Pool:
    """Asks of many threads, answered by workers of one process that is restarted when it dies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def ask(self, data: bytes, *, wall_s: float, **ask: Any) -> bytes:
        """What the worker said of `data`; empty where it crashed or outstayed `wall_s`.

        Raises PoolLost where the pool was lost twice.
        """
        message = json.dumps({**ask, "wall_s": wall_s}).encode()
        try:
            return self._ask_once(message, data, wall_s)
        except PoolLost:
            return self._ask_once(message, data, wall_s)

    def start(self) -> None:
        """Starts the pool now: it gets ready by itself, before the first photo comes."""
        self._running()

    @property
    def pid(self) -> int | None:
        """The pool's process number, while it is known to run."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def _ask_once(self, message: bytes, data: bytes, wall_s: float) -> bytes:
        control = self._running()
        try:
            answer = _exchange(control, message, data, time.monotonic() + wall_s + GRACE_S)
        except OSError as error:  # the pool took no ask, or did not end a worker in time
            self._discard(control)
            raise PoolLost from error
        if _hung_up(control):
            self._discard(control)
            raise PoolLost
        return answer

    def _running(self) -> socket.socket:
        with self._lock:
            if self._control is None:
                self._control, self._process = _started()
            return self._control

    def _discard(self, control: socket.socket) -> None:
        """Ends the pool behind `control`, unless another thread already did.

        Its socket is closed when the last thread lets go of it: a number closed earlier could
        be given to a connection while another thread still writes to it.
        """
        with self._lock:
            if self._control is not control:
                return
            process, self._control, self._process = self._process, None, None
        if process is not None:
            process.kill()
            process.wait()

    def close(self) -> None:
        """Ends the pool; the next ask starts another."""
        if (control := self._control) is not None:
            self._discard(control)

    def forget(self) -> None:
        """For a forked child of this process: the pool is its parent's."""
        if self._process is not None:
            self._process.returncode = 0  # not ours to wait for
        self._lock = threading.Lock()  # the old one may be held by a thread that is no more
        self._control = self._process = None


def _started() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        number = theirs.fileno()
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", START, str(ROOT), str(number)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(number,),
            env=ENVIRONMENT,
            cwd="/",
        )
    ours.settimeout(CONTROL_S)
    return ours, process


def _exchange(control: socket.socket, message: bytes, data: bytes, until: float) -> bytes:
    """What comes back for `data` until the worker ends. Raises OSError."""
    line, theirs = socket.socketpair()
    with line:
        with theirs:
            socket.send_fds(control, [message], [theirs.fileno()])
        line.settimeout(_left_s(until))
        try:
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
        except TimeoutError:
            raise
        except OSError:
            pass  # it ended early; what it said, if anything, still lies in the line
        parts = []
        while True:
            line.settimeout(_left_s(until))
            try:
                part = line.recv(1 << 20)
            except ConnectionError:
                break
            if not part:
                break
            parts.append(part)
    return b"".join(parts)


def _left_s(until: float) -> float:
    return max(0.001, until - time.monotonic())


def _hung_up(control: socket.socket) -> bool:
    """Whether the other end is closed; it is so before the last worker of a dead pool ends."""
    poll = select.poll()
    poll.register(control, 0)
    return bool(poll.poll(0))


pool = Pool()
atexit.register(pool.close)
os.register_at_fork(after_in_child=pool.forget)
