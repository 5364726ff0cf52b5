"""What a station may measure: unit, plausible range, the names and units feeds use for it.

Source: ranges are physical bounds of the instrument and the place, not alarm thresholds; those are
dated rows (`environment.models.Threshold`).
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

UG_M3 = "µg/m³"


@dataclass(frozen=True)
class Parameter:
    """One observed property.

    `fail` bounds what can be true at all, `suspect` what is believed without a second look; both
    in `unit`. `units` maps accepted spellings to the factor into `unit`. `mislabelled` lists units
    that feeds are known to write beside values that are in fact already in `unit`.
    """

    code: str
    name_vi: str
    name_en: str
    unit: str
    fail: tuple[float, float]
    suspect: tuple[float, float] | None = None
    units: dict[str, float] = field(default_factory=dict)
    mislabelled: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()
    judged: bool = True  # False: a provider's own property, of which no bounds are known

    def factor(self, unit: str) -> float | None:
        """Factor from `unit` into the parameter's own unit; None where the unit is not accepted."""
        if unit == self.unit:
            return 1.0
        wanted = plain_unit(unit)
        if not wanted or wanted == plain_unit(self.unit):
            return 1.0
        return {plain_unit(u): f for u, f in self.units.items()}.get(wanted)

    def is_mislabelled(self, unit: str) -> bool:
        """Whether `unit` is the known wrong label for values already in the parameter's unit."""
        return plain_unit(unit) in {plain_unit(u) for u in self.mislabelled}


@lru_cache(maxsize=1000)
def plain_unit(unit: str) -> str:
    """The unit without case, blanks, superscripts or the two code points of the micro sign."""
    text = unicodedata.normalize("NFKC", unit or "").lower().replace("μ", "u").replace("µ", "u")
    return text.replace(" ", "").replace("^", "").replace("**", "")


def _gas(code: str, vi: str, en: str, top: float, *aliases: str) -> Parameter:
    return Parameter(
        code, vi, en, UG_M3, (0, top), (0, top / 4), {"mg/m³": 1000.0}, frozenset(), aliases
    )


_ALL = (
    Parameter(
        "water_level",
        "Mực nước",
        "Water level",
        "m",
        (-5, 30),
        None,
        {"cm": 0.01, "mm": 0.001},
        frozenset(),
        ("level", "level_m", "stage", "h", "muc_nuoc"),
    ),
    Parameter(
        "reservoir_level",
        "Mực nước hồ",
        "Reservoir level",
        "m",
        (-5, 1000),
        None,
        {"cm": 0.01},
    ),
    Parameter(
        "volume",
        "Dung tích hồ",
        "Reservoir volume",
        "Mm³",
        (0, 20000),
        None,
        {"mcm": 1.0, "m³": 1e-6},
    ),
    Parameter("inflow", "Lưu lượng đến", "Inflow", "m³/s", (0, 40000), None, {"m3s": 1.0}),
    Parameter(
        "release",
        "Lưu lượng xả",
        "Release",
        "m³/s",
        (0, 40000),
        None,
        {"m3s": 1.0},
        frozenset(),
        ("outflow",),
    ),
    Parameter("tide", "Triều", "Tide", "m", (-5, 6), (-2, 3), {"cm": 0.01}),
    Parameter(
        "rain",
        "Lượng mưa",
        "Rainfall",
        "mm",
        (0, 1900),
        (0, 250),
        {"cm": 10.0},
        frozenset(),
        ("rainfall", "precipitation", "mua"),
    ),
    _gas("pm25", "Bụi PM2.5", "PM2.5", 2000, "pm2.5", "pm2_5"),
    _gas("pm10", "Bụi PM10", "PM10", 4000),
    _gas("o3", "O₃", "O₃", 2400, "ozone"),
    _gas("no2", "NO₂", "NO₂", 8000),
    _gas("so2", "SO₂", "SO₂", 6000),
    _gas("co", "CO", "CO", 200000),
    Parameter(
        "temp",
        "Nhiệt độ",
        "Temperature",
        "°C",
        (-20, 55),
        (0, 45),
        {"c": 1.0, "degc": 1.0, "cel": 1.0},
        frozenset({UG_M3}),
        ("temperature", "nhiet_do"),
    ),
    Parameter(
        "hum",
        "Độ ẩm",
        "Humidity",
        "%",
        (0, 100),
        None,
        {"percent": 1.0, "%rh": 1.0},
        frozenset({UG_M3}),
        ("humidity", "rh", "do_am"),
    ),
)

PARAMETERS: dict[str, Parameter] = {p.code: p for p in _ALL}
_BY_NAME = {name: p for p in _ALL for name in (p.code, *p.aliases)}


@lru_cache(maxsize=1000)
def find(name: str) -> Parameter | None:
    """The parameter a feed means by `name`, or None."""
    return _BY_NAME.get(name.strip().lower().replace("-", "_").replace(" ", "_"))


def of_stream(code: str, unit: str) -> Parameter:
    """The parameter of a datastream; for a provider's own property one without bounds."""
    if code in PARAMETERS:
        return PARAMETERS[code]
    return Parameter(code, code, code, unit, (-math.inf, math.inf), judged=False)
