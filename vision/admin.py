from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from leaflet.admin import LeafletGeoAdmin

from layers import changes
from vision import addresses, audit, vault
from vision.actions.cameras import remove, settle
from vision.models import (
    AuditLine,
    Camera,
    CameraEvent,
    CameraHealth,
    EventReview,
    HealthEvent,
    Job,
    MergedSighting,
    MinuteCount,
    PlateReading,
    PlateText,
)


class CameraForm(forms.ModelForm):
    """User and password go in here and are never shown again."""

    username = forms.CharField(label=_("user"), max_length=200, required=False)
    password = forms.CharField(
        label=_("password"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Stored encrypted, never shown. Empty: as it was."),
    )

    class Meta:
        model = Camera
        fields = "__all__"  # noqa: DJ007  the admin's fieldsets say which

    def clean_address(self) -> str:
        """The address without its login, which goes into the two fields."""
        address, self.login = addresses.without_login(self.cleaned_data["address"])
        return address


@admin.register(Camera)
class CameraAdmin(LeafletGeoAdmin):
    form = CameraForm
    list_display = ("code", "name_vi", "state", "last_frame_at", "detector", "enabled", "synthetic")
    list_filter = ("state", "detector", "enabled", "synthetic")
    search_fields = ("code", "name_vi", "name_en", "road", "owner")
    readonly_fields = (
        "state", "state_note", "last_frame_at", "frames", "frames_dropped", "frames_per_s_now",
        "inference_ms",
    )  # fmt: skip
    SECRET = ("address", "username", "password")
    fieldsets = (
        (None, {"fields": ("code", "name_vi", "name_en", "owner", "road", "source", "synthetic")}),
        (
            _("where it looks"),
            {"fields": ("geom", "bearing_deg", "fov_deg", "range_m", "control_points")},
        ),
        (
            _("what it does"),
            {"fields": (*SECRET, "loops", "enabled", "detector", "frames_per_s", "rules")},
        ),
        (_("privacy"), {"fields": ("masks", "keep_days", "clear_days")}),
        (_("how it does"), {"fields": readonly_fields}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the stream address for those who may look at cameras but not change them."""
        sets = super().get_fieldsets(request, obj)
        adding = obj is None and self.has_add_permission(request)
        if adding or self.has_change_permission(request, obj):
            return sets
        return [
            (title, {**part, "fields": tuple(f for f in part["fields"] if f not in self.SECRET)})
            for title, part in sets
        ]

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Camera, form: Any, change: bool) -> None:
        login = getattr(form, "login", None)
        user, password = (form.cleaned_data.get(name) for name in ("username", "password"))
        if user or password:
            login = addresses.login_of(user or "", password or "")
        if login is not None:
            obj.sealed_login = vault.seal(login)
        elif "address" in form.changed_data and change and self._moved(form, obj):
            obj.sealed_login = ""  # a password must not travel to another host
        settle(obj)
        super().save_model(request, obj, form, change)
        if login is not None:
            audit.note("login", by=request.user, camera=obj, given=bool(login))
        if "address" in form.changed_data:
            host = addresses.shown(obj.address)
            audit.note("address", by=request.user, camera=obj, host=host)
        changes.upsert("cameras", obj)

    def _moved(self, form: Any, obj: Camera) -> bool:
        return addresses.shown(form.initial.get("address", "")) != addresses.shown(obj.address)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Camera) -> None:
        remove(camera=obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for camera in queryset:
            self.delete_model(request, camera)


class ReadOnly(admin.ModelAdmin):
    """A page to look at; what is on it comes from elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReviewInline(admin.TabularInline):
    model = EventReview
    extra = 0
    can_delete = False
    fields = ("seq", "review", "right_class", "reason", "by_name", "at", "undoes")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MergedInline(admin.TabularInline):
    model = MergedSighting
    extra = 0
    can_delete = False
    fields = ("track_key", "at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CameraEvent)
class CameraEventAdmin(LeafletGeoAdmin):
    list_display = (
        "camera",
        "kind",
        "object_class",
        "direction",
        "confidence",
        "error_m",
        "review",
        "ended_at",
        "synthetic",
    )
    list_filter = ("kind", "review", "notable", "object_class", "synthetic")
    list_select_related = ("camera",)
    date_hierarchy = "started_at"
    inlines = (ReviewInline, MergedInline)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditLine)
class AuditLineAdmin(ReadOnly):
    list_display = ("at", "by_name", "act", "camera_code", "event_id", "reason")
    list_filter = ("act",)
    search_fields = ("by_name", "camera_code", "reason")
    date_hierarchy = "at"


@admin.register(HealthEvent)
class HealthEventAdmin(ReadOnly):
    list_display = ("camera", "kind", "words", "started_at", "ended_at")
    list_filter = ("kind",)
    list_select_related = ("camera",)


@admin.register(CameraHealth)
class CameraHealthAdmin(ReadOnly):
    list_display = ("camera", "at", "state", "frames", "dropped", "inference_ms", "age_s")
    list_filter = ("state",)
    list_select_related = ("camera",)


@admin.register(MinuteCount)
class MinuteCountAdmin(ReadOnly):
    list_display = ("camera", "rule", "direction", "object_class", "minute", "count")
    list_select_related = ("camera",)
    date_hierarchy = "minute"


@admin.register(PlateReading)
class PlateReadingAdmin(ReadOnly):
    """Without the clear text, which is read over the API alone, with a reason."""

    list_display = ("event", "kind", "color", "lines", "confidence", "read_at")
    list_select_related = ("event",)
    fields = ("event", "kind", "color", "lines", "confidence", "read_at")


@admin.register(PlateText)
class PlateTextAdmin(ReadOnly):
    """When each text is erased; what it says is not here."""

    list_display = ("reading", "erase_at")
    fields = ("reading", "erase_at")


@admin.register(Job)
class JobAdmin(ReadOnly):
    list_display = ("kind", "state", "camera", "by", "progress", "note", "created_at", "ended_at")
    list_filter = ("kind", "state")
    list_select_related = ("camera", "by")
    exclude = ("sealed",)
