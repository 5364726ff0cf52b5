"""What a case's clocks show, read from its log alone: the same log gives the same figure.

`acknowledge` runs from submission until staff take responsibility, and never pauses. `resolve`
runs until the case is closed, pauses while others are waited for, and goes on where it stood when
the case is opened again. `dwell` is the time since staff last moved the case; it pauses too.
Used time is counted in the calendar of the terms in force while it passed; a later change of
terms changes the budget and what comes, never what was used.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal, NamedTuple
from uuid import UUID, uuid5

from ioc.reports.calendars import ALL_HOURS, SECOND_US, Calendar, Unreachable
from ioc.reports.marks import Mark, in_order
from ioc.reports.workflow import CLOSED, PAUSING

CLOCKS = ("acknowledge", "resolve", "dwell")
HOUR_US = 3600 * SECOND_US

Phase = Literal["running", "paused", "stopped"]
Band = Literal["within", "warning", "breached", "paused", "none"]


class _Rules(NamedTuple):
    calendar: Calendar
    budgets_us: dict[str, int]
    warn_share: float


class _Piece(NamedTuple):
    """A stretch of time in which a clock does one thing; `end` is None for the last."""

    start: datetime
    end: datetime | None
    phase: Phase
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class ClockFace:
    """What one clock shows. `due_at` of a stopped clock is when it would have been due; it is
    None while nobody knows when a pause ends. Not a moment of working time counts twice."""

    clock: str
    state: Phase
    budget_s: float
    used_s: float
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    _pieces: tuple[_Piece, ...] = field(default=(), repr=False, compare=False)

    def reaches_at(self, share: float) -> datetime | None:
        """When this share of the budget was or will be used; None if it is not known."""
        return _reach(self._pieces, round(share * self.budget_s * SECOND_US))


class Escalation(NamedTuple):
    """One step of the plan whose time has come: tell `to` that `share` of the budget is used.

    `tell_at` is `at` or, where staff have gone home by then, when they are back.
    """

    clock: str
    share: float
    to: str
    at: datetime
    tell_at: datetime
    plan: str
    since: str = ""

    @property
    def name(self) -> str:
        """The same for the same step of one case: it is taken once."""
        return ":".join(filter(None, (self.clock, f"{self.share:g}", self.plan, self.since)))

    def key(self, report_id: Any) -> UUID:
        """The key of the event that says this step was taken."""
        return uuid5(STEPS, f"{report_id}:{self.name}")


STEPS = UUID("8c1d2f0e-5a43-4f57-9e0b-3f1f6d9a7b21")


def read(
    marks: Sequence[Mark], terms: Mapping[str, Any], emergency: bool, now: datetime
) -> dict[str, ClockFace]:
    """The faces of the clocks the terms give a budget, by name.

    `terms` and `emergency` hold until the first mark that carries terms of its own.
    """
    if not marks:
        return {}
    marks = in_order(marks)
    now = max(now, marks[-1].at)
    rules = _rules_of(marks, terms, emergency)
    return {
        clock: _face(clock, list(pieces), rules[-1], now)
        for clock, pieces in (
            ("acknowledge", _acknowledge(marks, rules)),
            ("resolve", _working(marks, rules)),
            ("dwell", _dwell(marks, rules)),
        )
        if rules[-1].budgets_us[clock] > 0
    }


def band(face: ClockFace, now: datetime) -> Band:
    """Where a clock stands. A case that is late stays late while it waits for somebody."""
    if face.state == "stopped":
        return "none"
    if face.breached_at is not None:
        return "breached"
    if face.state == "paused":
        return "paused"
    if face.due_at is not None and now > face.due_at:
        return "breached"
    return "warning" if face.warn_at is not None and now >= face.warn_at else "within"


def steps(faces: Mapping[str, ClockFace], terms: Mapping[str, Any]) -> Iterator[Escalation]:
    """Every step that was or will be reached as far as is known; a clock that stopped has none."""
    for step in terms["plan"]["escalations"]:
        face = faces.get(step["clock"])
        if face is None or face.state == "stopped":
            continue
        if (at := face.reaches_at(step["share"])) is not None:
            # Dwell starts anew with each step of staff, and each time is a story of its own.
            since = face.started_at.isoformat() if face.clock == "dwell" else ""
            plan = terms["plan"]["code"]
            tell_at = awake_at(terms, at)
            yield Escalation(face.clock, step["share"], step["to"], at, tell_at, plan, since)


def escalations_due(
    faces: Mapping[str, ClockFace], terms: Mapping[str, Any], now: datetime
) -> list[Escalation]:
    """The steps whose time has come, the earliest first. Who touched the case is never asked."""
    return sorted((s for s in steps(faces, terms) if s.at <= now), key=lambda step: step.at)


def awake_at(terms: Mapping[str, Any], at: datetime) -> datetime:
    """This moment or, outside working hours, when they begin again; an emergency wakes people."""
    if terms.get("emergency"):
        return at
    try:
        return Calendar.from_content(terms["calendar"]).next_working(at)
    except Unreachable:
        return at


def columns(
    faces: Mapping[str, ClockFace], terms: Mapping[str, Any], taken: Container[str] = ()
) -> dict[str, Any]:
    """What a report's row keeps of its clocks, by column, so that queues need no log.

    `taken` are the names of the escalation steps that stand in the log already.
    """
    ack, resolve, dwell = (faces.get(clock) for clock in CLOCKS)
    urgent = [f for f in faces.values() if f.due_at and (f.state == "running" or _late(f))]
    first = min(urgent, key=lambda face: face.due_at or face.started_at, default=None)
    to_take = (step.tell_at for step in steps(faces, terms) if step.name not in taken)
    return {
        "ack_due_at": ack.due_at if ack else None,
        "resolve_due_at": resolve.due_at if resolve else None,
        "resolve_warn_at": resolve.warn_at if resolve else None,
        "dwell_due_at": dwell.due_at if dwell and dwell.state != "stopped" else None,
        "next_due_at": first.due_at if first else None,
        "next_warn_at": first.warn_at if first else None,
        "next_clock": first.clock if first else "",
        "next_escalation_at": min(to_take, default=None),
        "paused": first is None and any(face.state == "paused" for face in faces.values()),
        "overdue": resolve is not None and _late(resolve),
    }


def _late(face: ClockFace) -> bool:
    return face.state != "stopped" and face.breached_at is not None


def _rules_of(marks: Sequence[Mark], terms: Mapping[str, Any], emergency: bool) -> list[_Rules]:
    """The rules in force from each mark on."""
    first = marks[0].clock_plan
    rules = _rules(first or terms, emergency)
    found = [rules]
    for mark in marks[1:]:
        if mark.clock_plan is not None:
            rules = _rules(mark.clock_plan, emergency)
        found.append(rules)
    return found


def _rules(terms: Mapping[str, Any], emergency: bool) -> _Rules:
    plan = terms["plan"]
    if terms.get("emergency", emergency):
        hours = {
            "acknowledge": plan["emergency_acknowledge_h"],
            "resolve": plan["emergency_resolve_h"],
            "dwell": plan["dwell_h"],
        }
        calendar: Calendar = ALL_HOURS
    else:
        hours = {clock: plan[f"{clock}_h"] for clock in CLOCKS}
        calendar = Calendar.from_content(terms["calendar"])
    return _Rules(
        calendar,
        {clock: round((budget or 0) * HOUR_US) for clock, budget in hours.items()},
        plan["warn_share"],
    )


def _acknowledge(marks: Sequence[Mark], rules: Sequence[_Rules]) -> Iterator[_Piece]:
    for (mark, end), rule in zip(_with_ends(marks), rules, strict=True):
        if mark.state in CLOSED or mark.is_step:
            yield _Piece(mark.at, None, "stopped", rule.calendar)
            return
        yield _Piece(mark.at, end, "running", rule.calendar)


def _working(marks: Sequence[Mark], rules: Sequence[_Rules]) -> Iterator[_Piece]:
    for (mark, end), rule in zip(_with_ends(marks), rules, strict=True):
        if mark.state in CLOSED:
            yield _Piece(mark.at, end, "stopped", rule.calendar)
        elif mark.state not in PAUSING:
            yield _Piece(mark.at, end, "running", rule.calendar)
        elif mark.until is None or (end is not None and mark.until >= end):
            yield _Piece(mark.at, end, "paused", rule.calendar)
        else:
            until = max(mark.at, mark.until)
            yield _Piece(mark.at, until, "paused", rule.calendar)
            yield _Piece(until, end, "running", rule.calendar)


def _dwell(marks: Sequence[Mark], rules: Sequence[_Rules]) -> Iterator[_Piece]:
    """Since staff last moved it, or since it was opened again by whomever."""
    start = 0
    for place, (before, mark) in enumerate(pairwise(marks), start=1):
        if mark.state in CLOSED:
            continue
        if mark.is_step or before.state in CLOSED:
            start = place
    return _working(marks[start:], rules[start:])


def _with_ends(marks: Sequence[Mark]) -> Iterable[tuple[Mark, datetime | None]]:
    return zip(marks, [*(mark.at for mark in marks[1:]), None], strict=True)


def _face(clock: str, pieces: list[_Piece], rules: _Rules, now: datetime) -> ClockFace:
    budget_us = rules.budgets_us[clock]
    state = next(p.phase for p in reversed(pieces) if p.start <= now)
    stopped_at = _stopped_at(pieces) if state == "stopped" else None
    end = stopped_at or now
    due_at = _reach(pieces, budget_us)
    return ClockFace(
        clock=clock,
        state=state,
        budget_s=budget_us / SECOND_US,
        used_s=_used_us(pieces, now) / SECOND_US,
        started_at=pieces[0].start,
        due_at=due_at,
        warn_at=_reach(pieces, round(budget_us * rules.warn_share)),
        stopped_at=stopped_at,
        breached_at=due_at if due_at is not None and due_at < end else None,
        _pieces=tuple(pieces),
    )


def _stopped_at(pieces: Sequence[_Piece]) -> datetime:
    """When the stop began that still lasts: a note on a closed case does not close it again."""
    at = pieces[-1].start
    for piece in reversed(pieces):
        if piece.phase != "stopped":
            break
        at = piece.start
    return at


def _used_us(pieces: Sequence[_Piece], now: datetime) -> int:
    return sum(
        piece.calendar.working_us(piece.start, now if piece.end is None else min(piece.end, now))
        for piece in pieces
        if piece.phase == "running"
    )


def _reach(pieces: Sequence[_Piece], needed_us: int) -> datetime | None:
    """The first moment at which so much was or will be used; None if nobody can know."""
    for piece in pieces:
        if piece.phase == "running" and piece.end is not None:
            used_us = piece.calendar.working_us(piece.start, piece.end)
            if needed_us <= used_us:
                return piece.calendar.add_us(piece.start, needed_us)
            needed_us -= used_us
    last = pieces[-1]
    if last.phase == "paused":
        return None
    start = _stopped_at(pieces) if last.phase == "stopped" else last.start
    try:
        return last.calendar.add_us(start, needed_us)
    except Unreachable:
        return None
