"""Writes: browsers that ask to be told, and that ask for silence again."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ioc.reports import push
from ioc.reports.models import PushSubscription, Report

MAX_BROWSERS = 20


@transaction.atomic
def subscribe(
    *,
    report: Report | None,
    user: Any,
    key_digest: UUID | None,
    endpoint: str,
    p256dh: str,
    auth: str,
    language: str,
) -> PushSubscription:
    """A browser that hears of a report, or of all that concerns a person; again is the same one.

    One reader keeps their latest browsers. Raises Refused for what no browser's push service is.
    """
    push.check_subscription(endpoint, p256dh, auth)
    one, _new = PushSubscription.objects.update_or_create(
        report=report,
        user=user,
        endpoint=endpoint,
        defaults={
            "key_digest": key_digest,
            "p256dh": p256dh,
            "auth": auth,
            "language": language,
            "gone_at": None,
        },
    )
    theirs = PushSubscription.objects.filter(report=report, user=user, key_digest=key_digest)
    extra = theirs.order_by("-id").values_list("pk", flat=True)[MAX_BROWSERS:]
    PushSubscription.objects.filter(pk__in=list(extra)).delete()
    return one


def unsubscribe(*, report: Report | None, user: Any, endpoint: str) -> int:
    """Ends what a browser hears of one report, or of a person's things alone.

    How much else it still hears of: where nothing is left it may give its subscription up.
    Whoever names the endpoint is the browser: nobody else knows it.
    """
    browser = PushSubscription.objects.filter(endpoint=endpoint, gone_at=None)
    browser.filter(report=report, user=user).update(gone_at=timezone.now())
    return browser.count()
