"""Every message of the standard in full: one sentence's payload in, its named fields out.

The tables read as the standard's do: field, bits, the divisor to its unit, the raw value that
means "not available". This is for looking at one message; the columns of a whole block come from
`vessels.ais.decode`.

Source: ITU-R M.1371-5, annex 8, tables 45 to 96.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vessels.ais.decode import Decoder
from vessels.ais.messages import ARMOUR, SIX_BIT_TEXT

AUXILIARY = 98
"""How the MMSI of a craft begins that belongs to a larger one: it names that, not its own size."""
_FINE = "lon i28/600000 108600000; lat i27/600000 54600000"
_COARSE = "lon i18/600 108600; lat i17/600 54600"
_CORNERS = f"ne_{_COARSE.replace('lat', 'ne_lat')}; sw_{_COARSE.replace('lat', 'sw_lat')}"
_SIZE = "bow u9; stern u9; port u6; starboard u6"
_CLASS_A = f"""status u4 15; turn i8 -128; speed_kn u10/10 1023; accuracy b; {_FINE};
    course_deg u12/10 3600; heading_deg u9 511; second u6; manoeuvre u2; _ 3; raim b; radio u19"""
_BASE = f"""year u14 0; month u4 0; day u5 0; hour u5 24; minute u6 60; second u6 60; accuracy b;
    {_FINE}; fix u4; long_range b; _ 9; raim b; radio u19"""
_CLASS_B = f"""_ 8; speed_kn u10/10 1023; accuracy b; {_FINE}; course_deg u12/10 3600;
    heading_deg u9 511; second u6;"""
_ANSWERS = "_ 2; mmsi1 u30; sequence1 u2; mmsi2 u30; sequence2 u2; mmsi3 u30; sequence3 u2; " + (
    "mmsi4 u30; sequence4 u2"
)

TABLES: dict[int | tuple[int, int], str] = {
    1: _CLASS_A, 2: _CLASS_A, 3: _CLASS_A, 4: _BASE, 11: _BASE,
    5: f"""ais_version u2; imo u30 0; callsign t42; name t120; ship_type u8; {_SIZE}; fix u4;
        eta_month u4 0; eta_day u5 0; eta_hour u5 24; eta_minute u6 60; draught_m u8/10 0;
        destination t120; dte b; _ 1""",
    6: "sequence u2; to_mmsi u30; retransmitted b; _ 1; dac u10; fid u6; data d",
    7: _ANSWERS, 13: _ANSWERS,
    8: "_ 2; dac u10; fid u6; data d",
    9: f"""altitude_m u12 4095; speed_kn u10 1023; accuracy b; {_FINE}; course_deg u12/10 3600;
        second u6; barometric b; _ 7; dte b; _ 3; assigned b; raim b; radio u20""",
    10: "_ 2; to_mmsi u30; _ 2",
    12: "sequence u2; to_mmsi u30; retransmitted b; _ 1; text t0",
    14: "_ 2; text t0",
    15: """_ 2; mmsi1 u30; type1_1 u6; offset1_1 u12; _ 2; type1_2 u6; offset1_2 u12; _ 2;
        mmsi2 u30; type2_1 u6; offset2_1 u12; _ 2""",
    16: "_ 2; mmsi1 u30; offset1 u12; increment1 u10; mmsi2 u30; offset2 u12; increment2 u10",
    17: f"_ 2; {_COARSE}; _ 5; data d",
    18: f"""{_CLASS_B} _ 2; carrier_sense b; display b; dsc b; band b; message_22 b; assigned b;
        raim b; radio u20""",
    19: f"""{_CLASS_B} _ 4; name t120; ship_type u8; {_SIZE}; fix u4; raim b; dte b; assigned b;
        _ 4""",
    20: "_ 2; " + "; ".join(
        f"offset{n} u12; number{n} u4; timeout{n} u3; increment{n} u11" for n in (1, 2, 3, 4)
    ),
    21: f"""aid_type u5; name t120; accuracy b; {_FINE}; {_SIZE}; fix u4; second u6;
        off_position b; aid_status u8; raim b; virtual b; assigned b; _ 1; name_rest t0""",
    22: f"""_ 2; channel_a u12; channel_b u12; txrx u4; low_power b; {_CORNERS}; addressed b;
        narrow_a b; narrow_b b; zone u3; _ 23""",
    (22, 1): """_ 2; channel_a u12; channel_b u12; txrx u4; low_power b; mmsi1 u30; _ 5; mmsi2 u30;
        _ 5; addressed b; narrow_a b; narrow_b b; zone u3; _ 23""",
    23: f"""_ 2; {_CORNERS}; station_type u4; ship_type u8; _ 22; txrx u2; interval u4; quiet u4;
        _ 6""",
    (24, 0): "part u2; name t120",
    (24, 1): f"""part u2; ship_type u8; vendor t18; model u4; serial u20; callsign t42; {_SIZE};
        fix u4; _ 2""",
    (24, 98): """part u2; ship_type u8; vendor t18; model u4; serial u20; callsign t42;
        mothership_mmsi u30; fix u4; _ 2""",
    25: "addressed b; structured b; data d",
    26: "addressed b; structured b; data d",
    27: f"""accuracy b; raim b; status u4 15; {_COARSE}; speed_kn u6 63; course_deg u9 511;
        old_fix b""",
}  # fmt: skip
_FIELD = re.compile(r"(\w+) (?:([uitbd]))?(\d*)(?:/(\d+))?(?: (-?\d+))?")


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a message: name, form, bits (0: to the end), divisor, "not available"."""

    name: str
    form: str
    bits: int
    divisor: int | None
    none: int | None


def _columns(text: str) -> tuple[Column, ...]:
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        match = _FIELD.fullmatch(part)
        if match is None:
            raise ValueError(f"not a field: {part!r}")
        name, form, bits, divisor, none = match.groups()
        width = 1 if form == "b" else int(bits or 0)
        scale, missing = (int(number) if number else None for number in (divisor, none))
        found.append(Column(name, form or "x", width, scale, missing))
    return tuple(found)


_TABLES = {key: _columns("repeat u2; mmsi u30; " + text) for key, text in TABLES.items()}


def read(payload: bytes | str, fill: int = 0) -> dict[str, Any]:
    """The fields of a message whose armoured payload this is, `type` first.

    Knots, degrees and metres as the names say; None for "not available"; a field that the payload
    is too short to hold is absent. `data` is hexadecimal. `turn` is the raw ROT of the standard.
    Raises ValueError for armour that is none and for a type that the standard does not have.
    """
    armour = payload.encode() if isinstance(payload, str) else payload
    sextets = [int(ARMOUR[char]) for char in armour]
    if not sextets or max(sextets) > 63:
        raise ValueError("the payload holds a character that AIS armour does not have")
    bits = "".join(f"{sextet:06b}" for sextet in sextets)
    bits = bits[: len(bits) - fill]
    kind = int(bits[:6], 2)
    table = _table(kind, bits)
    found: dict[str, Any] = {"type": kind}
    at = 6
    for column in table:
        width = column.bits or len(bits) - at
        piece = bits[at : at + width]
        at += width
        if column.form != "x" and piece and (len(piece) == width or column.form == "t"):
            found[column.name] = _value(column, piece)
    return found


def messages(lines: Iterable[bytes]) -> list[dict[str, Any]]:
    """What each sound message in these lines says in full, as `read`; parts are put together.

    Types and armour that the standard does not have are left out; `Decoded.rejected` names those.
    """
    decoder = Decoder()
    block = b"".join(line.rstrip(b"\r\n") + b"\n" for line in lines)
    said = []
    for payload, fill in decoder.payloads(block):
        try:
            said.append(read(payload, fill))
        except ValueError:
            continue
    return said


def _table(kind: int, bits: str) -> tuple[Column, ...]:
    key: int | tuple[int, int] = kind
    if kind == 24:
        key = (24, int(bits[38:40] or "3", 2))
        if key == (24, 1) and int(bits[8:38], 2) // 10_000_000 == AUXILIARY:
            key = (24, 98)
    elif kind == 22 and bits[139:140] == "1":
        key = (22, 1)
    if key not in _TABLES:
        raise ValueError(f"the standard has no message of type {key}")
    return _TABLES[key]


def _value(column: Column, piece: str) -> Any:
    if column.form == "t":
        codes = [int(piece[i : i + 6], 2) for i in range(0, len(piece) - 5, 6)]
        text = "".join(chr(SIX_BIT_TEXT[code]) for code in codes)
        return text.split("@", 1)[0].rstrip()
    if column.form == "d":
        return f"{int(piece, 2) << (-len(piece) % 8):0{-(-len(piece) // 8) * 2}x}"
    number = int(piece, 2)
    if column.form == "b":
        return bool(number)
    if column.form == "i" and piece[0] == "1":
        number -= 1 << len(piece)
    if number == column.none or _beyond(column, number):
        return None
    return number / column.divisor if column.divisor else number


def _beyond(column: Column, number: int) -> bool:
    """Courses of 360° and more and headings above 359° are reserved: they tell nothing."""
    if column.name == "course_deg":
        return number / (column.divisor or 1) >= 360
    return column.name == "heading_deg" and number > 359
