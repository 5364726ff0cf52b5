"""A service request that other software sends: the same door as everybody's, with a key."""

import hmac
import re
import uuid
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from geo import addresses
from geo.errors import Refused
from ioc.accounts.queries import user_of_token
from ioc.reports import limits
from ioc.reports.actions import Draft, submit
from ioc.reports.models import Category, Report
from ioc.reports.open311.wire import Wrong
from ioc.reports.photos import MAX_BYTES

ADD = "reports.add_report"
NAMED = re.compile(r"^attribute\[([^\]]{1,80})\](\[\])?$")
log = structlog.get_logger(__name__)


def post(request: HttpRequest) -> tuple[Report, str, bool]:
    """The report, a notice for the sender where something was left out, and whether it is new.

    Names and telephone numbers are not kept. Raises Wrong, and Refused as `submit` does.
    """
    sender = _sender(request)
    category = Category.objects.filter(pk=_field(request, "service_code"), active=True).first()
    if category is None:
        status = 404 if _field(request, "service_code") else 400
        raise Wrong(status, "service_code was not found, or not given.")
    limits.count(f"open311-{sender.pk}", settings.IOC_OPEN311_PER_HOUR)
    photos = [file.read() for file in request.FILES.getlist("media")[: limits.MAX_PHOTOS + 1]]
    notice = ""
    if not photos and (url := _field(request, "media_url")):
        photos, notice = _fetched(url)
    draft = Draft(
        client_key=_client_key(request, sender),
        lon=_degrees(request, "long"),
        lat=_degrees(request, "lat"),
        category=category.pk,
        words=_field(request, "description"),
        language=(get_language() or "vi")[:2],
        email=_email(request),
        attributes=_answers(request),
        photos=tuple(photos),
        source="open311",
    )
    report, new = submit(draft, limited=False)
    log.info("open311-posted", code=report.code, by=sender.pk, new=new)
    if not report.on_map:
        notice = notice or _("The report is looked at by a person before it is shown.")
    return report, notice, new


def _sender(request: HttpRequest) -> Any:
    key = _field(request, "api_key") or request.GET.get("api_key", "")
    user = user_of_token(key) if key else None
    if user is None or not user.has_perm(ADD):
        raise Wrong(403, "api_key is missing, not known, or may not send reports.")
    return user


def _field(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()


def _degrees(request: HttpRequest, name: str) -> float:
    try:
        return float(_field(request, name))
    except ValueError:
        message = "lat and long are needed: address_string alone cannot be placed here."
        raise Wrong(400, message) from None


def _email(request: HttpRequest) -> str:
    email = _field(request, "email")
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise Wrong(400, "email is not an address.") from None
    return email


def _answers(request: HttpRequest) -> dict[str, Any]:
    """`attribute[CODE]` once, or more than once for lists of several values."""
    found: dict[str, Any] = {}
    for name in request.POST:
        if match := NAMED.match(name):
            values = request.POST.getlist(name)
            found[match[1]] = values if len(values) > 1 or match[2] else values[0]
    return found


def _client_key(request: HttpRequest, sender: Any) -> uuid.UUID:
    """The same for the same sender and the same key of theirs; nobody can work it out."""
    given = request.headers.get("Idempotency-Key") or _field(request, "client_key")
    if not given:
        return uuid.uuid4()
    text = f"open311:{sender.pk}:{given}".encode()
    return uuid.UUID(bytes=hmac.digest(settings.SECRET_KEY.encode(), text, "sha256")[:16])


def _fetched(url: str) -> tuple[list[bytes], str]:
    """The picture behind `media_url` where it is public and comes soon; else why it is missing."""
    try:
        answer = addresses.send("GET", url, timeout_s=5, limit=MAX_BYTES + 1)
    except (Refused, addresses.Unreachable):
        return [], _("The picture at media_url was not taken: it could not be reached.")
    if answer.status != 200 or len(answer.body) > MAX_BYTES:
        return [], _("The picture at media_url was not taken: it is missing or too large.")
    return [answer.body], ""
