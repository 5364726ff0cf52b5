from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from vision.models.camera import Camera
from vision.queries import HealthEventQuerySet


class MinuteCount(models.Model):
    """How many of one class crossed one line in one direction within one minute. Kept for good."""

    camera = models.ForeignKey(Camera, models.CASCADE, related_name="+", verbose_name=_("camera"))
    rule = models.CharField(_("line or lane"), max_length=40)
    direction = models.CharField(_("direction"), max_length=10, blank=True)
    object_class = models.CharField(_("object"), max_length=40)
    minute = models.DateTimeField(_("minute"))
    count = models.PositiveIntegerField(_("count"), default=0)

    class Meta:
        verbose_name = _("count of a minute")
        verbose_name_plural = _("counts by minute")
        constraints = [
            models.UniqueConstraint(
                fields=["camera", "minute", "rule", "direction", "object_class"],
                name="vision_minute_once",
            ),
        ]
        indexes = [models.Index(fields=["minute"], name="vision_minute")]

    def __str__(self) -> str:
        return f"{self.rule} {self.minute:%H:%M}"


class CameraHealth(models.Model):
    """How one camera did in one minute."""

    camera = models.ForeignKey(Camera, models.CASCADE, related_name="health")
    at = models.DateTimeField(_("minute"))
    state = models.CharField(_("state"), max_length=10)
    frames = models.PositiveIntegerField(_("pictures looked at"), default=0)
    dropped = models.PositiveIntegerField(_("pictures skipped"), default=0)
    frames_per_s = models.FloatField(_("pictures a second"), null=True)
    inference_ms = models.FloatField(_("time a picture, ms"), null=True)
    age_s = models.FloatField(_("age of the last picture, s"), null=True)

    class Meta:
        verbose_name = _("camera's health")
        verbose_name_plural = _("cameras' health")
        constraints = [
            models.UniqueConstraint(fields=["camera", "at"], name="vision_health_once"),
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.at:%H:%M}"


class HealthEvent(models.Model):
    """Something that was wrong with a camera, from when to when, in words."""

    camera = models.ForeignKey(Camera, models.CASCADE, related_name="troubles")
    kind = models.CharField(_("kind"), max_length=20)
    words = models.CharField(_("words"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"), null=True)

    objects = HealthEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("trouble of a camera")
        verbose_name_plural = _("troubles of cameras")
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["camera", "kind"],
                condition=models.Q(ended_at=None),
                name="vision_trouble_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.kind}"
