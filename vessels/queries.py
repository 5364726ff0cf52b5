"""Reads: who may see vessels, and what is asked of their positions."""

from datetime import datetime
from typing import Any, Self

from django.contrib.gis.db import models

VIEW = "vessels.view_vessel"


def _may_see(user: Any) -> bool:
    return bool(user is not None and user.is_authenticated and user.has_perm(VIEW))


class VesselQuerySet(models.QuerySet[Any]):
    """Vessels."""

    def visible_to(self, user: Any) -> Self:
        """All to those who hold the permission (fisheries officers, operators), none to others."""
        return self.all() if _may_see(user) else self.none()


class LiveVesselQuerySet(models.QuerySet[Any]):
    """Vessels with their latest position."""

    def visible_to(self, user: Any) -> Self:
        """As for vessels."""
        return self.all() if _may_see(user) else self.none()


class PositionQuerySet(models.QuerySet[Any]):
    """Positions."""

    def visible_to(self, user: Any) -> Self:
        """As for vessels."""
        return self.all() if _may_see(user) else self.none()

    def of(self, vessel_id: int) -> Self:
        """One vessel's, oldest first."""
        return self.filter(vessel_id=vessel_id).order_by("observed_at")

    def between(self, start: datetime, end: datetime) -> Self:
        """From start to end, both included: only their day partitions are read."""
        return self.filter(observed_at__gte=start, observed_at__lte=end)
