"""Stations, what they measure, how it comes in and what people said about it."""

from environment.models.air import AirBand
from environment.models.core import (
    AlarmCrossing,
    Datastream,
    HourOfValues,
    Latest,
    Observation,
    ObservedProperty,
    Receipt,
    RefusedRow,
    Sensor,
    SensorQuerySet,
    State,
    Threshold,
)
from environment.models.feeds import Provider, Topic
from environment.models.upkeep import AirStandard, Instrument, Overrule, Place

from environment.flood import models as flood_models  # isort: skip  (they refer to these)

__all__ = [
    "AirBand",
    "AirStandard",
    "AlarmCrossing",
    "Datastream",
    "HourOfValues",
    "Instrument",
    "Latest",
    "Observation",
    "ObservedProperty",
    "Overrule",
    "Place",
    "Provider",
    "Receipt",
    "RefusedRow",
    "Sensor",
    "SensorQuerySet",
    "State",
    "Threshold",
    "Topic",
    "flood_models",
]
