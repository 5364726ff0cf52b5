"""The web process keeps its threads, and gives each to one request at a time."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from asgiref.testing import ApplicationCommunicator
from django.http import HttpResponse
from django.test import RequestFactory

from ioc.asgi import THREADS_KEPT, FullHandler


def scope() -> dict[str, Any]:
    return {
        "type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [],
        "http_version": "1.1", "server": ("localhost", 80),
    }  # fmt: skip


def answering(seen: list[int], hold: Callable[[], object] = lambda: None) -> FullHandler:
    """A handler whose every answer notes its thread, and then holds it."""

    def answer(_request: Any) -> HttpResponse:
        seen.append(threading.get_ident())
        hold()
        return HttpResponse("ok")

    handler = FullHandler()
    handler.get_response = answer  # type: ignore[method-assign]
    return handler


async def until(what: Callable[[], bool], within_s: float = 10) -> None:
    give_up = time.monotonic() + within_s
    while not what() and time.monotonic() < give_up:
        await asyncio.sleep(0.01)


async def ask(handler: FullHandler) -> int:
    line = ApplicationCommunicator(handler, scope())
    await line.send_input({"type": "http.request", "body": b""})
    started = await line.receive_output(5)
    await line.receive_output(5)
    await line.wait(5)
    return started["status"]


async def test_one_after_another_share_a_thread_and_it_is_free_again() -> None:
    seen: list[int] = []
    handler = answering(seen)
    for _ in range(3):
        assert await ask(handler) == 200
        await until(lambda: len(handler._threads._free) == 1)
    assert len(set(seen)) == 1


async def test_at_once_each_has_its_own_and_only_some_are_kept() -> None:
    seen: list[int] = []
    many = THREADS_KEPT + 4
    handler = answering(seen, threading.Barrier(many, timeout=20).wait)
    assert set(await asyncio.gather(*(ask(handler) for _ in range(many)))) == {200}
    assert len(set(seen)) == many
    await until(lambda: len(handler._threads._free) == THREADS_KEPT)
    await asyncio.sleep(0.1)
    assert len(handler._threads._free) == THREADS_KEPT


async def test_an_abandoned_request_keeps_its_thread_until_it_is_done() -> None:
    seen: list[int] = []
    done = threading.Event()
    handler = answering(seen, lambda: len(seen) > 1 or done.wait(20))
    first = asyncio.create_task(ask(handler))
    await until(lambda: bool(seen))
    first.cancel()
    await asyncio.sleep(0.05)
    assert await ask(handler) == 200
    done.set()
    assert len(set(seen)) == 2


def test_the_whole_cycle_answers_as_django_does() -> None:
    assert FullHandler().get_response(RequestFactory().get("/healthz")).status_code == 200
