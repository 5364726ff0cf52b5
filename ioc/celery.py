"""Background tasks: Celery over the database itself, or over the broker at IOC_BROKER_URL.

An app names what it wants done regularly beside its tasks: ``SCHEDULE = {"task.name": seconds}``.
"""

import logging
import os
import signal
from importlib import import_module
from importlib.util import find_spec
from threading import Timer
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ioc.settings")

import django  # noqa: E402
from celery import Celery  # noqa: E402
from celery.signals import (  # noqa: E402
    beat_embedded_init,
    celeryd_init,
    setup_logging,
    worker_process_init,
    worker_ready,
    worker_shutting_down,
)
from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from kombu import Queue  # noqa: E402
from kombu.transport import TRANSPORT_ALIASES  # noqa: E402

from ioc.ops.parts import WORKER_GRACE_S  # noqa: E402
from ioc.ops.processes import die_with_parent  # noqa: E402

if not apps.apps_ready:  # imported by Celery's own command, not by Django
    django.setup()
TRANSPORT_ALIASES["pgmq"] = "ioc.queue:Transport"
BEAT_S = 10
# There is no heartbeat on this queue: a message comes back once its time is over, so nothing that
# was fetched may still be waiting or running by then: limit × (prefetch + 1) < visibility.
LIMIT_S = {"fast": 10, "slow": 300, "long": 900}
VISIBLE_AFTER_S = {"fast": 100, "slow": 660, "long": 1900}

app = Celery("ioc", set_as_current=True)
app.conf.update(
    broker_url=settings.IOC_BROKER_URL or "pgmq://database/",
    broker_transport_options={
        "init_extension": False,
        "wait_time_seconds": 0,
        "polling_interval": 0.05,
        "pool_size": 2,
        "visibility_timeout": VISIBLE_AFTER_S["fast"],
    },
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_queues=[Queue(name) for name in LIMIT_S],
    task_default_queue="fast",
    task_acks_late=True,
    task_reject_on_worker_lost=False,  # it comes back by itself, and is counted
    task_ignore_result=True,
    task_time_limit=LIMIT_S["fast"],
    task_soft_time_limit=LIMIT_S["fast"] - 2,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    timezone="UTC",
    beat_schedule={"heartbeat": {"task": "ioc.heartbeat", "schedule": BEAT_S}},
)


def installed_apps() -> list[str]:
    return [config.name for config in apps.get_app_configs()]


app.autodiscover_tasks(installed_apps)


@app.on_after_finalize.connect
def schedule(sender: Celery, **_: Any) -> None:
    """Add what the apps' tasks modules want done regularly."""
    for name in installed_apps():
        if find_spec(f"{name}.tasks") is None:
            continue
        for task, every_s in getattr(import_module(f"{name}.tasks"), "SCHEDULE", {}).items():
            sender.conf.beat_schedule[task] = {"task": task, "schedule": every_s}
    # A message carries the limits that its sender knows, and the worker keeps to them.
    for each in sender.tasks.values():
        if (queue := getattr(each, "queue", None)) in ("slow", "long"):
            each.time_limit, each.soft_time_limit = LIMIT_S[queue], LIMIT_S[queue] - 20


@app.task(name="ioc.heartbeat", ignore_result=True, expires=BEAT_S)
def heartbeat() -> None:
    """Beat for the worker: that this runs shows queue, beat and worker alive."""
    from time import time

    from geo.heartbeat import beat

    beat("worker", int(time()))


@celeryd_init.connect
def set_limits(sender: str, conf: Any, options: dict[str, Any], **_: Any) -> None:
    """A worker of a slower queue has longer limits, and keeps its messages longer."""
    for queue in ("slow", "long"):
        if queue in (options.get("queues") or ""):
            limit_s = LIMIT_S[queue]
            conf.task_time_limit, conf.task_soft_time_limit = limit_s, limit_s - 20
            conf.broker_transport_options["visibility_timeout"] = VISIBLE_AFTER_S[queue]
            for task in app.tasks.values():  # they took their limits when they were bound
                task.time_limit, task.soft_time_limit = limit_s, limit_s - 20


@celeryd_init.connect
def end_with_worker(**_: Any) -> None:
    """No process of the pool, and no beat, outlives its worker, however that ended."""
    die = die_with_parent(signal.SIGKILL)
    for begun in (worker_process_init, beat_embedded_init):
        begun.connect(lambda **_: die and die(), weak=False)


@worker_shutting_down.connect
def end_in_time(**_: Any) -> None:
    """A worker that was asked to stop ends, also where it waits for a database that is gone.

    `up` would see to it, but may be gone itself. What was at work comes back from the queue.
    """
    timer = Timer(WORKER_GRACE_S, os._exit, (1,))
    timer.daemon = True
    timer.start()


@worker_ready.connect
def beat_at_once(**_: Any) -> None:
    heartbeat.delay()


@setup_logging.connect
def leave_logging_to_django(**_: Any) -> None:
    """Connected so that Celery leaves the log format alone; a line a task says too little."""
    for name in ("celery.app.trace", "celery.worker.strategy", "celery.beat"):
        logging.getLogger(name).setLevel(logging.WARNING)
