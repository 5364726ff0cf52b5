from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from vision.models.event import CameraEvent


class PlateReading(models.Model):
    """A number plate read on an event's vehicle, as a keyed hash: found again, never read back."""

    event = models.ForeignKey(
        CameraEvent, models.CASCADE, related_name="plates", verbose_name=_("event")
    )
    hash = models.CharField(_("keyed hash"), max_length=64, db_index=True)
    kind = models.CharField(_("kind of plate"), max_length=20)
    color = models.CharField(_("colour"), max_length=10, blank=True)
    lines = models.PositiveSmallIntegerField(_("lines"), default=1)
    confidence = models.FloatField(_("confidence"))
    read_at = models.DateTimeField(_("read"), auto_now_add=True)

    class Meta:
        verbose_name = _("plate reading")
        verbose_name_plural = _("plate readings")
        permissions = (("search_plate", "Search number plates; every search is logged"),)
        constraints = [
            models.UniqueConstraint(fields=["event", "hash"], name="vision_plate_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.hash[:8]}"


class PlateText(models.Model):
    """The clear text of a reading, encrypted, under a right and a time of its own."""

    reading = models.OneToOneField(
        PlateReading, models.CASCADE, related_name="text", verbose_name=_("reading")
    )
    sealed = models.TextField(_("encrypted text"))
    erase_at = models.DateTimeField(_("erased after"), db_index=True)

    class Meta:
        verbose_name = _("plate text")
        verbose_name_plural = _("plate texts")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return str(self.reading_id)
