"""What decides and what counts: routing rules, the trained suggestion, figures by day."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from geo.models import District
from ioc.accounts.models import Agency
from ioc.reports.models.report import Category


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
    """What became of the reports received on one day: a sum that can be made again."""

    day = models.DateField()
    district = models.ForeignKey(District, models.CASCADE, null=True)
    category = models.ForeignKey(Category, models.CASCADE)
    agency = models.ForeignKey(Agency, models.CASCADE, null=True)
    received = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    in_time = models.PositiveIntegerField(default=0)
    rated = models.PositiveIntegerField(default=0)
    satisfied = models.PositiveIntegerField(default=0)
    resolve_hours = models.JSONField(
        default=dict, help_text=_("How many were resolved within so many hours")
    )

    class Meta:
        verbose_name = _("figures of a day")
        verbose_name_plural = _("figures of days")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "district", "category", "agency"],
                name="reports_day_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return str(self.day)


class DirtyDay(models.Model):
    """A day whose figures are older than its reports."""

    day = models.DateField(primary_key=True)
    marked_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("day to count again")
        verbose_name_plural = _("days to count again")

    def __str__(self) -> str:
        return str(self.day)
