"""VN_AQI by the hour: NowCast of dust, sub-indices, index and class.

Source: Decision 1459/QĐ-TCMT (2019). Concentrations in µg/m³; an index is a number 0–500.
"""

from __future__ import annotations

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
DUST = ("pm25", "pm10")
NOWCAST_HOURS = 12


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
    points = BREAKPOINTS[pollutant]
    if concentration >= points[-1]:
        return float(INDEX[-1])
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


def hourly_index(
    dust: Mapping[str, Sequence[float | None]], gases: Mapping[str, float | None]
) -> tuple[int, str] | None:
    """The hourly VN_AQI and the pollutant that makes it; None without PM2.5 or PM10.

    `dust` holds hourly means, newest first; `gases` the last hour's means.
    """
    parts: dict[str, int] = {}
    for name, series in dust.items():
        value = nowcast(series)
        if value is not None:
            parts[name] = round(sub_index(name, value))
    if not parts:
        return None
    for name, gas in gases.items():
        if gas is not None and name in BREAKPOINTS:
            parts[name] = round(sub_index(name, gas))
    leader = max(parts, key=lambda name: parts[name])
    return parts[leader], leader
