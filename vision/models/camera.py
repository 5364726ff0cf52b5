from __future__ import annotations

from typing import Any

from django.contrib.gis.db import models
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from geo.errors import Refused
from geo.models import GeoFeature
from vision import conf, detectors, ground, masks, rules
from vision.addresses import checked
from vision.queries import CameraQuerySet


def detector_choices() -> list[tuple[str, str]]:
    """The registered detectors; a function, so that a new one needs no migration."""
    return [(name, name) for name in detectors.names()]


class Camera(GeoFeature):
    """A camera on the map: where it stands, where it looks, what is asked of its picture."""

    class State(models.TextChoices):
        OFF = "off", _("no stream configured")
        WAITING = "waiting", _("connecting")
        GOOD = "good", _("good")
        STALE = "stale", _("no new pictures")
        FAILED = "failed", _("cannot be read")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name_vi = models.CharField(_("name (vi)"), max_length=120)
    name_en = models.CharField(_("name (en)"), max_length=120, blank=True)
    bearing_deg = models.FloatField(
        _("bearing, °"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(360)],
        help_text=_("Clockwise from north. Empty: not known."),
    )
    fov_deg = models.FloatField(
        _("field of view, °"),
        default=70,
        validators=[MinValueValidator(1), MaxValueValidator(360)],
    )
    range_m = models.FloatField(
        _("range, m"), default=60, validators=[MinValueValidator(1), MaxValueValidator(5000)]
    )
    address = models.CharField(
        _("stream address"),
        max_length=500,
        blank=True,
        help_text=_(
            "rtsp, rtsps, http or https, without a password; or a video file that lies "
            "in a media folder of the settings. Empty: no stream."
        ),
    )
    loops = models.BooleanField(_("play a file again and again"), default=False)
    enabled = models.BooleanField(_("enabled"), default=True)
    detector = models.CharField(
        _("detector"), max_length=60, default="ssdlite-mobilenetv2-coco", choices=detector_choices
    )
    frames_per_s = models.FloatField(
        _("pictures a second"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.1), MaxValueValidator(25)],
        help_text=_("Looked at; empty: the setting. Counting needs 8 or more."),
    )
    rules = models.JSONField(_("rules"), default=list, blank=True)
    control_points = models.JSONField(
        _("control points"),
        default=list,
        blank=True,
        help_text=_(
            'Pairs of picture and map: {"x": 0.5, "y": 0.8, "lon": …, "lat": …}, '
            "x and y as fractions of the picture; six or more."
        ),
    )
    owner = models.CharField(_("owner"), max_length=120, blank=True)
    road = models.CharField(
        _("road"),
        max_length=120,
        blank=True,
        help_text=_("The road that it counts on, as figures by road are to name it."),
    )
    district = models.ForeignKey(
        "geo.District",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("ward"),
    )
    keep_days = models.PositiveSmallIntegerField(
        _("pictures are kept, days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("Blurred pictures and clips of events. Empty: the setting."),
    )
    clear_days = models.PositiveSmallIntegerField(
        _("clear pictures are kept, days"),
        default=0,
        validators=[MaxValueValidator(30)],
        help_text=_("Encrypted, for those with the right, each view logged. 0: never kept."),
    )
    masks = models.JSONField(
        _("privacy masks"),
        default=list,
        blank=True,
        help_text=_("Parts of the picture that nobody sees: polygons of fractions 0 to 1."),
    )
    sealed_login = models.TextField(_("login"), blank=True, editable=False)
    view = models.PolygonField(
        _("field of view on the map"), srid=4326, null=True, blank=True, editable=False
    )
    view_exact = models.BooleanField(_("field of view is measured"), default=False, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    frames_per_s_now = models.FloatField(
        _("pictures a second now"), null=True, blank=True, editable=False
    )
    inference_ms = models.FloatField(_("time a picture, ms"), null=True, blank=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.OFF, editable=False
    )
    state_note = models.CharField(_("why"), max_length=200, blank=True, editable=False)
    last_frame_at = models.DateTimeField(_("last picture"), null=True, blank=True, editable=False)
    frames = models.BigIntegerField(_("pictures looked at"), default=0, editable=False)
    frames_dropped = models.BigIntegerField(_("pictures skipped"), default=0, editable=False)

    objects = CameraQuerySet.as_manager()

    class Meta:
        verbose_name = _("camera")
        verbose_name_plural = _("cameras")
        ordering = ["code"]
        permissions = (
            ("set_up_camera", "Add cameras, calibrate them, set their rules"),
            ("view_clear", "See clear pictures; every view is logged"),
            ("discover_camera", "Look for cameras in the administrator's networks"),
        )

    def __str__(self) -> str:
        return self.name_vi

    def clean(self) -> None:
        problems: dict[str, Any] = {}
        try:
            masks.checked(self.masks)
        except ValueError as wrong:
            problems["masks"] = str(wrong)
        if self.address:
            try:
                checked(self.address, roots=conf.media_roots())
            except Refused as refusal:
                problems["address"] = refusal.message
        for name, read in (("rules", rules.from_data), ("control_points", ground.points_from)):
            try:
                read(getattr(self, name))
            except (ValueError, TypeError, AttributeError) as wrong:
                problems[name] = str(wrong)
        if problems:
            raise ValidationError(problems)
