"""A delivery of positions in any of the three forms, as rows. Pure.

NAF: North Atlantic Format, `//SR//TM/POS//XR/TTH96329//DA/20260921//TI/1413//LT/+16.6//LG/…//ER//`.
Source: NEAFC Scheme of Control and Enforcement, annex IX.
"""

import csv
import io
import json
import math
import re
from datetime import UTC, datetime
from typing import Any

from vessels.vms.rows import Bad, Read, Row, row_of

NAF_MESSAGE = re.compile(rb"//SR(.*?)//ER(?://|(?=\s|$))", re.DOTALL)
NAF_POSITIONS = {"POS", "ENT", "EXI", "MAN"}
NAF_ANGLE = re.compile(r"([NSEW])(\d{2,3})(\d\d)(\d\d)?")
TEXT_KEPT = 1000
CSV_CELL = 10_000


def parse(body: bytes, content_type: str) -> Read:
    """The rows of a delivery. The form follows its content type, else its first characters."""
    kind = content_type.partition(";")[0].strip().lower()
    head = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if "naf" in kind or head.startswith(b"//SR"):
        return parse_naf(head)
    if "json" in kind or head[:1] in (b"[", b"{"):
        return parse_json(head)
    return parse_csv(head)


def parse_json(body: bytes) -> Read:
    """A JSON list of rows, an object that holds one as `positions`, or a row a line."""
    read = Read()
    for line, said in _json_rows(body, read):
        text = json.dumps(said, ensure_ascii=False)[:TEXT_KEPT].encode()
        if isinstance(said, dict):
            _take(read, said, line, text)
        else:
            read.refuse(line, "malformed", text)
    return read


def _json_rows(body: bytes, read: Read) -> list[tuple[int, Any]]:
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return _json_lines(body, read)
    if isinstance(whole, dict) and isinstance(whole.get("positions"), list):
        whole = whole["positions"]
    return list(enumerate(whole if isinstance(whole, list) else [whole], start=1))


def _json_lines(body: bytes, read: Read) -> list[tuple[int, Any]]:
    rows = []
    for line, text in enumerate(body.splitlines(), start=1):
        if text.strip():
            try:
                rows.append((line, json.loads(text)))
            except (ValueError, RecursionError):
                read.refuse(line, "malformed", text[:TEXT_KEPT])
    return rows


def parse_csv(body: bytes) -> Read:
    """A table with a header line; commas, or semicolons and then also decimal commas."""
    read = Read()
    lines = body.decode("utf-8", "replace").splitlines()
    if not lines:
        return read
    delimiter = ";" if ";" in lines[0] else ","
    names = next(csv.reader([lines[0]], delimiter=delimiter))
    for number, text in enumerate(lines[1:], start=2):
        if not text.strip():
            continue
        raw = text[:TEXT_KEPT].encode()
        try:
            cells = next(csv.reader(io.StringIO(text[:CSV_CELL]), delimiter=delimiter))
        except (csv.Error, StopIteration):
            cells = []
        if len(cells) != len(names):
            read.refuse(number, "malformed", raw)
        else:
            _take(read, dict(zip(names, cells, strict=True)), number, raw, delimiter == ";")
    return read


def _take(read: Read, said: dict[str, Any], line: int, text: bytes, comma: bool = False) -> None:
    try:
        read.rows.append(row_of(said, line, text, comma=comma))
    except Bad as bad:
        read.refuse(line, str(bad), text)


def parse_naf(body: bytes) -> Read:
    """NAF messages, numbered from 1; what stands between them is set aside."""
    read, end, number = Read(), 0, 0
    for number, found in enumerate(NAF_MESSAGE.finditer(body), start=1):
        _between(read, number, body[end : found.start()])
        end = found.end()
        try:
            read.rows.append(_naf_row(found[1], number, found[0][:TEXT_KEPT]))
        except Bad as bad:
            read.refuse(number, str(bad), found[0][:TEXT_KEPT])
    _between(read, number + 1, body[end:])
    return read


def _between(read: Read, number: int, text: bytes) -> None:
    if text.strip(b"/ \r\n\t"):
        read.refuse(number, "malformed", text.strip()[:TEXT_KEPT])


def _naf_row(body: bytes, number: int, text: bytes) -> Row:
    said: dict[str, str] = {}
    for part in body.decode("latin-1").split("//"):
        code, slash, value = part.strip().partition("/")
        if slash:
            said[code.upper()] = value.strip()
    if said.get("TM", "POS").upper() not in NAF_POSITIONS:
        raise Bad("not-a-position")
    if "DA" not in said or "TI" not in said:
        raise Bad("no-time")
    form = "%Y%m%d%H%M%S" if len(said["TI"]) == 6 else "%Y%m%d%H%M"
    try:
        moment = datetime.strptime(said["DA"] + said["TI"], form).replace(tzinfo=UTC)
    except ValueError:
        raise Bad("bad-time") from None
    told = {
        "at": moment.timestamp(), "lat": said.get("LT") or _angle(said.get("LA", "")),
        "lon": said.get("LG") or _angle(said.get("LO", "")), "speed": said.get("SP"),
        "course": said.get("CO"), "plate": said.get("XR"),
        "ident": said.get("IR") or said.get("RC"),
    }  # fmt: skip
    row = row_of(told, number, text)
    row.speed_kn /= 10  # NAF counts tenths of a knot
    return row


def _angle(text: str) -> float | None:
    """Degrees from `N1636` or `E10748`, with seconds too; None from nothing. Raises Bad."""
    if not text:
        return None
    found = NAF_ANGLE.fullmatch(text.upper())
    if not found:
        raise Bad("bad-number")
    degrees = int(found[2]) + int(found[3]) / 60 + int(found[4] or 0) / 3600
    return math.copysign(degrees, -1 if found[1] in "SW" else 1)
