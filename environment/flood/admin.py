from django.contrib import admin
from leaflet.admin import LeafletGeoAdmin

from environment.flood.models import FloodAsset, FloodGauge, FloodMark, FloodZone, TerrainModel


class GaugeInline(admin.TabularInline):
    model = FloodGauge
    extra = 0
    readonly_fields = ("sensor", "way_m")

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(TerrainModel)
class TerrainModelAdmin(admin.ModelAdmin):
    list_display = ("name", "state", "progress", "active", "created_at", "message")
    readonly_fields = (
        "state", "progress", "message", "digest", "crs", "method_vi", "method_en", "facts",
        "folder", "asked",
    )  # fmt: skip
    exclude = ("geom",)
    inlines = (GaugeInline,)

    def has_add_permission(self, request: object) -> bool:
        return False


@admin.register(FloodZone)
class FloodZoneAdmin(admin.ModelAdmin):
    list_display = ("title_vi", "stage_m", "area_km2", "confidence", "shown", "published")
    list_filter = ("shown", "published")
    fields = ("title_vi", "title_en", "stage_m", "tide_m", "area_km2", "deepest_m", "confidence",
              "inputs", "method_vi", "method_en", "shown", "published")  # fmt: skip
    readonly_fields = fields[:-2]

    def has_add_permission(self, request: object) -> bool:
        return False


@admin.register(FloodMark)
class FloodMarkAdmin(LeafletGeoAdmin):
    list_display = ("event", "sensor", "stage_m", "depth_m", "source")


@admin.register(FloodAsset)
class FloodAssetAdmin(LeafletGeoAdmin):
    list_display = ("kind", "name_vi", "source")
    list_filter = ("kind",)
    search_fields = ("name_vi", "name_en")
