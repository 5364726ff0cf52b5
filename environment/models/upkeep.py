"""Where a station stood, what measures, what a person overruled, and the limits of the law."""

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

FLAGS = [(1, _("good")), (2, _("not evaluated")), (3, _("suspect")), (4, _("bad"))]


class Instrument(models.Model):
    """The device or method behind a datastream (SensorThings: a Sensor)."""

    UNSTATED = "unstated"

    name = models.CharField(_("name"), max_length=160, unique=True)
    description = models.TextField(_("description"), blank=True)
    encoding_type = models.CharField(_("encoding"), max_length=120, default="text/html")
    metadata = models.TextField(_("metadata"), blank=True)
    properties = models.JSONField(_("properties"), default=dict, blank=True)

    class Meta:
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A position of a station and since when; the newest is where it stands (never rewritten)."""

    sensor = models.ForeignKey("environment.Sensor", models.CASCADE, related_name="places")
    geom = models.PointField(_("position"), srid=4326)
    since_at = models.DateTimeField(_("since"))
    name = models.CharField(_("name"), max_length=160, blank=True)
    description = models.TextField(_("description"), blank=True)
    properties = models.JSONField(_("properties"), default=dict, blank=True)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["sensor_id", "-since_at", "-id"]
        indexes = [models.Index(fields=["sensor", "-since_at"], name="environment_place_newest")]

    def __str__(self) -> str:
        return f"{self.sensor_id} {self.since_at:%Y-%m-%d}"


class Overrule(models.Model):
    """A person's word on one value, with the reason; undone it stays on record.

    While it holds, no automatic test changes the flag.
    """

    datastream = models.ForeignKey(
        "environment.Datastream", models.CASCADE, related_name="overrules"
    )
    t = models.DateTimeField(_("observed"))
    flag = models.SmallIntegerField(_("quality"), choices=FLAGS)
    before = models.SmallIntegerField(_("quality before"))
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("overruled"), auto_now_add=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("overruling")
        verbose_name_plural = _("overrulings")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["datastream", "t"],
                condition=models.Q(undone_at=None),
                name="environment_overrule_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.datastream_id} {self.t:%Y-%m-%d %H:%M} → {self.flag}"


class AirStandard(models.Model):
    """A limit of air quality in force between two dates, µg/m³."""

    class Averaging(models.TextChoices):
        HOUR = "1h", _("1 hour")
        EIGHT = "8h", _("8 hours")
        DAY = "24h", _("24 hours")
        YEAR = "year", _("year")

    pollutant = models.CharField(_("pollutant"), max_length=10)
    averaging = models.CharField(_("averaged over"), max_length=4, choices=Averaging.choices)
    value = models.FloatField(_("value"))
    valid_from = models.DateField(_("in force from"))
    valid_to = models.DateField(_("in force to"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("limit of air quality")
        verbose_name_plural = _("limits of air quality")
        ordering = ["pollutant", "averaging", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["pollutant", "averaging", "valid_from"],
                name="environment_airstandard_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pollutant} {self.averaging}: {self.value:g}"
