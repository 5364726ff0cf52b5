from __future__ import annotations

from typing import Any

from django.contrib.gis.db import models
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from geo.errors import Refused
from geo.models import GeoFeature
from vision import conf, detectors, ground, rules
from vision.addresses import checked
from vision.queries import CameraEventQuerySet, CameraQuerySet


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

    def __str__(self) -> str:
        return self.name_vi

    def clean(self) -> None:
        problems: dict[str, Any] = {}
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


class CameraEvent(GeoFeature):
    """One thing that one rule of one camera saw, once, as a point with its uncertainty."""

    class Kind(models.TextChoices):
        LINE = "line", _("line crossed")
        STOPPED = "stopped", _("stopped")
        WRONG_WAY = "wrong_way", _("wrong way")

    camera = models.ForeignKey(
        Camera, models.CASCADE, related_name="events", verbose_name=_("camera")
    )
    camera_name = models.CharField(_("camera's name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    rule = models.CharField(_("rule"), max_length=40)
    track_key = models.CharField(_("track"), max_length=160, unique=True)
    direction = models.CharField(_("direction"), max_length=10, blank=True)
    object_class = models.CharField(_("object"), max_length=40)
    confidence = models.FloatField(_("confidence"))
    error_m = models.FloatField(_("position error, m"))
    snapshot = models.CharField(_("picture"), max_length=200, blank=True)
    model_hash = models.CharField(_("model"), max_length=64)
    started_at = models.DateTimeField(_("seen first"), db_index=True)
    ended_at = models.DateTimeField(_("seen last"))

    objects = CameraEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("camera event")
        verbose_name_plural = _("camera events")
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["camera", "-started_at"], name="vision_event_camera")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1),
                name="vision_event_confidence",
            )
        ]

    def __str__(self) -> str:
        return f"{self.camera_name}: {self.get_kind_display()}"
