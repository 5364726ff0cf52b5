"""What time alone does to cases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone

from geo.models import Notice
from ioc.accounts.models import Agency, User
from ioc.accounts.roles import Role
from ioc.reports import escalation, terms
from ioc.reports.actions.log import Entry, append, locked, rebuild
from ioc.reports.models import Message, Report
from ioc.reports.workflow import Actor, State
from layers.models import PendingChange
from tests.reports.factories import make_report

HUE = ZoneInfo("Asia/Ho_Chi_Minh")
# The usual plan: 8 h to acknowledge, 56 h to resolve, 24 h between steps; 7.5 h are a day.


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HUE)


MONDAY = at("2026-11-16T07:30")
TUESDAY = at("2026-11-17T08:00")  # eight working hours after MONDAY
WEDNESDAY = at("2026-11-18T09:00")


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is always MONDAY, but for what is told otherwise."""
    monkeypatch.setattr(timezone, "now", lambda: MONDAY)


@pytest.fixture
def operator(city: Any) -> User:
    return User.objects.create_user("operator", role=Role.OPERATOR)


@pytest.fixture
def officer(city: Any) -> User:
    agency = Agency.objects.create(code="urban", name_vi="Đô thị", name_en="Urban")
    return User.objects.create_user("officer", role=Role.AGENCY_OFFICER, agency=agency)


def received(moment: datetime = MONDAY, **values: Any) -> Report:
    """A report that came at that moment: the demonstration's door lets time be told."""
    return make_report(synthetic=True, device_at=moment, **values)


def move(report: Report, kind: str, moment: datetime, by: str = Actor.CENTRE, **facts: Any) -> None:
    with transaction.atomic():
        append(locked(report.pk), Entry(kind=kind, by_kind=by, at=moment, facts=facts))
    report.refresh_from_db()


def due(report: Report) -> datetime:
    assert report.resolve_due_at is not None
    return report.resolve_due_at


def escalated(report: Report) -> list[tuple[str, float, str]]:
    details = report.events.filter(kind="escalate").order_by("seq").values_list("detail", flat=True)
    return [(d["clock"], d["share"], d["to"]) for d in details]


def test_a_case_nobody_has_is_told_to_the_centre_once(operator: User) -> None:
    report = received()
    assert report.next_escalation_at == TUESDAY
    assert escalation.escalate(TUESDAY - timedelta(seconds=1)) == 0
    assert escalation.escalate(TUESDAY) == 1
    assert escalation.escalate(TUESDAY) == 0
    assert escalated(report) == [("acknowledge", 1.0, "centre")]
    notice = Notice.objects.get(kind="report-escalated")
    assert (notice.severity, notice.feature_id) == ("moderate", str(report.pk))
    assert Message.objects.filter(user=operator, report=report).exists()
    report.refresh_from_db()
    # Dwell is next: 24 h, which is as long after MONDAY.
    assert report.next_escalation_at == at("2026-11-19T09:00")


def test_what_was_missed_while_nothing_ran_is_made_up_and_no_touch_helps(officer: User) -> None:
    report = received()
    move(report, "assign", at("2026-11-16T08:30"), agency="urban")
    for day in range(17, 28):
        move(report, "note", at(f"2026-11-{day}T10:00"), Actor.AGENCY)
        move(report, "take", at(f"2026-11-{day}T10:00"), Actor.AGENCY, officer=officer.pk)
    monday = at("2026-11-30T10:00")
    assert escalation.escalate(monday) == 1
    # 56 h are over on the 26th (the 24th is a holiday); dwell began anew on the 27th.
    assert escalated(report) == [("resolve", 0.8, "agency"), ("resolve", 1.0, "agency")]
    assert not Notice.objects.filter(kind="report-escalated").exists()
    assert Message.objects.filter(user=officer, report=report).count() >= 2


def test_staff_sleep_at_night_unless_it_is_an_emergency(operator: User) -> None:
    night = at("2026-11-17T23:00")
    calm, urgent = received(), received(night, emergency=True)
    assert escalation.escalate(night + timedelta(minutes=29)) == 0
    calm.refresh_from_db()
    assert calm.next_escalation_at == at("2026-11-18T07:30")
    assert escalation.escalate(night + timedelta(minutes=30)) == 1
    assert escalated(urgent) == [("acknowledge", 1.0, "centre")]
    assert Notice.objects.get(kind="report-escalated").severity == "severe"
    assert escalation.escalate(at("2026-11-18T07:30")) == 1
    assert escalated(calm) == [("acknowledge", 1.0, "centre")]


def test_one_case_that_fails_keeps_no_other_waiting(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = received(), received(MONDAY + timedelta(minutes=5))
    tell = escalation._tell

    def fail(report: Report, *rest: Any) -> None:
        if report.pk == first.pk:
            raise RuntimeError("broken")
        tell(report, *rest)

    monkeypatch.setattr(escalation, "_tell", fail)
    assert escalation.escalate(WEDNESDAY) == 1
    assert (escalated(first), len(escalated(second))) == ([], 1)
    monkeypatch.undo()
    assert escalation.escalate(WEDNESDAY) == 1
    assert len(escalated(first)) == 1


def test_closed_or_held_is_not_escalated(operator: User) -> None:
    closed, held = received(), received()
    move(closed, "reject", at("2026-11-16T09:00"))
    move(held, "hide", at("2026-11-16T09:00"), moderation="held")
    assert closed.next_escalation_at is None
    assert escalation.escalate(WEDNESDAY) == 0


def test_late_is_marked_on_the_map_however_late_it_runs(city: Any) -> None:
    late, open_, closed = received(), received(at("2026-11-20T07:30")), received()
    move(closed, "reject", at("2026-11-17T09:00"))
    PendingChange.objects.all().delete()
    after_all = due(late) + timedelta(days=1)
    assert escalation.mark_overdue(due(late)) == 0
    assert escalation.mark_overdue(after_all) == 1
    assert escalation.mark_overdue(after_all) == 0
    assert set(Report.objects.filter(overdue=True)) == {late}
    assert [c.feature_id for c in PendingChange.objects.all()] == [str(late.pk)]
    # A line added later says the same as the mark.
    version = late.version
    move(late, "note", after_all)
    assert late.overdue and late.version == version + 1
    move(late, "reject", after_all)
    assert not late.overdue
    open_.refresh_from_db()
    assert not open_.overdue


def test_waits_end_by_themselves(officer: User) -> None:
    planned, asked, waiting = received(), received(), received()
    for report in (planned, asked, waiting):
        move(report, "assign", at("2026-11-16T09:30"), agency="urban")
    move(planned, "plan", at("2026-11-16T10:30"), Actor.AGENCY, planned_for="2026-11-19")
    move(asked, "ask_reporter", at("2026-11-16T10:30"), Actor.AGENCY, waiting_until="2026-11-19")
    move(waiting, "wait_third_party", at("2026-11-16T10:30"), Actor.AGENCY)
    due_at = planned.resolve_due_at
    assert due_at is not None and planned.paused and waiting.resolve_due_at is None
    assert escalation.end_waits(at("2026-11-18T23:59")) == 0
    assert escalation.end_waits(at("2026-11-19T00:01")) == 1
    assert escalation.end_waits(at("2026-11-19T23:59")) == 0
    assert escalation.end_waits(at("2026-11-25T00:01")) == 1
    for report in (planned, asked, waiting):
        report.refresh_from_db()
    assert (planned.state, asked.state) == (State.IN_PROGRESS, State.IN_PROGRESS)
    assert asked.events.filter(kind="no_answer").count() == 1
    assert waiting.state == State.WAITING_FOR_THIRD_PARTY  # nobody said until when
    assert (planned.planned_for, asked.waiting_until) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_sweeps_beside_each_other_do_everything_once(city: Any) -> None:
    reports = [received() for _n in range(12)]

    def sweep(_n: int) -> tuple[int, int]:
        try:
            late = due(reports[0]) + timedelta(minutes=1)
            return escalation.escalate(WEDNESDAY), escalation.mark_overdue(late)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(sweep, range(3)))
    rest = escalation.escalate(WEDNESDAY)  # what one held while another asked
    assert sum(told for told, _late in done) + rest == 12
    assert sum(late for _told, late in done) == 12
    assert all(len(escalated(report)) == 1 for report in reports)
    assert Notice.objects.filter(kind="report-escalated").count() == 12


def test_a_case_older_than_its_terms_is_given_some(operator: User) -> None:
    report = received()
    Report.objects.filter(pk=report.pk).update(terms=None, **terms.NO_CLOCKS)
    assert escalation.escalate(WEDNESDAY) == 0
    assert escalation.adopt() == 1
    assert escalation.adopt() == 0
    assert escalation.escalate(WEDNESDAY) == 1
    assert escalated(report) == [("acknowledge", 1.0, "centre")]


def test_the_row_is_what_the_log_says(officer: User) -> None:
    """Clocks in the row, made again from the log alone."""
    report = received()
    move(report, "assign", at("2026-11-16T09:30"), agency="urban")
    names = [name for name in terms.NO_CLOCKS if name != "overdue"]
    kept = {name: getattr(report, name) for name in names}
    assert kept["next_clock"] == "dwell" and kept["resolve_due_at"] == at("2026-11-26T11:00")
    Report.objects.filter(pk=report.pk).update(**terms.NO_CLOCKS)
    report.refresh_from_db()
    assert "resolve_due_at" in rebuild(report)
    assert {name: getattr(report, name) for name in names} == kept
    assert rebuild(report) == []
