"""One observation of a JSON list as a row, or why it is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from environment.ingest.formats import BadRow, RawRow
from environment.quality import Unusable

REQUIRED = ("station", "parameter", "time", "value")


def row_of_json(item: object) -> RawRow | BadRow:
    """The row that one `{station, parameter, time, value, unit}` means."""
    try:
        return _row(item)
    except Unusable as error:
        raw = json.dumps(item, ensure_ascii=False)[:2000]
        return BadRow(0, raw, error.code, str(error))


def _row(item: object) -> RawRow:
    if not isinstance(item, dict):
        raise Unusable("not-an-object", f"expected an object with {', '.join(REQUIRED)}")
    missing = [name for name in REQUIRED if name not in item]
    if missing:
        raise Unusable("missing-field", f"missing {', '.join(missing)}")
    station, parameter, time, unit = (
        _text(item, name) for name in ("station", "parameter", "time", "unit")
    )
    value = item["value"]
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise Unusable("wrong-type", f"value must be a number, not {str(value)[:40]!r}")
    return RawRow(0, station, _time(time), parameter, value, unit)


def _text(item: dict[str, object], name: str) -> str:
    value = item.get(name) or ""
    if not isinstance(value, str):
        raise Unusable("wrong-type", f"{name} must be text")
    return value.strip()


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable("bad-time", f"time {text[:40]!r} is not like 2025-11-17T02:00:00Z") from None
    if at.tzinfo is None:
        raise Unusable("no-offset", "time needs an offset, such as 2025-11-17T02:00:00Z")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Unusable("bad-time", f"time {text[:40]!r} is out of range") from None
