"""What a station's symbol says: its alarm level or air class now, or that it is silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from environment import alarms, aqi, queries, storage
from environment.models import AlarmCrossing, Datastream, Latest, Sensor, State
from geo import notices
from geo.text import Text
from layers import changes, registry

LAYER = "sensors"
SHOWN = ["parameter", "value", "unit", "observed_at", "state"]
# A crossing this new is told, come what may; an older one only while its level still holds.
NEWS = timedelta(hours=1)
HELD_NEWS = timedelta(hours=6)


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
    levels = _walk([s for s in stations if s.limits], since, now)
    changed = []
    for station in stations:
        sensor = station.sensor
        before = [getattr(sensor, name) for name in SHOWN]
        _show(station, levels, now)
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


def _show(station: _Station, levels: dict[int, int], now: datetime) -> None:
    sensor, last = station.sensor, station.last
    sensor.parameter, sensor.unit = station.stream.observed_property.code, station.stream.unit
    sensor.value, sensor.observed_at = last.value, last.t
    sensor.state = State.UNKNOWN
    if sensor.kind == Sensor.Kind.AIR:
        _show_air(sensor, station.streams, last.t)
    elif station.limits:
        sensor.state = alarms.STATES[levels.get(sensor.pk, 0)]
    if now - last.t > timedelta(seconds=sensor.silent_after_s):
        sensor.state = State.STALE


def _show_air(sensor: Sensor, streams: Sequence[Datastream], at: datetime) -> None:
    found = queries.air_index(streams, at)
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
            _notify(s.sensor, s.stream, crossing)
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


def _notify(sensor: Sensor, stream: Datastream, crossing: alarms.Crossing) -> None:
    value = f"{crossing.value:.2f} {stream.unit}"
    limit = f"{crossing.limit:.2f} {stream.unit}"
    level = crossing.level
    notices.publish(
        key=f"river-alarm:{sensor.code}:{level}:{crossing.at:%Y%m%dT%H%M%SZ}",
        kind="river-alarm",
        severity=alarms.STATES[level],
        layer=LAYER,
        feature_id=sensor.pk,
        point=(sensor.geom.x, sensor.geom.y),
        occurred_at=crossing.at,
        title=Text(
            f"{sensor.name_vi} ≥ BĐ{level}: {value.replace('.', ',')}",
            f"{sensor.name_en} ≥ alarm {alarms.ROMAN[level]}: {value}",
        ),
        body=Text(
            f"Mực nước đã vượt báo động {alarms.ROMAN[level]} ({limit.replace('.', ',')}).",
            f"The water has passed alarm level {alarms.ROMAN[level]} ({limit}).",
        ),
        data={"level": level, "value": crossing.value, "limit": crossing.limit},
        synthetic=sensor.synthetic,
    )


@transaction.atomic
def mark_silent(*, now: datetime | None = None) -> int:
    """The number of stations that have just fallen silent; the live map is told."""
    now = now or timezone.now()
    silent = Sensor.objects.silent_at(now).exclude(state=State.STALE)
    sensors = list(silent.select_for_update().order_by("pk"))
    for sensor in sensors:
        sensor.state = State.STALE
        sensor.save(update_fields=["state", "updated_at"])
    # The value is old, but that it is silent is news: the change carries the time of now.
    announce(sensors, at=now)
    return len(sensors)
