"""Admin pages: what was heard is read, not edited; what people know of a vessel is edited."""

from typing import Any

from django.contrib.gis import admin
from django.http import HttpRequest
from leaflet.admin import LeafletGeoAdminMixin

from vessels.models import Feed, LatestPosition, LiveVessel, RawBatch, RejectedLine, Vessel


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only machines write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Vessel)
class VesselAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "mmsi", "plate", "kind", "length_m", "source", "synthetic")
    list_filter = ("kind", "synthetic")
    search_fields = ("name", "=mmsi", "plate", "callsign")
    readonly_fields = ("mmsi", "source", "synthetic", "created_at", "updated_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OnMap(LeafletGeoAdminMixin, ReadOnly):
    """Rows that only machines write, shown on a map: the page opens, and saves nothing."""

    modifiable = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and super(ReadOnly, self).has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing: the page is open for its map alone."""


@admin.register(LatestPosition)
class LatestPositionAdmin(OnMap):
    list_display = ("vessel", "observed_at", "state", "speed_kn", "course_deg", "flags")
    list_filter = ("state",)
    list_select_related = ("vessel",)
    search_fields = ("vessel__name", "=vessel__mmsi")
    show_full_result_count = False


@admin.register(LiveVessel)
class LiveVesselAdmin(OnMap):
    list_display = ("name", "mmsi", "kind", "state", "speed_kn", "observed_at", "synthetic")
    list_filter = ("state", "kind", "synthetic")
    search_fields = ("name", "=mmsi", "plate", "callsign")
    show_full_result_count = False


@admin.register(Feed)
class FeedAdmin(ReadOnly):
    list_display = ("name", "synthetic", "created_at")


@admin.register(RawBatch)
class RawBatchAdmin(ReadOnly):
    list_display = ("received_at", "feed", "lines", "sentences", "positions", "rejected")
    list_filter = ("feed",)
    list_select_related = ("feed",)
    exclude = ("body", "digest")
    show_full_result_count = False


@admin.register(RejectedLine)
class RejectedLineAdmin(ReadOnly):
    list_display = ("rejected_at", "reason", "feed", "line")
    list_filter = ("reason", "feed")
    list_select_related = ("feed",)
    show_full_result_count = False
