from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field as Bound

from environment import actions, api_air, api_feeds, api_series, api_stations, stations
from environment.ingest.rows import row_of_json
from environment.models import Receipt, Sensor
from geo.errors import Refused
from ioc.accounts.auth import session_or_token

router = Router(tags=["environment"])

MOST_ROWS = 1000


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


for _more in (api_stations, api_series, api_air, api_feeds):
    router.add_router("", _more.router)
