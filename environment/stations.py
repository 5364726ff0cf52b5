"""Register stations and their thresholds, by hand, over HTTP or from a pack; again is harmless."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils.translation import gettext as _

from environment import states
from environment.alarms import ROMAN, Limit, disorder, in_force
from environment.models import Sensor, Threshold
from geo.errors import Refused

# Thresholds given without a date hold on every day.
ALWAYS = date(1900, 1, 1)


@transaction.atomic
def register(
    *,
    code: str,
    lon: float,
    lat: float,
    limits: Sequence[dict[str, Any]] = (),
    checks: dict[str, dict[str, float]] | None = None,
    **fields: Any,
) -> tuple[Sensor, bool]:
    """The station of that code, and whether it is new.

    `checks`: thresholds of the quality tests by parameter, for datastreams that begin.

    Raises: Refused where a real station would become synthetic or the other way round, or where
    the thresholds are out of order.
    """
    sensor = Sensor.objects.select_for_update().filter(code=code).first()
    created = sensor is None
    if sensor is None:
        sensor = Sensor(code=code, synthetic=fields.get("synthetic", False))
    if sensor.synthetic != fields.get("synthetic", False):
        message = _("Station %(code)s exists; real and synthetic stations do not change sides.")
        raise Refused("synthetic", message % {"code": code}, status=409)
    wanted = {**fields, "geom": Point(lon, lat, srid=4326)}
    if checks:
        wanted["properties"] = {**sensor.properties, **fields.get("properties", {})}
        wanted["properties"]["checks"] = checks
    changed = created or any(
        (getattr(sensor, name) or "") != (value or "") for name, value in wanted.items()
    )
    if changed:
        for name, value in wanted.items():
            setattr(sensor, name, value)
        sensor.save()
        states.announce([sensor])
    if limits:
        change_thresholds(sensor=sensor, limits=limits)
    return sensor, created


@transaction.atomic
def change_thresholds(*, sensor: Sensor, limits: Sequence[dict[str, Any]]) -> int:
    """The number of threshold rows made or changed; the station's alarms are then judged anew.

    A limit has level, value, source and may have valid_from, valid_to, parameter. Rows of other
    dates stay: an observation is judged by the thresholds of its own day.
    Raises: Refused where a day's levels are out of order, or a level is no number or two.
    """
    rows = [{"valid_from": ALWAYS, "valid_to": None, **limit} for limit in limits]
    _check_order(sensor, rows)
    count = sum(_put(sensor, **row) for row in rows)
    if count:
        states.refresh([sensor.pk])
    return count


def _check_order(sensor: Sensor, rows: Sequence[dict[str, Any]]) -> None:
    """The new rows among those that are held and stay, on each day on which something begins."""
    for parameter in {row.get("parameter", "water_level") for row in rows}:
        new = [r for r in rows if r.get("parameter", "water_level") == parameter]
        limits = [Limit(r["level"], r["value"], r["valid_from"], r["valid_to"]) for r in new]
        if found := next(filter(None, map(_no_limit, limits)), "") or _twice(limits):
            raise Refused("thresholds", f"{sensor.code}: {found}")
        replaced = {(limit.level, limit.valid_from) for limit in limits}
        held = (t.as_limit() for t in sensor.thresholds.filter(parameter=parameter))
        stay = [limit for limit in held if (limit.level, limit.valid_from) not in replaced]
        days = {limit.valid_from for limit in limits}
        days |= {t.valid_from for t in stay if any(x.holds_on(t.valid_from) for x in limits)}
        if found := first_disorder([*limits, *stay], days):
            raise Refused("thresholds-order", f"{sensor.code}, {found}")


def _no_limit(limit: Limit) -> str:
    """What is wrong with one limit alone, or an empty string."""
    name = f"level {ROMAN[limit.level]}"
    if not math.isfinite(limit.value):
        return f"{name} is {limit.value}, which no water reaches"
    if limit.valid_from and limit.valid_until and limit.valid_until < limit.valid_from:
        return f"{name} ends on {limit.valid_until}, before it begins on {limit.valid_from}"
    return ""


def _twice(limits: Sequence[Limit]) -> str:
    """The level that is given two values for the same days, or an empty string."""
    said: dict[tuple[int, date | None], float] = {}
    for limit in limits:
        if said.setdefault((limit.level, limit.valid_from), limit.value) != limit.value:
            return f"level {ROMAN[limit.level]} is given twice, with different values"
    return ""


def first_disorder(limits: Sequence[Limit], days: Iterable[date]) -> str:
    """The first of these days whose limits are out of order, and how; or an empty string."""
    for day in sorted(days):
        if wrong := disorder(in_force(limits, day)):
            return f"{day}: {wrong}"
    return ""


def _put(
    sensor: Sensor, *, level: int, valid_from: date, parameter: str = "water_level", **rest: Any
) -> bool:
    """Whether the row is new or changed."""
    key: dict[str, Any] = {
        "sensor": sensor,
        "parameter": parameter,
        "level": level,
        "valid_from": valid_from,
    }
    held = Threshold.objects.filter(**key).first()
    if held and all(getattr(held, name) == value for name, value in rest.items()):
        return False
    Threshold.objects.update_or_create(**key, defaults=rest)
    return True
