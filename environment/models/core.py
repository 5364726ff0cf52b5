"""Stations, datastreams, observations and what is derived from them."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from environment.alarms import Limit
from environment.models.upkeep import Instrument
from geo.models import GeoFeature


class State(models.TextChoices):
    """What the symbol's colour says, in CAP's words."""

    GOOD = "good", _("normal")
    MINOR = "minor", _("minor")
    MODERATE = "moderate", _("moderate")
    SEVERE = "severe", _("severe")
    EXTREME = "extreme", _("extreme")
    STALE = "stale", _("silent")
    UNKNOWN = "unknown", _("not classified")
    SUSPECT = "suspect", _("suspect")


class SensorQuerySet(models.QuerySet["Sensor"]):
    def visible_to(self, user: Any) -> "SensorQuerySet":
        """Stations this person may see: public ones, or all with the permission."""
        if user is not None and user.has_perm("environment.view_sensor"):
            return self
        return self.filter(public=True)

    def silent_at(self, now: datetime) -> "SensorQuerySet":
        """Stations whose last value is older than their own interval allows."""
        age = models.F("silent_after_s") * models.Value(timedelta(seconds=1))
        due = models.ExpressionWrapper(
            models.F("observed_at") + age, output_field=models.DateTimeField()
        )
        return self.alias(due_at=due).filter(due_at__lt=now)


class Sensor(GeoFeature):
    """A station on the map (SensorThings: a Thing with its Location) and its state now.

    The columns from `parameter` on repeat the latest trusted value of the station's main property,
    so that a tile or a snapshot is one table; no index touches them, so each update stays HOT.
    """

    class Kind(models.TextChoices):
        RIVER = "river", _("river gauge")
        RAIN = "rain", _("rain gauge")
        AIR = "air", _("air quality")
        TIDE = "tide", _("tide gauge")
        RESERVOIR = "reservoir", _("reservoir")
        OTHER = "other", _("other station")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name_vi = models.CharField(_("name (vi)"), max_length=160)
    name_en = models.CharField(_("name (en)"), max_length=160, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    aliases = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("names in feeds"),
        default=list,
        blank=True,
        help_text=_("Other names under which providers send this station."),
    )
    datum = models.CharField(_("datum"), max_length=80, blank=True)
    position_source = models.CharField(_("source of the position"), max_length=200, blank=True)
    public = models.BooleanField(_("shown to the public"), default=True)
    silent_after_s = models.PositiveIntegerField(_("silent after, s"), default=5400)
    pack = models.SlugField(_("pack"), blank=True)
    description = models.TextField(_("description"), blank=True)
    properties = models.JSONField(_("properties"), default=dict, blank=True)

    parameter = models.CharField(_("parameter"), max_length=40, blank=True, editable=False)
    value = models.FloatField(_("value"), null=True, editable=False)
    unit = models.CharField(_("unit"), max_length=16, blank=True, editable=False)
    observed_at = models.DateTimeField(_("observed"), null=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.UNKNOWN, editable=False
    )

    objects = SensorQuerySet.as_manager()

    class Meta:
        verbose_name = _("sensor")
        verbose_name_plural = _("sensors")
        ordering = ["kind", "code"]

    def __str__(self) -> str:
        return f"{self.name_vi} ({self.code})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_en = self.name_en or self.name_vi
        super().save(*args, **kwargs)
        fields = kwargs.get("update_fields")
        if fields is None or "geom" in fields:
            self._keep_place()

    def _keep_place(self) -> None:
        """A position that differs from the last one kept is kept as well."""
        last = self.places.order_by("-since_at", "-id").first()
        if last is None or not last.geom.equals_exact(self.geom, 1e-7):
            self.places.create(geom=self.geom, since_at=timezone.now(), name=self.name_vi)


class ObservedProperty(models.Model):
    """What is measured; rows appear as data arrives, from `environment.parameters`."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_vi = models.CharField(_("name (vi)"), max_length=120)
    name_en = models.CharField(_("name (en)"), max_length=120)
    definition = models.CharField(_("definition"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)
    properties = models.JSONField(_("properties"), default=dict, blank=True)
    unit = models.CharField(_("unit"), max_length=16)

    class Meta:
        verbose_name = _("observed property")
        verbose_name_plural = _("observed properties")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name_vi


class Datastream(models.Model):
    """One property of one station, kept in one unit.

    `sent_unit` is what a feed that names no unit with each value sends; empty: the same. `checks`
    replaces single thresholds of the quality tests (see `environment.checks.Checks`).
    """

    sensor = models.ForeignKey(Sensor, models.CASCADE, related_name="datastreams")
    observed_property = models.ForeignKey(
        ObservedProperty, models.PROTECT, related_name="datastreams"
    )
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, null=True, blank=True, related_name="datastreams"
    )
    unit = models.CharField(_("unit"), max_length=16)
    sent_unit = models.CharField(_("unit as sent"), max_length=16, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)
    properties = models.JSONField(_("properties"), default=dict, blank=True)
    checks = models.JSONField(_("thresholds of the quality tests"), default=dict, blank=True)

    class Meta:
        verbose_name = _("datastream")
        verbose_name_plural = _("datastreams")
        constraints = [
            models.UniqueConstraint(
                fields=["sensor", "observed_property"], name="environment_datastream_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sensor_id}/{self.observed_property_id}"


class Receipt(models.Model):
    """One delivery of observations: a file or a call, from whom, and what became of its rows."""

    class Via(models.TextChoices):
        FILE = "file", _("file")
        HTTP = "http", _("HTTP")
        STA = "sta", _("SensorThings")
        MQTT = "mqtt", _("MQTT")

    source = models.CharField(_("source"), max_length=80)
    via = models.CharField(_("way in"), max_length=8, choices=Via.choices)
    name = models.CharField(_("name"), max_length=255, blank=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    accepted = models.PositiveIntegerField(_("accepted"), default=0)
    flagged = models.PositiveIntegerField(_("flagged"), default=0)
    duplicate = models.PositiveIntegerField(_("held already"), default=0)
    refused = models.PositiveIntegerField(_("set aside"), default=0)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.source} {self.name}"


class RefusedRow(models.Model):
    """A row that was set aside, as received, with the reason; the same row again is not doubled."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    receipt = models.ForeignKey(Receipt, models.CASCADE, related_name="refused_rows")
    line = models.PositiveIntegerField(_("line"), default=0)
    raw = models.TextField(_("as received"))
    code = models.CharField(_("code"), max_length=40)
    message = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("row set aside")
        verbose_name_plural = _("rows set aside")
        ordering = ["receipt_id", "line"]

    def __str__(self) -> str:
        return f"{self.line}: {self.message}"


class Observation(models.Model):
    """One value of a datastream. The table is partitioned by day and made in SQL.

    `raw` is the value as received and never changes; `raw_unit` only where it differs from the
    datastream's. `flag` is a QARTOD flag, `note` its reason (see `environment.quality`). What
    stands behind `receipt` is empty unless the provider said it (see `environment.said`).
    """

    pk = models.CompositePrimaryKey("datastream_id", "t")
    datastream = models.ForeignKey(Datastream, models.DO_NOTHING, db_constraint=False)
    t = models.DateTimeField(_("observed"))
    value = models.FloatField(_("value"), null=True)
    raw = models.TextField(_("as received"))
    raw_unit = models.TextField(_("unit as received"))
    flag = models.SmallIntegerField(_("quality"))
    note = models.TextField(_("note"))
    receipt = models.ForeignKey(Receipt, models.DO_NOTHING, db_constraint=False)
    result_time = models.DateTimeField(null=True)
    valid_from = models.DateTimeField(null=True)
    valid_to = models.DateTimeField(null=True)
    parameters = models.JSONField(null=True)
    provider_quality = models.JSONField(null=True)

    class Meta:
        managed = False
        db_table = "environment_observation"
        verbose_name = _("observation")
        verbose_name_plural = _("observations")


class HourOfValues(models.Model):
    """The values of one hour (UTC) and flag of a datastream; see `environment.hours`. Derived."""

    pk = models.CompositePrimaryKey("datastream_id", "hour", "flag")
    datastream = models.ForeignKey(
        Datastream, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    hour = models.DateTimeField()
    flag = models.SmallIntegerField()
    n = models.IntegerField()
    total = models.FloatField()
    low = models.FloatField()
    low_at = models.DateTimeField()
    high = models.FloatField()
    high_at = models.DateTimeField()

    class Meta:
        db_table = "environment_hour"


class Latest(models.Model):
    """The latest trusted value of a datastream: one narrow row, updated in place (HOT)."""

    datastream = models.OneToOneField(Datastream, models.CASCADE, primary_key=True)
    t = models.DateTimeField(_("observed"))
    value = models.FloatField(_("value"))

    class Meta:
        verbose_name = _("latest value")
        verbose_name_plural = _("latest values")


class Threshold(models.Model):
    """An alarm threshold in force between two local dates, with the document that sets it."""

    sensor = models.ForeignKey(Sensor, models.CASCADE, related_name="thresholds")
    parameter = models.CharField(_("parameter"), max_length=40, default="water_level")
    level = models.PositiveSmallIntegerField(
        _("alarm level"), validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    value = models.FloatField(_("value"))
    hysteresis = models.FloatField(_("hysteresis"), default=0.05)
    valid_from = models.DateField(_("in force from"))
    valid_to = models.DateField(_("in force to"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("threshold")
        verbose_name_plural = _("thresholds")
        ordering = ["sensor_id", "parameter", "valid_from", "level"]
        constraints = [
            models.UniqueConstraint(
                fields=["sensor", "parameter", "level", "valid_from"],
                name="environment_threshold_once",
            ),
            models.CheckConstraint(
                condition=models.Q(level__range=(1, 3)), name="environment_threshold_level"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                name="environment_threshold_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sensor_id} {self.level}: {self.value:g}"

    def as_limit(self) -> Limit:
        return Limit(self.level, self.value, self.valid_from, self.valid_to, self.hysteresis)


class AlarmCrossing(models.Model):
    """The alarm level of a station changed. Derived: late data or thresholds rebuild the rows."""

    sensor = models.ForeignKey(Sensor, models.CASCADE, related_name="crossings")
    at = models.DateTimeField(_("time"))
    before = models.PositiveSmallIntegerField(_("level before"))
    level = models.PositiveSmallIntegerField(_("level"))
    value = models.FloatField(_("value"))

    class Meta:
        verbose_name = _("alarm crossing")
        verbose_name_plural = _("alarm crossings")
        ordering = ["sensor_id", "at"]
        constraints = [
            models.UniqueConstraint(fields=["sensor", "at"], name="environment_crossing_once")
        ]

    def __str__(self) -> str:
        return f"{self.sensor_id} {self.before}→{self.level}"
