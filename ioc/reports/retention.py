"""What is forgotten of a case long after it is closed, so that only its story stays.

Erased are who reported and who followed, what they wrote, internal notes, photos that were not
published, and the exact place. The log itself stays: what was done, when, by which office.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from geo.crs import point
from ioc.reports.actions.log import Entry, append, locked
from ioc.reports.models import (
    Follower,
    Message,
    OriginalWords,
    Photo,
    PushSubscription,
    Report,
    Reporter,
    ReporterWords,
    ReportEvent,
)

BATCH = 20


def erase_old(now: datetime | None = None, *, limit: int = BATCH) -> int:
    """How many cases were erased whose time was over. Safe to repeat."""
    now = now or timezone.now()
    before = now - timedelta(days=settings.IOC_REPORTS_KEEP_DAYS)
    due = Report.objects.filter(closed_at__lt=before, erased_at=None).order_by("closed_at")
    done = 0
    for pk in list(due.values_list("pk", flat=True)[:limit]):
        done += erase(pk, now)
    return done


def drop_unused(now: datetime | None = None) -> int:
    """How many photos of results were dropped that no answer took in the day since they came."""
    before = (now or timezone.now()) - timedelta(days=1)
    unused = Photo.objects.filter(kind=Photo.Kind.RESULT, event=None, created_at__lt=before)
    gone = list(unused[:100])
    Photo.objects.filter(pk__in=[photo.pk for photo in gone]).delete()
    _drop(gone)
    return len(gone)


def erase(report_id: int, now: datetime) -> bool:
    """Whether the case was erased now; files go once the database has agreed."""
    with transaction.atomic():
        report = locked(report_id)
        if report.erased_at is not None or report.closed_at is None:
            return False
        _forget_people(report, now)
        gone = list(Photo.objects.filter(report=report, published=False))
        Photo.objects.filter(report=report, published=False).delete()
        report.words, report.attributes = report.words_public, {}
        report.accuracy_m = report.device_at = report.clock_off_s = None
        report.geom = point(report.geom_public.x, report.geom_public.y)
        report.erased_at = now
        append(report, Entry(kind="erase", detail={"photos": len(gone)}))
        transaction.on_commit(lambda: _drop(gone))
    return True


def _forget_people(report: Report, now: datetime) -> None:
    Reporter.objects.filter(report=report).update(user=None, email="", erased_at=now)
    Follower.objects.filter(report=report).delete()
    PushSubscription.objects.filter(report=report).delete()
    Message.objects.filter(report=report).delete()
    OriginalWords.objects.filter(report=report).delete()
    ReporterWords.objects.filter(event__report=report).delete()
    with connection.cursor() as cursor:
        # The one thing that the log's guard lets go of, and only in this transaction.
        cursor.execute("SELECT set_config('ioc.erase_notes', 'on', true)")
        ReportEvent.objects.filter(report=report).exclude(private_words="").update(private_words="")
        cursor.execute("SELECT set_config('ioc.erase_notes', 'off', true)")


def _drop(photos: list[Photo]) -> None:
    for photo in photos:
        photo.file.delete(save=False)
        photo.thumb.delete(save=False)
