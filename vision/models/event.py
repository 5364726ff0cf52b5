from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geo.models import GeoFeature
from vision.kinds import KINDS
from vision.models.camera import Camera
from vision.queries import CameraEventQuerySet


def kind_choices() -> list[tuple[str, str]]:
    """The kinds of events; a function, so that a new one needs no migration."""
    return [(code, str(kind.title)) for code, kind in KINDS.items()]


class Review(models.TextChoices):
    """What a person said of an event. Only an accepted one may ever be held against anybody."""

    PENDING = "pending", _("not reviewed")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    WRONG_CLASS = "wrong_class", _("wrong class")


class CameraEvent(GeoFeature):
    """One thing that one rule of one camera saw, once, as a point with its uncertainty."""

    camera = models.ForeignKey(
        Camera, models.CASCADE, related_name="events", verbose_name=_("camera")
    )
    camera_name = models.CharField(_("camera's name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=kind_choices)
    rule = models.CharField(_("rule"), max_length=40)
    track_key = models.CharField(_("track"), max_length=160, unique=True)
    direction = models.CharField(_("direction"), max_length=10, blank=True)
    object_class = models.CharField(_("object"), max_length=40)
    confidence = models.FloatField(_("confidence"))
    error_m = models.FloatField(_("position error, m"))
    snapshot = models.CharField(_("picture"), max_length=200, blank=True)
    clip = models.CharField(_("clip"), max_length=200, blank=True)
    clear = models.CharField(_("clear picture, encrypted"), max_length=200, blank=True)
    box = models.JSONField(_("place in the picture"), default=list, blank=True)
    value = models.FloatField(_("value"), null=True, blank=True)
    value_error = models.FloatField(_("error of the value"), null=True, blank=True)
    notable = models.BooleanField(_("for a person to look at"), default=False)
    going_on = models.BooleanField(_("going on"), default=False)
    sightings = models.PositiveIntegerField(_("sightings"), default=1)
    same_as = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="also_seen",
        verbose_name=_("seen by another camera as"),
    )
    model_hash = models.CharField(_("model"), max_length=64)
    started_at = models.DateTimeField(_("seen first"), db_index=True)
    ended_at = models.DateTimeField(_("seen last"))
    review = models.CharField(
        _("review"), max_length=12, choices=Review.choices, default=Review.PENDING
    )
    right_class = models.CharField(_("what it was"), max_length=40, blank=True)
    review_reason = models.CharField(_("reason"), max_length=300, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    plates_tried = models.BooleanField(_("plates were looked for"), default=False)

    objects = CameraEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("camera event")
        verbose_name_plural = _("camera events")
        ordering = ["-started_at", "-id"]
        permissions = (("review_cameraevent", "Accept or reject events of cameras"),)
        indexes = [
            models.Index(fields=["camera", "-started_at"], name="vision_event_camera"),
            models.Index(
                fields=["-id"],
                name="vision_event_to_review",
                condition=models.Q(notable=True, review="pending"),
            ),
            models.Index(
                fields=["camera", "rule"],
                name="vision_event_going_on",
                condition=models.Q(going_on=True),
            ),
            models.Index(fields=["camera", "rule", "-ended_at"], name="vision_event_latest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1),
                name="vision_event_confidence",
            ),
            models.CheckConstraint(
                condition=~models.Q(review="wrong_class") | ~models.Q(right_class=""),
                name="vision_event_right_class",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera_name}: {self.get_kind_display()}"


class MergedSighting(models.Model):
    """A sighting that was taken into an event which was there already: it never counts again."""

    event = models.ForeignKey(CameraEvent, models.CASCADE, related_name="merged")
    track_key = models.CharField(_("track"), max_length=160, unique=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("merged sighting")
        verbose_name_plural = _("merged sightings")

    def __str__(self) -> str:
        return self.track_key


class EventReview(models.Model):
    """One line of an event's review log: who said what, and what was said before."""

    event = models.ForeignKey(
        CameraEvent, models.CASCADE, related_name="reviews", verbose_name=_("event")
    )
    seq = models.PositiveIntegerField(_("number"))
    review = models.CharField(_("review"), max_length=12, choices=Review.choices)
    right_class = models.CharField(_("what it was"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    before = models.JSONField(_("before"), default=dict)
    key = models.UUIDField(_("key"), db_index=True)
    undoes = models.BooleanField(_("takes the one before back"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    by_name = models.CharField(_("by"), max_length=150)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["event", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["event", "seq"], name="vision_review_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.get_review_display()}"
