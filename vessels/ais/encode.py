"""AIS sentences made from values: what the simulation and the tests transmit.

Source: ITU-R M.1371-5, annex 8; IEC 61162-1; NMEA 0183 4.10 for TAG blocks.
"""

from functools import reduce
from operator import xor

from vessels.ais.messages import (
    PART_A,
    PART_B,
    POSITION_A,
    POSITION_B,
    VOYAGE,
    Field,
)

_ARMOUR = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
_TEXT = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"
MOST_CHARS = 56  # so that a sentence stays within 82 characters

Value = int | str


def checksum(body: bytes) -> str:
    """The two hex digits behind the star for what stands before it."""
    return f"{reduce(xor, body, 0):02X}"


def sentences(payload: str, fill: int = 0, *, channel: str = "A", sequence: int = 0) -> list[bytes]:
    """AIVDM sentences (without line ends) that carry an armoured payload, as many as it needs."""
    parts = [payload[i : i + MOST_CHARS] for i in range(0, len(payload), MOST_CHARS)]
    lines = []
    for number, part in enumerate(parts, start=1):
        told = str(sequence % 10) if len(parts) > 1 else ""
        last = fill if number == len(parts) else 0
        body = f"AIVDM,{len(parts)},{number},{told},{channel},{part},{last}".encode()
        lines.append(b"!" + body + b"*" + checksum(body).encode())
    return lines


def tagged(line: bytes, *, at_s: int, station: str) -> bytes:
    """The sentence behind a TAG block that tells the receiver's time (epoch s) and name."""
    tag = f"s:{station},c:{at_s}".encode()
    return b"\\" + tag + b"*" + checksum(tag).encode() + b"\\" + line


def payload(
    kind: int, bits: int, table: dict[str, Field], values: dict[str, Value]
) -> tuple[str, int]:
    """The armour and fill bits of a message; fields that are not told are zero."""
    packed = kind << (bits - 6)
    for name, value in values.items():
        first, width, form = table[name]
        number = _six_bit(value, width) if form == "t" else int(value)
        packed |= (number & ((1 << width) - 1)) << (bits - first - width)
    fill = -bits % 6
    packed <<= fill
    chars = (bits + fill) // 6
    armour = "".join(_ARMOUR[(packed >> (6 * i)) & 63] for i in range(chars - 1, -1, -1))
    return armour, fill


def _six_bit(value: Value, width: int) -> int:
    packed = 0
    for char in str(value).upper()[: width // 6].ljust(width // 6, "@"):
        packed = (packed << 6) | max(_TEXT.find(char), 0)
    return packed


def position(
    mmsi: int, lon: float, lat: float, *, speed_kn: float | None, course_deg: float | None,
    second: int, status: int | None = None, channel: str = "A",
) -> bytes:  # fmt: skip
    """A position report: type 1 with a navigational status, type 18 (class B) without one."""
    table = POSITION_B if status is None else POSITION_A
    values: dict[str, Value] = {
        "mmsi": mmsi, "lon": round(lon * 600_000), "lat": round(lat * 600_000),
        "speed": 1023 if speed_kn is None else min(round(speed_kn * 10), 1022),
        "course": 3600 if course_deg is None else round(course_deg * 10) % 3600,
        "heading": 511, "second": second,
    }  # fmt: skip
    if status is not None:
        values["status"] = status
    armour, fill = payload(18 if status is None else 1, 168, table, values)
    return sentences(armour, fill, channel=channel)[0]


def voyage(
    mmsi: int, *, name: str, callsign: str, ship_type: int, length_m: int, width_m: int,
    sequence: int = 0,
) -> list[bytes]:  # fmt: skip
    """Type 5: what a class A vessel says of itself, in two sentences."""
    values = _sizes(length_m, width_m)
    values |= {"mmsi": mmsi, "name": name, "callsign": callsign, "ship_type": ship_type}
    armour, fill = payload(5, 424, VOYAGE, values)
    return sentences(armour, fill, sequence=sequence)


def particulars(
    mmsi: int, *, name: str, callsign: str, ship_type: int, length_m: int, width_m: int
) -> list[bytes]:
    """Type 24, parts A and B: what a class B vessel says of itself."""
    first, fill_a = payload(24, 160, PART_A, {"mmsi": mmsi, "name": name})
    told: dict[str, Value] = {"mmsi": mmsi, "callsign": callsign, "ship_type": ship_type}
    table = PART_B | {"part": (38, 2, "u")}
    second, fill_b = payload(24, 168, table, told | {"part": 1} | _sizes(length_m, width_m))
    return sentences(first, fill_a) + sentences(second, fill_b)


def _sizes(length_m: int, width_m: int) -> dict[str, Value]:
    bow, port = length_m // 2, width_m // 2
    return {"bow": bow, "stern": length_m - bow, "port": port, "starboard": width_m - port}
