from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from leaflet.admin import LeafletGeoAdmin

from ioc.reports import admin_outside  # noqa: F401  (registers)
from ioc.reports.models import (
    CalendarDay,
    Category,
    DirtyDay,
    Follower,
    OriginalWords,
    Photo,
    Report,
    ReportDay,
    Reporter,
    ReporterWords,
    ReportEvent,
    RoutingRule,
    SavedFilter,
    Seen,
    ServicePlan,
    SuggestionModel,
    Terms,
    WorkCalendar,
)
from ioc.reports.tickets import photo_address


class ReadOnly(admin.ModelAdmin):
    """What is written by the platform alone and looked at here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReportEventInline(admin.TabularInline):
    """The log is read, never written, by hand."""

    model = ReportEvent
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Report)
class ReportAdmin(LeafletGeoAdmin):
    list_display = ("code", "category", "state", "emergency", "district", "received_at")
    list_filter = ("state", "category", "emergency", "synthetic", "district")
    list_select_related = ("category", "district")
    search_fields = ("code", "words")
    date_hierarchy = "received_at"
    readonly_fields = ("code", "category", "words", "state", "received_at", "photos_shown")
    fields = ("code", "geom", "category", "words", "state", "received_at", "photos_shown")
    inlines = (ReportEventInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a log only grows; what must not be seen is hidden or erased

    @admin.display(description=_("photos"))
    def photos_shown(self, report: Report) -> SafeString:
        rows = [
            (photo_address(photo.name, "photo"), photo_address(photo.name, "thumb"))
            for photo in report.photos.all()
        ]
        shown = format_html_join(" ", '<a href="{}"><img src="{}" alt="" height="120"></a>', rows)
        return shown or "–"


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ("name_vi", "name_en", "code", "icon", "color", "agency", "order", "active")
    list_editable = ("order", "active")
    search_fields = ("code", "name_vi", "name_en")


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin):
    list_display = ("name", "report", "width", "height", "created_at")
    readonly_fields = ("report", "width", "height", "sha256", "created_at")
    exclude = ("file", "thumb")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Reporter)
class ReporterAdmin(admin.ModelAdmin):
    """Seen by administrators alone: no other role has a permission on this model."""

    list_display = ("report", "created_at", "erased_at")
    readonly_fields = ("report", "user", "email", "language", "erased_at", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class CalendarDayInline(admin.TabularInline):
    model = CalendarDay
    extra = 0


@admin.register(WorkCalendar)
class WorkCalendarAdmin(admin.ModelAdmin):
    list_display = ("name_vi", "code", "time_zone", "holidays")
    inlines = (CalendarDayInline,)


@admin.register(ServicePlan)
class ServicePlanAdmin(admin.ModelAdmin):
    list_display = ("name_vi", "code", "acknowledge_h", "resolve_h", "dwell_h", "active")


@admin.register(RoutingRule)
class RoutingRuleAdmin(ReadOnly):
    """Looked at here; edited where a rule is checked and tried: in the desk's setup."""

    list_display = ("order", "name", "agency", "live", "changed_at", "changed_by")
    list_select_related = ("agency", "changed_by")


@admin.register(SuggestionModel)
class SuggestionModelAdmin(ReadOnly):
    list_display = ("digest", "trained_at", "examples", "synthetic")
    exclude = ("weights",)


@admin.register(ReportDay)
class ReportDayAdmin(ReadOnly):
    list_display = ("day", "by", "key", "received", "closed", "in_time")
    list_filter = ("by",)
    date_hierarchy = "day"


@admin.register(Follower)
class FollowerAdmin(ReadOnly):
    list_display = ("report", "created_at")
    list_select_related = ("report",)
    fields = ("report", "language", "created_at")


@admin.register(SavedFilter)
class SavedFilterAdmin(admin.ModelAdmin):
    list_display = ("name", "user")
    list_select_related = ("user",)


for model in (DirtyDay, OriginalWords, ReporterWords, Seen, Terms):
    admin.site.register(model, ReadOnly)
