"""A provider's CSV by a mapping that is kept: which column is what, in which unit and zone.

A mapping is a JSON object:
  station   column that names the station; or `station_code`: one station for the whole file
  time      column of the time, or `date` and `clock` where they stand apart
  format    how times are written (strptime); empty: ISO or dd/mm/yyyy hh:mm
  zone      time zone of times without an offset; `zone_wins` true: also of those marked UTC
  delimiter, decimal   `,` `;` tab or `|`; `.` or `,`; empty: found out
  columns   {column: {"parameter": …, "unit": …}} of a wide file
  parameter, value, unit   columns of a long file
  parameters  {name in the file: parameter} of a long file
  stations  {name in the file: code}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from environment import parameters, queries
from environment.ingest.formats import (
    BadRow,
    RawRow,
    UnreadableFile,
    decimal_point,
    read_time,
)
from environment.ingest.table import Row, Table
from environment.quality import Unusable
from geo.errors import Refused

NAMES = {
    "station": str, "station_code": str, "time": str, "date": str, "clock": str, "format": str,
    "zone": str, "zone_wins": bool, "delimiter": str, "decimal": str, "columns": dict,
    "parameter": str, "value": str, "unit": str, "parameters": dict, "stations": dict,
}  # fmt: skip


@dataclass(frozen=True)
class Mapping:
    """A mapping that was checked; columns are compared without case."""

    zone: tzinfo
    station: str = ""
    station_code: str = ""
    time: str = ""
    date: str = ""
    clock: str = ""
    format: str = ""
    zone_wins: bool = False
    delimiter: str = ""
    decimal: str = ""
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)
    parameter: str = ""
    value: str = ""
    unit: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    stations: dict[str, str] = field(default_factory=dict)

    def needed(self) -> list[str]:
        """The columns without which no row can be read."""
        named = (self.station, self.time, self.date, self.clock, self.parameter, self.value,
                 self.unit, *self.columns)  # fmt: skip
        return [name for name in named if name]


def mapping_of(given: Any) -> Mapping:
    """The mapping, checked. Raises: Refused that names what is wrong."""
    if not isinstance(given, dict):
        raise _wrong(_("The mapping must be an object."))
    for name, value in given.items():
        if name not in NAMES:
            told = ", ".join(NAMES)
            raise _wrong(_("%(name)s is not part of a mapping; there are %(told)s.")
                         % {"name": str(name)[:40], "told": told})  # fmt: skip
        if not isinstance(value, NAMES[name]):
            raise _wrong(_("%(name)s has a value of the wrong type.") % {"name": name})
    _check_columns(given)
    try:
        zone = ZoneInfo(given["zone"]) if given.get("zone") else queries.zone()
    except (KeyError, ValueError, OSError):
        raise _wrong(_("%(zone)s is no time zone, such as Asia/Ho_Chi_Minh.")
                     % {"zone": given["zone"][:40]}) from None  # fmt: skip
    low = lambda name: given.get(name, "").strip().lower()  # noqa: E731
    return Mapping(
        zone=zone, format=given.get("format", ""), zone_wins=given.get("zone_wins", False),
        delimiter=given.get("delimiter", ""), decimal=given.get("decimal", ""),
        station_code=given.get("station_code", ""),
        columns={str(c).strip().lower(): _column(str(c), v)
                 for c, v in given.get("columns", {}).items()},
        parameters={str(k).strip().lower(): _known(str(v))
                    for k, v in given.get("parameters", {}).items()},
        stations={str(k): str(v) for k, v in given.get("stations", {}).items()},
        **{name: low(name) for name in
           ("station", "time", "date", "clock", "parameter", "value", "unit")},
    )  # fmt: skip


def _wrong(message: str) -> Refused:
    return Refused("bad-mapping", message, status=422)


def _check_columns(given: dict[str, Any]) -> None:
    if bool(given.get("station")) == bool(given.get("station_code")):
        raise _wrong(_("Name the column of the station, or one station_code for the whole file."))
    if not given.get("time") and not given.get("date"):
        raise _wrong(_("Name the column of the time, or those of date and clock."))
    long = bool(given.get("parameter")) and bool(given.get("value"))
    if long == bool(given.get("columns")):
        raise _wrong(_("Name either columns, or the columns of parameter and value."))
    if given.get("delimiter", "") not in ("", ",", ";", "\t", "|"):
        raise _wrong(_("delimiter must be a comma, a semicolon, a tab or a bar."))
    if given.get("decimal", "") not in ("", ".", ","):
        raise _wrong(_("decimal must be a point or a comma."))


def _known(name: str) -> str:
    parameter = parameters.find(name)
    if parameter is None:
        told = ", ".join(parameters.PARAMETERS)
        raise _wrong(_("%(name)s is no parameter; there are %(told)s.")
                     % {"name": name[:40], "told": told})  # fmt: skip
    return parameter.code


def _column(name: str, given: Any) -> tuple[str, str]:
    """Parameter and unit of a wide column; a unit that the parameter cannot have is refused."""
    if isinstance(given, str):
        given = {"parameter": given}
    if not isinstance(given, dict) or not isinstance(given.get("parameter"), str):
        raise _wrong(_("Column %(name)s needs a parameter.") % {"name": name[:40]})
    code, unit = _known(given["parameter"]), str(given.get("unit", ""))
    parameter = parameters.PARAMETERS[code]
    if parameter.factor(unit) is None:
        raise _wrong(_("Column %(name)s: %(unit)s is no unit of %(code)s; expected %(own)s.")
                     % {"name": name[:40], "unit": unit[:16], "code": code,
                        "own": parameter.unit})  # fmt: skip
    return code, unit


def read(path: Path, mapping: Mapping) -> Iterator[RawRow | BadRow]:
    """Every row of the file. Raises: UnreadableFile where columns or encoding are wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            yield from rows_of(handle, path.name, mapping)
    except UnicodeDecodeError:
        raise UnreadableFile(f"{path.name}: not UTF-8 text; save it as CSV (UTF-8)") from None
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None


def rows_of(handle: TextIO, name: str, mapping: Mapping) -> Iterator[RawRow | BadRow]:
    """Every row of an open file."""
    table = Table(handle, ",;\t|", delimiter=mapping.delimiter)
    header = table.header
    if missing := [c for c in mapping.needed() if c not in header]:
        raise UnreadableFile(
            f"{name}: expected columns {', '.join(missing)}; found {', '.join(header) or 'nothing'}"
        )
    comma = mapping.decimal == "," or (not mapping.decimal and table.delimiter == ";")
    for row in table:
        if row.wrong:
            yield BadRow(row.line, row.raw, "columns", row.wrong)
        else:
            yield from _row(row, header, mapping, comma)


def _row(found: Row, header: list[str], mapping: Mapping, comma: bool) -> Iterator[RawRow | BadRow]:
    line, raw = found.line, found.raw
    row = dict(zip(header, found.cells, strict=True))
    given = mapping.station_code or row[mapping.station].strip()
    station = mapping.stations.get(given, given)
    try:
        if not station:
            raise Unusable("no-station", "the station is empty")
        at = time_of(row, mapping)
    except Unusable as error:
        yield BadRow(line, raw, error.code, str(error))
        return
    number = decimal_point if comma else str.strip
    if mapping.columns:
        for column, (parameter, unit) in mapping.columns.items():
            if row[column].strip():  # an empty cell was not reported; it is no lost value
                yield RawRow(line, station, at, parameter, number(row[column]), unit, given)
        return
    name = row[mapping.parameter].strip()
    unit = row[mapping.unit].strip() if mapping.unit else ""
    code = mapping.parameters.get(name.lower(), name)
    yield RawRow(line, station, at, code, number(row[mapping.value]), unit, given)


def time_of(row: dict[str, str], mapping: Mapping) -> datetime:
    """The time of a row in UTC; a mark of UTC is believed unless the mapping knows better."""
    text = (
        row[mapping.time] if mapping.time else f"{row[mapping.date]} {row.get(mapping.clock, '')}"
    )
    text = text.strip()
    if mapping.format:
        try:
            at = datetime.strptime(text, mapping.format)
        except ValueError:
            raise Unusable("bad-time", f"time {text[:40]!r} is not like {mapping.format}") from None
        if at.tzinfo is None or mapping.zone_wins:
            at = at.replace(tzinfo=mapping.zone)
        return at.astimezone(UTC)
    at = read_time(text, mapping.zone)
    marked = text.endswith(("Z", "z")) or "+" in text
    return at.replace(tzinfo=mapping.zone).astimezone(UTC) if mapping.zone_wins and marked else at
