"""Take what a provider posts: stations, series and values, whole or not at all.

Registering the same thing again answers the same entity and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from environment import actions, parameters, queries, states, stations
from environment.ingest.formats import BadRow, RawRow
from environment.models import (
    Datastream,
    Instrument,
    Observation,
    ObservedProperty,
    Place,
    Receipt,
    Sensor,
)
from environment.sta import payload
from environment.sta.entities import MEASUREMENT
from environment.sta.faults import Fault
from geo.fold import folded

NUMBERS = {MEASUREMENT, *(MEASUREMENT.replace("OM_Measurement", f"OM_{kind}")
                          for kind in ("CountObservation", "Observation"))}  # fmt: skip
KIND_OF = {"water_level": "river", "rain": "rain", "tide": "tide", "reservoir_level": "reservoir",
           "inflow": "reservoir", "release": "reservoir", "volume": "reservoir",
           **dict.fromkeys(("pm25", "pm10", "o3", "no2", "so2", "co"), "air")}  # fmt: skip
NEAR_M = 500
MOST_ROWS, CHUNK = 200_000, 20_000
Body = dict[str, Any]


def code_of(name: str) -> str:
    """A station's code made of its name."""
    return slugify(folded(name))[:40]


class Writer:
    """One call's writing, as one person; a delivery is opened when the first value comes."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self._receipts: dict[bool, Receipt] = {}

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

    def _need(self, right: str) -> None:
        if not self.user.has_perm(f"environment.{right}"):
            raise Fault(403, f"This needs the permission environment.{right}.", "forbidden")

    def _seen(self) -> Any:
        return Sensor.objects.visible_to(self.user)

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
        own = {"code", "kind", "datum", "nameEn", "synthetic", "state", "positionSource"}
        sensor, _ = stations.register(
            code=code, name_vi=name, name_en=payload.text(properties, "nameEn", 160),
            kind=_kind(properties, streams), lon=geom.x, lat=geom.y, description=description,
            datum=payload.text(properties, "datum", 80),
            position_source=payload.text(properties, "positionSource", 200),
            properties={k: v for k, v in properties.items() if k not in own},
            synthetic=synthetic, source=self.user.get_username()[:80],
        )  # fmt: skip
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
        place.name = payload.text(body, "name", 160)
        place.description = payload.text(body, "description", 2000)
        place.properties = payload.read(body, "properties", dict)
        place.save()
        return place

    def _thing_of(self, body: Body) -> Sensor:
        things = payload.read(body, "Things", list)
        if len(things) != 1:
            raise Fault(400, "A Location needs its Thing: Things: [{'@iot.id': …}].", "missing")
        return self._linked(self._seen(), things[0], "Thing")

    def _linked(self, rows: Any, link: Any, what: str) -> Any:
        found = rows.filter(pk=payload.identifier(link, what)).first()
        if found is None:
            raise Fault(400, f"{what} {link['@iot.id']} does not exist.", "unknown")
        return found

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

    # -- values ----------------------------------------------------------------------------

    def observation(self, body: Body, parent: Any = None) -> Observation:
        stream = parent if isinstance(parent, Datastream) else self._stream_of(body)
        if "result" not in body:
            raise Fault(400, "result is missing.", "missing")
        self._check_feature(body.get("FeatureOfInterest"), stream)
        row = _row(stream, body.get("phenomenonTime") or body.get("resultTime"), body["result"])
        (fate,) = self._record(stream, [row])
        if fate.status == actions.REFUSED:
            raise Fault(409 if fate.code == "conflict" else 400, fate.message, fate.code)
        return Observation.objects.get(datastream=stream, t=row.at)

    def _stream_of(self, body: Body) -> Datastream:
        return self.linked_stream(body.get("Datastream"))

    def linked_stream(self, link: Any) -> Datastream:
        """The Datastream of `{"@iot.id": …}` that this person may see. Raises: Fault."""
        rows = Datastream.objects.filter(sensor__in=self._seen())
        return self._linked(rows.select_related("sensor", "observed_property"), link, "Datastream")

    def _check_feature(self, given: Any, stream: Datastream) -> None:
        """Values tell of where the station stands; a feature elsewhere would be lost silently."""
        if given is None or payload.is_link(given):
            return
        at = payload.point(payload.obj(given, "FeatureOfInterest"), "feature")
        here = stream.sensor.geom
        away = ((at.x - here.x) ** 2 + (at.y - here.y) ** 2) ** 0.5 * 111_000
        if away > NEAR_M:
            raise Fault(400, f"FeatureOfInterest is {away / 1000:.1f} km from the Thing; values "
                             "here tell of where the station stands.", "elsewhere")  # fmt: skip

    def _record(
        self, stream: Datastream, rows: Sequence[RawRow | BadRow]
    ) -> Sequence[actions.Fate]:
        self._need("add_observation")
        synthetic = stream.sensor.synthetic
        if synthetic not in self._receipts:
            self._receipts[synthetic] = actions.open_receipt(
                source=self.user.get_username()[:80], via=Receipt.Via.STA, synthetic=synthetic
            )
        known = queries.Stations([stream.sensor])
        return actions.record(rows, receipt=self._receipts[synthetic], known=known).fates

    def data_arrays(self, body: Any) -> list[tuple[Datastream | None, RawRow | None, str]]:
        """For each row in order: its Datastream, the row, and why it was refused or nothing."""
        self._need("add_observation")
        if not isinstance(body, list):
            raise Fault(400, "CreateObservations takes a list of data arrays.", "wrong-type")
        total = sum(len(g.get("dataArray") or ()) for g in body if isinstance(g, dict)
                    and isinstance(g.get("dataArray"), list))  # fmt: skip
        if total > MOST_ROWS:
            raise Fault(413, f"Send at most {MOST_ROWS} observations a call; these are {total}.")
        found: list[tuple[Datastream | None, RawRow | None, str]] = []
        for group in body:
            found += self._data_array(payload.obj(group, "a data array"))
        return found

    def _data_array(self, group: Body) -> list[tuple[Datastream | None, RawRow | None, str]]:
        names = payload.read(group, "components", list, required=True)
        values = payload.read(group, "dataArray", list, required=True)
        if "result" not in names:
            raise Fault(400, "components must name result.", "missing")
        try:
            stream = self.linked_stream(group.get("Datastream"))
        except Fault as fault:
            return [(None, None, fault.message)] * len(values)
        when = next((names.index(n) for n in ("phenomenonTime", "resultTime") if n in names), None)
        what, width = names.index("result"), len(names)
        found: list[tuple[Datastream | None, RawRow | None, str]] = []
        for start in range(0, len(values), CHUNK):
            rows = [_array_row(stream, v, when, what, width) for v in values[start : start + CHUNK]]
            for row, fate in zip(rows, self._record(stream, rows), strict=True):
                wrong = fate.message if fate.status == actions.REFUSED else ""
                found.append((stream, row if isinstance(row, RawRow) else None, wrong))
        return found


def _array_row(
    stream: Datastream, values: Any, when: int | None, what: int, width: int
) -> RawRow | BadRow:
    try:
        if not isinstance(values, list) or len(values) != width:
            raise Fault(400, f"a row must be a list of {width} values.", "wrong-type")
        return _row(stream, None if when is None else values[when], values[what])
    except Fault as fault:
        return BadRow(0, repr(values)[:2000], fault.code, fault.message)


def _row(stream: Datastream, when: Any, result: Any) -> RawRow:
    at = payload.phenomenon_time(when) or timezone.now()
    code = stream.observed_property.code
    unit = stream.sent_unit or stream.unit
    return RawRow(0, stream.sensor.code, at, code, payload.number(result), unit)


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
