"""Work done by the clock. Each task calls actions that are bounded and may run twice."""

from celery import shared_task

from vision import brought, conf, retention
from vision.actions.cameras import forget_health, settle_unsettled
from vision.actions.events import close_left_open

SCHEDULE = {
    "vision.run_jobs": 20,
    "vision.close_left_open": 120,
    "vision.erase": 600,
    "vision.read_plates": 60,
    "vision.settle": 3600,
}
"""Seconds between two runs, by task."""


@shared_task(name="vision.run_jobs", ignore_result=True, expires=60, queue="long")
def run_jobs() -> int:
    """Begins what waits, each job in a process of its own: detectors are large."""
    from vision.job_process import begin_waiting

    return begin_waiting()


@shared_task(name="vision.close_left_open", ignore_result=True, expires=120)
def close_events() -> int:
    return close_left_open()


@shared_task(name="vision.erase", ignore_result=True, expires=600, queue="slow")
def erase() -> int:
    return (
        retention.erase_pictures()
        + retention.erase_clear()
        + retention.erase_plates()
        + retention.erase_jobs()
        + brought.erase()
        + retention.erase_stale_now()
        + forget_health(older_than_days=conf.event_days())
    )


@shared_task(name="vision.read_plates", ignore_result=True, expires=60, queue="long")
def read_plates() -> int:
    """Reads plates of what was accepted, where the setting asks for it."""
    from django.conf import settings

    if not settings.IOC_VISION_PLATES:
        return 0
    from vision.actions.plates import read_waiting

    return read_waiting()


@shared_task(name="vision.settle", ignore_result=True, expires=3600)
def settle() -> int:
    """Cameras get the ward that they now stand in, and the field of view that they lack."""
    return settle_unsettled()
