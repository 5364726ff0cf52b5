"""The web process: Django under an ASGI server.

Tiles and OGC pages pass a handler without middleware: each middleware that is not asynchronous
costs two changes of thread a request, and these need none of them. Streams are an application of
their own. All else runs in one thread from the first middleware to the view, and threads are kept:
a new one must make its coordinate transformations anew, which takes longer than most answers.
"""

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django import setup
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response

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
        """The thread is free once it has done what an abandoned request left in it."""

        def done(_nothing: Future[None]) -> None:
            if len(self._free) < THREADS_KEPT:
                self._free.append(thread)
            else:
                thread.shutdown(wait=False)

        thread.submit(lambda: None).add_done_callback(done)


class Arrived:
    """What comes after a request's body, which has been read."""

    def __init__(self, receive: Any, body: Any) -> None:
        self._receive, self.body = receive, body

    async def __call__(self) -> Any:
        return await self._receive()


class FullHandler(ASGIHandler):
    """Django's whole request cycle in one change of thread, for our views are synchronous.

    A thread is taken once the whole body is there: phones send photos slowly.
    """

    def __init__(self) -> None:
        super().__init__()
        self._threads = Threads()

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: Any) -> Any:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)

    async def read_body(self, receive: Any) -> Any:
        return receive.body if isinstance(receive, Arrived) else await super().read_body(receive)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        thread = self._threads.take()
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, Arrived(receive, body), send)
        finally:
            self._threads.give_back(thread)


class LeanHandler(ASGIHandler):
    """Django's own request cycle, less the middleware. Rights are checked in the views."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response_async)


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
