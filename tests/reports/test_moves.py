"""What staff do with cases, on the real database: rights, versions, repeats, undo, joins, parts."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from geo.errors import Refused
from ioc.accounts.models import Agency, User
from ioc.reports.actions import moves, reporters
from ioc.reports.actions.log import rebuild
from ioc.reports.models import Category, Message, Photo, Report, ReportEvent, RoutingRule
from ioc.reports.retention import drop_unused, erase_old
from layers.models import PendingChange
from tests.reports.factories import make_agency, make_photo, make_report, make_staff, move

pytestmark = pytest.mark.usefixtures("city")


@pytest.fixture
def operator():
    return make_staff("operator")


@pytest.fixture
def agency():
    return make_agency()


@pytest.fixture
def officer(agency):
    return make_staff("agency_officer", agency)


def fresh(report):
    return Report.objects.get(pk=report.pk)


def test_a_case_goes_from_the_pin_to_an_answer_that_is_accepted(operator, officer, agency):
    key = uuid.uuid4()
    report = make_report(client_key=key)
    assert not Report.objects.worked_by(officer).exists()
    assert move(operator, "assign", report, agency=agency.code).error is None
    assert Report.objects.worked_by(officer).get() == report
    assert move(officer, "accept", report).error is None
    assert fresh(report).officer == officer and fresh(report).ack_at is not None
    assert move(officer, "ask_reporter", report, public_words="Gần số nhà nào?").error is None
    assert fresh(report).paused
    reporters.answer(fresh(report), key=uuid.uuid4(), words="Số 12")
    assert fresh(report).state == "in_progress" and not fresh(report).paused
    assert move(officer, "resolve", report, public_words="Đã dọn xong").error is None
    assert fresh(report).closed_at is not None and fresh(report).next_due_at is None
    reporters.rate(
        fresh(report),
        key=uuid.uuid4(),
        verdict="not_satisfied",
        reason="came-back",
        words="Lại đầy",
    )
    again = fresh(report)
    assert (again.state, again.reopened, again.closed_at) == ("reopened", 1, None)
    assert again.agency == agency and again.resolve_due_at is not None
    move(officer, "resolve", report, public_words="Đã đặt thêm thùng")
    reporters.rate(fresh(report), key=uuid.uuid4(), verdict="satisfied")
    assert fresh(report).satisfied == "satisfied"
    assert rebuild(fresh(report)) == []


def test_the_row_is_made_again_from_the_log(operator, agency):
    report = make_report()
    move(operator, "assign", report, agency=agency.code)
    right = fresh(report)
    Report.objects.filter(pk=report.pk).update(
        state="resolved", agency=None, closed_at=timezone.now(), next_due_at=None
    )
    assert set(rebuild(fresh(report))) == {"state", "agency_id", "closed_at"}
    for name in ("state", "agency_id", "closed_at", "next_due_at", "resolve_due_at", "version"):
        assert getattr(fresh(report), name) == getattr(right, name), name


def test_the_log_only_grows():
    report = make_report()
    for change in (
        lambda: ReportEvent.objects.update(public_words="x"),
        lambda: ReportEvent.objects.all().delete(),
        lambda: report.delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    officer = make_staff("operator")
    move(officer, "note", report, private_words="x")
    officer.delete()
    assert ReportEvent.objects.get(kind="note").by is None


def test_the_same_key_again_changes_nothing_and_a_stale_form_says_who(operator, officer, agency):
    report, key = make_report(), uuid.uuid4()
    item = [moves.Item(report.code, report.version)]
    for _ in range(2):
        (result,) = moves.perform(operator, "assign", item, key, {"agency": agency.code})
        assert result.error is None and result.version == 2
    assert report.events.filter(kind="assign").count() == 1
    (result,) = moves.perform(officer, "accept", item, uuid.uuid4(), {})
    assert result.error.code == "stale" and result.error.details["who"] == str(operator)
    assert fresh(report).state == "assigned"


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_are_one_after_the_other(operator, agency):
    report = make_report()
    item = [moves.Item(report.code, report.version)]
    results = []

    def act():
        try:
            results.extend(
                moves.perform(operator, "assign", item, uuid.uuid4(), {"agency": agency.code})
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(r.error.code if r.error else "done" for r in results) == ["done"] + ["stale"] * 3
    assert fresh(report).version == 2


def test_undo_within_ten_seconds_and_before_anybody_was_told(operator, agency):
    report, other = make_report(), make_report(words="Đèn hỏng")
    items = [moves.Item(report.code, 1), moves.Item(other.code, 1)]
    key = uuid.uuid4()
    moves.perform(operator, "assign", items, key, {"agency": agency.code})
    before = Message.objects.filter(state="pending").count()
    assert all(result.error is None for result in moves.undo(operator, key))
    assert fresh(report).state == "submitted" and fresh(report).agency is None
    assert Message.objects.filter(state="pending").count() < before or before == 0
    again = moves.undo(operator, key)
    assert [result.version for result in again] == [3, 3]
    with pytest.raises(Refused) as unknown:
        moves.undo(make_staff("operator", name="other"), key)
    assert unknown.value.code == "not-found"


def test_undo_ends_with_its_time_and_with_what_has_left(operator, agency, officer, monkeypatch):
    report, key = make_report(), uuid.uuid4()
    moves.perform(operator, "assign", [moves.Item(report.code, 1)], key, {"agency": agency.code})
    Message.objects.update(state="sent")
    (result,) = moves.undo(operator, key)
    assert result.error.code == "too-late"
    later = timezone.now() + timedelta(seconds=moves.UNDO_S + 1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    with pytest.raises(Refused) as late:
        moves.undo(operator, key)
    assert late.value.code == "too-late"


def test_joining_brings_the_others_along(operator):
    first, second, third = make_report(), make_report(), make_report()
    assert move(operator, "join", second, into=first.code).error is None
    assert (fresh(first).me_too, fresh(second).state) == (1, "duplicate")
    # A join to what was joined itself goes to where that went.
    move(operator, "join", third, into=second.code)
    assert fresh(third).duplicate_of == first and fresh(first).me_too == 2
    assert move(operator, "join", first, into=first.code).error.details["fields"]["into"]
    move(operator, "unjoin", second)
    assert fresh(first).me_too == 1 and fresh(second).state == "triaged"


def test_parts_go_to_their_agencies_and_the_public_sees_the_whole(operator, agency):
    report = make_report()
    power = make_agency("power")
    parts = [
        {"category": "hygiene", "agency": agency.code, "words": "Dọn rác"},
        {"category": "hygiene", "agency": power.code, "words": "Sửa đèn"},
    ]
    assert move(operator, "split", report, parts=parts).error is None
    children = list(report.parts.order_by("id"))
    assert [child.agency for child in children] == [agency, power]
    assert not any(child.on_map for child in children) and fresh(report).on_map
    for child in children:
        move(operator, "accept", child)
        move(operator, "resolve", child, public_words="Xong phần này")
    assert report.events.filter(kind="parts_done").count() == 1
    assert fresh(report).state == "in_progress"
    assert move(operator, "split", report, parts=[{"words": "x"}]).error.details["fields"]["parts"]


def test_what_is_hidden_leaves_the_public_map_and_comes_back(operator):
    report = make_report()
    PendingChange.objects.all().delete()
    assert move(operator, "hide", report, reason="personal-data").error is None
    change = PendingChange.objects.get()
    assert change.public and change.public_props is None and change.props["code"] == report.code
    assert not Report.objects.visible_to(None).filter(pk=report.pk).exists()
    assert move(operator, "release", report).error is None
    assert fresh(report).on_map


def test_redacted_words_are_gone_for_agencies_and_kept_for_moderators(operator, officer, agency):
    report = make_report(words="Ông Nguyễn Văn A số 5 xả rác")
    move(operator, "assign", report, agency=agency.code)
    assert (
        move(operator, "redact", report, words="████ xả rác", reason="personal-data").error is None
    )
    assert fresh(report).words == "████ xả rác"
    assert fresh(report).original_words.words.startswith("Ông Nguyễn")
    assert move(officer, "redact", report, words="x", reason="other").error.code == "forbidden"


def test_a_held_report_is_sent_on_when_it_is_released(operator, agency):
    RoutingRule.objects.create(name="Tất cả", conditions={"categories": ["hygiene"]},
                               agency=agency, live=True)  # fmt: skip
    routed = make_report()
    assert routed.state == "assigned" and routed.routed["rule"]["name"] == "Tất cả"
    spam = make_report(words="MUA NGAY http://a.xyz http://b.xyz inbox zalo 0912345678")
    assert (spam.moderation, spam.state, spam.on_map) == ("held", "submitted", False)
    assert not Report.objects.worked_by(make_staff("agency_officer", agency)).filter(pk=spam.pk)
    assert move(operator, "release", spam).error is None
    assert (fresh(spam).state, fresh(spam).on_map) == ("assigned", True)


def test_each_field_is_checked_with_words_that_name_it(operator, officer, agency):
    report = make_report()
    for name, fields, fault in (
        ("assign", {}, "agency"),
        ("assign", {"agency": "none"}, "agency"),
        ("reject", {"reason": "because", "public_words": "x"}, "reason"),
        ("reject", {"reason": "private"}, "public_words"),
        ("change", {}, "category"),
        ("change", {"category": "none"}, "category"),
        ("join", {"into": "HUE-2222-23"}, "into"),
    ):
        error = move(operator, name, report, **fields).error
        assert fault in error.details["fields"], (name, fields)
    move(operator, "assign", report, agency=agency.code)
    yesterday = str(timezone.localdate() - timedelta(days=1))
    error = move(officer, "plan", report, planned_for=yesterday, public_words="x").error
    assert "planned_for" in error.details["fields"]
    assert move(officer, "take", report, officer=operator.pk).error.details["fields"]["officer"]
    assert fresh(report).version == 2


def test_a_category_that_asks_for_it_is_closed_with_a_photo(operator, agency):
    Category.objects.update(needs_result_photo=True)
    report = make_report(photos=[make_photo()])
    move(operator, "assign", report, agency=agency.code)
    move(operator, "accept", report)
    assert "photos" in move(operator, "resolve", report, public_words="x").error.details["fields"]
    result = Photo.objects.create(report=report, kind="result", width=1, height=1, sha256="")
    left = Photo.objects.create(report=report, kind="result", width=1, height=1, sha256="")
    assert move(operator, "resolve", report, public_words="x", photos=[result.name]).error is None
    assert drop_unused() == 0 and drop_unused(timezone.now() + timedelta(days=2)) == 1
    assert not Photo.objects.filter(pk=left.pk).exists()
    assert Photo.objects.get(pk=result.pk).published
    assert not report.photos.get(kind="evidence").published


def test_erasing_keeps_the_story_and_forgets_the_people(operator, agency, settings):
    user = User.objects.create_user("lan", email="lan@example.org")
    report = make_report(user, photos=[make_photo()], email="lan@example.org", accuracy_m=5)
    reporters.follow(report, uuid.uuid4(), user=None, address="1.2.3.4", email="b@example.org")
    move(operator, "note", report, private_words="Gọi ông A 0912345678")
    move(operator, "assign", report, agency=agency.code)
    move(operator, "accept", report)
    move(operator, "ask_reporter", report, public_words="Ở đâu?")
    reporters.answer(fresh(report), key=uuid.uuid4(), words="Nhà tôi số 5")
    move(operator, "resolve", report, public_words="Xong")
    assert erase_old() == 0
    lines = report.events.count()
    assert erase_old(timezone.now() + timedelta(days=settings.IOC_REPORTS_KEEP_DAYS + 1)) == 1
    gone = fresh(report)
    assert (gone.words, gone.accuracy_m, gone.photos.count()) == ("", None, 0)
    assert gone.geom.coords == gone.geom_public.coords
    assert (gone.reporter.user, gone.reporter.email) == (None, "")
    assert gone.followers.count() == 0 and gone.events.count() == lines + 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM reports_reportevent t")
        assert "0912345678" not in cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM reports_reporterwords")
        assert cursor.fetchone() == (0,)
    assert rebuild(gone) == []


def test_an_agency_of_another_officer_is_nobodys_business(operator, agency):
    report = make_report()
    move(operator, "assign", report, agency=agency.code)
    stranger = make_staff("agency_officer", Agency.objects.create(code="x", name_vi="X"))
    assert move(stranger, "accept", report).error.status == 404
    assert moves.moves_of(stranger, fresh(report)) == []


def test_a_blur_drawn_on_a_case_that_changed_is_refused_and_a_photo_is_blurred_once(
    client, operator, officer, agency
):
    report = make_report(photos=[make_photo()])
    name, seen = report.photos.get().name, report.version
    client.force_login(operator, backend="ioc.accounts.backends.RoleBackend")
    address = f"/api/v1/reports/desk/cases/{report.code}/photos/{name}/blur"
    given = {"boxes": [[0, 0, 0.5, 0.5]], "reason": "other"}

    def blur(version: int) -> tuple[int, dict]:
        answer = client.post(address, given | {"version": version}, "application/json")
        return answer.status_code, answer.json()

    move(operator, "assign", report, agency=agency.code)
    status, said = blur(seen)
    assert (status, said["error"]["code"], said["error"]["version"]) == (409, "stale", 2)
    assert report.photos.count() == 1
    assert blur(2)[0] == 200
    status, said = blur(3)  # the same photo, drawn on by another moderator
    assert (status, said["error"]["code"]) == (409, "stale")
    assert report.photos.count() == 2 and fresh(report).version == 3
