"""What the centre sees of its incidents."""

from typing import Any

from django.db.models import QuerySet

from ioc.incidents.models import Incident

LIVE = (Incident.State.OPEN, Incident.State.ACKNOWLEDGED, Incident.State.IN_PROGRESS)


def visible_to(user: Any) -> QuerySet[Incident]:
    """The incidents that this person may see."""
    incidents = Incident.objects.all()
    return incidents if user.has_perm("incidents.view_incident") else incidents.none()


def live_for(user: Any) -> QuerySet[Incident]:
    """The incidents that are not resolved, for the map."""
    return visible_to(user).filter(state__in=LIVE)
