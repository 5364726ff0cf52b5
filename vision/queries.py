from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.utils import timezone

SHOWN_FOR = timedelta(hours=24)


class CameraQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """The cameras that this person may see; their addresses are never part of a view."""
        return self if user.has_perm("vision.view_camera") else self.none()

    def with_stream(self) -> Self:
        """Enabled cameras that have somewhere to read pictures from."""
        return self.filter(enabled=True).exclude(address="")


class JobQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """What this person asked for; and every trial, where they set cameras up as well."""
        own = models.Q(by=user)
        if user.has_perm("vision.set_up_camera"):
            own |= models.Q(kind="trial")
        return self.filter(own)


class AuditQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """All of it or nothing: who looked is told to those alone who may read the audit."""
        return self if user.has_perm("vision.view_auditline") else self.none()


class HealthEventQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Troubles of the cameras that this person may see."""
        return self if user.has_perm("vision.view_camera") else self.none()


class CameraEventQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """The events that this person may see."""
        return self if user.has_perm("vision.view_cameraevent") else self.none()

    def recent(self, now: datetime | None = None) -> Self:
        """Events of the last 24 hours: what the map shows."""
        return self.filter(started_at__gte=(now or timezone.now()) - SHOWN_FOR)

    def for_review(self) -> Self:
        """What a person has to look at, not counts alone."""
        return self.filter(notable=True)

    def proven(self) -> Self:
        """Accepted by a person: the only ones that may be held against anybody."""
        return self.filter(review="accepted")

    def before(self, moment: datetime) -> Self:
        return self.filter(started_at__lt=moment)
