"""Analyses in the background, and those that are due again."""

from celery import shared_task

from ioc.planning import computing, retention

SCHEDULE = {"planning.start_due": 60, "planning.end_lost": 120, "planning.erase_old": 3_600}
"""Seconds between two runs, by task."""


@shared_task(name="planning.compute", ignore_result=True, queue="long")
def compute(run_id: str) -> None:
    """One run; again, or beside itself, is harmless."""
    computing.compute(run_id)


@shared_task(name="planning.start_due", ignore_result=True, expires=60)
def start_due() -> int:
    return computing.start_due()


@shared_task(name="planning.end_lost", ignore_result=True, expires=120)
def end_lost() -> int:
    return computing.end_lost()


@shared_task(name="planning.erase_old", ignore_result=True, expires=3_600)
def erase_old() -> int:
    return retention.erase_old()
