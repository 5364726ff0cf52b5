"""The door for VMS providers: positions as CSV, a JSON list or NAF."""

import hashlib
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from geo.errors import Refused
from vessels import actions, vms
from vessels.models import Feed

router = Router()
MOST_BYTES = 8 * 1024 * 1024


@router.post("/vms/positions", summary="Take a provider's positions")
def take_positions(request: HttpRequest) -> dict[str, Any]:
    """For tokens with the permission. The same delivery again stores nothing twice; bad rows are
    set aside by line, each with its reason."""
    user: Any = request.user
    if not user.has_perm("vessels.add_position"):
        raise PermissionError
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise Refused("too-large", _("At most 8 MB at once."), status=413)
    feed, _new = Feed.objects.get_or_create(name=user.username, synthetic=user.demo)
    done = vms.store(feed, request.body, request.content_type or "")
    if done.again:
        actions.note_repeat(
            feed.pk, f"{hashlib.sha256(request.body).hexdigest()}, {done.taken} rows"
        )
    return done.dict()
