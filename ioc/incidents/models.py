from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geo.models import Notice


class Incident(models.Model):
    """What the centre makes of one or more notices about the same thing, from open to closed."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        IN_PROGRESS = "in_progress", _("in progress")
        RESOLVED = "resolved", _("resolved")
        CLOSED = "closed", _("closed")

    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    severity = models.CharField(_("severity"), max_length=10, choices=Notice.Severity.choices)
    kind = models.CharField(_("kind"), max_length=60)
    group_key = models.CharField(_("group"), max_length=200)
    layer = models.SlugField(_("layer"))
    feature_id = models.CharField(_("feature"), max_length=64, blank=True)
    geom = models.PointField(_("position"), srid=4326, null=True, blank=True)
    title_vi = models.CharField(_("title (vi)"), max_length=200)
    title_en = models.CharField(_("title (en)"), max_length=200)
    body_vi = models.TextField(_("text (vi)"), blank=True)
    body_en = models.TextField(_("text (en)"), blank=True)
    repeats = models.PositiveIntegerField(_("repeats"), default=1)
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    acknowledger = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acknowledged by"),
    )
    acknowledged_by = models.CharField(_("name at the time"), max_length=150, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-last_at", "-id"]
        indexes = [models.Index(fields=["state", "-last_at", "-id"], name="incidents_feed")]
        constraints = [
            models.UniqueConstraint(
                fields=["group_key"],
                condition=models.Q(state__in=["open", "acknowledged", "in_progress"]),
                name="one_live_incident_per_group",
            )
        ]

    def __str__(self) -> str:
        return self.title_vi


class IncidentNotice(models.Model):
    """Which incident a notice went into: the notice is heard exactly once."""

    notice = models.OneToOneField(Notice, models.CASCADE, verbose_name=_("notice"))
    incident = models.ForeignKey(
        Incident, models.CASCADE, related_name="notices", verbose_name=_("incident")
    )

    class Meta:
        verbose_name = _("notice of an incident")
        verbose_name_plural = _("notices of incidents")
