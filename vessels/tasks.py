"""Work done now and then."""

from celery import shared_task

from vessels import actions, sweep

SCHEDULE = {
    "vessels.forget_rejected": 86_400.0,
    "vessels.sweep": 60.0,
    "vessels.sweep_deep": 3_600.0,
}


@shared_task(name="vessels.forget_rejected", ignore_result=True)
def forget_rejected() -> None:
    """Drop set-aside lines that nobody will look at any more."""
    actions.forget_rejected()


@shared_task(name="vessels.sweep", ignore_result=True, expires=60, queue="slow")
def sweep_fleet() -> None:
    """Alerts and states in step with what was heard; another round running is enough."""
    sweep.run()


@shared_task(name="vessels.sweep_deep", ignore_result=True, expires=1800, queue="slow")
def sweep_deep() -> None:
    """The same over a day and a half: what came late still finds its events."""
    sweep.run(deep=True)
