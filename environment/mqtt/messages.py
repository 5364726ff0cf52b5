"""What a message on a topic means, as rows like those of a file; no broker and no database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from environment import said
from environment.ingest.formats import BadRow, RawRow, read_time
from environment.ingest.rows import row_of_json
from environment.quality import Unusable

STA = re.compile(r"^v1\.1/Datastreams\((\d{1,17})\)/Observations$")
LONGEST = 2**20
MOST_ROWS = 10_000


@dataclass(frozen=True)
class Rule:
    """A topic filter and what its messages are (see `environment.models.Topic`)."""

    filter: str
    station: str
    parameter: str
    unit: str
    value_path: str
    time_path: str
    zone: tzinfo
    synthetic: bool = False


@dataclass(frozen=True)
class Stream:
    """A Datastream that a SensorThings topic may name."""

    station: str
    parameter: str
    unit: str


def is_filter(text: str) -> bool:
    """Whether a broker would take this as a topic filter of our own.

    A shared one (`$share/…`) is none: what this process publishes would come back to it.
    Source: MQTT Version 5.0, 4.7.1 and 3.8.3.1.
    """
    if not text or "\0" in text or text.startswith("$share/"):
        return False
    *before, last = text.split("/")
    levels = [*before, "" if last == "#" else last]
    return all(level == "+" or not {"+", "#"} & set(level) for level in levels)


def matches(pattern: str, topic: str) -> bool:
    """Whether an MQTT topic filter takes a topic."""
    if topic.startswith("$") and pattern.startswith(("+", "#")):
        return False  # what a broker says of itself
    wanted, given = pattern.split("/"), topic.split("/")
    for n, part in enumerate(wanted):
        if part == "#":
            return True
        if n >= len(given) or part not in ("+", given[n]):
            return False
    return len(wanted) == len(given)


def rows_of(
    topic: str,
    payload: bytes,
    rules: Iterable[Rule],
    streams: dict[int, Stream],
    now: datetime,
) -> tuple[Sequence[RawRow | BadRow], bool]:
    """The rows of a message, and whether they are synthetic; what cannot be read is a bad row."""
    rule = next((r for r in rules if matches(r.filter, topic)), None)
    raw = f"{topic} {payload[:1800].decode('utf-8', 'replace')}"
    try:
        if rule is None:
            raise Unusable("unknown-topic", f"no topic filter takes {topic[:80]!r}")
        if len(payload) > LONGEST:
            raise Unusable("too-large", f"a message may have {LONGEST // 2**20} MiB")
        body = _json(payload)
        if match := STA.match(topic):
            return [_sta(streams.get(int(match[1])), body, now)], rule.synthetic
        if rule.station:
            return [_mapped(rule, topic, body, now)], rule.synthetic
        rows = body if isinstance(body, list) else [body]
        if len(rows) > MOST_ROWS:
            raise Unusable("too-large", f"a message may have {MOST_ROWS} rows")
        return [row_of_json(row) for row in rows], rule.synthetic
    except Unusable as error:
        return [BadRow(0, raw, error.code, str(error))], bool(rule and rule.synthetic)


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        raise Unusable("not-json", "the message is neither a number nor JSON") from None


def _sta(stream: Stream | None, body: Any, now: datetime) -> RawRow:
    if stream is None:
        raise Unusable("unknown-datastream", "this Datastream does not exist")
    if not isinstance(body, dict) or "result" not in body:
        raise Unusable("missing-field", "an Observation needs a result")
    result_time = body.get("resultTime")
    if isinstance(result_time, int | float) and not isinstance(result_time, bool):
        result_time = _time(result_time, UTC, now).isoformat()  # as devices write times
    told = said.read({**body, "resultTime": result_time})
    at = _time(body.get("phenomenonTime") or result_time, UTC, now, needs_offset=True)
    return RawRow(
        0, stream.station, at, stream.parameter, _number(body["result"]), stream.unit, said=told
    )


def _mapped(rule: Rule, topic: str, body: Any, now: datetime) -> RawRow:
    value = _at(body, rule.value_path) if isinstance(body, dict) else body
    when = _at(body, rule.time_path, needed=False) if isinstance(body, dict) else None
    at = _time(when, rule.zone, now)
    return RawRow(0, _station(rule.station, topic), at, rule.parameter, _number(value), rule.unit)


def _station(text: str, topic: str) -> str:
    """`{2}` is the second part of the topic."""
    match = re.fullmatch(r"\{(\d{1,2})\}", text)
    if match is None:
        return text
    parts = topic.split("/")
    number = int(match[1])
    if not 1 <= number <= len(parts):
        raise Unusable("unknown-station", f"the topic has no part {number}")
    return parts[number - 1]


def _at(body: Any, path: str, *, needed: bool = True) -> Any:
    for name in path.split("."):
        if not isinstance(body, dict) or name not in body:
            if needed:
                raise Unusable("missing-field", f"missing {path}")
            return None
        body = body[name]
    return body


def _number(value: Any) -> Any:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise Unusable("wrong-type", f"value must be a number, not {str(value)[:40]!r}")
    return value


def _time(value: Any, zone: tzinfo, now: datetime, *, needs_offset: bool = False) -> datetime:
    """The time told, in seconds or in words; without any the time of arrival."""
    if value is None:
        return now
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) > 1e11 else value  # many devices send milliseconds
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            raise Unusable("bad-time", f"time {value} is out of range") from None
    if not isinstance(value, str):
        raise Unusable("bad-time", f"time must be text, not {str(value)[:40]!r}")
    text = value.partition("/")[0]
    if needs_offset and not re.search(r"(Z|[+-]\d\d:?\d\d)$", text.strip()):
        raise Unusable("no-offset", "time needs an offset, such as 2025-11-17T02:00:00Z")
    return read_time(text, zone)
