"""Work done by the clock."""

from celery import shared_task

from geo import estimates

SCHEDULE = {"geo.look_again": 10}
"""Seconds between two runs, by task."""


@shared_task(name="geo.look_again", ignore_result=True, expires=10)
def look_again() -> list[str]:
    """Tables that filled since the planner looked at them are looked at again: autovacuum comes
    once a minute, and later where large tables keep it busy."""
    return estimates.look_again()
