"""Reads: who may see vessels, and what is asked of their positions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.contrib.gis.db import models
from django.db.models.functions import Extract, Floor

from vessels.quality import Flag

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

    def thinned(
        self, vessel_id: int, start: datetime, end: datetime, *, slices: int, doubtful: bool = False
    ) -> Iterable[tuple[Any, ...]]:
        """(slice, observed_at, geom, speed_kn, course_deg) of one vessel, oldest first: the first
        position in each of `slices` equal slices of time. One query."""
        width_s = max((end - start).total_seconds() / slices, 0.001)
        seen = self.of(vessel_id).between(start, end)
        if not doubtful:
            seen = seen.filter(flags__in=(0, int(Flag.CLOCK_OURS)))
        return (
            seen.annotate(slice=Floor(Extract("observed_at", "epoch") / width_s))
            .order_by("slice", "observed_at")
            .distinct("slice")
            .values_list("slice", "observed_at", "geom", "speed_kn", "course_deg")
        )
