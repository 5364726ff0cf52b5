"""The web process keeps its threads, and gives each to one request at a time."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.http import HttpResponse
from django.test import RequestFactory

from ioc.asgi import THREADS_KEPT, FullHandler, LeanHandler


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


async def test_a_body_that_comes_slowly_holds_no_thread() -> None:
    handler = answering([])
    await ask(handler)
    await until(lambda: len(handler._threads._free) == 1)
    line = ApplicationCommunicator(handler, scope() | {"method": "POST"})
    await line.send_input({"type": "http.request", "body": b"a", "more_body": True})
    await asyncio.sleep(0.05)
    assert len(handler._threads._free) == 1
    await line.send_input({"type": "http.request", "body": b"b"})
    assert (await line.receive_output(5))["status"] == 200
    await line.receive_output(5)
    await line.wait(5)


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


def lean(view: Any) -> LeanHandler:
    """A handler of maps whose answers a view makes."""
    handler = LeanHandler()
    handler.get_response_async = view  # type: ignore[method-assign]
    return handler


async def test_a_map_takes_a_thread_only_where_it_needs_one() -> None:
    async def answer(_request: Any) -> HttpResponse:
        if needed:
            seen.append(await sync_to_async(threading.get_ident)())
        return HttpResponse("ok")

    seen: list[int] = []
    handler, needed = lean(answer), False
    assert await ask(handler) == 200
    assert not handler._threads._free
    needed = True
    for _ in range(2):
        assert await ask(handler) == 200
        await until(lambda: len(handler._threads._free) == 1)
    assert len(handler._threads._free) == len(set(seen)) == 1


async def test_a_map_that_nobody_waits_for_is_not_made() -> None:
    stopped = asyncio.Event()

    async def answer(_request: Any) -> HttpResponse:
        try:
            await asyncio.sleep(30)
        finally:
            stopped.set()
        return HttpResponse("late")

    line = ApplicationCommunicator(lean(answer), scope())
    await line.send_input({"type": "http.request", "body": b""})
    await asyncio.sleep(0.05)
    await line.send_input({"type": "http.disconnect"})
    await line.wait(5)
    assert stopped.is_set()
    assert await line.receive_nothing(0.01)
