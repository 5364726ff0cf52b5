"""The web process: Django under an ASGI server.

Tiles and OGC pages pass a handler without middleware: each middleware that is not asynchronous
costs two changes of thread a request, and these need none of them. Streams are an application of
their own.
"""

import os
from importlib import import_module
from typing import Any

from django import setup
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ioc.settings")
setup(set_prefix=False)


class LeanHandler(ASGIHandler):
    """Django's own request cycle, less the middleware. Rights are checked in the views."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response_async)


_full, _lean = ASGIHandler(), LeanHandler()
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
