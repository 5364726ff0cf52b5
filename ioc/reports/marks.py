"""A case's log as its clocks read it: one mark for each line that counts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from ioc.reports.ledger import Line, is_staff_step, moves_state, standing_lines
from ioc.reports.workflow import MOVES, PAUSING, State


@dataclass(frozen=True, slots=True)
class Mark:
    """What one event means to the clocks. `clock_plan` is the content of the terms in force from
    here on, where they change; a pause ends at `until` at the latest; `staff` says whether it is
    a step by a member of staff, as it is for a move that only they make."""

    at: datetime
    state: str
    move: str
    clock_plan: Mapping[str, Any] | None = None
    until: datetime | None = None
    staff: bool = True

    @property
    def is_step(self) -> bool:
        """Whether staff did something for the case, more than writing a note."""
        return self.staff and self.move in MOVES and MOVES[self.move].step


def marks_of(
    lines: Iterable[Line],
    contents: Callable[[str], Mapping[str, Any]],
    terms: Mapping[str, Any] | None = None,
) -> list[Mark]:
    """A log as marks. `contents` gives the content of terms by their digest; `terms` is that of
    those which hold until a line names others.

    A line that sets terms, or emergency alone, changes the rules from there on; a day set with a
    pause ends it.
    """
    marks: list[Mark] = []
    state: str = State.SUBMITTED
    until: datetime | None = None
    for line in standing_lines(lines):
        facts = line.detail.get("set") or {}
        changed = "terms" in facts or "emergency" in facts
        if facts.get("terms"):
            terms = contents(facts["terms"])
        if terms is not None and "emergency" in facts:
            terms = {**terms, "emergency": facts["emergency"]}
        if moves_state(line):
            state, until = line.state, None
        if state in PAUSING:
            until = _pause_ends(state, facts, terms) or until
        plan = terms if changed else None
        marks.append(Mark(line.at, state, line.kind, plan, until, is_staff_step(line)))
    return marks


def _pause_ends(
    state: str, facts: Mapping[str, Any], terms: Mapping[str, Any] | None
) -> datetime | None:
    """Work that is planned goes on as its day begins; who is waited for has all of theirs."""
    day = facts.get("planned_for" if state == State.PLANNED else "waiting_until")
    if not day or terms is None:
        return None
    over = timedelta(days=0 if state == State.PLANNED else 1)
    zone = ZoneInfo(terms["calendar"]["zone"])
    return datetime.combine(date.fromisoformat(day) + over, time(), zone)


def in_order(marks: Sequence[Mark]) -> Sequence[Mark]:
    """The marks with times that never go back: the log's order is the truth, not a host's clock."""
    if all(a.at <= b.at for a, b in pairwise(marks)):
        return marks
    last, straight = marks[0].at, []
    for m in marks:
        last = max(last, m.at)
        straight.append(replace(m, at=last))
    return straight
