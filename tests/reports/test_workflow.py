"""No path leads to a state that is not declared, and the log alone tells the case."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.reports import ledger
from ioc.reports.message_words import KINDS
from ioc.reports.workflow import (
    CLOSED,
    COLORS,
    DESK_MOVES,
    MOVES,
    OPEN,
    REASONS,
    TITLES,
    Actor,
    State,
    after,
    allowed,
)

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
BY_TIME_OR_MACHINE = {"submit", "undo"}


@st.composite
def logs(draw):
    """A log that only allowed moves wrote, some of them taken back, and its states one by one."""
    lines = [ledger.Line(1, START, "submit", State.SUBMITTED, Actor.REPORTER)]
    states = [str(State.SUBMITTED)]
    for _ in range(draw(st.integers(0, 25))):
        at = lines[-1].at + timedelta(seconds=draw(st.integers(0, 10**6)))
        seq = lines[-1].seq + 1
        if draw(st.booleans()) and lines[-1].kind in DESK_MOVES and MOVES[lines[-1].kind].undoable:
            back = ledger.standing_of(lines[:-1])
            detail = {"undoes": lines[-1].seq}
            lines.append(ledger.Line(seq, at, "undo", back.state, Actor.CENTRE, detail))
            states.append(back.state)
            continue
        state = states[-1]
        moves = [
            (name, actor)
            for name, move in MOVES.items()
            for actor in move.by
            if name not in BY_TIME_OR_MACHINE and allowed(name, state, actor)
        ]
        name, actor = draw(st.sampled_from(moves))
        facts = {"set": {"agency": draw(st.sampled_from(["a", "b"]))}} if name == "assign" else {}
        lines.append(ledger.Line(seq, at, name, after(name, state), actor, facts))
        states.append(str(after(name, state)))
    return lines, states


@given(logs())
@settings(max_examples=300, deadline=None)
def test_the_log_tells_the_state_whenever_it_is_read(drawn):
    lines, states = drawn
    for length in range(1, len(lines) + 1):
        standing = ledger.standing_of(lines[:length])
        assert standing.state == states[length - 1]
        assert standing.state in State.values
        assert (standing.closed_at is not None) == (standing.state in CLOSED)
        assert standing.version == length


@given(logs(), st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_order_in_which_lines_are_fetched_does_not_matter(drawn, random):
    lines, _states = drawn
    mixed = list(lines)
    random.shuffle(mixed)
    assert ledger.standing_of(mixed) == ledger.standing_of(lines)


@given(logs())
@settings(max_examples=200, deadline=None)
def test_taking_back_leaves_no_trace_but_its_lines(drawn):
    lines, _states = drawn
    gone = ledger.undone(lines)
    kept = [line for line in lines if line.seq not in gone and line.kind != "undo"]
    told, plain = ledger.standing_of(lines), ledger.standing_of(kept)
    assert (told.state, told.facts, told.reopened, told.closed_at, told.ack_at) == (
        plain.state, plain.facts, plain.reopened, plain.closed_at, plain.ack_at,
    )  # fmt: skip


def test_each_state_can_be_reached_and_left_and_has_words():
    reached = {move.to for move in MOVES.values() if move.to}
    assert reached == set(State)
    for state in State:
        assert TITLES[state].vi and TITLES[state].en and COLORS[state]
        leaving = {n for n, m in MOVES.items() if state in m.source and m.to not in (None, state)}
        assert leaving, state
    assert set(OPEN) | set(CLOSED) == set(State)


def test_each_move_says_what_it_needs_in_both_languages():
    for name, move in MOVES.items():
        assert move.title.vi and move.title.en and move.done.vi and move.done.en, name
        for need in move.needs:
            assert need.title.vi and need.title.en, (name, need.name)
            if need.type == "reason":
                assert all(text.vi and text.en for text in REASONS[name].values())
        for kind, _to in move.emits:
            assert kind in KINDS, (name, kind)


@pytest.mark.parametrize("state", CLOSED)
def test_a_closed_case_is_changed_by_nobody_but_to_open_it_again(state):
    possible = {
        after(name, state)
        for name, move in MOVES.items()
        for actor in move.by
        if allowed(name, state, actor)
    }
    assert possible <= {state, State.REOPENED, State.TRIAGED}
