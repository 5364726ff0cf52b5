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

from vision.addresses import PICTURES, Address
from vision.detectors import Picture
from vision.failures import in_words
from vision.opening import opened

WIDTH_PX = 1280  # wider pictures are scaled while they are converted
MOST_PIXELS = 8192 * 4608  # more is refused before it is converted
BAD_PACKETS = 100  # one after the other, then the stream is given up
DRIFT_S = 5.0  # between the stream's clock and ours: it lies about its rate
FOLDER_POLL_S, FOLDER_SILENT_S = 0.5, 60.0


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
    clock_lies: bool = False  # the stream's own times were given up

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
    login: str = "",
    loops: bool = False,
    paced: bool = False,
    started_at: datetime | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Frame]:
    """Frames at most `per_s` a second of the source's own time.

    A file ends, or begins again where it `loops`; `paced` plays it at its own speed. A folder of
    pictures is watched for new ones. A stream's end is a failure. Raises SourceFailed.
    """
    begin = started_at or timezone.now()
    if not address.is_file:
        yield from _one_run(address, login, per_s, begin, f"{begin:%Y%m%dT%H%M%S.%f}", stopping)
        raise SourceFailed(_("the stream ended"))
    path = Path(address.url)
    if path.is_dir():
        yield from _folder(path, per_s, begin, watched=paced, stopping=stopping)
        return
    digest = fingerprint(path)
    turn = 0
    while not stopping():
        # A file read once is the same file next time: its events keep their keys.
        session = f"{digest}-{begin:%Y%m%dT%H%M%S}-{turn}" if loops else digest
        clock, last = time.monotonic(), 0.0
        for frame in _one_run(address, login, per_s, begin, session, stopping):
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


@dataclass
class Clock:
    """A live stream's time that only runs forwards, whatever the stream says of itself.

    Its own times are taken while they keep step with ours. From the first that jumps, stands,
    steps back or runs away the picture's arrival counts instead.
    """

    origin: float | None = None
    began: float = 0.0
    last: float = -1.0
    lies: bool = False

    def stamp(self, told_s: float | None, now: float) -> float:
        """Seconds since the first picture; `now` is a monotonic clock's."""
        if self.origin is None:
            self.origin, self.began = told_s or 0.0, now
        ours = now - self.began
        theirs = None if told_s is None else told_s - self.origin
        if theirs is None or theirs <= self.last or abs(theirs - ours) > DRIFT_S:
            self.lies = self.lies or told_s is not None
        if self.lies or theirs is None:
            theirs = ours
        self.last = max(self.last + 1e-3, theirs)
        return self.last


def _one_run(
    address: Address,
    login: str,
    per_s: float,
    begin: datetime,
    session: str,
    stopping: Callable[[], bool],
) -> Iterator[Frame]:
    due, clock, sizes, size = 0.0, Clock(), 0, None
    try:
        with opened(address, login) as container:
            for raw in _decoded(container):
                if stopping():
                    return
                if size not in (None, (raw.width, raw.height)):
                    sizes += 1  # tracks in px mean nothing in a picture of another size
                size = raw.width, raw.height
                media_s = _time_in(raw, clock, address.is_file)
                if media_s + 1e-6 < due:
                    continue
                due = max(due + 1 / per_s, media_s - 1 / per_s)
                at = begin + timedelta(seconds=media_s) if address.is_file else timezone.now()
                named = f"{session}-{sizes}" if sizes else session
                yield Frame(media_s, at, named, raw, clock.lies)
    except (av.FFmpegError, OSError, ValueError) as failure:
        raise SourceFailed(_words(failure)) from failure


def _time_in(raw: Any, clock: Clock, is_file: bool) -> float:
    if not is_file:
        return clock.stamp(raw.time, time.monotonic())
    now_s = raw.time if raw.time is not None else clock.last + 0.04
    clock.origin = now_s if clock.origin is None else clock.origin
    clock.last = now_s - clock.origin
    return clock.last


def _decoded(container: Any) -> Iterator[Any]:
    """The pictures of a container; a packet of garbage is left out, many in a row are too many."""
    if not container.streams.video:
        raise SourceFailed(_("there is no video in it"))
    stream = container.streams.video[0]
    stream.thread_type = "NONE"  # one camera must not take every core
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    bad = 0
    for packet in container.demux(stream):
        try:
            pictures = packet.decode()
        except av.error.InvalidDataError:
            bad += 1
            if bad > BAD_PACKETS:
                raise
            continue
        except av.error.EOFError:
            return
        bad = 0 if pictures else bad
        yield from pictures


def _folder(
    path: Path, per_s: float, begin: datetime, *, watched: bool, stopping: Callable[[], bool]
) -> Iterator[Frame]:
    """The pictures of a folder in the order of their names; `watched`: and those that come.

    Without times of their own they are `per_s` a second; watched ones are of when they came.
    """
    done: set[str] = set()
    count, came_at = 0, time.monotonic()
    started = came_at
    while not stopping():
        fresh = [p for p in _pictures_in(path) if p.name not in done]
        if not fresh and (not watched or time.monotonic() - came_at > FOLDER_SILENT_S):
            if watched or not done:
                raise SourceFailed(_("no new pictures in the folder"))
            return
        for one in fresh if not watched or not done else fresh[-1:]:
            raw = _still(one)
            if raw is None or stopping():
                continue
            media_s = time.monotonic() - started if watched else count / per_s
            at = timezone.now() if watched else begin + timedelta(seconds=media_s)
            count, came_at = count + 1, time.monotonic()
            yield Frame(media_s, at, f"folder-{begin:%Y%m%dT%H%M%S}", raw)
            if watched:
                time.sleep(1 / per_s)
        done |= {p.name for p in fresh}
        if watched:
            time.sleep(FOLDER_POLL_S)


def _pictures_in(path: Path) -> list[Path]:
    try:
        found = [p for p in path.iterdir() if p.suffix.lower() in PICTURES and not p.is_symlink()]
    except OSError as failure:
        raise SourceFailed(_words(failure)) from failure
    return sorted(found, key=lambda p: p.name)


def _still(path: Path) -> Any:
    """One picture file as a frame; None for what is none (or is still being written)."""
    try:
        with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
            return next(_decoded(container), None)
    except (av.FFmpegError, OSError, SourceFailed):
        return None


def _words(failure: Exception) -> str:
    """Why it failed, without the address, which may be a secret."""
    return (_("cannot be read (%(why)s)") % {"why": in_words(failure)})[:150]
