"""The task queue shares the fate of the transaction it is filled in."""

import subprocess
import sys
import threading
import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.apps import apps
from django.db import connection, transaction

from geo.models import Heartbeat
from ioc.celery import LIMIT_S, VISIBLE_AFTER_S, app, heartbeat
from ioc.queue import SET_ASIDE_AFTER
from tests.ops.installation import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clean_queue(transactional_db: None) -> None:
    """An empty queue on the test's database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pgmq.purge_queue('fast'), pgmq.purge_queue('slow'), pgmq.purge_queue('long')"
        )
        cursor.execute("TRUNCATE pgmq.a_fast")


def task_modules() -> list[Any]:
    """The apps' tasks modules that name something to be done regularly."""
    names = (f"{config.name}.tasks" for config in apps.get_app_configs())
    modules = [import_module(name) for name in names if find_spec(name)]
    return [module for module in modules if hasattr(module, "SCHEDULE")]


def waiting(table: str = "q_fast") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM pgmq.{table}")
        return cursor.fetchone()[0]


def test_an_enqueue_that_is_rolled_back_is_gone() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        heartbeat.delay()
        assert waiting() == 1
        raise ZeroDivisionError
    assert waiting() == 0


def test_an_inner_rollback_takes_only_its_own() -> None:
    with transaction.atomic():
        heartbeat.delay()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            heartbeat.delay()
            raise ZeroDivisionError
    assert waiting() == 1


def test_nobody_sees_it_before_the_commit() -> None:
    seen: list[int] = []

    def look() -> None:
        seen.append(waiting())
        connection.close()

    with transaction.atomic():
        heartbeat.delay()
        other = threading.Thread(target=look)
        other.start()
        other.join()
    assert seen == [0]
    assert waiting() == 1


def test_outside_a_transaction_it_is_there_at_once() -> None:
    heartbeat.delay()
    assert waiting() == 1


def test_a_real_worker_runs_what_was_committed_and_nothing_else() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        heartbeat.delay()
        raise ZeroDivisionError
    with start_worker(app, perform_ping_check=False, pool="solo", queues=["fast"]):
        time.sleep(1)
        beats = Heartbeat.objects.filter(part="worker")
        begun = time.time()
        with transaction.atomic():
            heartbeat.delay()
        beat = wait_for(lambda: beats.filter(progress__gte=int(begun)).first(), within_s=15)
        wait_for(lambda: waiting() == 0, within_s=15)
    assert beat.detail == {}


def test_a_message_delivered_too_often_is_set_aside() -> None:
    heartbeat.delay()
    with app.connection_for_read() as link:
        channel: Any = link.default_channel
        for _ in range(SET_ASIDE_AFTER):
            assert len(channel._receive_messages("fast")) == 1
            with connection.cursor() as cursor:
                cursor.execute("SELECT pgmq.set_vt('fast', msg_id, 0) FROM pgmq.q_fast")
        assert channel._receive_messages("fast") == []
    assert waiting() == 0 and waiting("a_fast") == 1


@pytest.mark.parametrize(("queue", "prefetch"), [("fast", 8), ("slow", 1), ("long", 1)])
def test_a_message_stays_hidden_for_as_long_as_its_turn_may_take(queue: str, prefetch: int) -> None:
    assert LIMIT_S[queue] * (prefetch + 1) < VISIBLE_AFTER_S[queue]


def test_what_apps_want_done_regularly_is_scheduled() -> None:
    app.finalize()
    wanted = {name: every for tasks in task_modules() for name, every in tasks.SCHEDULE.items()}
    assert wanted
    scheduled = {entry["task"]: entry["schedule"] for entry in app.conf.beat_schedule.values()}
    assert scheduled == wanted | {"ioc.heartbeat": 10}
    assert set(scheduled) <= set(app.tasks)


@pytest.fixture(scope="module")
def alone() -> list[str]:
    """What Celery says in a process of its own: length of the schedule, then limits by queue."""
    code = (
        "from ioc.celery import app, set_limits; app.finalize()\n"
        "print(len(app.conf.beat_schedule))\n"
        "for queue in ('slow', 'long'):\n"
        "    set_limits('x', conf=app.conf, options={'queues': queue})\n"
        "    print(app.tasks['vessels.sweep'].time_limit)"
    )
    return subprocess.check_output([sys.executable, "-c", code], text=True).split()


def test_celery_alone_finds_the_schedule_too(alone: list[str]) -> None:
    assert int(alone[0]) == 1 + sum(len(tasks.SCHEDULE) for tasks in task_modules())


def test_tasks_of_a_slower_worker_have_its_time(alone: list[str]) -> None:
    assert alone[1:] == [str(LIMIT_S["slow"]), str(LIMIT_S["long"])]
