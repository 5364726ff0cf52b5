from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ioc.planning.models import Analysis, Run


class ReadOnly(admin.ModelAdmin):
    """Written at the desk alone and looked at here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RunInline(admin.TabularInline):
    model = Run
    extra = 0
    can_delete = False
    fields = ("state", "queued_at", "ended_at", "data_at", "code_version")
    show_change_link = True
    readonly_fields = fields
    ordering = ("-queued_at",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Analysis)
class AnalysisAdmin(ReadOnly):
    list_display = ("__str__", "method", "owner", "every", "shared", "on_wall", "next_run_at")
    list_filter = ("method", "every", "shared", "on_wall")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    date_hierarchy = "updated_at"
    inlines = (RunInline,)


@admin.register(Run)
class RunAdmin(ReadOnly):
    list_display = ("__str__", "state", "asker", "queued_at", "ended_at", "features", "synthetic")
    list_filter = ("state", "method", "synthetic")
    list_select_related = ("asker",)
    date_hierarchy = "queued_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return super().get_queryset(request).annotate(found=Count("results"))

    @admin.display(description=_("results"), ordering="found")
    def features(self, run: Any) -> int:
        return run.found
