"""Analyses in the background, and those that are due again."""

from celery import shared_task

from ioc.planning import computing

SCHEDULE = {"planning.start_due": 60, "planning.end_lost": 120}
"""Seconds between two runs, by task."""


SOFT_LIMIT_S, LIMIT_S = 280, 300
"""Said here: a task bound before its worker starts keeps the short limits of the fast queue."""


@shared_task(
    name="planning.compute", ignore_result=True, queue="slow",
    soft_time_limit=SOFT_LIMIT_S, time_limit=LIMIT_S,
)  # fmt: skip
def compute(run_id: str) -> None:
    """One run; again, or beside itself, is harmless."""
    computing.compute(run_id)


@shared_task(name="planning.start_due", ignore_result=True, expires=60)
def start_due() -> int:
    return computing.start_due()


@shared_task(name="planning.end_lost", ignore_result=True, expires=120)
def end_lost() -> int:
    return computing.end_lost()
