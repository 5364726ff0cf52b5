"""The process that starts those who draw photos, and ends those that outstay their time.

Run by `photo_pool.py` as a process of its own, without the project, the network or the database.
It loads the decoders once and forks: for a photo of the plain kind (`plain_jpeg.py`) a worker that
rests between photos and serves a few dozen, for any other one that ends with it. Why:
`ioc/decisions/2026-11-22-photo-workers.md`.
"""

import gc
import io
import json
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from PIL import Image, ImageCms

from ioc.reports import photo_worker as worker

RESTING = 4
REST_S = 5.0
FILES = 256


@dataclass
class Child:
    """A worker; `line` is how it is given photos, None where it has its only one already."""

    pid: int
    ends_at: float
    line: socket.socket | None = None


class Forker:
    """Finds a worker for each ask and waits for all."""

    def __init__(self, control: socket.socket):
        self.control = control
        self.pid = os.getpid()
        self.children: dict[int, Child] = {}  # by process number
        self.lines: dict[int, Child] = {}  # by the number of their line
        self.resting: list[Child] = []  # the last to rest at the end: its memory is warm
        self.woken, waker = os.pipe()
        for end in (self.woken, waker):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.poll = select.poll()
        for number in (control.fileno(), self.woken):
            self.poll.register(number, select.POLLIN)

    def serve(self) -> None:
        """Until whoever asks is gone."""
        while True:
            ready = {number for number, _ in self.poll.poll(self.patience_ms())}
            if self.woken in ready:
                os.read(self.woken, 4096)
                self.bury()
            for number in ready & self.lines.keys():
                self.hear(self.lines[number])
            self.end_the_slow()
            if self.control.fileno() in ready and not self.take():
                return

    def patience_ms(self) -> float | None:
        if not self.children:
            return None
        first = min(child.ends_at for child in self.children.values())
        return max(0.0, first - time.monotonic()) * 1000 + 1

    def bury(self) -> None:
        with suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                if child := self.children.pop(pid, None):
                    self.dismiss(child)

    def hear(self, child: Child) -> None:
        """A worker is done with a photo, or ends."""
        assert child.line is not None
        done = b""
        with suppress(OSError):
            done = os.read(child.line.fileno(), 1)
        if done and child not in self.resting and len(self.resting) < RESTING:
            child.ends_at = time.monotonic() + REST_S
            self.resting.append(child)
        else:
            self.dismiss(child)

    def dismiss(self, child: Child) -> None:
        """Give it no further photo; it ends by itself, or soon by force."""
        child.ends_at = min(child.ends_at, time.monotonic() + 1)
        if child in self.resting:
            self.resting.remove(child)
        if child.line is not None:
            self.poll.unregister(child.line)
            del self.lines[child.line.fileno()]
            child.line.close()
            child.line = None

    def end_the_slow(self) -> None:
        now = time.monotonic()
        for child in [child for child in self.children.values() if child.ends_at <= now]:
            if child in self.resting:
                self.dismiss(child)
            else:
                os.kill(child.pid, signal.SIGKILL)  # not yet waited for: the number is its own
                child.ends_at = now + 1

    def take(self) -> bool:
        """Whether there was an ask; a worker is at work on it."""
        message, lines, _, _ = socket.recv_fds(self.control, worker.ASK_BYTES, 1)
        if not message:
            return False
        try:
            ask = json.loads(message)
            with suppress(OSError):  # no process to be had: the line closes without an answer
                child = self.give(message, lines[0]) if ask["plain"] else self.single(lines[0], ask)
                child.ends_at = time.monotonic() + ask["wall_s"]
        finally:
            for line in lines:
                os.close(line)
        return True

    def give(self, message: bytes, line: int) -> Child:
        """A worker that serves many, with the ask in its hands."""
        while self.resting:
            child = self.resting.pop()
            assert child.line is not None
            try:
                socket.send_fds(child.line, [message], [line])
                return child
            except OSError:  # it ended in its rest
                self.dismiss(child)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            pid = os.fork()
            if pid == 0:
                become(theirs.fileno(), lambda: worker.work_for_many(theirs, self.pid))
        child = self.children[pid] = self.lines[ours.fileno()] = Child(pid, 0, ours)
        self.poll.register(ours, select.POLLIN)
        socket.send_fds(ours, [message], [line])
        return child

    def single(self, line: int, ask: worker.Ask) -> Child:
        """A worker for this photo alone."""
        pid = os.fork()
        if pid == 0:
            become(line, lambda: worker.work(line, ask, self.pid))
        child = self.children[pid] = Child(pid, 0)
        return child


def become(line: int, work: Callable[[], None]) -> NoReturn:
    """The life of a forked process; of what its parent had open it keeps one line."""
    try:
        signal.set_wakeup_fd(-1)
        os.closerange(3, line)
        os.closerange(line + 1, os.sysconf("SC_OPEN_MAX"))
        os.dup2(0, 2)  # what a decoder complains of may quote the photo
        work()
    finally:
        os._exit(0)


def warm() -> None:
    """Every decoder and what it loads when first used: a child can open no file."""
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # judged in `worker.opened`, before anything is decoded
    ask = {"max_pixels": 10_000, "side": 64, "thumb_side": 8, "boxes": [(0.1, 0.1, 0.5, 0.5)]}
    exif = Image.Exif()
    exif[worker.ORIENTATION] = 6
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = srgb.replace("sRGB".encode("utf-16-be"), "warm".encode("utf-16-be"))
    for kind in (*worker.FORMATS, "MPO"):
        out = io.BytesIO()
        more = Image.new("RGB", (32, 32))
        several = {"save_all": True, "append_images": [more]} if kind == "MPO" else {}
        more.save(out, kind, exif=exif, icc_profile=profile, **several)
        worker.hide(out.getvalue(), ask)
    out = io.BytesIO()
    Image.new("RGBA", (8, 8)).save(out, "PNG")
    worker.clean(out.getvalue(), ask)


def serve(control: int) -> None:
    """The pool on one end of a SOCK_SEQPACKET pair; it ends when the other end is closed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the web process finishes what it has first
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    warm()
    gc.collect()
    gc.freeze()
    gc.disable()
    with socket.socket(fileno=control) as line:
        Forker(line).serve()
