"""The layer `vessels`: every vessel where it is now. The public sees none of it."""

from typing import Any

from geo.text import Text
from layers.registry import Choice, Field, Layer, Style, register
from layers.summary import register as register_summary
from vessels import summary, track_layers
from vessels.alert_kinds import KINDS as ALERT_KINDS
from vessels.models import Alert, LiveVessel, Zone
from vessels.queries import VIEW

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
    Choice("swapped", Text("Kinh vĩ độ bị đảo", "Latitude and longitude exchanged")),
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

SEVERITIES = (
    Choice("minor", Text("Nhẹ", "Minor"), "#f0d54e", "circle"),
    Choice("moderate", Text("Vừa", "Moderate"), "#f39c12", "triangle"),
    Choice("severe", Text("Nặng", "Severe"), "#e4572e", "diamond"),
    Choice("extreme", Text("Rất nặng", "Extreme"), "#c2186b", "hexagon"),
)
STAGES = (
    Choice("new", Text("Mới", "New")),
    Choice("seen", Text("Đã xem", "Seen")),
    Choice("called", Text("Đã gọi chủ tàu", "Owner called")),
    Choice("warned", Text("Đã cảnh báo tàu", "Vessel warned")),
    Choice("handed_over", Text("Đã chuyển biên phòng", "Handed over")),
    Choice("closed", Text("Đã đóng", "Closed")),
)
WATERS = (
    Choice("coastal", Text("Vùng ven bờ", "Coastal waters"), "#8ecae6"),
    Choice("inshore", Text("Vùng lộng", "Inshore waters"), "#56b4e9"),
    Choice("offshore", Text("Vùng khơi", "Offshore waters"), "#0072b2"),
    Choice("forbidden", Text("Vùng cấm khai thác", "Closed to fishing"), "#e4572e"),
    Choice("foreign", Text("Vùng biển nước khác", "Another country's waters"), "#c2186b"),
)


def may_see(user: Any) -> bool:
    """Whether alerts and lines at sea exist for this person."""
    return bool(user is not None and user.has_perm(VIEW))


def alerts_for(user: Any) -> Any:
    """Alerts that nobody has closed and that have a place."""
    rows = Alert.objects.filter(closed_at=None, geom__isnull=False)
    return rows if may_see(user) else rows.none()


def zones_for(user: Any) -> Any:
    """The zones in force."""
    rows = Zone.objects.filter(active=True)
    return rows if may_see(user) else rows.none()


register(
    Layer(
        slug="vessel-alerts",
        title=Text("Cảnh báo tàu cá", "Vessel alerts"),
        geometry="point",
        queryset=alerts_for,
        permission=VIEW,
        fields=(
            Field("title_vi", Text("Nội dung", "Title (vi)"), card=False),
            Field("title_en", Text("Nội dung (en)", "Title"), card=False),
            Field(
                "kind", Text("Loại", "Kind"), "choice", filter=True,
                choices=tuple(Choice(kind.code, kind.title) for kind in ALERT_KINDS.values()),
            ),
            Field(
                "severity", Text("Mức độ", "Severity"), "choice", choices=SEVERITIES, filter=True
            ),
            Field("stage", Text("Bước xử lý", "Stage"), "choice", choices=STAGES, filter=True),
            Field("opened_at", Text("Bắt đầu", "Began"), "time"),
            Field("ended_at", Text("Kết thúc", "Ended"), "time"),
            Field("due_at", Text("Hạn", "Due"), "time"),
            Field("vessel_id", Text("Mã tàu", "Vessel"), "number", card=False),
            Field("synthetic", Text("Mô phỏng", "Synthetic"), "bool"),
        ),
        public_fields=None,
        title_field="title_vi",
        time_field="updated_at",
        order=31,
        live=True,
        search_fields=("title_vi", "title_en"),
        style=Style(kind="event", color="#e4572e", by="severity"),
    )
)  # fmt: skip
register(
    Layer(
        slug="fishing-zones",
        title=Text("Ranh giới vùng biển", "Fishing zones"),
        geometry="polygon",
        queryset=zones_for,
        permission=VIEW,
        fields=(
            Field("name_vi", Text("Tên", "Name (vi)")),
            Field("name_en", Text("Tên (en)", "Name"), card=False),
            Field("kind", Text("Loại", "Kind"), "choice", choices=WATERS, filter=True),
            Field("code", Text("Mã", "Code"), card=False),
            Field("schematic", Text("Phác họa", "Schematic"), "bool"),
            Field("source", Text("Nguồn", "Source")),
        ),
        public_fields=None,
        title_field="name_vi",
        order=90,
        default_visible=False,
        style=Style(kind="fill", color="#56b4e9", by="kind", label="name_vi"),
    )
)

TRACKS, EFFORT = track_layers.TRACKS, track_layers.EFFORT
register_summary(summary.at_sea)
