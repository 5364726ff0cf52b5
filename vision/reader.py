"""One thread a camera that reads its source, whatever the source does, and never the database."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import structlog
from django.utils.translation import gettext as _

from geo.errors import Refused
from vision.addresses import checked
from vision.slot import LatestSlot
from vision.sources import Frame, SourceFailed, frames

log = structlog.get_logger(__name__)

BACK_OFF_S = (1.0, 60.0)
STEADY_S = 30.0  # a source that ran this long starts again without delay


class Reader(threading.Thread):
    """Puts the newest frame into `slot`; opens the source again, later and later, when it fails."""

    def __init__(
        self,
        code: str,
        address: str,
        *,
        per_s: float,
        loops: bool,
        roots: list[Path],
        login: str = "",
    ) -> None:
        super().__init__(name=f"camera-{code}", daemon=True)
        self.slot: LatestSlot[Frame] = LatestSlot()
        self.note = ""  # why it cannot be read now; "" while it can
        self.attempts = 0
        self.alive_at = time.monotonic()  # last frame or attempt: a thread stuck in FFmpeg ages
        self._code, self._address, self._per_s, self._loops = code, address, per_s, loops
        self._roots, self._login = roots, login
        self._ended = threading.Event()

    def stop(self) -> None:
        """Asks the thread to end; it is a daemon, so one stuck in FFmpeg holds nothing up."""
        self._ended.set()

    def run(self) -> None:
        wait_s = BACK_OFF_S[0]
        while not self._ended.is_set():
            began = time.monotonic()
            self.attempts += 1
            try:
                self._read()
                return
            except (SourceFailed, Refused) as failure:
                self.note = str(failure)[:200]
            except Exception as failure:
                # One camera's surprise is that camera's: the others must not hear of it.
                self.note = _("cannot be read (%(why)s)") % {"why": type(failure).__name__}
                log.exception("camera-reader-failed", camera=self._code)
            log.warning("camera-source-failed", camera=self._code, why=self.note, wait_s=wait_s)
            self.alive_at = time.monotonic()
            if self.alive_at - began > STEADY_S:
                wait_s = BACK_OFF_S[0]
            self._ended.wait(wait_s * random.uniform(0.8, 1.2))
            wait_s = min(wait_s * 2, BACK_OFF_S[1])

    def _read(self) -> None:
        address = checked(self._address, roots=self._roots)
        for frame in frames(
            address,
            login=self._login,
            per_s=self._per_s,
            loops=self._loops,
            paced=address.is_file,
            stopping=self._ended.is_set,
        ):
            self.note = ""
            self.alive_at = time.monotonic()
            self.slot.put(frame)
        if not self._ended.is_set():
            raise SourceFailed(_("the file ended"))
