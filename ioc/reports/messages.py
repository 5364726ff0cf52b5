"""Messages to people: queued with the step they tell of, sent once, in the reader's language.

A message is taken from the queue in a transaction of its own that is over before anything leaves,
and marked once more when it is handed over. What ended before that is sent again by itself; what
ended after it stays *sending*, for nobody knows whether it arrived: an administrator decides.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from geo.deleting import delete_in_parts
from geo.text import Text
from ioc.reports.message_words import KINDS, said
from ioc.reports.models import Message, Report, ReportEvent, Sending
from ioc.reports.outbox import Lost, NotSent, deliver
from ioc.reports.recipients import Reader, readers
from ioc.reports.workflow import REASONS

UNDO_S = 12
MAX_TRIES = 6
BUDGET_S = 2.0  # one more takes five seconds at worst, and the queue ends a task after ten
CLAIM_FOR = timedelta(minutes=2)
"""How long a process may be at a message before it hands it over; then it is thought dead."""
DECIDE_WITHIN = timedelta(days=7)
KEEP = timedelta(days=365)
EMAIL, PUSH, APP = Message.Channel.EMAIL, Message.Channel.PUSH, Message.Channel.APP


def queue(
    *,
    key: str,
    report: Report,
    event: ReportEvent | None,
    kind: str,
    to: str,
    delay_s: float = UNDO_S,
    not_before: datetime | None = None,
) -> int:
    """How many messages now wait to be sent, written in the caller's transaction.

    One reader gets one message a `key` and channel, however often this is called. `not_before`
    keeps staff's quiet hours; urgent kinds ignore it and the delay.
    """
    due_at = timezone.now() + timedelta(seconds=0 if KINDS[kind].urgent else delay_s)
    if not_before is not None and not KINDS[kind].urgent:
        due_at = max(due_at, not_before)
    facts = _facts(report, event)
    rows = [
        row
        for reader in readers(report, to)
        for row in _rows(reader, key, kind, facts, report=report, event=event, due_at=due_at)
    ]
    unique = {row.key: row for row in rows}
    Message.objects.bulk_create(unique.values(), ignore_conflicts=True, batch_size=500)
    return len(unique)


def cancel(event: ReportEvent) -> int:
    """How many messages about an undone step were stopped before they left."""
    waiting = Message.objects.filter(event=event, state=Sending.PENDING)
    return waiting.update(state=Sending.CANCELLED, address="")


def left(event: ReportEvent) -> bool:
    """Whether somebody has been told of a step already."""
    return Message.objects.filter(event=event, state__in=(Sending.SENDING, Sending.SENT)).exists()


def send_due(
    now: datetime | None = None,
    *,
    budget_s: float = BUDGET_S,
    channels: Sequence[str] = (EMAIL, PUSH),
) -> int:
    """How many messages were sent that were due, over these channels and in the app.

    Safe beside itself in other processes.
    """
    now, end = now or timezone.now(), time.monotonic() + budget_s
    _take_back(now)
    app = Message.objects.filter(channel=APP, state=Sending.PENDING, due_at__lte=now)
    sent = app.update(state=Sending.SENT, sent_at=now)
    while time.monotonic() < end and (message := _claim(now, channels)) is not None:
        sent += _send(message, now)
    return sent


def mail_is_leaving(now: datetime | None = None) -> bool:
    """Whether a process is at a letter just now: one at a time is enough for a slow server."""
    since = (now or timezone.now()) - CLAIM_FOR
    busy = Message.objects.filter(channel=EMAIL, state=Sending.SENDING, claimed_at__gt=since)
    return busy.filter(error="").exists()


def forget(now: datetime | None = None) -> int:
    """Gives up what nobody decided about, with its address, and deletes what is long settled.

    How many rows that were.
    """
    now = now or timezone.now()
    stuck = Message.objects.filter(state=Sending.SENDING, due_at__lt=now - DECIDE_WITHIN)
    done = stuck.update(state=Sending.FAILED, address="")
    settled = Message.objects.exclude(state__in=(Sending.PENDING, Sending.SENDING))
    return done + delete_in_parts(settled.filter(due_at__lt=now - KEEP))


def inbox(user: Any, limit: int = 100) -> tuple[list[Message], int]:
    """A person's latest messages in the app, and how many of all they have not read."""
    mine = Message.objects.filter(user=user, channel=APP, state=Sending.SENT)
    return list(mine.order_by("-id")[:limit]), mine.filter(read_at=None).count()


def mark_read(user: Any, ids: list[int]) -> None:
    """Marks some of a person's messages read; all of them where `ids` is empty."""
    mine = Message.objects.filter(user=user, channel=APP, state=Sending.SENT, read_at=None)
    (mine.filter(pk__in=ids) if ids else mine).update(read_at=timezone.now())


def _rows(
    reader: Reader, key: str, kind: str, facts: dict[str, Any], **shared: Any
) -> Iterator[Message]:
    page = f"/desk/#case={facts['code']}" if KINDS[kind].staff else f"/r/{facts['code']}"

    def row(channel: str, target: Any, language: str, **more: Any) -> Message:
        subject, body = said(kind, language, facts)
        return Message(
            key=_key(key, channel, target),
            channel=channel,
            user=reader.user,
            language=language,
            subject=subject,
            body=body,
            url=page,
            **shared,
            **more,
        )

    if reader.user is not None:
        yield row(APP, reader.user.pk, reader.language)
    if address := reader.email.strip():
        yield row(EMAIL, address.lower(), reader.language, address=address)
    for browser in reader.subscriptions:
        yield row(PUSH, browser.endpoint, browser.language, subscription=browser)


def _key(key: str, channel: str, target: Any) -> str:
    """What makes a message happen once; it does not tell whose it is."""
    return f"{key[:150]}:{channel}:{hashlib.sha256(str(target).encode()).hexdigest()[:24]}"


def _facts(report: Report, event: ReportEvent | None) -> dict[str, Any]:
    detail = event.detail if event else {}
    reasons = REASONS.get(event.kind, {}) if event else {}
    return {
        "code": report.code,
        "category": Text(report.category.name_vi, report.category.name_en),
        "place": _named(report.district) or report.code,
        "agency": _named(report.agency),
        "words": event.public_words if event else "",
        "reason": reasons.get(str(detail.get("reason"))),
        "planned": _day(report.planned_for),
        "until": _day(report.waiting_until),
        "other": report.duplicate_of.code if report.duplicate_of else "",
        "due": _day(report.next_due_at, "H:i d/m/Y"),
    }


def _named(row: Any) -> Text | None:
    return Text(row.name_vi, row.name_en) if row is not None else None


def _day(at: Any, form: str = "d/m/Y") -> str:
    if isinstance(at, datetime):
        at = timezone.localtime(at)
    return date_format(at, form) if at else ""


def _take_back(now: datetime) -> None:
    """Due again is what a process claimed and never handed over: it was killed or cut off."""
    dropped = Message.objects.filter(
        state=Sending.SENDING, handed_at=None, claimed_at__lt=now - CLAIM_FOR
    )
    for message in dropped.order_by("id")[:100]:
        change = _after_failure(message, NotSent("cut off", again=True), now)
        dropped.filter(pk=message.pk, claimed_at=message.claimed_at).update(**change)


def _claim(now: datetime, channels: Sequence[str]) -> Message | None:
    """One message that is this process's to send; the claim is committed on return."""
    with transaction.atomic(durable=True):
        message = (
            Message.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("subscription", "report")
            .filter(state=Sending.PENDING, due_at__lte=now, channel__in=channels)
            .order_by("due_at", "id")
            .first()
        )
        if message is not None:
            message.state, message.attempts = Sending.SENDING, message.attempts + 1
            message.claimed_at, message.handed_at, message.error = timezone.now(), None, ""
            message.save(update_fields=["state", "attempts", "claimed_at", "handed_at", "error"])
    return message


def _send(message: Message, now: datetime) -> bool:
    """Whether it left. What may have left and may not stays *sending*, with the reason."""
    try:
        deliver(message)
    except Lost:
        return False
    except NotSent as error:
        return _put_back(message, error, now)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"[:200]
        if message.handed_at is None:
            return _put_back(message, NotSent(why, again=True), now)
        message.error = why  # it may have left
        message.save(update_fields=["error"])
        return False
    message.state, message.sent_at, message.address = Sending.SENT, timezone.now(), ""
    message.error = ""
    message.save(update_fields=["state", "sent_at", "address", "error"])
    return True


def _put_back(message: Message, error: NotSent, now: datetime) -> bool:
    """False: it certainly did not leave."""
    mine = Message.objects.filter(pk=message.pk, claimed_at=message.claimed_at)
    mine.update(**_after_failure(message, error, now))
    return False


def _after_failure(message: Message, error: NotSent, now: datetime) -> dict[str, Any]:
    """What becomes of what did not leave: later again, or given up with its address erased."""
    change: dict[str, Any] = {"error": str(error)[:200]}
    if error.again and message.attempts < MAX_TRIES:
        return change | {"state": Sending.PENDING, "due_at": now + backoff(message.attempts)}
    return change | {"state": Sending.FAILED, "address": ""}


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many tries: a minute, 4, 16, … at most six hours."""
    return timedelta(seconds=min(6 * 3600, 60 * 4 ** max(0, attempts - 1)))
