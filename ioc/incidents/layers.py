from geo.text import Text
from ioc.incidents.queries import live_for
from layers.registry import Choice, Field, Layer, Style, register

SEVERITIES = (
    Choice("minor", Text("Nhẹ", "Minor"), "#f0d54e", "circle"),
    Choice("moderate", Text("Vừa", "Moderate"), "#f39c12", "triangle"),
    Choice("severe", Text("Nặng", "Severe"), "#e4572e", "diamond"),
    Choice("extreme", Text("Rất nặng", "Extreme"), "#c2186b", "hexagon"),
)
STATES = (
    Choice("open", Text("Mới", "Open")),
    Choice("acknowledged", Text("Đã nhận", "Acknowledged")),
    Choice("in_progress", Text("Đang xử lý", "In progress")),
    Choice("resolved", Text("Đã xử lý", "Resolved")),
    Choice("closed", Text("Đã đóng", "Closed")),
)

register(
    Layer(
        slug="incidents",
        title=Text("Sự cố", "Incidents"),
        geometry="point",
        queryset=live_for,
        permission="incidents.view_incident",
        fields=(
            Field("title_vi", Text("Nội dung", "Title (vi)"), card=False),
            Field("title_en", Text("Nội dung (en)", "Title"), card=False),
            Field("state", Text("Trạng thái", "State"), "choice", choices=STATES, filter=True),
            Field(
                "severity", Text("Mức độ", "Severity"), "choice", choices=SEVERITIES, filter=True
            ),
            Field("kind", Text("Loại", "Kind")),
            Field("layer", Text("Lớp", "Layer"), card=False),
            Field("feature_id", Text("Đối tượng", "Feature"), card=False),
            Field("repeats", Text("Số lần", "Times seen"), "number"),
            Field("first_at", Text("Lần đầu", "First seen"), "time"),
            Field("last_at", Text("Lần cuối", "Last seen"), "time"),
            Field("acknowledged_by", Text("Người nhận", "Acknowledged by")),
            Field("acknowledged_at", Text("Nhận lúc", "Acknowledged"), "time"),
        ),
        title_field="title_vi",
        time_field="updated_at",
        style=Style(kind="incident", color="#e4572e", by="severity"),
        order=10,
        live=True,
    )
)
