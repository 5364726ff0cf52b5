"""Work done now and then."""

from celery import shared_task

from vessels import actions


@shared_task(ignore_result=True)
def forget_rejected() -> int:
    """Drop set-aside lines that nobody will look at any more; once a day."""
    return actions.forget_rejected()
