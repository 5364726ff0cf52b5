"""Web push: sealed for one browser, signed by this installation, to known services alone."""

import json
import uuid
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.utils import timezone
from py_vapid import Vapid02
from py_vapid.jwt import decode

from geo.errors import Refused
from ioc.accounts.models import User
from ioc.reports import messages, push
from ioc.reports.actions import digest_of
from ioc.reports.models import Follower, Message, PushSubscription
from tests.local_server import LocalServer, local_server
from tests.reports.factories import make_report

API = "/api/v1/reports"


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


class Phone:
    """A browser with its own key pair, as the Push API makes one."""

    def __init__(self, endpoint: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"0123456789abcdef"
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = {"p256dh": text(point), "auth": text(self.secret)}
        self.json = {"endpoint": endpoint, "keys": self.keys, "expirationTime": None}

    def opened(self, body: bytes) -> dict[str, str]:
        plain = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
        )
        read: dict[str, str] = json.loads(plain)
        return read


@pytest.fixture
def service(settings: Any) -> Any:
    settings.IOC_OUTGOING_NETWORKS = ["127.0.0.0/8"]
    settings.IOC_OUTGOING_HTTP = True
    with local_server() as server:
        settings.IOC_PUSH_SERVICES = [f"127.0.0.1:{server.port}"]
        yield server


def test_the_installation_signs_with_one_lasting_key(settings: Any) -> None:
    first = push.public_key()
    assert first == push.public_key()
    assert first is not None and len(first) == 87
    settings.SECRET_KEY = "another"
    assert push.public_key() != first
    settings.IOC_PUSH_SERVICES = []
    assert push.public_key() is None


def test_only_the_browser_reads_it_and_the_service_knows_who_sends(service: LocalServer) -> None:
    phone = Phone(service.url("/push/1"))
    service.answers = [201]
    status = push.send(
        phone.json["endpoint"], **phone.keys, payload={"title": "Xin chào"}, urgent=True
    )
    assert status == 201
    heard = service.heard[0]
    assert phone.opened(heard.body) == {"title": "Xin chào"}
    assert b"Xin" not in heard.body
    assert (heard.headers["content-encoding"], heard.headers["urgency"]) == ("aes128gcm", "high")
    assert Vapid02.verify(heard.headers["authorization"])
    token, key = heard.headers["authorization"].removeprefix("vapid t=").split(",k=")
    assert key == push.public_key()
    claims = decode(token, key)
    assert claims["aud"] == f"http://127.0.0.1:{service.port}"
    assert claims["sub"].startswith("mailto:")


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/push", "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com.example/", "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x", "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com\\@10.0.0.1/", "https://notfcm.googleapis.com/x", "", "x",
        "https://[::1]/", "https://169.254.169.254/latest", "https://fcm.googleapis.com:x/",
    ],
)  # fmt: skip
def test_other_services_are_refused(endpoint: str) -> None:
    with pytest.raises(Refused):
        push.check_subscription(endpoint, **Phone(endpoint).keys)


@pytest.mark.parametrize(
    "change",
    [
        {"auth": "short"}, {"auth": "é" * 22}, {"p256dh": "AAAA"}, {"p256dh": "B" + "A" * 86},
        {"p256dh": ""}, {"auth": ""}, {"p256dh": "*" * 87},
    ],
)  # fmt: skip
def test_keys_no_browser_makes_are_refused(change: dict[str, str]) -> None:
    endpoint = "https://updates.push.services.mozilla.com/wpush/v2/x"
    keys = Phone(endpoint).keys
    push.check_subscription(endpoint, **keys)
    with pytest.raises(Refused):
        push.check_subscription(endpoint, **(keys | change))


@pytest.mark.django_db
def test_a_follower_subscribes_by_key_and_gets_the_answer(
    city: Any, service: LocalServer, client: Client
) -> None:
    report, key = make_report(), uuid.uuid4()
    phone = Phone(service.url("/push/lan"))
    wish = {"code": report.code, "client_key": str(key), "subscription": phone.json}

    def ask(**changes: Any) -> int:
        return client.post(f"{API}/push", wish | changes, "application/json").status_code

    assert ask() == 404
    Follower.objects.create(report=report, key_digest=digest_of(key), language="en")
    assert ask() == 204
    assert ask(language="en") == 204
    assert ask(subscription=phone.json | {"endpoint": "https://evil.example/"}) == 400
    assert PushSubscription.objects.get().language == "en"
    Message.objects.all().delete()
    event = report.events.first()
    messages.queue(key="1", report=report, event=event, kind="resolved", to="followers", delay_s=0)
    service.answers = [500, 429, 201]
    now = timezone.now()
    assert [messages.send_due(now + timedelta(hours=n)) for n in range(4)] == [0, 0, 1, 0]
    body = phone.opened(service.heard[-1].body)
    assert (body["title"], body["tag"]) == (f"{report.code}: resolved", report.code)
    assert body["url"].endswith(f"/r/{report.code}")


@pytest.mark.django_db
def test_a_browser_ends_one_report_and_keeps_the_others(
    city: Any, service: LocalServer, client: Client
) -> None:
    one, other = make_report(), make_report(lon=107.6)
    phone = Phone(service.url("/push/1"))
    endpoint = phone.json["endpoint"]
    for report in (one, other):
        PushSubscription.objects.create(
            report=report, key_digest=report.client_key, endpoint=endpoint, **phone.keys
        )

    def end(endpoint: str = endpoint, **wish: Any) -> Any:
        wish |= {"endpoint": endpoint}
        return client.post(f"{API}/push/end", wish, "application/json")

    assert end(code="HUE-2222-23").status_code == 404
    assert end(code=one.code, endpoint="https://another.example/x").json() == {"left": 0}
    assert PushSubscription.objects.filter(gone_at=None).count() == 2
    for _twice in range(2):
        assert end(code=one.code).json() == {"left": 1}
    Message.objects.all().delete()
    service.answers = [201, 201]
    for report in (one, other):
        messages.queue(
            key=report.code, report=report, event=None, kind="received", to="reporter", delay_s=0
        )
    assert messages.send_due() == 1 and len(service.heard) == 1
    assert phone.opened(service.heard[0].body)["tag"] == other.code
    assert end().status_code == 401
    assert end(code=other.code).json() == {"left": 0}


@pytest.mark.django_db
def test_a_browser_that_is_gone_is_not_asked_again(city: Any, service: LocalServer) -> None:
    report = make_report()
    phone = Phone(service.url("/push/1"))
    PushSubscription.objects.create(
        report=report, key_digest=report.client_key, endpoint=phone.json["endpoint"], **phone.keys
    )
    Message.objects.all().delete()
    service.answers = [410]
    for n in range(2):
        messages.queue(
            key=str(n), report=report, event=None, kind="received", to="reporter", delay_s=0
        )
        assert messages.send_due() == 0
    assert len(service.heard) == 1
    assert PushSubscription.objects.get().gone_at is not None
    assert Message.objects.get().state == "failed"


@pytest.mark.django_db
def test_silence_after_the_message_left_is_not_answered_with_another(
    city: Any, service: LocalServer
) -> None:
    report = make_report()
    phone = Phone(service.url("/push/1"))
    PushSubscription.objects.create(
        report=report, key_digest=report.client_key, endpoint=phone.json["endpoint"], **phone.keys
    )
    Message.objects.all().delete()

    def hang_up(handler: Any) -> None:
        handler.close_connection = True

    service.answers = [hang_up]
    messages.queue(key="1", report=report, event=None, kind="received", to="reporter", delay_s=0)
    assert messages.send_due() == 0
    assert messages.send_due(timezone.now() + timedelta(days=2)) == 0
    assert len(service.heard) == 1
    assert Message.objects.get().state == "sending"


@pytest.mark.django_db
def test_a_persons_messages_are_theirs(city: Any, client: Client, settings: Any) -> None:
    lan = User.objects.create_user("lan", language="en")
    assert client.get(f"{API}/inbox").status_code == 401
    settings.IOC_REPORTS_PROOF = 300
    assert client.get(f"{API}/challenge").json()["algorithm"] == "SHA-256"
    assert client.get(f"{API}/push/key").json() == {"public_key": push.public_key()}
    phone = {"subscription": Phone("https://web.push.apple.com/x").json}
    assert client.post(f"{API}/push", phone, "application/json").status_code == 401
    client.force_login(lan)
    assert client.post(f"{API}/push", phone, "application/json").status_code == 204
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(lan)
    assert strict.post(f"{API}/push", phone, "application/json").status_code == 401
    report = make_report(user=lan)
    Message.objects.all().delete()
    messages.queue(
        key="1", report=report, event=report.events.first(), kind="received", to="reporter"
    )
    Message.objects.filter(channel="push").delete()
    messages.send_due(timezone.now() + timedelta(minutes=1))
    box = client.get(f"{API}/inbox").json()
    assert (box["unread"], box["messages"][0]["read"]) == (1, False)
    assert box["messages"][0]["url"] == f"/r/{report.code}"
    answer = client.post(
        f"{API}/inbox/read", {"ids": [box["messages"][0]["id"]]}, "application/json"
    )
    assert answer.json() == {"unread": 0}
