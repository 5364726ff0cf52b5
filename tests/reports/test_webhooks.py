"""Webhooks against a real server: signed, in order, retried, never doubled, telling no secret."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from ioc.accounts.models import Agency
from ioc.reports import messages, webhooks
from ioc.reports.actions import moves
from ioc.reports.models import Message, Report, ReportEvent, Webhook, WebhookDelivery
from ioc.reports.workflow import State
from tests.local_server import LocalServer, local_server
from tests.reports.factories import HERE, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Any:
    settings.IOC_OUTGOING_NETWORKS = ["127.0.0.0/8"]
    settings.IOC_OUTGOING_HTTP = True
    with local_server() as running:
        yield running


@pytest.fixture
def report(city: Any) -> Report:
    made = make_report(email="lan@example.org", words="Ông Nam ở số 7 đổ rác")
    WebhookDelivery.objects.all().delete()
    return made


def make_hook(server: LocalServer, path: str = "/hook", **changes: Any) -> Webhook:
    values = {"name": "x", "url": server.url(path), "secret": webhooks.new_secret()}
    return Webhook.objects.create(**(values | changes))


def step(
    report: Report, kind: str = "accept", state: str = State.IN_PROGRESS, words: str = ""
) -> ReportEvent:
    seq = report.events.count() + 1
    return ReportEvent.objects.create(
        report=report, seq=seq, kind=kind, state=state, public_words=words
    )


def at(minutes: float) -> Any:
    return timezone.now() + timedelta(minutes=minutes)


def test_the_signature_is_the_standards_own_example() -> None:
    headers = webhooks.signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_step_is_told_once_signed_and_without_secrets(
    server: LocalServer, report: Report
) -> None:
    hook = make_hook(server)
    event = step(report)
    for _twice in range(2):
        webhooks.queue(event)
    assert webhooks.deliver_due() == 0
    assert webhooks.deliver_due(at(1)) == 1
    assert webhooks.deliver_due(at(2)) == 0
    (heard,) = server.heard
    text = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode()
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    digest = hmac.new(key, text + heard.body, hashlib.sha256).digest()
    assert heard.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    said = json.loads(heard.body)
    assert (said["event"], said["report"]["state"]) == ("accept", "in_progress")
    assert said["report"]["code"] == report.code
    assert (said["report"]["lon"], said["report"]["lat"]) == report.geom_public.coords
    for secret in ("lan@example.org", "Nam", str(HERE[1]), str(report.client_key)):
        assert secret not in heard.body.decode()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status_code) == ("sent", 200)


def test_failures_are_retried_under_the_same_name_and_in_order(
    server: LocalServer, report: Report
) -> None:
    make_hook(server)
    server.answers = [500, 302, lambda handler: setattr(handler, "close_connection", True)]
    for kind, state in (("accept", State.IN_PROGRESS), ("plan", State.PLANNED)):
        webhooks.queue(step(report, kind, state))
    counts = [webhooks.deliver_due(at(30 * n + 1)) for n in range(5)]
    assert counts == [0, 0, 0, 2, 0]
    names = [heard.headers["webhook-id"] for heard in server.heard]
    assert len(set(names[:4])) == 1 and names[4] != names[3]
    assert [json.loads(heard.body)["seq"] for heard in server.heard] == [2, 2, 2, 2, 3]


def test_one_that_fails_holds_up_no_other_and_dies_in_the_end(
    server: LocalServer, report: Report
) -> None:
    bad = make_hook(server, url="http://127.0.0.1:1/")
    make_hook(server)
    for _steps in range(3):
        webhooks.queue(step(report))
    assert webhooks.deliver_due(at(1)) == 3
    for day in range(1, webhooks.MAX_TRIES + 3):
        webhooks.deliver_due(at(day * 1440))
    states = WebhookDelivery.objects.filter(webhook=bad).order_by("id")
    assert [(one.state, one.attempts) for one in states[:1]] == [("failed", webhooks.MAX_TRIES)]
    assert states[0].error
    assert len(server.heard) == 3


def test_private_steps_undone_steps_and_unwanted_ones_are_not_told(
    server: LocalServer, report: Report
) -> None:
    make_hook(server, events=["resolve"])
    assert webhooks.queue(step(report, "note")) == 0
    assert webhooks.queue(step(report, "accept")) == 0
    event = step(report, "resolve", State.RESOLVED)
    assert webhooks.queue(event) == 1
    assert webhooks.cancel(event) == 1
    assert webhooks.deliver_due(at(1)) == 0
    assert server.heard == []


def test_the_exact_place_goes_only_to_the_agency_at_work(
    server: LocalServer, report: Report
) -> None:
    env, road = (Agency.objects.create(code=code, name_vi=code) for code in ("env", "road"))
    make_hook(server, "/env", agency=env)
    make_hook(server, "/road", agency=road)
    make_hook(server, "/all")
    Report.objects.filter(pk=report.pk).update(agency=env)
    report.refresh_from_db()
    assert webhooks.queue(step(report)) == 2
    webhooks.deliver_due(at(1))
    said = {heard.path: json.loads(heard.body)["report"] for heard in server.heard}
    assert set(said) == {"/env", "/all"}
    assert (said["/env"]["lon"], said["/env"]["exact"]) == (report.geom.x, True)
    assert (said["/all"]["lon"], said["/all"]["exact"]) == (report.geom_public.x, False)
    event = step(report)
    webhooks.queue(event)
    Report.objects.filter(pk=report.pk).update(agency=road)
    server.heard.clear()
    webhooks.deliver_due(at(1))
    assert {json.loads(heard.body)["report"]["exact"] for heard in server.heard} == {False}


def test_a_question_goes_to_the_agency_that_asked_and_to_nobody_else(
    server: LocalServer, report: Report
) -> None:
    env = Agency.objects.create(code="env", name_vi="env")
    make_hook(server, "/env", agency=env)
    make_hook(server, "/all")
    Report.objects.filter(pk=report.pk).update(agency=env)
    report.refresh_from_db()
    words = "Nhà ông Nam số mấy?"
    webhooks.queue(step(report, "ask_reporter", State.WAITING_FOR_REPORTER, words))
    webhooks.deliver_due(at(1))
    said = {heard.path: json.loads(heard.body)["report"]["answer"] for heard in server.heard}
    assert said == {"/env": words, "/all": None}


def test_what_is_hidden_is_taken_back_and_then_not_spoken_of(
    server: LocalServer, report: Report
) -> None:
    make_hook(server)
    Report.objects.filter(pk=report.pk).update(on_map=False, moderation="hidden")
    webhooks.queue(step(report, "hide", report.state))
    webhooks.queue(step(report))
    webhooks.deliver_due(at(1))
    (heard,) = server.heard
    assert json.loads(heard.body)["report"] == {"code": report.code, "removed": True}
    assert WebhookDelivery.objects.filter(state="cancelled").count() == 1


def test_a_receiver_that_says_gone_is_switched_off(server: LocalServer, report: Report) -> None:
    hook = make_hook(server)
    server.answers = [410]
    webhooks.queue(step(report))
    webhooks.deliver_due(at(1))
    hook.refresh_from_db()
    assert not hook.active
    assert WebhookDelivery.objects.get().state == "failed"
    assert webhooks.forget(at(60 * 24 * 60)) == 1


def test_the_private_network_is_not_called(
    server: LocalServer, report: Report, settings: Any
) -> None:
    settings.IOC_OUTGOING_NETWORKS = []
    make_hook(server)
    webhooks.queue(step(report))
    assert webhooks.deliver_due(at(1)) == 0
    assert server.heard == []
    assert WebhookDelivery.objects.get().error == "private-network"


def test_an_administrator_makes_mends_and_sees_webhooks(
    admin_client: Any, report: Report, server: LocalServer
) -> None:
    add, events = "/admin/reports/webhook/add/", ["resolve"]
    page = admin_client.get(add)
    secret = page.context["adminform"].form.initial["secret"]
    values = {"name": "311", "secret": secret, "events": events, "active": "on"}
    refused = admin_client.post(add, values | {"url": "https://user:pass@x.example/"})
    assert refused.context["adminform"].form.errors["url"]
    assert admin_client.post(add, values | {"url": server.url("/")}).status_code == 302
    hook = Webhook.objects.get()
    assert (hook.events, hook.secret, hook.created_by.username) == (events, secret, "admin")
    webhooks.queue(step(report, "resolve", State.RESOLVED))
    WebhookDelivery.objects.update(state="failed", attempts=14)
    page = admin_client.get("/admin/reports/webhook/")
    assert [said.level_tag for said in page.context["messages"]].count("warning") == 1
    again = {"action": "again", "_selected_action": [WebhookDelivery.objects.get().pk]}
    admin_client.post("/admin/reports/webhookdelivery/", again)
    assert webhooks.deliver_due(at(1)) == 1


def test_stuck_messages_are_an_administrators_to_decide(admin_client: Any, report: Report) -> None:
    one = Message.objects.create(
        key="1", channel="email", address="lan@example.org", subject="s", body="b", state="sending"
    )
    page = admin_client.get(f"/admin/reports/message/{one.pk}/change/")
    assert page.status_code == 200 and "lan@example.org" not in page.content.decode()
    for action, state in (("send_again", "pending"), ("leave", "failed")):
        Message.objects.update(state="sending")
        admin_client.post(
            "/admin/reports/message/", {"action": action, "_selected_action": [one.pk]}
        )
        one.refresh_from_db()
        assert one.state == state
    assert one.address == ""


def test_what_is_done_at_the_desk_is_told_to_people_and_software_in_order(
    city: Any, server: LocalServer, mailoutbox: Any, django_user_model: Any
) -> None:
    """From the citizen's report to the answer, through the real doors; one step is taken back."""
    make_hook(server)
    Agency.objects.create(code="env", name_vi="Môi trường", name_en="Environment")
    operator = django_user_model.objects.create_user("op", role="operator")
    report = make_report(email="lan@example.org", language="en")

    def move(name: str, **fields: Any) -> UUID:
        report.refresh_from_db()
        key, item = uuid4(), moves.Item(report.code, report.version)
        (result,) = moves.perform(operator, name, [item], key, fields)
        assert result.error is None, result.error
        return key

    move("assign", agency="env")
    move("note", private_words="Gọi anh Nam trước")
    move("accept")
    answer = {"public_words": "Sai rồi"}
    (undone,) = moves.undo(operator, move("resolve", **answer))
    assert undone.error is None, undone.error
    move("resolve", public_words="Đã dọn sạch")
    later = timezone.now() + timedelta(minutes=1)
    messages.send_due(later)
    webhooks.deliver_due(later)
    said = [json.loads(heard.body) for heard in server.heard]
    assert [one["event"] for one in said] == ["submit", "assign", "accept", "resolve"]
    assert said[-1]["report"]["answer"] == "Đã dọn sạch"
    seqs = [one["seq"] for one in said]
    assert seqs == sorted(seqs)
    letters = [letter for letter in mailoutbox if letter.to == ["lan@example.org"]]
    subjects = [letter.subject.removeprefix(f"{report.code}: ") for letter in letters]
    assert subjects[0] == f"Report {report.code} received"
    assert subjects[-1] == "resolved"
    assert subjects.count("resolved") == 1
    sent = "".join(letter.body for letter in letters) + "".join(map(str, said))
    assert "Đã dọn sạch" in sent
    assert "Nam" not in sent and "Sai rồi" not in sent
