"""The clocks of a case, from its log alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.reports import clocks
from ioc.reports.calendars import ALL_HOURS, Calendar
from ioc.reports.clocks import ClockFace
from ioc.reports.ledger import Line
from ioc.reports.marks import Mark, marks_of
from ioc.reports.workflow import CLOSED, MOVES, PAUSING, Actor, State, after

HUE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = [["07:30", "11:30"], ["13:30", "17:30"]]
HOUR = 3600.0
QUARTER = timedelta(minutes=15)


def terms(code: str = "usual", *, emergency: bool = False, **plan: Any) -> dict[str, Any]:
    return {
        "plan": {
            "code": code, "acknowledge_h": 8, "resolve_h": 40, "dwell_h": 16,
            "emergency_acknowledge_h": 0.5, "emergency_resolve_h": 24, "warn_share": 0.8,
            "escalations": [
                {"clock": "acknowledge", "share": 1.0, "to": "centre"},
                {"clock": "resolve", "share": 0.8, "to": "agency"},
                {"clock": "resolve", "share": 1.5, "to": "centre"},
                {"clock": "dwell", "share": 1.0, "to": "agency"},
            ],
            **plan,
        },
        "calendar": {
            "code": "office", "zone": "Asia/Ho_Chi_Minh", "hours": [DAY] * 5 + [[], []],
            "days": {"2026-11-24": [], "2026-08-22": DAY},
        },
        "emergency": emergency,
    }  # fmt: skip


USUAL = terms()
OFFICE = Calendar.from_content(USUAL["calendar"])
OTHER = terms("other", resolve_h=16)
OTHER["calendar"] = {**OTHER["calendar"], "hours": [[["08:00", "20:00"]]] * 7}
URGENT = terms(emergency=True)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HUE)


MONDAY = at("2026-11-16T07:30")


def log(*moves: tuple[str, datetime] | tuple[str, datetime, dict[str, Any]]) -> list[Mark]:
    """Marks of moves as the workflow leads them from state to state."""
    marks, state = [], State.SUBMITTED
    for name, moment, *more in moves:
        state = after(name, state)
        staff = bool({Actor.AGENCY, Actor.CENTRE} & set(MOVES[name].by))
        marks.append(Mark(moment, state, name, staff=staff, **(more[0] if more else {})))
    return marks


def read(marks: Sequence[Mark], now: datetime, rules: dict[str, Any] = USUAL) -> dict[str, Any]:
    return clocks.read(marks, rules, rules["emergency"], now)


def resolve(marks: Sequence[Mark], now: datetime, rules: dict[str, Any] = USUAL) -> ClockFace:
    return read(marks, now, rules)["resolve"]


# -- cases somebody could tell ------------------------------------------------------------------
def test_a_case_from_monday_to_monday() -> None:
    marks = log(("submit", MONDAY), ("assign", at("2026-11-16T09:30")))
    faces = read(marks, at("2026-11-17T11:30"))
    assert {c: (f.state, f.used_s / HOUR) for c, f in faces.items()} == {
        "acknowledge": ("stopped", 2), "resolve": ("running", 12), "dwell": ("running", 10),
    }  # fmt: skip
    assert faces["resolve"].due_at == at("2026-11-20T17:30")
    assert faces["resolve"].warn_at == at("2026-11-19T17:30")
    assert faces["acknowledge"].stopped_at == at("2026-11-16T09:30")


def test_a_pause_upon_a_pause_counts_once() -> None:
    pausing = log(
        ("submit", MONDAY), ("assign", at("2026-11-16T09:30")),
        ("ask_reporter", at("2026-11-16T11:30")), ("wait_third_party", at("2026-11-17T11:30")),
        ("plan", at("2026-11-18T11:30")), ("resume", at("2026-11-19T07:30")),
    )  # fmt: skip
    face = resolve(pausing, at("2026-11-19T11:30"))
    assert face.used_s == 8 * HOUR  # four on Monday, four on Thursday
    # 40 h, of which 4 h on Monday: 36 h from Thursday, and the 24th is a holiday.
    assert face.due_at == at("2026-11-26T11:30")
    assert resolve(pausing[:4], at("2026-11-25T08:00")).due_at is None
    assert clocks.band(resolve(pausing[:5], at("2026-11-18T12:00")), at("2026-11-18T12:00")) == (
        "paused"
    )


def test_a_planned_case_goes_on_by_itself_when_its_day_comes() -> None:
    marks = log(
        ("submit", MONDAY), ("assign", MONDAY),
        ("plan", at("2026-11-16T11:30"), {"until": at("2026-11-19T00:00")}),
    )  # fmt: skip
    waiting = resolve(marks, at("2026-11-18T12:00"))
    assert (waiting.state, waiting.used_s) == ("paused", 4 * HOUR)
    late = resolve(marks, at("2026-11-19T11:30"))  # and nobody has resumed it
    assert (late.state, late.used_s) == ("running", 8 * HOUR)
    assert waiting.due_at == late.due_at == at("2026-11-26T11:30")
    # A note in between leaves the day as it was; the next move ends the pause sooner.
    early = [*marks, Mark(at("2026-11-17T07:30"), State.IN_PROGRESS, "resume")]
    assert resolve(early, at("2026-11-17T11:30")).used_s == 8 * HOUR


def test_reopened_it_goes_on_where_it_stood() -> None:
    marks = log(
        ("submit", MONDAY), ("accept", MONDAY), ("resolve", at("2026-11-17T17:30")),
        ("note", at("2026-11-18T09:00")), ("dispute", at("2026-11-25T07:30")),
    )  # fmt: skip
    closed = resolve(marks[:4], at("2026-11-20T08:00"))
    assert (closed.state, closed.used_s) == ("stopped", 16 * HOUR)
    assert closed.stopped_at == at("2026-11-17T17:30") and closed.breached_at is None
    assert closed.due_at == at("2026-11-20T17:30")
    again = read(marks, at("2026-11-25T11:30"))
    assert again["resolve"].used_s == 20 * HOUR
    assert again["dwell"].used_s == 4 * HOUR
    assert again["acknowledge"].state == "stopped"


def test_another_plan_keeps_what_was_used() -> None:
    moved = log(("submit", MONDAY), ("accept", MONDAY),
                ("change", at("2026-11-17T17:30"), {"clock_plan": OTHER}))  # fmt: skip
    face = resolve(moved, at("2026-11-17T17:30"))
    assert (face.used_s, face.budget_s) == (16 * HOUR, 16 * HOUR)
    roomy = [moved[0], moved[1], replace(moved[2], clock_plan=terms("roomy", resolve_h=80))]
    assert resolve(roomy, at("2026-11-18T11:30")).used_s == 20 * HOUR
    urgent = [moved[0], moved[1], replace(moved[2], clock_plan=URGENT)]
    night = resolve(urgent, at("2026-11-18T00:30"))
    assert (night.used_s, night.due_at) == (23 * HOUR, at("2026-11-18T01:30"))


def test_done_exactly_when_due_is_in_time() -> None:
    marks = log(("submit", MONDAY), ("accept", MONDAY))
    due = at("2026-11-20T17:30")
    for late_s, breached in ((0, None), (1, due)):
        done = [*marks, Mark(due + timedelta(seconds=late_s), State.RESOLVED, "resolve")]
        assert resolve(done, at("2026-12-01T08:00")).breached_at == breached


def test_a_late_case_stays_late_while_it_waits() -> None:
    marks = log(("submit", MONDAY), ("accept", MONDAY), ("ask_reporter", at("2026-11-23T09:30")))
    faces = read(marks, at("2026-11-23T11:00"))
    assert clocks.band(faces["resolve"], at("2026-11-23T11:00")) == "breached"
    row = clocks.columns(faces, USUAL)
    assert (row["overdue"], row["paused"], row["next_clock"]) == (True, False, "resolve")


def test_bands() -> None:
    marks = log(("submit", MONDAY), ("accept", MONDAY))
    for moment, band in (
        ("2026-11-18T08:00", "within"), ("2026-11-19T17:30", "warning"),
        ("2026-11-20T17:30", "warning"), ("2026-11-20T17:31", "breached"),
    ):  # fmt: skip
        assert clocks.band(resolve(marks, at(moment)), at(moment)) == band
        assert clocks.band(resolve(marks, MONDAY), at(moment)) == band
    closed = [*marks, Mark(at("2026-11-18T08:00"), State.REJECTED, "reject")]
    assert clocks.band(resolve(closed, at("2026-12-01T08:00")), at("2026-12-01T08:00")) == "none"


def test_nobody_has_touched_it_and_it_escalates_all_the_same() -> None:
    marks = log(("submit", MONDAY))
    now = at("2026-11-25T17:30")
    steps = clocks.escalations_due(read(marks, now), USUAL, now)
    assert [(s.clock, s.share, s.to, s.at) for s in steps] == [
        ("acknowledge", 1.0, "centre", at("2026-11-16T17:30")),
        ("dwell", 1.0, "agency", at("2026-11-17T17:30")),
        ("resolve", 0.8, "agency", at("2026-11-19T17:30")),
    ]
    # The day's work is over when the budget is: people hear of it when they are back.
    assert [s.tell_at for s in steps] == [
        at("2026-11-17T07:30"), at("2026-11-18T07:30"), at("2026-11-20T07:30"),
    ]  # fmt: skip
    row = clocks.columns(read(marks, now), USUAL, {step.name for step in steps})
    assert row["next_escalation_at"] == at("2026-11-26T13:30")  # half as much again


def test_an_emergency_wakes_people() -> None:
    night = at("2026-11-21T23:00")
    (first, *_rest) = clocks.escalations_due(
        read(log(("submit", night)), night + timedelta(hours=1), URGENT), URGENT,
        night + timedelta(hours=1),
    )  # fmt: skip
    assert (first.clock, first.at, first.tell_at) == (
        "acknowledge", night + timedelta(minutes=30), night + timedelta(minutes=30),
    )  # fmt: skip


def test_a_clock_without_a_budget_is_not_there_and_one_that_is_never_due_says_so() -> None:
    marks = log(("submit", MONDAY))
    assert set(read(marks, MONDAY, terms(dwell_h=0))) == {"acknowledge", "resolve"}
    idle = terms()
    idle["calendar"] = {**idle["calendar"], "hours": [[]] * 7, "days": {}}
    face = resolve(marks, at("2030-01-01"), idle)
    assert (face.due_at, face.used_s, clocks.band(face, at("2030-01-01"))) == (None, 0, "within")
    assert clocks.columns({"resolve": face}, idle)["next_due_at"] is None
    assert read([], MONDAY) == {}


# -- whatever happens ---------------------------------------------------------------------------
PLANS = {"usual": USUAL, "other": OTHER, "urgent": URGENT}
WALK = [name for name in MOVES if name not in {"submit", "undo", "erase", "suggest"}]


@st.composite
def logs(draw: st.DrawFn) -> list[Mark]:
    """A walk through the workflow at quarters of an hour, with plans that change and pauses that
    end by themselves."""
    moment = MONDAY + draw(st.integers(0, 700)) * QUARTER
    moves: list[Any] = [("submit", moment)]
    state: str = State.SUBMITTED
    for _step in range(draw(st.integers(0, 9))):
        moment += draw(st.sampled_from([0, 1, 3, 12, 40, 96, 300])) * QUARTER
        name = draw(st.sampled_from([n for n in WALK if state in MOVES[n].source]))
        more: dict[str, Any] = {}
        state = after(name, state)
        if name == "change":
            more["clock_plan"] = PLANS[draw(st.sampled_from(sorted(PLANS)))]
        if state in PAUSING and MOVES[name].to and draw(st.booleans()):
            more["until"] = moment + draw(st.integers(-8, 400)) * QUARTER
        moves.append((name, moment, more))
    return log(*moves)


LATER = st.integers(0, 900).map(lambda quarters: quarters * QUARTER)


def counted(marks: Sequence[Mark], now: datetime) -> float:
    """Time used of `resolve` as somebody with a stop watch counts it, quarter by quarter."""
    used, rules, moment = 0.0, USUAL, marks[0].at
    place = -1
    while moment < now:
        while place + 1 < len(marks) and marks[place + 1].at <= moment:
            place += 1
            rules = marks[place].clock_plan or rules  # type: ignore[assignment]
        mark = marks[place]
        paused = mark.state in PAUSING and (mark.until is None or moment < mark.until)
        office = ALL_HOURS if rules["emergency"] else Calendar.from_content(rules["calendar"])
        if mark.state not in CLOSED and not paused and office.is_working(moment):
            used += QUARTER.total_seconds()
        moment += QUARTER
    return used


@settings(max_examples=60, deadline=None)
@given(logs(), LATER)
def test_as_counted_with_a_stop_watch(marks: list[Mark], later: timedelta) -> None:
    now = marks[-1].at + later
    assert resolve(marks, now).used_s == counted(marks, now)


@settings(max_examples=60, deadline=None)
@given(logs(), LATER)
def test_step_by_step_is_the_same_as_at_once(marks: list[Mark], later: timedelta) -> None:
    ends = [mark.at for mark in marks[1:]] + [marks[-1].at + later]
    used = {"resolve": 0.0, "acknowledge": 0.0}
    for number, end in enumerate(ends, 1):
        before, after_ = read(marks[:number], marks[number - 1].at), read(marks[:number], end)
        for clock in used:
            step = after_[clock].used_s - before[clock].used_s
            assert step >= 0
            used[clock] += step
    whole = read(marks, ends[-1])
    assert used == {clock: whole[clock].used_s for clock in used}


@settings(max_examples=60, deadline=None)
@given(logs(), LATER, LATER)
def test_nothing_goes_back_as_time_goes_by(
    marks: list[Mark], sooner: timedelta, later: timedelta
) -> None:
    sooner, later = sorted((sooner, later))
    first, second = read(marks, marks[-1].at + sooner), read(marks, marks[-1].at + later)
    for clock, face in first.items():
        assert second[clock].used_s >= face.used_s
        assert face.breached_at is None or second[clock].breached_at == face.breached_at
        if face.due_at is not None:
            assert second[clock].due_at == face.due_at
        assert face == read(list(marks), marks[-1].at + sooner)[clock]


@settings(max_examples=60, deadline=None)
@given(logs())
def test_due_is_when_the_budget_is_used(marks: list[Mark]) -> None:
    for clock, face in read(marks, marks[-1].at).items():
        if face.state == "stopped" or face.due_at is None or face.due_at < marks[-1].at:
            continue
        assert read(marks, face.due_at)[clock].used_s == face.budget_s
        assert read(marks, face.due_at)[clock].breached_at is None
        blink = timedelta(microseconds=1)
        assert read(marks, face.due_at + blink)[clock].breached_at == face.due_at
        if face.due_at - blink > marks[-1].at:
            assert read(marks, face.due_at - blink)[clock].used_s < face.budget_s


@settings(max_examples=60, deadline=None)
@given(logs(), LATER)
def test_acknowledge_never_pauses(marks: list[Mark], later: timedelta) -> None:
    marks = [replace(mark, clock_plan=None) for mark in marks]
    face = read(marks, marks[-1].at + later)["acknowledge"]
    end = face.stopped_at or marks[-1].at + later
    assert face.state != "paused"
    assert face.used_s == OFFICE.working_s(marks[0].at, end)


@settings(max_examples=60, deadline=None)
@given(logs(), LATER, st.data())
def test_no_touch_resets_an_escalation(
    marks: list[Mark], later: timedelta, data: st.DataObject
) -> None:
    """Handing about, notes and officers change nothing of the case's own clock."""
    touched = list(marks)
    for _touch in range(3):
        place = data.draw(st.integers(1, len(touched)))
        before = touched[place - 1]
        move = data.draw(st.sampled_from(["note", "take", "hide", "suggest", "escalate"]))
        touched.insert(place, replace(before, move=move, clock_plan=None))
    now = marks[-1].at + later

    def steps(log: list[Mark]) -> list[Any]:
        due = clocks.escalations_due(read(log, now), USUAL, now)
        return [step for step in due if step.clock == "resolve"]

    assert steps(touched) == steps(marks)


@settings(max_examples=60, deadline=None)
@given(logs(), LATER)
def test_what_is_due_is_told_and_the_next_step_lies_ahead(
    marks: list[Mark], later: timedelta
) -> None:
    now = marks[-1].at + later
    faces = read(marks, now)
    due = clocks.escalations_due(faces, USUAL, now)
    assert len({step.name for step in due}) == len(due)
    following = clocks.columns(faces, USUAL, {s.name for s in due})["next_escalation_at"]
    assert following is None or following > now
    first = clocks.columns(faces, USUAL)["next_escalation_at"]
    assert not due or first == min(step.tell_at for step in due)
    assert all(OFFICE.is_working(step.tell_at) and step.tell_at >= step.at for step in due)


@given(logs(), st.lists(st.integers(-5000, 5000), max_size=4))
def test_a_host_whose_clock_is_wrong_makes_no_time(marks: list[Mark], off_s: list[int]) -> None:
    crooked = [
        replace(mark, at=mark.at + timedelta(seconds=off))
        for mark, off in zip(marks, [0, *off_s, *[0] * len(marks)], strict=False)
    ]
    face = resolve(crooked, marks[-1].at)
    last = max(mark.at for mark in crooked)
    assert 0 <= face.used_s <= (max(last, marks[-1].at) - crooked[0].at).total_seconds()


# -- the log as marks ---------------------------------------------------------------------------
def line(seq: int, kind: str, moment: str, by: str = Actor.CENTRE, **facts: Any) -> Line:
    states = {"plan": State.PLANNED, "ask_reporter": State.WAITING_FOR_REPORTER}
    state = MOVES[kind].to or states.get(kind) or State.PLANNED
    return Line(seq, at(moment).astimezone(UTC), kind, state, by, {"set": facts} if facts else {})


LINES = [
    line(1, "submit", "2026-11-16T07:30", Actor.REPORTER, terms="usual", emergency=False),
    line(2, "assign", "2026-11-16T09:30"),
    line(3, "plan", "2026-11-16T11:30", Actor.AGENCY, planned_for="2026-11-19"),
    line(4, "note", "2026-11-16T14:00"),
]


def test_the_log_as_marks() -> None:
    marks = marks_of(LINES, PLANS.__getitem__)
    assert [(m.state, m.is_step, m.until) for m in marks] == [
        ("submitted", False, None), ("assigned", True, None),
        ("planned", True, at("2026-11-19T00:00")), ("planned", False, at("2026-11-19T00:00")),
    ]  # fmt: skip
    assert [mark.clock_plan for mark in marks] == [USUAL, None, None, None]


def test_who_is_waited_for_has_all_of_the_last_day() -> None:
    asked = line(5, "ask_reporter", "2026-11-16T15:00", waiting_until="2026-11-23")
    marks = marks_of([*LINES, asked], PLANS.__getitem__)
    assert marks[-1].until == at("2026-11-24T00:00")


def test_what_was_taken_back_never_was() -> None:
    change = line(5, "change", "2026-11-16T15:00", terms="other", category="x")
    back = Line(6, at("2026-11-16T15:00:05"), "undo", State.PLANNED, Actor.CENTRE, {"undoes": 5})
    assert marks_of([*LINES, change, back], PLANS.__getitem__) == marks_of(LINES, PLANS.__getitem__)


def test_an_emergency_set_alone_changes_the_rules() -> None:
    urgent = line(5, "change", "2026-11-19T00:00", emergency=True)
    face = resolve(marks_of([*LINES, urgent], PLANS.__getitem__), at("2026-11-19T03:00"))
    assert (face.budget_s, face.used_s) == (24 * HOUR, 7 * HOUR)


@pytest.mark.parametrize("name", ["submit", "route", "answer", "note", "escalate", "no_answer"])
def test_what_is_no_step_of_staff_stops_no_clock(name: str) -> None:
    staff = bool({Actor.AGENCY, Actor.CENTRE} & set(MOVES[name].by))
    marks = [
        Mark(MONDAY, State.SUBMITTED, "submit", staff=False),
        Mark(at("2026-11-16T09:30"), State.ASSIGNED, name, staff=staff),
    ]
    faces = read(marks, at("2026-11-16T11:30"))
    assert faces["acknowledge"].state == "running"
    assert faces["dwell"].used_s == 4 * HOUR
