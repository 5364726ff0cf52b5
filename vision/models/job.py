from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vision.models.camera import Camera
from vision.queries import JobQuerySet


class Job(models.Model):
    """Work that a person asked for and waits for: a look at a stream, a trial of rules."""

    class Kind(models.TextChoices):
        PROBE = "probe", _("look at the picture")
        TRIAL = "trial", _("try the rules")
        DISCOVERY = "discovery", _("look for cameras")

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    camera = models.ForeignKey(
        Camera, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("camera")
    )
    asked = models.JSONField(_("asked"), default=dict)
    sealed = models.TextField(_("address, encrypted"), blank=True)
    progress = models.FloatField(_("progress"), default=0)
    cancelled = models.BooleanField(_("cancel"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    result = models.JSONField(_("result"), default=dict)
    picture = models.CharField(_("picture"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    beat_at = models.DateTimeField(_("last sign"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=("queued", "running")),
                name="vision_job_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
