from django.contrib import admin
from leaflet.admin import LeafletGeoAdmin

from geo.models import City, District, Heartbeat, Notice, Place


@admin.register(City)
class CityAdmin(LeafletGeoAdmin):
    list_display = ["slug", "name_vi", "metric_srid", "schematic", "active", "imported_at"]
    readonly_fields = ["pack_digest", "imported_at"]


@admin.register(District)
class DistrictAdmin(LeafletGeoAdmin):
    list_display = ["code", "name_vi", "name_en", "kind", "area_km2", "retired_at"]
    list_filter = ["kind", "schematic", "pack"]
    search_fields = ["code", "name_vi", "name_en"]


@admin.register(Place)
class PlaceAdmin(LeafletGeoAdmin):
    list_display = ["name_vi", "kind", "rank", "pack"]
    list_filter = ["kind"]
    search_fields = ["search", "name_vi"]
    show_full_result_count = False


class ReadOnly(admin.ModelAdmin):
    """Records of what happened are looked at, not edited."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Notice)
class NoticeAdmin(ReadOnly, LeafletGeoAdmin):
    list_display = ["title_vi", "severity", "kind", "layer", "occurred_at", "heard_at", "synthetic"]
    list_filter = ["severity", "kind", "synthetic"]
    search_fields = ["key", "title_vi", "title_en"]
    show_full_result_count = False


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    list_display = ["part", "at", "progress", "progress_at"]
