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


def _known(user: Any) -> bool:
    return bool(user is not None and user.is_authenticated)


def _seen_by(rows: Any, user: Any, owner: str) -> Any:
    if _may_see(user):
        return rows.all()
    return rows.filter(**{owner: user}) if _known(user) else rows.none()


class VesselQuerySet(models.QuerySet[Any]):
    """Vessels."""

    def visible_to(self, user: Any) -> Self:
        """All to who holds the permission (fisheries officers, operators), to owners their own."""
        return _seen_by(self, user, "owner_user")


class LiveVesselQuerySet(models.QuerySet[Any]):
    """Vessels with their latest position."""

    def visible_to(self, user: Any) -> Self:
        """As for vessels; owners' rows are found by the registry, for a view has no relations."""
        if _may_see(user) or not _known(user):
            return self.all() if _may_see(user) else self.none()
        return self.filter(pk__in=list(user.vessels.values_list("pk", flat=True)))


class DayTrackQuerySet(models.QuerySet[Any]):
    """Tracks by day."""

    def visible_to(self, user: Any) -> Self:
        """As for vessels."""
        return _seen_by(self, user, "vessel__owner_user")


class PositionQuerySet(models.QuerySet[Any]):
    """Positions."""

    def visible_to(self, user: Any) -> Self:
        """As for vessels."""
        return _seen_by(self, user, "vessel__owner_user")

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
