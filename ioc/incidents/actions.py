"""The life of an incident. Every write records a change, so all walls stay in step."""

from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from geo.models import Notice
from ioc.incidents.models import Incident, IncidentNotice
from ioc.incidents.queries import LIVE
from layers import changes

log = structlog.get_logger(__name__)
RANK = [severity.value for severity in Notice.Severity]


def group_of(notice: Notice) -> str:
    """Notices of one kind about one feature belong together while the incident lives."""
    return f"{notice.kind}:{notice.layer}:{notice.feature_id or notice.key}"[:200]


def record(*, notice: Notice) -> Incident | None:
    """The incident that a notice opened or repeated; None if the notice was heard before."""
    for _attempt in range(2):
        try:
            with transaction.atomic():
                return _record(notice)
        except IntegrityError:
            # Two processes heard the first two notices of a group at once: one opened the
            # incident, the other joins it on its second try.
            continue
    return None


def _record(notice: Notice) -> Incident | None:
    fresh = Notice.objects.filter(pk=notice.pk, heard_at=None).update(heard_at=timezone.now())
    if not fresh:
        return None
    group = group_of(notice)
    incident = Incident.objects.select_for_update().filter(group_key=group, state__in=LIVE).first()
    if incident is None:
        incident = Incident(
            group_key=group, kind=notice.kind, layer=notice.layer, feature_id=notice.feature_id,
            first_at=notice.occurred_at, severity=notice.severity,
        )  # fmt: skip
        incident.repeats = 0
        incident.last_at = notice.occurred_at
    _take(incident, notice)
    incident.save()
    IncidentNotice.objects.create(notice=notice, incident=incident)
    changes.upsert("incidents", incident)
    log.info(
        "incident-recorded", incident=incident.pk, kind=incident.kind, repeats=incident.repeats
    )
    return incident


def _take(incident: Incident, notice: Notice) -> None:
    incident.repeats += 1
    incident.first_at = min(incident.first_at, notice.occurred_at)
    incident.synthetic = incident.synthetic or notice.synthetic
    if RANK.index(notice.severity) > RANK.index(incident.severity):
        incident.severity = notice.severity
    if notice.occurred_at >= incident.last_at:
        incident.last_at = notice.occurred_at
        incident.geom = notice.geom
        incident.title_vi, incident.title_en = notice.title_vi, notice.title_en
        incident.body_vi, incident.body_en = notice.body_vi, notice.body_en


def sweep(*, limit: int = 500) -> int:
    """The number of notices heard that no process had heard: none is lost to a crash."""
    unheard = Notice.objects.filter(heard_at=None).order_by("id")[:limit]
    return sum(record(notice=notice) is not None for notice in unheard)


@transaction.atomic
def acknowledge(*, incident_id: int, by: Any) -> Incident:
    """The incident, acknowledged by a named person. Doing it again oneself changes nothing.

    Raises:
        Refused: 409 if another person was first, with their name and the time.
    """
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    if incident.acknowledger_id == by.pk:
        return incident
    if incident.acknowledger_id is not None:
        raise Refused(
            "already-acknowledged",
            _("%(name)s has already acknowledged this") % {"name": incident.acknowledged_by},
            status=409,
            acknowledged_by=incident.acknowledged_by,
            acknowledged_at=incident.acknowledged_at,
        )
    incident.acknowledger = by
    incident.acknowledged_by = str(by)[:150]
    incident.acknowledged_at = timezone.now()
    if incident.state == Incident.State.OPEN:
        incident.state = Incident.State.ACKNOWLEDGED
    incident.save()
    changes.upsert("incidents", incident)
    log.info("incident-acknowledged", incident=incident.pk, by=by.pk)
    return incident
