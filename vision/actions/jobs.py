"""Work that a person asked for and waits for: queued here, done by `vision job`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from vision.models import Camera, Job

OPEN = (Job.State.QUEUED, Job.State.RUNNING)
MOST_OPEN, MOST_RUNNING = 6, 2
SILENT = timedelta(seconds=180)  # a detector takes its time to load


def ask(
    *, by: Any, kind: str, camera: Camera | None = None, asked: dict[str, Any], sealed: str = ""
) -> Job:
    """The job, queued; it is begun once the transaction is through.

    Raises Refused 409 where this person already waits for many.
    """
    if Job.objects.filter(by=by, state__in=OPEN).count() >= MOST_OPEN:
        raise Refused("too-many-jobs", _("Wait until what you asked for is done."), status=409)
    job = Job.objects.create(by=by, kind=Job.Kind(kind), camera=camera, asked=asked, sealed=sealed)
    transaction.on_commit(_begin)
    return job


def _begin() -> None:
    from vision.tasks import run_jobs

    run_jobs.delay()


def cancel(*, job: Job) -> Job:
    """Asks the job to stop; one that waits stops at once."""
    now = timezone.now()
    Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
        state=Job.State.CANCELLED, ended_at=now
    )
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancelled=True)
    job.refresh_from_db()
    return job


def give_up_silent() -> int:
    """How many jobs were given up, in words, whose process fell silent."""
    now = timezone.now()
    silent = Job.objects.filter(state=Job.State.RUNNING, beat_at__lt=now - SILENT)
    words = _("The work was broken off. Ask again.")
    return silent.update(state=Job.State.FAILED, note=words, ended_at=now)


def claim() -> Job | None:
    """The next job, now running; None where nothing waits or enough runs.

    One whose process fell silent is given up first.
    """
    now = timezone.now()
    with transaction.atomic():
        give_up_silent()
        if Job.objects.filter(state=Job.State.RUNNING).count() >= MOST_RUNNING:
            return None
        waiting = Job.objects.select_for_update(skip_locked=True).filter(state=Job.State.QUEUED)
        job = waiting.order_by("id").first()
        if job is None:
            return None
        job.state, job.beat_at = Job.State.RUNNING, now
        job.save(update_fields=["state", "beat_at"])
    return job


def beat(job: Job, progress: float, note: str = "") -> bool:
    """Stores how far it is; whether it should go on."""
    Job.objects.filter(pk=job.pk).update(
        progress=min(max(progress, 0.0), 1.0), beat_at=timezone.now(), note=note[:300]
    )
    row = Job.objects.filter(pk=job.pk).values_list("cancelled", "state").first()
    return row is not None and not row[0] and row[1] == Job.State.RUNNING


def end(job: Job, state: str, *, note: str = "", **values: Any) -> None:
    """Stores what came of it."""
    done = {"progress": 1.0} if state == Job.State.DONE else {}
    Job.objects.filter(pk=job.pk).update(
        state=state, note=note[:300], ended_at=timezone.now(), **done, **values
    )
