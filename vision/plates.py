"""Vietnamese number plates: what a reading may be, and which kind of plate it is.

Source: Thông tư 79/2024/TT-BCA (from 2025-01-01; Thông tư 24/2023/TT-BCA before it), articles on
number, series and colour of plates; military plates: Thông tư 169/2021/TT-BQP.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Codes of provinces as they were before the mergers of 2025: plates with them stay valid. 13, 42,
# 44-46, 87, 91 and 96 were never given out or no longer are.
PROVINCES = frozenset(
    {11, 12, *range(14, 42), 43, *range(47, 87), 88, 89, 90, *range(92, 96), 97, 98, 99}
)  # fmt: skip
CENTRAL = 80  # ministries and embassies
SERIES = "ABCDEFGHKLMNPSTUVXYZ"  # no I, J, O, Q, R, W
SPECIAL = ("LD", "DA", "MK", "MD", "MA", "TD", "HC", "KT", "RM", "CD", "NG", "QT", "NN")
MILITARY = (
    "AA", "AB", "AC", "AD", "AT", "AV", "BA", "BB", "BC", "BD", "BH", "BK", "BL", "BP", "BS", "BT",
    "CA", "CB", "CC", "CD", "CH", "CN", "CV", "DB", "DC", "HA", "HB", "HC", "HD", "HE", "HH", "HL",
    "HN", "HT", "HQ", "KA", "KB", "KC", "KD", "KK", "KN", "KP", "KT", "KV", "PA", "PC", "PK", "PM",
    "PP", "PQ", "PT", "PX", "QA", "QB", "QC", "QH", "QP", "TC", "TH", "TK", "TM", "TN", "TT", "VB",
    "VK", "VT", "AN", "AH",
)  # fmt: skip
COLORS = ("white", "yellow", "blue", "red")
# What a reader takes for a letter where a digit stands, and the other way round.
AS_DIGIT = str.maketrans("OQDIJLZSGBT", "00011125687")
AS_LETTER = str.maketrans("0125648", "DLZSGAB")

CAR = re.compile(rf"(\d\d)([{SERIES}]|{'|'.join(SPECIAL)})(\d{{4,5}})")
MOTORCYCLE = re.compile(rf"(\d\d)([{SERIES}]\d|[{SERIES}]{{2}})(\d{{4,5}})")
DIPLOMAT = re.compile(r"(\d\d)(\d{3})(NG|QT|NN|CV)(\d\d)")
ARMY = re.compile(rf"({'|'.join(MILITARY)})(\d{{4,5}})")


@dataclass(frozen=True)
class Plate:
    """A plate that can be. `text` is how it is written, `key` what is hashed and compared."""

    key: str
    text: str
    vehicle: str  # car, motorcycle, any
    owner: str  # private, business, state, military, foreign, special
    lines: int = 1


def plate_of(reading: str, *, color: str = "", lines: int = 1) -> Plate | None:
    """The plate of a reading; None where no plate in Viet Nam is written so.

    Two lines that were read as two have a line break between them.

    Letters and digits that readers confuse are put right where only one of them can stand.
    """
    signs = cleaned(reading)
    upper = len(cleaned(reading.partition("\n")[0])) if "\n" in reading else 0
    if not 6 <= len(signs) <= 9:
        return None
    for candidate in dict.fromkeys((signs, *_mended(signs))):
        if (plate := _exact(candidate, color, lines, upper)) is not None:
            return plate
    return None


def cleaned(reading: str) -> str:
    """Capital letters and digits alone."""
    plain = unicodedata.normalize("NFD", reading.upper().replace("Đ", "D"))
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def key_of(typed: str) -> str:
    """What a person typed, as plates are compared; the signs as they are where no plate is so."""
    plate = plate_of(typed)
    return plate.key if plate else cleaned(typed)


def joined(rows: list[tuple[str, float]]) -> tuple[str, int]:
    """One reading of a picture's lines, given top first as (text, height), and their number."""
    kept = [text for text, _height in rows if cleaned(text)][:2]
    return "\n".join(kept), max(1, len(kept))


def _mended(signs: str) -> list[str]:
    """The reading with digits where digits stand and letters where letters do."""
    head = signs[:2].translate(AS_DIGIT)
    letter = signs[2].translate(AS_LETTER)
    one = head + letter + signs[3:].translate(AS_DIGIT)
    two = head + letter + signs[3].translate(AS_LETTER) + signs[4:].translate(AS_DIGIT)
    army = signs[:2].translate(AS_LETTER) + signs[2:].translate(AS_DIGIT)
    return [one, two, army]


def _exact(signs: str, color: str, lines: int, upper: int) -> Plate | None:
    if (found := DIPLOMAT.fullmatch(signs)) and _province(found[1]):
        text = f"{found[1]}-{found[2]}-{found[3]}-{found[4]}"
        return Plate(signs, text, "any", "foreign", lines)
    # A motorcycle's plate has nine signs, or eight in two lines with a digit in the series. A
    # car's in two lines has three signs above: two digits and a letter.
    found = MOTORCYCLE.fullmatch(signs)
    if found and upper != 3 and _province(found[1]) and _is_motorcycle(found, lines):
        text = f"{found[1]}-{found[2]} {_dotted(found[3])}"
        return Plate(signs, text, "motorcycle", _owner(found[2], color), lines)
    if (found := CAR.fullmatch(signs)) and _province(found[1]):
        text = f"{found[1]}{found[2]}-{_dotted(found[3])}"
        return Plate(signs, text, "car", _owner(found[2], color), lines)
    if (found := ARMY.fullmatch(signs)) and color in ("", "red"):
        return Plate(signs, f"{found[1]}-{_dotted(found[2])}", "any", "military", lines)
    return None


def _is_motorcycle(found: re.Match[str], lines: int) -> bool:
    series, number = found[2], found[3]
    if series in SPECIAL:
        return False
    if len(number) == 5 or series.isalpha():
        return True
    return lines == 2  # 75B1 2345 in two lines; in one it is the car 75B 12345


def _province(code: str) -> bool:
    return int(code) in PROVINCES or int(code) == CENTRAL


def _owner(series: str, color: str) -> str:
    if series in SPECIAL:
        return "foreign" if series in ("NG", "QT", "NN") else "special"
    return {"blue": "state", "yellow": "business", "red": "military"}.get(color, "private")


def _dotted(number: str) -> str:
    return f"{number[:3]}.{number[3:]}" if len(number) == 5 else number
