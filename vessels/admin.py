"""Admin pages: what was heard is read, not edited; what people know of a vessel is edited."""

from typing import Any

from django.contrib.gis import admin
from django.http import HttpRequest
from leaflet.admin import LeafletGeoAdminMixin

from vessels.models import (
    Alert,
    AlertStep,
    DangerArea,
    DayTrack,
    Declaration,
    Device,
    EffortPlace,
    Feed,
    FleetState,
    IdentityChange,
    Land,
    LatestPosition,
    LiveVessel,
    Permit,
    Port,
    RawBatch,
    RejectedLine,
    Station,
    Threshold,
    Vessel,
    VesselEvent,
    VesselNote,
    Zone,
)
from vessels.plates import key_of


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only machines write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DeviceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Device
    extra = 0


class PermitInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Permit
    extra = 0


@admin.register(Vessel)
class VesselAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    inlines = (DeviceInline, PermitInline)
    raw_id_fields = ("owner_user",)
    list_display = ("name", "mmsi", "plate", "kind", "length_m", "source", "synthetic")
    list_filter = ("kind", "synthetic")
    search_fields = ("name", "=mmsi", "plate", "callsign")
    readonly_fields = ("mmsi", "plate_key", "source", "synthetic", "created_at", "updated_at")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The plate in its normal form goes with the plate."""
        obj.plate_key = key_of(obj.plate) if obj.plate else ""
        super().save_model(request, obj, form, change)

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


@admin.register(Port, Zone)
class GroundAdmin(LeafletGeoAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("code", "name_vi", "name_en", "source")
    search_fields = ("code", "name_vi", "name_en")


@admin.register(Land)
class LandAdmin(LeafletGeoAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("source", "updated_at")


@admin.register(DangerArea)
class DangerAreaAdmin(LeafletGeoAdminMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("key", "name_vi", "valid_from", "valid_to", "source", "active", "synthetic")
    list_filter = ("active", "synthetic")
    search_fields = ("key", "name_vi", "name_en")


@admin.register(Station)
class StationAdmin(OnMap):
    list_display = ("mmsi", "kind", "name", "heard_at", "messages", "synthetic")
    list_filter = ("kind", "synthetic")
    search_fields = ("name", "=mmsi")


@admin.register(VesselEvent)
class VesselEventAdmin(OnMap):
    list_display = ("began_at", "ended_at", "kind", "vessel")
    list_filter = ("kind",)
    list_select_related = ("vessel",)
    show_full_result_count = False


@admin.register(Threshold)
class ThresholdAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("kind", "value", "unit", "applies_to", "in_force_from", "source")
    list_filter = ("kind",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Alert)
class AlertAdmin(OnMap):
    list_display = ("opened_at", "kind", "title_vi", "severity", "stage", "ended_at", "synthetic")
    list_filter = ("kind", "stage", "severity", "synthetic")
    search_fields = ("title_vi", "title_en")
    show_full_result_count = False


@admin.register(AlertStep)
class AlertStepAdmin(ReadOnly):
    list_display = ("at", "alert", "stage", "by_name", "words", "cause")
    list_select_related = ("alert",)
    show_full_result_count = False


@admin.register(Declaration)
class DeclarationAdmin(ReadOnly):
    list_display = ("at", "kind", "vessel", "port", "crew", "recorded_at")
    list_filter = ("kind", "port")
    list_select_related = ("vessel", "port")


@admin.register(FleetState)
class FleetStateAdmin(ReadOnly):
    list_display = ("vessel", "state", "since_at", "zone_code", "need_rank")
    list_filter = ("state",)
    list_select_related = ("vessel",)
    show_full_result_count = False


@admin.register(IdentityChange)
class IdentityChangeAdmin(ReadOnly):
    list_display = ("at", "vessel", "field", "was", "now", "source")
    list_select_related = ("vessel",)


@admin.register(VesselNote)
class VesselNoteAdmin(ReadOnly):
    list_display = ("at", "vessel", "by", "words")
    list_select_related = ("vessel", "by")


@admin.register(DayTrack)
class DayTrackAdmin(ReadOnly):
    list_display = ("day", "vessel", "started_at", "ended_at", "distance_nm", "silences")
    list_select_related = ("vessel",)
    show_full_result_count = False
    fields = list_display


@admin.register(EffortPlace)
class EffortPlaceAdmin(ReadOnly):
    list_display = ("__str__", "resolution", "area_km2")
    list_filter = ("resolution",)
    show_full_result_count = False
