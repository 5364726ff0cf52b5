from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ioc.planning.rights import USE
from layers import registry


def whole_layers(user: Any) -> list[str]:
    """The layers that this person sees whole: what is made of others is not theirs to see."""
    return [layer.slug for layer in registry.all_layers() if layer.audience(user) == "full"]


class AnalysisQuerySet(QuerySet["Analysis"]):
    def visible_to(self, user: Any) -> AnalysisQuerySet:
        """A planner's own analyses and those that others share; nothing without the desk."""
        if user is None or not user.has_perm(USE):
            return self.none()
        others = Q(shared=True, layers__contained_by=whole_layers(user))
        return self.filter(Q(owner=user) | others, archived_at=None)

    def due_at(self, now: Any) -> AnalysisQuerySet:
        return self.filter(next_run_at__lte=now, archived_at=None)


class Analysis(models.Model):
    """A question with a method and a name: asked once, again on a schedule, or as a layer."""

    class Every(models.TextChoices):
        NEVER = "", _("only when asked")
        HOUR = "hour", _("every hour")
        DAY = "day", _("every day")
        WEEK = "week", _("every week")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    method = models.CharField(_("method"), max_length=40)
    asked = models.JSONField(_("question"))
    layers = ArrayField(models.CharField(max_length=40), verbose_name=_("layers"))
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    every = models.CharField(_("again"), max_length=8, choices=Every.choices, blank=True)
    shared = models.BooleanField(_("shown to other planners"), default=False)
    on_wall = models.BooleanField(_("on the map as a layer"), default=False)
    next_run_at = models.DateTimeField(_("next run"), null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    archived_at = models.DateTimeField(_("put away"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name = _("analysis")
        verbose_name_plural = _("analyses")
        ordering = ("-updated_at", "id")
        permissions = [("use_plan", _("Can use the planning desk"))]

    def __str__(self) -> str:
        return self.name or self.method

    def next_after(self, now: Any) -> Any:
        """When it is due again, None where it has no schedule."""
        spans = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
        return now + spans[self.every] if self.every else None


class RunQuerySet(QuerySet["Run"]):
    def visible_to(self, user: Any) -> RunQuerySet:
        """Runs of the analyses that this person may see."""
        return self.filter(analysis__in=Analysis.objects.visible_to(user))


class Run(models.Model):
    """One computation: what was asked of which data by which code, and what came of it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="runs")
    key = models.UUIDField(unique=True, null=True, editable=False)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0)
    stop = models.BooleanField(default=False)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    data_at = models.DateTimeField(_("time of the data"), null=True)
    method = models.CharField(max_length=40)
    asked = models.JSONField()
    parameters = models.JSONField(default=dict)
    code_version = models.CharField(max_length=64, blank=True)
    figures = models.JSONField(default=dict)
    problem = models.JSONField(null=True)
    synthetic = models.BooleanField(default=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ("-queued_at", "id")
        indexes = [models.Index(fields=["analysis", "-queued_at"], name="planning_run_latest")]

    def __str__(self) -> str:
        return f"{self.method} {self.queued_at:%Y-%m-%d %H:%M}"


class ResultQuerySet(QuerySet["Result"]):
    def visible_to(self, user: Any) -> ResultQuerySet:
        """What is on the map of the analyses that this person may see: of each its latest run."""
        if user is None or not user.has_perm(USE) and not user.has_perm("layers.view_wall"):
            return self.none()
        return self.filter(on_map=True, layers__contained_by=whole_layers(user))


class Result(models.Model):
    """One feature of a run: a cell, a ward, a cluster, a chosen place."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="results")
    geom = models.GeometryField(srid=4326)
    rank = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=24)
    value = models.FloatField(null=True)
    z = models.FloatField(null=True)
    q = models.FloatField(null=True)
    facts = models.JSONField(default=dict)
    layers = ArrayField(models.CharField(max_length=40))
    computed_at = models.DateTimeField(default=timezone.now)
    on_map = models.BooleanField(default=False)

    objects = ResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        ordering = ("run_id", "rank", "id")
        indexes = [models.Index(fields=["run", "rank"], name="planning_result_rank")]

    def __str__(self) -> str:
        return self.title or self.kind
