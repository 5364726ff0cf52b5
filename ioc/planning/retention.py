"""What of analyses is forgotten after a while, so that the desk does not grow for ever."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from ioc.planning.models import Analysis, Run

BATCH = 200
OPEN = (Run.State.QUEUED, Run.State.RUNNING)

log = structlog.get_logger(__name__)


def erase_old(now: datetime | None = None, *, limit: int = BATCH) -> int:
    """How many runs were erased that are too old and have no name to be found by.

    A named analysis keeps its runs until it is put away; one without a name goes with its last
    run. Safe to repeat: each call erases so many at most.
    """
    now = now or timezone.now()
    before = now - timedelta(days=settings.IOC_PLAN_KEEP_DAYS)
    unnamed = Q(analysis__name="") | Q(analysis__archived_at__lt=before)
    due = Run.objects.filter(unnamed, queued_at__lt=before).exclude(state__in=OPEN)
    chosen = list(due.order_by("queued_at").values_list("pk", flat=True)[:limit])
    Run.objects.filter(pk__in=chosen).delete()
    empty = Analysis.objects.filter(runs=None, created_at__lt=before)
    gone, _by_model = empty.filter(Q(name="") | Q(archived_at__lt=before)).delete()
    if chosen or gone:
        log.info("analyses-erased", runs=len(chosen), analyses=gone, before=before.isoformat())
    return len(chosen)
