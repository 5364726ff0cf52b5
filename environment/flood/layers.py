"""Flood zones, their depth and the terrain's contours on the map."""

from environment.flood import grids
from environment.flood.models import FloodZone, TerrainModel
from geo.text import Text
from layers.registry import Field, Layer, Style, register

TITLE = Field("title", Text("Vùng ngập", "Zone"))
ZONE_FIELDS = (
    TITLE,
    Field("stage_m", Text("Mực nước", "Stage"), "number", unit="m"),
    Field("tide_m", Text("Triều", "Tide"), "number", unit="m"),
    Field("area_km2", Text("Diện tích", "Area"), "number", unit="km²"),
    Field("deepest_m", Text("Sâu nhất", "Deepest"), "number", unit="m"),
    Field("confidence", Text("Độ tin cậy", "Confidence"), "number"),
    Field("updated_at", Text("Tính lúc", "Reckoned"), "time"),
    Field("method", Text("Cách tính", "Method")),
)

register(
    Layer(
        slug="flood-zones",
        title=Text("Vùng ngập", "Flood zones"),
        geometry="polygon",
        queryset=lambda user: FloodZone.objects.visible_to(user),
        permission="environment.view_floodzone",
        fields=ZONE_FIELDS,
        public_fields=("title", "updated_at"),
        public_when="published",
        title_field="title",
        style=Style(kind="fill", color="#4292c6", label="title"),
        order=80,
        search_fields=("title",),
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
        public_fields=("title", "updated_at"),
        public_when="published",
        title_field="title",
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
            Field("method", Text("Cách tính", "Method")),
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
