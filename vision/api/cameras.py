"""Cameras over HTTP: list, set up, health, calibration, rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from geo.crs import metric_srid
from geo.errors import Refused
from ioc.accounts.auth import session_or_token
from layers.paging import page_by_id
from vision import addresses, conf, ground, rules
from vision.actions import set_up
from vision.api.rights import SET_UP, VIEW, allowed, camera_of
from vision.models import Camera, CameraHealth, HealthEvent
from vision.shown import camera_out, camera_whole, trouble_out
from vision.sights import seen_features

router = Router(auth=session_or_token)
PLAIN = (
    "code", "name_vi", "name_en", "bearing_deg", "fov_deg", "range_m", "owner", "road", "address",
    "username", "password", "loops", "enabled", "detector", "frames_per_s", "masks", "keep_days",
    "clear_days",
)  # fmt: skip


class CamerasIn(Schema):
    q: str = Field("", max_length=100)
    state: str = ""
    ward: str = ""
    cursor: str = ""
    limit: int = Field(50, ge=1, le=200)


class TroublesIn(Schema):
    open: bool = False
    """Only what goes on now."""
    camera: int | None = None
    cursor: str = ""
    limit: int = Field(50, ge=1, le=200)


class CameraIn(Schema):
    """A form: values, and the version it was based on (None: a new camera)."""

    values: dict[str, Any]
    version: int | None = None


class PointsIn(Schema):
    points: list[dict[str, Any]] = Field(max_length=100)
    version: int | None = None


class RulesIn(Schema):
    rules: list[dict[str, Any]] = Field(max_length=100)
    version: int | None = None


class SwitchIn(Schema):
    enabled: bool
    version: int


class AddressIn(Schema):
    address: str = Field(max_length=600)


@router.get("", summary="Cameras, the newest first")
def cameras(request: HttpRequest, given: Query[CamerasIn]) -> dict[str, Any]:
    user = allowed(request, VIEW)
    rows = Camera.objects.visible_to(user)
    if given.q:
        names = ("code__icontains", "name_vi__icontains", "name_en__icontains", "road__icontains")
        found = Q()
        for name in names:
            found |= Q(**{name: given.q})
        rows = rows.filter(found)
    if given.state:
        rows = rows.filter(state=given.state)
    if given.ward:
        rows = rows.filter(district__code=given.ward)
    page, following = page_by_id(rows, limit=given.limit, cursor=given.cursor)
    return {"items": [camera_out(row) for row in page], "next": following}


@router.get("/troubles", summary="What is or was wrong with cameras, the newest first")
def troubles(request: HttpRequest, given: Query[TroublesIn]) -> dict[str, Any]:
    user = allowed(request, VIEW)
    rows = HealthEvent.objects.visible_to(user).select_related("camera")
    if given.open:
        rows = rows.filter(ended_at=None, camera__enabled=True)
    if given.camera:
        rows = rows.filter(camera_id=given.camera)
    page, following = page_by_id(rows, limit=given.limit, cursor=given.cursor)
    return {"items": [trouble_out(row) for row in page], "next": following}


@router.post("", summary="A new camera")
def add(request: HttpRequest, given: CameraIn) -> dict[str, Any]:
    user = allowed(request, SET_UP)
    camera = set_up(by=user, values=values_of(given.values, new=True))
    return camera_whole(camera, user)


@router.post("/check-address", summary="Whether an address may be a camera's, before it is saved")
def check_address(request: HttpRequest, given: AddressIn) -> dict[str, Any]:
    allowed(request, SET_UP)

    address, login = addresses.without_login(given.address.strip())
    checked = addresses.checked(address, roots=conf.media_roots())
    addresses.reachable(checked)
    return {"ok": True, "address": address, "login_taken_out": login is not None,
            "is_file": checked.is_file}  # fmt: skip


@router.get("/{int:camera_id}", summary="A camera with all that is set up of it")
def camera(request: HttpRequest, camera_id: int) -> dict[str, Any]:
    user = allowed(request, VIEW)
    row = camera_of(request, camera_id)
    return {**camera_whole(row, user), "billboards": seen_features(user, row)}


@router.put("/{int:camera_id}", summary="Save a camera")
def save(request: HttpRequest, camera_id: int, given: CameraIn) -> dict[str, Any]:
    return _saved(request, camera_id, values_of(given.values), given.version)


@router.put("/{int:camera_id}/enabled", summary="Switch a camera on or off")
def switch(request: HttpRequest, camera_id: int, given: SwitchIn) -> dict[str, Any]:
    return _saved(request, camera_id, {"enabled": given.enabled}, given.version)


@router.put("/{int:camera_id}/calibration", summary="Save a camera's control points")
def save_points(request: HttpRequest, camera_id: int, given: PointsIn) -> dict[str, Any]:
    allowed(request, SET_UP)
    if given.points:
        fitted(given.points)
    return _saved(request, camera_id, {"control_points": given.points}, given.version)


@router.put("/{int:camera_id}/rules", summary="Save a camera's rules; they are followed at once")
def save_rules(request: HttpRequest, camera_id: int, given: RulesIn) -> dict[str, Any]:
    allowed(request, SET_UP)
    if wrong := rules.problems(given.rules):
        raise Refused("bad-rules", wrong[0]["words"], status=422, problems=wrong)
    return _saved(request, camera_id, {"rules": given.rules}, given.version)


@router.get("/{int:camera_id}/health", summary="How a camera does, by minute, and its troubles")
def health(
    request: HttpRequest, camera_id: int, hours: int = Query(24, ge=1, le=168)
) -> dict[str, Any]:
    user = allowed(request, VIEW)
    row, since = camera_of(request, camera_id), timezone.now() - timedelta(hours=hours)
    minutes = CameraHealth.objects.filter(camera=row, at__gte=since).order_by("at")
    names = ("at", "state", "frames", "dropped", "frames_per_s", "inference_ms", "age_s")
    troubles = HealthEvent.objects.filter(camera=row).filter(
        Q(ended_at=None) | Q(ended_at__gte=since)
    )
    age = row.last_frame_at and round((timezone.now() - row.last_frame_at).total_seconds(), 1)
    return {
        "camera": camera_out(row),
        "age_s": age,
        "minutes": list(minutes.values(*names)),
        "troubles": list(troubles.values("kind", "words", "started_at", "ended_at")[:200]),
        "can": {"set_up": user.has_perm(SET_UP)},
    }


def fitted(points: list[dict[str, Any]]) -> dict[str, Any]:
    """What control points are worth. Raises Refused, in words, where nothing can be fitted."""
    try:
        return ground.calibration(points, metric_srid())
    except (ValueError, TypeError) as wrong:
        raise Refused("bad-points", str(wrong), status=422) from None


def values_of(given: dict[str, Any], *, new: bool = False) -> dict[str, Any]:
    """What may be set by a form. Raises Refused for anything else, and for no place."""
    values = {name: given[name] for name in PLAIN if name in given}
    if unknown := sorted(set(given) - set(PLAIN) - {"lon", "lat"}):
        message = _("These cannot be set here: %(names)s")
        raise Refused("unknown-fields", message % {"names": ", ".join(unknown)}, status=422)
    for name, value in values.items():
        if value is None and name in ("name_en", "owner", "road", "address"):
            values[name] = ""
        elif isinstance(value, dict):
            raise Refused("invalid-input", _("Some of the input is wrong."), status=422)
    if "lon" in given or "lat" in given or new:
        values["geom"] = _place(given)
    return values


def _place(given: dict[str, Any]) -> Point:
    try:
        lon, lat = float(given["lon"]), float(given["lat"])
    except (KeyError, TypeError, ValueError):
        raise Refused("no-place", _("Say where the camera stands."), status=422) from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Refused("no-place", _("Say where the camera stands."), status=422)
    return Point(lon, lat, srid=4326)


def _saved(
    request: HttpRequest, camera_id: int, values: dict[str, Any], version: int | None
) -> dict[str, Any]:
    user = allowed(request, SET_UP)
    try:
        row = set_up(by=user, values=values, camera_id=camera_id, version=version)
    except Camera.DoesNotExist:
        raise Http404 from None
    return camera_whole(row, user)
