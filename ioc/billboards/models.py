from datetime import date
from typing import Any

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geo.models import GeoFeature
from ioc.billboards import permits


class State(models.TextChoices):
    """What a billboard's permit is worth today."""

    VALID = "valid", _("valid")
    EXPIRING = "expiring", _("expiring")
    EXPIRED = "expired", _("expired")
    NO_PERMIT = "no_permit", _("no permit")
    UPCOMING = "upcoming", _("not yet valid")


class Billboard(GeoFeature):
    """An outdoor advertisement and the permit it stands on; `state` is refreshed daily."""

    class Kind(models.TextChoices):
        STATIC = "static", _("static board")
        LED = "led", _("LED screen")
        SCREEN = "screen", _("screen")
        BANNER = "banner", _("banner")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name_vi = models.CharField(_("name (vi)"), max_length=160)
    name_en = models.CharField(_("name (en)"), max_length=160, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.STATIC)
    width_m = models.FloatField(_("width, m"), null=True, blank=True)
    height_m = models.FloatField(_("height, m"), null=True, blank=True)
    owner = models.CharField(_("owner"), max_length=200, blank=True)
    permit_no = models.CharField(_("permit number"), max_length=80, blank=True)
    permit_from = models.DateField(_("permit from"), null=True, blank=True)
    permit_until = models.DateField(_("permit until"), null=True, blank=True)
    pack = models.SlugField(_("pack"), blank=True)
    state = models.CharField(
        _("permit"), max_length=10, choices=State.choices, default=State.NO_PERMIT, editable=False
    )

    class Meta:
        verbose_name = _("billboard")
        verbose_name_plural = _("billboards")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(permit_from=None)
                | models.Q(permit_until=None)
                | models.Q(permit_until__gte=models.F("permit_from")),
                name="billboards_permit_dates",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name_vi} ({self.code})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_en = self.name_en or self.name_vi
        super().save(*args, **kwargs)

    def state_on(self, day: date) -> str:
        """What the permit is worth on a local day."""
        return permits.state_on(
            day,
            permit_no=self.permit_no,
            permit_from=self.permit_from,
            permit_until=self.permit_until,
        )
