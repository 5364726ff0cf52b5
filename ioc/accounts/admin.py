from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ioc.accounts.models import Agency, ApiToken, User, digest


@admin.register(Agency)
class AgencyAdmin(admin.ModelAdmin):
    list_display = ["code", "name_vi", "name_en", "active"]
    list_filter = ["active"]
    search_fields = ["code", "name_vi", "name_en"]


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ["username", "display_name", "role", "agency", "is_active", "demo"]
    list_filter = ["role", "is_active", "demo"]
    fieldsets = [
        *UserAdmin.fieldsets,
        (_("At the centre"), {"fields": ["role", "agency", "display_name", "language", "demo"]}),
    ]


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    list_display = ["name", "user", "hint", "created_at", "expires_at", "revoked_at"]
    readonly_fields = ["hint", "created_at"]
    actions = ["revoke"]

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if not change:
            key = ApiToken.new_key()
            obj.hash, obj.hint = digest(key), key[:8]
            self.message_user(
                request, _("The token, shown this once: %(key)s") % {"key": key}, messages.WARNING
            )
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Revoke the chosen tokens"))
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
