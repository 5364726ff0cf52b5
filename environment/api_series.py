"""A station's values for a chart, a person's word on one of them, and its alarms so far."""

from datetime import datetime, timedelta
from typing import Any

from django.core.cache import caches
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field as Bound

from environment import forecast as forecast_of
from environment import overrules, queries, telling
from environment.models import AlarmCrossing, Datastream, Observation, Overrule, Sensor
from environment.parameters import find
from environment.series import Series
from environment.series import series as read_series
from geo.errors import Refused
from geo.text import Text
from ioc.accounts.auth import session_or_token
from layers.viewers import viewer

router = Router(tags=["environment"])

LONGEST = timedelta(days=400)
USUAL = timedelta(hours=48)
PAST_FOR_FORECAST = timedelta(hours=72)
FORECAST_S = 600
LEVELS = ("water_level", "tide", "reservoir_level")
LEVEL_COLORS = {1: "#f0d54e", 2: "#f39c12", 3: "#e4572e"}
MOST_NEIGHBOURS, MOST_ALARMS = 3, 500


@router.get("/stations/{code}/series", auth=None, summary="A station's values for a chart")
def series(
    request: HttpRequest,
    code: str,
    parameter: str = "",
    since: datetime | None = Query(None, alias="from"),  # noqa: B008
    until: datetime | None = Query(None, alias="to"),  # noqa: B008
    neighbours: bool = False,
    forecast: bool = False,
    bad: bool = False,
) -> dict[str, Any]:
    """At most about 600 points, lowest and highest of each slice kept; gaps are null.

    Without ``from`` and ``to``: the 48 hours up to the newest value. ``neighbours``: up to three
    stations nearby that measure the same; ``forecast``: a short line ahead with its band;
    ``bad``: with values that failed a test.
    """
    user = viewer(request)
    sensor, stream = stream_of(user, code, parameter)
    first, last = _window(sensor, since, until)
    flags = (1, 2, 3, 4) if bad else (1, 2, 3)
    prop = stream.observed_property
    out = {
        "station": sensor.code,
        "name": Text(sensor.name_vi, sensor.name_en).dict(),
        "parameter": prop.code,
        "title": Text(prop.name_vi, prop.name_en).dict(),
        "unit": stream.unit,
        "from": first,
        "to": last,
        **_points(read_series(stream, first, last, flags=flags)),
        "thresholds": lines(sensor, prop.code, last),
        "synthetic": sensor.synthetic,
    }
    if neighbours:
        out["neighbours"] = _neighbours(user, sensor, stream, first, last)
    if forecast:
        out["forecast"] = _forecast(user, stream)
    return out


def _points(found: Series) -> dict[str, Any]:
    return {"t": [t.timestamp() for t in found.t], "v": found.v, "flags": found.flags,
            "thinned": found.thinned}  # fmt: skip


def stream_of(user: Any, code: str, parameter: str) -> tuple[Sensor, Datastream]:
    """The station and its datastream of a parameter, or its main one. Raises: Http404."""
    seen = Sensor.objects.visible_to(user).filter(code=code)
    rows = Datastream.objects.filter(sensor__in=seen)
    streams = list(rows.select_related("sensor", "observed_property").order_by("pk"))
    if not streams:
        raise Http404
    sensor = streams[0].sensor
    known = find(parameter) if parameter else None
    wanted = known.code if known else parameter
    stream = next((s for s in streams if s.observed_property.code == wanted), None)
    if not parameter:
        stream = queries.main_stream(sensor, streams) or next(iter(streams), None)
    if stream is None:
        raise Http404
    return sensor, stream


def _window(
    sensor: Sensor, since: datetime | None, until: datetime | None
) -> tuple[datetime, datetime]:
    for at in (since, until):
        if at is not None and at.tzinfo is None:
            raise Refused("bad-time", _("Give times with an offset, such as 2025-11-17T02:00Z."))
    newest = sensor.observed_at or timezone.now()
    last = until or max(newest + timedelta(seconds=1), since or newest)
    first = since or last - USUAL
    if not timedelta(0) < last - first <= LONGEST:
        raise Refused(
            "bad-window",
            _("from must be before to, at most %(days)s days apart.") % {"days": LONGEST.days},
        )
    return first, last


def lines(sensor: Sensor, parameter: str, at: datetime) -> list[dict[str, Any]]:
    """The thresholds in force, as lines of a chart."""
    rows = queries.thresholds_on(sensor, parameter, at)
    return [
        {
            "level": limit.level,
            "value": limit.value,
            "title": Text(f"BĐ{limit.level}", f"Alarm {'I' * limit.level}").dict(),
            "color": LEVEL_COLORS[limit.level],
        }
        for limit in rows
    ]


def _neighbours(
    user: Any, sensor: Sensor, stream: Datastream, first: datetime, last: datetime
) -> list[dict[str, Any]]:
    near = queries.near(user, sensor, stream.observed_property_id)[:MOST_NEIGHBOURS]
    return [
        {
            "station": other.sensor.code,
            "name": Text(other.sensor.name_vi, other.sensor.name_en).dict(),
            "km": round(km, 1),
            **_points(read_series(other, first, last, 300)),
        }
        for other, km in near
    ]


def _forecast(user: Any, stream: Datastream) -> dict[str, Any] | None:
    """The line ahead; None for what is no level or cannot be measured against the past."""
    if stream.observed_property.code not in LEVELS:
        return None
    newest = queries.latest_of([stream.pk]).get(stream.pk)
    if newest is None:
        return None
    every = user.has_perm("environment.view_sensor")
    name = f"forecast:{stream.pk}:{newest.t.timestamp()}:{every}"
    return caches["local"].get_or_set(name, lambda: _reckoned(user, stream, newest.t), FORECAST_S)


def _reckoned(user: Any, stream: Datastream, until: datetime) -> dict[str, Any] | None:
    since = until - PAST_FOR_FORECAST
    near = queries.near(user, stream.sensor, stream.observed_property_id)[:MOST_NEIGHBOURS]
    names = {other.pk: other.sensor for other, _km in near}
    others = {pk: queries.trusted_between(pk, since, until) for pk in names}
    found = forecast_of.ahead(queries.trusted_between(stream.pk, since, until), others)
    if found is None:
        return None
    lead = found.lead
    return {
        "t": [t.timestamp() for t in found.t], "v": found.v, "low": found.low, "high": found.high,
        "trials": found.trials, "coverage": forecast_of.COVERAGE, "hours": found.hours,
        "lead": lead and {
            "station": names[lead.key].code, "lag_h": round(lead.lag_h, 2),
            "correlation": round(lead.correlation, 2), "error_m": round(lead.error, 3),
            "error_alone_m": round(lead.error_alone, 3),
        },
        "method": telling.forecast(found, lead and names[lead.key]).dict(),
    }  # fmt: skip


# -- a person's word ------------------------------------------------------------------------------


class Word(Schema):
    parameter: str = ""
    time: datetime
    flag: int = Bound(ge=1, le=4)
    reason: str = Bound(max_length=300)


class Undone(Schema):
    parameter: str = ""
    time: datetime


@router.post("/stations/{code}/overrule", auth=session_or_token, summary="Overrule one value")
def overrule(request: HttpRequest, code: str, word: Word) -> dict[str, Any]:
    """Flag 1 good, 3 suspect or 4 bad, with a reason; it holds over every test until undone."""
    stream = _may_overrule(request, code, word.parameter)
    made = overrules.overrule(
        user=request.user, stream=stream, at=word.time, flag=word.flag, reason=word.reason
    )
    return _word(made)


@router.post("/stations/{code}/overrule/undo", auth=session_or_token, summary="Take a word back")
def undo(request: HttpRequest, code: str, word: Undone) -> dict[str, Any]:
    """The tests judge the value again; that it was overruled stays on record."""
    stream = _may_overrule(request, code, word.parameter)
    return _word(overrules.undo(user=request.user, stream=stream, at=word.time))


@router.get("/stations/{code}/overrules", auth=session_or_token, summary="What people said")
def overrules_of(request: HttpRequest, code: str, parameter: str = "") -> list[dict[str, Any]]:
    stream = _may_overrule(request, code, parameter)
    return [_word(o) for o in Overrule.objects.filter(datastream=stream).select_related("by")[:200]]


def _may_overrule(request: HttpRequest, code: str, parameter: str) -> Datastream:
    if not request.user.has_perm("environment.change_observation"):
        raise PermissionError
    return stream_of(request.user, code, parameter)[1]


def _word(word: Overrule) -> dict[str, Any]:
    return {
        "time": word.t, "flag": word.flag, "before": word.before, "reason": word.reason,
        "by": word.by.get_username(), "at": word.at, "undone_at": word.undone_at,
    }  # fmt: skip


@router.get("/stations/{code}/values", auth=session_or_token, summary="Values with their flags")
def values(
    request: HttpRequest,
    code: str,
    parameter: str = "",
    until: datetime | None = Query(None, alias="to"),  # noqa: B008
    limit: int = Query(100, ge=1, le=500),  # noqa: B008
) -> list[dict[str, Any]]:
    """The newest values as received, each with flag and why, for who may overrule them."""
    stream = _may_overrule(request, code, parameter)
    rows = Observation.objects.filter(datastream=stream)
    if until:
        if until.tzinfo is None:
            raise Refused("bad-time", _("Give times with an offset, such as 2025-11-17T02:00Z."))
        rows = rows.filter(t__lte=until)
    held = list(rows.order_by("-t")[:limit])
    said = {
        o.t: {"by": o.by.display_name or o.by.get_username(), "at": o.at, "reason": o.reason}
        for o in Overrule.objects.filter(
            datastream=stream, undone_at=None, t__in=[o.t for o in held]
        ).select_related("by")
    }
    return [
        {"time": o.t, "value": o.value, "raw": o.raw, "raw_unit": o.raw_unit, "flag": o.flag,
         "note": o.note, "overruled": said.get(o.t)} for o in held
    ]  # fmt: skip


@router.get("/alarms", auth=None, summary="When alarm levels were passed, the newest first")
def alarms(
    request: HttpRequest,
    station: str = "",
    limit: int = Query(100, ge=1, le=MOST_ALARMS),  # noqa: B008
) -> list[dict[str, Any]]:
    seen = Sensor.objects.visible_to(viewer(request))
    if station:
        seen = seen.filter(code=station)
    rows = AlarmCrossing.objects.filter(sensor__in=seen).select_related("sensor")
    return [
        {"station": c.sensor.code, "name": Text(c.sensor.name_vi, c.sensor.name_en).dict(),
         "at": c.at, "before": c.before, "level": c.level, "value": c.value,
         "synthetic": c.sensor.synthetic}
        for c in rows.order_by("-at", "-pk")[:limit]
    ]  # fmt: skip
