"""Take observations in, and keep what follows from them: latest values, alarms, states, notices."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from environment import judging, parameters, quality, states, storage
from environment.ingest.formats import BadRow, RawRow
from environment.models import Datastream, ObservedProperty, Receipt, RefusedRow, Sensor
from environment.mqtt import outgoing
from environment.quality import Unusable
from environment.queries import Stations, stations, streams_of

log = structlog.get_logger(__name__)

ACCEPTED, DUPLICATE, REFUSED = "accepted", "duplicate", "refused"


@dataclass(slots=True)
class Fate:
    """What became of one row: its status, a QARTOD flag where it is held, and why."""

    status: str
    flag: int | None = None
    code: str = ""
    message: str = ""


@dataclass
class Outcome:
    """The fates of a delivery's rows in their order, and counts for a person to read."""

    fates: list[Fate] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Outcome) -> None:
        self.fates = []  # a file's rows are counted, not kept
        for mine, more in ((self.counts, other.counts), (self.reasons, other.reasons)):
            mine.update(more)
        self.notes.update(other.notes)


def open_receipt(*, source: str, via: str, name: str = "", synthetic: bool = False) -> Receipt:
    """A delivery that rows can point to."""
    return Receipt.objects.create(source=source, via=via, name=name[:255], synthetic=synthetic)


@transaction.atomic
def record(
    rows: Sequence[RawRow | BadRow],
    *,
    receipt: Receipt,
    known: Stations | None = None,
    now: datetime | None = None,
) -> Outcome:
    """The fate of every row; good rows stay whatever the others are, and again changes nothing.

    Raw values are kept as received. A second, different value for a time that is held is set
    aside with the reason, so nothing is lost.
    """
    now = now or timezone.now()
    known = known or stations()
    fates: list[Fate | None] = [None] * len(rows)
    outcome = Outcome()
    readings: list[storage.Reading] = []
    names = {(row.station, row.name) for row in rows if isinstance(row, RawRow)}
    found = {s.pk: s for station, name in names if (s := known.find(station, name))}
    streams = _Streams(found.values())
    places: dict[tuple[str, str, str], _Place] = {}
    for n, row in enumerate(rows):
        try:
            if isinstance(row, BadRow):
                raise Unusable(row.code, row.message)
            key = (row.station, row.name, row.parameter)
            if key not in places:
                places[key] = _place(row, receipt, known, streams)
            readings.append(_reading(n, row, places[key], streams, now, outcome))
        except Unusable as error:
            fates[n] = Fate(REFUSED, None, error.code, str(error))
    storage.hold(r.datastream_id for r in readings)
    changed = judging.judge(readings, streams.by_id)
    stored = storage.store(readings, receipt.pk)
    judging.save(changed)
    fresh = [r for r in readings if r.n in stored.fresh]
    for r in readings:
        fates[r.n] = _fate(r, stored)
    outcome.fates = [fate for fate in fates if fate]
    _set_aside(rows, outcome, receipt)
    _count(outcome, receipt)
    _follow(fresh, changed, streams, now)
    outgoing.tell(receipt.pk, fresh)
    return outcome


@dataclass(slots=True)
class _Place:
    """Where the values of one name and parameter belong; the stream from its first good one on."""

    sensor: Sensor
    parameter: parameters.Parameter
    stream_id: int | None = None


def _place(row: RawRow, receipt: Receipt, known: Stations, streams: _Streams) -> _Place:
    """Raises: Unusable for a station or parameter that is not known or not this delivery's."""
    sensor = known.find(row.station, row.name)
    if sensor is None:
        raise Unusable("unknown-station", f"station {row.station[:80]!r} is not known")
    if receipt.synthetic != sensor.synthetic:
        mine, theirs = ("synthetic", "real") if receipt.synthetic else ("real", "synthetic")
        message = f"{mine} values may not enter the series of {sensor.code}, a {theirs} station"
        raise Unusable("synthetic", message)
    parameter = parameters.find(row.parameter) or streams.own(sensor, row.parameter)
    if parameter is None:
        raise Unusable("unknown-parameter", f"parameter {row.parameter[:40]!r} is not known")
    return _Place(sensor, parameter)


def _reading(
    n: int, row: RawRow, place: _Place, streams: _Streams, now: datetime, outcome: Outcome
) -> storage.Reading:
    parameter = place.parameter
    quality.check_time(row.at, now)
    verdict = quality.judge(parameter, row.value, row.unit)
    if verdict.note == "unit-set-right":
        outcome.notes[parameter.code, row.unit] += 1
    if place.stream_id is None:
        place.stream_id = streams.get(place.sensor, parameter).pk
    same_unit = row.unit in ("", parameter.unit)
    raw = row.value if isinstance(row.value, str) else repr(row.value)
    return storage.Reading(
        n,
        place.stream_id,
        row.at,
        verdict.value,
        raw.strip(),
        "" if same_unit else row.unit,
        verdict.flag,
        verdict.note,
        row.said,
    )


class _Streams:
    """Datastreams by station and property, made when the first value arrives."""

    def __init__(self, sensors: Iterable[Sensor]) -> None:
        self._known: dict[tuple[int, str], Datastream] = {}
        self.by_id: dict[int, Datastream] = {}
        for sensor_id, streams in streams_of(s.pk for s in sensors).items():
            for stream in streams:
                self._keep(sensor_id, stream)

    def get(self, sensor: Sensor, parameter: parameters.Parameter) -> Datastream:
        if (sensor.pk, parameter.code) not in self._known:
            self._keep(sensor.pk, _new_stream(sensor, parameter))
        return self._known[sensor.pk, parameter.code]

    def own(self, sensor: Sensor, code: str) -> parameters.Parameter | None:
        """A provider's own property that this station has a datastream of."""
        stream = self._known.get((sensor.pk, code))
        return parameters.of_stream(code, stream.unit) if stream else None

    def _keep(self, sensor_id: int, stream: Datastream) -> None:
        self._known[sensor_id, stream.observed_property.code] = stream
        self.by_id[stream.pk] = stream


def _new_stream(sensor: Sensor, parameter: parameters.Parameter) -> Datastream:
    prop, _ = ObservedProperty.objects.get_or_create(
        code=parameter.code,
        defaults={
            "name_vi": parameter.name_vi,
            "name_en": parameter.name_en,
            "unit": parameter.unit,
        },
    )
    stream, _ = Datastream.objects.get_or_create(
        sensor=sensor,
        observed_property=prop,
        defaults={
            "unit": parameter.unit,
            "checks": sensor.properties.get("checks", {}).get(parameter.code, {}),
        },
    )
    return stream


def _fate(reading: storage.Reading, stored: storage.Stored) -> Fate:
    if reading.n in stored.fresh:
        return Fate(ACCEPTED, reading.flag, reading.note)
    if reading.n in stored.conflicts:
        what, held = stored.conflicts[reading.n]
        message = f"another {what} is held for this time: {held[:40]}; the first one stays"
        return Fate(REFUSED, None, "conflict", message)
    return Fate(DUPLICATE, reading.flag)


def _set_aside(rows: Sequence[RawRow | BadRow], outcome: Outcome, receipt: Receipt) -> None:
    refused = []
    for row, fate in zip(rows, outcome.fates, strict=True):
        if fate.status != REFUSED:
            continue
        if isinstance(row, BadRow):
            raw = row.raw
        else:
            raw = f"{row.station},{row.at.isoformat()},{row.parameter},{row.value},{row.unit}"
            raw += f",{row.said.told()}" if row.said else ""
        key = f"{receipt.source}\n{row.line}\n{raw}\n{fate.code}"
        refused.append(
            RefusedRow(
                digest=hashlib.sha256(key.encode(errors="replace")).hexdigest(),
                receipt=receipt,
                line=row.line,
                raw=_storable(raw)[:2000],
                code=fate.code,
                message=_storable(fate.message)[:300],
            )
        )
    RefusedRow.objects.bulk_create(refused, batch_size=1000, ignore_conflicts=True)


def _storable(text: str) -> str:
    """`text` without what PostgreSQL cannot hold: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _count(outcome: Outcome, receipt: Receipt) -> None:
    for fate in outcome.fates:
        outcome.counts[fate.status] += 1
        if fate.status == REFUSED:
            outcome.reasons[fate.message] += 1
        elif fate.status == ACCEPTED and fate.flag not in quality.TRUSTED:
            outcome.counts["flagged"] += 1
            outcome.reasons[f"kept with flag {fate.flag}: {fate.code}"] += 1
    names = (ACCEPTED, DUPLICATE, REFUSED, "flagged")
    Receipt.objects.filter(pk=receipt.pk).update(
        **{name: F(name) + outcome.counts[name] for name in names}
    )


def _follow(
    fresh: Iterable[storage.Reading],
    changed: Sequence[judging.Changed],
    streams: _Streams,
    now: datetime,
) -> None:
    """Latest values, alarms and states of the stations whose trusted values are others now."""
    newest: dict[int, tuple[datetime, float]] = {}
    oldest: dict[int, datetime] = {}
    doubted: set[int] = set()
    for r in fresh:
        if r.value is None:
            continue
        if r.flag not in quality.TRUSTED:
            doubted.add(r.datastream_id)
            continue
        if r.datastream_id not in newest or r.t > newest[r.datastream_id][0]:
            newest[r.datastream_id] = (r.t, r.value)
        oldest[r.datastream_id] = min(r.t, oldest.get(r.datastream_id, r.t))
    storage.advance_latest(newest)
    for c in changed:
        oldest[c.stream] = min(c.t, oldest.get(c.stream, c.t))
    storage.repair_latest(c.stream for c in changed)
    touched = sorted({streams.by_id[i].sensor_id for i in {*oldest, *doubted}})
    if touched:
        states.refresh(touched, since=oldest, now=now)
