from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from leaflet.admin import LeafletGeoAdmin

from ioc.billboards import actions
from ioc.billboards.models import Billboard
from layers import changes


@admin.register(Billboard)
class BillboardAdmin(LeafletGeoAdmin):
    list_display = ["code", "name_vi", "kind", "state", "permit_until", "owner", "synthetic"]
    list_filter = ["state", "kind", "synthetic"]
    search_fields = ["code", "name_vi", "name_en", "owner", "permit_no"]
    date_hierarchy = "permit_until"
    readonly_fields = ["state"]

    def save_model(self, request: HttpRequest, obj: Billboard, form: Any, change: bool) -> None:
        actions.save(obj)

    def delete_model(self, request: HttpRequest, obj: Billboard) -> None:
        changes.delete(actions.LAYER, obj.pk)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Billboard]) -> None:
        for pk in queryset.values_list("pk", flat=True):
            changes.delete(actions.LAYER, pk)
        super().delete_queryset(request, queryset)
