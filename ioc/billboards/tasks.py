from celery import shared_task

from ioc.billboards import actions

SCHEDULE = {"billboards.refresh_states": 3600}
"""Seconds between two runs: states change with the city's date, which begins at any UTC hour."""


@shared_task(name="billboards.refresh_states", ignore_result=True)
def refresh_states() -> int:
    return actions.refresh_states()
