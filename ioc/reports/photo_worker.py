"""Decodes hostile photos and draws clean ones, in processes that `photo_forker.py` starts.

Whatever a decoder can be talked into ends there, under limits on memory, time, files and system
calls.
"""

import gc
import io
import json
import os
import resource
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PIL import Image, ImageCms, MpoImagePlugin, TiffImagePlugin  # noqa: F401
from PIL import WebPImagePlugin as _webp  # noqa: F401  (registers; Pillow would load all plugins)

from ioc.reports import blur, jail, plain_jpeg

FORMATS = ("JPEG", "PNG", "WEBP")  # a phone's MPO opens as its first JPEG
MEMORY_BYTES = 768 * 1024 * 1024
CPU_S = 10
PHOTOS = 64  # that one worker draws, where it draws more than one
ASK_BYTES = 64 * 1024
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Ask = dict[str, Any]
Answer = tuple[dict[str, int], bytes, bytes]


class Unfit(Exception):
    """The photo is refused; the argument is the reason's code."""


def opened(data: bytes, max_pixels: int) -> Image.Image:
    """The image with its header read and its size judged, not yet decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Exception as error:
        raise Unfit("photo-unreadable") from error
    if image.width * image.height > max_pixels:
        raise Unfit("photo-too-many-pixels")
    return image


def decoded(data: bytes, ask: Ask) -> Image.Image:
    """The whole image, upright, in sRGB on white, at most `side` px; raises Unfit."""
    image = opened(data, ask["max_pixels"])
    side = ask["side"]
    try:
        if image.format in ("JPEG", "MPO"):
            image.draft("RGB", (side, side))  # lets libjpeg decode at a fraction
        image.load()
        profile = image.info.get("icc_profile")
        plain = on_white(upright(image))
        if max(plain.size) > side:
            plain.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        return in_srgb(plain, profile)
    except MemoryError:
        raise
    except Exception as error:
        raise Unfit("photo-broken") from error


def upright(image: Image.Image) -> Image.Image:
    """The image turned as its camera said; as it lies where what it said makes no sense."""
    turn = None
    with suppress(Exception):
        turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    return image.transpose(turn) if turn is not None else image


def on_white(image: Image.Image) -> Image.Image:
    """The image as RGB, on white where one can see through it."""
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image if image.mode == "RGB" else image.convert("RGB")


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image by its colour profile, where that is a sound one of another kind."""
    if not profile or plain_jpeg.says_srgb(profile):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def encoded(image: Image.Image, quality: int, *, optimize: bool = False) -> bytes:
    """A JPEG of the pixels alone.

    `optimize` makes it 3 % smaller for 2.5 times the work: worth it where it is small.
    """
    image.info = {}  # what Pillow would copy rides here: comments, profiles, resolution
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=optimize)
    return out.getvalue()


def both(image: Image.Image, ask: Ask) -> Answer:
    """Size, photo and thumbnail."""
    width, height = image.size
    scale = min(1.0, ask["thumb_side"] / max(image.size))
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    thumb = image.resize(small, Image.Resampling.BILINEAR, reducing_gap=1.0)
    said = {"width": width, "height": height}
    return said, encoded(image, 82), encoded(thumb, 78, optimize=True)


def clean(data: bytes, ask: Ask) -> Answer:
    """Size, photo and thumbnail of `data`; raises Unfit."""
    return both(decoded(data, ask), ask)


def hide(data: bytes, ask: Ask) -> Answer:
    """Size, photo and thumbnail of `data` with nothing left to see in its boxes; raises Unfit."""
    image = decoded(data, ask)
    for box in ask["boxes"]:
        blur.hide(image, blur.pixels_of(box, image.size))
    return both(image, ask)


WORK: dict[str, Callable[[bytes, Ask], Answer]] = {"clean": clean, "hide": hide}


def said(data: bytes, ask: Ask) -> bytes:
    """The answer as it goes back: length and JSON of a head, then photo and thumbnail."""
    try:
        size, photo, thumb = WORK[ask["work"]](data, ask)
        head: dict[str, int | str] = {**size, "photo": len(photo), "thumb": len(thumb)}
    except Unfit as error:
        head, photo, thumb = {"refused": str(error)}, b"", b""
    text = json.dumps(head).encode()
    return b"".join((struct.pack(">I", len(text)), text, photo, thumb))


def limit(pool: int, cpu_s: int) -> None:
    """Nothing may be written or opened, little may be used, and the pool's end is the end."""
    jail.die_with(pool)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    jail.close_doors()


def answer(line: int, ask: Ask) -> None:
    """One photo read from `line` and answered on it."""
    parts = []
    while part := os.read(line, 1 << 20):
        parts.append(part)
    left = memoryview(said(b"".join(parts), ask))
    while left:
        left = left[os.write(line, left) :]


def work(line: int, ask: Ask, pool: int) -> None:
    """One photo, in a process that does nothing else."""
    limit(pool, CPU_S)
    answer(line, ask)


def work_for_many(control: socket.socket, pool: int) -> None:
    """A few dozen photos, each handed over on `control` and told there as done."""
    limit(pool, 2 * CPU_S)
    for left in reversed(range(PHOTOS)):
        message, lines, _flags, _address = socket.recv_fds(control, ASK_BYTES, 1)
        if not message:
            return
        with suppress(OSError):  # who asked has gone
            answer(lines[0], json.loads(message))
        if not left or time.process_time() > CPU_S:
            return
        os.write(control.fileno(), b"1")
        os.close(lines[0])
        gc.collect()
