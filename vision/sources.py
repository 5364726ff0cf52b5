"""Pictures from a stream or a file, with their times, through PyAV."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import av
from django.utils import timezone
from django.utils.translation import gettext as _

from vision.addresses import Address
from vision.detectors import Picture

OPEN_TIMEOUT_S, READ_TIMEOUT_S = 8.0, 8.0
WIDTH_PX = 1280  # wider pictures are scaled while they are converted
MOST_PIXELS = 8192 * 4608  # more is refused before it is converted
# FFmpeg follows what it reads; a video file must not lead it to the network or back to the disk.
FILE_OPTIONS = {"protocol_whitelist": "file"}
STREAM_OPTIONS = {
    "protocol_whitelist": "rtsp,rtsps,rtp,udp,tcp,tls,http,https,httpproxy,crypto",
    "max_redirects": "0",
    "rtsp_transport": "tcp",
}


class SourceFailed(RuntimeError):
    """The source cannot be opened, or ended; the message is fit for an operator."""


@dataclass
class Frame:
    """One picture. `media_s` is its time in the source, `at` the moment it stands for.

    `session` names the uninterrupted run that it belongs to; times step back only between two.
    """

    media_s: float
    at: datetime
    session: str
    raw: Any  # av.VideoFrame; converted only if somebody looks

    def picture(self) -> Picture:
        """RGB, at most 1280 wide. Raises SourceFailed for a picture of absurd size."""
        width, height = self.raw.width, self.raw.height
        if width * height > MOST_PIXELS or min(width, height) < 16:
            raise SourceFailed(
                _("a picture of %(width)s × %(height)s is not looked at")
                % {"width": width, "height": height}
            )
        if width > WIDTH_PX:
            return self.raw.to_ndarray(
                format="rgb24", width=WIDTH_PX, height=round(height * WIDTH_PX / width)
            )
        return self.raw.to_ndarray(format="rgb24")


def frames(
    address: Address,
    *,
    per_s: float,
    loops: bool = False,
    paced: bool = False,
    started_at: datetime | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Frame]:
    """Frames at most `per_s` a second of the source's own time.

    A file ends, or begins again where it `loops`; `paced` plays it at its own speed. A stream's
    end is a failure. Raises SourceFailed.
    """
    begin = started_at or timezone.now()
    if not address.is_file:
        yield from _one_run(address, per_s, begin, f"{begin:%Y%m%dT%H%M%S.%f}", stopping)
        raise SourceFailed(_("the stream ended"))
    digest = fingerprint(Path(address.url))
    turn = 0
    while not stopping():
        # A file read once is the same file next time: its events keep their keys.
        session = f"{digest}-{begin:%Y%m%dT%H%M%S}-{turn}" if loops or paced else digest
        clock, last = time.monotonic(), 0.0
        for frame in _one_run(address, per_s, begin, session, stopping):
            last = frame.media_s
            if paced and (ahead := clock + last - time.monotonic()) > 0:
                time.sleep(ahead)
            yield frame
        if not loops:
            return
        if last <= 0:
            raise SourceFailed(_("the file has no pictures"))
        turn += 1
        begin = timezone.now() if paced else begin + timedelta(seconds=last + 1 / per_s)


def fingerprint(path: Path) -> str:
    """A short name for a file's content: its size and its first MB. Raises SourceFailed."""
    try:
        with path.open("rb") as file:
            head = file.read(1 << 20)
    except OSError as failure:
        raise SourceFailed(_words(failure)) from failure
    return hashlib.sha256(head + str(path.stat().st_size).encode()).hexdigest()[:16]


def _one_run(
    address: Address, per_s: float, begin: datetime, session: str, stopping: Callable[[], bool]
) -> Iterator[Frame]:
    due, origin = 0.0, None
    try:
        with av.open(
            address.url,
            options=FILE_OPTIONS if address.is_file else STREAM_OPTIONS,
            timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S),
        ) as container:
            if not container.streams.video:
                raise SourceFailed(_("there is no video in it"))
            stream = container.streams.video[0]
            stream.thread_type = "NONE"  # one camera must not take every core
            opened = time.monotonic()
            for raw in container.decode(stream):
                if stopping():
                    return
                now_s = raw.time if raw.time is not None else time.monotonic() - opened
                origin = now_s if origin is None else origin
                media_s = now_s - origin
                if media_s + 1e-6 < due:
                    continue
                due = max(due + 1 / per_s, media_s - 1 / per_s)
                at = begin + timedelta(seconds=media_s) if address.is_file else timezone.now()
                yield Frame(media_s, at, session, raw)
    except (av.FFmpegError, OSError, ValueError) as failure:
        raise SourceFailed(_words(failure)) from failure


def _words(failure: Exception) -> str:
    """Why it failed, without the address, which may be a secret."""
    kind = type(failure).__name__.removesuffix("Error")
    why = getattr(failure, "strerror", None) or kind
    if isinstance(failure, av.error.ExitError):
        why = _("no answer in time")
    return (_("cannot be read (%(why)s)") % {"why": why})[:150]
