"""Working calendars and service plans, and the copies of both that cases are judged by."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from geo.errors import Refused
from ioc.reports import calendars


def office_hours() -> list[list[list[str]]]:
    """The usual hours of a Vietnamese office, Monday first."""
    day = [["07:30", "11:30"], ["13:30", "17:00"]]
    return [day, day, day, day, day, [], []]


class WorkCalendar(models.Model):
    """When an office works. Hours are local to its zone; holidays come from its country."""

    code = models.SlugField(_("code"), unique=True, max_length=40)
    name_vi = models.CharField(_("name (vi)"), max_length=120)
    name_en = models.CharField(_("name (en)"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Ho_Chi_Minh")
    hours = models.JSONField(
        _("hours"),
        default=office_hours,
        help_text=_("Seven lists, Monday first, each of spans such as ['07:30', '11:30']"),
    )
    holidays = models.CharField(_("holidays of"), max_length=2, blank=True, default="VN")

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name_vi

    def clean(self) -> None:
        try:
            calendars.check(self.time_zone, self.hours)
        except Refused as refused:
            raise ValidationError(refused.details["fields"]) from refused


class CalendarDay(models.Model):
    """A day on which an office works otherwise than its week and its country's holidays say."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    working = models.BooleanField(_("working"), default=False)
    hours = models.JSONField(
        _("hours"), null=True, blank=True, help_text=_("Empty: as on a Monday, where it works")
    )
    name_vi = models.CharField(_("name (vi)"), max_length=120, blank=True)
    name_en = models.CharField(_("name (en)"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("exceptional day")
        verbose_name_plural = _("exceptional days")
        ordering = ("day",)
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="reports_calendar_day")
        ]

    def __str__(self) -> str:
        return str(self.day)

    def clean(self) -> None:
        try:
            calendars.check_spans(self.hours or [])
        except Refused as refused:
            raise ValidationError(refused.details["fields"]) from refused


def usual_escalations() -> list[dict[str, Any]]:
    return [
        {"clock": "acknowledge", "share": 1.0, "to": "centre"},
        {"clock": "resolve", "share": 0.8, "to": "agency"},
        {"clock": "resolve", "share": 1.0, "to": "agency"},
        {"clock": "resolve", "share": 1.5, "to": "centre"},
        {"clock": "dwell", "share": 1.0, "to": "agency"},
    ]


class ServicePlan(models.Model):
    """What the city promises: the working hours until somebody answers and until it is done."""

    code = models.SlugField(_("code"), unique=True, max_length=40)
    name_vi = models.CharField(_("name (vi)"), max_length=120)
    name_en = models.CharField(_("name (en)"), max_length=120)
    calendar = models.ForeignKey(WorkCalendar, models.PROTECT, verbose_name=_("calendar"))
    acknowledge_h = models.FloatField(_("acknowledge, h"), default=8)
    resolve_h = models.FloatField(_("resolve, h"), default=56)
    dwell_h = models.FloatField(_("longest without a step, h"), default=24)
    emergency_acknowledge_h = models.FloatField(_("emergency: acknowledge, h"), default=0.5)
    emergency_resolve_h = models.FloatField(_("emergency: resolve, h"), default=24)
    warn_share = models.FloatField(_("warn at this share"), default=0.8)
    escalations = models.JSONField(_("escalations"), default=usual_escalations, blank=True)
    answer_days = models.PositiveSmallIntegerField(_("days a reporter has to answer"), default=7)
    reopen_days = models.PositiveSmallIntegerField(_("days a reporter may reopen"), default=30)
    active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("service plan")
        verbose_name_plural = _("service plans")
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                name="reports_plan_hours",
                condition=models.Q(
                    acknowledge_h__gt=0,
                    resolve_h__gt=0,
                    dwell_h__gt=0,
                    emergency_acknowledge_h__gt=0,
                    emergency_resolve_h__gt=0,
                    warn_share__gt=0,
                    warn_share__lt=1,
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name_vi

    def clean(self) -> None:
        for step in self.escalations:
            known = {"clock", "share", "to"}
            if not isinstance(step, dict) or set(step) != known:
                raise ValidationError({"escalations": _("Each step needs clock, share and to.")})
            if step["clock"] not in {"acknowledge", "resolve", "dwell"}:
                raise ValidationError({"escalations": _("There is no such clock.")})
            if step["to"] not in {"agency", "centre"}:
                raise ValidationError({"escalations": _("A step goes to the agency or centre.")})
            if not 0 < float(step["share"]) <= 10:
                raise ValidationError({"escalations": _("The share is between 0 and 10.")})


class Terms(models.Model):
    """A plan with its calendar as they were when a case began; written once, never changed."""

    digest = models.CharField(primary_key=True, max_length=64)
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("frozen terms")
        verbose_name_plural = _("frozen terms")

    def __str__(self) -> str:
        return self.digest[:12]
