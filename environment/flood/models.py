"""Terrain models, the gauges that speak for them, flood zones and what may stand in them."""

from typing import Any

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geo.text import Text

SENSOR = "environment.Sensor"


class TerrainModel(models.Model):
    """A terrain built from one file; its grids lie in a folder under `var`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        BUILDING = "building", _("being built")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    progress = models.FloatField(_("progress"), default=0)
    message = models.CharField(_("message"), max_length=500, blank=True)
    cancel = models.BooleanField(_("stop building"), default=False)
    active = models.BooleanField(_("in use"), default=False)
    asked = models.JSONField(_("input"), default=dict)
    digest = models.CharField(_("hash of the file"), max_length=64, blank=True)
    crs = models.TextField(_("CRS"), blank=True)
    method_vi = models.TextField(_("method (vi)"), blank=True)
    method_en = models.TextField(_("method (en)"), blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    folder = models.CharField(_("folder"), max_length=400, blank=True)
    geom = models.PolygonField(_("extent"), srid=4326, null=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("terrain model")
        verbose_name_plural = _("terrain models")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["active"],
                condition=models.Q(active=True),
                name="environment_one_terrain_in_use",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def method(self) -> Text:
        return Text(self.method_vi, self.method_en)


class FloodGauge(models.Model):
    """A river gauge on the drains of a terrain."""

    terrain = models.ForeignKey(TerrainModel, models.CASCADE, related_name="gauges")
    sensor = models.ForeignKey(SENSOR, models.CASCADE, related_name="+")
    place = models.PositiveIntegerField(_("place in the network"), editable=False)
    way_m = models.FloatField(_("way from the station to the drain, m"), editable=False)
    zero_m = models.FloatField(
        _("stage at the terrain's river height, m"),
        default=0.0,
        help_text=_("The stage at which the river stood when the terrain was measured."),
    )

    class Meta:
        verbose_name = _("gauge on the terrain")
        verbose_name_plural = _("gauges on the terrain")
        constraints = [
            models.UniqueConstraint(fields=["terrain", "sensor"], name="environment_gauge_once")
        ]

    def __str__(self) -> str:
        return f"{self.sensor_id}@{self.terrain_id}"


class FloodZoneQuerySet(models.QuerySet["FloodZone"]):
    def visible_to(self, user: Any) -> "FloodZoneQuerySet":
        """Zones put on the map; without the permission those that were published."""
        shown = self.filter(shown=True)
        if user is not None and user.has_perm("environment.view_floodzone"):
            return shown
        return shown.filter(published=True)


class FloodZone(models.Model):
    """The land under water at one stage of one gauge, kept per 10 cm; its GeoJSON and depth COG
    lie beside the terrain."""

    terrain = models.ForeignKey(TerrainModel, models.CASCADE, related_name="zones")
    sensor = models.ForeignKey(SENSOR, models.CASCADE, related_name="+")
    key = models.CharField(_("key"), max_length=120)
    title_vi = models.CharField(_("title (vi)"), max_length=200)
    title_en = models.CharField(_("title (en)"), max_length=200, blank=True)
    stage_m = models.FloatField(_("stage, m"))
    tide_m = models.FloatField(_("tide, m"), null=True)
    inputs = models.JSONField(_("inputs"), default=dict)
    method_vi = models.TextField(_("method (vi)"), blank=True)
    method_en = models.TextField(_("method (en)"))
    area_km2 = models.FloatField(_("area, km²"))
    deepest_m = models.FloatField(_("deepest, m"))
    confidence = models.FloatField(_("confidence"))
    exposure = models.JSONField(_("exposure"), null=True, editable=False)
    geom = models.MultiPolygonField(_("zone"), srid=4326)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    shown = models.BooleanField(_("on the map"), default=False)
    published = models.BooleanField(_("shown to the public"), default=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = FloodZoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("flood zone")
        verbose_name_plural = _("flood zones")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["terrain", "key"], name="environment_zone_once")
        ]

    def __str__(self) -> str:
        return self.title_vi

    @property
    def title(self) -> Text:
        return Text(self.title_vi, self.title_en)

    @property
    def method(self) -> Text:
        return Text(self.method_vi, self.method_en)


class FloodAsset(models.Model):
    """A building, road, school or clinic of the city pack that a flood may reach."""

    class Kind(models.TextChoices):
        BUILDING = "building", _("house")
        ROAD = "road", _("road")
        SCHOOL = "school", _("school")
        CLINIC = "clinic", _("clinic")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name_vi = models.CharField(_("name (vi)"), max_length=200, blank=True)
    name_en = models.CharField(_("name (en)"), max_length=200, blank=True)
    geom = models.GeometryField(_("place"), srid=4326)
    source = models.CharField(_("source"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("thing at risk")
        verbose_name_plural = _("things at risk")

    def __str__(self) -> str:
        return self.name_vi or f"{self.kind} {self.pk}"


class FloodMark(models.Model):
    """How high water stood at a place in a past flood, against which zones are checked."""

    event = models.CharField(_("flood"), max_length=120)
    sensor = models.ForeignKey(SENSOR, models.CASCADE, related_name="+")
    stage_m = models.FloatField(_("highest stage at the gauge, m"))
    depth_m = models.FloatField(_("depth over ground, m"), help_text=_("0 where it stayed dry."))
    geom = models.PointField(_("place"), srid=4326)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("flood mark")
        verbose_name_plural = _("flood marks")

    def __str__(self) -> str:
        return f"{self.event} {self.depth_m:g} m"
