from celery import shared_task

from ioc.incidents import actions

SCHEDULE = {"incidents.sweep": 10}


@shared_task(name="incidents.sweep", ignore_result=True)
def sweep() -> int:
    return actions.sweep()
