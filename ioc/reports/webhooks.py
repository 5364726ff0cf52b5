"""Calls to other software when a report moves: signed, in order, again until they are taken.

Headers and signature are those of https://www.standardwebhooks.com: ``webhook-id`` (the same for
every try, to tell repeats), ``webhook-timestamp`` (Unix seconds) and ``webhook-signature``:
``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``, keyed with the secret's base64
after ``whsec_``. Any 2xx takes a call; 410 says never again.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from geo import addresses, reference
from geo.deleting import delete_in_parts
from geo.errors import Refused
from ioc.reports.models import (
    Moderation,
    Report,
    ReportEvent,
    Sending,
    Webhook,
    WebhookDelivery,
)
from ioc.reports.workflow import CLOSED, TO_SENDER

PRIVATE = frozenset({"note", "suggest", "escalate", "take", "undo"})
"""Steps that are nobody's business outside. Moderation is told: it changes what the public sees."""
UNDO_S = 12
LEASE = timedelta(minutes=5)
MAX_TRIES = 14
TIMEOUT_S = 5  # with the budget, less than the ten seconds that a task has
KEEP = timedelta(days=30)
PREFIX = "whsec_"
NAMES = uuid.UUID("5e0c2f0e-6f3a-4b57-9a55-0f6b8f3f9c11")


def new_secret() -> str:
    """A secret that is shared with one receiver."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def queue(event: ReportEvent, *, delay_s: float = UNDO_S) -> int:
    """How many webhooks will hear of this step; in the caller's transaction, again is harmless."""
    if event.kind in PRIVATE:
        return 0
    known = reference.now().get("webhooks", lambda: list(Webhook.objects.filter(active=True)))
    mine = {None, event.report.agency_id, event.agency_id}
    hooks = [
        hook
        for hook in known
        if hook.agency_id in mine and (not hook.events or event.kind in hook.events)
    ]
    if not hooks:
        return 0
    due_at = timezone.now() + timedelta(seconds=delay_s)
    rows = [WebhookDelivery(webhook=hook, event=event, due_at=due_at) for hook in hooks]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def cancel(event: ReportEvent) -> int:
    """How many calls about an undone step were stopped before their first try."""
    waiting = WebhookDelivery.objects.filter(event=event, state=Sending.PENDING, attempts=0)
    return waiting.update(state=Sending.CANCELLED)


def deliver_due(now: datetime | None = None, *, budget_s: float = 2) -> int:
    """How many calls were taken. Safe beside itself in other processes.

    A webhook that fails is left alone until the next run, so that it holds up nobody else.
    """
    now, end = now or timezone.now(), time.monotonic() + budget_s
    taken = 0
    failing: set[int] = set()
    while time.monotonic() < end:
        delivery = _claim(now, failing)
        if delivery is None:
            break
        if _deliver(delivery, now):
            taken += 1
        else:
            failing.add(delivery.webhook_id)
    return taken


def forget(now: datetime | None = None) -> int:
    """Drops calls to webhooks that were switched off, and what was settled long ago; how many."""
    old = (now or timezone.now()) - KEEP
    idle = WebhookDelivery.objects.filter(state=Sending.PENDING, webhook__active=False)
    idle.update(state=Sending.CANCELLED)
    settled = WebhookDelivery.objects.exclude(state=Sending.PENDING).filter(due_at__lt=old)
    return delete_in_parts(settled)


def _claim(now: datetime, failing: set[int]) -> WebhookDelivery | None:
    """The next call, put off for the others until it is surely over; a crash only delays it.

    Of one report only the oldest call that waits is ever next, so a receiver reads them in order.
    """
    earlier = WebhookDelivery.objects.filter(
        webhook=OuterRef("webhook"),
        event__report=OuterRef("event__report"),
        event__lt=OuterRef("event"),
        state=Sending.PENDING,
    )
    with transaction.atomic(durable=True):
        delivery = (
            WebhookDelivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("webhook", "event")
            .filter(~Exists(earlier), state=Sending.PENDING, due_at__lte=now, webhook__active=True)
            .exclude(webhook__in=failing)
            .order_by("due_at", "id")
            .first()
        )
        if delivery is not None:
            WebhookDelivery.objects.filter(pk=delivery.pk).update(
                due_at=now + LEASE, attempts=F("attempts") + 1
            )
            delivery.attempts += 1
    return delivery


def _deliver(delivery: WebhookDelivery, now: datetime) -> bool:
    """Whether it was taken, or there is nothing to tell any more."""
    hook = delivery.webhook
    body = payload(delivery)
    if body is None:
        return _settle(delivery, Sending.CANCELLED)
    name = call_id(delivery)
    try:
        answer = addresses.send(
            "POST",
            hook.url,
            headers=signed(name, int(time.time()), body, hook.secret),
            body=body,
            timeout_s=TIMEOUT_S,
        )
    except (Refused, addresses.Unreachable) as error:
        code = error.code if isinstance(error, Refused) else str(error)
        return _put_off(delivery, now, None, code)
    if 200 <= answer.status < 300:
        return _settle(delivery, Sending.SENT, answer.status)
    if answer.status == 410:
        Webhook.objects.filter(pk=hook.pk).update(active=False)
        delivery.attempts = MAX_TRIES
    return _put_off(delivery, now, answer.status, "")


def _settle(delivery: WebhookDelivery, state: str, status: int | None = None) -> bool:
    delivery.state, delivery.status_code, delivery.error = state, status, ""
    delivery.sent_at = timezone.now() if state == Sending.SENT else None
    delivery.save(update_fields=["state", "status_code", "error", "sent_at"])
    return True


def _put_off(delivery: WebhookDelivery, now: datetime, status: int | None, error: str) -> bool:
    delivery.status_code, delivery.error = status, error[:200]
    delivery.due_at = now + backoff(delivery.attempts)
    if delivery.attempts >= MAX_TRIES:
        delivery.state = Sending.FAILED
    delivery.save(update_fields=["state", "status_code", "error", "due_at"])
    return False


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many tries: half a minute, doubling to six hours."""
    return timedelta(seconds=min(6 * 3600, 30 * 2 ** max(0, attempts - 1)))


def call_id(delivery: WebhookDelivery) -> str:
    """The same for every try of one call, and for no other."""
    return f"msg_{uuid.uuid5(NAMES, f'{delivery.webhook_id}/{delivery.event_id}').hex}"


def signed(name: str, timestamp: int, body: bytes, secret: str) -> dict[str, str]:
    """The headers of one call."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = secret.encode()
    text = f"{name}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def payload(delivery: WebhookDelivery) -> bytes | None:
    """What one call says, by what its receiver may know now; None where that is nothing.

    The exact place is the agency's whose case it is at this moment; the reporter is nobody's.
    """
    event, hook = delivery.event, delivery.webhook
    report = Report.objects.select_related("category", "district", "agency").get(pk=event.report_id)
    at_work = (
        hook.agency_id is not None
        and hook.agency_id == report.agency_id
        and report.moderation != Moderation.HELD
    )
    if at_work or report.on_map:
        about = _view(report, event, exact=at_work)
    elif event.kind == "hide":
        about = {"code": report.code, "removed": True}
    else:
        return None
    said = {"event": event.kind, "seq": event.seq, "at": event.at, "report": about}
    return orjson.dumps(said, option=orjson.OPT_UTC_Z)


def _view(report: Report, event: ReportEvent, *, exact: bool) -> dict[str, Any]:
    place = report.geom if exact else report.geom_public
    return {
        "code": report.code,
        "url": f"{settings.IOC_PUBLIC_URL.rstrip('/')}/r/{report.code}",
        "state": event.state,
        "status": "closed" if event.state in CLOSED else "open",
        "category": {"code": report.category_id, "title": _named(report.category)},
        "district": {"code": report.district.code, "title": _named(report.district)}
        if report.district
        else None,
        "agency": {"code": report.agency.code, "title": _named(report.agency)}
        if report.agency
        else None,
        "lon": place.x,
        "lat": place.y,
        "exact": exact,
        "words": report.words_public or None,
        "answer": (exact or event.kind not in TO_SENDER) and event.public_words or None,
        "received_at": report.received_at,
        "changed_at": report.changed_at,
        "closed_at": report.closed_at,
        "overdue": report.overdue,
        "me_too": report.me_too,
        "synthetic": report.synthetic,
    }


def _named(row: Any) -> dict[str, str]:
    return {"vi": row.name_vi, "en": row.name_en or row.name_vi}
