"""Which photos are of the plain kind that a phone's browser makes. Reads bytes, decodes nothing."""

MAX_BYTES = 3 * 1024 * 1024
MAX_PIXELS = 4_200_000
FRAME, SCAN, PROFILE = 0xC0, 0xDA, 0xE2
# JFIF, Exif, quantisation, Huffman tables, restart interval, comment: ITU-T T.81, table B.1.
PASSED_OVER = frozenset({0xE0, 0xE1, 0xDB, 0xC4, 0xDD, 0xFE})
ICC = b"ICC_PROFILE\0\x01\x01"  # the first part of one: ICC.1:2022, annex B.4
SRGB = {"sRGB", "sRGB IEC61966-2.1", "sRGB2014", "sRGB built-in"}


def is_plain(data: bytes) -> bool:
    """Whether `data` is a small baseline JPEG of eight bits with all its colours in one scan,
    and no colour profile but sRGB: what the decoders have seen a billion times."""
    at, colours = 2, 0
    if len(data) > MAX_BYTES or data[:2] != b"\xff\xd8":
        return False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        inside = data[at + 4 : at + 2 + length]
        if marker == SCAN:
            return colours > 0 and inside[:1] == bytes([colours])
        if marker == FRAME and not colours and len(inside) >= 6:
            height, width = int.from_bytes(inside[1:3]), int.from_bytes(inside[3:5])
            colours = inside[5]
            if inside[0] != 8 or colours not in (1, 3) or not 0 < width * height <= MAX_PIXELS:
                return False
        elif marker == PROFILE:
            if not inside.startswith(ICC) or not says_srgb(inside[len(ICC) :]):
                return False
        elif marker not in PASSED_OVER or length < 2:
            return False
        at += 2 + length
    return False


def says_srgb(profile: bytes) -> bool:
    """Whether a colour profile calls itself sRGB, as those of browsers and of most phones do:
    nothing is to be converted then, which would take longer than all the rest of a photo."""
    return description(profile) in SRGB


def description(profile: bytes) -> str:
    """The name of a colour profile (ICC.1:2022, 7.3 and 10.15; version 2's ``desc`` as well)."""

    def number(at: int) -> int:
        return int.from_bytes(profile[at : at + 4])

    for entry in range(132, 132 + 12 * min(number(128), 100), 12):
        if profile[entry : entry + 4] == b"desc":
            at = number(entry + 4)
            if profile[at : at + 4] == b"mluc":
                start = at + number(at + 24)
                return profile[start : start + number(at + 20)].decode("utf-16-be", "replace")
            return profile[at + 12 : at + 12 + number(at + 8)].rstrip(b"\0").decode("latin-1")
    return ""
