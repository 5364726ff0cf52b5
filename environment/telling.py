"""The words of a notice: the level, the trend, the time to the next, what the water reaches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from environment import alarms, outlook, queries
from environment.forecast import Ahead
from environment.models import Datastream, Sensor
from environment.words import counted
from geo.text import Text

log = structlog.get_logger(__name__)

GOING = {
    "rising": ("đang lên", "rising"),
    "falling": ("đang xuống", "falling"),
    "steady": ("ổn định", "steady"),
}
MOST_NAMES = 3


def crossing(
    sensor: Sensor, stream: Datastream, found: alarms.Crossing, limits: Sequence[alarms.Limit]
) -> tuple[Text, dict[str, Any]]:
    """Body and data of the notice that a river passed a level."""
    recent = queries.trusted_between(stream.pk, found.at - timedelta(hours=6), found.at)
    going = outlook.trend(recent)
    above = next((x for x in limits if x.level > found.level and x.value > found.value), None)
    arrival = outlook.time_to(above.value, found.value, going) if above else None
    reached = exposed(sensor.code, found.value)
    parts = [_passed(found, stream.unit), trend(going, stream.unit)]
    if above:
        parts.append(next_level(above, arrival, stream.unit))
    parts.append(exposure(reached))
    data: dict[str, Any] = {
        "level": found.level, "value": found.value, "limit": found.limit,
        "trend": going and {"word": going.word, "per_h": round(going.per_h, 3)},
        "next": above and {"level": above.level, "value": above.value},
        "arrival": arrival and _hours(arrival),
        "datum": sensor.datum, "exposed": reached,
    }  # fmt: skip
    vi, en = (" ".join(p[n] for p in parts if p[n]) for n in (0, 1))
    return Text(vi, en), data


def _hours(arrival: outlook.Arrival) -> dict[str, float | None]:
    last = arrival.last_h
    return {"hours": round(arrival.hours, 1), "first_h": round(arrival.first_h, 1),
            "last_h": None if last is None else round(last, 1)}  # fmt: skip


def comma(number: float, digits: int = 2) -> str:
    return f"{number:.{digits}f}".replace(".", ",")


def _passed(found: alarms.Crossing, unit: str) -> tuple[str, str]:
    roman = alarms.ROMAN[found.level]
    return (
        f"Mực nước đã vượt báo động {roman} ({comma(found.limit)} {unit}).",
        f"The water has passed alarm level {roman} ({found.limit:.2f} {unit}).",
    )


def trend(going: outlook.Trend | None, unit: str) -> tuple[str, str]:
    """The trend in a sentence; of the first value of a station nothing is known."""
    if going is None:
        return "Chưa đủ số liệu để biết xu thế.", "There is not yet enough data for a trend."
    vi, en = GOING[going.word]
    if going.word == "steady":
        return f"Mực nước {vi}.", f"The level is {en}."
    cm = abs(going.per_h) * 100
    return f"Mực nước {vi} {cm:.0f} cm/giờ.", f"The level is {en} by {cm:.0f} cm an hour."


def next_level(above: alarms.Limit, arrival: outlook.Arrival | None, unit: str) -> tuple[str, str]:
    """When the next level may be reached, and how sure that is."""
    roman = alarms.ROMAN[above.level]
    vi = f"báo động {roman} ({comma(above.value)} {unit})"
    en = f"alarm level {roman} ({above.value:.2f} {unit})"
    if arrival is None:
        return f"Chưa thấy khả năng đạt {vi} trong 24 giờ tới.", (
            f"At this rate it does not reach {en} within 24 hours."
        )
    first = span(arrival.first_h)
    if arrival.last_h is None:
        return (
            f"Nếu tiếp tục như hiện nay, sớm nhất khoảng {first[0]} nữa đạt {vi}, "
            "cũng có thể không đạt.",
            f"If it goes on like this it may reach {en} in {first[1]} at the earliest, or not "
            "at all.",
        )
    usual, last = span(arrival.hours), span(arrival.last_h)
    return (
        f"Nếu tiếp tục như hiện nay, khoảng {usual[0]} nữa đạt {vi} (từ {first[0]} đến {last[0]}).",
        f"If it goes on like this it reaches {en} in about {usual[1]} (between {first[1]} and "
        f"{last[1]}).",
    )


def span(hours: float) -> tuple[str, str]:
    """A time to come, no more precise than it is."""
    if hours < 1.5:
        minutes = max(round(hours * 60 / 10) * 10, 10)
        return f"{minutes} phút", f"{minutes} min"
    return f"{hours:.0f} giờ", f"{hours:.0f} h"


def forecast(found: Ahead, lead: Sensor | None) -> Text:
    """How the line ahead was made, and how it erred on hours held back."""
    band_vi = f"Dải mờ là sai số của 9/10 trong {found.trials} lần thử trên số liệu đã qua."
    band_en = f"The band is the error that 9 in 10 of {found.trials} trials on past hours kept to."
    end = ("Không thay bản tin dự báo thủy văn.", "It replaces no hydrological forecast.")
    if lead is None or found.lead is None:
        return Text(
            f"Ước tính đơn giản: xu thế tắt dần của chính trạm này. {band_vi} {end[0]}",
            f"A simple estimate: the damped trend of this station alone. {band_en} {end[1]}",
        )
    lag, cm = span(found.lead.lag_h), round(found.lead.error * 100)
    alone = round(found.lead.error_alone * 100)
    return Text(
        f"Ước tính theo trạm {lead.name_vi}, nơi nước thay đổi sớm hơn khoảng {lag[0]} (độ trễ "
        f"khớp từ số liệu hai trạm), và xu thế của trạm này. Trên những giờ giữ lại để thử, sai số "
        f"{cm} cm; chỉ theo xu thế: {alone} cm. {band_vi} {end[0]}",
        f"An estimate from {lead.name_en or lead.name_vi}, where the water changes about {lag[1]} "
        f"earlier (a lag fitted from the values of both), and this station's own trend. On hours "
        f"held back it errs by {cm} cm; by the trend alone: {alone} cm. {band_en} {end[1]}",
    )


def exposed(code: str, stage_m: float) -> dict[str, Any] | None:
    """What the flood zone of this stage reaches; None where nobody can tell."""
    try:
        from environment.flood import exposed as reaches
    except ImportError:
        return None
    try:
        with transaction.atomic():
            found = reaches(code, stage_m)
    except Exception:  # a notice of rising water goes out, whatever the map of zones does
        log.exception("exposure-failed", gauge=code, stage_m=stage_m)
        return None
    return found if found and found.get("known") else None


COVERED = (
    ("wards", "phường, xã", "ward", ""), ("schools", "trường học", "school", ""),
    ("clinics", "cơ sở y tế", "clinic", ""), ("roads", "km đường", "km of road", "km of road"),
    ("reports", "phản ánh", "report", ""), ("cameras", "camera", "camera", ""),
)  # fmt: skip


def exposure(found: dict[str, Any] | None) -> tuple[str, str]:
    """What the zone covers: size, confidence, counts, first names of wards, schools, clinics."""
    if not found:
        return "", ""
    vi, en = [], []
    for key, name_vi, one, many in COVERED:
        row = found.get(key) or {}
        if not isinstance(row, dict) or not row.get("count"):
            continue
        count = round(row["km"]) or 1 if row.get("km") else row["count"]
        names = row.get("names", [])[:MOST_NAMES] if key in ("wards", "schools", "clinics") else []
        told_vi = f"{f'{count:,}'.replace(',', '.')} {name_vi}"
        for out, whole, lang in ((vi, told_vi, "vi"), (en, counted(count, one, many), "en")):
            told = ", ".join(n.get(lang, "") if isinstance(n, dict) else str(n) for n in names)
            more = ", …" if told and row["count"] > len(names) else ""
            out.append(whole + (f" ({told}{more})" if told else ""))
    if found.get("people"):
        vi.insert(0, f"khoảng {found['people']:,} người".replace(",", "."))
        en.insert(0, f"about {counted(found['people'], 'person', 'people')}")
    if not vi:
        return "Vùng ngập ước tính không chạm đối tượng nào đã biết.", (
            "The estimated flood zone reaches nothing known."
        )
    sure_vi, sure_en = _sure(found)
    return f"Vùng ngập ước tính{sure_vi} chạm: {'; '.join(vi)}.", (
        f"The estimated flood zone{sure_en} reaches: {'; '.join(en)}."
    )


def _sure(found: dict[str, Any]) -> tuple[str, str]:
    """How large the zone is and how far it can be trusted, in brackets."""
    if found.get("area_km2") is None or found.get("confidence") is None:
        return "", ""
    area, percent = found["area_km2"], f"{found['confidence'] * 100:.0f} %"
    km2 = f"{area:.0f}" if area >= 10 else f"{area:.1f}" if area >= 0.1 else f"{area:.2f}"
    vi = km2.replace(".", ",")
    return f" ({vi} km², độ tin cậy {percent})", f" ({km2} km², confidence {percent})"


def silent(sensor: Sensor, now: datetime) -> Text:
    """Since when a station says nothing."""
    if sensor.observed_at is None:
        return Text("Trạm chưa gửi số liệu nào.", "The station has never sent a value.")
    at = sensor.observed_at.astimezone(queries.zone())
    return Text(
        f"Không có số liệu từ {at:%H:%M %d/%m/%Y}. Mất tín hiệu không có nghĩa là an toàn.",
        f"No value since {at:%d/%m/%Y %H:%M}. Silence does not mean that all is well.",
    )


def stuck(value: float, unit: str, since: datetime) -> Text:
    """That a station has sent one value for too long."""
    at = since.astimezone(queries.zone())
    return Text(
        f"Trạm gửi mãi {comma(value)} {unit} từ {at:%H:%M %d/%m/%Y}: cảm biến có thể bị kẹt.",
        f"The station has sent {value:.2f} {unit} since {at:%d/%m/%Y %H:%M}: it may be stuck.",
    )
