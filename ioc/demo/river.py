"""A made-up river, rain, air and tide, sent over HTTP like any provider's.

Every value is a function of the seed and the time alone. The river runs in time-lapse: every
three hours it rises through alarm II and falls again, so that whoever watches sees it happen. All
of it goes to stations that are marked synthetic, and every row says so.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx
import structlog

log = structlog.get_logger(__name__)

STEP_S = 10
SLOW_STEP_S = 60
CYCLE_S = 3 * 3600
MOST_ROWS = 1000
PATH = "/api/v1/environment"


class Door(Protocol):
    """Where the demo sends to, and as whom."""

    @property
    def base_url(self) -> str: ...
    @property
    def token(self) -> str: ...
    @property
    def seed(self) -> int: ...


@dataclass(frozen=True)
class Station:
    """A synthetic station; `delay_s` shifts it along the story, `scale` makes it weaker."""

    code: str
    name: str
    kind: str
    lon: float
    lat: float
    delay_s: int = 0
    scale: float = 1.0
    alarms: tuple[float, ...] = ()


STATIONS = (
    Station("demo-river-bach-ho", "Cầu Bạch Hổ", "river", 107.5735, 16.4590, 0, 1, (1.0, 2.0, 3.5)),
    Station(
        "demo-river-bao-vinh", "Bao Vinh", "river", 107.5790, 16.4985, 1200, 0.8, (0.8, 1.6, 2.8)
    ),
    Station("demo-rain-a-luoi", "Mưa A Lưới", "rain", 107.2330, 16.2750, -900, 1.3),
    Station("demo-rain-nam-dong", "Mưa Nam Đông", "rain", 107.7230, 16.1680, -700, 1.2),
    Station("demo-rain-ta-trach", "Mưa Tả Trạch", "rain", 107.6360, 16.3150, -600, 1.0),
    Station("demo-rain-binh-dien", "Mưa Bình Điền", "rain", 107.5020, 16.3460, -600, 1.0),
    Station("demo-rain-phong-dien", "Mưa Phong Điền", "rain", 107.3630, 16.5820, -300, 0.7),
    Station("demo-rain-hue", "Mưa trung tâm Huế", "rain", 107.5850, 16.4600, -200, 0.6),
    Station("demo-rain-phu-loc", "Mưa Phú Lộc", "rain", 107.8610, 16.2790, -400, 0.9),
    # Of one air, so that five carry a surface: a station can be foretold from those around it.
    Station("demo-air-hung-vuong", "Không khí Hùng Vương", "air", 107.5960, 16.4620, 0, 1.0),
    Station("demo-air-kim-long", "Không khí Kim Long", "air", 107.5640, 16.4600, 900, 0.9),
    Station("demo-air-phu-bai", "Không khí KCN Phú Bài", "air", 107.6900, 16.4020, 1800, 1.7),
    Station("demo-air-thuy-chau", "Không khí Thủy Châu", "air", 107.6650, 16.4180, 1700, 1.6),
    Station("demo-air-thuan-an", "Không khí Thuận An", "air", 107.6480, 16.5560, 2700, 0.5),
    Station("demo-tide-thuan-an", "Triều cửa Thuận An", "tide", 107.6290, 16.5650, 0, 1.0),
    Station("demo-tide-tu-hien", "Triều cửa Tư Hiền", "tide", 107.9160, 16.3500, 1500, 0.9),
)
RIVERS = tuple(s for s in STATIONS if s.kind == "river")


def chance(seed: int, *words: object) -> float:
    """A number in [0, 1) that belongs to these words and this seed."""
    digest = hashlib.blake2b(repr((seed, *words)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def values(seed: int, station: Station, at: datetime) -> dict[str, tuple[float, str]]:
    """What the station measures at `at`: parameter → (value, unit)."""
    t = at.timestamp() - station.delay_s
    noise = chance(seed, station.code, int(at.timestamp())) - 0.5
    if station.kind == "river":
        return {"water_level": (round(_river_m(seed, t) * station.scale + 0.01 * noise, 2), "m")}
    if station.kind == "rain":
        return {"rain": (round(_rain_mm(seed, t) * station.scale, 1), "mm")}
    if station.kind == "tide":
        return {"tide": (round(0.32 * station.scale * math.sin(t * math.tau / 44714), 2), "m")}
    day = 26 + 14 * math.sin(t * math.tau / 86400) + 6 * math.sin(t * math.tau / 9000)
    pm25 = max(day * station.scale + 3 * noise, 2)
    return {"pm25": (round(pm25, 1), "µg/m³"), "pm10": (round(pm25 * 1.6, 1), "µg/m³")}


def _cycle(t: float) -> tuple[int, float]:
    """The number of the flood and how far it has come, 0–1."""
    number, rest = divmod(t, CYCLE_S)
    return int(number), rest / CYCLE_S


def _river_m(seed: int, t: float) -> float:
    """Metres: a steep rise to a crest, a slow fall; every crest passes alarm II, some III."""
    number, share = _cycle(t)
    crest = 2.4 + 1.4 * chance(seed, "crest", number)
    base = 0.55
    wave = _smooth(share / 0.4) if share < 0.4 else 1 - _smooth((share - 0.4) / 0.6)
    return base + (crest - base) * wave


def _rain_mm(seed: int, t: float) -> float:
    """Millimetres in ten minutes: showers that go before the crest."""
    number, share = _cycle(t)
    strength = 8 + 10 * chance(seed, "rain", number)
    return strength * math.exp(-(((share - 0.2) / 0.1) ** 2))


def _smooth(x: float) -> float:
    return x * x * (3 - 2 * x)


def rows_at(seed: int, at: datetime, stations: tuple[Station, ...]) -> list[dict[str, Any]]:
    """The observations of one moment, as the API takes them."""
    return [
        {"station": s.code, "parameter": name, "time": at.isoformat(), "value": value,
         "unit": unit, "synthetic": True}
        for s in stations
        for name, (value, unit) in values(seed, s, at).items()
    ]  # fmt: skip


async def run(door: Door) -> None:
    """Send the present for ever; a server that is away is tried again at the next step."""
    headers = {"Authorization": f"Bearer {door.token}"}
    async with httpx.AsyncClient(base_url=door.base_url, headers=headers, timeout=20) as client:
        slow_due = 0.0
        while True:
            now = _step(datetime.now(UTC))
            slow = now.timestamp() >= slow_due
            if slow:
                slow_due = now.timestamp() + SLOW_STEP_S
            try:
                await _send(client, rows_at(door.seed, now, STATIONS if slow else RIVERS))
            except httpx.HTTPError as error:
                log.warning("demo-river-not-sent", error=type(error).__name__)
            await asyncio.sleep(STEP_S - datetime.now(UTC).timestamp() % STEP_S)


async def _send(client: httpx.AsyncClient, rows: list[dict[str, Any]]) -> None:
    """Post the rows; stations that the server does not know are registered first."""
    for _attempt in range(2):
        answer = await client.post(f"{PATH}/observations", json=rows)
        answer.raise_for_status()
        results = answer.json()["results"]
        unknown = {
            row["station"]
            for row, result in zip(rows, results, strict=True)
            if result["code"] == "unknown-station"
        }
        if not unknown:
            return
        for station in STATIONS:
            if station.code in unknown:
                reply = await client.post(f"{PATH}/stations", json=registration(station))
                reply.raise_for_status()


def registration(station: Station) -> dict[str, Any]:
    """The station as the API registers it, with its mark in both names."""
    return {
        "code": station.code,
        "name_vi": f"{station.name} (mô phỏng)",
        "name_en": f"{station.name} (simulated)",
        "kind": station.kind,
        "lon": station.lon,
        "lat": station.lat,
        "position_source": "hand-placed",
        "synthetic": True,
        "thresholds": [
            {"level": n, "value": value, "source": "simulation"}
            for n, value in enumerate(station.alarms, start=1)
        ],
        # A flood of three hours rises faster than any real one.
        "checks": {"water_level": {"rate_suspect": 8, "rate_fail": 16}},
    }


def history(seed: int, until: datetime, hours: float) -> Iterator[dict[str, Any]]:
    """The observations of the hours before `until`: rivers each 2 min, the rest each 10."""
    at = _step(until - timedelta(hours=hours), 120)
    while at < until:
        slow = int(at.timestamp()) % 600 == 0
        yield from rows_at(seed, at, STATIONS if slow else RIVERS)
        at += timedelta(seconds=120)


def backfill(target: Door | Path | str, hours: float = 24, seed: int = 0) -> int:
    """The number of rows sent to a door, or written for `ingest observations --synthetic`."""
    if isinstance(target, Path | str):
        rows = list(history(seed, datetime.now(UTC), hours))
        columns = ("station", "time", "parameter", "value", "unit")
        with Path(target).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        return len(rows)
    return asyncio.run(_backfill(target, hours))


async def _backfill(door: Door, hours: float) -> int:
    rows = list(history(door.seed, datetime.now(UTC), hours))
    headers = {"Authorization": f"Bearer {door.token}"}
    async with httpx.AsyncClient(base_url=door.base_url, headers=headers, timeout=60) as client:
        for start in range(0, len(rows), MOST_ROWS):
            await _send(client, rows[start : start + MOST_ROWS])
    return len(rows)


def _step(at: datetime, step_s: int = STEP_S) -> datetime:
    """`at` on the grid of steps, so that a second demo beside the first sends the same rows."""
    return datetime.fromtimestamp(at.timestamp() // step_s * step_s, UTC)
