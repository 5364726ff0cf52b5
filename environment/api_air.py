"""Air quality for citizens: now, by the day, against the law's limits, between stations."""

from datetime import date, timedelta
from typing import Any

import numpy as np
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router

from environment import air, air_map, aqi, queries, surface
from environment.models import Datastream, Sensor
from geo.text import Text
from layers.viewers import viewer

router = Router(tags=["environment"])


@router.get("/air", auth=None, summary="VN_AQI of each station for its newest hour")
def now(request: HttpRequest) -> dict[str, Any]:
    """Silent stations are named, not counted: silence is not clean air."""
    seen = list(_stations(viewer(request)))
    streams = queries.streams_of(s.pk for s in seen)
    rows = []
    for sensor in seen:
        told = None
        if sensor.observed_at and sensor.state != "stale":
            told = air.told(air.hour_parts(streams.get(sensor.pk, []), sensor.observed_at))
        rows.append({"code": sensor.code, "name": Text(sensor.name_vi, sensor.name_en).dict(),
                     "lon": sensor.geom.x, "lat": sensor.geom.y, "hour": sensor.observed_at,
                     "silent": sensor.state == "stale", "synthetic": sensor.synthetic,
                     "aqi": told})  # fmt: skip
    rows.sort(key=lambda r: -(r["aqi"] or {}).get("index", -1))
    return {"stations": rows, "method": air.METHOD.dict()}


@router.get("/stations/{code}/air", auth=None, summary="A station's VN_AQI of the hour and a day")
def station(request: HttpRequest, code: str, day: date | None = None) -> dict[str, Any]:
    """``day`` is a local date; without it the day of the newest value."""
    sensor = _stations(viewer(request)).filter(code=code).first()
    if sensor is None:
        raise Http404
    streams: list[Datastream] = queries.streams_of([sensor.pk]).get(sensor.pk, [])
    newest = sensor.observed_at or timezone.now()
    day = day or (newest.astimezone(queries.zone()) - timedelta(hours=1)).date()
    hours = air.day_hours(streams, day)
    return {
        "station": sensor.code,
        "hour": {"time": newest, "aqi": air.told(air.hour_parts(streams, newest))},
        "day": {"date": day, "aqi": air.told(aqi.daily_parts(hours)),
                "hours": {name: sum(c is not None for c in h) for name, h in hours.items()},
                "passed": [vars(x) for x in air.passed(hours, day)]},
        "limits": [
            {"pollutant": row.pollutant, "averaging": row.averaging, "value": row.value,
             "source": row.source} for row in air.limits_on(day).values()
        ],
        "method": air.METHOD.dict(), "synthetic": sensor.synthetic,
    }  # fmt: skip


@router.get("/air/surface", auth=None, summary="VN_AQI between stations, where they support it")
def between(request: HttpRequest) -> dict[str, Any]:
    """``known`` false with ``why`` where leaving stations out shows that it would mislead."""
    found = air_map.support(Sensor.objects.visible_to(viewer(request)))
    proof = found.proof
    out: dict[str, Any] = {
        "stations": proof.stations, "known": proof.holds, "least_stations": surface.LEAST_STATIONS,
        "at": found.at, "synthetic": found.synthetic,
        "error": round(proof.error, 1) if np.isfinite(proof.error) else None,
        "error_of_one_value": round(proof.flat_error, 1) if np.isfinite(proof.flat_error) else None,
    }  # fmt: skip
    if not proof.holds:
        return {**out, "why": Text(*proof.why_not()).dict()}
    lon, lat, grid = surface.lonlat_grid(found.xy, found.values, proof, found.srid)
    cells = [[None if np.isnan(v) else round(float(v)) for v in row] for row in grid]
    return {**out, "reach_km": round(proof.reach_m / 1000, 1),
            "method": air_map.method(proof).dict(), "lon": lon, "lat": lat,
            "values": cells}  # fmt: skip


def _stations(user: Any) -> Any:
    return Sensor.objects.visible_to(user).filter(kind=Sensor.Kind.AIR)
