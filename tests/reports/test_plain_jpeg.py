"""Which photos may share a worker with others."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from ioc.reports.plain_jpeg import description, is_plain, says_srgb
from tests.reports.factories import make_photo

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
WIDE = SRGB.replace("sRGB".encode("utf-16-be"), "P3 D".encode("utf-16-be"))
# As Chromium writes it into what a canvas gives: a name of four letters, and the next tag at once.
CANVAS = (
    bytes(128) + (1).to_bytes(4) + b"desc" + (144).to_bytes(4) + (36).to_bytes(4) + b"mluc"
    + bytes(4) + (1).to_bytes(4) + (12).to_bytes(4) + b"enUS" + (8).to_bytes(4) + (28).to_bytes(4)
    + "sRGB".encode("utf-16-be") + b"XYZ "
)  # fmt: skip
# Version 2 of the format, as a camera writes it.
OLD = (
    bytes(128) + (1).to_bytes(4) + b"desc" + (144).to_bytes(4) + (34).to_bytes(4) + b"desc"
    + bytes(4) + (18).to_bytes(4) + b"sRGB IEC61966-2.1\0" + bytes(9)
)  # fmt: skip


def test_what_a_phones_browser_sends_is_plain():
    exif = Image.Exif()
    exif[0x0112] = 6
    for data in (make_photo(), make_photo((2048, 1536), quality=95), make_photo(exif=exif)):
        assert is_plain(data)
    grey = io.BytesIO()
    Image.new("L", (64, 48)).save(grey, "JPEG", comment=b"x", icc_profile=CANVAS)
    assert is_plain(grey.getvalue())


@pytest.mark.parametrize(
    "data",
    [
        make_photo(kind="PNG"),
        make_photo(kind="WEBP"),
        make_photo(progressive=True),
        make_photo((3000, 2000)),
        make_photo(icc_profile=WIDE),
        make_photo(icc_profile=SRGB + bytes(70_000)),  # in two parts, of which one says nothing
        make_photo()[:150],
        make_photo()[:2],
        b"\xff\xd8" + b"\xff\xe0\x00\x00" * 9,
        b"",
    ],
    ids=["png", "webp", "progressive", "large", "wide", "parts", "cut", "start", "empty", "none"],
)
def test_all_else_is_not(data):
    assert not is_plain(data)


def test_a_picture_of_four_colours_or_several_scans_is_not_plain():
    ink = io.BytesIO()
    Image.new("CMYK", (64, 48)).save(ink, "JPEG")
    assert not is_plain(ink.getvalue())
    data = make_photo()
    scan = data.index(b"\xff\xda")
    assert not is_plain(data[: scan + 4] + b"\x01" + data[scan + 5 :])


def test_a_profile_is_known_by_its_name():
    assert [says_srgb(one) for one in (SRGB, CANVAS, OLD, WIDE)] == [True, True, True, False]
    assert description(OLD) == "sRGB IEC61966-2.1"


@given(st.binary(max_size=400), st.integers(0, 900))
def test_any_bytes_have_an_answer(noise, at):
    data = make_photo((8, 8), icc_profile=SRGB)
    assert is_plain(data[:at] + noise) in (True, False)
    assert isinstance(description(SRGB[:at] + noise + SRGB[at:]), str)
