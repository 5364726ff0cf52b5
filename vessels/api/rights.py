"""Who may ask for what of the fleet."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from geo.errors import Refused
from vessels.models import Alert, Vessel
from vessels.queries import VIEW

ACT = "vessels.change_alert"


def officer(request: HttpRequest) -> bool:
    """Whether they may see the whole fleet."""
    return bool(request.user.has_perm(VIEW))  # type: ignore[union-attr]


def may_ask(request: HttpRequest) -> Any:
    """The person, who sees the fleet or owns a vessel of it.

    Raises PermissionError for others.
    """
    user: Any = request.user
    if not officer(request) and not Vessel.objects.filter(owner_user=user).exists():
        raise PermissionError
    return user


def vessel_of(request: HttpRequest, vessel_id: int) -> Vessel:
    """The vessel, if they may see it. Raises Http404 otherwise, as if there were none."""
    vessel = Vessel.objects.visible_to(request.user).filter(pk=vessel_id).first()
    if vessel is None:
        raise Http404
    return vessel


def alerts_of(request: HttpRequest) -> Any:
    """The alerts that they may see: all, or those of their own vessels."""
    rows = Alert.objects.select_related("vessel", "held_by")
    return rows if officer(request) else rows.filter(vessel__owner_user=request.user)


def aware(moment: datetime) -> datetime:
    """The time. Raises Refused where it tells no zone."""
    if moment.tzinfo is None:
        raise Refused(
            "time-without-zone", _("Give the time with its zone, as 2026-01-31T07:00:00Z.")
        )
    return moment
