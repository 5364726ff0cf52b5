"""What is made from positions and can be made again: tracks by day, and hours of effort by cell."""

from typing import Any

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.translation import gettext_lazy as _

from vessels.models.heard import Vessel
from vessels.queries import DayTrackQuerySet


class TimedLinesField(models.MultiLineStringField):
    """Lines whose points carry the time as M, epoch seconds."""

    def db_type(self, connection: Any) -> str:
        return f"geometry(MultiLineStringM,{self.srid})"


class DayTrack(models.Model):
    """Where a vessel went on one local day: a line for each stretch without a silence.

    Simplified by time ratio: at any moment the line is within the tolerance of where the vessel
    was, so each tier can be replayed. A leg belongs to the day on which it begins. Tiers for tiles
    are in EPSG:3857: ST_Transform took 40 µs a row, most of a far tile.
    """

    vessel = models.ForeignKey(Vessel, models.CASCADE, db_constraint=False, db_index=False)
    day = models.DateField(_("local day"))
    started_at = models.DateTimeField(_("first position"))
    ended_at = models.DateTimeField(_("last position"))
    geom = TimedLinesField(_("track, within 15 m"), srid=4326)
    mercator_60m = TimedLinesField(_("track, within 60 m"), srid=3857, spatial_index=False)
    mercator_250m = TimedLinesField(_("track, within 250 m"), srid=3857, spatial_index=False)
    mercator_1000m = TimedLinesField(_("track, within 1,000 m"), srid=3857, spatial_index=False)
    positions = models.IntegerField(_("positions"))
    silences = models.SmallIntegerField(_("silences"))
    distance_nm = models.FloatField(_("distance (nm)"))
    top_kn = models.FloatField(_("highest speed (kn)"), null=True)
    cells = ArrayField(models.BigIntegerField(), verbose_name=_("H3 cells, resolution 7"))
    present_s = ArrayField(models.FloatField(), verbose_name=_("presence in each (s)"))
    fishing_s = ArrayField(models.FloatField(), verbose_name=_("likely fishing in each (s)"))

    objects = DayTrackQuerySet.as_manager()

    class Meta:
        verbose_name = _("track of a day")
        verbose_name_plural = _("tracks by day")
        constraints = [
            models.UniqueConstraint(fields=["day", "vessel"], name="vessels_daytrack_once"),
        ]
        indexes = [models.Index(fields=["vessel", "day"], name="vessels_daytrack_of")]

    def __str__(self) -> str:
        return f"{self.vessel_id} {self.day}"


class EffortPlace(models.Model):
    """An H3 cell in which vessels were: resolution 7 (5 km²), and 5 (250 km²) for far zooms."""

    cell = models.BigIntegerField(_("H3 cell"), unique=True)
    resolution = models.SmallIntegerField(_("H3 resolution"))
    area_km2 = models.FloatField(_("area (km²)"))
    geom = models.PolygonField(_("outline"), srid=4326)

    class Meta:
        verbose_name = _("cell of effort")
        verbose_name_plural = _("cells of effort")

    def __str__(self) -> str:
        return f"{self.cell:x}"


class EffortHours(models.Model):
    """Seconds that vessels of a kind and gear spent in a cell on one local day, in port left out.

    `fishing_s` is likely fishing, by speed alone.
    """

    pk = models.CompositePrimaryKey("day", "place_id", "kind", "gear")
    day = models.DateField(_("local day"))
    place = models.ForeignKey(EffortPlace, models.CASCADE, related_name="hours", db_index=False)
    kind = models.CharField(_("kind"), max_length=12)
    gear = models.CharField(_("gear"), max_length=60)
    present_s = models.FloatField(_("presence (s)"))
    fishing_s = models.FloatField(_("likely fishing (s)"))
    vessels = models.IntegerField(_("vessels"))

    class Meta:
        verbose_name = _("hours of effort")
        verbose_name_plural = _("hours of effort")
        indexes = [models.Index(fields=["place", "day"], name="vessels_effort_of")]
