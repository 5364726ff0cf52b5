"""Room for one frame between a reader that is never held up and a detector that has no queue."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds the newest item only; an item pushed out unseen is counted in `dropped`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._item: T | None = None
        self.dropped = 0

    def put(self, item: T) -> None:
        with self._lock:
            if self._item is not None:
                self.dropped += 1
            self._item = item

    def take(self) -> T | None:
        """The newest item not yet taken, or None."""
        with self._lock:
            item, self._item = self._item, None
            return item
