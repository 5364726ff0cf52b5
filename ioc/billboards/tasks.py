from celery import shared_task

from ioc.billboards import actions


@shared_task(name="billboards.refresh_states", ignore_result=True)
def refresh_states() -> int:
    return actions.refresh_states()
