from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field as Bound

from environment import actions, queries, stations
from environment.ingest.rows import row_of_json
from environment.models import Datastream, Receipt, Sensor
from environment.parameters import find
from geo.errors import Refused
from geo.text import Text
from ioc.accounts.auth import session_or_token
from layers.viewers import viewer

router = Router(tags=["environment"])

MOST_ROWS = 1000
LONGEST = timedelta(days=400)
USUAL = timedelta(hours=48)
LEVEL_COLORS = {1: "#f0d54e", 2: "#f39c12", 3: "#e4572e"}


class Limit(Schema):
    level: int = Bound(ge=1, le=3)
    value: float
    source: str = Bound(max_length=200)


class StationIn(Schema):
    code: str = Bound(min_length=1, max_length=40, pattern=r"^[\w.\-]+$")
    name_vi: str = Bound(min_length=1, max_length=160)
    name_en: str = Bound("", max_length=160)
    kind: Sensor.Kind
    lon: float = Bound(ge=-180, le=180)
    lat: float = Bound(ge=-90, le=90)
    datum: str = Bound("", max_length=80)
    position_source: str = Bound("", max_length=200)
    silent_after_s: int = Bound(5400, ge=10, le=31_536_000)
    synthetic: bool = False
    checks: dict[str, dict[str, float]] = Bound(
        default_factory=dict,
        description="Thresholds of the quality tests by parameter, in place of the house's own",
    )
    thresholds: list[Limit] = Bound(default_factory=list, max_length=3)


@router.post("/stations", auth=session_or_token, summary="Register a station; again is harmless")
def register_station(request: HttpRequest, station: StationIn) -> dict[str, Any]:
    """A synthetic station needs the right to send observations; a real one that to add sensors."""
    right = "add_observation" if station.synthetic else "add_sensor"
    if not request.user.has_perm(f"environment.{right}"):
        raise PermissionError
    fields = station.dict(exclude={"thresholds"})
    limits = [limit.dict() for limit in station.thresholds]
    sensor, created = stations.register(**fields, limits=limits, source=request.user.get_username())
    return {"id": str(sensor.pk), "code": sensor.code, "created": created}


@router.post("/observations", auth=session_or_token, summary="Send up to 1000 observations")
def add_observations(request: HttpRequest, rows: list[Any]) -> dict[str, Any]:
    """A list of ``{station, parameter, time, value, unit}``; every row gets its own answer.

    Times are ISO with an offset. The same list again is answered ``duplicate`` and changes nothing.
    """
    if not request.user.has_perm("environment.add_observation"):
        raise PermissionError
    if len(rows) > MOST_ROWS:
        message = _("Send at most %(most)s rows a call; these are %(found)s.")
        raise Refused(
            "too-many-rows", message % {"most": MOST_ROWS, "found": len(rows)}, status=413
        )
    synthetic = any(isinstance(row, dict) and row.get("synthetic") is True for row in rows)
    receipt = actions.open_receipt(
        source=request.user.get_username(), via=Receipt.Via.HTTP, synthetic=synthetic
    )
    outcome = actions.record([row_of_json(row) for row in rows], receipt=receipt)
    return {
        **{name: outcome.counts[name] for name in ("accepted", "duplicate", "refused", "flagged")},
        "results": [
            {"index": n, "status": f.status, "flag": f.flag, "code": f.code, "message": f.message}
            for n, f in enumerate(outcome.fates)
        ],
    }


@router.get("/stations/{code}/series", auth=None, summary="A station's values for a chart")
def series(
    request: HttpRequest,
    code: str,
    parameter: str = "",
    since: datetime | None = Query(None, alias="from"),  # noqa: B008
    until: datetime | None = Query(None, alias="to"),  # noqa: B008
) -> dict[str, Any]:
    """At most about 600 points, lowest and highest of each slice kept; gaps are null.

    Without ``from`` and ``to``: the 48 hours up to the newest value.
    """
    sensor, stream = _stream(viewer(request), code, parameter)
    first, last = _window(sensor, since, until)
    found = queries.series(stream, first, last)
    prop = stream.observed_property
    return {
        "station": sensor.code,
        "name": Text(sensor.name_vi, sensor.name_en).dict(),
        "parameter": prop.code,
        "title": Text(prop.name_vi, prop.name_en).dict(),
        "unit": stream.unit,
        "from": first,
        "to": last,
        "t": [t.timestamp() for t in found.t],
        "v": found.v,
        "flags": found.flags,
        "thinned": found.thinned,
        "thresholds": _lines(sensor, prop.code, last),
        "synthetic": sensor.synthetic,
    }


def _stream(user: Any, code: str, parameter: str) -> tuple[Sensor, Datastream]:
    sensor = Sensor.objects.visible_to(user).filter(code=code).first()
    if sensor is None:
        raise Http404
    streams = queries.streams_of([sensor.pk]).get(sensor.pk, [])
    known = find(parameter) if parameter else None
    wanted = known.code if known else parameter
    stream = next((s for s in streams if s.observed_property.code == wanted), None)
    if not parameter:
        stream = queries.main_stream(sensor, streams) or next(iter(streams), None)
    if stream is None:
        raise Http404
    stream.sensor = sensor
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


def _lines(sensor: Sensor, parameter: str, at: datetime) -> list[dict[str, Any]]:
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
