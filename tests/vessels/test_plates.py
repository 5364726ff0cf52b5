"""Plates as papers write them, in one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vessels import plates


@pytest.mark.parametrize(
    ("text", "shown", "province"),
    [
        ("TTH 96329-TS", "TTH-96329-TS", "Thừa Thiên Huế"),
        ("tth96329ts", "TTH-96329-TS", "Thừa Thiên Huế"),
        ("QNg 90459 TS", "QNg-90459-TS", "Quảng Ngãi"),
        ("QN 90459 TS", "QN-90459-TS", "Quảng Ninh"),
        ("HT.96709", "HT-96709-TS", "Hà Tĩnh"),
        ("ĐNa 90152 TS", "ĐNA-90152-TS", "Đà Nẵng"),
        ("DNa–90152–TS", "ĐNA-90152-TS", "Đà Nẵng"),
    ],
)
def test_plates_seen_are_read(text, shown, province):
    plate = plates.read(text)
    assert (plate.shown, plate.province) == (shown, province)
    assert plates.key_of(text) == plate.key


@pytest.mark.parametrize("text", ["", "96329", "TTH", "TTH 12", "SÔNG HƯƠNG 1", "TTH 96329 XX"])
def test_what_is_no_plate_is_said_to_be_none(text):
    assert plates.read(text) is None


def test_quang_ngai_is_not_quang_ninh():
    assert plates.key_of("QNg 90459 TS") != plates.key_of("QN 90459 TS")


@given(
    letters=st.sampled_from(sorted(plates.PROVINCES)), number=st.integers(100, 999_999),
    gaps=st.lists(st.sampled_from(["", " ", ".", "-", " - "]), min_size=2, max_size=2),
    ending=st.booleans(), small=st.booleans(),
)  # fmt: skip
def test_however_it_is_written_it_is_one_plate(letters, number, gaps, ending, small):
    text = f"{letters}{gaps[0]}{number}" + (f"{gaps[1]}TS" if ending else "")
    plate = plates.read(text.lower() if small else text)
    assert plate == plates.Plate(letters, str(number))
    assert plates.read(plate.shown) == plate
