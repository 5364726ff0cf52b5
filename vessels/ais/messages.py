"""The messages we read, as tables of bit fields, and the extraction of a whole column at once.

Source: ITU-R M.1371-5, annex 8.
"""

import numpy as np

# Six-bit armour (IEC 61162-1): '0'..'W' are 0..39, '`'..'w' are 40..63.
ARMOUR = np.full(256, 255, np.uint8)
ARMOUR[48:88] = np.arange(40)
ARMOUR[96:120] = np.arange(40, 64)
SIX_BIT_TEXT = np.frombuffer(
    b"@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?", np.uint8
)

Field = tuple[int, int, str]  # first bit, bits, kind: u(nsigned), i(nteger), t(ext)
_MMSI: Field = (8, 30, "u")

POSITION_A: dict[str, Field] = {  # types 1, 2, 3: class A
    "mmsi": _MMSI, "status": (38, 4, "u"), "speed": (50, 10, "u"), "lon": (61, 28, "i"),
    "lat": (89, 27, "i"), "course": (116, 12, "u"), "heading": (128, 9, "u"),
    "second": (137, 6, "u"),
}  # fmt: skip
POSITION_B: dict[str, Field] = {  # types 18 and 19: class B
    "mmsi": _MMSI, "speed": (46, 10, "u"), "lon": (57, 28, "i"), "lat": (85, 27, "i"),
    "course": (112, 12, "u"), "heading": (124, 9, "u"), "second": (133, 6, "u"),
}  # fmt: skip
AIRCRAFT: dict[str, Field] = {  # type 9: search and rescue aircraft, speed in whole knots
    "mmsi": _MMSI, "speed": (50, 10, "u"), "lon": (61, 28, "i"), "lat": (89, 27, "i"),
    "course": (116, 12, "u"), "second": (128, 6, "u"),
}  # fmt: skip
LONG_RANGE: dict[str, Field] = {  # type 27: 1/10 minute, whole knots, whole degrees
    "mmsi": _MMSI, "status": (40, 4, "u"), "lon": (44, 18, "i"), "lat": (62, 17, "i"),
    "speed": (79, 6, "u"), "course": (85, 9, "u"),
}  # fmt: skip
BASE: dict[str, Field] = {  # types 4 and 11: a base station, and a vessel that was asked the time
    "mmsi": _MMSI, "year": (38, 14, "u"), "month": (52, 4, "u"), "day": (56, 5, "u"),
    "hour": (61, 5, "u"), "minute": (66, 6, "u"), "second": (72, 6, "u"), "lon": (79, 28, "i"),
    "lat": (107, 27, "i"),
}  # fmt: skip
CORRECTION: dict[str, Field] = {  # type 17: satellite corrections, 1/10 minute
    "mmsi": _MMSI, "lon": (40, 18, "i"), "lat": (58, 17, "i"),
}  # fmt: skip
AID: dict[str, Field] = {  # type 21: an aid to navigation
    "mmsi": _MMSI, "lon": (164, 28, "i"), "lat": (192, 27, "i"), "second": (253, 6, "u"),
}  # fmt: skip
AID_NAME: Field = (43, 120, "t")
VOYAGE: dict[str, Field] = {  # type 5
    "mmsi": _MMSI, "imo": (40, 30, "u"), "callsign": (70, 42, "t"), "name": (112, 120, "t"),
    "ship_type": (232, 8, "u"), "bow": (240, 9, "u"), "stern": (249, 9, "u"),
    "port": (258, 6, "u"), "starboard": (264, 6, "u"),
}  # fmt: skip
EXTENDED_B: dict[str, Field] = {  # type 19's particulars
    "mmsi": _MMSI, "name": (143, 120, "t"), "ship_type": (263, 8, "u"), "bow": (271, 9, "u"),
    "stern": (280, 9, "u"), "port": (289, 6, "u"), "starboard": (295, 6, "u"),
}  # fmt: skip
PART_A: dict[str, Field] = {"mmsi": _MMSI, "name": (40, 120, "t")}  # type 24 A
PART_B: dict[str, Field] = {  # type 24 B
    "mmsi": _MMSI, "ship_type": (40, 8, "u"), "callsign": (90, 42, "t"), "bow": (132, 9, "u"),
    "stern": (141, 9, "u"), "port": (150, 6, "u"), "starboard": (156, 6, "u"),
}  # fmt: skip

# type: (fields, least bits). Transmitters drop trailing spare bits; they may not drop these.
POSITIONS = {
    1: (POSITION_A, 143), 2: (POSITION_A, 143), 3: (POSITION_A, 143), 9: (AIRCRAFT, 134),
    18: (POSITION_B, 139), 19: (POSITION_B, 139), 27: (LONG_RANGE, 94),
}  # fmt: skip
STATIONS = {  # what stands still: positions, but of no vessel
    4: (BASE, 134), 11: (BASE, 134), 17: (CORRECTION, 75), 21: (AID, 259),
}  # fmt: skip
PARTICULARS = {5: (VOYAGE, 270), 19: (EXTENDED_B, 301)}


def unarmour(buf: np.ndarray, start: np.ndarray, chars: int) -> np.ndarray:
    """The payloads as six-bit values, shape (n, chars) uint8; 255 where no armour character."""
    return ARMOUR[buf[start[:, None] + np.arange(chars)]]


def extract(sextets: np.ndarray, field: Field) -> np.ndarray:
    """One field of every message: int64, or bytes (trailing @ and spaces cut) for text."""
    first, bits, kind = field
    if kind == "t":
        chars = [extract(sextets, (first + b, 6, "u")) for b in range(0, bits, 6)]
        return _text(np.stack(chars, axis=1))
    left, right = first // 6, (first + bits - 1) // 6
    value = np.zeros(len(sextets), np.int64)
    for column in range(left, right + 1):
        value = (value << 6) | sextets[:, column]
    value = (value >> ((right + 1) * 6 - first - bits)) & ((1 << bits) - 1)
    if kind == "i":
        value -= (value >> (bits - 1)) << bits
    return value


def _text(codes: np.ndarray) -> np.ndarray:
    """Six-bit text up to the first @, without the padding, as an array of bytes."""
    ended = np.logical_or.accumulate(codes == 0, axis=1)
    chars = np.where(ended, 32, SIX_BIT_TEXT[codes])
    packed = np.ascontiguousarray(chars.astype(np.uint8))
    return np.strings.strip(packed.view(f"S{codes.shape[1]}")[:, 0])
