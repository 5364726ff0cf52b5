"""How much one report may weigh, and how many one address may send in an hour."""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.reports.photos import MAX_BYTES, refusal

WINDOW_S = 3600
MAX_PHOTOS = 3
CHUNK_BYTES = 1 << 20  # Django reads forms in pieces; a photo is one instead of six
MAX_FORM_BYTES = MAX_PHOTOS * MAX_BYTES + 256 * 1024


class FormLimit(FileUploadHandler):
    """Refuses a form before it is read, and a file as soon as it is too long."""

    chunk_size = CHUNK_BYTES

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > MAX_FORM_BYTES:
            raise refusal("photo-too-large")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > MAX_BYTES:
            raise refusal("photo-too-large")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def small_form(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, with FormLimit before whatever else reads the form."""

    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        for handler in request.upload_handlers:
            handler.chunk_size = CHUNK_BYTES
        request.upload_handlers.insert(0, FormLimit(request))
        return view(request, *args, **kwargs)

    return limited


def address_of(request: HttpRequest) -> str:
    """The sender's address: the proxy's word where a proxy is trusted, else the connection's."""
    if settings.IOC_TRUST_PROXY and (said := request.headers.get("X-Forwarded-For")):
        return said.rsplit(",", 1)[-1].strip()
    return request.META.get("REMOTE_ADDR", "")


def take(address: str, user: Any = None) -> None:
    """One report counted for `address`, and for the account that sends it.

    Raises Refused: too-many-reports, with `retry_after_s`.
    """
    count(f"reports-from-{address}", settings.IOC_REPORTS_PER_HOUR)
    if user is not None and user.is_authenticated:
        count(f"reports-by-{user.pk}", settings.IOC_REPORTS_PER_HOUR)


def count(name: str, per_hour: int) -> None:
    """One more of `name` in this clock hour; the shared cache holds only a digest of the name.

    Raises Refused: too-many-reports, with `retry_after_s`.
    """
    now = int(time.time())
    digest = hashlib.sha256(f"{settings.SECRET_KEY}{name}".encode()).hexdigest()[:24]
    key = f"reports-limit-{digest}-{now // WINDOW_S}"
    if cache.tally(key, WINDOW_S) > per_hour:
        wait_s = WINDOW_S - now % WINDOW_S
        message = _("Too many reports came from this connection. Try again in %(minutes)s minutes.")
        raise Refused(
            "too-many-reports",
            message % {"minutes": -(-wait_s // 60)},
            status=429,
            retry_after_s=wait_s,
        )
