"""Flood zones, their depth and the terrain's contours on the map."""

from environment.flood import grids
from environment.flood.models import FloodZone, TerrainModel
from geo.text import Text
from layers.registry import Field, Layer, Style, register

NAMES = ("title_vi", "title_en")
ZONE_FIELDS = (
    Field("title_vi", Text("Vùng ngập", "Zone (vi)")),
    Field("title_en", Text("Vùng ngập (en)", "Zone"), card=False),
    Field("stage_m", Text("Mực nước", "Stage"), "number", unit="m"),
    Field("tide_m", Text("Mực nước biển", "Sea"), "number", unit="m"),
    Field("area_km2", Text("Diện tích", "Area"), "number", unit="km²"),
    Field("deepest_m", Text("Sâu nhất", "Deepest"), "number", unit="m"),
    Field("confidence", Text("Độ tin cậy", "Confidence"), "number"),
    Field("updated_at", Text("Tính lúc", "Reckoned"), "time"),
    Field("method_vi", Text("Cách tính", "Method (vi)")),
    Field("method_en", Text("Cách tính (en)", "Method")),
)

register(
    Layer(
        slug="flood-zones",
        title=Text("Vùng ngập", "Flood zones"),
        geometry="polygon",
        queryset=lambda user: FloodZone.objects.visible_to(user),
        permission="environment.view_floodzone",
        fields=ZONE_FIELDS,
        public_fields=(*NAMES, "updated_at"),
        public_when="published",
        title_field="title_vi",
        style=Style(kind="fill", color="#4292c6", label="title_vi"),
        order=80,
        search_fields=NAMES,
    )
)
register(
    Layer(
        slug="flood-depth",
        title=Text("Độ sâu ngập", "Flood depth"),
        geometry="polygon",
        queryset=lambda user: FloodZone.objects.visible_to(user),
        permission="environment.view_floodzone",
        fields=ZONE_FIELDS,
        public_fields=(*NAMES, "updated_at"),
        public_when="published",
        title_field="title_vi",
        style=Style(kind="fill", color="#2171b5"),
        order=81,
        default_visible=False,
        raster="/api/v1/flood/tiles/depth/{id}/{z}/{x}/{y}.png",
        grid_of=grids.depth,
    )
)
register(
    Layer(
        slug="contours",
        title=Text("Đường đồng mức", "Contours"),
        geometry="polygon",
        queryset=lambda user: TerrainModel.objects.filter(active=True, geom__isnull=False),
        permission="environment.view_floodzone",
        fields=(
            Field("name", Text("Địa hình", "Terrain")),
            Field("method_vi", Text("Cách tính", "Method (vi)")),
            Field("method_en", Text("Cách tính (en)", "Method")),
            Field("updated_at", Text("Dựng lúc", "Built"), "time"),
        ),
        title_field="name",
        style=Style(kind="line", color="#78553c"),
        order=89,
        default_visible=False,
        raster="/api/v1/flood/tiles/contours/{id}/{z}/{x}/{y}.png",
        grid_of=grids.height,
    )
)
