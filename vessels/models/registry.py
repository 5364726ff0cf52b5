"""What people know of a vessel beyond what it transmits: devices, permits, history, notes."""

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vessels.models.heard import Vessel


class Device(models.Model):
    """A device aboard for a time; at most two at once, and one of them counts (Decree 41/2026)."""

    class Kind(models.TextChoices):
        AIS = "ais", "AIS"
        VMS = "vms", "VMS"

    vessel = models.ForeignKey(
        Vessel, models.CASCADE, related_name="devices", verbose_name=_("vessel")
    )
    kind = models.CharField(_("kind"), max_length=3, choices=Kind.choices)
    provider = models.CharField(_("provider"), max_length=80, blank=True)
    ident = models.CharField(_("number"), max_length=40)
    counted = models.BooleanField(_("counts"), default=False)
    fitted_at = models.DateTimeField(_("fitted"))
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "provider", "ident"], condition=Q(removed_at=None),
                name="vessels_device_aboard_once",
            ),
            models.UniqueConstraint(
                fields=["vessel"], condition=Q(removed_at=None, counted=True),
                name="vessels_device_one_counts",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.provider} {self.ident}"


class Permit(models.Model):
    """A licence of a vessel."""

    vessel = models.ForeignKey(
        Vessel, models.CASCADE, related_name="permits", verbose_name=_("vessel")
    )
    number = models.CharField(_("number"), max_length=60)
    kind = models.CharField(_("kind"), max_length=60, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("permit")
        verbose_name_plural = _("permits")
        constraints = [
            models.UniqueConstraint(fields=["vessel", "number"], name="vessels_permit_once"),
        ]

    def __str__(self) -> str:
        return self.number


class IdentityChange(models.Model):
    """One line of what a vessel was called before; append-only."""

    vessel = models.ForeignKey(
        Vessel, models.CASCADE, related_name="history", verbose_name=_("vessel")
    )
    at = models.DateTimeField(_("at"))
    field = models.CharField(_("field"), max_length=30)
    was = models.CharField(_("was"), max_length=200, blank=True)
    now = models.CharField(_("is"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("change of identity")
        verbose_name_plural = _("changes of identity")
        indexes = [models.Index(fields=["vessel", "-at"], name="vessels_identity_of")]

    def __str__(self) -> str:
        return f"{self.field}: {self.was} → {self.now}"


class VesselNote(models.Model):
    """What somebody wrote about a vessel."""

    vessel = models.ForeignKey(
        Vessel, models.CASCADE, related_name="notes", verbose_name=_("vessel")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by")
    )
    words = models.TextField(_("words"), max_length=2000)

    class Meta:
        verbose_name = _("note on a vessel")
        verbose_name_plural = _("notes on vessels")

    def __str__(self) -> str:
        return self.words[:60]


class VesselEvent(models.Model):
    """What a vessel did, told by its track: no alarm, a line of its file. Rounds write it."""

    class Kind(models.TextChoices):
        PORT_VISIT = "port_visit", _("Port visit")
        STOPPED = "stopped", _("Stopped")
        FISHING = "fishing", _("Likely fishing")

    vessel = models.ForeignKey(
        Vessel, models.CASCADE, related_name="events", verbose_name=_("vessel")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    geom = models.PointField(_("position"), srid=4326)
    details = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("event of a vessel")
        verbose_name_plural = _("events of vessels")
        constraints = [
            models.UniqueConstraint(
                fields=["vessel", "kind", "began_at"], name="vessels_event_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.began_at:%Y-%m-%d %H:%M}"
