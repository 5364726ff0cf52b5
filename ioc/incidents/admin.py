from django.contrib import admin
from leaflet.admin import LeafletGeoAdmin

from geo.admin import ReadOnly
from ioc.incidents.models import Incident, IncidentNotice


class NoticeInline(admin.TabularInline):
    model = IncidentNotice
    extra = 0
    can_delete = False
    readonly_fields = ["notice"]


@admin.register(Incident)
class IncidentAdmin(ReadOnly, LeafletGeoAdmin):
    """Incidents are worked on the wall, where each step is announced; here they are read."""

    list_display = ["title_vi", "severity", "state", "repeats", "last_at", "acknowledged_by"]
    list_filter = ["state", "severity", "kind", "synthetic"]
    search_fields = ["title_vi", "title_en", "group_key"]
    inlines = [NoticeInline]


@admin.register(IncidentNotice)
class IncidentNoticeAdmin(ReadOnly):
    list_display = ["notice", "incident"]
