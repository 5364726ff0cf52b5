"""Take what a provider posts: stations and series with their values, whole or not at all.

Registering the same thing again answers the same entity and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from environment import parameters, states, stations
from environment.models import (
    Datastream,
    Instrument,
    ObservedProperty,
    Place,
    Sensor,
)
from environment.sta import payload
from environment.sta.entities import MEASUREMENT
from environment.sta.faults import Fault
from environment.sta.values import Body, Values
from geo.fold import folded

NUMBERS = {MEASUREMENT, *(MEASUREMENT.replace("OM_Measurement", f"OM_{kind}")
                          for kind in ("CountObservation", "Observation"))}  # fmt: skip
KIND_OF = {"water_level": "river", "rain": "rain", "tide": "tide", "reservoir_level": "reservoir",
           "inflow": "reservoir", "release": "reservoir", "volume": "reservoir",
           **dict.fromkeys(("pm25", "pm10", "o3", "no2", "so2", "co"), "air")}  # fmt: skip


def code_of(name: str) -> str:
    """A station's code made of its name."""
    return slugify(folded(name))[:40]


class Writer(Values):
    """One call's writing, as one person."""

    def create(self, kind: str, body: Any, parent: Any = None) -> Any:
        """The new entity, or the one that there is. Raises: Fault, and then nothing is kept."""
        make: dict[str, Callable[[Body, Any], Any]] = {
            "Thing": self.thing, "Location": self.location, "Datastream": self.datastream,
            "Sensor": self.instrument, "ObservedProperty": self.observed_property,
            "Observation": self.observation,
        }  # fmt: skip
        if kind not in make:
            raise Fault(405, f"A {kind} follows from where a Thing stands; post a Location.")
        with transaction.atomic():
            return make[kind](payload.obj(body, kind), parent)

    # -- stations --------------------------------------------------------------------------

    def thing(self, body: Body, parent: Any = None) -> Sensor:
        name = payload.text(body, "name", 160, required=True)
        properties = payload.read(body, "properties", dict)
        code = payload.text(properties, "code", 40) or code_of(name)
        description = payload.text(body, "description", 2000)
        streams = payload.read(body, "Datastreams", list)
        places = payload.read(body, "Locations", list)
        sensor = Sensor.objects.filter(code=code).first()
        if sensor is None:
            sensor = self._new_thing(code, name, description, properties, places, streams)
        elif not self._seen().filter(pk=sensor.pk).exists():
            raise Fault(409, f"A station of the code {code!r} exists; choose another.", "conflict")
        for stream in streams:
            self.datastream(payload.obj(stream, "Datastreams"), sensor)
        return sensor

    def _new_thing(
        self, code: str, name: str, description: str, properties: Body, places: list, streams: list
    ) -> Sensor:
        synthetic = properties.get("synthetic", False)
        if not isinstance(synthetic, bool):
            raise Fault(400, "properties/synthetic must be true or false.", "wrong-type")
        self._need("add_observation" if synthetic else "add_sensor")
        if not places:
            raise Fault(400, "A Thing needs one of Locations: a station stands somewhere.")
        place = payload.obj(places[0], "Locations")
        if payload.is_link(place):
            held = Place.objects.filter(pk=payload.identifier(place, "Locations")).first()
            if held is None:
                raise Fault(400, "This Location does not exist.", "unknown")
            geom = held.geom
        else:
            geom = payload.point(place, "location")
        words = {} if payload.is_link(place) else _words(place)
        own = {"code", "kind", "datum", "nameEn", "synthetic", "state", "positionSource"}
        sensor, _ = stations.register(
            code=code, name_vi=name, name_en=payload.text(properties, "nameEn", 160),
            kind=_kind(properties, streams), lon=geom.x, lat=geom.y, description=description,
            datum=payload.text(properties, "datum", 80),
            position_source=payload.text(properties, "positionSource", 200),
            properties={k: v for k, v in properties.items() if k not in own},
            synthetic=synthetic, source=self.user.get_username()[:80],
        )  # fmt: skip
        sensor.places.update(**words)
        return sensor

    def location(self, body: Body, parent: Any = None) -> Place:
        """A new position of a Thing; the same again is the one that there is."""
        sensor = parent or self._thing_of(body)
        geom = payload.point(body, "location")
        newest = sensor.places.first()
        if newest and newest.geom.equals_exact(geom, 1e-7):
            return newest
        self._need("add_observation" if sensor.synthetic else "change_sensor")
        sensor.geom = geom
        sensor.save()
        states.announce([sensor])
        place = sensor.places.order_by("-since_at", "-pk")[0]
        for column, value in _words(body).items():
            setattr(place, column, value)
        place.save()
        return place

    def _thing_of(self, body: Body) -> Sensor:
        things = payload.read(body, "Things", list)
        if len(things) != 1:
            raise Fault(400, "A Location needs its Thing: Things: [{'@iot.id': …}].", "missing")
        return self._linked(self._seen(), things[0], "Thing")

    # -- series ----------------------------------------------------------------------------

    def instrument(self, body: Body, parent: Any = None) -> Instrument:
        self._need("add_observation")
        metadata = body.get("metadata", "")
        if not isinstance(metadata, str | dict):
            raise Fault(400, "metadata must be text or an object.", "wrong-type")
        found, _ = Instrument.objects.get_or_create(
            name=payload.text(body, "name", 160, required=True),
            defaults={
                "description": payload.text(body, "description", 2000),
                "encoding_type": payload.text(body, "encodingType", 120) or "text/html",
                "metadata": str(metadata)[:2000],
                "properties": payload.read(body, "properties", dict),
            },
        )
        return found

    def observed_property(self, body: Body, parent: Any = None) -> ObservedProperty:
        self._need("add_observation")
        name = payload.text(body, "name", 120, required=True)
        definition = payload.text(body, "definition", 200)
        properties = payload.read(body, "properties", dict)
        tail = definition.rstrip("/").rpartition("/")[2].rpartition("#")[2]
        known = next(filter(None, map(parameters.find, (str(properties.get("code", "")), name,
                                                        folded(name), tail))), None)  # fmt: skip
        code = known.code if known else slugify(folded(name)).replace("-", "_")[:40]
        if not code:
            raise Fault(400, f"name {payload.told(name)} has no letters to make a code of.")
        found, _ = ObservedProperty.objects.get_or_create(
            code=code,
            defaults={
                "name_vi": known.name_vi if known else name,
                "name_en": known.name_en if known else name,
                "definition": definition, "unit": known.unit if known else "",
                "description": payload.text(body, "description", 2000), "properties": properties,
            },
        )  # fmt: skip
        return found

    def datastream(self, body: Body, parent: Any = None) -> Datastream:
        self._need("add_observation")
        name = payload.text(body, "name", 200, required=True)
        kind = payload.text(body, "observationType", 200) or MEASUREMENT
        if kind not in NUMBERS:
            raise Fault(400, f"observationType {kind} is not taken: results here are numbers "
                             "(OM_Measurement).", "wrong-type")  # fmt: skip
        unit = payload.read(body, "unitOfMeasurement", dict, required=True)
        symbol = payload.text(unit, "symbol", 16) or payload.text(unit, "name", 16)
        sensor = parent if isinstance(parent, Sensor) else self._part(body, "Thing")
        prop = self._part(body, "ObservedProperty", parent)
        instrument = self._part(body, "Sensor", parent)
        stream = self._stream(sensor, prop, instrument, name, symbol, body)
        for item in payload.read(body, "Observations", list):
            self.observation(payload.obj(item, "Observations"), stream)
        return stream

    def _part(self, body: Body, name: str, parent: Any = None) -> Any:
        """A Thing, Sensor or ObservedProperty that a Datastream names or brings along."""
        model = {"Thing": Sensor, "Sensor": Instrument, "ObservedProperty": ObservedProperty}[name]
        if isinstance(parent, model) and name not in body:
            return parent
        given = payload.read(body, name, dict, required=True)
        if payload.is_link(given):
            return self._linked(self._seen() if name == "Thing" else model.objects, given, name)
        return self.create(name, given)

    def _stream(
        self, sensor: Sensor, prop: ObservedProperty, instrument: Instrument, name: str,
        symbol: str, body: Body,
    ) -> Datastream:  # fmt: skip
        parameter = parameters.of_stream(prop.code, prop.unit or symbol)
        if parameter.factor(symbol) is None:
            raise Fault(400, f"unit {symbol!r} is not one of {parameter.name_en.lower()}; "
                             f"expected {parameter.unit}.", "wrong-unit")  # fmt: skip
        own = "" if symbol in ("", parameter.unit) else symbol
        stream, created = Datastream.objects.get_or_create(
            sensor=sensor, observed_property=prop,
            defaults={
                "unit": parameter.unit, "sent_unit": own, "name": name, "instrument": instrument,
                "description": payload.text(body, "description", 2000),
                "properties": payload.read(body, "properties", dict),
                "checks": sensor.properties.get("checks", {}).get(prop.code, {}),
            },
        )  # fmt: skip
        if not created and stream.sent_unit != own and stream.instrument_id:
            held = stream.sent_unit or stream.unit
            raise Fault(409, f"This Datastream exists and is sent in {held}, not in "
                             f"{symbol}.", "conflict")  # fmt: skip
        if not created and stream.instrument_id is None:
            stream.instrument, stream.name, stream.sent_unit = instrument, name, own
            stream.save()
        stream.sensor, stream.observed_property = sensor, prop
        return stream


def _words(place: Body) -> Body:
    """What a Location says of itself beside where it is."""
    return {"name": payload.text(place, "name", 160),
            "description": payload.text(place, "description", 2000),
            "properties": payload.read(place, "properties", dict)}  # fmt: skip


def _kind(properties: Body, streams: list) -> str:
    """What kind of station: as told, else by what it measures."""
    given = properties.get("kind")
    if given is not None:
        if given not in Sensor.Kind.values:
            told = ", ".join(Sensor.Kind.values)
            raise Fault(400, f"properties/kind {payload.told(given)} is none of {told}.")
        return given
    for stream in streams:
        prop = stream.get("ObservedProperty") if isinstance(stream, dict) else None
        name = prop.get("name") if isinstance(prop, dict) else None
        known = parameters.find(folded(name)) if isinstance(name, str) else None
        if known and known.code in KIND_OF:
            return KIND_OF[known.code]
    return Sensor.Kind.OTHER
