"""Reports, their photos and their log; who reported lies in a table of its own (`people`)."""

import secrets

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db.models.functions import Length, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geo.crs import point, snap_to_grid
from geo.models import District, GeoFeature
from ioc.accounts.models import Agency
from ioc.reports.models.terms import ServicePlan, Terms
from ioc.reports.queries import ReportQuerySet
from ioc.reports.workflow import State

MAX_WORDS = 2000
OPEN_ONLY = models.Q(closed_at__isnull=True)
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
    description_vi = models.CharField(max_length=300, blank=True)
    description_en = models.CharField(max_length=300, blank=True)
    keywords = models.JSONField(default=list, blank=True)
    attributes = models.JSONField(
        default=list, blank=True, help_text=_("Questions asked, as Open311 describes attributes")
    )
    plan = models.ForeignKey(ServicePlan, models.PROTECT, null=True, blank=True)
    needs_result_photo = models.BooleanField(default=False)

    class Meta:
        ordering = ("order", "code")
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name_vi


class Moderation(models.TextChoices):
    CLEAR = "clear", _("Shown")
    HELD = "held", _("Held for a look")
    HIDDEN = "hidden", _("Hidden")


class Report(GeoFeature):
    """One thing somebody saw, where and when. `geom` is exact and never public.

    What its log says comes first (`ledger`): state, agency, officer, clocks and the like stand
    here so that lists are quick, and can be made again from the log.
    """

    code = models.CharField(max_length=11, unique=True, editable=False)
    client_key = models.UUIDField(
        unique=True,
        editable=False,
        help_text=_("Digest of the sender's own key: a repeat is known, nobody can pose as them"),
    )
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="reports", db_index=False
    )
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
    attributes = models.JSONField(default=dict, blank=True)
    words_public = models.TextField(blank=True, help_text=_("What a moderator let the public read"))
    spam_score = models.FloatField(default=0)
    me_too = models.PositiveIntegerField(default=0)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Derived from the log.
    version = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, db_index=False)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="cases",
        db_index=False,
    )
    parent = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="parts",
        editable=False,
        db_index=False,
    )
    duplicate_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="duplicates",
        editable=False,
        db_index=False,
    )
    moderation = models.CharField(
        max_length=8, choices=Moderation.choices, default=Moderation.CLEAR, editable=False
    )
    on_map = models.BooleanField(default=True, editable=False)
    routed = models.JSONField(null=True, blank=True, editable=False)
    suggested = models.JSONField(null=True, blank=True, editable=False)
    satisfied = models.CharField(max_length=16, blank=True, editable=False)
    planned_for = models.DateField(null=True, blank=True, editable=False)
    waiting_until = models.DateField(null=True, blank=True, editable=False)
    reopened = models.PositiveSmallIntegerField(default=0, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    # The clocks, as `clocks.read` says from the log and the frozen terms.
    terms = models.ForeignKey(
        Terms, models.PROTECT, null=True, blank=True, editable=False, db_index=False
    )
    paused = models.BooleanField(default=False, editable=False)
    overdue = models.BooleanField(default=False, editable=False)
    ack_at = models.DateTimeField(null=True, blank=True, editable=False)
    ack_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    resolve_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    resolve_warn_at = models.DateTimeField(null=True, blank=True, editable=False)
    dwell_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_clock = models.CharField(max_length=12, blank=True, editable=False)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_warn_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_escalation_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ("-received_at",)
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        indexes = [
            models.Index(fields=["state", "-received_at"], name="reports_state_received"),
            models.Index(fields=["category", "-received_at"], name="reports_category_received"),
            models.Index(
                fields=["agency", "next_due_at", "id"], condition=OPEN_ONLY, name="reports_queue"
            ),
            models.Index(
                fields=["officer", "next_due_at", "id"],
                condition=OPEN_ONLY & models.Q(officer__isnull=False),
                name="reports_officer",
            ),
            # What finding and counting a queue's open cases needs, so that no row is read for it.
            models.Index(
                fields=["next_due_at", "id"],
                include=[
                    "closed_at",
                    "next_warn_at",
                    "paused",
                    "overdue",
                    "state",
                    "moderation",
                    "agency",
                    "category",
                    "district",
                    "emergency",
                ],
                condition=OPEN_ONLY,
                name="reports_open_due",
            ),
            models.Index(
                fields=["id"],
                include=["geom_public", "category", "district", "state", "overdue", "received_at"],
                condition=models.Q(on_map=True),
                name="reports_newest",
            ),
            GistIndex(fields=["geom"], condition=OPEN_ONLY, name="reports_open_place"),
            GistIndex(fields=["geom_public"], condition=OPEN_ONLY, name="reports_open_grid"),
            GinIndex(OpClass(Upper("words"), name="gin_trgm_ops"), name="reports_words"),
            models.Index(
                fields=["parent"], condition=models.Q(parent__isnull=False), name="reports_parent"
            ),
            models.Index(
                fields=["duplicate_of"],
                condition=models.Q(duplicate_of__isnull=False),
                name="reports_duplicate_of",
            ),
            models.Index(fields=["changed_at"], name="reports_changed"),
            models.Index(
                fields=["next_escalation_at"],
                condition=models.Q(next_escalation_at__isnull=False),
                name="reports_escalation",
            ),
            models.Index(
                fields=["resolve_due_at"],
                condition=OPEN_ONLY & models.Q(overdue=False),
                name="reports_not_yet_overdue",
            ),
            models.Index(
                fields=["moderation", "id"],
                condition=~models.Q(moderation="clear"),
                name="reports_moderation",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(words__length__lte=MAX_WORDS), name="reports_words_length"
            ),
        ]
        permissions = [
            ("add_synthetic", _("Sends reports that are marked synthetic")),
            ("work_report", _("Works on the cases of the own agency")),
            ("moderate_report", _("Hides, redacts and publishes")),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, *args, **kwargs) -> None:
        """Keeps the public position in step with the exact one."""
        self.geom_public = point(*snap_to_grid(self.geom.x, self.geom.y))
        if (fields := kwargs.get("update_fields")) is not None and "geom" in fields:
            kwargs["update_fields"] = {*fields, "geom_public"}
        super().save(*args, **kwargs)


class ReportEvent(models.Model):
    """One line of a report's log: added, never changed; the database refuses anything else.

    `kind` is the move (`workflow.MOVES`) or what the system did, `state` the report's state after
    it. `detail["set"]` holds what else it set; `public_words` an answer to the public.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField(null=True)
    key = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=24, default="state")
    state = models.CharField(max_length=24, choices=State.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    by_kind = models.CharField(max_length=10, default="system")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, db_index=False)
    public = models.BooleanField(default=True)
    public_words = models.TextField(blank=True)
    private_words = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("at", "id")
        verbose_name = _("report event")
        verbose_name_plural = _("report events")
        indexes = [models.Index(fields=["report", "at", "id"], name="reports_event_report_at")]
        constraints = [
            models.UniqueConstraint(fields=["report", "seq"], name="reports_event_seq"),
            models.UniqueConstraint(fields=["report", "key"], name="reports_event_key"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.state}"


def unguessable_name() -> str:
    """128 bits at random, safe in an address."""
    return secrets.token_urlsafe(16)


def _photo_path(photo: "Photo", filename: str) -> str:
    return f"reports/{photo.name[:2]}/{photo.name}.jpg"


def _thumb_path(photo: "Photo", filename: str) -> str:
    return f"reports/{photo.name[:2]}/{photo.name}.thumb.jpg"


class Photo(models.Model):
    """A photo as it was drawn anew by `photos.clean`; the file that was sent is not kept."""

    class Kind(models.TextChoices):
        EVIDENCE = "evidence", _("evidence")
        RESULT = "result", _("result")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="photos")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.EVIDENCE)
    event = models.ForeignKey(
        ReportEvent, models.SET_NULL, null=True, blank=True, related_name="photos"
    )
    published = models.BooleanField(default=False)
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaces"
    )
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
