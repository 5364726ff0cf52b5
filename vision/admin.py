from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from leaflet.admin import LeafletGeoAdmin

from layers import changes
from vision.models import Camera, CameraEvent


@admin.register(Camera)
class CameraAdmin(LeafletGeoAdmin):
    list_display = ("code", "name_vi", "state", "last_frame_at", "detector", "enabled", "synthetic")
    list_filter = ("state", "detector", "enabled", "synthetic")
    search_fields = ("code", "name_vi", "name_en")
    readonly_fields = ("state", "state_note", "last_frame_at", "frames", "frames_dropped")
    fieldsets = (
        (None, {"fields": ("code", "name_vi", "name_en", "source", "synthetic")}),
        (
            _("where it looks"),
            {"fields": ("geom", "bearing_deg", "fov_deg", "range_m", "control_points")},
        ),
        (
            _("what it does"),
            {"fields": ("address", "loops", "enabled", "detector", "frames_per_s", "rules")},
        ),
        (_("how it does"), {"fields": readonly_fields}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the stream address for those who may look at cameras but not change them."""
        sets = super().get_fieldsets(request, obj)
        adding = obj is None and self.has_add_permission(request)
        if adding or self.has_change_permission(request, obj):
            return sets
        return [
            (title, {**part, "fields": tuple(f for f in part["fields"] if f != "address")})
            for title, part in sets
        ]

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Camera, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        changes.upsert("cameras", obj)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Camera) -> None:
        changes.delete("cameras", obj.pk)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for camera in queryset:
            self.delete_model(request, camera)


@admin.register(CameraEvent)
class CameraEventAdmin(LeafletGeoAdmin):
    list_display = (
        "camera",
        "kind",
        "object_class",
        "direction",
        "confidence",
        "error_m",
        "ended_at",
        "synthetic",
    )
    list_filter = ("kind", "object_class", "synthetic")
    list_select_related = ("camera",)
    date_hierarchy = "started_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
