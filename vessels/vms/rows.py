"""What a provider's row says, the same whatever form it came in. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from geo.fold import folded
from vessels.ais.columns import Positions

REASONS = {
    "malformed": "the row cannot be read",
    "no-vessel": "neither plate nor device nor MMSI",
    "no-time": "no time in the row",
    "bad-time": "the time cannot be read",
    "time-without-zone": "the time names no zone: give it as 2026-01-31T07:00:00Z",
    "no-position": "no longitude or no latitude",
    "bad-number": "a number that is none",
    "not-a-position": "a message of another kind than a position",
    "unknown-device": "no vessel is registered with this device",
    "device-of-another": "the device is registered with another vessel than the plate names",
}
NAMES = {
    "plate": ("plate", "sodangky", "bienso", "registration", "externalmarking"),
    "ident": ("ident", "vmsid", "device", "deviceid", "terminal", "imei", "maketnoi"),
    "mmsi": ("mmsi",),
    "at": ("at", "time", "observedat", "timestamp", "datetime", "basedatetime", "thoigian"),
    "lon": ("lon", "longitude", "lng", "long", "x", "kinhdo"),
    "lat": ("lat", "latitude", "y", "vido"),
    "speed_kn": ("speedkn", "speed", "sog", "tocdo"),
    "speed_kmh": ("speedkmh", "tocdokmh"),
    "course_deg": ("coursedeg", "course", "cog", "heading", "huong"),
}
FIELD_OF = {name: field for field, names in NAMES.items() for name in names}
KMH_PER_KN = 1.852
MILLISECONDS = 1e11  # an epoch above it counts thousandths


class Bad(ValueError):
    """A row that cannot be taken; its word is one of REASONS."""


@dataclass(slots=True)
class Row:
    """One position as its provider tells it; `time` in epoch seconds, NaN where nothing is told."""

    line: int
    text: bytes
    time: float
    lon: float
    lat: float
    plate: str = ""
    ident: str = ""
    mmsi: int = -1
    speed_kn: float = math.nan
    course_deg: float = math.nan


@dataclass(slots=True)
class Refusal:
    """A row set aside: its number in the delivery, the reason, and the row."""

    line: int
    reason: str
    text: bytes


@dataclass(slots=True)
class Read:
    """All that a delivery held."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def refuse(self, line: int, reason: str, text: bytes) -> None:
        """Set a row aside."""
        self.refused.append(Refusal(line, reason, text))


def positions_of(rows: list[Row]) -> Positions:
    """The rows as columns: message type 0, degrees, knots; `line` is the index into `rows`."""
    n = len(rows)
    none = np.full(n, -1, np.int16)
    return Positions(
        mmsi=np.array([row.mmsi for row in rows], np.int64), kind=np.zeros(n, np.int16),
        time=np.array([row.time for row in rows], np.float64), second=np.full(n, 60, np.int16),
        lon=np.array([row.lon for row in rows], np.float64),
        lat=np.array([row.lat for row in rows], np.float64),
        speed_kn=np.array([row.speed_kn for row in rows], np.float32),
        course_deg=np.array([row.course_deg for row in rows], np.float32),
        heading_deg=none, status=none, line=np.arange(n, dtype=np.int32),
    )  # fmt: skip


def row_of(said: Mapping[str, Any], line: int, text: bytes, *, comma: bool = False) -> Row:
    """The row that named values tell. `comma`: numbers are written with a decimal comma.

    Raises Bad.
    """
    told = {FIELD_OF.get(plain(name)): value for name, value in said.items() if _is(value)}
    lon, lat = (_number(told.get(name), comma) for name in ("lon", "lat"))
    if math.isnan(lon) or math.isnan(lat):
        raise Bad("no-position")
    speed = _number(told.get("speed_kn"), comma)
    if math.isnan(speed):
        speed = _number(told.get("speed_kmh"), comma) / KMH_PER_KN
    mmsi = _number(told.get("mmsi"), False)
    row = Row(
        line, text, time_of(told.get("at")), lon, lat, str(told.get("plate", "")).strip(),
        str(told.get("ident", "")).strip()[:40], -1 if math.isnan(mmsi) else int(mmsi),
        speed if speed >= 0 else math.nan, _course(_number(told.get("course_deg"), comma)),
    )  # fmt: skip
    if not row.plate and not row.ident and row.mmsi < 0:
        raise Bad("no-vessel")
    return row


def plain(name: str) -> str:
    """A column's name without marks, spaces and capitals."""
    return re.sub(r"[^a-z0-9]", "", folded(str(name)).lower())


def _is(value: Any) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def _number(value: Any, comma: bool) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Bad("bad-number")
    try:
        number = float(value.replace(",", ".") if comma and isinstance(value, str) else value)
    except (ValueError, OverflowError):
        raise Bad("bad-number") from None
    if not math.isfinite(number) or abs(number) > 1e13:
        raise Bad("bad-number")
    return number


def _course(value: float) -> float:
    return value % 360 if 0 <= value <= 360 else math.nan


def time_of(value: Any) -> float:
    """Epoch seconds of an ISO time with zone, or of epoch seconds or milliseconds. Raises Bad."""
    if value is None:
        raise Bad("no-time")
    if isinstance(value, bool):
        raise Bad("bad-time")
    try:
        number = float(value)
    except (TypeError, ValueError):
        return _written(str(value).strip())
    number = number / 1000 if number > MILLISECONDS else number
    if not math.isfinite(number) or not 0 < number < MILLISECONDS:
        raise Bad("bad-time")
    return number


def _written(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Bad("bad-time") from None
    if moment.tzinfo is None:
        raise Bad("time-without-zone")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)
