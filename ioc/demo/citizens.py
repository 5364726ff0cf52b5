"""Citizens who do not exist and report what is not there, over the same door as everybody."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

import httpx
import structlog
from asgiref.sync import sync_to_async
from django.contrib.gis.geos import Point
from django.db import connections

from geo.crs import distance_m
from geo.models import District
from ioc.demo.street_photos import street_photo

EVERY_S = 40
BACKFILL = 60
CENTRE_WEIGHT_M = 4000
TRIES = 40
TIMEOUT_S = 30

log = structlog.get_logger(__name__)


class Door(Protocol):
    """Where the demo enters: an address, a token that may add synthetic reports, a seed."""

    base_url: str
    token: str
    seed: int


@dataclass(frozen=True)
class Story:
    """What people say about one kind of trouble; `words` in a category's code or title find it."""

    scene: str
    hints: tuple[str, ...]
    vi: tuple[str, ...]


STORIES = (
    Story(
        "pothole",
        ("road", "traffic", "giao-thong", "pothole"),
        (
            "Ổ gà sâu giữa làn xe máy, trời mưa không nhìn thấy.",
            "Mặt đường lún, xe qua lại rất khó tránh.",
            "Nắp cống kênh lên khỏi mặt đường, dễ vấp ngã.",
        ),
    ),
    Story(
        "rubbish",
        ("hygiene", "waste", "rubbish", "environment", "ve-sinh", "moi-truong"),
        (
            "Rác đổ đống đầu hẻm ba ngày nay chưa ai thu gom.",
            "Bãi rác tự phát bốc mùi, gần trường học.",
            "Túi rác vứt xuống bờ sông, nước bắt đầu đen.",
        ),
    ),
    Story(
        "flooded",
        ("flood", "drain", "water", "urban", "ngap", "do-thi"),
        (
            "Nước ngập gần nửa bánh xe, thoát rất chậm.",
            "Cống nghẹt, mưa nhỏ đã ngập cả đoạn đường.",
        ),
    ),
    Story(
        "broken-lamp",
        ("light", "lamp", "electric", "chieu-sang", "security", "an-ninh"),
        ("Đèn đường hỏng, cả đoạn tối om.", "Trụ đèn nghiêng sau gió lớn, sợ đổ."),
    ),
    Story(
        "building-site",
        ("construction", "building", "order", "xay-dung", "trat-tu"),
        (
            "Vật liệu xây dựng đổ tràn vỉa hè, không còn lối đi.",
            "Công trình thi công ban đêm, bụi và ồn.",
        ),
    ),
)


def story_of(category: dict[str, Any]) -> Story | None:
    """What people say about a category, if they say anything."""
    name = f"{category['code']} {category['title']['en']}".lower()
    return next((story for story in STORIES if any(hint in name for hint in story.hints)), None)


def weights(districts: list[District]) -> list[float]:
    """More reports where more people live: near the middle of the smallest ward."""
    middle = min(districts, key=lambda one: one.area_km2).label_point
    far_m = [
        distance_m((middle.x, middle.y), (one.label_point.x, one.label_point.y))
        for one in districts
    ]
    return [1 / (1 + (metres / CENTRE_WEIGHT_M) ** 2) for metres in far_m]


def place_in(district: District, rng: Random) -> tuple[float, float]:
    """A point in the ward, near its middle where the ward is large."""
    west, south, east, north = district.geom.extent
    reach = min(1.0, 3 / max(1.0, district.area_km2**0.5))
    middle = district.label_point
    for _try in range(TRIES):
        lon = middle.x + (rng.uniform(west, east) - middle.x) * reach
        lat = middle.y + (rng.uniform(south, north) - middle.y) * reach
        if district.geom.contains(Point(lon, lat, srid=4326)):
            return lon, lat
    return middle.x, middle.y


def _forms(
    door: Door, categories: list[dict[str, Any]], slots: Iterator[tuple[str, datetime | None]]
) -> Iterator[tuple[dict[str, str], bytes | None]]:
    """Form fields and photo of one report a slot; the same slot always gives the same report."""
    districts = list(District.objects.filter(retired_at=None))
    known = [(one, story) for one in categories if (story := story_of(one))]
    if not districts or not known:
        return
    odds = weights(districts)
    for slot, at in slots:
        rng = Random(f"{door.seed}/{slot}")
        category, story = rng.choice(known)
        lon, lat = place_in(rng.choices(districts, odds)[0], rng)
        fields = {
            "client_key": str(uuid5(NAMESPACE_URL, f"demo/{door.seed}/{slot}")),
            "lon": f"{lon:.6f}",
            "lat": f"{lat:.6f}",
            "accuracy_m": str(rng.randint(4, 40)),
            "category": category["code"],
            "words": rng.choice(story.vi),
            "emergency": "true" if at is None and rng.random() < 0.03 else "false",
            "synthetic": "true",
        }
        if at is not None:
            fields["device_at"] = at.isoformat()
        photo = street_photo(story.scene, slot) if rng.random() < 0.8 else None
        yield fields, photo


def _send(client: httpx.Client, form: tuple[dict[str, str], bytes | None]) -> bool:
    fields, photo = form
    files = [("photo", ("demo.jpg", photo, "image/jpeg"))] if photo else None
    answer = client.post("/api/v1/reports", data=fields, files=files)
    if answer.status_code != 201:
        log.warning("demo-report-refused", status=answer.status_code, said=answer.text[:200])
    return answer.status_code == 201


def _client(door: Door) -> httpx.Client:
    headers = {"Authorization": f"Bearer {door.token}"}
    return httpx.Client(base_url=door.base_url, headers=headers, timeout=TIMEOUT_S)


def _send_all(door: Door, slots: Iterator[tuple[str, datetime | None]]) -> int:
    with _client(door) as client:
        categories = client.get("/api/v1/reports/categories").raise_for_status().json()
        return sum(_send(client, form) for form in _forms(door, categories, slots))


def backfill(door: Door, hours: int = 24) -> int:
    """How many reports of the last `hours` were sent; the same hour again doubles nothing."""
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    step_s = hours * 3600 / BACKFILL
    first = int((hour - timedelta(hours=hours)).timestamp() // step_s)

    def slots() -> Iterator[tuple[str, datetime]]:
        for number in range(first, int(now.timestamp() // step_s)):
            # By day most, by night few: a slot between midnight and five is mostly skipped.
            at = datetime.fromtimestamp((number + Random(number).random()) * step_s, UTC)
            asleep = (at + timedelta(hours=7)).hour < 5
            if at < now and not (asleep and number % 4):
                yield f"past-{number}", at

    return _send_all(door, slots())


def _send_now(door: Door, slot: int) -> None:
    try:
        _send_all(door, iter([(f"now-{slot}", None)]))
    finally:
        connections.close_all()  # this thread may not be the one that comes next


async def run(door: Door) -> None:
    """Sends a report every 40 s until cancelled; waits out a server that is not there."""
    while True:
        slot = int(time.time() // EVERY_S)
        try:
            await sync_to_async(_send_now, thread_sensitive=False)(door, slot)
        except httpx.HTTPError as error:
            log.warning("demo-report-not-sent", why=type(error).__name__)
        await asyncio.sleep((slot + 1) * EVERY_S - time.time() + 0.1)
