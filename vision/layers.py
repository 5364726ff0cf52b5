from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from geo.text import Text
from layers.registry import Choice, Field, Layer, Style, register
from layers.summary import register as register_summary
from vision import figures, summary
from vision.cards import camera_card, event_card
from vision.kinds import KINDS
from vision.models import Camera, CameraEvent


def recent_events(user: Any) -> QuerySet:
    return CameraEvent.objects.visible_to(user).recent().select_related("camera")


STATES = (
    Choice("good", Text("Đang chạy", "Good"), "#3fb68b", "circle"),
    Choice("waiting", Text("Đang kết nối", "Connecting"), "#8fa3b8", "circle"),
    Choice("stale", Text("Không có hình mới", "No new pictures"), "#f39c12", "triangle"),
    Choice("failed", Text("Không đọc được", "Cannot be read"), "#e4572e", "diamond"),
    Choice("off", Text("Chưa có luồng hình", "No stream configured"), "#5c6b7a", "square"),
)
EVENT_KINDS = tuple(
    Choice(code, kind.title, kind.color, kind.shape) for code, kind in KINDS.items()
)
REVIEWS = (
    Choice("pending", Text("Chưa xem xét", "Not reviewed")),
    Choice("accepted", Text("Đã xác nhận", "Accepted")),
    Choice("rejected", Text("Đã bác bỏ", "Rejected")),
    Choice("wrong_class", Text("Sai loại", "Wrong class")),
)
OBJECTS = (
    Choice("person", Text("Người", "Person")),
    Choice("bicycle", Text("Xe đạp", "Bicycle")),
    Choice("motorcycle", Text("Xe máy", "Motorcycle")),
    Choice("car", Text("Ô tô", "Car")),
    Choice("bus", Text("Xe buýt", "Bus")),
    Choice("truck", Text("Xe tải", "Truck")),
    Choice("moving", Text("Vật chuyển động", "Moving object")),
)
DIRECTIONS = (Choice("down", Text("Xuôi", "Down")), Choice("up", Text("Ngược", "Up")))

register(
    Layer(
        slug="cameras",
        title=Text("Camera", "Cameras"),
        geometry="point",
        queryset=lambda user: Camera.objects.visible_to(user),
        permission="vision.view_camera",
        fields=(
            Field("code", Text("Mã", "Code")),
            Field("name_vi", Text("Tên", "Name (vi)")),
            Field("name_en", Text("Tên (en)", "Name")),
            Field("state", Text("Tình trạng", "State"), "choice", choices=STATES, filter=True),
            Field("state_note", Text("Lý do", "Why")),
            Field("last_frame_at", Text("Hình gần nhất", "Last picture"), "time"),
            Field("frames", Text("Hình đã xem", "Pictures looked at"), "number"),
            Field("frames_dropped", Text("Hình bỏ qua", "Pictures skipped"), "number"),
            Field("detector", Text("Bộ nhận dạng", "Detector")),
            Field("bearing_deg", Text("Hướng", "Bearing"), "number", unit="°"),
            Field("fov_deg", Text("Góc nhìn", "Field of view"), "number", unit="°"),
            Field("range_m", Text("Tầm nhìn", "Range"), "number", unit="m"),
            Field("owner", Text("Đơn vị quản lý", "Owner"), filter=False),
            Field("road", Text("Đường", "Road")),
        ),
        title_field="name_vi",
        time_field="updated_at",
        style=Style(
            kind="camera",
            color="#57a5ff",
            by="state",
            bearing="bearing_deg",
            fov="fov_deg",
            range_m="range_m",
        ),
        order=30,
        reach="camera-views",
        live=True,
        search_fields=("code", "name_vi", "name_en"),
        card=camera_card,
    )
)
register(
    Layer(
        slug="camera-events",
        title=Text("Sự kiện camera", "Camera events"),
        geometry="point",
        queryset=recent_events,
        permission="vision.view_cameraevent",
        fields=(
            Field("camera_name", Text("Camera", "Camera")),
            Field("kind", Text("Loại", "Kind"), "choice", choices=EVENT_KINDS, filter=True),
            Field(
                "object_class", Text("Đối tượng", "Object"), "choice", choices=OBJECTS, filter=True
            ),
            Field("direction", Text("Chiều", "Direction"), "choice", choices=DIRECTIONS),
            Field("confidence", Text("Độ tin cậy", "Confidence"), "number"),
            Field("error_m", Text("Sai số vị trí", "Position error"), "number", unit="m"),
            Field("started_at", Text("Từ", "Seen first"), "time"),
            Field("ended_at", Text("Đến", "Seen last"), "time"),
            Field("review", Text("Xem xét", "Review"), "choice", choices=REVIEWS, filter=True),
            Field("going_on", Text("Đang diễn ra", "Going on"), "bool"),
            Field("sightings", Text("Số lần thấy", "Sightings"), "number"),
            Field("value", Text("Giá trị đo", "Measured"), "number"),
            Field("rule", Text("Quy tắc", "Rule")),
            Field("model_hash", Text("Mô hình", "Model")),
        ),
        title_field="camera_name",
        time_field="ended_at",
        style=Style(kind="event", color="#57a5ff", by="kind"),
        order=35,
        live=True,
        card=event_card,
    )
)
register(
    Layer(
        slug="camera-views",
        title=Text("Vùng nhìn của camera", "Cameras' fields of view"),
        geometry="polygon",
        queryset=lambda user: Camera.objects.visible_to(user).filter(view__isnull=False),
        permission="vision.view_camera",
        fields=(
            Field("name_vi", Text("Camera", "Camera")),
            Field("code", Text("Mã", "Code")),
            Field("state", Text("Tình trạng", "State"), "choice", choices=STATES, filter=True),
            Field("view_exact", Text("Đã hiệu chỉnh", "Measured by control points"), "bool"),
        ),
        title_field="name_vi",
        geom_field="view",
        style=Style(kind="fill", color="#57a5ff", by="state"),
        order=31,
        default_visible=False,
    )
)
COUNTED = (
    Field("count", Text("Lượt trong giờ qua", "Crossings in the last hour"), "number"),
    Field("per_min", Text("Lượt một phút", "Crossings a minute"), "number"),
)
register(
    Layer(
        slug="camera-counts",
        title=Text("Đếm xe theo đường", "Counts by road"),
        geometry="point",
        queryset=figures.by_road,
        permission="vision.view_camera",
        fields=(
            Field("place", Text("Nơi đếm", "Counted at")),
            Field("road", Text("Đường", "Road")),
            Field("name_vi", Text("Camera", "Camera")),
            *COUNTED,
        ),
        title_field="place",
        style=Style(kind="sensor", color="#57a5ff", value="count", label="place"),
        order=36,
        default_visible=False,
    )
)
register(
    Layer(
        slug="camera-ward-counts",
        title=Text("Đếm xe theo phường, xã", "Counts by ward"),
        geometry="polygon",
        queryset=figures.by_ward,
        permission="vision.view_camera",
        fields=(
            Field("name_vi", Text("Phường, xã", "Ward (vi)")),
            Field("name_en", Text("Phường, xã (en)", "Ward")),
            Field("cameras", Text("Số camera đếm", "Cameras that count"), "number"),
            *COUNTED,
        ),
        title_field="name_vi",
        style=Style(kind="fill", color="#57a5ff", value="count"),
        order=37,
        default_visible=False,
    )
)
register_summary(summary.counted)
