"""What the outside needs: proofs of work, push subscriptions, a person's messages."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import AuthenticationError
from ninja.utils import check_csrf
from pydantic import Field

from ioc.accounts.auth import session_or_token
from ioc.reports import messages, proof, push
from ioc.reports.actions import digest_of
from ioc.reports.actions.subscriptions import subscribe, unsubscribe
from ioc.reports.models import Report

router = Router(tags=["reports"])
Number = Annotated[int, Field(ge=1, lt=2**63)]


class Keys(Schema):
    p256dh: str = Field(max_length=120)
    auth: str = Field(max_length=60)


class Browser(Schema):
    endpoint: str = Field(max_length=600)
    keys: Keys


class PushIn(Schema):
    code: str | None = Field(None, max_length=20)
    client_key: UUID | None = None
    language: Literal["vi", "en"] = "vi"
    subscription: Browser


class EndIn(Schema):
    code: str | None = Field(None, max_length=20)
    endpoint: str = Field(max_length=600)


class Ended(Schema):
    left: int
    """How many other things this browser still hears of."""


class PushKey(Schema):
    public_key: str | None


class MessageOut(Schema):
    id: int
    subject: str
    body: str
    url: str
    at: datetime | None
    read: bool


class Inbox(Schema):
    messages: list[MessageOut]
    unread: int


class ReadIn(Schema):
    ids: list[Number] = Field([], max_length=500)


class Unread(Schema):
    unread: int


@router.get("/challenge", auth=None)
def challenge(request: HttpRequest) -> dict[str, Any]:
    """A puzzle for the phone (altcha); an empty object where none is asked for."""
    return proof.challenge()


@router.get("/push/key", response=PushKey, auth=None)
def push_key(request: HttpRequest) -> dict[str, str | None]:
    return {"public_key": push.public_key()}


@router.post("/push", response={204: None}, auth=None)
def push_me(request: HttpRequest, wish: PushIn) -> Status:
    """Tells this browser of one report (its sender's or a follower's key), or of all that
    concerns the signed-in person."""
    browser = wish.subscription
    report, user, digest = None, None, None
    if wish.code:
        report = Report.objects.with_code(wish.code).first()
        digest = digest_of(wish.client_key) if wish.client_key else None
        if report is None or digest is None or not _may_follow(report, digest):
            raise Http404
    else:
        if not request.user.is_authenticated or check_csrf(request) is not None:
            raise AuthenticationError
        user = request.user
    subscribe(
        report=report,
        user=user,
        key_digest=digest,
        language=wish.language,
        endpoint=browser.endpoint,
        p256dh=browser.keys.p256dh,
        auth=browser.keys.auth,
    )
    return Status(204, None)


@router.post("/push/end", response=Ended, auth=None)
def push_no_more(request: HttpRequest, wish: EndIn) -> dict[str, int]:
    """This browser hears no more of one report, or of what concerns the signed-in person."""
    report, user = None, None
    if wish.code:
        report = Report.objects.with_code(wish.code).first()
        if report is None:
            raise Http404
    else:
        if not request.user.is_authenticated or check_csrf(request) is not None:
            raise AuthenticationError
        user = request.user
    return {"left": unsubscribe(report=report, user=user, endpoint=wish.endpoint)}


def _may_follow(report: Report, digest: UUID) -> bool:
    return report.client_key == digest or report.followers.filter(key_digest=digest).exists()


@router.get("/inbox", response=Inbox, auth=session_or_token)
def inbox(request: HttpRequest) -> dict[str, Any]:
    rows, unread = messages.inbox(request.user)
    return {
        "messages": [
            {
                "id": row.pk,
                "subject": row.subject,
                "body": row.body,
                "url": row.url,
                "at": row.sent_at,
                "read": row.read_at is not None,
            }
            for row in rows
        ],
        "unread": unread,
    }


@router.post("/inbox/read", response=Unread, auth=session_or_token)
def read(request: HttpRequest, wish: ReadIn) -> dict[str, int]:
    """Marks messages read: those named, or all."""
    messages.mark_read(request.user, wish.ids)
    return {"unread": messages.inbox(request.user, limit=0)[1]}
