"""How many reports one address may send in an hour, counted on the shared cache."""

import hashlib
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from geo.errors import Refused

WINDOW_S = 3600


def address_of(request: HttpRequest) -> str:
    """The sender's address: the proxy's word where a proxy is trusted, else the connection's."""
    if settings.IOC_TRUST_PROXY and (said := request.headers.get("X-Forwarded-For")):
        return said.rsplit(",", 1)[-1].strip()
    return request.META.get("REMOTE_ADDR", "")


def take(address: str) -> None:
    """One report counted for `address`; the cache holds only a digest of it.

    The count is kept per clock hour, and two requests in the same instant may count as one.

    Raises Refused: too-many-reports, with `retry_after_s`.
    """
    now = int(time.time())
    digest = hashlib.sha256(f"{settings.SECRET_KEY}{address}".encode()).hexdigest()[:24]
    key = f"reports-from-{digest}-{now // WINDOW_S}"
    if cache.add(key, 1, WINDOW_S):
        return
    if cache.incr(key) > settings.IOC_REPORTS_PER_HOUR:
        wait_s = WINDOW_S - now % WINDOW_S
        message = _("Too many reports came from this connection. Try again in %(minutes)s minutes.")
        raise Refused(
            "too-many-reports",
            message % {"minutes": -(-wait_s // 60)},
            status=429,
            retry_after_s=wait_s,
        )
