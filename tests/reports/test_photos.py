import io
import struct
import zlib
from functools import cache
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms, ImageFilter, ImageStat, PngImagePlugin

from geo.errors import Refused
from ioc.reports import photos
from tests.reports.factories import make_photo

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@cache
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


def bare(data: bytes) -> bool:
    """Whether a JPEG holds pixels and tables alone: no segment of an application, no comment."""
    at, kinds = 2, set()
    while data[at + 1] != 0xDA:
        kinds.add(data[at + 1])
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    assert data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9"
    jfif_alone = data.count(b"JFIF") == 1 and len(data.split(b"JFIF")[0]) == 6
    return jfif_alone and kinds <= {0xE0, 0xDB, 0xC0, 0xC4}


def saved(image: Image.Image, kind: str, **save: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **save)
    return out.getvalue()


def colour_at(data: bytes, place: tuple[int, int]) -> tuple[int, ...]:
    pixel = Image.open(io.BytesIO(data)).convert("RGB").getpixel(place)
    assert isinstance(pixel, tuple)
    return tuple(int(value) for value in pixel)


def near(colour: tuple[int, ...], wanted: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(colour, wanted, strict=True))


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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "MPO"])
def test_no_kind_carries_a_word_along(kind: str):
    """EXIF with a place, XMP, a colour profile, comments: each in every kind that can hold it."""
    exif = Image.Exif()
    exif[0x010F] = "PLANTED-MAKER"
    exif.get_ifd(0x8825)[29] = "PLANTED:GPS"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more: dict[str, Any] = {"exif": exif, "icc_profile": profile, "comment": b"PLANTED"}
    if kind == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Comment", "PLANTED")
        more["pnginfo"].add_itxt("XML:com.adobe.xmp", "<x>PLANTED</x>")
    if kind in {"WEBP", "JPEG"}:
        more["xmp"] = b"<x:xmpmeta>PLANTED</x:xmpmeta>"
    if kind == "MPO":
        more |= {"save_all": True, "append_images": [Image.new("RGB", (640, 480), "red")]}
    data = saved(Image.new("RGB", (640, 480), (90, 140, 90)), kind, **more)
    assert b"PLANTED" in data
    clean = photos.clean(data)
    assert bare(clean.photo) and bare(clean.thumb)
    assert near(colour_at(clean.photo, (320, 240)), (90, 140, 90))


@pytest.mark.parametrize(
    ("image", "kind", "wanted"),
    [
        (Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG", (255, 0, 0)),
        (Image.new("L", (64, 64), 77), "JPEG", (77, 77, 77)),
        (Image.new("RGBA", (64, 64), (255, 0, 0, 0)), "PNG", (255, 255, 255)),
        (Image.new("LA", (64, 64), (0, 128)), "PNG", (127, 127, 127)),
        (Image.new("1", (64, 64), 1), "PNG", (255, 255, 255)),
        (Image.new("RGB", (64, 64), (9, 99, 199)).quantize(8), "PNG", (9, 99, 199)),
        (Image.new("RGBA", (64, 64), (0, 0, 255, 255)), "WEBP", (0, 0, 255)),
    ],
)
def test_every_way_of_writing_colours_is_read(image: Image.Image, kind: str, wanted):
    clean = photos.clean(saved(image, kind))
    assert near(colour_at(clean.photo, (32, 32)), wanted) and bare(clean.photo)


def test_a_profile_is_drawn_in_and_a_false_one_is_passed_over():
    photo = Image.new("RGB", (64, 64), (0, 200, 0))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (lab, b"PLANTED" * 40, lab[: len(lab) // 2]):
        clean = photos.clean(saved(photo, "JPEG", icc_profile=profile))
        assert near(colour_at(clean.photo, (32, 32)), (0, 200, 0)) and bare(clean.photo)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_that_makes_no_sense_does_not_cost_the_photo(kind: str):
    clean = photos.clean(make_photo((40, 20), kind, exif=b"Exif\0\0II*\0\xff\xff\xff\x7fPLANTED"))
    assert (clean.width, clean.height) == (40, 20) and bare(clean.photo)


def test_a_phone_photo_that_lies_on_its_side_is_turned_the_right_way():
    lying = Image.new("RGB", (64, 32), "blue")
    lying.paste((255, 255, 0), (0, 0, 32, 32))  # its left is the top once it stands
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = photos.clean(saved(lying, "JPEG", exif=exif))
    assert (clean.width, clean.height) == (32, 64)
    assert near(colour_at(clean.photo, (16, 8)), (255, 255, 0), 20)


def test_what_is_kept_looks_like_what_was_sent():
    """Within what an eye forgives: 38 dB in the photo, half that loss again in the thumbnail."""
    sent = Image.effect_noise((1632, 1224), 60).resize((1632, 1224)).convert("RGB")
    sent = sent.filter(ImageFilter.GaussianBlur(3))
    clean = photos.clean(saved(sent, "JPEG", quality=90))
    for data in (clean.photo, clean.thumb):
        kept = Image.open(io.BytesIO(data))
        wanted = sent.resize(kept.size, Image.Resampling.LANCZOS)
        errors = ImageStat.Stat(ImageChops.difference(wanted, kept.convert("RGB"))).rms
        assert max(errors) < 255 / 10 ** (35 / 20), errors


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
    photo = make_photo((4000, 3000))  # takes a hundred times as long, on a busy machine too
    monkeypatch.setattr(photos, "WALL_TIME_S", 0.001)
    assert code_of(photo) == "photo-broken"
