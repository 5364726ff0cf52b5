"""CSV parts of a pack: typed rows, and bad rows set aside with the reason."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

MAX_BYTES = 64 * 1024 * 1024
TRUE_WORDS = {"1", "true", "yes", "có", "x"}
FALSE_WORDS = {"", "0", "false", "no", "không"}


class Column(NamedTuple):
    """What a column holds. `type`: text, number, integer, date, bool, lon, lat, colour."""

    type: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


class BadRow(NamedTuple):
    """A row that was set aside; line 0 means the whole file."""

    line: int
    reason: str


@dataclass
class Table:
    """The rows of one CSV part, each a dict of typed values with every known column present."""

    name: str
    path: Path | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


REQUIRED = Column(required=True)
LON = Column("lon", required=True)
LAT = Column("lat", required=True)
POINT = {"code": REQUIRED, "name_vi": REQUIRED, "name_en": Column(), "lon": LON, "lat": LAT}
MARKS = {"source": Column(), "synthetic": Column("bool")}

COLUMNS: dict[str, dict[str, Column]] = {
    "agencies.csv": {
        "code": REQUIRED,
        "name_vi": REQUIRED,
        "name_en": Column(),
        "kind": Column(choices=("department", "ward", "enterprise", "centre")),
        "district_code": Column(),
        **MARKS,
    },
    "categories.csv": {
        "code": REQUIRED,
        "name_vi": REQUIRED,
        "name_en": REQUIRED,
        "icon": Column(),
        "color": Column("colour"),
        "agency": Column(),
        "order": Column("integer"),
    },
    "cameras.csv": {
        **POINT,
        "bearing_deg": Column("number", low=0, high=360),
        "fov_deg": Column("number", low=1, high=360),
        "range_m": Column("number", low=0, high=5000),
        **MARKS,
    },
    "billboards.csv": {
        **POINT,
        "kind": Column(choices=("led", "static", "screen", "banner")),
        "width_m": Column("number", low=0, high=200),
        "height_m": Column("number", low=0, high=200),
        "owner": Column(),
        "permit_no": Column(),
        "permit_from": Column("date"),
        "permit_until": Column("date"),
        **MARKS,
    },
    "sensors.csv": {
        **POINT,
        "kind": Column(required=True, choices=("river", "rain", "air", "tide")),
        "unit": REQUIRED,
        "datum": Column(),
        "position_source": Column(),
        "aliases": Column(),
        **MARKS,
    },
    "thresholds.csv": {
        "station_code": REQUIRED,
        "level": Column(required=True, choices=("I", "II", "III")),
        "value_m": Column("number", required=True, low=-20, high=200),
        "valid_from": Column("date", required=True),
        "valid_to": Column("date"),
        "source": REQUIRED,
    },
}
# What makes a row the same row twice; tables not named here are keyed by `code`.
KEYS = {"thresholds.csv": ("station_code", "level", "valid_from")}


def read_table(
    path: Path,
    columns: Mapping[str, Column],
    *,
    key: tuple[str, ...] = ("code",),
    bounds: tuple[float, float, float, float] | None = None,
) -> Table:
    """The table in a CSV file; never raises for bad content, it says what is wrong instead.

    Comma or semicolon separated, UTF-8 with or without a byte order mark. `bounds` (west, south,
    east, north) sets aside rows whose lon/lat lie outside the city.
    """
    table = Table(path.name, path)
    text = _text_of(path, table)
    if text is None:
        return table
    first = text.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    header = [name.strip() for name in next(reader)]
    if not _header_fits(header, columns, table):
        return table
    seen: dict[tuple[Any, ...], int] = {}
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            row = _row(header, cells, columns)
            _inside(row, bounds)
        except ValueError as problem:
            table.bad.append(BadRow(reader.line_num, str(problem)))
            continue
        identity = tuple(row.get(name) for name in key)
        if identity in seen:
            words = " ".join(str(part) for part in identity)
            reason = f'"{words}" stands already in line {seen[identity]}; the first one is kept'
            table.bad.append(BadRow(reader.line_num, reason))
            continue
        seen[identity] = reader.line_num
        table.rows.append(row)
    return table


def _text_of(path: Path, table: Table) -> str | None:
    if path.stat().st_size > MAX_BYTES:
        table.bad.append(BadRow(0, f"larger than {MAX_BYTES // 1024 // 1024} MB; split it"))
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        reason = f"byte {problem.start} is not UTF-8; save the file as UTF-8"
        table.bad.append(BadRow(0, reason))
        return None
    if not text.strip():
        table.bad.append(BadRow(0, "the file is empty; give it a header line, or remove it"))
        return None
    return text


def _header_fits(header: list[str], columns: Mapping[str, Column], table: Table) -> bool:
    missing = [name for name, column in columns.items() if column.required and name not in header]
    for name in header:
        if name and name not in columns:
            near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
            hint = f'; did you mean "{near[0]}"?' if near and near[0] not in header else ""
            table.notes.append(f'column "{name}" is not known and was left out{hint}')
    if missing:
        words = ", ".join(f'"{name}"' for name in missing)
        reason = f"column {words} is missing (found: {', '.join(header)}); nothing was taken"
        table.bad.append(BadRow(0, reason))
    return not missing


def _row(header: list[str], cells: list[str], columns: Mapping[str, Column]) -> dict[str, Any]:
    if len(cells) > len(header):
        raise ValueError(f"{len(cells)} cells under {len(header)} columns; quote text with commas")
    given = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    return {name: _value(name, given.get(name, ""), column) for name, column in columns.items()}


def _value(name: str, text: str, column: Column) -> Any:
    if column.required and not text:
        raise ValueError(f'"{name}" is empty')
    value = _READERS[column.type](name, text)
    if column.choices and text and text not in column.choices:
        raise ValueError(f'"{name}" is "{text}"; it must be one of {", ".join(column.choices)}')
    low, high = column.low, column.high
    if value is not None and low is not None and high is not None and not low <= value <= high:
        raise ValueError(f'"{name}" is {text}, outside {low:g} to {high:g}')
    return value


def _number(name: str, text: str) -> float | None:
    if not text:
        return None
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        raise ValueError(f'"{name}" is "{text}", not a number (write 16.46, with a point)')
    return float(text)


def _integer(name: str, text: str) -> int | None:
    number = _number(name, text)
    if number is not None and number != int(number):
        raise ValueError(f'"{name}" is "{text}", not a whole number')
    return None if number is None else int(number)


def _date(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f'"{name}" is "{text}", not a date (write 2026-11-21)') from None


def _bool(name: str, text: str) -> bool:
    if text.lower() in TRUE_WORDS | FALSE_WORDS:
        return text.lower() in TRUE_WORDS
    raise ValueError(f'"{name}" is "{text}", not true or false')


def _colour(name: str, text: str) -> str:
    if text and not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(f'"{name}" is "{text}", not a colour (write #3fb68b)')
    return text


_READERS = {
    "text": lambda name, text: text,
    "number": _number,
    "integer": _integer,
    "date": _date,
    "bool": _bool,
    "lon": _number,
    "lat": _number,
    "colour": _colour,
}


def _inside(row: dict[str, Any], bounds: tuple[float, float, float, float] | None) -> None:
    if "lon" not in row:
        return
    west, south, east, north = bounds or (-180.0, -90.0, 180.0, 90.0)
    lon, lat = row["lon"], row["lat"]
    if west <= lon <= east and south <= lat <= north:
        return
    swapped = west <= lat <= east and south <= lon <= north
    hint = "; lon and lat look swapped" if swapped else ""
    raise ValueError(f"{lon}, {lat} lies outside the {'city' if bounds else 'globe'}{hint}")
