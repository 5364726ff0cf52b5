"""Regular work on vessels."""

from celery import shared_task

from vessels import actions, archive, sweep
from vessels.tracks import keep

SCHEDULE = {
    "vessels.forget_rejected": 86_400.0,
    "vessels.sweep": 60.0,
    "vessels.sweep_deep": 3_600.0,
    "vessels.archive": 21_600.0,
    "vessels.day_tracks": 120.0,
}


@shared_task(name="vessels.forget_rejected", ignore_result=True)
def forget_rejected() -> None:
    """Drop the oldest lines set aside."""
    actions.forget_rejected()


@shared_task(name="vessels.sweep", ignore_result=True, expires=60, queue="slow")
def sweep_fleet() -> None:
    """Alerts and states in step with what was heard; another round running is enough."""
    sweep.run()


@shared_task(name="vessels.sweep_deep", ignore_result=True, expires=1800, queue="slow")
def sweep_deep() -> None:
    """The same over a day and a half: what came late still finds its events."""
    sweep.run(deep=True)


@shared_task(name="vessels.archive", ignore_result=True, queue="slow")
def archive_positions() -> None:
    """Move old days into the archive and drop what need not be kept."""
    archive.run()


@shared_task(name="vessels.day_tracks", ignore_result=True, expires=120, queue="slow")
def day_tracks() -> None:
    """Tracks by day and hours of effort in step with positions, late ones too."""
    keep.run()
