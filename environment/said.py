"""What a provider says of a value beside phenomenonTime and result: read, bounded and told again.

Source: OGC SensorThings API 1.1, 8.2.7 (Observation).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from environment.quality import Unusable

NAMES = ("resultTime", "validTime", "parameters", "resultQuality")
MOST_BYTES, DEEPEST = 2048, 20
# The sign that the database cannot keep, as JSON writes it.
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class Said(NamedTuple):
    """Times are aware UTC, `parameters` and `quality` JSON as text; None: nothing was said.

    The order is that of the columns, see `environment.storage`.
    """

    result_time: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    parameters: str | None = None
    quality: str | None = None

    def told(self) -> str:
        """In one line, for a person."""
        parts = zip(("resultTime", "from", "to", "parameters", "resultQuality"), self, strict=True)
        return " ".join(f"{name}={part}" for name, part in parts if part is not None)


def read(given: Mapping[str, Any]) -> Said | None:
    """What an Observation says, or None where it says nothing; null counts as not said.

    Raises: Unusable that names the member.
    """
    result_time, valid = given.get("resultTime"), given.get("validTime")
    told, quality = given.get("parameters"), given.get("resultQuality")
    if result_time is None and valid is None and told is None and quality is None:
        return None
    if told is not None and not isinstance(told, dict):
        raise Unusable("wrong-type", f"parameters must be an object, not {str(told)[:40]!r}")
    return Said(
        None if result_time is None else _time("resultTime", result_time),
        *((None, None) if valid is None else _interval(valid)),
        _json("parameters", told) if told else None,
        None if quality is None else _json("resultQuality", quality),
    )


def reader(names: Sequence[Any]) -> Callable[[Sequence[Any]], Said | None] | None:
    """How the rows of a data array with these components are read; None where they say nothing."""
    places = [(name, names.index(name)) for name in NAMES if name in names]
    if not places:
        return None
    return lambda values: read({name: values[place] for name, place in places})


def _time(name: str, value: Any) -> datetime:
    if not isinstance(value, str):
        raise Unusable("wrong-type", f"{name} must be text, not {str(value)[:40]!r}")
    try:
        at = datetime.fromisoformat(value.strip())
        if at.tzinfo is None:
            raise Unusable(
                "no-offset", f"{name} {value[:40]!r} needs an offset, such as 2025-11-17T02:00:00Z"
            )
        return at.astimezone(UTC)
    except OverflowError:
        raise Unusable("bad-time", f"{name} {value[:40]!r} is out of range") from None
    except Unusable:
        raise
    except ValueError:
        raise Unusable(
            "bad-time", f"{name} {value[:40]!r} is no time like 2025-11-17T02:00:00Z"
        ) from None


def _interval(value: Any) -> tuple[datetime, datetime]:
    first, slash, last = value.partition("/") if isinstance(value, str) else ("", "", "")
    if not slash:
        raise Unusable("bad-time", f"validTime {str(value)[:60]!r} is no interval like "
                                   "2025-11-17T02:00:00Z/2025-11-17T03:00:00Z")  # fmt: skip
    begins, ends = _time("validTime", first), _time("validTime", last)
    if ends < begins:
        raise Unusable("bad-time", "validTime ends before it begins")
    return begins, ends


def _json(name: str, value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode())
    except (ValueError, RecursionError):
        raise Unusable("wrong-type", f"{name} holds what cannot be kept as JSON") from None
    if size > MOST_BYTES:
        raise Unusable("too-large", f"{name} has {size} bytes of JSON; at most {MOST_BYTES} "
                                    "are kept")  # fmt: skip
    if NUL.search(text):
        raise Unusable("wrong-type", f"{name} holds a character that cannot be kept")
    if _deeper(value, DEEPEST):  # what is kept is answered with a page around it
        raise Unusable("too-large", f"{name} is nested deeper than {DEEPEST}")
    return text


def _deeper(value: Any, left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return left == 0 or any(_deeper(item, left - 1) for item in inner)


def iso(at: datetime) -> str:
    """The time in UTC, with microseconds only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def interval(begins: datetime, ends: datetime) -> str:
    return f"{iso(begins)}/{iso(ends)}"


def shown(o: Any) -> dict[str, Any]:
    """resultTime, resultQuality, parameters and, where one was said, validTime of an Observation.

    `o`: its columns as attributes. Where no resultTime was said it is the phenomenonTime. What a
    provider said of the quality stands as `given` beside our own flag; its parameters stand beside
    the value as received.
    """
    own = {"raw": o.raw, **({"rawUnit": o.raw_unit} if o.raw_unit else {})}
    quality = {"flag": o.flag, "note": o.note}
    if o.provider_quality is not None:
        quality["given"] = o.provider_quality
    found = {
        "resultTime": iso(o.result_time or o.t), "resultQuality": quality,
        "parameters": {**own, **o.parameters} if o.parameters else own,
    }  # fmt: skip
    if o.valid_from is not None:
        found["validTime"] = interval(o.valid_from, o.valid_to)
    return found
