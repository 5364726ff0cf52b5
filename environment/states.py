"""What a station's symbol says: alarm level or air class now, or that it is silent or suspect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from environment import air, alarms, aqi, queries, storage, telling
from environment.models import AlarmCrossing, Datastream, Latest, Sensor, State
from geo import notices
from geo.text import Text
from layers import changes, registry

LAYER = "sensors"
SHOWN = ["parameter", "value", "unit", "observed_at", "state"]
# A crossing this new is told, come what may; an older one only while its level still holds.
NEWS = timedelta(hours=1)
HELD_NEWS = timedelta(hours=6)
# A station silent since longer is known to be; one stuck is told while it still speaks.
SILENT_NEWS = timedelta(hours=24)
STUCK_NEWS = timedelta(hours=6)


def announce(sensors: Sequence[Sensor], at: datetime | None = None) -> None:
    """Tell the live map what these stations are now; one that is not public only to the centre."""
    layer = registry.get(LAYER)
    if layer is None or not sensors:
        return
    rows = []
    for sensor in sensors:
        row = changes.row_of(layer, sensor)
        if not sensor.public:
            row = replace(row, public=False, public_lon=None, public_lat=None, public_props=None)
        rows.append(replace(row, at=at) if at else row)
    changes.record_many(rows)


@dataclass
class _Station:
    """A station, the datastream that speaks for it, and its latest trusted value."""

    sensor: Sensor
    streams: list[Datastream]
    stream: Datastream
    last: Latest
    limits: list[alarms.Limit]


@transaction.atomic
def refresh(
    sensor_ids: Iterable[int],
    *,
    since: dict[int, datetime] | None = None,
    now: datetime | None = None,
) -> list[Sensor]:
    """The stations whose symbol changed, saved and told to the live map.

    `since` names by datastream the oldest value that is new: alarms are walked again from there.
    Without it they are rebuilt from the beginning.
    """
    now = now or timezone.now()
    stations = _load(sensor_ids)
    doubts = queries.doubted({s.stream.pk: s.last.t for s in stations}, now)
    levels = _walk([s for s in stations if s.limits], since, now)
    changed = []
    for station in stations:
        sensor = station.sensor
        before = [getattr(sensor, name) for name in SHOWN]
        _show(station, levels, now, doubts.get(station.stream.pk))
        if [getattr(sensor, name) for name in SHOWN] != before:
            sensor.updated_at = now
            changed.append(sensor)
    Sensor.objects.bulk_update(changed, [*SHOWN, "updated_at"], batch_size=500)
    announce(changed)
    return changed


def _load(sensor_ids: Iterable[int]) -> list[_Station]:
    """Stations that have spoken, locked in one order."""
    sensors = list(Sensor.objects.select_for_update().filter(pk__in=sensor_ids).order_by("pk"))
    streams = queries.streams_of(s.pk for s in sensors)
    latest = queries.latest_of(d.pk for ds in streams.values() for d in ds)
    limits = queries.limits_of([s.pk for s in sensors])
    found = []
    for sensor in sensors:
        own = [s for s in streams.get(sensor.pk, []) if s.pk in latest]
        stream = queries.main_stream(sensor, own)
        if stream:
            known = limits.get(sensor.pk, [])
            found.append(_Station(sensor, own, stream, latest[stream.pk], known))
    return found


def _show(
    station: _Station, levels: dict[int, int], now: datetime, doubted: datetime | None
) -> None:
    """`doubted`: when a value came after the last trusted one. An alarm is not hidden by doubt."""
    sensor, last = station.sensor, station.last
    sensor.parameter, sensor.unit = station.stream.observed_property.code, station.stream.unit
    sensor.value, sensor.observed_at = last.value, last.t
    sensor.state = State.UNKNOWN
    if sensor.kind == Sensor.Kind.AIR:
        _show_air(sensor, station.streams, last.t)
    elif station.limits:
        sensor.state = alarms.STATES[levels.get(sensor.pk, 0)]
    if not _heard(sensor, last.t, now):
        sensor.state = State.SUSPECT if _heard(sensor, doubted, now) else State.STALE
    elif doubted and sensor.state in (State.GOOD, State.UNKNOWN):
        sensor.state = State.SUSPECT


def _heard(sensor: Sensor, at: datetime | None, now: datetime) -> bool:
    """Whether a value of that time is no older than the station's own interval allows."""
    return at is not None and now - at <= timedelta(seconds=sensor.silent_after_s)


def _show_air(sensor: Sensor, streams: Sequence[Datastream], at: datetime) -> None:
    found = aqi.leader(air.hour_parts(streams, at))
    if found:
        index, _leader = found
        sensor.parameter, sensor.unit, sensor.value = "vn_aqi", "", float(index)
        sensor.state = aqi.category(index).state


def _walk(
    stations: Sequence[_Station], since: dict[int, datetime] | None, now: datetime
) -> dict[int, int]:
    """The alarm level now by station; crossings from the oldest new value on are written afresh."""
    starts = queries.oldest_at(s.stream.pk for s in stations) if since is None else since
    far = now + timedelta(days=1)  # a station with nothing new keeps the level it has
    asked = {s.sensor.pk: starts.get(s.stream.pk, far) for s in stations}
    levels = queries.levels_before(asked)
    walked = [s for s in stations if s.stream.pk in starts]
    values = queries.turns_since(
        {s.stream.pk: starts[s.stream.pk] for s in walked}, {s.stream.pk: s.limits for s in walked}
    )
    zone = queries.zone()
    rows: list[AlarmCrossing] = []
    for s in walked:
        level = levels.get(s.sensor.pk, 0)
        found = list(alarms.crossings(values[s.stream.pk], s.limits, zone, level))
        rows += [
            AlarmCrossing(sensor=s.sensor, at=c.at, before=c.before, level=c.level, value=c.value)
            for c in found
        ]
        levels[s.sensor.pk] = found[-1].level if found else level
        fresh = now - s.last.t <= timedelta(seconds=s.sensor.silent_after_s)
        for crossing in _news(found, now, fresh):
            day = crossing.at.astimezone(zone).date()
            _notify(s, crossing, alarms.in_force(s.limits, day))
    storage.drop_crossings({s.sensor.pk: starts[s.stream.pk] for s in walked})
    AlarmCrossing.objects.bulk_create(rows, batch_size=1000)
    return levels


def _news(
    found: Sequence[alarms.Crossing], now: datetime, fresh: bool
) -> Iterator[alarms.Crossing]:
    """The crossings to call people for: a flood that late data shows to be over is history.

    `fresh`: the station's newest value is not old, so that a level it holds does hold.
    """
    lowest_since = 3
    for crossing in reversed(found):
        age = now - crossing.at
        held = fresh and crossing.level <= lowest_since and age <= HELD_NEWS
        if crossing.rising and (held or age <= NEWS):
            yield crossing
        lowest_since = min(lowest_since, crossing.level)


def _notify(station: _Station, crossing: alarms.Crossing, limits: list[alarms.Limit]) -> None:
    sensor, unit = station.sensor, station.stream.unit
    body, data = telling.crossing(sensor, station.stream, crossing, limits)
    level = crossing.level
    title = Text(
        f"{sensor.name_vi} ≥ BĐ{level}: {telling.comma(crossing.value)} {unit}",
        f"{sensor.name_en} ≥ alarm {alarms.ROMAN[level]}: {crossing.value:.2f} {unit}",
    )
    key = f"river-alarm:{sensor.code}:{level}:{crossing.at:%Y%m%dT%H%M%SZ}"
    _tell(sensor, "river-alarm", key, alarms.STATES[level], crossing.at, title, body, data)


def _tell(
    sensor: Sensor, kind: str, key: str, severity: str, at: datetime, title: Text, body: Text,
    data: dict[str, Any],
) -> bool:  # fmt: skip
    return notices.publish(
        key=key, kind=kind, severity=severity, layer=LAYER, feature_id=sensor.pk,
        point=(sensor.geom.x, sensor.geom.y), occurred_at=at, title=title, body=body, data=data,
        synthetic=sensor.synthetic,
    )  # fmt: skip


@transaction.atomic
def mark_silent(*, now: datetime | None = None) -> int:
    """The number of stations that have just fallen silent; the live map is told."""
    now = now or timezone.now()
    silent = Sensor.objects.silent_at(now).exclude(state=State.STALE)
    sensors = list(silent.select_for_update().order_by("pk"))
    mumbling = _mumbling(sensors, now)
    changed = [s for s in sensors if s.pk not in mumbling or s.state != State.SUSPECT]
    for sensor in changed:
        sensor.state = State.SUSPECT if sensor.pk in mumbling else State.STALE
        sensor.save(update_fields=["state", "updated_at"])
        if sensor.state == State.STALE:
            _tell_silent(sensor, now)
    # The value is old, but that it is silent is news: the change carries the time of now.
    announce(changed, at=now)
    return sum(sensor.state == State.STALE for sensor in changed)


def _mumbling(sensors: Sequence[Sensor], now: datetime) -> set[int]:
    """Stations that do send, and nothing that can be believed."""
    stations = _load(s.pk for s in sensors)
    doubts = queries.doubted({s.stream.pk: s.last.t for s in stations}, now)
    return {s.sensor.pk for s in stations if _heard(s.sensor, doubts.get(s.stream.pk), now)}


def _tell_silent(sensor: Sensor, now: datetime) -> None:
    """A notice, unless the station fell silent so long ago that it is no news."""
    at = sensor.observed_at
    if at is None or now - at > SILENT_NEWS + timedelta(seconds=sensor.silent_after_s):
        return
    title = Text(f"{sensor.name_vi}: mất tín hiệu", f"{sensor.name_en}: silent")
    key = f"sensor-silent:{sensor.code}:{at:%Y%m%dT%H%M%SZ}"
    data = {"last_at": at.isoformat(), "value": sensor.value}
    _tell(sensor, "sensor-silent", key, "minor", now, title, telling.silent(sensor, now), data)


def tell_stuck(now: datetime | None = None) -> int:
    """The number of notices of stations whose newest value is part of a flat line."""
    now = now or timezone.now()
    told = 0
    for stream, since, t, value in queries.stuck(now - STUCK_NEWS):
        sensor = stream.sensor
        title = Text(f"{sensor.name_vi}: nghi kẹt cảm biến", f"{sensor.name_en}: may be stuck")
        key = f"sensor-stuck:{sensor.code}:{stream.pk}:{since:%Y%m%dT%H%M%SZ}"
        data = {"since": since.isoformat(), "value": value,
                "parameter": stream.observed_property.code}  # fmt: skip
        body = telling.stuck(value, stream.unit, since)
        told += _tell(sensor, "sensor-stuck", key, "minor", t, title, body, data)
    return told
