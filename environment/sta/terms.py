"""A part of a `$filter` and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NAMES = {"number": "a number", "text": "text", "time": "a time", "clock": "a time of day",
         "geo": "a geometry",
         "bool": "true or false", "null": "null", "any": "any value"}  # fmt: skip


@dataclass
class Term:
    """A part of a condition and what it is: number, text, time, clock, geo, bool, null or any."""

    kind: str
    expr: Any
    name: str = ""


def told(term: Term) -> str:
    return term.name or "a part of it"
