"""What is watched: thresholds, declarations, alerts with their log, and each vessel's state."""

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vessels.models.heard import Vessel
from vessels.models.waters import Port


class Threshold(models.Model):
    """A figure that a rule or a practice sets, from a day on, for the vessels it applies to."""

    kind = models.CharField(_("kind"), max_length=40)
    value = models.FloatField(_("value"))
    unit = models.CharField(_("unit"), max_length=10)
    applies_to = models.JSONField(
        _("applies to"), default=dict, blank=True,
        help_text=_("least_length_m, below_length_m, device; empty: all"),
    )  # fmt: skip
    in_force_from = models.DateField(_("in force from"))
    source = models.CharField(_("source"), max_length=300)
    title_vi = models.CharField(_("name (vi)"), max_length=200)
    title_en = models.CharField(_("name (en)"), max_length=200)

    class Meta:
        verbose_name = _("threshold")
        verbose_name_plural = _("thresholds")
        ordering = ["kind", "in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "applies_to", "in_force_from"], name="vessels_threshold_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value:g} {self.unit}"


class Declaration(models.Model):
    """What was told to a port: a vessel leaves or comes in. Never edited."""

    class Kind(models.TextChoices):
        DEPARTURE = "departure", _("Departure")
        ARRIVAL = "arrival", _("Arrival")

    vessel = models.ForeignKey(
        Vessel, models.CASCADE, related_name="declarations", verbose_name=_("vessel")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    port = models.ForeignKey(Port, models.PROTECT, verbose_name=_("port"))
    at = models.DateTimeField(_("at"))
    crew = models.SmallIntegerField(_("crew"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    key = models.CharField(_("key"), max_length=64, unique=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by")
    )
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)

    class Meta:
        verbose_name = _("declaration")
        verbose_name_plural = _("declarations")
        indexes = [models.Index(fields=["vessel", "-at"], name="vessels_declaration_of")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class Alert(models.Model):
    """Something that a vessel does or suffers, from its begin to its end, and who deals with it.

    `slot` names what may be open only once; `ended_at` says that it is over at sea, `closed_at`
    that nobody need deal with it.
    """

    class Stage(models.TextChoices):
        NEW = "new", _("New")
        SEEN = "seen", _("Seen")
        CALLED = "called", _("Owner called")
        WARNED = "warned", _("Vessel warned")
        HANDED_OVER = "handed_over", _("Handed over")
        CLOSED = "closed", _("Closed")

    vessel = models.ForeignKey(
        Vessel, models.CASCADE, related_name="alerts", null=True, blank=True,
        verbose_name=_("vessel"),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=20)
    slot = models.CharField(_("what is open once"), max_length=120)
    severity = models.CharField(_("severity"), max_length=8)
    stage = models.CharField(
        _("stage"), max_length=11, choices=Stage.choices, default=Stage.NEW
    )  # fmt: skip
    cause = models.CharField(_("cause"), max_length=20, blank=True)
    title_vi = models.CharField(_("title (vi)"), max_length=200)
    title_en = models.CharField(_("title (en)"), max_length=200)
    opened_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    clock = models.JSONField(_("clock"), null=True, blank=True)
    geom = models.PointField(_("position"), srid=4326, null=True, blank=True)
    evidence = models.JSONField(_("evidence"), default=dict)
    held_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="holds",
        verbose_name=_("held back by"),
    )  # fmt: skip
    synthetic = models.BooleanField(_("synthetic"), default=False)
    version = models.IntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("vessel alert")
        verbose_name_plural = _("vessel alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["slot"], condition=Q(ended_at=None), name="vessels_alert_open_once"
            ),
            models.UniqueConstraint(fields=["slot", "opened_at"], name="vessels_alert_once"),
        ]
        indexes = [
            models.Index(fields=["vessel", "-opened_at"], name="vessels_alert_of"),
            models.Index(
                fields=["-id"], condition=Q(closed_at=None), name="vessels_alert_unclosed"
            ),
        ]

    def __str__(self) -> str:
        return self.title_vi

    @property
    def held(self) -> bool:
        """Whether a provider's outage holds it back: the layer shows it as such."""
        return self.held_by_id is not None


class AlertStep(models.Model):
    """One step in dealing with an alert; append-only, the database refuses to change it."""

    alert = models.ForeignKey(
        Alert, models.PROTECT, related_name="steps", verbose_name=_("vessel alert")
    )
    seq = models.IntegerField(_("number"))
    at = models.DateTimeField(_("at"))
    stage = models.CharField(_("stage"), max_length=11, choices=Alert.Stage.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("by")
    )
    by_name = models.CharField(_("name"), max_length=150, blank=True)
    words = models.CharField(_("words"), max_length=1000, blank=True)
    cause = models.CharField(_("cause"), max_length=20, blank=True)
    key = models.CharField(_("key"), max_length=64)

    class Meta:
        verbose_name = _("step of an alert")
        verbose_name_plural = _("steps of alerts")
        constraints = [
            models.UniqueConstraint(fields=["alert", "seq"], name="vessels_step_seq"),
            models.UniqueConstraint(fields=["alert", "key"], name="vessels_step_key"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.stage}"


class FleetState(models.Model):
    """What a vessel is for the officer, one narrow row each; the sweep writes it."""

    class State(models.TextChoices):
        AT_SEA = "at_sea", _("At sea")
        IN_PORT = "in_port", _("In port")
        SILENT = "silent", _("Silent")
        OVER_LINE = "over_line", _("Over the line")
        DANGER = "danger", _("In danger")
        UNKNOWN = "unknown", _("Unknown")

    vessel = models.OneToOneField(
        Vessel, models.CASCADE, primary_key=True, related_name="fleet_state", db_constraint=False
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices)
    since_at = models.DateTimeField(_("since"))
    zone_code = models.CharField(_("zone"), max_length=40, blank=True)
    last_ais_at = models.DateTimeField(_("AIS heard"), null=True)
    last_vms_at = models.DateTimeField(_("VMS heard"), null=True)
    alert_id = models.BigIntegerField(_("alert"), null=True)
    need_rank = models.SmallIntegerField(_("rank of need"), null=True)
    need_order = models.BigIntegerField(_("order of need"))

    class Meta:
        db_table = "vessels_fleet"
        verbose_name = _("state of a vessel")
        verbose_name_plural = _("states of vessels")

    def __str__(self) -> str:
        return self.state
