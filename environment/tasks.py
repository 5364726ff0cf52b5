"""What runs by the clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from environment import air_map, judging, queries, states, storage
from environment.flood import tasks as flood_tasks  # noqa: F401
from environment.models import Datastream

SCHEDULE = {
    "environment.mark_silent": 60,
    "environment.tell_stuck": 900,
    "environment.redraw_air": 600,
    "environment.judge_again": 3600,
}
"""Seconds between two runs, by task."""

AGAIN = timedelta(hours=3)
AT_ONCE = 200
"""Datastreams judged in one transaction, while values for them wait."""


@shared_task(name="environment.mark_silent", ignore_result=True)
def mark_silent() -> int:
    return states.mark_silent()


@shared_task(name="environment.tell_stuck", ignore_result=True)
def tell_stuck() -> int:
    return states.tell_stuck()


@shared_task(name="environment.judge_again", ignore_result=True)
def judge_again() -> int:
    """The number of values of the last hours that their neighbours' later values show otherwise."""
    now = timezone.now()
    streams = queries.heard_since(now - AGAIN)
    return sum(_judge_again(streams[n : n + AT_ONCE], now) for n in range(0, len(streams), AT_ONCE))


@transaction.atomic
def _judge_again(streams: Sequence[Datastream], now: datetime) -> int:
    changed = judging.again(streams, now - AGAIN, now)
    storage.repair_latest(c.stream for c in changed)
    oldest = {s: min(c.t for c in changed if c.stream == s) for s in {c.stream for c in changed}}
    states.refresh({s.sensor_id for s in streams if s.pk in oldest}, since=oldest)
    return len(changed)


@shared_task(name="environment.redraw_air", ignore_result=True)
def redraw_air() -> int:
    return air_map.redraw()
