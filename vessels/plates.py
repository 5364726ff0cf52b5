"""Number plates of fishing vessels, however they were written, in one form. Pure.

Plates as papers and the press write them: `TTH 96329-TS`, `QNg 90459 TS`, `HT.96709`. What counts
is the province's letters, the number and the ending TS (thủy sản); spaces, dots, hyphens and
small letters do not, save the small g that tells Quảng Ngãi (QNg) from Quảng Ninh (QN).
"""

import re
from typing import NamedTuple

from geo.fold import folded

PROVINCES = {
    "QN": "Quảng Ninh", "HP": "Hải Phòng", "TB": "Thái Bình", "NĐ": "Nam Định",
    "NB": "Ninh Bình", "TH": "Thanh Hóa", "NA": "Nghệ An", "HT": "Hà Tĩnh", "QB": "Quảng Bình",
    "QT": "Quảng Trị", "TTH": "Thừa Thiên Huế", "ĐNA": "Đà Nẵng", "QNA": "Quảng Nam",
    "QNG": "Quảng Ngãi", "BĐ": "Bình Định", "PY": "Phú Yên", "KH": "Khánh Hòa",
    "NT": "Ninh Thuận", "BTH": "Bình Thuận", "BV": "Bà Rịa – Vũng Tàu", "TG": "Tiền Giang",
    "BTR": "Bến Tre", "TV": "Trà Vinh", "ST": "Sóc Trăng", "BL": "Bạc Liêu", "CM": "Cà Mau",
    "KG": "Kiên Giang", "SG": "Thành phố Hồ Chí Minh", "HUE": "Huế",
}  # fmt: skip
FORM = re.compile(r"^([A-ZĐ]{2,4})(\d{3,6})(TS)?$")
NOISE = re.compile(r"[\s.\-–—_/:]+")


class Plate(NamedTuple):
    """A plate in its parts: the province's letters, the number, and both as they are shown."""

    letters: str
    number: str

    @property
    def key(self) -> str:
        """The form that is compared: `TTH96329`."""
        return self.letters + self.number

    @property
    def shown(self) -> str:
        """The form on papers: `TTH-96329-TS`, with Quảng Ngãi's small g."""
        letters = "QNg" if self.letters == "QNG" else self.letters
        return f"{letters}-{self.number}-TS"

    @property
    def province(self) -> str:
        """The province that gave it, as it was called then; empty if its letters are unknown."""
        return PROVINCES.get(self.letters) or PROVINCES.get(_OLD.get(self.letters, ""), "")


_OLD = {"ND": "NĐ", "DNA": "ĐNA", "BD": "BĐ"}


def read(text: str) -> Plate | None:
    """The plate that a text says; None if it is none."""
    squeezed = NOISE.sub("", text.strip()).upper()
    found = FORM.match(squeezed)
    if not found:
        return None
    letters = _OLD.get(found[1], found[1])
    return Plate(letters, found[2])


def key_of(text: str) -> str:
    """What two writings of one plate have in common: `TTH96329`; a text that is none, folded and
    without its noise, so that it still matches itself."""
    plate = read(text)
    return plate.key if plate else NOISE.sub("", folded(text)).upper()[:20]
