from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from leaflet.admin import LeafletGeoAdmin

from ioc.reports.models import Category, Photo, Report, Reporter, ReportEvent
from ioc.reports.tickets import photo_address


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
    readonly_fields = ("code", "state", "received_at", "device_at", "clock_off_s", "photos_shown")
    exclude = ("language", "source")
    inlines = (ReportEventInline,)

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

    list_display = ("report", "created_at")
    readonly_fields = ("report", "user", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
