"""The layer `vessels`: every vessel where it is now. The public sees none of it."""

from typing import Any

from geo.text import Text
from layers.registry import Choice, Field, Layer, Style, register
from layers.summary import register as register_summary
from vessels import summary
from vessels.models import LiveVessel

STATES = (
    Choice("under-way", Text("Đang chạy", "Under way"), "#2ec4b6", "circle"),
    Choice("fishing", Text("Đang đánh bắt", "Fishing"), "#8ecae6", "circle"),
    Choice("stopped", Text("Dừng", "Stopped"), "#a3b3c9", "circle"),
    Choice("distress", Text("Phát tín hiệu cấp cứu", "Distress signal"), "#c2186b", "hexagon"),
    Choice("old", Text("Vị trí cũ", "Position is old"), "#7b8aa3", "dashed"),
    Choice("unknown", Text("Chưa rõ", "Unknown"), "#a3b3c9", "circle"),
)
KINDS = (
    Choice("fishing", Text("Tàu cá", "Fishing")),
    Choice("cargo", Text("Tàu hàng", "Cargo")),
    Choice("tanker", Text("Tàu dầu", "Tanker")),
    Choice("passenger", Text("Tàu khách", "Passenger")),
    Choice("tug", Text("Tàu kéo", "Tug")),
    Choice("pleasure", Text("Du thuyền", "Pleasure")),
    Choice("official", Text("Tàu công vụ", "Official")),
    Choice("other", Text("Khác", "Other")),
    Choice("unknown", Text("Chưa rõ", "Unknown")),
)
DOUBTS = (
    Choice("none", Text("Không", "None")),
    Choice("jump", Text("Nhảy vị trí bất thường", "Impossible jump")),
    Choice("speed", Text("Tốc độ phi lý", "Absurd speed")),
    Choice("no-fix", Text("Máy thu chưa có vị trí (0°, 0°)", "Receiver without a fix (0°, 0°)")),
    Choice("clock", Text("Không rõ giờ", "Time not told")),
)


def card(user: Any, vessel: LiveVessel) -> dict[str, Any]:
    """The link to where the vessel has been in the last day."""
    track = {
        "title": Text("Hành trình 24 giờ", "Track of 24 hours").dict(),
        "url": f"/api/v1/vessels/{vessel.pk}/track?hours=24",
    }
    return {"media": [], "links": [track], "series": [], "actions": []}


VESSELS = register(
    Layer(
        slug="vessels",
        title=Text("Tàu thuyền", "Vessels"),
        geometry="point",
        queryset=lambda user: LiveVessel.objects.visible_to(user),
        permission="vessels.view_vessel",
        fields=(
            Field("name", Text("Tên tàu", "Name")),
            Field("mmsi", Text("MMSI", "MMSI"), "number"),
            Field("callsign", Text("Hô hiệu", "Call sign")),
            Field("plate", Text("Số đăng ký", "Number plate")),
            Field("kind", Text("Loại tàu", "Kind"), "choice", choices=KINDS, filter=True),
            Field("state", Text("Trạng thái", "State"), "choice", choices=STATES, filter=True),
            Field("speed_kn", Text("Tốc độ", "Speed"), "number", unit="kn"),
            Field("course_deg", Text("Hướng đi", "Course"), "number", unit="°"),
            Field("length_m", Text("Chiều dài", "Length"), "number", unit="m"),
            Field("doubt", Text("Nghi vấn", "Doubt"), "choice", choices=DOUBTS, filter=True),
            Field("source", Text("Nguồn", "Source")),
            Field("synthetic", Text("Mô phỏng", "Synthetic"), "bool"),
            Field("observed_at", Text("Lúc", "Observed"), "time"),
        ),
        public_fields=None,
        title_field="name",
        time_field="observed_at",
        order=30,
        live=True,
        stale_after_s=600,
        search_fields=("name", "callsign", "plate"),
        style=Style(
            kind="vessel",
            color="#2ec4b6",
            by="state",
            course="course_deg",
            speed="speed_kn",
            label="name",
        ),  # fmt: skip
        card=card,
    )
)

register_summary(summary.at_sea)
