import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.reports.codes import ALPHABET, check_sign, new_code, prefix, read_code

BODY = st.text(ALPHABET, min_size=5, max_size=5)


def test_a_code_looks_like_the_one_on_the_telephone():
    code = new_code("hue")
    assert code.startswith("HUE-") and len(code) == 11 and code[8] == "-"
    assert read_code(code) == code


def test_signs_that_look_alike_are_not_used():
    assert not set("01OIL") & set(ALPHABET)


def test_a_slug_without_letters_still_gives_a_prefix():
    assert prefix("huế") == "HU" and prefix("-") == "IOC"


@given(BODY)
def test_any_one_wrong_sign_is_found(body: str):
    signs = body + check_sign(body)
    for place, right in enumerate(signs):
        for wrong in ALPHABET.replace(right, ""):
            changed = signs[:place] + wrong + signs[place + 1 :]
            assert read_code(f"HUE{changed}") is None


@given(BODY)
def test_two_neighbours_swapped_are_found(body: str):
    signs = body + check_sign(body)
    for i in range(5):
        swapped = signs[:i] + signs[i + 1] + signs[i] + signs[i + 2 :]
        assert swapped == signs or read_code(f"HUE{swapped}") is None


@pytest.mark.parametrize("text", ["", "HUE", "HUE-0000-00", "<script>", "HUEX-2222-22", "'; --"])
def test_what_cannot_be_a_code_is_none(text: str):
    assert read_code(text) is None


def test_small_letters_and_spaces_are_forgiven():
    code = new_code("hue")
    assert read_code(f" {code.lower().replace('-', ' ')} ") == code
