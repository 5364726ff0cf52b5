"""Decodes hostile photos and draws clean ones, each in a process that ends with its photo.

Run by `photo_pool.py` as a process of its own, without the project, the network or the database:
it loads the decoders once and forks a child a photo. Whatever a decoder can be talked into ends
in that child, under limits on memory, time, files and system calls.
"""

import gc
import io
import json
import os
import resource
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PIL import Image, ImageCms, MpoImagePlugin, TiffImagePlugin  # noqa: F401
from PIL import WebPImagePlugin as _webp  # noqa: F401  (registers; Pillow would load all plugins)

from ioc.reports import blur, jail

FORMATS = ("JPEG", "PNG", "WEBP")  # a phone's MPO opens as its first JPEG
MEMORY_BYTES = 768 * 1024 * 1024
CPU_S = 10
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
    """The image by its colour profile, where that is a sound one."""
    if not profile:
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
    thumb = image.resize(small, Image.Resampling.BILINEAR, reducing_gap=1.2)
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


def limit(pool: int) -> None:
    """Nothing may be written or opened, little may be used, and the pool's end is the end."""
    jail.die_with(pool)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    jail.close_doors()


def work(line: int, ask: Ask, pool: int) -> None:
    """One photo read from `line` and answered on it, in a process that does nothing else."""
    limit(pool)
    parts = []
    while part := os.read(line, 1 << 20):
        parts.append(part)
    answer = memoryview(said(b"".join(parts), ask))
    while answer:
        answer = answer[os.write(line, answer) :]


class Pool:
    """Forks a child for each ask, ends those that outstay their time, and waits for all."""

    def __init__(self, control: socket.socket):
        self.control = control
        self.pid = os.getpid()
        self.ends_at: dict[int, float] = {}  # children at work, by process number
        self.woken, waker = os.pipe()
        for end in (self.woken, waker):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.waker = waker

    def serve(self) -> None:
        """Until whoever asks is gone."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.woken, select.POLLIN)
        while True:
            ready = {number for number, _ in poll.poll(self.patience_ms())}
            if self.woken in ready:
                os.read(self.woken, 4096)
            self.bury()
            self.end_the_slow()
            if self.control.fileno() in ready and not self.take():
                return

    def patience_ms(self) -> float | None:
        if not self.ends_at:
            return None
        return max(0.0, min(self.ends_at.values()) - time.monotonic()) * 1000 + 1

    def bury(self) -> None:
        with suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self.ends_at.pop(pid, None)

    def end_the_slow(self) -> None:
        now = time.monotonic()
        for pid in [pid for pid, ends_at in self.ends_at.items() if ends_at <= now]:
            os.kill(pid, signal.SIGKILL)  # not yet waited for, so the number is still its own
            self.ends_at[pid] = now + 1

    def take(self) -> bool:
        """Whether there was an ask; a child is at work on it."""
        message, lines, _, _ = socket.recv_fds(self.control, ASK_BYTES, 1)
        if not message:
            return False
        try:
            ask = json.loads(message)
            with suppress(OSError):  # no process to be had: the line closes without an answer
                pid = os.fork()
                if pid == 0:
                    self.become_worker(lines[0], ask)
                self.ends_at[pid] = time.monotonic() + ask["wall_s"]
        finally:
            for line in lines:
                os.close(line)
        return True

    def become_worker(self, line: int, ask: Ask) -> None:
        try:
            signal.set_wakeup_fd(-1)
            self.control.close()
            os.close(self.woken)
            os.close(self.waker)
            os.dup2(0, 2)  # what a decoder complains of may quote the photo
            work(line, ask, self.pid)
        finally:
            os._exit(0)


def warm() -> None:
    """Every decoder and what it loads when first used: a child can open no file."""
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # judged in `opened`, before anything is decoded
    ask = {"max_pixels": 10_000, "side": 64, "thumb_side": 8, "boxes": [(0.1, 0.1, 0.5, 0.5)]}
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in (*FORMATS, "MPO"):
        out = io.BytesIO()
        more = Image.new("RGB", (32, 32))
        several = {"save_all": True, "append_images": [more]} if kind == "MPO" else {}
        more.save(out, kind, exif=exif, icc_profile=profile, **several)
        hide(out.getvalue(), ask)
    out = io.BytesIO()
    Image.new("RGBA", (8, 8)).save(out, "PNG")
    clean(out.getvalue(), ask)


def serve(control: int) -> None:
    """The pool on one end of a SOCK_SEQPACKET pair; it ends when the other end is closed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the web process finishes what it has first
    warm()
    gc.collect()
    gc.freeze()
    gc.disable()
    with socket.socket(fileno=control) as line:
        Pool(line).serve()
