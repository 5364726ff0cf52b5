"""What the public may read and see of a report: redacted, published, blurred, with a reason."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from ioc.reports import photos as cleaning
from ioc.reports.actions.log import Entry, append, locked
from ioc.reports.actions.staleness import stale
from ioc.reports.actions.submit import keep_photos
from ioc.reports.models import OriginalWords, Photo, Report, ReportEvent
from ioc.reports.workflow import Actor

Effect = Callable[[ReportEvent], None]
Box = tuple[float, float, float, float]


def redacted(report: Report, words: str) -> Effect:
    """Agencies and the public read `words` from now on; the centre's moderators keep the first."""

    def effect(event: ReportEvent) -> None:
        OriginalWords.objects.get_or_create(report=report, defaults={"words": report.words})
        report.words = words
        report.words_public = ""
        report.save(update_fields=["words", "words_public"])

    return effect


def published(report: Report, words: str) -> Effect:
    """The public reads `words`."""

    def effect(event: ReportEvent) -> None:
        report.words_public = words
        report.save(update_fields=["words_public"])

    return effect


def photos_published(chosen: Sequence[Photo]) -> Effect:
    """The public sees these photos."""

    def effect(event: ReportEvent) -> None:
        Photo.objects.filter(pk__in=[photo.pk for photo in chosen]).update(published=True)

    return effect


def photos_of_result(chosen: Sequence[Photo]) -> Effect:
    """The photos belong to this answer, and are as public as it is."""

    def effect(event: ReportEvent) -> None:
        Photo.objects.filter(pk__in=[photo.pk for photo in chosen]).update(
            kind=Photo.Kind.RESULT, event=event, published=True
        )

    return effect


texts: dict[str, Callable[[Report, str], Effect]] = {"redact": redacted, "publish": published}
photos: dict[str, Callable[[Sequence[Photo]], Effect]] = {
    "publish": photos_published,
    "resolve": photos_of_result,
}


def blur(
    user: Any, photo: Photo, boxes: Sequence[Box], reason: str, version: int | None = None
) -> Photo:
    """The photo that everybody sees instead, with these parts (shares of its sides) unreadable.

    The first one stays for the centre's moderators until the report is erased. `version` is the
    case as it was seen; None asks only that nobody has blurred this photo meanwhile.

    Raises Refused: stale, and what `photos.blur` refuses.
    """
    with photo.file.open("rb") as file:
        clean = cleaning.blur(file.read(), list(boxes))
    with transaction.atomic():
        report = locked(photo.report_id)
        old = Photo.objects.select_for_update().get(pk=photo.pk)
        if old.replaced_by_id is not None or version not in (None, report.version):
            raise stale(report)
        (new,) = keep_photos(
            report, [clean], kind=old.kind, event_id=old.event_id, published=old.published
        )
        old.replaced_by, old.published = new, False
        old.save(update_fields=["replaced_by", "published"])
        detail = {"photo": new.name, "boxes": len(boxes), "reason": reason}
        append(report, Entry(kind="blur", by=user, by_kind=Actor.CENTRE, detail=detail))
    return new
