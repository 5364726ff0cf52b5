"""Reports as they go over HTTP: the public's view, the sender's, the desk's lines in common."""

from collections.abc import Iterable
from typing import Any

from geo.text import Text
from ioc.reports.models import Category, Photo, Report, ReportEvent
from ioc.reports.tickets import photo_address, ticketed_address
from ioc.reports.workflow import COLORS, MOVES, OPEN, TITLES, TO_SENDER, Actor, State


def category_out(category: Category) -> dict[str, Any]:
    return {
        "code": category.pk,
        "title": {"vi": category.name_vi, "en": category.name_en},
        "icon": category.icon,
        "color": category.color,
    }


def category_asked(category: Category) -> dict[str, Any]:
    """A category with what a sender is asked and told."""
    description = Text(category.description_vi, category.description_en).dict()
    attributes = category.attributes
    return {**category_out(category), "description": description, "attributes": attributes}


def state_out(state: str) -> dict[str, Any]:
    known = State(state)
    title, color = TITLES[known].dict(), COLORS[known]
    return {"value": state, "title": title, "color": color, "open": known in OPEN}


def named(thing: Any) -> dict[str, Any] | None:
    """Code and both names of an agency or a district."""
    if thing is None:
        return None
    title = Text(thing.name_vi, thing.name_en or thing.name_vi)
    return {"code": thing.code, "title": title.dict()}


def title_of(event: ReportEvent) -> dict[str, str]:
    move = MOVES.get(event.kind)
    return (move.done if move else TITLES[State(event.state)]).dict()


def public_out(report: Report) -> dict[str, Any]:
    """What anybody may know of a report: its place on the grid, never its exact one."""
    return {
        "code": report.code,
        "url": f"/r/{report.code}",
        "lon": report.geom_public.x,
        "lat": report.geom_public.y,
        "category": category_out(report.category),
        "state": state_out(report.state),
        "created_at": report.received_at,
        "changed_at": report.changed_at,
        "me_too": report.me_too,
        "overdue": report.overdue,
        "synthetic": report.synthetic,
    }


def listed_out(report: Report, thumbs: dict[int, str]) -> dict[str, Any]:
    """A line of the public list."""
    thumb = thumbs.get(report.pk)
    return {
        **public_out(report),
        "district": named(report.district),
        "agency": named(report.agency),
        "words": report.words_public or None,
        "thumb": photo_address(thumb, "thumb") if thumb else None,
    }


def published_thumbs(reports: Iterable[Report]) -> dict[int, str]:
    """Names of the first published photo of each report."""
    rows = Photo.objects.filter(
        report__in=[one.pk for one in reports], published=True, replaced_by=None
    )
    return dict(rows.order_by("-id").values_list("report_id", "name"))


def photo_out(photo: Photo, opened: str = "staff") -> dict[str, Any]:
    """A photo with addresses that open for staff, for its sender (a ticket), or for all."""
    address = ticketed_address if opened == "sender" else photo_address
    return {
        "name": photo.name,
        "url": address(photo.name, "photo"),
        "thumb": address(photo.name, "thumb"),
        "width": photo.width,
        "height": photo.height,
        "kind": photo.kind,
        "published": photo.published,
    }


def visible_photos(report: Report, opened: str) -> list[dict[str, Any]]:
    """The evidence as this reader may see it; the public sees what a moderator published."""
    return [
        photo_out(photo, "public" if photo.published and opened != "staff" else opened)
        for photo in report.photos.all()
        if photo.replaced_by_id is None
        and photo.event_id is None
        and (opened != "public" or photo.published)
    ]


def steps_out(report: Report, mine: bool) -> list[dict[str, Any]]:
    """The public timeline, oldest first: what was taken back is not in it."""
    events = list(
        report.events.select_related("agency", "reporter_words")
        .prefetch_related("photos")
        .order_by("seq")
    )
    gone = undone_of(events)
    return [
        _step(event, mine)
        for event in events
        if event.public and event.seq not in gone and event.kind != "undo"
    ]


def undone_of(events: Iterable[ReportEvent]) -> frozenset[int]:
    """Numbers of the lines that were taken back."""
    return frozenset(event.detail["undoes"] for event in events if event.kind == "undo")


def _step(event: ReportEvent, mine: bool) -> dict[str, Any]:
    words = event.public_words
    if not mine and event.kind in TO_SENDER:
        words = ""
    if mine and hasattr(event, "reporter_words"):
        words = event.reporter_words.words
    return {
        "seq": event.seq,
        "at": event.at,
        "kind": event.kind,
        "state": event.state,
        "title": title_of(event),
        "words": words,
        "by": event.by_kind,
        "agency": named(event.agency),
        "photos": [
            photo_out(photo, "public" if photo.published else "sender")
            for photo in event.photos.all()
            if photo.replaced_by_id is None and (photo.published or mine)
        ],
    }


def question_of(report: Report) -> dict[str, Any] | None:
    """What the agency wants to know, while it waits for it."""
    if report.state != State.WAITING_FOR_REPORTER:
        return None
    asked = report.events.filter(kind="ask_reporter").order_by("-seq").first()
    if asked is None:
        return None
    return {"seq": asked.seq, "words": asked.public_words, "at": asked.at}


def by_staff(event: ReportEvent) -> dict[str, Any] | None:
    """Who acted, for colleagues; reporters are nobody."""
    if event.by is None or event.by_kind == Actor.REPORTER:
        return None
    return {"name": str(event.by), "agency": named(event.agency)}
