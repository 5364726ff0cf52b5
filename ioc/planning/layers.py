"""Results that a planner put on the map: hot spots, clusters, wards that changed."""

from geo.analytics.emerging import KINDS as PATTERNS
from geo.text import Text
from ioc.planning.models import Result
from ioc.planning.palettes import EMERGING, HEAT, RAMP, WALL_CORNERS, between
from layers.registry import Choice, Field, Layer, Style, register

KINDS = (
    Choice("hot", Text("Nóng", "Hot"), "#e4572e"),
    Choice("cold", Text("Lạnh", "Cold"), "#4575b4"),
    Choice("high-high", Text("Cao giữa cao", "High among high"), "#c2186b"),
    Choice("low-low", Text("Thấp giữa thấp", "Low among low"), "#4575b4"),
    Choice("high-low", Text("Cao giữa thấp", "High among low"), "#f39c12"),
    Choice("low-high", Text("Thấp giữa cao", "Low among high"), "#91bfdb"),
    *(
        Choice(
            f"{slug}-{side}",
            Text(f"{vi} {title.vi}", f"{title.en} {side} spot".capitalize()),
            EMERGING[slug][n],
        )
        for slug, title, _words in PATTERNS
        if slug in EMERGING
        for n, (side, vi) in enumerate((("hot", "Nóng"), ("cold", "Lạnh")))
    ),
    Choice("rose", Text("Tăng", "Rose"), "#e4572e"),
    Choice("fell", Text("Giảm", "Fell"), "#4575b4"),
    Choice("cluster", Text("Cụm", "Cluster"), "#c2186b"),
    Choice("site", Text("Điểm đề xuất", "Proposed site"), "#2ec4b6"),
    Choice("spared", Text("Chỉ có đất trong vùng", "Only ground in the zones"), "#a9b3c1"),
    Choice("ring", Text("Vành khoảng cách", "Ring of distance"), "#2ec4b6"),
)
CLASSES = tuple(
    Choice(f"class-{n}", Text(f"Lớp {n}", f"Class {n}"), color) for n, color in enumerate(RAMP, 1)
)
BANDS = tuple(
    Choice(f"band-{n}", Text(f"Mật độ {n}", f"Density {n}"), color)
    for n, color in enumerate(HEAT, 1)
)
MOST_EACH_WAY = 4
PAIRS = tuple(
    Choice(
        f"pair-{a}-{b}",
        Text(f"Lớp {a} × lớp {b}", f"Class {a} × class {b}"),
        between((a - 1) / (MOST_EACH_WAY - 1), (b - 1) / (MOST_EACH_WAY - 1), WALL_CORNERS),
    )
    for a in range(1, MOST_EACH_WAY + 1)
    for b in range(1, MOST_EACH_WAY + 1)
)
"""Of two values at once. One colour whatever the number of classes, as with the classes of one."""
QUIET = (
    Choice("same", Text("Không đổi rõ", "No clear change"), "#a9b3c1"),
    Choice("too-few", Text("Quá ít để xếp hạng", "Too few to rank"), "#7b8aa3"),
    Choice("empty", Text("Không có số liệu", "No figures"), "#7b8aa3"),
)
"""What is no finding: grey, where no colour of its own would leave it that of what is hot."""

register(
    Layer(
        slug="hotspots",
        title=Text("Kết quả phân tích", "Results of analyses"),
        geometry="polygon",
        queryset=lambda user: Result.objects.visible_to(user),
        permission="layers.view_wall",
        fields=(
            Field("title", Text("Tên", "Title")),
            Field(
                "kind",
                Text("Loại", "Kind"),
                "choice",
                choices=(*KINDS, *CLASSES, *BANDS, *PAIRS, *QUIET),
                filter=True,
            ),
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
