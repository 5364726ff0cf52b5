"""Decodes one hostile photo from stdin and writes a clean one to stdout.

Run by `photos.py` as a process of its own, without the project, the network or the database:
whatever a decoder can be talked into ends here, under limits on memory, time and files.
"""

import io
import json
import resource
import struct
import sys

from PIL import Image, ImageCms, ImageOps
from PIL import WebPImagePlugin as _webp  # noqa: F401  (registers; Pillow would load all plugins)

FORMATS = ("JPEG", "PNG", "WEBP")
MEMORY_BYTES = 768 * 1024 * 1024
CPU_S = 10


class Unfit(Exception):
    """The photo is refused; the argument is the reason's code."""


def limit() -> None:
    """Nothing may be written, little may be used; called once the decoders are loaded."""
    Image.preinit()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def opened(data: bytes, max_pixels: int) -> Image.Image:
    """The image with its header read and its size judged, not yet decoded."""
    Image.MAX_IMAGE_PIXELS = None  # judged here, before anything is decoded
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Exception as error:
        raise Unfit("photo-unreadable") from error
    if image.width * image.height > max_pixels:
        raise Unfit("photo-too-many-pixels")
    return image


def in_srgb(image: Image.Image) -> Image.Image:
    """The image in sRGB on white, by its colour profile where it carries a sound one."""
    profile = image.info.get("icc_profile")
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image)
    image = image.convert("RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image
        return converted or image
    return image


def encoded(image: Image.Image, side: int, quality: int) -> tuple[bytes, int, int]:
    """A JPEG no larger than `side` px, made from the pixels alone."""
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    bare = Image.new("RGB", small.size)  # carries no info dictionary, so nothing rides along
    bare.paste(small)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue(), bare.width, bare.height


def clean(data: bytes, ask: dict[str, int]) -> tuple[dict[str, int], bytes, bytes]:
    """Size, photo and thumbnail of `data`; raises Unfit."""
    image = opened(data, ask["max_pixels"])
    if image.format == "JPEG":
        image.draft("RGB", (ask["side"], ask["side"]))  # lets libjpeg decode at a fraction
    try:
        image.load()
        image = in_srgb(ImageOps.exif_transpose(image))
    except MemoryError:
        raise
    except Exception as error:
        raise Unfit("photo-broken") from error
    photo, width, height = encoded(image, ask["side"], 82)
    thumb, _, _ = encoded(image, ask["thumb_side"], 78)
    return {"width": width, "height": height}, photo, thumb


def main() -> None:
    ask = json.loads(sys.argv[1])
    data = sys.stdin.buffer.read()
    limit()
    try:
        said, photo, thumb = clean(data, ask)
        answer: dict[str, int | str] = {**said, "photo": len(photo), "thumb": len(thumb)}
    except Unfit as error:
        answer, photo, thumb = {"refused": str(error)}, b"", b""
    head = json.dumps(answer).encode()
    sys.stdout.buffer.write(struct.pack(">I", len(head)) + head + photo + thumb)


if __name__ == "__main__":
    main()
