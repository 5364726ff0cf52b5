"""What a case is, told from its log alone. Pure: the same lines give the same case at any time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ioc.reports.workflow import CLOSED, MOVES, Actor, State

REOPENING = frozenset({"reopen", "dispute"})
STAFF = frozenset({Actor.AGENCY, Actor.CENTRE})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log as the fold needs it."""

    seq: int
    at: datetime
    kind: str
    state: str
    by_kind: str = Actor.SYSTEM
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Standing:
    """Where a case stands. `facts` are the columns that lines have set, by name."""

    state: str = State.SUBMITTED
    version: int = 0
    changed_at: datetime | None = None
    closed_at: datetime | None = None
    ack_at: datetime | None = None
    reopened: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


def undone(lines: Iterable[Line]) -> frozenset[int]:
    """Numbers of the lines that were taken back."""
    return frozenset(line.detail["undoes"] for line in lines if line.kind == "undo")


def standing_lines(lines: Iterable[Line]) -> list[Line]:
    """The lines that count, in order: neither taken back nor the taking back itself."""
    lines = sorted(lines, key=lambda line: line.seq)
    gone = undone(lines)
    return [line for line in lines if line.seq not in gone and line.kind != "undo"]


def moves_state(line: Line) -> bool:
    """Whether the line says a new state; the others only repeat the one they found."""
    move = MOVES.get(line.kind)
    return move is None or move.to is not None


def standing_of(lines: Iterable[Line]) -> Standing:
    """The case as its log tells it."""
    lines = list(lines)
    standing = Standing()
    for line in standing_lines(lines):
        if moves_state(line):
            was_closed = standing.state in CLOSED and standing.version > 0
            standing.state = line.state
            if line.state not in CLOSED:
                standing.closed_at = None
            elif not was_closed:
                standing.closed_at = line.at
        if line.kind in REOPENING:
            standing.reopened += 1
        if standing.ack_at is None and is_staff_step(line):
            standing.ack_at = line.at
        standing.facts.update(line.detail.get("set", {}))
        standing.version = line.seq
    if lines:
        standing.version = max(line.seq for line in lines)
        standing.changed_at = max(line.at for line in lines)
    return standing


def is_staff_step(line: Line) -> bool:
    """Whether a member of staff did something for the case, more than writing a note."""
    move = MOVES.get(line.kind)
    return bool(move and move.step and line.by_kind in STAFF)
