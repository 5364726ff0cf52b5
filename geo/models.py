from typing import Any, ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex
from django.utils.translation import gettext_lazy as _

from geo import cells
from geo.fold import folded


class GeoFeature(models.Model):
    """Base of everything that stands on the map: a point in EPSG:4326 with its H3 cell.

    The cell (resolution 9) is stored when the row is written, because joining a million points
    to hexagons in SQL takes 19 s and grouping by a stored number a fraction of one.
    """

    H3_RES: ClassVar[int] = cells.RESOLUTION

    geom = models.PointField(_("position"), srid=4326)
    h3 = models.BigIntegerField(_("H3 cell"), editable=False, db_index=True)
    source = models.CharField(_("source"), max_length=80, blank=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.h3 = cells.cell_of(self.geom.x, self.geom.y, self.H3_RES)
        if (fields := kwargs.get("update_fields")) is not None and "geom" in fields:
            kwargs["update_fields"] = {*fields, "h3"}
        super().save(*args, **kwargs)


class City(models.Model):
    """The city that this installation serves, as its pack describes it."""

    slug = models.SlugField(_("slug"), unique=True)
    name_vi = models.CharField(_("name (vi)"), max_length=120)
    name_en = models.CharField(_("name (en)"), max_length=120)
    bounds = models.PolygonField(_("bounds"), srid=4326)
    outline = models.MultiPolygonField(_("outline"), srid=4326, null=True, blank=True)
    metric_srid = models.PositiveIntegerField(_("metric CRS"), default=9214)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Ho_Chi_Minh")
    languages = models.JSONField(_("languages"), default=list)
    attributions = models.JSONField(_("attributions"), default=list)
    schematic = models.BooleanField(_("schematic"), default=False)
    basemap = models.JSONField(_("basemap"), null=True, blank=True)
    pack_digest = models.CharField(_("pack digest"), max_length=64, blank=True)
    active = models.BooleanField(_("active"), default=True)
    imported_at = models.DateTimeField(_("imported"), auto_now=True)

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")
        constraints = [
            models.UniqueConstraint(
                fields=["active"], condition=models.Q(active=True), name="one_active_city"
            )
        ]

    def __str__(self) -> str:
        return self.name_vi


class District(models.Model):
    """A ward or commune; one that a new pack no longer has is retired, never deleted."""

    class Kind(models.TextChoices):
        WARD = "ward", _("ward")
        COMMUNE = "commune", _("commune")
        SPECIAL = "special", _("special zone")

    code = models.CharField(_("code"), max_length=20, unique=True)
    name_vi = models.CharField(_("name (vi)"), max_length=120)
    name_en = models.CharField(_("name (en)"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.WARD)
    geom = models.MultiPolygonField(_("border"), srid=4326)
    label_point = models.PointField(_("label point"), srid=4326)
    area_km2 = models.FloatField(_("area, km²"))
    pack = models.SlugField(_("pack"), blank=True)
    schematic = models.BooleanField(_("schematic"), default=False)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name_vi


class Place(models.Model):
    """A named place that search can fly to."""

    key = models.CharField(_("key"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    name_vi = models.CharField(_("name (vi)"), max_length=200)
    name_en = models.CharField(_("name (en)"), max_length=200, blank=True)
    search = models.CharField(_("search text"), max_length=420, editable=False)
    rank = models.PositiveSmallIntegerField(_("rank"), default=100)
    geom = models.PointField(_("position"), srid=4326)
    pack = models.SlugField(_("pack"), blank=True)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["rank", "name_vi"]
        indexes = [GinIndex(fields=["search"], name="geo_place_search", opclasses=["gin_trgm_ops"])]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search = folded(f"{self.name_vi} {self.name_en}".strip())
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.name_vi


class Notice(models.Model):
    """Something a feature app saw that people should hear of, written once under its key."""

    class Severity(models.TextChoices):
        MINOR = "minor", _("minor")
        MODERATE = "moderate", _("moderate")
        SEVERE = "severe", _("severe")
        EXTREME = "extreme", _("extreme")

    key = models.CharField(_("key"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    layer = models.SlugField(_("layer"))
    feature_id = models.CharField(_("feature"), max_length=64, blank=True)
    geom = models.PointField(_("position"), srid=4326, null=True, blank=True)
    occurred_at = models.DateTimeField(_("occurred"))
    title_vi = models.CharField(_("title (vi)"), max_length=200)
    title_en = models.CharField(_("title (en)"), max_length=200)
    body_vi = models.TextField(_("text (vi)"), blank=True)
    body_en = models.TextField(_("text (en)"), blank=True)
    data = models.JSONField(_("data"), default=dict, blank=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    heard_at = models.DateTimeField(_("heard"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(heard_at=None), name="geo_notice_unheard"
            )
        ]

    def __str__(self) -> str:
        return self.title_vi


class Heartbeat(models.Model):
    """The last sign of life of one part, with a counter that grows only when it works."""

    part = models.CharField(_("part"), max_length=40, primary_key=True)
    at = models.DateTimeField(_("at"))
    progress = models.BigIntegerField(_("progress"), default=0)
    progress_at = models.DateTimeField(_("progressed"))
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.part
