from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from geo.text import Text
from layers.registry import Choice, Field, Layer, Style, register
from layers.summary import register as register_summary
from vision import summary
from vision.models import Camera, CameraEvent


def camera_card(user: Any, camera: Camera) -> dict[str, Any]:
    """The pictures of its last events; the stream address is not part of it."""
    events = CameraEvent.objects.visible_to(user).filter(camera=camera)[:3]
    links = [
        {
            "title": Text(
                f"{e.get_kind_display()} {e.ended_at:%H:%M:%S}",
                f"{e.kind} {e.ended_at:%H:%M:%S} UTC",
            ).dict(),
            "layer": "camera-events",
            "id": str(e.pk),
        }
        for e in events
    ]
    return {"media": [media for e in events for media in _media(e)], "links": links}


def event_card(user: Any, event: CameraEvent) -> dict[str, Any]:
    title = Text(event.camera.name_vi, event.camera.name_en or event.camera.name_vi)
    return {
        "media": _media(event),
        "links": [{"title": title.dict(), "layer": "cameras", "id": str(event.camera_id)}],
    }


def _media(event: CameraEvent) -> list[dict[str, str]]:
    if not event.snapshot:
        return []
    url = reverse("api:camera-event-snapshot", args=[event.pk])
    alt = f"{event.camera_name}, {event.ended_at:%H:%M:%S} UTC"
    return [{"url": url, "thumb": url, "alt": alt}]


def recent_events(user: Any) -> QuerySet:
    return CameraEvent.objects.visible_to(user).recent().select_related("camera")


STATES = (
    Choice("good", Text("Đang chạy", "Good"), "#3fb68b", "circle"),
    Choice("waiting", Text("Đang kết nối", "Connecting"), "#8fa3b8", "circle"),
    Choice("stale", Text("Không có hình mới", "No new pictures"), "#f39c12", "triangle"),
    Choice("failed", Text("Không đọc được", "Cannot be read"), "#e4572e", "diamond"),
    Choice("off", Text("Chưa có luồng hình", "No stream configured"), "#5c6b7a", "square"),
)
KINDS = (
    Choice("line", Text("Qua vạch đếm", "Line crossed"), "#57a5ff", "circle"),
    Choice("stopped", Text("Dừng trên đường", "Stopped"), "#f39c12", "triangle"),
    Choice("wrong_way", Text("Đi ngược chiều", "Wrong way"), "#e4572e", "diamond"),
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
            Field("kind", Text("Loại", "Kind"), "choice", choices=KINDS, filter=True),
            Field(
                "object_class", Text("Đối tượng", "Object"), "choice", choices=OBJECTS, filter=True
            ),
            Field("direction", Text("Chiều", "Direction"), "choice", choices=DIRECTIONS),
            Field("confidence", Text("Độ tin cậy", "Confidence"), "number"),
            Field("error_m", Text("Sai số vị trí", "Position error"), "number", unit="m"),
            Field("started_at", Text("Từ", "Seen first"), "time"),
            Field("ended_at", Text("Đến", "Seen last"), "time"),
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
register_summary(summary.counted)
