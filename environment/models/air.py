"""Air quality between stations, as it is drawn on the map."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class AirBand(models.Model):
    """Where the index lies within one class; all rows of one moment make the surface."""

    band = models.CharField(_("class"), max_length=10, unique=True)
    at = models.DateTimeField(_("observed"))
    stations = models.PositiveIntegerField(_("stations"))
    error = models.FloatField(_("error, leaving out each station"))
    flat_error = models.FloatField(_("error of one value for all"))
    reach_km = models.FloatField(_("drawn up to this far from a station, km"))
    method_vi = models.TextField(_("method (vi)"))
    method_en = models.TextField(_("method (en)"))
    synthetic = models.BooleanField(_("synthetic"), default=False)
    geom = models.MultiPolygonField(_("area"), srid=4326)

    class Meta:
        verbose_name = _("class of the air surface")
        verbose_name_plural = _("classes of the air surface")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.band
