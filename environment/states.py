"""What a station's symbol says: its alarm level or air class now, or that it is silent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from environment import alarms, aqi, queries
from environment.models import AlarmCrossing, Datastream, Latest, Sensor, State
from geo import notices
from geo.text import Text
from layers import changes, registry

LAYER = "sensors"
SHOWN = ["parameter", "value", "unit", "observed_at", "state", "updated_at"]
# A crossing older than this is history: it is recorded, but nobody is called.
NOTICE_FRESH = timedelta(hours=6)


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
    sensors = list(Sensor.objects.select_for_update().filter(pk__in=sensor_ids).order_by("pk"))
    streams = queries.streams_of(s.pk for s in sensors)
    latest = queries.latest_of(d.pk for ds in streams.values() for d in ds)
    limits = queries.limits_of([s.pk for s in sensors])
    changed = []
    for sensor in sensors:
        before = [getattr(sensor, name) for name in SHOWN[:-1]]
        own = streams.get(sensor.pk, [])
        _show(sensor, own, latest, limits.get(sensor.pk, []), since, now)
        if [getattr(sensor, name) for name in SHOWN[:-1]] != before:
            sensor.save(update_fields=SHOWN)
            changed.append(sensor)
    if changed:
        changes.upsert_many(LAYER, changed)
    return changed


def _show(
    sensor: Sensor,
    streams: Sequence[Datastream],
    latest: dict[int, Latest],
    limits: Sequence[alarms.Limit],
    since: dict[int, datetime] | None,
    now: datetime,
) -> None:
    stream = queries.main_stream(sensor, [s for s in streams if s.pk in latest])
    if stream is None:
        return
    last = latest[stream.pk]
    sensor.parameter, sensor.unit = stream.observed_property.code, stream.unit
    sensor.value, sensor.observed_at = last.value, last.t
    sensor.state = State.UNKNOWN
    if sensor.kind == Sensor.Kind.AIR:
        _show_air(sensor, streams, last.t)
    elif limits:
        level = _walk(sensor, stream, limits, since, now)
        sensor.state = alarms.STATES[level]
    if now - last.t > timedelta(seconds=sensor.silent_after_s):
        sensor.state = State.STALE


def _show_air(sensor: Sensor, streams: Sequence[Datastream], at: datetime) -> None:
    found = queries.air_index(streams, at)
    if found:
        index, _leader = found
        sensor.parameter, sensor.unit, sensor.value = "vn_aqi", "", float(index)
        sensor.state = aqi.category(index).state


def _walk(
    sensor: Sensor,
    stream: Datastream,
    limits: Sequence[alarms.Limit],
    since: dict[int, datetime] | None,
    now: datetime,
) -> int:
    """The alarm level now; crossings from the oldest new value on are written afresh."""
    start = queries.oldest_at(stream.pk) if since is None else since.get(stream.pk)
    if start is None:
        return queries.level_before(sensor.pk, now + timedelta(days=1))
    level = queries.level_before(sensor.pk, start)
    zone = queries.zone()
    values = queries.trusted_since(stream.pk, start)
    found = list(alarms.crossings(values, limits, zone, level))
    AlarmCrossing.objects.filter(sensor=sensor, at__gte=start).delete()
    AlarmCrossing.objects.bulk_create(
        AlarmCrossing(sensor=sensor, at=c.at, before=c.before, level=c.level, value=c.value)
        for c in found
    )
    for crossing in found:
        if crossing.rising and now - crossing.at <= NOTICE_FRESH:
            _notify(sensor, stream, crossing)
    return found[-1].level if found else level


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
    layer = registry.get(LAYER)
    if sensors and layer:
        # The value is old, but that it is silent is news: the change carries the time of now.
        changes.record_many([replace(changes.row_of(layer, s), at=now) for s in sensors])
    return len(sensors)
