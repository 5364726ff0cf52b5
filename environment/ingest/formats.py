"""Read the CSV files that providers send, whatever their columns, as one kind of row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from environment.ingest.table import Table
from environment.quality import Unusable
from environment.said import Said


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the text is one line that says what was expected."""


class RawRow(NamedTuple):
    """One observation as received. `at` is aware UTC; `value` and `unit` are untouched."""

    line: int
    station: str
    at: datetime
    parameter: str
    value: object
    unit: str = ""
    name: str = ""  # the station's name where `station` is its code
    said: Said | None = None  # what the provider told beside it


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read at all: `raw` as received and the reason."""

    line: int
    raw: str
    code: str
    message: str


# Wide files: column → (parameter, unit). Chosen by the station column's name.
RIVER_COLUMNS = {"level_m": ("water_level", "m"), "rain_mm": ("rain", "mm")}
RESERVOIR_COLUMNS = {
    "level_m": ("reservoir_level", "m"),
    "volume_mcm": ("volume", "Mm³"),
    "inflow_m3s": ("inflow", "m³/s"),
    "outflow_m3s": ("release", "m³/s"),
}
TIME_COLUMNS = ("time", "time_utc", "time_local")
EXPECTED = (
    "station (or station_code, reservoir), time (or time_local, time_utc), then either "
    "parameter, value[, unit] or columns such as level_m, rain_mm, inflow_m3s"
)


@dataclass(frozen=True)
class Layout:
    """Which column of a file holds what."""

    station: str
    name: str  # second column that names the station, or empty
    time: str
    wide: dict[str, tuple[str, str]]  # empty for a long file
    zone: tzinfo


def read(path: Path, zone: tzinfo) -> Iterator[RawRow | BadRow]:
    """Every row of the file in its order; times without an offset are in `zone`.

    Raises: UnreadableFile where the columns, the encoding or the file itself are wrong.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            yield from _rows(handle, path.name, zone)
    except UnicodeDecodeError:
        raise UnreadableFile(f"{path.name}: not UTF-8 text; save it as CSV (UTF-8)") from None
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None


def _rows(handle, name: str, zone: tzinfo) -> Iterator[RawRow | BadRow]:
    table = Table(handle, ",;\t")
    if not table.header:
        raise UnreadableFile(f"{name}: empty; expected columns {EXPECTED}")
    layout = find_layout(table.header, name, zone)
    for line, raw, cells, wrong in table:
        if wrong:
            yield BadRow(line, raw, "columns", wrong)
            continue
        if table.delimiter == ";":  # written where the comma is the decimal sign
            cells = [decimal_point(cell) for cell in cells]
        yield from _observations(dict(zip(table.header, cells, strict=True)), line, layout)


def find_layout(header: list[str], file: str, zone: tzinfo) -> Layout:
    """The layout that a header means. Raises: UnreadableFile naming expected and found."""
    station = next((c for c in ("station_code", "station", "reservoir") if c in header), "")
    time = next((c for c in TIME_COLUMNS if c in header), "")
    known = RESERVOIR_COLUMNS if station == "reservoir" else RIVER_COLUMNS
    wide = {c: known[c] for c in header if c in known}
    long = {"parameter", "value"} <= set(header)
    if not station or not time or not (wide or long):
        raise UnreadableFile(f"{file}: expected columns {EXPECTED}; found {', '.join(header)}")
    name = "station" if station == "station_code" and "station" in header else ""
    return Layout(station, name, time, {} if long else wide, UTC if time == "time_utc" else zone)


def decimal_point(cell: str) -> str:
    """`cell` with a decimal point if it is a number written with a decimal comma."""
    head, comma, tail = cell.strip().partition(",")
    number = comma and head.lstrip("+-").isdigit() and tail.isdigit()
    return f"{head}.{tail}" if number else cell


def read_time(text: str, zone: tzinfo) -> datetime:
    """Aware UTC for an ISO time or `dd/mm/yyyy hh:mm`; without an offset it is in `zone`.

    Raises: Unusable.
    """
    text = text.strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            at = datetime.strptime(text, "%d/%m/%Y %H:%M")
        except ValueError:
            raise Unusable("bad-time", f"time {text[:40]!r} is not like 2025-11-17T02:00") from None
    try:
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise Unusable("bad-time", f"time {text[:40]!r} is out of range") from None


def _observations(row: dict[str, str], line: int, layout: Layout) -> Iterator[RawRow | BadRow]:
    raw = ",".join(row.values())
    station = row[layout.station].strip()
    try:
        if not station:
            raise Unusable("no-station", "the station is empty")
        at = read_time(row[layout.time], layout.zone)
    except Unusable as error:
        yield BadRow(line, raw, error.code, str(error))
        return
    name = row[layout.name].strip() if layout.name else ""
    if not layout.wide:
        unit = row.get("unit", "")
        yield RawRow(line, station, at, row["parameter"], row["value"], unit, name)
        return
    for column, (parameter, unit) in layout.wide.items():
        # An empty cell of a wide file is a property that was not reported, not a lost value.
        if row[column].strip():
            yield RawRow(line, station, at, parameter, row[column], unit, name)
