"""Reads: stations by the names feeds use, series, crossings, the hours an index needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.db.models.functions import Distance
from django.db import connection

from environment.alarms import Limit, in_force
from environment.models import AlarmCrossing, Datastream, Latest, Sensor, Threshold
from geo.crs import city
from geo.fold import folded

# Which property speaks for a station on the map, by preference.
MAIN = {
    Sensor.Kind.RIVER: ("water_level",),
    Sensor.Kind.RAIN: ("rain",),
    Sensor.Kind.AIR: ("pm25", "pm10"),
    Sensor.Kind.TIDE: ("tide", "water_level"),
    Sensor.Kind.RESERVOIR: ("reservoir_level", "water_level"),
}


def zone() -> ZoneInfo:
    """The city's time zone."""
    here = city()
    return ZoneInfo(here.time_zone if here else "Asia/Ho_Chi_Minh")


def plain_name(name: str) -> str:
    """A station's name without case, accents or doubled blanks: feeds spell it as they please."""
    return " ".join(folded(name).split())


class Stations:
    """Every station under every name it is known by; the code goes before names and aliases.

    A name that two stations share finds neither. A real station is also known by its name without
    what stands in brackets; a synthetic one is not, lest it catch a real feed.
    """

    def __init__(self, sensors: Iterable[Sensor], mapping: dict[str, str] | None = None) -> None:
        self._by_code: dict[str, Sensor] = {}
        self._by_name: dict[str, Sensor | None] = {}
        for sensor in sensors:
            self._by_code[sensor.code.casefold()] = sensor
            names = [sensor.name_vi, sensor.name_en, *sensor.aliases]
            if not sensor.synthetic:
                names += [name.partition(" (")[0] for name in names]
            for name in {plain_name(n) for n in names}:
                self._by_name[name] = None if name in self._by_name else sensor
        self._found: dict[tuple[str, ...], Sensor | None] = {}
        self._mapping = {plain_name(k): v for k, v in (mapping or {}).items()}

    def find(self, *names: str) -> Sensor | None:
        """The station of the first name that is known."""
        if names not in self._found:
            self._found[names] = self._search(names)
        return self._found[names]

    def _search(self, names: tuple[str, ...]) -> Sensor | None:
        for name in filter(None, names):
            wanted = self._mapping.get(plain_name(name), name)
            found = self._by_code.get(wanted.casefold()) or self._by_name.get(plain_name(wanted))
            if found:
                return found
        return None


def stations(mapping: dict[str, str] | None = None) -> Stations:
    """All stations, loaded in one query."""
    return Stations(Sensor.objects.all(), mapping)


def limits_of(sensor_ids: Iterable[int], parameter: str = "water_level") -> dict[int, list[Limit]]:
    """The thresholds of each station, whatever their dates."""
    limits: dict[int, list[Limit]] = {}
    for row in Threshold.objects.filter(sensor_id__in=sensor_ids, parameter=parameter):
        limits.setdefault(row.sensor_id, []).append(row.as_limit())
    return limits


LEVELS_BEFORE = """
SELECT DISTINCT ON (c.sensor_id) c.sensor_id, c.level
FROM unnest(%s::bigint[], %s::timestamptz[]) AS asked (sensor_id, start)
JOIN environment_alarmcrossing c USING (sensor_id)
WHERE c.at < asked.start ORDER BY c.sensor_id, c.at DESC
"""
# Of a series the alarm level can change only where it enters another band between thresholds, or
# another local day, whose thresholds may be others: a million values come down to a few. OFFSET 0:
# the marks are read once a stream, not once a value.
TURNS = """
SELECT stream, t, value FROM (
    SELECT stream, t, value, band, day, lag(band) OVER near AS band_before,
           lag(day) OVER near AS day_before
    FROM (
        SELECT asked.stream, o.t, o.value, width_bucket(o.value, asked.marks) AS band,
               (o.t AT TIME ZONE %s)::date AS day
        FROM (SELECT stream, start, string_to_array(marks, ',')::float8[] AS marks
              FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[])
                  AS a (stream, start, marks) OFFSET 0) asked
        JOIN environment_observation o ON o.datastream_id = asked.stream AND o.t >= asked.start
        WHERE o.t >= %s AND o.flag IN (1, 2) AND o.value IS NOT NULL) banded
    WINDOW near AS (PARTITION BY stream ORDER BY t)) turns
WHERE band IS DISTINCT FROM band_before OR day IS DISTINCT FROM day_before
ORDER BY stream, t
"""


def levels_before(starts: dict[int, datetime]) -> dict[int, int]:
    """The alarm level 1–3 that held just before a time, by station; none named: level 0."""
    with connection.cursor() as cursor:
        cursor.execute(LEVELS_BEFORE, [list(starts), list(starts.values())])
        return dict(cursor.fetchall())


def turns_since(
    starts: dict[int, datetime], limits: dict[int, list[Limit]]
) -> dict[int, list[tuple[datetime, float]]]:
    """Of each datastream's trusted values from a time on those at which a level can change."""
    found: dict[int, list[tuple[datetime, float]]] = {stream_id: [] for stream_id in starts}
    if starts:
        marks = [_marks(limits[i]) for i in starts]
        times = list(starts.values())
        with connection.cursor() as cursor:
            cursor.execute(TURNS, [str(zone()), list(starts), times, marks, min(times)])
            for stream_id, t, value in cursor.fetchall():
                found[stream_id].append((t, value))
    return found


def _marks(limits: Iterable[Limit]) -> str:
    """Every value at which some limit is reached or left, in order."""
    marks = {m for x in limits for m in (x.value, x.value - x.hysteresis)}
    return ",".join(repr(float(m)) for m in sorted(marks))


def trusted_between(
    stream_id: int, since: datetime, until: datetime
) -> list[tuple[datetime, float]]:
    """Trusted values of a window, both ends in it, in order of time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t, value FROM environment_observation WHERE datastream_id = %s AND t >= %s "
            "AND t <= %s AND flag IN (1, 2) AND value IS NOT NULL ORDER BY t",
            [stream_id, since, until],
        )
        return cursor.fetchall()


def oldest_at(stream_ids: Iterable[int]) -> dict[int, datetime]:
    """The time of the first value, by datastream."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datastream_id, min(t) FROM environment_observation "
            "WHERE datastream_id = ANY(%s) GROUP BY 1",
            [list(stream_ids)],
        )
        return dict(cursor.fetchall())


def main_stream(sensor: Sensor, streams: Sequence[Datastream]) -> Datastream | None:
    """The datastream that speaks for the station, among those given."""
    by_code = {s.observed_property.code: s for s in streams}
    wanted = MAIN.get(Sensor.Kind(sensor.kind), ())
    return next((by_code[code] for code in wanted if code in by_code), None)


def streams_of(sensor_ids: Iterable[int]) -> dict[int, list[Datastream]]:
    """Datastreams by station, with their property."""
    found: dict[int, list[Datastream]] = {}
    query = Datastream.objects.filter(sensor_id__in=sensor_ids).select_related("observed_property")
    for stream in query.order_by("pk"):
        found.setdefault(stream.sensor_id, []).append(stream)
    return found


def latest_of(stream_ids: Iterable[int]) -> dict[int, Latest]:
    """The latest trusted value by datastream."""
    return Latest.objects.in_bulk(list(stream_ids))


def thresholds_on(sensor: Sensor, parameter: str, at: datetime) -> list[Limit]:
    """The thresholds in force on the local day of `at`, by level."""
    limits = limits_of([sensor.pk], parameter).get(sensor.pk, [])
    return in_force(limits, at.astimezone(zone()).date())


STUCK = """
SELECT newest.datastream_id, began.since, newest.t, newest.value
FROM (SELECT DISTINCT ON (datastream_id) datastream_id, t, value, flag, note
      FROM environment_observation WHERE t >= %s AND value IS NOT NULL
      ORDER BY datastream_id, t DESC) newest
CROSS JOIN LATERAL (
    SELECT coalesce(max(o.t), '-infinity') AS t FROM environment_observation o
    WHERE o.datastream_id = newest.datastream_id AND o.t < newest.t AND o.t >= %s
      AND o.value IS NOT NULL AND o.value <> newest.value) broken
CROSS JOIN LATERAL (
    SELECT min(o.t) AS since FROM environment_observation o
    WHERE o.datastream_id = newest.datastream_id AND o.t > broken.t AND o.t >= %s
      AND o.value IS NOT NULL) began
WHERE newest.flag IN (3, 4) AND newest.note = 'flat'
"""
LONGEST_FLAT = timedelta(days=14)


def stuck(since: datetime) -> list[tuple[Datastream, datetime, datetime, float]]:
    """Datastreams whose newest value is part of a flat line: since when, until when, what."""
    far = since - LONGEST_FLAT
    with connection.cursor() as cursor:
        cursor.execute(STUCK, [since, far, far])
        rows = cursor.fetchall()
    streams = Datastream.objects.select_related("sensor", "observed_property")
    by_id = streams.in_bulk([row[0] for row in rows])
    return [(by_id[i], began, t, value) for i, began, t, value in rows]


DOUBTED = """
SELECT asked.id, (
    SELECT max(o.t) FROM environment_observation o
    WHERE o.datastream_id = asked.id AND o.t > asked.since AND o.t > %s AND o.t < %s
      AND o.value IS NOT NULL AND o.flag IN (3, 4))
FROM unnest(%s::bigint[], %s::timestamptz[]) AS asked (id, since)
"""


def doubted(since: dict[int, datetime], now: datetime) -> dict[int, datetime]:
    """When the newest value came that no test believes, of datastreams whose newest it is.

    `since`: the time of the latest trusted value by datastream.
    """
    if not since:
        return {}
    far = max(min(since.values()), now - LONGEST_FLAT)
    with connection.cursor() as cursor:
        cursor.execute(DOUBTED, [far, now + timedelta(days=1), list(since), list(since.values())])
        return {stream: t for stream, t in cursor.fetchall() if t}


def heard_since(since: datetime) -> list[Datastream]:
    """Datastreams whose latest trusted value is not older."""
    rows = Datastream.objects.filter(latest__t__gte=since)
    return list(rows.select_related("observed_property"))


def level_now(sensor_id: int) -> int:
    """The alarm level 0–3 that holds."""
    rows = AlarmCrossing.objects.filter(sensor_id=sensor_id).order_by("-at")
    return rows.values_list("level", flat=True).first() or 0


NEAR_KM = 40


def near(user: Any, sensor: Sensor, property_id: int) -> list[tuple[Datastream, float]]:
    """Datastreams of the same property at stations nearby, the nearest first, with km."""
    rows = Datastream.objects.filter(
        observed_property_id=property_id,
        sensor__in=Sensor.objects.visible_to(user).filter(synthetic=sensor.synthetic),
    ).exclude(sensor=sensor)
    found = rows.select_related("sensor").annotate(away=Distance("sensor__geom", sensor.geom))
    ordered = found.filter(away__lte=NEAR_KM * 1000).order_by("away")[:10]
    return [(row, row.away.km) for row in ordered]
