"""VN_AQI by the hour and by the day: NowCast of dust, sub-indices, index and class.

Source: Decision 1459/QĐ-TCMT (2019). Concentrations in µg/m³; an index is a number 0–500.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

INDEX = (0, 50, 100, 150, 200, 300, 400, 500)
BREAKPOINTS: dict[str, tuple[float, ...]] = {
    "o3": (0, 160, 200, 300, 400, 800, 1000, 1200),
    "co": (0, 10000, 30000, 45000, 60000, 90000, 120000, 150000),
    "so2": (0, 125, 350, 550, 800, 1600, 2100, 2630),
    "no2": (0, 100, 200, 700, 1200, 2350, 3100, 3850),
    "pm10": (0, 50, 150, 250, 350, 420, 500, 600),
    "pm25": (0, 25, 50, 80, 150, 250, 350, 500),
}
# The 8 h breakpoints end at index 300: a larger mean is left to the 1 h value.
O3_8H = (0, 100, 120, 170, 210, 400)
DUST = ("pm25", "pm10")
NOWCAST_HOURS = 12
# Three quarters of a day, from memory: the decision's text was not at hand to check it against.
LEAST_HOURS = 18


@dataclass(frozen=True)
class Category:
    """A class of air quality up to index `top`, its CAP word and the decision's colour."""

    top: int
    state: str
    name_vi: str
    name_en: str
    color: str


CATEGORIES = (
    Category(50, "good", "Tốt", "Good", "#00e400"),
    Category(100, "minor", "Trung bình", "Moderate", "#ffff00"),
    Category(150, "moderate", "Kém", "Unhealthy for sensitive groups", "#ff7e00"),
    Category(200, "severe", "Xấu", "Unhealthy", "#ff0000"),
    Category(300, "extreme", "Rất xấu", "Very unhealthy", "#8f3f97"),
    Category(500, "extreme", "Nguy hại", "Hazardous", "#7e0023"),
)


def category(index: float) -> Category:
    """The class of an index."""
    return next((c for c in CATEGORIES if index <= c.top), CATEGORIES[-1])


def sub_index(pollutant: str, concentration: float) -> float:
    """The unrounded sub-index of a 1 h concentration (dust: of its NowCast); 500 at most."""
    return _between(BREAKPOINTS[pollutant], concentration)


def sub_index_o3_8h(mean: float) -> float | None:
    """The sub-index of an 8 h mean of ozone; None above 400 µg/m³, where it is not defined."""
    return None if mean > O3_8H[-1] else _between(O3_8H, mean)


def rounded(index: float) -> int:
    """Halves go up, as people round."""
    return math.floor(index + 0.5)


def _between(points: Sequence[float], concentration: float) -> float:
    if concentration >= points[-1]:
        return float(INDEX[len(points) - 1])
    i = next(i for i in range(1, len(points)) if concentration < points[i])
    low, high = points[i - 1], points[i]
    share = (max(concentration, 0.0) - low) / (high - low)
    return INDEX[i - 1] + (INDEX[i] - INDEX[i - 1]) * share


def nowcast(hourly: Sequence[float | None]) -> float | None:
    """NowCast of dust from up to 12 hourly means, the newest first; None where it is not defined.

    At least 2 of the newest 3 hours must be there. The sum is divided by the weights of the hours
    that are present, also where w = ½: the decision leaves gaps in that case open.
    """
    hours = list(hourly[:NOWCAST_HOURS])
    if sum(c is not None for c in hours[:3]) < 2:
        return None
    present = [c for c in hours if c is not None]
    w = max(min(present) / max(present), 0.5) if max(present) > 0 else 1.0
    weights = [(w**i, c) for i, c in enumerate(hours) if c is not None]
    return sum(k * c for k, c in weights) / sum(k for k, _ in weights)


def hourly_parts(
    dust: Mapping[str, Sequence[float | None]], gases: Mapping[str, float | None]
) -> dict[str, int]:
    """The hourly sub-index of each pollutant; empty without PM2.5 or PM10."""
    parts: dict[str, int] = {}
    for name, series in dust.items():
        value = nowcast(series)
        if value is not None:
            parts[name] = rounded(sub_index(name, value))
    if not parts:
        return {}
    for name, gas in gases.items():
        if gas is not None and name in BREAKPOINTS:
            parts[name] = rounded(sub_index(name, gas))
    return parts


def hourly_index(
    dust: Mapping[str, Sequence[float | None]], gases: Mapping[str, float | None]
) -> tuple[int, str] | None:
    """The hourly VN_AQI and the pollutant that makes it; None without PM2.5 or PM10.

    `dust` holds hourly means, newest first; `gases` the last hour's means.
    """
    return leader(hourly_parts(dust, gases))


def daily_parts(hours: Mapping[str, Sequence[float | None]]) -> dict[str, int]:
    """The daily sub-index of each pollutant; empty without PM2.5 or PM10.

    `hours`: the 24 hourly means from 01:00 to 00:00 by pollutant. Dust by its mean; ozone by the
    larger of the greatest 1 h and 8 h value; the others by their greatest hour. A day with fewer
    than 18 of 24 hours of dust has no index: three quarters of a day (see LEAST_HOURS).
    """
    parts: dict[str, int] = {}
    for name in DUST:
        present = [c for c in hours.get(name, ()) if c is not None]
        if len(present) >= LEAST_HOURS:
            parts[name] = rounded(sub_index(name, sum(present) / len(present)))
    if not parts:
        return {}
    for name, series in hours.items():
        present = [c for c in series if c is not None]
        if name not in BREAKPOINTS or name in DUST or not present:
            continue
        found = [sub_index(name, max(present))]
        if name == "o3" and (mean := greatest_8h(series)) is not None:
            found.append(sub_index_o3_8h(mean) or 0.0)
        parts[name] = rounded(max(found))
    return parts


def daily_index(hours: Mapping[str, Sequence[float | None]]) -> tuple[int, str] | None:
    """The daily VN_AQI and the pollutant that makes it; None without enough dust."""
    return leader(daily_parts(hours))


def greatest_8h(hours: Sequence[float | None]) -> float | None:
    """The largest mean of 8 hours in a row with at least 6 of them; None where there is none."""
    means = []
    for first in range(len(hours) - 7):
        present = [c for c in hours[first : first + 8] if c is not None]
        if len(present) >= 6:
            means.append(sum(present) / len(present))
    return max(means, default=None)


def leader(parts: Mapping[str, int]) -> tuple[int, str] | None:
    """The index is the largest part."""
    if not parts:
        return None
    name = max(parts, key=lambda n: parts[n])
    return parts[name], name
