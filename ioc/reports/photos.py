"""Photos as they may be kept: decoded and drawn anew, with nothing of the sender left in them."""

import hashlib
import json
import math
import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.reports import photo_pool
from ioc.reports.plain_jpeg import is_plain
from ioc.reports.room import Full, Room

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 25_000_000
SIDE_PX = 2048
THUMB_SIDE_PX = 320
MAX_BOXES = 40
WALL_TIME_S = 15
AT_ONCE = min(4, max(2, os.cpu_count() or 2))
PATIENCE_S = 20

log = structlog.get_logger(__name__)

Box = tuple[float, float, float, float]

_room = Room(AT_ONCE)


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
    return _drawn(data, work="clean")


def blur(data: bytes, boxes: Sequence[Box]) -> CleanPhoto:
    """The photo drawn anew with its boxes hidden for good, in the thumbnail too.

    A box is left, top, width and height as fractions of the upright photo; what of it lies
    outside is left out.

    Raises Refused: bad-box, and all that `clean` raises.
    """
    return _drawn(data, work="hide", boxes=[_within(box) for box in _few(boxes)])


def _few(boxes: Sequence[Box]) -> Sequence[Box]:
    if not 1 <= len(boxes) <= MAX_BOXES:
        message = _("Mark between 1 and %(limit)s places to hide.") % {"limit": MAX_BOXES}
        raise Refused("bad-box", message, fields={"boxes": message})
    return boxes


def _within(box: Box) -> Box:
    if len(box) == 4 and all(map(math.isfinite, box)):
        left, top, wide, high = box
        right, bottom = min(1.0, left + wide), min(1.0, top + high)
        left, top = max(0.0, left), max(0.0, top)
        if left < right and top < bottom:
            return left, top, right - left, bottom - top
    message = _("A place to hide lies outside the photo or is empty.")
    raise Refused("bad-box", message, fields={"boxes": message})


def _drawn(data: bytes, **ask: Any) -> CleanPhoto:
    # Each decoder may take hundreds of megabytes, so only a few run at a time in one process.
    try:
        with _room.place(PATIENCE_S):
            plain = is_plain(data)
            out = _asked(data, plain=plain, **ask)
            if out is None and plain:  # its worker may have been spoilt by a photo before
                out = _asked(data, plain=False, **ask)
    except (Full, photo_pool.PoolLost) as error:
        raise _busy() from error
    if out is None:
        raise refusal("photo-broken")
    if "refused" in out[0]:
        raise refusal(out[0]["refused"])
    head, photo, thumb = out
    sha256 = hashlib.sha256(photo).hexdigest()
    return CleanPhoto(photo, thumb, head["width"], head["height"], sha256)


def _asked(data: bytes, **ask: Any) -> tuple[dict[str, Any], bytes, bytes] | None:
    """Head, photo and thumbnail; None from a worker that crashed and answered nothing, or half."""
    out = photo_pool.pool.ask(
        data,
        wall_s=WALL_TIME_S,
        max_pixels=MAX_PIXELS,
        side=SIDE_PX,
        thumb_side=THUMB_SIDE_PX,
        **ask,
    )
    with suppress(struct.error, ValueError):
        (head_bytes,) = struct.unpack_from(">I", out)
        middle = 4 + head_bytes
        head = json.loads(out[4:middle])
        end = middle + head.get("photo", 0)
        if len(out) == end + head.get("thumb", 0):
            return head, out[middle:end], out[end:]
    log.warning("photo-worker-ended", answered_bytes=len(out), plain=ask["plain"])
    return None


def _busy() -> Refused:
    message = _("Many photos are arriving at this moment. It is sent again by itself.")
    return Refused("busy", message, status=503, retry_after_s=10)
