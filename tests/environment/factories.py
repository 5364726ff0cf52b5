"""One factory a model, as plain functions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from environment import actions, stations
from environment.ingest.formats import RawRow
from environment.models import Receipt, Sensor

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LEVELS = DATA / "gauges" / "levels_2025-11.csv"
RESERVOIRS = DATA / "gauges" / "reservoirs_2025-11.csv"
AIR = DATA / "air" / "hue_2026-05.csv"
needs_data = pytest.mark.skipif(
    not LEVELS.exists(), reason="the real river and air files are not beside the project"
)
ALARMS = {"71520": (1.0, 2.0, 3.5), "71518": (1.5, 3.0, 4.5)}
NOW = datetime(2025, 11, 21, 12, tzinfo=UTC)


def make_sensor(code: str = "71520", name: str = "Kim Long", **fields: Any) -> Sensor:
    """A river gauge with the alarm levels of its code, unless `fields` say otherwise."""
    values = ALARMS.get(code, ())
    limits = [
        {"level": n, "value": value, "source": "Decision 05/2020/QĐ-TTg"}
        for n, value in enumerate(values, start=1)
    ]
    defaults = {"kind": "river", "lon": 107.558, "lat": 16.4678, "limits": limits}
    sensor, _ = stations.register(code=code, name_vi=name, **{**defaults, **fields})
    return sensor


def make_receipt(synthetic: bool = False, source: str = "test") -> Receipt:
    return actions.open_receipt(source=source, via="file", name="t.csv", synthetic=synthetic)


def row(
    value: object,
    at: datetime = NOW,
    *,
    station: str = "71520",
    parameter: str = "water_level",
    unit: str = "m",
    line: int = 2,
) -> RawRow:
    return RawRow(line, station, at, parameter, value, unit)


def rising(*values: float, start: datetime = NOW, minutes: int = 60) -> list[RawRow]:
    """A series of levels, the last at `start`."""
    first = start - timedelta(minutes=minutes * (len(values) - 1))
    return [row(v, first + timedelta(minutes=minutes * n)) for n, v in enumerate(values)]
