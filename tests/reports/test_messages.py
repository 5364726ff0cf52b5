"""Messages are queued with their step, sent once, in the reader's language, and forgotten."""

import smtplib
import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.utils import timezone

from geo.text import Text
from ioc.accounts.models import Agency, User
from ioc.reports import messages, outbox
from ioc.reports.message_words import KINDS, said
from ioc.reports.models import Follower, Message, Report, Reporter, Sending
from ioc.reports.workflow import MOVES
from tests.reports.factories import make_report

pytestmark = pytest.mark.django_db
LATER = timedelta(seconds=60)


@pytest.fixture
def report(city: Any) -> Report:
    made = make_report()
    Reporter.objects.filter(report=made).update(email="Lan@example.org", language="vi")
    made.agency = Agency.objects.create(
        code="env", name_vi="Công ty Môi trường", name_en="Environment company", email="env@hue.vn"
    )
    Message.objects.all().delete()
    return made


def tell(report: Report, kind: str = "question", to: str = "reporter", **more: Any) -> int:
    event = report.events.first()
    event.public_words = "Chỗ nào?"  # as it stands in the log of a real question
    values = {"key": f"{event.pk}:{kind}", "event": event, "kind": kind, "to": to} | more
    return messages.queue(report=report, **values)


def test_every_message_that_a_move_emits_has_words_in_both_languages() -> None:
    emitted = {kind for move in MOVES.values() for kind, _to in move.emits}
    assert emitted | {"escalation", "emergency"} <= set(KINDS)
    facts = dict.fromkeys(
        ("category", "place", "agency", "words", "reason", "planned", "until", "other", "due"),
        Text("chữ", "word"),
    )
    for kind in KINDS:
        vi, en = (said(kind, language, {"code": "HUE-1", **facts}) for language in ("vi", "en"))
        assert vi != en
        assert all("HUE-1" in subject and "{" not in subject + body for subject, body in (vi, en))


def test_lines_without_facts_are_left_out_and_braces_in_words_are_harmless() -> None:
    facts = {"code": "HUE-1", "words": "{code.__class__} {0}", "reason": None}
    assert said("rejected", "en", facts)[1] == "{code.__class__} {0}"


def test_a_question_reaches_the_reporter_after_the_time_to_undo(report: Report) -> None:
    assert tell(report) == 1
    assert messages.send_due() == 0
    assert mail.outbox == []
    assert messages.send_due(timezone.now() + LATER) == 1
    letter = mail.outbox[0]
    assert letter.to == ["Lan@example.org"]
    assert report.code in letter.subject and "Chỗ nào?" in letter.body
    assert f"/r/{report.code}" in letter.body
    assert "Chỗ nào?" in letter.alternatives[0][0]
    row = Message.objects.get()
    assert (row.state, row.address) == (Sending.SENT, "")
    assert "lan@" not in row.key.lower()


def test_the_same_key_again_is_the_same_message_for_whoever_reads_twice(report: Report) -> None:
    Follower.objects.create(
        report=report, key_digest=uuid.uuid4(), email="lan@EXAMPLE.org", language="en"
    )
    Follower.objects.create(
        report=report, key_digest=uuid.uuid4(), email="an@example.org", language="en"
    )
    for _twice in range(2):
        tell(report, "resolved")
        tell(report, "resolved", "followers")
    messages.send_due(timezone.now() + LATER)
    messages.send_due(timezone.now() + LATER)
    assert sorted(letter.to[0].lower() for letter in mail.outbox) == [
        "an@example.org",
        "lan@example.org",
    ]
    subjects = {letter.to[0].lower(): letter.subject for letter in mail.outbox}
    assert subjects["an@example.org"].endswith("resolved")
    assert subjects["lan@example.org"].endswith("đã giải quyết")


def test_undo_stops_what_has_not_left_and_erases_the_address(report: Report) -> None:
    tell(report)
    assert messages.cancel(report.events.first()) == 1
    messages.send_due(timezone.now() + LATER)
    assert mail.outbox == []
    row = Message.objects.get()
    assert (row.state, row.address) == (Sending.CANCELLED, "")


def test_staff_hear_in_working_hours_and_of_emergencies_at_once(report: Report) -> None:
    officer = User.objects.create_user("o", role="agency_officer", agency=report.agency)
    other = User.objects.create_user("p", role="agency_officer")
    User.objects.create_user("c", role="operator", language="en")
    morning = timezone.now() + timedelta(hours=9)
    tell(report, "new-case", "agency", not_before=morning)
    assert {row.address for row in Message.objects.filter(channel="email")} == {"env@hue.vn"}
    assert {row.user for row in Message.objects.filter(channel="app")} == {officer}
    assert {row.due_at for row in Message.objects.all()} == {morning}
    tell(report, "emergency", "centre", not_before=morning)
    urgent = Message.objects.get(subject__startswith="EMERGENCY")
    assert urgent.due_at <= timezone.now()
    assert urgent.user.username == "c"
    assert not Message.objects.filter(user=other).exists()


def test_an_officers_news_never_goes_nowhere(report: Report) -> None:
    operator = User.objects.create_user("c", role="operator")
    officer = User.objects.create_user(
        "o", role="agency_officer", agency=report.agency, email="o@hue.vn"
    )
    report.officer = officer
    tell(report, "answer", "officer", key="1")
    assert {(row.user, row.address) for row in Message.objects.all()} == {
        (officer, ""),
        (officer, "o@hue.vn"),
    }
    Message.objects.all().delete()
    report.officer = report.agency = None
    tell(report, "answer", "officer", key="2")
    assert {row.user for row in Message.objects.all()} == {operator}


def test_the_inbox_is_ones_own_and_shows_what_is_due(report: Report) -> None:
    lan, nam = (User.objects.create_user(name, language="en") for name in ("lan", "nam"))
    Reporter.objects.filter(report=report).update(user=lan)
    tell(report)
    assert messages.inbox(lan) == ([], 0)
    messages.send_due(timezone.now() + LATER)
    (row,), unread = messages.inbox(lan)
    assert (row.subject, unread) == (f"{report.code}: a question to you", 1)
    messages.mark_read(nam, [row.pk])
    assert messages.inbox(lan)[1] == 1
    messages.mark_read(lan, [])
    assert messages.inbox(lan)[1] == 0
    assert messages.inbox(nam) == ([], 0)


def test_an_erased_reporter_hears_no_more(report: Report) -> None:
    Reporter.objects.filter(report=report).update(erased_at=timezone.now())
    assert tell(report) == 0


class Refusing(EmailBackend):
    error: Exception | None = None
    at_open = False

    def open(self) -> None:
        if self.error and self.at_open:
            raise self.error

    def send_messages(self, letters: Any) -> int:
        if self.error:
            raise self.error
        return super().send_messages(letters)


@pytest.fixture
def refusing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    monkeypatch.setattr(Refusing, "error", None)
    monkeypatch.setattr(Refusing, "at_open", False)
    return Refusing


@pytest.mark.parametrize(
    ("error", "at_open", "state"),
    [
        (ConnectionRefusedError(), True, "pending"),
        (smtplib.SMTPAuthenticationError(535, b"no"), True, "pending"),
        (smtplib.SMTPDataError(451, b"later"), False, "pending"),
        (smtplib.SMTPDataError(554, b"never"), False, "failed"),
        (smtplib.SMTPRecipientsRefused({"a": (550, b"unknown")}), False, "failed"),
        (smtplib.SMTPServerDisconnected("gone"), False, "sending"),
        (TimeoutError(), False, "sending"),
    ],
)
def test_only_what_certainly_did_not_leave_is_tried_again(
    report: Report, refusing: Any, error: Exception, at_open: bool, state: str
) -> None:
    refusing.error, refusing.at_open = error, at_open
    tell(report)
    now = timezone.now() + LATER
    assert messages.send_due(now) == 0
    row = Message.objects.get()
    assert (row.state, row.attempts) == (state, 1)
    assert row.error
    assert bool(row.address) == (state != "failed")
    refusing.error = None
    messages.send_due(now + timedelta(days=1))
    assert len(mail.outbox) == (1 if state == "pending" else 0)


def test_it_gives_up_after_some_tries_and_forgets_what_nobody_decided(
    report: Report, refusing: Any
) -> None:
    refusing.error, refusing.at_open = ConnectionRefusedError(), True
    tell(report)
    now = timezone.now() + LATER
    for day in range(messages.MAX_TRIES + 2):
        messages.send_due(now + timedelta(days=day))
    row = Message.objects.get()
    assert (row.state, row.attempts, row.address) == ("failed", messages.MAX_TRIES, "")
    Message.objects.update(state="sending", address="lan@example.org")
    assert messages.forget(now) == 0
    assert messages.forget(now + timedelta(days=30)) == 1
    assert Message.objects.get().address == ""
    assert messages.forget(now + timedelta(days=500)) == 1


def test_waiting_grows_to_six_hours() -> None:
    waits = [messages.backoff(tries).total_seconds() for tries in range(1, 8)]
    assert waits == [60, 240, 960, 3840, 15360, 21600, 21600]


@pytest.mark.django_db(transaction=True)
def test_many_senders_and_a_crash_send_nothing_twice(city: Any, monkeypatch: Any) -> None:
    """Four senders race over twenty messages; one of the letters ends its process at the door."""
    report = make_report()
    Message.objects.all().delete()
    for n in range(20):
        Message.objects.create(
            key=str(n), channel="email", address=f"p{n}@example.org", subject=str(n), body="x"
        )
    left: list[str] = []
    real = messages.deliver

    def slow(message: Message) -> None:
        if message.subject == "7":
            outbox.hand_over(message)
            raise SystemExit
        left.append(message.subject)
        real(message)

    monkeypatch.setattr(messages, "deliver", slow)

    def work() -> None:
        try:
            messages.send_due()
        except SystemExit:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messages.send_due()
    messages.send_due(timezone.now() + timedelta(days=3))
    assert sorted(left, key=int) == [str(n) for n in range(20) if n != 7]
    assert Message.objects.get(subject="7").state == Sending.SENDING
    with transaction.atomic(), pytest.raises(RuntimeError):
        messages.send_due()
    assert report.pk
