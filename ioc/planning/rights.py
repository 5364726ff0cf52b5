"""Who may use the planning desk, and how much may be sent to it."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from geo.errors import Refused
from ioc.accounts.auth import session_or_token

USE = "planning.use_plan"
MAX_BODY = 2_000_000


def refuse_large(request: HttpRequest) -> None:
    """Raises Refused 413 for more JSON than a drawn area ever needs, before it is parsed."""
    try:
        size = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        size = 0
    if size > MAX_BODY or len(request.body) > MAX_BODY:
        message = _(
            "The question is larger than 2 MB. Draw a simpler area, or upload it as a file: "
            "it is made simpler there."
        )
        raise Refused("too-large", message, status=413)


with_little = [refuse_large, *session_or_token]
"""Who asks, once it is known that they do not send too much."""


def may(request: HttpRequest) -> Any:
    """The planner who asks. Raises PermissionError for everybody else."""
    if not request.user.has_perm(USE):
        raise PermissionError
    return request.user
