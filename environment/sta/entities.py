"""The eight kinds of the standard as tables: what each is here, its properties and neighbours.

A Location, a HistoricalLocation and a FeatureOfInterest are one row (`Place`) seen in three ways:
where a station stands, since when, and what its values tell of.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, NullIf

from environment import said
from environment.models import (
    Datastream,
    Instrument,
    Observation,
    ObservedProperty,
    Place,
    Sensor,
)

MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
GEOJSON = "application/geo+json"
EMPTY = Value("", output_field=TextField())
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Relation:
    """Neighbours: rows of kind `to` whose column `by` equals this row's attribute `own`."""

    to: str
    by: str
    own: str
    many: bool
    lookup: str = ""  # the way there in a filter; empty: none
    current: bool = False  # of places the newest alone


@dataclass(frozen=True)
class Entity:
    """One kind. `columns`: property → (column or expression, kind of value) to filter and order."""

    name: str
    plural: str
    rows: Callable[[Any], QuerySet[Any]]
    shown: Callable[[Any], dict[str, Any]]
    columns: dict[str, tuple[Any, str]]
    relations: dict[str, Relation]
    order: tuple[str, ...] = ("pk",)
    properties: tuple[str, ...] = field(default=())
    same: dict[str, str] = field(default_factory=dict)  # what every row of the kind says
    stations: str = ""  # the way to the stations, of a kind that everybody sees


def observation_id(stream_id: int, at: datetime) -> str:
    """`datastream-microseconds`: an observation is its series and its time."""
    return f"{stream_id}-{(at - EPOCH) // timedelta(microseconds=1)}"


def observation_key(text: str) -> tuple[int, datetime] | None:
    """What `observation_id` made of, or None."""
    stream, dash, micros = text.partition("-")
    if not (dash and stream.isdigit() and micros.lstrip("-").isdigit() and len(text) < 40):
        return None
    try:
        return int(stream), EPOCH + timedelta(microseconds=int(micros))
    except OverflowError:
        return None


def _geojson(geom: Any) -> dict[str, Any]:
    return json.loads(geom.geojson)


def _thing(s: Sensor) -> dict[str, Any]:
    own = {
        "code": s.code, "kind": s.kind, "datum": s.datum, "state": str(s.state),
        "nameEn": s.name_en, "synthetic": s.synthetic, "positionSource": s.position_source,
    }  # fmt: skip
    rest = {k: v for k, v in s.properties.items() if k != "checks"}
    return {
        "name": s.name_vi, "description": s.description or s.get_kind_display(),
        "properties": {**rest, **{k: v for k, v in own.items() if v not in ("", None)}},
    }  # fmt: skip


def _location(p: Place) -> dict[str, Any]:
    return {
        "name": p.name or p.sensor.name_vi, "description": p.description or p.sensor.name_vi,
        "encodingType": GEOJSON, "location": _geojson(p.geom), "properties": p.properties,
    }  # fmt: skip


def _feature(p: Place) -> dict[str, Any]:
    found = _location(p)
    found["feature"] = found.pop("location")
    return found


def _stream(d: Datastream) -> dict[str, Any]:
    title = d.observed_property.name_vi
    return {
        "name": d.name or f"{d.sensor.name_vi}: {title}", "description": d.description or title,
        "observationType": MEASUREMENT,
        "unitOfMeasurement": {"name": d.unit, "symbol": d.unit, "definition": d.unit},
        "observedArea": _geojson(d.sensor.geom),
        "properties": {**d.properties, **({"sentUnit": d.sent_unit} if d.sent_unit else {})},
    }  # fmt: skip


def _observation(o: Observation) -> dict[str, Any]:
    return {"phenomenonTime": said.iso(o.t), "result": o.value, **said.shown(o)}


def _told(key: str, own: Any) -> Coalesce:
    """What a provider's parameters say, else our own."""
    return Coalesce(KeyTextTransform(key, "parameters"), own)


def _property(p: ObservedProperty) -> dict[str, Any]:
    return {
        "name": p.name_en, "definition": p.definition or p.code,
        "description": p.description or p.name_vi, "properties": {**p.properties, "code": p.code},
    }  # fmt: skip


def _instrument(i: Instrument) -> dict[str, Any]:
    return {
        "name": i.name, "description": i.description or i.name, "encodingType": i.encoding_type,
        "metadata": i.metadata, "properties": i.properties,
    }  # fmt: skip


def _seen(user: Any) -> QuerySet[Sensor]:
    return Sensor.objects.visible_to(user)


def _places(user: Any) -> QuerySet[Place]:
    return Place.objects.filter(sensor__in=_seen(user)).select_related("sensor")


def _observations(user: Any) -> QuerySet[Observation]:
    return Observation.objects.filter(datastream__sensor__in=_seen(user))


def give_features(observations: Iterable[Any]) -> None:
    """Sets `foi_id` of each observation: the newest place of its station."""
    rows = list(observations)
    streams = Datastream.objects.filter(pk__in={o.datastream_id for o in rows})
    newest = Place.objects.filter(sensor=OuterRef("sensor_id")).order_by("-since_at", "-pk")
    by_stream = dict(streams.values_list("pk", Subquery(newest.values("pk")[:1])))
    for o in rows:
        o.foi_id = by_stream.get(o.datastream_id)


def _streams(user: Any) -> QuerySet[Datastream]:
    rows = Datastream.objects.filter(sensor__in=_seen(user))
    return rows.select_related("sensor", "observed_property")


ID = {"@iot.id": ("pk", "number"), "id": ("pk", "number")}
TEXTS = {"name": ("name", "text"), "description": ("description", "text")}
PLACE = {**ID, **TEXTS}
_PLACE_SAME = {"encodingType": GEOJSON}
_PLACE_PROPERTIES = ("name", "description", "encodingType", "properties")

KINDS = (
    Entity(
        "Thing", "Things", _seen, _thing,
        {**ID, "name": ("name_vi", "text"), "description": ("description", "text"),
         "properties/code": ("code", "text"), "properties/kind": ("kind", "text"),
         "properties/datum": ("datum", "text"), "properties/state": ("state", "text"),
         "properties/nameEn": ("name_en", "text"), "properties/synthetic": ("synthetic", "bool"),
         "properties/": ("properties", "any"), "Locations/location": ("geom", "geo")},
        {"Locations": Relation("Location", "sensor_id", "pk", True, "places", current=True),
         "HistoricalLocations": Relation("HistoricalLocation", "sensor_id", "pk", True, "places"),
         "Datastreams": Relation("Datastream", "sensor_id", "pk", True, "datastreams")},
        properties=("name", "description", "properties"),
    ),
    Entity(
        "Location", "Locations", _places, _location, {**PLACE, "location": ("geom", "geo")},
        {"Things": Relation("Thing", "pk", "sensor_id", True, "sensor"),
         "HistoricalLocations": Relation("HistoricalLocation", "pk", "pk", True)},
        properties=(*_PLACE_PROPERTIES, "location"), same=_PLACE_SAME,
    ),
    Entity(
        "HistoricalLocation", "HistoricalLocations", _places,
        lambda p: {"time": said.iso(p.since_at)}, {**ID, "time": ("since_at", "time")},
        {"Thing": Relation("Thing", "pk", "sensor_id", False, "sensor"),
         "Locations": Relation("Location", "pk", "pk", True)},
        properties=("time",),
    ),
    Entity(
        "Datastream", "Datastreams", _streams, _stream,
        {**ID, **TEXTS, "unitOfMeasurement/symbol": ("unit", "text"),
         "unitOfMeasurement/name": ("unit", "text"),
         "unitOfMeasurement/definition": ("unit", "text"), "properties/": ("properties", "any"),
         "observedArea": ("sensor__geom", "geo")},
        {"Thing": Relation("Thing", "pk", "sensor_id", False, "sensor"),
         "Sensor": Relation("Sensor", "pk", "instrument_id", False, "instrument"),
         "ObservedProperty": Relation(
             "ObservedProperty", "pk", "observed_property_id", False, "observed_property"),
         "Observations": Relation("Observation", "datastream_id", "pk", True, "observation")},
        properties=("name", "description", "observationType", "unitOfMeasurement",
                    "observedArea", "properties"),
        same={"observationType": MEASUREMENT},
    ),
    Entity(
        "Sensor", "Sensors", lambda user: Instrument.objects.all(), _instrument,
        {**ID, **TEXTS, "encodingType": ("encoding_type", "text"),
         "metadata": ("metadata", "text"), "properties/": ("properties", "any")},
        {"Datastreams": Relation("Datastream", "instrument_id", "pk", True, "datastreams")},
        properties=("name", "description", "encodingType", "metadata", "properties"),
        stations="datastreams__sensor",
    ),
    Entity(
        "ObservedProperty", "ObservedProperties", lambda user: ObservedProperty.objects.all(),
        _property,
        {**ID, "name": ("name_en", "text"), "description": ("description", "text"),
         "definition": ("definition", "text"), "properties/code": ("code", "text"),
         "properties/": ("properties", "any")},
        {"Datastreams": Relation("Datastream", "observed_property_id", "pk", True, "datastreams")},
        properties=("name", "definition", "description", "properties"),
        stations="datastreams__sensor",
    ),
    Entity(
        "Observation", "Observations", _observations, _observation,
        {"result": ("value", "number"), "phenomenonTime": ("t", "time"),
         "resultTime": (Coalesce("result_time", "t"), "time"),
         "resultQuality/flag": ("flag", "number"), "resultQuality/note": ("note", "text"),
         "parameters/raw": (_told("raw", "raw"), "text"),
         "parameters/rawUnit": (_told("rawUnit", NullIf("raw_unit", EMPTY)), "text"),
         "parameters/": ("parameters", "any"),
         "FeatureOfInterest/feature": ("datastream__sensor__geom", "geo")},
        {"Datastream": Relation("Datastream", "pk", "datastream_id", False, "datastream"),
         "FeatureOfInterest": Relation("FeatureOfInterest", "pk", "foi_id", False)},
        order=("datastream_id", "t"),
        properties=("phenomenonTime", "resultTime", "result", "resultQuality", "validTime",
                    "parameters"),
    ),
    Entity(
        "FeatureOfInterest", "FeaturesOfInterest", _places, _feature,
        {**PLACE, "feature": ("geom", "geo")},
        {"Observations": Relation("Observation", "datastream__sensor_id", "sensor_id", True)},
        properties=(*_PLACE_PROPERTIES, "feature"), same=_PLACE_SAME,
    ),
)  # fmt: skip
BY_NAME = {e.name: e for e in KINDS}
BY_PLURAL = {e.plural: e for e in KINDS}
