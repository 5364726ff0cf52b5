"""The lines at sea and the ports, from the city pack."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class Waters(models.TextChoices):
    """Where a vessel may fish. Source: Decree 26/2019, Art. 42 and 43."""

    COASTAL = "coastal", _("Coastal")
    INSHORE = "inshore", _("Inshore")
    OFFSHORE = "offshore", _("Offshore")


class Zone(models.Model):
    """Waters with a rule: the three classes, waters closed to fishing, another country's."""

    class Kind(models.TextChoices):
        COASTAL = "coastal", _("Coastal")
        INSHORE = "inshore", _("Inshore")
        OFFSHORE = "offshore", _("Offshore")
        FORBIDDEN = "forbidden", _("Closed to fishing")
        FOREIGN = "foreign", _("Another country's waters")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name_vi = models.CharField(_("name (vi)"), max_length=200)
    name_en = models.CharField(_("name (en)"), max_length=200)
    geom = models.MultiPolygonField(_("area"), srid=4326)
    schematic = models.BooleanField(_("schematic"), default=False)
    keep_in = models.BooleanField(
        _("leaving is watched"), default=False,
        help_text=_("A vessel that leaves these waters for none raises an alert."),
    )  # fmt: skip
    active = models.BooleanField(_("active"), default=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("zone at sea")
        verbose_name_plural = _("zones at sea")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name_vi


class Port(models.Model):
    """A fishing port or landing. Within `radius_m` of its point a vessel is in it."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_vi = models.CharField(_("name (vi)"), max_length=200)
    name_en = models.CharField(_("name (en)"), max_length=200)
    geom = models.PointField(_("position"), srid=4326)
    area = models.MultiPolygonField(_("area"), srid=4326, null=True, blank=True)
    radius_m = models.FloatField(_("radius (m)"), default=1000.0)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("port")
        verbose_name_plural = _("ports")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name_vi


class Land(models.Model):
    """What is land for certain: the pack's, less lagoons and rivers. One row, simplified."""

    geom = models.MultiPolygonField(_("area"), srid=4326)
    source = models.CharField(_("source"), max_length=200)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("land")
        verbose_name_plural = _("land")

    def __str__(self) -> str:
        return self.source


class DangerArea(models.Model):
    """Where a storm is forecast to be dangerous, for a time; a newer one replaces it by key."""

    key = models.CharField(_("key"), max_length=100, unique=True)
    name_vi = models.CharField(_("name (vi)"), max_length=200)
    name_en = models.CharField(_("name (en)"), max_length=200)
    geom = models.MultiPolygonField(_("area"), srid=4326)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"))
    source = models.CharField(_("source"), max_length=300)
    active = models.BooleanField(_("active"), default=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("forecast danger area")
        verbose_name_plural = _("forecast danger areas")
        ordering = ["-valid_from", "key"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__gt=models.F("valid_from")),
                name="vessels_danger_lasts",
            ),
        ]

    def __str__(self) -> str:
        return self.name_vi
