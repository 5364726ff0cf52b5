"""A few at a time, and in a rush the newest first."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

TIRED_S = 10.0


class Full(Exception):
    """Nobody made room in time."""


class Room:
    """Room for so many at a time.

    While all wait in line a short rush makes everybody late who comes until the line is gone, long
    after it. So who came last goes first: most do not notice the rush, and the few who wait are
    those whom it was too much for. Who has waited for TIRED_S goes before all others.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._lock = threading.Lock()
        self._waiting: deque[tuple[float, threading.Event]] = deque()

    @contextmanager
    def place(self, patience_s: float) -> Iterator[None]:
        """A place, until the end of the block. Raises Full after so many seconds."""
        self._enter(patience_s)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, patience_s: float) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = time.monotonic(), threading.Event()
            self._waiting.append(mine)
        if mine[1].wait(patience_s):
            return
        with self._lock:
            if mine[1].is_set():  # the place came at the last moment
                return
            self._waiting.remove(mine)
        raise Full

    def _leave(self) -> None:
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            oldest_since, _called = self._waiting[0]
            tired = time.monotonic() - oldest_since > TIRED_S
            _since, called = self._waiting.popleft() if tired else self._waiting.pop()
            called.set()
