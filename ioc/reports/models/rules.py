"""What decides and what counts: routing rules, the trained suggestion, figures by day."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from ioc.accounts.models import Agency


class RoutingRule(models.Model):
    """One line of the list that says which agency answers: the first live rule that fits."""

    order = models.PositiveIntegerField(_("order"), default=100)
    name = models.CharField(_("name"), max_length=120)
    conditions = models.JSONField(_("conditions"), default=dict)
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"))
    note = models.TextField(_("note"), blank=True)
    live = models.BooleanField(_("live"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ("order", "id")
        permissions = [("set_up", _("Edits categories, plans, calendars and routing rules"))]

    def __str__(self) -> str:
        return self.name


class SuggestionModel(models.Model):
    """Weights of a trained category suggestion (arrays, no code); the newest one speaks."""

    digest = models.CharField(max_length=64, unique=True)
    trained_at = models.DateTimeField(auto_now_add=True)
    examples = models.PositiveIntegerField()
    synthetic = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    weights = models.BinaryField()

    class Meta:
        verbose_name = _("suggestion model")
        verbose_name_plural = _("suggestion models")
        ordering = ("-trained_at",)

    def __str__(self) -> str:
        return self.digest[:12]


class ReportDay(models.Model):
    """What became of the reports received on one day, in all of one ward, category or agency: a
    sum that can be made again."""

    class By(models.TextChoices):
        WARD = "ward", _("ward")
        CATEGORY = "category", _("category")
        AGENCY = "agency", _("agency")

    day = models.DateField()
    by = models.CharField(max_length=10, choices=By.choices)
    key = models.CharField(max_length=50, blank=True, help_text=_("Its code; empty: none"))
    received = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()
    timed = models.PositiveIntegerField(help_text=_("Closed, and there was a time to keep"))
    in_time = models.PositiveIntegerField()
    rated = models.PositiveIntegerField()
    satisfied = models.PositiveIntegerField()
    hours = ArrayField(
        models.PositiveIntegerField(),
        help_text=_("How many were resolved within each of `statistics.LIMITS_H`"),
    )

    class Meta:
        verbose_name = _("figures of a day")
        verbose_name_plural = _("figures of days")
        constraints = [models.UniqueConstraint(fields=["by", "day", "key"], name="reports_day_by")]

    def __str__(self) -> str:
        return f"{self.day} {self.key}"


class DirtyDay(models.Model):
    """A mark that a day's figures are older than its reports. Marks are only added, so nobody who
    marks ever waits, and one made during a recount outlives it."""

    day = models.DateField(db_index=True)

    class Meta:
        verbose_name = _("day to count again")
        verbose_name_plural = _("days to count again")

    def __str__(self) -> str:
        return str(self.day)
