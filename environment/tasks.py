from celery import shared_task

from environment import states
from environment.flood import tasks as flood_tasks  # noqa: F401

SCHEDULE = {"environment.mark_silent": 60}
"""Seconds between two runs, by task."""


@shared_task(name="environment.mark_silent", ignore_result=True)
def mark_silent() -> int:
    return states.mark_silent()
