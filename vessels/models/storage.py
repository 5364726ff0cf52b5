"""The tables behind `Position`, which is a view over both: hot days, and the archive of months."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class HotPosition(models.Model):
    """A position of the last weeks, 120 bytes with its key. Degrees are integers of 10⁻⁷.

    Where the sender told nothing: NaN (reals), -1 (integers), so that a row needs no null map.
    """

    pk = models.CompositePrimaryKey("vessel_id", "observed_at")
    observed_at = models.DateTimeField(_("observed"))
    h3 = models.BigIntegerField(_("H3 cell, resolution 9"))
    vessel_id = models.IntegerField(_("vessel"))
    lon_e7 = models.IntegerField(_("longitude (10⁻⁷ °)"))
    lat_e7 = models.IntegerField(_("latitude (10⁻⁷ °)"))
    speed_kn = models.FloatField(_("speed (kn)"))
    course_deg = models.FloatField(_("course (°)"))
    heading_deg = models.SmallIntegerField(_("heading (°)"))
    status = models.SmallIntegerField(_("navigational status"))
    flags = models.SmallIntegerField(_("doubts"))
    message_type = models.SmallIntegerField(_("AIS message type"))
    feed_id = models.SmallIntegerField(_("source"))

    class Meta:
        db_table = "vessels_hot"
        verbose_name = _("position (hot)")
        verbose_name_plural = _("positions (hot)")


class ArchivedPosition(models.Model):
    """A position older than the hot days, 61 bytes with its index; month partitions, BRIN alone.

    Speed and course are tenths; `code` is the message type × 32 + status + 1. H3 is not kept.
    """

    pk = models.CompositePrimaryKey("vessel_id", "observed_at")
    observed_at = models.DateTimeField(_("observed"))
    vessel_id = models.IntegerField(_("vessel"))
    lon_e7 = models.IntegerField(_("longitude (10⁻⁷ °)"))
    lat_e7 = models.IntegerField(_("latitude (10⁻⁷ °)"))
    speed_dkn = models.SmallIntegerField(_("speed (1/10 kn)"))
    course_ddeg = models.SmallIntegerField(_("course (1/10 °)"))
    heading_deg = models.SmallIntegerField(_("heading (°)"))
    code = models.SmallIntegerField(_("message type and status"))
    flags = models.SmallIntegerField(_("doubts"))
    feed_id = models.SmallIntegerField(_("source"))

    class Meta:
        db_table = "vessels_archived"
        verbose_name = _("position (archived)")
        verbose_name_plural = _("positions (archived)")


class Station(models.Model):
    """What transmits and stands still: base stations, aids to navigation. Never a vessel."""

    class Kind(models.TextChoices):
        BASE = "base", _("Base station")
        CORRECTION = "correction", _("Correction station")
        AID = "aid", _("Aid to navigation")

    mmsi = models.IntegerField(_("MMSI"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=40, blank=True)
    geom = models.PointField(_("position"), srid=4326, null=True)
    heard_at = models.DateTimeField(_("last heard"))
    messages = models.BigIntegerField(_("messages"), default=0)
    synthetic = models.BooleanField(_("synthetic"), default=False)

    class Meta:
        verbose_name = _("station")
        verbose_name_plural = _("stations")
        constraints = [
            models.UniqueConstraint(
                fields=["mmsi", "kind", "synthetic"], name="vessels_station_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.mmsi)
