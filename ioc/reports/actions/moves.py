"""What staff do with cases: each move checked against the workflow, written once, undoable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.reports import ledger, messages, routing, webhooks
from ioc.reports.actions import fields as given
from ioc.reports.actions import parts
from ioc.reports.actions.log import Entry, append, lines_of, locked, tell_map
from ioc.reports.actions.staleness import stale
from ioc.reports.models import Report, ReportEvent
from ioc.reports.queries import ACT, WORK, me_too_of
from ioc.reports.workflow import DESK_MOVES, MOVES, TITLES, Actor, State, allowed

UNDO_S = 10
MAX_ITEMS = 100


@dataclass(frozen=True)
class Item:
    """A case and the version of it that somebody had before their eyes."""

    code: str
    version: int


@dataclass(frozen=True)
class Result:
    """What became of one case of a move."""

    code: str
    version: int = 0
    state: str = ""
    error: Refused | None = None


def part_of(user: Any, report: Report) -> Actor | None:
    """In what part a member of staff acts on a case; None: in none."""
    if user.has_perm(ACT):
        return Actor.CENTRE
    own = report.agency_id is not None and report.agency_id == getattr(user, "agency_id", None)
    return Actor.AGENCY if own and user.has_perm(WORK) and report.moderation != "held" else None


def moves_of(user: Any, report: Report) -> list[str]:
    """Names of the moves that this person may make with this case now, as the desk shows them."""
    actor = part_of(user, report)
    return [
        name
        for name in DESK_MOVES
        if actor
        and allowed(name, report.state, actor, report.moderation)
        and (not MOVES[name].permission or user.has_perm(MOVES[name].permission))
    ]


def perform(
    user: Any, name: str, items: Sequence[Item], key: UUID, fields: Mapping[str, Any]
) -> list[Result]:
    """What became of each case. One that cannot be moved is named with the reason, the others are.

    The same `key` again changes nothing and answers the same.

    Raises Refused: unknown-move, too-many.
    """
    if name not in DESK_MOVES:
        raise Refused("unknown-move", _("There is no such step."))
    if len(items) > MAX_ITEMS or (len(items) > 1 and not MOVES[name].bulk):
        raise Refused("too-many", _("This step cannot be taken for so many cases at once."))
    return [_one(user, name, item, key, fields) for item in items]


def _one(user: Any, name: str, item: Item, key: UUID, fields: Mapping[str, Any]) -> Result:
    try:
        with transaction.atomic():
            report = _found(user, item.code)
            if ReportEvent.objects.filter(report=report, key=key).exists():
                return Result(report.code, report.version, report.state)
            actor = checked_part(user, report, name, item.version)
            make(report, name, user, actor, key, fields)
            return Result(report.code, report.version, report.state)
    except Refused as refused:
        return Result(item.code, error=refused)


def _found(user: Any, code: str) -> Report:
    row = Report.objects.worked_by(user).with_code(code).values_list("pk", flat=True).first()
    if row is None:
        raise Refused("not-found", _("There is nothing here that you may see."), status=404)
    return locked(row)


def checked_part(user: Any, report: Report, name: str, version: int) -> Actor:
    """The part in which `user` makes the move.

    Raises Refused: forbidden, stale (somebody else acted), not-now (the state does not allow it).
    """
    move, actor = MOVES[name], part_of(user, report)
    if actor is None or (move.permission and not user.has_perm(move.permission)):
        raise Refused("forbidden", _("Your role may not do this."), status=403)
    if version != report.version and name != "note":
        raise stale(report)
    if not allowed(name, report.state, actor, report.moderation):
        message = _("“%(move)s” is not possible while the case is “%(state)s”.")
        words = {"move": str(move.title), "state": str(TITLES[State(report.state)])}
        raise Refused("not-now", message % words, status=409)
    return actor


def make(
    report: Report, name: str, user: Any, actor: str, key: UUID | None, fields: Mapping[str, Any]
) -> ReportEvent:
    """The event of a move of a locked report, with all that follows from it."""
    checked = given.check(report, name, user, actor, fields)
    entry = Entry(
        kind=name,
        by=user,
        by_kind=actor,
        key=key,
        facts=checked.facts,
        detail=checked.detail,
        public_words=checked.public_words,
        private_words=checked.private_words,
    )
    was = report.duplicate_of_id
    (event,) = append(report, entry)
    for effect in checked.effects:
        effect(event)
    if checked.effects:
        tell_map(report)
    for other in {was, report.duplicate_of_id} - {None}:
        count_me_too(other)
    parts.closed_one(report)
    if name == "release":
        route(report)
    return event


def route(report: Report) -> None:
    """Send a report that was held to where a rule sends it."""
    if report.state != State.SUBMITTED or report.agency_id is not None:
        return
    decision = routing.decide(report)
    if decision.rule_id is not None:
        where = {"agency": decision.agency_code}
        facts = where | {"routed": decision.record()}
        append(report, Entry(kind="route", facts=facts, detail=where))


def count_me_too(report_id: int | None) -> None:
    """Make a report's number of people with the same trouble right, and tell the map."""
    if report_id is None:
        return
    report = locked(report_id)
    report.me_too = me_too_of(report)
    report.save(update_fields=["me_too"])
    tell_map(report, timezone.now())


def undo_until(events: Sequence[ReportEvent]) -> datetime | None:
    """Until when these may be taken back; None where they may not."""
    if not events or not all(MOVES[event.kind].undoable for event in events):
        return None
    return min(event.at for event in events) + timedelta(seconds=UNDO_S)


def undo(user: Any, key: UUID) -> list[Result]:
    """Take back what `user` did under `key`, within ten seconds and before anything left the house.

    Raises Refused: not-found, too-late.
    """
    events = list(
        ReportEvent.objects.filter(key=key, by=user).exclude(kind="undo").select_related("report")
    )
    if not events:
        raise Refused("not-found", _("There is nothing to take back."), status=404)
    until = undo_until(events)
    if until is None or timezone.now() > until:
        raise _too_late()
    return [_undo_one(user, event) for event in events]


def _too_late() -> Refused:
    message = _("It is too late to take this back: others may have been told.")
    return Refused("too-late", message, status=409)


def _undo_one(user: Any, event: ReportEvent) -> Result:
    try:
        with transaction.atomic():
            report = locked(event.report_id)
            lines = lines_of(report)
            if event.seq in ledger.undone(lines):
                return Result(report.code, report.version, report.state)
            if report.version != event.seq:
                raise stale(report)
            if messages.left(event):
                raise _too_late()
            actor = part_of(user, report) or event.by_kind
            before = ledger.standing_of([line for line in lines if line.seq != event.seq])
            was = report.duplicate_of_id
            entry = Entry(
                kind="undo",
                by=user,
                by_kind=actor,
                state=before.state,
                detail={"undoes": event.seq, "what": event.kind},
            )
            append(report, entry)
            messages.cancel(event)
            webhooks.cancel(event)
            count_me_too(was)
            return Result(report.code, report.version, report.state)
    except Refused as refused:
        return Result(event.report.code, error=refused)
