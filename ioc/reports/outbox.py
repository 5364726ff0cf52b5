"""One message out of the house: by mail, or to a browser.

What may have left is marked as *handed over* before its first byte goes, so that whatever ends
before that, a slow server or a killed process, can be tried again without sending twice.
"""

import hashlib
import smtplib
import time
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from geo.addresses import Unreachable
from geo.errors import Refused
from ioc.reports import push
from ioc.reports.models import Message, Sending

PREPARE_S = 12.0
"""Until a letter is handed over; beyond it the server is slow, and is asked again later."""
ANSWER_S = 20.0
"""How long a server that has the letter may take to say so: many look at it first."""
QUIT_S = 1.0


class NotSent(Exception):
    """It certainly did not leave. `again`: another try may do better."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


class Lost(Exception):
    """Another process has the message: this one was thought dead."""


def hand_over(message: Message) -> None:
    """Marks that the message may have left from now on. Raises Lost."""
    at = timezone.now()
    mine = Message.objects.filter(
        pk=message.pk, state=Sending.SENDING, claimed_at=message.claimed_at, handed_at=None
    )
    if not mine.update(handed_at=at):
        raise Lost
    message.handed_at = at


def deliver(message: Message) -> None:
    """Sends one message. Raises NotSent where it certainly did not leave; any other exception
    says that nobody knows."""
    if message.channel == Message.Channel.EMAIL:
        _mail(message)
    else:
        _push(message)


def _mail(message: Message) -> None:
    """Over a connection of its own: one that a server closed in silence would leave us unsure."""
    if not message.address:
        raise NotSent("no address", again=False)
    connection = get_connection()
    letter = _letter(message, connection)
    try:
        letter.message()
    except ValueError as error:
        raise NotSent(f"no letter: {error}", again=False) from error
    end = time.monotonic() + PREPARE_S
    try:
        connection.open()
    except Exception as error:  # whatever it was, no letter has left yet
        raise NotSent(f"mail server: {type(error).__name__}", again=True) from error
    session = getattr(connection, "connection", None)
    if isinstance(session, smtplib.SMTP):
        _hand_over_with_letter(session, message, end)
    else:
        hand_over(message)
    try:
        connection.send_messages([letter])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [answer[0] for answer in error.recipients.values()]
        raise NotSent(f"recipient refused: {codes}", again=max(codes) < 500) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"mail server: {error.smtp_code}", again=error.smtp_code < 500) from error
    except smtplib.SMTPNotSupportedError as error:
        raise NotSent("mail server: address not supported", again=False) from error
    finally:
        _patience(session, QUIT_S)
        connection.close()


def _hand_over_with_letter(session: smtplib.SMTP, message: Message, end: float) -> None:
    """Until the letter itself goes nothing has left, however slowly the server greets."""
    send = session.data

    def data(letter: Any) -> Any:
        if time.monotonic() > end:
            raise NotSent("mail server: slow", again=True)
        hand_over(message)
        _patience(session, ANSWER_S)
        return send(letter)

    session.data = data  # type: ignore[method-assign]


def _patience(session: Any, seconds: float) -> None:
    if isinstance(session, smtplib.SMTP) and session.sock is not None:
        session.sock.settimeout(seconds)


def _address_of(message: Message) -> str:
    """The page a message is about, as a link that works outside the house."""
    base = settings.IOC_PUBLIC_URL.rstrip("/")
    return f"{base}{message.url}" if message.url.startswith("/") else message.url


def _letter(message: Message, connection: Any) -> EmailMultiAlternatives:
    url = _address_of(message)
    with override(message.language):
        why = _("You get this because this address was given for the report or the case.")
        facts = {"subject": message.subject, "body": message.body, "url": url, "why": why}
        html = render_to_string("reports/message.html", {**facts, "language": message.language})
    plain = "\n\n".join(filter(None, [message.body, url, f"-- \n{why}"]))
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    letter = EmailMultiAlternatives(
        message.subject,
        plain,
        to=[message.address],
        connection=connection,
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<{hashlib.sha256(message.key.encode()).hexdigest()[:32]}@{domain}>",
        },
    )
    letter.attach_alternative(html, "text/html")
    return letter


def _push(message: Message) -> None:
    browser = message.subscription
    if browser is None or browser.gone_at is not None:
        raise NotSent("browser gone", again=False)
    payload = {
        "title": message.subject,
        "body": message.body[: push.MAX_WORDS],
        "url": _address_of(message),
        "tag": message.report.code if message.report else str(message.pk),
    }
    urgent = bool(message.report and message.report.emergency and message.user_id)
    hand_over(message)
    try:
        status = push.send(
            browser.endpoint, browser.p256dh, browser.auth, payload=payload, urgent=urgent
        )
    except push.Gone:
        browser.gone_at = timezone.now()
        browser.save(update_fields=["gone_at"])
        raise NotSent("browser gone", again=False) from None
    except Refused as refusal:
        raise NotSent(refusal.code, again=refusal.code == "unknown-host") from refusal
    except Unreachable as error:
        if error.maybe_taken:
            raise
        raise NotSent(f"push service: {error}", again=True) from error
    if not 200 <= status < 300:
        raise NotSent(f"push service: {status}", again=status == 429 or status >= 500)
