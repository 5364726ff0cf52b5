"""What the map says of a camera or an event beside its fields."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from geo.text import Text
from vision.kinds import kind_of
from vision.models import Camera, CameraEvent
from vision.sights import seen_features


def camera_card(user: Any, camera: Camera) -> dict[str, Any]:
    """Its last events and what it looks at; the stream address is not part of it."""
    events = list(
        CameraEvent.objects.visible_to(user).filter(camera=camera).order_by("-started_at")[:3]
    )
    links = []
    for event in events:
        title = kind_of(event.kind).title
        at = f"{event.ended_at:%H:%M:%S}"
        links.append(
            {
                "title": Text(f"{title.vi} {at}", f"{title.en} {at} UTC").dict(),
                "layer": "camera-events",
                "id": str(event.pk),
            }
        )
    links += seen_features(user, camera)
    desk = Text("Bàn camera: hình, hiệu chỉnh, quy tắc", "Camera desk: picture, calibration, rules")
    links.append({"title": desk.dict(), "url": f"{reverse('cameras')}#/cameras/{camera.pk}"})
    return {"media": [media for e in events for media in _media(e)], "links": links}


def event_card(user: Any, event: CameraEvent) -> dict[str, Any]:
    title = Text(event.camera.name_vi, event.camera.name_en or event.camera.name_vi)
    links = [{"title": title.dict(), "layer": "cameras", "id": str(event.camera_id)}]
    if event.same_as_id:
        also = Text("Camera khác cũng thấy", "Seen by another camera too").dict()
        links.append({"title": also, "layer": "camera-events", "id": str(event.same_as_id)})
    queue = Text("Mở trong hàng chờ xem xét", "Open in the review queue").dict()
    at = f"{reverse('cameras')}#/review?review=all&notable=false&event={event.pk}"
    links.append({"title": queue, "url": at})
    return {"media": _media(event), "links": links}


def _media(event: CameraEvent) -> list[dict[str, str]]:
    if not event.snapshot:
        return []
    url = reverse("api:camera-event-snapshot", args=[event.pk])
    alt = f"{event.camera_name}, {event.ended_at:%H:%M:%S} UTC"
    return [{"url": url, "thumb": url, "alt": alt}]
