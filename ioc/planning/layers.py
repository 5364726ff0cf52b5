"""Results that a planner put on the map: hot spots, clusters, wards that changed."""

from geo.text import Text
from ioc.planning.models import Result
from layers.registry import Choice, Field, Layer, Style, register

KINDS = (
    Choice("hot", Text("Nóng", "Hot"), "#e4572e"),
    Choice("cold", Text("Lạnh", "Cold"), "#4575b4"),
    Choice("high-high", Text("Cao giữa cao", "High among high"), "#c2186b"),
    Choice("low-low", Text("Thấp giữa thấp", "Low among low"), "#4575b4"),
    Choice("high-low", Text("Cao giữa thấp", "High among low"), "#f39c12"),
    Choice("low-high", Text("Thấp giữa cao", "Low among high"), "#91bfdb"),
    Choice("new-hot", Text("Nóng mới", "New hot spot"), "#fdae61"),
    Choice("consecutive-hot", Text("Nóng liên tiếp", "Consecutive hot spot"), "#f46d43"),
    Choice("intensifying-hot", Text("Nóng tăng cường", "Intensifying hot spot"), "#a50026"),
    Choice("persistent-hot", Text("Nóng kéo dài", "Persistent hot spot"), "#d73027"),
    Choice("diminishing-hot", Text("Nóng giảm dần", "Diminishing hot spot"), "#fee090"),
    Choice("rose", Text("Tăng", "Rose"), "#e4572e"),
    Choice("fell", Text("Giảm", "Fell"), "#4575b4"),
    Choice("cluster", Text("Cụm", "Cluster"), "#c2186b"),
    Choice("site", Text("Điểm đề xuất", "Proposed site"), "#2ec4b6"),
    Choice("spared", Text("Chỉ có đất trong vùng", "Only ground in the zones"), "#a9b3c1"),
    Choice("ring", Text("Vành khoảng cách", "Ring of distance"), "#2ec4b6"),
)
RAMP = ("#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494", "#0c2c84", "#081d58")
"""ColorBrewer's YlGnBu: few to many. Source: Brewer & Harrower, ColorBrewer 2.0."""
CLASSES = tuple(
    Choice(f"class-{n}", Text(f"Lớp {n}", f"Class {n}"), color) for n, color in enumerate(RAMP, 1)
)

register(
    Layer(
        slug="hotspots",
        title=Text("Kết quả phân tích", "Results of analyses"),
        geometry="polygon",
        queryset=lambda user: Result.objects.visible_to(user),
        permission="layers.view_wall",
        fields=(
            Field("title", Text("Tên", "Title")),
            Field("kind", Text("Loại", "Kind"), "choice", choices=(*KINDS, *CLASSES), filter=True),
            Field("value", Text("Giá trị", "Value"), "number"),
            Field("z", Text("z", "z"), "number"),
            Field("q", Text("q (hiệu chỉnh)", "q (adjusted)"), "number"),
            Field("computed_at", Text("Tính lúc", "Computed"), "time"),
        ),
        title_field="kind",
        time_field="computed_at",
        style=Style(kind="fill", color="#e4572e", by="kind"),
        order=70,
        default_visible=False,
    )
)
