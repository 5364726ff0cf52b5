"""Work done now and then."""

from celery import shared_task

from vessels import actions, archive

SCHEDULE = {"vessels.forget_rejected": 86_400.0, "vessels.archive": 21_600.0}


@shared_task(name="vessels.forget_rejected", ignore_result=True)
def forget_rejected() -> None:
    """Drop set-aside lines that nobody will look at any more."""
    actions.forget_rejected()


@shared_task(name="vessels.archive", ignore_result=True)
def archive_positions() -> None:
    """Move old days into the archive and drop what need not be kept."""
    archive.run()
