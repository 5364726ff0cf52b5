"""Reports, their photos and their log; who reported lies in a table of its own."""

import secrets

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geo.crs import point, snap_to_grid
from geo.models import District, GeoFeature
from ioc.reports.queries import ReportQuerySet
from ioc.reports.workflow import State

MAX_WORDS = 2000
models.TextField.register_lookup(Length)  # lets a constraint say words__length


class Category(models.Model):
    """What a report is about; a row of the city's pack."""

    code = models.SlugField(primary_key=True, max_length=40)
    name_vi = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    icon = models.CharField(max_length=40, default="marker", help_text=_("A Maki icon's name"))
    color = models.CharField(max_length=7, default="#f5a524")
    agency = models.CharField(max_length=120, blank=True)
    order = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("order", "code")
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name_vi


class Report(GeoFeature):
    """One thing somebody saw, where and when. `geom` is exact and never public."""

    code = models.CharField(max_length=11, unique=True, editable=False)
    client_key = models.UUIDField(
        unique=True,
        editable=False,
        help_text=_("Digest of the sender's own key: a repeat is known, nobody can pose as them"),
    )
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="reports")
    words = models.TextField(blank=True)
    language = models.CharField(max_length=2, default="vi")
    state = models.CharField(max_length=24, choices=State.choices, default=State.SUBMITTED)
    emergency = models.BooleanField(default=False)
    accuracy_m = models.FloatField(null=True, blank=True)
    geom_public = models.PointField(srid=4326, editable=False)
    district = models.ForeignKey(District, null=True, blank=True, on_delete=models.SET_NULL)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)
    device_at = models.DateTimeField(null=True, blank=True)
    clock_off_s = models.IntegerField(
        null=True, blank=True, help_text=_("How far the sender's clock was ahead, where it was off")
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ("-received_at",)
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        indexes = [
            models.Index(fields=["state", "-received_at"], name="reports_state_received"),
            models.Index(fields=["category", "-received_at"], name="reports_category_received"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(words__length__lte=MAX_WORDS), name="reports_words_length"
            ),
        ]
        permissions = [("add_synthetic", _("Sends reports that are marked synthetic"))]

    def __str__(self) -> str:
        return self.code

    def save(self, *args, **kwargs) -> None:
        """Keeps the public position in step with the exact one."""
        self.geom_public = point(*snap_to_grid(self.geom.x, self.geom.y))
        if (fields := kwargs.get("update_fields")) is not None and "geom" in fields:
            kwargs["update_fields"] = {*fields, "geom_public"}
        super().save(*args, **kwargs)


class ReportEvent(models.Model):
    """One line of a report's log: added, never changed. The report's state is the last line's."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=24, default="state")
    state = models.CharField(max_length=24, choices=State.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    public_words = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("at", "id")
        verbose_name = _("report event")
        verbose_name_plural = _("report events")
        indexes = [models.Index(fields=["report", "at", "id"], name="reports_event_report_at")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.state}"


class Reporter(models.Model):
    """Who reported. Nothing that agencies read joins this table."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="reporter")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")

    def __str__(self) -> str:
        return f"#{self.pk}"


def unguessable_name() -> str:
    """128 bits at random, safe in an address."""
    return secrets.token_urlsafe(16)


def _photo_path(photo: "Photo", filename: str) -> str:
    return f"reports/{photo.name[:2]}/{photo.name}.jpg"


def _thumb_path(photo: "Photo", filename: str) -> str:
    return f"reports/{photo.name[:2]}/{photo.name}.thumb.jpg"


class Photo(models.Model):
    """A photo as it was drawn anew by `photos.clean`; the file that was sent is not kept."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="photos")
    name = models.CharField(max_length=32, unique=True, default=unguessable_name, editable=False)
    file = models.FileField(upload_to=_photo_path)
    thumb = models.FileField(upload_to=_thumb_path)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
        verbose_name = _("photo")
        verbose_name_plural = _("photos")

    def __str__(self) -> str:
        return self.name
