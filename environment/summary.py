"""The sentences of the wall's tiles: the river that is closest to alarm, and the worst air."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from environment import aqi, outlook, queries
from environment.models import Datastream, Sensor, State
from environment.series import series
from geo.text import Text

RANK = {State.EXTREME: 5, State.SEVERE: 4, State.MODERATE: 3, State.MINOR: 2, State.GOOD: 1}
ODD = {State.STALE: (", mất tín hiệu", ", silent"),
       State.SUSPECT: (", số liệu nghi ngờ", ", values suspect")}  # fmt: skip
SECOND = timedelta(seconds=1)
Point = tuple[datetime, float]


def tiles(user: Any) -> list[dict[str, Any]]:
    """River and air, each only where such a station has spoken."""
    seen = list(Sensor.objects.visible_to(user).exclude(value=None))
    rivers = [s for s in seen if s.kind == Sensor.Kind.RIVER]
    air = [s for s in seen if s.kind == Sensor.Kind.AIR and s.parameter == "vn_aqi"]
    return [*_river(rivers), *_air(air)]


def _leader(sensors: Sequence[Sensor]) -> Sensor | None:
    """The station to speak of: heard of before silent, then the worst, then the highest."""
    order = lambda s: (s.state != State.STALE, RANK.get(State(s.state), 0), s.value)  # noqa: E731
    return max(sensors, key=order, default=None)


def _river(sensors: Sequence[Sensor]) -> list[dict[str, Any]]:
    sensor = _leader(sensors)
    if sensor is None or sensor.value is None or sensor.observed_at is None:
        return []
    stream = queries.main_stream(sensor, queries.streams_of([sensor.pk]).get(sensor.pk, []))
    if stream is None:
        return []
    stream.sensor = sensor
    trend = _recent(stream, sensor.observed_at, 24, 48)
    # As the station's own page and a notice say it: one river, one figure.
    since = sensor.observed_at - timedelta(hours=6)
    going = outlook.trend(queries.trusted_between(stream.pk, since, sensor.observed_at))
    vi, en = ODD.get(State(sensor.state)) or _words(going)
    value = f"{sensor.value:.2f}"
    text = Text(
        f"{sensor.name_vi} {value.replace('.', ',')} m{vi}", f"{sensor.name_en} {value} m{en}"
    )
    points = [round(v, 2) for _, v in trend]
    return [_tile("river-level", Text("Mực nước sông", "River level"), sensor, text, points)]


def _air(sensors: Sequence[Sensor]) -> list[dict[str, Any]]:
    sensor = _leader(sensors)
    if sensor is None or sensor.value is None:
        return []
    index = round(sensor.value)
    words = aqi.category(index)
    vi, en = ODD.get(State(sensor.state), ("", ""))
    text = Text(
        f"{sensor.name_vi}: {words.name_vi.lower()}{vi}",
        f"{sensor.name_en}: {words.name_en.lower()}{en}",
    )
    return [_tile("air", Text("Chất lượng không khí (VN_AQI)", "Air (VN_AQI)"), sensor, text, [])]


def _tile(key: str, title: Text, sensor: Sensor, text: Text, trend: list[float]) -> dict[str, Any]:
    return {
        "key": key,
        "title": title.dict(),
        "value": sensor.value,
        "unit": sensor.unit,
        "text": text.dict(),
        "trend": trend,
        "state": str(sensor.state),
        "layer": "sensors",
        "synthetic": sensor.synthetic,
    }


def _recent(stream: Datastream, until: datetime, hours: int, points: int) -> list[Point]:
    """The values of the last hours, oldest first, in at most about so many points."""
    found = series(stream, until - timedelta(hours=hours), until + SECOND, points)
    return [(t, v) for t, v in zip(found.t, found.v, strict=True) if v is not None]


def _words(going: outlook.Trend | None) -> tuple[str, str]:
    if going is None:
        return "", ""
    if going.word == "steady":
        return ", ổn định", ", steady"
    vi, en = ("lên", "rising") if going.word == "rising" else ("xuống", "falling")
    cm = f"{abs(going.per_h) * 100:.0f}"
    return f", {vi} {cm} cm/giờ", f", {en} {cm} cm/h"
