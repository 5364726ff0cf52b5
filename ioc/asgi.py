"""The web process: Django under an ASGI server.

Tiles and OGC pages pass a handler without middleware: each middleware that is not asynchronous
costs two changes of thread a request, and these need none of them. Streams are an application of
their own. All else runs in one thread from the first middleware to the view, and threads are kept:
a new one must make its coordinate transformations anew (`geo.crs`).
"""

import asyncio
import os
from collections import deque
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django import setup
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.db import close_old_connections
from django.urls import set_script_prefix

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ioc.settings")
setup(set_prefix=False)


THREADS_KEPT = 64


class Threads:
    """Threads that each serve one request at a time; as many as are asked for, some kept."""

    def __init__(self) -> None:
        self._free: deque[ThreadPoolExecutor] = deque()

    def take(self) -> ThreadPoolExecutor:
        """A thread that nobody else uses."""
        try:
            return self._free.pop()
        except IndexError:
            return ThreadPoolExecutor(max_workers=1, thread_name_prefix="request")

    def give_back(self, thread: ThreadPoolExecutor) -> None:
        """The thread is free once it has done what an abandoned request left in it, and, as at
        the end of each of Django's requests, has looked after its connection."""

        def done(_nothing: Future[None]) -> None:
            if len(self._free) < THREADS_KEPT:
                self._free.append(thread)
            else:
                thread.shutdown(wait=False)

        thread.submit(close_old_connections).add_done_callback(done)


class Lent(Executor):
    """One of the threads, taken by the first who needs it: not while a phone sends its photo
    slowly, and by most requests to maps not at all."""

    def __init__(self, threads: Threads) -> None:
        self._threads, self._taken = threads, None

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._taken = self._taken or self._threads.take()
        return self._taken.submit(fn, *args, **kwargs)

    def give_back(self) -> None:
        if self._taken is not None:
            self._threads.give_back(self._taken)


class Handler(ASGIHandler):
    """Django's handler, lent a thread for each request."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = Threads()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        lent = Lent(self._threads)
        try:
            async with ThreadSensitiveContext(executor=lent):
                await self.handle(scope, receive, send)
        finally:
            lent.give_back()


class FullHandler(Handler):
    """Django's whole request cycle in one change of thread, for our views are synchronous."""

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: Any) -> Any:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


class LeanHandler(Handler):
    """Django's request cycle, less the middleware and the signals, each of which is a change of
    thread. Rights are checked in the views."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response_async)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, and stop if nobody waits for it any more. What was sent along is not read."""
        set_script_prefix(get_script_prefix(scope))
        request, wrong = self.create_request(scope, BytesIO())
        answering = asyncio.create_task(self._answer(request, wrong, send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            answering.cancel()  # which is nothing to one that is done
            with suppress(asyncio.CancelledError):
                await answering

    async def _answer(self, request: Any, wrong: Any, send: Any) -> None:
        response = wrong if request is None else await self.run_get_response(request)
        try:
            await self.send_response(response, send)
        finally:
            response.close()


async def _left(receive: Any) -> None:
    """Returns once the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


_full, _lean = FullHandler(), LeanHandler()
live = import_module("layers.live").application  # imported once Django is set up


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    path = scope["path"]
    handler = live if path == "/live/" else _lean if path.startswith(("/tiles/", "/ogc")) else _full
    await handler(scope, receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
