import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.plates import SERIES, key_of, plate_of


@pytest.mark.parametrize(
    ("reading", "lines", "key", "text", "vehicle"),
    [
        ("75A-123.45", 1, "75A12345", "75A-123.45", "car"),
        ("75-B1/234.56", 2, "75B123456", "75-B1 234.56", "motorcycle"),
        ("51K\n678.90", 2, "51K67890", "51K-678.90", "car"),
        ("51K6\n7890", 2, "51K67890", "51-K6 7890", "motorcycle"),
        ("75B1 2345", 2, "75B12345", "75-B1 2345", "motorcycle"),
        ("30K 555.55", 1, "30K55555", "30K-555.55", "car"),
        ("29LD 123.45", 1, "29LD12345", "29LD-123.45", "car"),
        ("80-011-NG-01", 1, "80011NG01", "80-011-NG-01", "any"),
        ("75AA 123.45", 2, "75AA12345", "75-AA 123.45", "motorcycle"),
        ("51F-1234", 1, "51F1234", "51F-1234", "car"),
        ("7SA-I23.4S", 1, "75A12345", "75A-123.45", "car"),
        ("75Á12345", 1, "75A12345", "75A-123.45", "car"),
    ],
)
def test_plates_are_read_as_they_are_written(reading, lines, key, text, vehicle):
    plate = plate_of(reading, lines=lines)
    assert (plate.key, plate.text, plate.vehicle) == (key, text, vehicle)


@pytest.mark.parametrize(
    ("color", "owner"),
    [("white", "private"), ("yellow", "business"), ("blue", "state"), ("red", "military")],
)
def test_the_colour_says_whose_it_is(color, owner):
    assert plate_of("75A-123.45", color=color).owner == owner


@pytest.mark.parametrize(
    "reading",
    ["", "75", "XE BUYT", "13A12345", "96A12345", "00A12345", "75A123456789", "HOTEL", "12345678"],
)
def test_what_no_plate_looks_like_is_none(reading):
    assert plate_of(reading) is None


def test_army_plates_are_red():
    assert plate_of("TM-12.345", color="red").owner == "military"
    assert plate_of("TM-12.345", color="white") is None


@given(st.integers(11, 99), st.sampled_from(SERIES), st.integers(0, 99999))
def test_how_it_is_written_does_not_change_the_key(province, letter, number):
    digits = f"{number:05}"
    written = {f"{province}{letter}-{digits[:3]}.{digits[3:]}", f"{province}{letter}{digits}",
               f"{province} {letter} {digits}".lower()}  # fmt: skip
    assert len({key_of(one) for one in written}) == 1


@given(st.text(max_size=20))
def test_any_reading_is_taken(text):
    plate = plate_of(text)
    assert plate is None or 6 <= len(plate.key) <= 9


@pytest.mark.slow
def test_a_drawn_plate_is_read():
    cv2, np = pytest.importorskip("cv2"), pytest.importorskip("numpy")
    pytest.importorskip("rapidocr")
    from vision import plate_reader

    picture = np.full((240, 420, 3), 90, np.uint8)
    picture[80:160, 40:380] = (20, 80, 200)
    cv2.putText(picture, "80A-012.34", (55, 138), cv2.FONT_HERSHEY_SIMPLEX, 1.7, (255,) * 3, 4)
    (read, *_) = plate_reader.read(picture)
    assert (read.plate.text, read.plate.owner, read.color) == ("80A-012.34", "state", "blue")
