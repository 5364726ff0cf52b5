"""Why a camera cannot be read, in words for who set it up; never with its address or login."""

from __future__ import annotations

import ssl

import av
import httpx
from django.utils.translation import gettext as _


class Unanswered(OSError):
    """A camera did not answer as one should; the message is fit for an operator."""


def in_words(failure: Exception) -> str:
    """The reason of a failure, of FFmpeg's, the network's or our own."""
    e = av.error
    if isinstance(failure, Unanswered):
        return str(failure)
    if isinstance(failure, e.HTTPUnauthorizedError | e.HTTPForbiddenError):
        return _("the camera does not accept this user and password")
    if isinstance(failure, e.HTTPNotFoundError | FileNotFoundError):
        return _("there is nothing at this address")
    if isinstance(failure, e.ExitError | TimeoutError | httpx.TimeoutException):
        return _("no answer in time")
    if isinstance(failure, e.InvalidDataError):
        return _("what comes is no video")
    if isinstance(failure, e.EOFError):
        return _("the stream ended")
    if isinstance(failure, ssl.SSLError):
        return _("its certificate is not accepted")
    if isinstance(failure, ConnectionRefusedError | httpx.ConnectError):
        return _("nobody answers at this address")
    if isinstance(failure, ConnectionError | httpx.NetworkError | httpx.RemoteProtocolError):
        return _("the camera broke the connection off")
    if isinstance(failure, httpx.ProtocolError):
        return _("the way in which the camera asks for a password is not known")
    return getattr(failure, "strerror", None) or type(failure).__name__.removesuffix("Error")


def of_status(status: int, asked_with_login: bool) -> Unanswered:
    """What an HTTP camera means by another answer than 200."""
    if status in (401, 403):
        if asked_with_login:
            return Unanswered(_("the camera does not accept this user and password"))
        return Unanswered(_("the camera asks for a user and a password"))
    if status in (404, 410):
        return Unanswered(_("there is nothing at this address"))
    return Unanswered(_("the camera answers %(status)s") % {"status": status})
