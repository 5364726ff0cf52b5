"""How a long analysis says how far it is, and how it is stopped."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[float], None]
Stopped = Callable[[], bool]


class Cancelled(Exception):
    """The one who asked no longer wants the answer."""


@dataclass(frozen=True)
class Watch:
    """Passed down an analysis: ``at(0.4)`` tells the share done and raises Cancelled if stopped."""

    progress: Progress | None = None
    cancelled: Stopped | None = None

    def at(self, share: float) -> None:
        if self.cancelled is not None and self.cancelled():
            raise Cancelled
        if self.progress is not None:
            self.progress(min(1.0, share))
