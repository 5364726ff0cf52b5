"""One case with all that staff need: for the desk's page, and for the dossier."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from ioc.accounts.models import Agency, User
from ioc.reports import clocking, duplicates, questions
from ioc.reports.actions.log import lines_of
from ioc.reports.actions.moves import moves_of
from ioc.reports.desk import band_of
from ioc.reports.models import Category, Moderation, OriginalWords, Report, ReportEvent
from ioc.reports.retold import retold
from ioc.reports.shown import (
    by_staff,
    category_out,
    named,
    photo_out,
    question_of,
    state_out,
    title_of,
    undone_of,
)
from ioc.reports.tickets import photo_address

EXCERPT = 160


def item_out(report: Report, now: datetime) -> dict[str, Any]:
    """A line of the queue. `report` carries `seen_seq` and `thumb` where they were asked for."""
    thumb = getattr(report, "thumb", None)
    seen = getattr(report, "seen_seq", None)
    return {
        "code": report.code,
        "lon": report.geom.x,
        "lat": report.geom.y,
        "category": category_out(report.category),
        "state": state_out(report.state),
        "emergency": report.emergency,
        "words": report.words[:EXCERPT],
        "thumb": photo_address(thumb, "thumb") if thumb else None,
        "district": named(report.district),
        "agency": named(report.agency),
        "officer": str(report.officer) if report.officer else None,
        "received_at": report.received_at,
        "changed_at": report.changed_at,
        "due_at": report.next_due_at,
        "clock": report.next_clock or None,
        "band": band_of(report, now),
        **clocking.spent(report, now),
        "unread": seen is None or seen < report.version,
        "me_too": report.me_too,
        "reopened": report.reopened,
        "moderation": report.moderation,
        "overdue": report.overdue,
        "synthetic": report.synthetic,
        "version": report.version,
    }


def case_out(user: Any, report: Report) -> dict[str, Any]:
    """The whole case, for one who works on it: never who reported it."""
    now = timezone.now()
    original = OriginalWords.objects.filter(report=report).values_list("words", flat=True).first()
    return {
        **item_out(report, now),
        "words": report.words,
        "words_public": report.words_public,
        "words_original": original if user.has_perm("reports.moderate_report") else None,
        "language": report.language,
        "accuracy_m": report.accuracy_m,
        "device_at": report.device_at,
        "clock_off_s": report.clock_off_s,
        "reporter": _reporter(report),
        "photos": [
            photo_out(photo)
            for photo in report.photos.all()
            if photo.replaced_by_id is None and photo.event_id is None
        ],
        "timeline": timeline_out(report),
        "clocks": clocking.faces_out(report, lines_of(report), now),
        "can": moves_of(user, report),
        "held_why": _held_why(report),
        "routed": _routed(report),
        "suggested": _suggested(report),
        "duplicates": _duplicates(user, report),
        "question": question_of(report),
        "parts": [
            {"code": part.code, "state": state_out(part.state), "agency": named(part.agency)}
            for part in report.parts.select_related("agency").order_by("id")
        ],
        "parent": report.parent.code if report.parent else None,
        "duplicate_of": report.duplicate_of.code if report.duplicate_of else None,
        "joined": list(report.duplicates.values_list("code", flat=True)[:50]),
        "followers": report.followers.count(),
        "attributes": report.attributes,
        "answers": questions.answered(report.category, report.attributes),
        "satisfied": report.satisfied,
        "planned_for": report.planned_for,
        "waiting_until": report.waiting_until,
        "officers": _officers(user, report),
    }


def _held_why(report: Report) -> list[dict[str, str]]:
    """The signs for which a person looks first at a report that is held; none for others."""
    if report.moderation != Moderation.HELD:
        return []
    came = report.events.filter(kind="submit").values_list("detail", flat=True).first() or {}
    return [sign["why"] for sign in came.get("spam", ())]


def _routed(report: Report) -> dict[str, Any] | None:
    """Where it was sent or is proposed to go, by which rule, and why."""
    if not report.routed:
        return None
    code = report.routed.get("agency")
    agency = Agency.objects.filter(code=code).first() if code else None
    return {**report.routed, "agency": named(agency)}


def _suggested(report: Report) -> dict[str, Any] | None:
    """The category that the words speak of, with the confidence, the words, and its agency."""
    said = report.suggested
    category = Category.objects.filter(pk=said["category"]).first() if said else None
    if said is None or category is None:
        return None
    agency = Agency.objects.filter(code=category.agency, active=True).first()
    return {
        **said,
        "title": category_out(category)["title"],
        "differs": category.pk != report.category_id,
        "agency": named(agency),
    }


def _duplicates(user: Any, report: Report) -> list[dict[str, Any]]:
    """Cases that may be the same thing, of those that are this person's to see."""
    if report.closed_at is not None or report.parent_id is not None:
        return []
    mine = Report.objects.worked_by(user)
    return [
        {
            "code": one.report.code,
            "words": one.report.words[:EXCERPT],
            "thumb": _thumb(one.report),
            "state": state_out(one.report.state),
            "category": category_out(one.report.category),
            "received_at": one.report.received_at,
            "score": one.score,
            "why": one.why.dict(),
            "distance_m": round(one.distance_m),
        }
        for one in duplicates.near(report, user_public=False, among=mine)
    ]


def _thumb(report: Report) -> str | None:
    first = report.photos.filter(replaced_by=None, event=None).first()
    return photo_address(first.name, "thumb") if first else None


def _reporter(report: Report) -> dict[str, Any]:
    """Whether there is somebody who can be asked; never who."""
    row = type(report).objects.filter(pk=report.pk)
    account = row.filter(reporter__user__isnull=False).exists()
    reachable = account or row.exclude(reporter__email="").filter(reporter__isnull=False).exists()
    return {"kind": "account" if account else "anonymous", "reachable": reachable}


def _officers(user: Any, report: Report) -> list[dict[str, Any]]:
    if report.agency_id is None:
        return []
    people = User.objects.filter(
        agency_id=report.agency_id, is_active=True, role="agency_officer"
    ).order_by("display_name")[:100]
    return [{"id": person.pk, "name": str(person)} for person in people]


def timeline_out(report: Report) -> list[dict[str, Any]]:
    """Every line of the log, oldest first; what was taken back says so."""
    events = list(
        report.events.select_related("by", "by__agency", "agency", "reporter_words")
        .prefetch_related("photos")
        .order_by("seq")
    )
    gone, about = undone_of(events), retold(events)
    return [
        _line_out(event, event.seq in gone) | {"about": about[event.seq].dict()}
        for event in events
        if event.kind != "undo"
    ]


def _line_out(event: ReportEvent, undone: bool) -> dict[str, Any]:
    said = event.reporter_words.words if hasattr(event, "reporter_words") else ""
    return {
        "seq": event.seq,
        "at": event.at,
        "kind": event.kind,
        "title": title_of(event),
        "state": event.state,
        "public_words": event.public_words,
        "private_words": event.private_words,
        "reporter_words": said,
        "by": by_staff(event),
        "by_kind": event.by_kind,
        "photos": [photo_out(p) for p in event.photos.all() if p.replaced_by_id is None],
        "public": event.public,
        "undone": undone,
        "detail": {key: value for key, value in event.detail.items() if key != "set"},
    }
