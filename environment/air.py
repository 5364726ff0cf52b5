"""What a station's air is, now and by the day, in the decision's classes and plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from environment import aqi, queries
from environment.models import AirStandard, Datastream
from geo.text import Text

HOUR = timedelta(hours=1)
ADVICE = (
    (50, "Không ảnh hưởng sức khỏe.", "No effect on health."),
    (100, "Người nhạy cảm nên giảm hoạt động ngoài trời kéo dài.",
     "Sensitive people should do less that is long and strenuous outdoors."),
    (150, "Người già, trẻ em, người bệnh hô hấp nên hạn chế ra ngoài.",
     "Old people, children and those with lung disease should limit time outdoors."),
    (200, "Mọi người nên hạn chế ra ngoài; đeo khẩu trang lọc bụi.",
     "Everyone should limit time outdoors and wear a mask that filters dust."),
    (300, "Nên ở trong nhà, đóng cửa; tránh vận động ngoài trời.",
     "Stay inside with windows closed; no exertion outdoors."),
    (500, "Ở trong nhà. Làm theo hướng dẫn của chính quyền.",
     "Stay inside. Do as the authorities say."),
)  # fmt: skip
METHOD = Text(
    "VN_AQI theo Quyết định 1459/QĐ-TCMT. Bụi tính theo NowCast 12 giờ; khi thiếu giờ, tổng được "
    "chia cho trọng số của những giờ có số liệu.",
    "VN_AQI after Decision 1459/QĐ-TCMT. Dust by NowCast of 12 hours; where hours are missing the "
    "sum is divided by the weights of the hours that are there.",
)
MEANS = """
SELECT d.observed_property_id, h.hour, sum(h.total) / sum(h.n)
FROM environment_hour h JOIN environment_datastream d ON d.id = h.datastream_id
WHERE h.datastream_id = ANY(%s) AND h.hour >= %s AND h.hour < %s AND h.flag IN (1, 2)
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Limit:
    """A limit that was passed: by what, how much, and the text that sets it."""

    pollutant: str
    averaging: str
    value: float
    limit: float
    source: str


def means(
    streams: Sequence[Datastream], since: datetime, until: datetime
) -> dict[tuple[str, datetime], float]:
    """Hourly means of the AQI pollutants, trusted values alone, by pollutant and hour."""
    names = {s.observed_property_id: s.observed_property.code for s in streams
             if s.observed_property.code in aqi.BREAKPOINTS}  # fmt: skip
    ids = [s.pk for s in streams if s.observed_property_id in names]
    with connection.cursor() as cursor:
        cursor.execute(MEANS, [ids, since, until])
        return {(names[prop], hour): mean for prop, hour, mean in cursor.fetchall()}


def hour_parts(streams: Sequence[Datastream], at: datetime) -> dict[str, int]:
    """The sub-indices of the hour that holds `at`; empty without dust in enough hours."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    found = means(streams, hour - (aqi.NOWCAST_HOURS - 1) * HOUR, hour + HOUR)
    hours = [hour - HOUR * n for n in range(aqi.NOWCAST_HOURS)]
    dust = {name: [found.get((name, t)) for t in hours] for name in aqi.DUST}
    gases = {name: found.get((name, hour)) for name in aqi.BREAKPOINTS if name not in aqi.DUST}
    return aqi.hourly_parts(dust, gases)


def day_hours(streams: Sequence[Datastream], day: date) -> dict[str, list[float | None]]:
    """The hourly means of a local day from 01:00 to 00:00, by pollutant."""
    first = datetime.combine(day, time(1), queries.zone())
    found = means(streams, first, first + 24 * HOUR)
    names = {name for name, _ in found}
    return {name: [found.get((name, first + HOUR * n)) for n in range(24)] for name in names}


def limits_on(day: date) -> dict[tuple[str, str], AirStandard]:
    """The limits in force on a day, by pollutant and averaging."""
    rows = AirStandard.objects.filter(valid_from__lte=day).filter(
        Q(valid_to=None) | Q(valid_to__gte=day)
    )
    return {(row.pollutant, row.averaging): row for row in rows.order_by("valid_from")}


def passed(hours: dict[str, list[float | None]], day: date) -> list[Limit]:
    """The limits that a day's values pass, by the limits of that day."""
    limits = limits_on(day)
    found = []
    for name, series in sorted(hours.items()):
        present = [c for c in series if c is not None]
        values = {"1h": max(present, default=None), "8h": aqi.greatest_8h(series)}
        if len(present) >= aqi.LEAST_HOURS:
            values["24h"] = sum(present) / len(present)
        for averaging, value in values.items():
            row = limits.get((name, averaging))
            if row and value is not None and value > row.value:
                found.append(Limit(name, averaging, round(value, 1), row.value, row.source))
    return found


def told(parts: dict[str, int]) -> dict[str, Any] | None:
    """An index as screens and citizens read it; None where there is none."""
    found = aqi.leader(parts)
    if found is None:
        return None
    index, name = found
    words = aqi.category(index)
    advice = next((a for a in ADVICE if index <= a[0]), ADVICE[-1])
    vi, en = words.name_vi, words.name_en
    return {
        "index": index, "leader": name, "parts": parts, "state": words.state,
        "color": words.color, "category": {"vi": vi, "en": en},
        "text": {"vi": f"Không khí: {vi.lower()} (AQI {index}).", "en": f"Air: {en.lower()} "
                 f"(AQI {index})."},
        "advice": {"vi": advice[1], "en": advice[2]},
    }  # fmt: skip
