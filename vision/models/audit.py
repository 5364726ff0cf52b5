from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from vision.models.camera import Camera
from vision.queries import AuditQuerySet


class AuditLine(models.Model):
    """Who looked at what is not for everybody, and why. The database lets this only grow."""

    class Act(models.TextChoices):
        CLEAR_PICTURE = "clear_picture", _("saw a clear picture")
        PLATE_SEARCH = "plate_search", _("searched a number plate")
        PLATE_TEXT = "plate_text", _("read a number plate")
        LOGIN = "login", _("changed a camera's login")
        ADDRESS = "address", _("changed a camera's address")
        DISCOVERY = "discovery", _("looked for cameras in the network")

    at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)
    act = models.CharField(_("what"), max_length=20, choices=Act.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("by"), max_length=150)
    camera = models.ForeignKey(
        Camera, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("camera")
    )
    camera_code = models.CharField(_("camera's code"), max_length=40, blank=True)
    event_id = models.BigIntegerField(_("event"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of the audit")
        verbose_name_plural = _("audit of cameras")
        ordering = ["-id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.by_name}: {self.get_act_display()}"
