from celery import shared_task

from ioc.incidents import actions


@shared_task(name="incidents.sweep", ignore_result=True)
def sweep() -> int:
    return actions.sweep()
