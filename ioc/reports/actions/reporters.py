"""What the sender of a report, and those who follow it, do afterwards."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.reports import limits, photos
from ioc.reports.actions.log import Entry, append, locked
from ioc.reports.actions.moves import count_me_too
from ioc.reports.actions.submit import digest_of, keep_photos, plain_words
from ioc.reports.models import Follower, Report, ReporterWords
from ioc.reports.workflow import REASONS, Actor, State, allowed

FOLLOWS_PER_HOUR = 120
REOPEN_DAYS = 30
VERDICTS = ("satisfied", "accepts", "not_satisfied")


@transaction.atomic
def follow(
    report: Report, client_key: UUID, *, user: Any, address: str, email: str = "",
    language: str = "vi",
) -> int:  # fmt: skip
    """How many others have the same trouble, this one among them; twice is once.

    Raises Refused: too-many-reports, own-report.
    """
    digest = digest_of(client_key)
    if report.client_key == digest:
        raise Refused("own-report", _("This is your own report; you follow it already."))
    if not Follower.objects.filter(report=report, key_digest=digest).exists():
        limits.count(f"follows-from-{address}", FOLLOWS_PER_HOUR)
    person = user if user is not None and user.is_authenticated else None
    Follower.objects.get_or_create(
        report=report,
        key_digest=digest,
        defaults={"user": person, "email": email, "language": language},
    )
    count_me_too(report.pk)
    return Report.objects.values_list("me_too", flat=True).get(pk=report.pk)


@transaction.atomic
def unfollow(report: Report, client_key: UUID) -> int:
    """How many still have the same trouble."""
    Follower.objects.filter(report=report, key_digest=digest_of(client_key)).delete()
    count_me_too(report.pk)
    return Report.objects.values_list("me_too", flat=True).get(pk=report.pk)


def answer(report: Report, *, key: UUID, words: str, pictures: Sequence[bytes] = ()) -> None:
    """The question is answered and work goes on; the same `key` again changes nothing.

    Raises Refused: invalid-input, not-now, and what photos may be refused for.
    """
    said = plain_words(words)
    if not said and not pictures:
        message = _("Write an answer or add a photo.")
        raise Refused("invalid-input", message, status=422, fields={"words": message})
    if len(pictures) > limits.MAX_PHOTOS:
        message = _("An answer carries at most three photos.")
        raise Refused("too-many-photos", message, fields={"photo": message})
    clean = [photos.clean(data) for data in pictures]
    with transaction.atomic():
        report = locked(report.pk)
        if report.events.filter(key=key).exists():
            return
        _check(report, "answer")
        facts = {"waiting_until": None}
        detail = {"photos": len(clean)}
        (event,) = append(
            report,
            Entry(kind="answer", by_kind=Actor.REPORTER, key=key, facts=facts, detail=detail),
        )
        ReporterWords.objects.create(event=event, words=said)
        keep_photos(report, clean, event=event)


def rate(report: Report, *, key: UUID, verdict: str, reason: str = "", words: str = "") -> None:
    """The answer is judged; not satisfied opens the report again. The same `key` again is once.

    Raises Refused: invalid-input, not-now, too-late.
    """
    said = plain_words(words)
    if verdict not in VERDICTS:
        message = _("Say whether you are satisfied.")
        raise Refused("invalid-input", message, status=422, fields={"verdict": message})
    unhappy = verdict == "not_satisfied"
    if unhappy and reason not in REASONS["dispute"]:
        message = _("Choose one of the reasons.")
        raise Refused("invalid-input", message, status=422, fields={"reason": message})
    with transaction.atomic():
        report = locked(report.pk)
        if report.events.filter(key=key).exists():
            return
        _check(report, "dispute" if unhappy else "rate")
        until = rate_until(report)
        if until is None or timezone.now() > until:
            raise Refused("too-late", _("The time for this is over. Please send a new report."))
        (event,) = append(
            report,
            Entry(
                kind="dispute" if unhappy else "rate",
                by_kind=Actor.REPORTER,
                key=key,
                facts={"satisfied": verdict},
                detail={"reason": reason} if unhappy else {},
            ),
        )
        if said:
            ReporterWords.objects.create(event=event, words=said)


def rate_until(report: Report) -> Any:
    """Until when the sender may judge the answer; None while there is none."""
    if report.closed_at is None or report.state == State.DUPLICATE:
        return None
    days = REOPEN_DAYS
    if report.terms is not None:
        days = report.terms.content["plan"].get("reopen_days", REOPEN_DAYS)
    return report.closed_at + timedelta(days=days)


def _check(report: Report, name: str) -> None:
    if not allowed(name, report.state, Actor.REPORTER, report.moderation):
        raise Refused("not-now", _("This report does not wait for an answer now."), status=409)
