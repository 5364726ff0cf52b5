import io
import struct
import zlib

import pytest
from PIL import Image

from geo.errors import Refused
from ioc.reports import photos
from tests.reports.factories import make_photo

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(width: int, height: int) -> bytes:
    """A sound PNG of one colour: small on the wire, 3 bytes a pixel when decoded."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    row = zlib.compress(b"\0" * (width * 3 + 1) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", row) + chunk(b"IEND", b"")


def with_place_and_name() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "PLANTED-MAKER"
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[2] = (16.0, 27.0, 49.5)
    exif.get_ifd(0x8769)[0x9286] = b"PLANTED-COMMENT"
    data = make_photo((800, 600), exif=exif, comment=b"PLANTED-COMMENT")
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>PLANTED-XMP</x:xmpmeta>"
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp + data[2:]


def code_of(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        photos.clean(data)
    assert "\n" not in str(refused.value)
    return refused.value.code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_kinds_are_drawn_anew_as_jpeg(kind: str):
    clean = photos.clean(make_photo((640, 480), kind))
    assert (clean.width, clean.height) == (640, 480)
    assert Image.open(io.BytesIO(clean.photo)).format == "JPEG"
    assert Image.open(io.BytesIO(clean.thumb)).size == (320, 240)


def test_nothing_of_the_sender_is_left_and_the_photo_stands_upright():
    clean = photos.clean(with_place_and_name())
    assert (clean.width, clean.height) == (600, 800)
    for data in (clean.photo, clean.thumb):
        assert not any(word in data for word in (b"PLANTED", b"Exif", b"xap", b"xmp", b"\xff\xe1"))
        kept = Image.open(io.BytesIO(data))
        assert not dict(kept.getexif()) and set(kept.info) <= {
            "jfif", "jfif_version", "jfif_unit", "jfif_density",
        }  # fmt: skip


def test_a_large_photo_becomes_2048_a_side():
    clean = photos.clean(make_photo((4000, 3000)))
    assert (clean.width, clean.height) == (2048, 1536)


@pytest.mark.parametrize(
    "data",
    [b"", b"not a photo", SVG, b"GIF89a" + b"\0" * 40, b"%PDF-1.7", b"\xff\xd8\xff" + b"x" * 99],
)
def test_what_is_no_photo_is_refused_in_one_line(data: bytes):
    assert code_of(data) == "photo-unreadable"


def test_forty_megapixels_in_a_small_file_are_refused_before_decoding():
    bomb = png_bomb(8000, 5000)
    assert len(bomb) < 200_000
    assert code_of(bomb) == "photo-too-many-pixels"


def test_twelve_megabytes_are_the_limit():
    assert code_of(make_photo() + b"\0" * photos.MAX_BYTES) == "photo-too-large"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_photo_is_refused(kind: str):
    noise = Image.effect_noise((400, 300), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, kind)
    half = out.getvalue()[: out.tell() // 2]
    assert code_of(half) in {"photo-broken", "photo-unreadable"}


def test_a_lying_header_ends_in_its_own_process():
    lying = bytearray(make_photo((64, 64), "PNG"))
    lying[16:24] = struct.pack(">II", 4000, 4000)
    lying[29:33] = struct.pack(">I", zlib.crc32(bytes(lying[12:29])))
    assert code_of(bytes(lying)) == "photo-broken"


def test_a_polyglot_loses_its_other_half():
    clean = photos.clean(make_photo() + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in clean.photo and b"PK\x03\x04" not in clean.photo


def test_a_decoder_that_hangs_is_stopped(monkeypatch):
    monkeypatch.setattr(photos, "WALL_TIME_S", 0.001)
    assert code_of(make_photo()) == "photo-broken"
