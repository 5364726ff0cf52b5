"""Photos as they may be kept: decoded and drawn anew, with nothing of the sender left in them."""

import hashlib
import json
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from geo.errors import Refused

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 25_000_000
SIDE_PX = 2048
THUMB_SIDE_PX = 320
WALL_TIME_S = 15
AT_ONCE = 4
PATIENCE_S = 20

_room = threading.BoundedSemaphore(AT_ONCE)

_WORKER = Path(__file__).with_name("photo_worker.py")
_ASK = json.dumps({"max_pixels": MAX_PIXELS, "side": SIDE_PX, "thumb_side": THUMB_SIDE_PX})


@dataclass(frozen=True)
class CleanPhoto:
    """Two JPEGs with no metadata; `sha256` is of the photo as kept, in hex."""

    photo: bytes
    thumb: bytes
    width: int
    height: int
    sha256: str


def looks_like_photo(data: bytes) -> bool:
    """Whether the first bytes are those of a JPEG, PNG or WebP file."""
    return (
        data.startswith(b"\xff\xd8\xff")
        or data.startswith(b"\x89PNG\r\n\x1a\n")
        or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
    )


def refusal(code: str) -> Refused:
    """The one clear line a person reads for `code`."""
    words = {
        "photo-too-large": _("The photo is larger than 12 MB. Choose a smaller one."),
        "photo-unreadable": _("This file is not a photo. Send a JPEG, PNG or WebP picture."),
        "photo-too-many-pixels": _("The photo has more than 25 megapixels. Send a smaller one."),
        "photo-broken": _("The photo is damaged or incomplete. Take it again or choose another."),
    }
    status = 413 if code == "photo-too-large" else 400
    return Refused(code, words[code], status=status, fields={"photo": words[code]})


def clean(data: bytes) -> CleanPhoto:
    """The photo drawn anew as JPEG, at most 2048 px a side, upright, with a 320 px thumbnail.

    A file that is also something else (a polyglot) loses the something else; a decoder that
    crashes, hangs or asks for too much memory takes only its own process down.

    Raises Refused: busy, photo-too-large, photo-unreadable, photo-too-many-pixels, photo-broken.
    """
    if len(data) > MAX_BYTES:
        raise refusal("photo-too-large")
    if not looks_like_photo(data):
        raise refusal("photo-unreadable")
    # Each decoder may take hundreds of megabytes, so only a few run at a time in one process.
    if not _room.acquire(timeout=PATIENCE_S):
        message = _("Many photos are arriving at this moment. It is sent again by itself.")
        raise Refused("busy", message, status=503, retry_after_s=10)
    try:
        return _answer(_run(data))
    finally:
        _room.release()


def _run(data: bytes) -> bytes:
    try:
        run = subprocess.run(
            [sys.executable, "-I", str(_WORKER), _ASK],
            input=data,
            capture_output=True,
            timeout=WALL_TIME_S,
            env={"PATH": "/usr/bin:/bin"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise refusal("photo-broken") from error
    if run.returncode != 0 or len(run.stdout) < 4:
        raise refusal("photo-broken")
    return run.stdout


def _answer(out: bytes) -> CleanPhoto:
    (head_bytes,) = struct.unpack(">I", out[:4])
    head = json.loads(out[4 : 4 + head_bytes])
    if "refused" in head:
        raise refusal(head["refused"])
    start = 4 + head_bytes
    photo = out[start : start + head["photo"]]
    thumb = out[start + head["photo"] : start + head["photo"] + head["thumb"]]
    sha256 = hashlib.sha256(photo).hexdigest()
    return CleanPhoto(photo, thumb, head["width"], head["height"], sha256)
