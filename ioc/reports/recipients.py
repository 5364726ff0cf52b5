"""Who hears of a step: the reporter, followers, an agency, an officer, the centre; and where."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q

from ioc.accounts.models import User
from ioc.accounts.roles import Role
from ioc.reports.models import Follower, PushSubscription, Report, Reporter

LANGUAGES = ("vi", "en")


@dataclass(frozen=True)
class Reader:
    """One person, or one letter box, and the ways to reach them."""

    language: str
    user: Any = None
    email: str = ""
    subscriptions: tuple[PushSubscription, ...] = ()


def readers(report: Report, to: str) -> list[Reader]:
    """Everybody who is meant by `to`: "reporter", "followers", "agency", "officer" or "centre".

    An officer's news goes to the agency while no officer has the case, an agency's to the centre
    while no agency has it, so that nothing goes nowhere.
    """
    if to == "reporter":
        return list(_reporter(report))
    if to == "followers":
        return [*_followers(report), *_joined(report)]
    if to == "officer" and report.officer is not None:
        return list(_staff([report.officer], mail=True))
    if to in ("officer", "agency") and report.agency is not None:
        box = Reader(settings.LANGUAGE_CODE[:2], email=report.agency.email)
        officers = User.objects.filter(
            agency=report.agency, role=Role.AGENCY_OFFICER, is_active=True
        )
        return [*([box] if box.email else []), *_staff(officers)]
    if to in ("officer", "agency", "centre"):
        return list(_staff(User.objects.filter(role=Role.OPERATOR, is_active=True)))
    raise ValueError(f"Nobody is called {to!r}")


def _reporter(report: Report) -> Iterator[Reader]:
    reporter = Reporter.objects.select_related("user").filter(report=report).first()
    if reporter is None or reporter.erased_at is not None:
        return
    user = reporter.user
    mine = Q(report=report, key_digest=report.client_key) | (Q(user=user) if user else Q())
    email = reporter.email or (user.email if user else "")
    yield Reader(_language(user, reporter.language), user, email, _subscriptions(mine))


def _followers(report: Report) -> Iterator[Reader]:
    rows = list(Follower.objects.filter(report=report).select_related("user"))
    if not rows:
        return
    keys = {row.key_digest for row in rows}
    users = {row.user_id for row in rows if row.user_id}
    found = _subscriptions(Q(report=report, key_digest__in=keys) | Q(user__in=users))
    for row in rows:
        theirs = tuple(
            one
            for one in found
            if (row.user_id and one.user_id == row.user_id)
            or (one.report_id == report.pk and one.key_digest == row.key_digest)
        )
        email = row.email or (row.user.email if row.user else "")
        yield Reader(_language(row.user, row.language), row.user, email, theirs)


def _joined(report: Report, depth: int = 3) -> Iterator[Reader]:
    """Those who sent or follow what was joined to this report."""
    if depth == 0:
        return
    for twin in report.duplicates.all():
        yield from _reporter(twin)
        yield from _followers(twin)
        yield from _joined(twin, depth - 1)


def _staff(people: Iterable[Any], *, mail: bool = False) -> Iterator[Reader]:
    """An officer hears by mail of their own cases alone; the agency's box gets the rest."""
    people = list(people)
    found = _subscriptions(Q(user__in=people, report=None))
    for user in people:
        theirs = tuple(one for one in found if one.user_id == user.pk)
        yield Reader(_language(user, "vi"), user, user.email if mail else "", theirs)


def _subscriptions(wanted: Q) -> tuple[PushSubscription, ...]:
    return tuple(PushSubscription.objects.filter(wanted, gone_at=None))


def _language(user: Any, otherwise: str) -> str:
    spoken = (user.language if user else otherwise)[:2]
    return spoken if spoken in LANGUAGES else "vi"
