"""Who asks. Tiles and streams come too often for the whole middleware chain."""

import time
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.http import HttpRequest
from django.utils.module_loading import import_string

from layers.registry import visible_layers

REMEMBER_S = 5.0
_remembered: dict[str, tuple[float, Any]] = {}


def bearer(request: HttpRequest) -> str:
    """The token that a request carries, or nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def viewer(request: HttpRequest) -> Any:
    """The person behind a call to a public address: by token if one is sent, else by session.

    A wrong token is a stranger, not an error: public addresses answer strangers too.
    """
    key = bearer(request)
    return (key and import_string(settings.IOC_TOKEN_USER)(key)) or request.user


async def aviewer(request: HttpRequest) -> Any:
    """The person behind a tile or stream, by token or session; remembered for five seconds.

    A stranger costs nothing: no cookie and no header mean no query.
    """
    key = bearer(request)
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not key and not session:
        return AnonymousUser()
    name = f"t:{key}" if key else f"s:{session}"
    now = time.monotonic()
    if (known := _remembered.get(name)) and now - known[0] < REMEMBER_S:
        return known[1]
    if len(_remembered) > 10_000:
        _remembered.clear()
    user = await sync_to_async(_look_up)(request, key, session)
    _remembered[name] = (now, user)
    return user


def _look_up(request: HttpRequest, key: str, session: str) -> Any:
    try:
        if key:
            user = import_string(settings.IOC_TOKEN_USER)(key) or AnonymousUser()
        else:
            request.session = SessionStore(session)
            user = get_user(request)
        user.get_all_permissions()  # asked and kept here: a stream may not query
        visible_layers(user)  # as is whether they own something
        return user
    finally:
        # No request cycle ends here that would give the connection back.
        close_old_connections()
