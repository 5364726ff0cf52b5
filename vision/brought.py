"""Clips that people bring to try rules on: bounded, known by their bytes, forgotten after a day.

Nothing here decodes. Only the process that does the trial opens them, as it does a camera.
"""

from __future__ import annotations

import re
import shutil
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from vision import conf

KEPT = timedelta(days=1)  # as long as the trial that used it last
MOST_EACH = 5
MOST_S = 3600.0
CHUNK, HEAD = 1 << 20, 600
TS_PACKET = 188


class Stream(Protocol):
    """What is read from, as a request is."""

    def read(self, size: int, /) -> bytes: ...


class Brought(NamedTuple):
    """A clip that was taken in: its token, what it is by its bytes, and its size."""

    token: str
    container: str
    size: int


def most_bytes() -> int:
    """How large a clip may be."""
    return settings.IOC_VISION_CLIP_MB * 1_000_000


def container_of(head: bytes) -> str | None:
    """The ending of a video container by its first bytes; None for anything else.

    A playlist or a description leads elsewhere, so text is never one. Source: ISO/IEC 14496-12
    §4.3 (ftyp), RFC 8794 §8 (EBML), the RIFF form of AVI, ISO/IEC 13818-1 §2.4.3.2 (sync byte).
    """
    if head[4:8] == b"ftyp":
        return ".mp4"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return ".mkv"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return ".avi"
    if len(head) > 2 * TS_PACKET and {head[0], head[TS_PACKET], head[2 * TS_PACKET]} == {0x47}:
        return ".ts"
    return None


def take(stream: Stream, *, size: int, by: Any) -> Brought:
    """Keeps a clip of `size` bytes for this person. Raises Refused for what is no clip, or large.

    Of one person's clips the oldest goes where there are too many.
    """
    if size <= 0:
        raise Refused("no-clip", _("The clip is empty."), status=422)
    if size > most_bytes():
        words = _("The clip is too large: at most %(most)d MB.")
        most = settings.IOC_VISION_CLIP_MB
        raise Refused("clip-too-large", words % {"most": most}, status=413, most_bytes=most_bytes())
    head = _exactly(stream, min(size, HEAD))
    container = container_of(head)
    if container is None:
        words = _("This is not a video that can be tried: MP4, MOV, MKV, WebM, AVI and TS can.")
        raise Refused("bad-clip", words, status=415)
    folder = conf.clip_dir()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(folder).free < 2 * size:
        raise Refused("disk-full", _("There is no room for the clip."), status=507)
    for old in _of(by.pk)[MOST_EACH - 1 :]:
        old.unlink(missing_ok=True)
    token = uuid.uuid4().hex
    scratch = folder / f".{token}.part"
    try:
        _write(scratch, head, stream, size)
        scratch.replace(folder / f"{by.pk}-{token}{container}")
    finally:
        scratch.unlink(missing_ok=True)
    return Brought(token, container, size)


def path_of(token: str, by_id: int) -> Path:
    """Where this person's clip lies. Raises Refused where it is gone, or another's."""
    found = re.fullmatch(r"[0-9a-f]{32}", token) and list(
        conf.clip_dir().glob(f"{by_id}-{token}.*")
    )
    if not found:
        raise Refused("clip-gone", _("The clip is no longer kept: bring it again."), status=422)
    return found[0]


def use(token: str, by_id: int) -> None:
    """Keeps the clip as long as the trial that is asked for now. Raises Refused."""
    path_of(token, by_id).touch()


def erase(now: datetime | None = None) -> int:
    """How many clips were erased whose trials are forgotten."""
    limit = ((now or timezone.now()) - KEPT).timestamp()
    folder = conf.clip_dir()
    old = [path for path in folder.iterdir() if _used(path) < limit] if folder.is_dir() else []
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _of(by_id: int) -> list[Path]:
    """One person's clips, the one used last first."""
    return sorted(conf.clip_dir().glob(f"{by_id}-*"), key=_used, reverse=True)


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # erased meanwhile
        return 0.0


def _write(path: Path, head: bytes, stream: Stream, size: int) -> None:
    left = size - len(head)
    with path.open("xb") as file:
        path.chmod(0o600)
        file.write(head)
        while left:
            data = _exactly(stream, min(left, CHUNK))
            file.write(data)
            left -= len(data)


def _exactly(stream: Stream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            raise Refused("clip-cut-off", _("The clip did not come whole: send it again."))
        data += more
    return data
