"""Appending to a case's log, and keeping the row of the case what its log says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from ioc.accounts.models import Agency
from ioc.reports import clocks, ledger, messages, statistics, terms, webhooks
from ioc.reports.models import Moderation, Report, ReportEvent
from ioc.reports.workflow import MOVES, Actor, after
from layers import changes

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is to be written: who did what, in what part, with which words and consequences."""

    kind: str
    by: Any = None
    by_kind: str = Actor.SYSTEM
    facts: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    public_words: str = ""
    private_words: str = ""
    key: UUID | None = None
    at: datetime | None = None
    state: str = ""
    """Where it is not the one that the move leads to: taking back leads to an earlier one."""


def locked(report_id: int) -> Report:
    """The report's row, ours until the transaction ends."""
    return Report.objects.select_for_update(of=("self",)).get(pk=report_id)


@transaction.atomic(savepoint=False)
def begin(report: Report, *entries: Entry) -> list[ReportEvent]:
    """Write a report that is not in the database yet, with the first lines of its log.

    Nobody is told yet: `announce` does, once there is a reporter to tell.
    """
    events = _events(report, entries)
    derive(report, [_line(event) for event in events])
    report.save(force_insert=True)
    return _written(report, events)


@transaction.atomic
def append(report: Report, *entries: Entry, tell: bool = True) -> list[ReportEvent]:
    """Write lines to the log of a report that the caller has locked, and derive its row anew.

    `tell` False: nobody hears of it, as of history that is loaded afterwards.
    """
    before = lines_of(report)
    events = _events(report, entries)
    derive(report, [*before, *map(_line, events)])
    report.save()
    _written(report, events)
    if tell:
        announce(events)
    return events


@transaction.atomic
def rebuild(report: Report) -> list[str]:
    """Names of the columns that were not what the log says; they are now."""
    derived = ("state", "version", "closed_at", "ack_at", "reopened", "on_map", *COLUMNS, *DUE)
    names = [f"{name}_id" if name in KEYS else name for name in derived]
    before = {name: getattr(report, name) for name in names}
    derive(report, lines_of(report))
    wrong = [name for name in names if getattr(report, name) != before[name]]
    if wrong:
        report.save()
        tell_map(report)
    return wrong


def announce(events: Sequence[ReportEvent], *, nobody: frozenset[str] = frozenset()) -> None:
    """Queue what people and other software hear of these steps, in the same transaction.

    `nobody` are those who cannot be reached, so that nobody looks for them.
    """
    for event in events:
        report = event.report
        for kind, to in MOVES[event.kind].emits:
            if to in nobody:
                continue
            messages.queue(
                key=f"{report.code}-{event.seq}-{kind}",
                report=report,
                event=event,
                kind=kind,
                to=to,
                not_before=awake_at(report, event.at) if to in STAFF else None,
            )
        webhooks.queue(event)


def awake_at(report: Report, at: datetime) -> datetime:
    """When staff may be told: in working hours, of an emergency at once."""
    if report.terms_id is None:
        return at
    return clocks.awake_at(terms.content(report.terms_id), at)


def _written(report: Report, events: list[ReportEvent]) -> list[ReportEvent]:
    ReportEvent.objects.bulk_create(events)
    statistics.mark(report)
    tell_map(report)
    for event in events:
        log.info("report-moved", code=report.code, move=event.kind, state=event.state)
    return events


def _events(report: Report, entries: tuple[Entry, ...]) -> list[ReportEvent]:
    state, events = report.state, []
    for number, entry in enumerate(entries, report.version + 1):
        state = entry.state or after(entry.kind, state)
        events.append(_event(report, entry, number, state))
    return events


def _event(report: Report, entry: Entry, number: int, state: str) -> ReportEvent:
    person = entry.by if entry.by is not None and entry.by.is_authenticated else None
    facts = {"set": dict(entry.facts)} if entry.facts else {}
    return ReportEvent(
        report=report,
        seq=number,
        key=entry.key,
        at=entry.at or timezone.now(),
        kind=entry.kind,
        state=state,
        by=person if entry.by_kind != Actor.REPORTER else None,
        by_kind=entry.by_kind,
        agency_id=person.agency_id if person and entry.by_kind == Actor.AGENCY else None,
        public=MOVES[entry.kind].public,
        public_words=entry.public_words,
        private_words=entry.private_words,
        detail={**entry.detail, **facts},
    )


def _line(event: ReportEvent) -> ledger.Line:
    return ledger.Line(
        event.seq or 0, event.at, event.kind, event.state, event.by_kind, event.detail
    )


def lines_of(report: Report) -> list[ledger.Line]:
    """The report's log as the ledger reads it."""
    rows = report.events.order_by("seq").values_list(
        "seq", "at", "kind", "state", "by_kind", "detail"
    )
    return [ledger.Line(*row) for row in rows]


def derive(report: Report, lines: list[ledger.Line]) -> None:
    """Make the row, unsaved, what the log says."""
    standing = ledger.standing_of(lines)
    report.state = standing.state
    report.version = standing.version
    report.changed_at = standing.changed_at or report.received_at
    report.closed_at = standing.closed_at
    report.ack_at = standing.ack_at
    report.reopened = standing.reopened
    _set_facts(report, standing.facts)
    report.on_map = report.moderation == Moderation.CLEAR and report.parent_id is None
    terms.set_clocks(report, lines)


STAFF = frozenset({"agency", "officer", "centre"})
DUE = ("ack_due_at", "resolve_due_at", "resolve_warn_at", "dwell_due_at")
"""Of the clocks' columns, those that do not change as time goes by."""
COLUMNS: dict[str, Any] = {
    "agency": None, "officer": None, "category": None, "emergency": False, "terms": None,
    "parent": None, "duplicate_of": None, "moderation": Moderation.CLEAR, "routed": None,
    "suggested": None, "satisfied": "", "planned_for": None, "waiting_until": None,
}  # fmt: skip
"""What lines may set, with the value where no line has."""
KEPT = frozenset({"category", "emergency", "terms", "parent"})
"""What stands in the row from its beginning and stays where no line has set it."""
KEYS = frozenset({"agency", "officer", "category", "terms", "parent", "duplicate_of"})


def _set_facts(report: Report, facts: Mapping[str, Any]) -> None:
    for name, unset in COLUMNS.items():
        if name not in facts and name in KEPT:
            continue
        value = facts.get(name, unset)
        if name == "agency":
            report.agency = _agency(report, value)
        elif name in KEYS:
            setattr(report, f"{name}_id", value)
        elif name in {"planned_for", "waiting_until"}:
            setattr(report, name, date.fromisoformat(value) if value else None)
        else:
            setattr(report, name, value)


def _agency(report: Report, code: str | None) -> Agency | None:
    if code is None:
        return None
    if report.agency is not None and report.agency.code == code:
        return report.agency
    return Agency.objects.get(code=code)


def tell_map(report: Report, at: datetime | None = None) -> None:
    """Record the live change of a report as it stands, dated by its last step or by `at`."""
    report.icon = report.category.icon  # type: ignore[attr-defined]
    changes.upsert("reports", report, at=at)
