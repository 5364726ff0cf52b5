"""A mail server that is slow, silent or gone in the middle: nothing lost, nothing sent twice."""

import socketserver
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from ioc.reports import messages, outbox, tasks
from ioc.reports.models import Message, Sending

pytestmark = pytest.mark.django_db
PHASE_S = 0.75  # the client's patience until it hands the letter over
PATIENCE_S = 30


class Talk(socketserver.StreamRequestHandler):
    """Just enough of SMTP (RFC 5321), with a pause before the answers that `slow` names."""

    def handle(self) -> None:
        self.say("greeting", 220)
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()
            if word == "DATA":
                self.say("data", 354)
                letter = []
                while (row := self.rfile.readline()) not in (b".\r\n", b""):
                    letter.append(row)
                self.server.taken.append(b"".join(letter))
                self.say("end", 250)
            elif word == "QUIT":
                return self.say("quit", 221)
            else:
                self.say(word.lower(), 250)
        return None

    def say(self, phase: str, code: int) -> None:
        time.sleep(self.server.slow.get(phase, 0))
        try:
            self.wfile.write(f"{code} ok\r\n".encode())
        except OSError:
            pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.taken: list[bytes] = []
        self.slow: dict[str, float] = {}


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_TIMEOUT = PHASE_S
        monkeypatch.setattr(outbox, "ANSWER_S", PATIENCE_S)
        monkeypatch.setattr(outbox, "QUIT_S", 0.05)
        yield server
        server.shutdown()


@pytest.fixture
def letter(db: Any) -> Message:
    return Message.objects.create(
        key="1", channel="email", address="lan@example.org", subject="Xin chào", body="Đã nhận."
    )


def state(letter: Message) -> str:
    letter.refresh_from_db()
    return letter.state


def test_a_server_that_thinks_before_it_takes_a_letter_is_waited_for(
    server: Server, letter: Message
) -> None:
    server.slow = {"end": 1.2 * PHASE_S, "quit": 1}
    assert messages.send_due() == 1
    assert (state(letter), letter.address, len(server.taken)) == (Sending.SENT, "", 1)


@pytest.mark.parametrize("phase", ["greeting", "mail", "rcpt"])
def test_slow_before_the_letter_is_tried_again_and_arrives_once(
    server: Server, letter: Message, phase: str
) -> None:
    server.slow = {phase: 2 * PHASE_S}
    assert messages.send_due() == 0
    assert (state(letter), server.taken) == (Sending.PENDING, [])
    assert letter.address and letter.error and letter.due_at > timezone.now()
    server.slow = {}
    assert messages.send_due(timezone.now() + timedelta(minutes=2)) == 1
    assert (state(letter), len(server.taken)) == (Sending.SENT, 1)


def test_a_server_that_has_the_letter_and_never_says_so_gets_it_once(
    server: Server, letter: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "ANSWER_S", 0.1)
    server.slow = {"end": 1}
    for days in range(3):
        messages.send_due(timezone.now() + timedelta(days=days))
    give_up = time.monotonic() + PATIENCE_S
    while not server.taken and time.monotonic() < give_up:  # it may still be reading
        time.sleep(0.01)
    assert (state(letter), len(server.taken)) == (Sending.SENDING, 1)
    assert letter.handed_at is not None and letter.error


def test_a_preparation_that_takes_too_long_hands_nothing_over(
    server: Server, letter: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PREPARE_S", 0)
    assert messages.send_due() == 0
    assert (state(letter), server.taken) == (Sending.PENDING, [])


def test_what_a_killed_process_had_not_handed_over_is_sent_and_it_itself_cannot(
    server: Server, letter: Message
) -> None:
    """The first claims the letter and is thought dead; it wakes up when another has sent it."""
    now = timezone.now()
    first = messages._claim(now, [messages.EMAIL])
    assert first is not None and messages.send_due(now) == 0
    assert messages.mail_is_leaving(now)
    later = now + messages.CLAIM_FOR + timedelta(seconds=1)
    assert not messages.mail_is_leaving(later)
    messages.send_due(later)
    assert state(letter) == Sending.PENDING
    assert messages.send_due(later + timedelta(minutes=2)) == 1
    with pytest.raises(outbox.Lost):
        outbox.deliver(first)
    assert messages._send(first, later) is False
    assert (state(letter), len(server.taken)) == (Sending.SENT, 1)


def test_one_process_at_a_time_is_at_a_slow_server(server: Server, letter: Message) -> None:
    messages._claim(timezone.now(), [messages.EMAIL])
    Message.objects.create(key="2", channel="email", address="an@example.org", subject="2")
    assert tasks.send_mail() == 0 and server.taken == []
    Message.objects.filter(key="1").update(state=Sending.SENT)
    assert tasks.send_mail() == 1


def test_what_is_being_sent_is_found_by_its_own_index(db: Any) -> None:
    """Asked every five seconds, of a table that grows for ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'reports_message_claimed'"
        )
        (said,) = cursor.fetchone()
    assert "(claimed_at) WHERE" in said and "'sending'" in said
