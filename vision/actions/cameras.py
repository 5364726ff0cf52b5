"""Cameras as people set them up, and how they do as the worker tells it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.deleting import delete_in_parts
from geo.errors import Refused
from geo.models import District
from geo.queries import district_at
from layers import changes
from vision import addresses, audit, conf, vault
from vision.files import drop
from vision.models import Camera, CameraEvent, CameraHealth, HealthEvent
from vision.sights import view_of

log = structlog.get_logger(__name__)

SEEN = ("black", "frozen", "covered")  # troubles of the picture itself


def save_camera(*, code: str, **values: Any) -> Camera:
    """The camera of that code, created or changed, on the map.

    Raises ValidationError where a value cannot be.
    """
    with transaction.atomic():
        camera = Camera.objects.select_for_update().filter(code=code).first() or Camera(code=code)
        for name, value in values.items():
            setattr(camera, name, value)
        store(camera)
    return camera


def store(camera: Camera) -> None:
    """Checks and saves a camera with what follows from it: its ward, its view, its version.

    Call in a transaction. Raises ValidationError.
    """
    camera.full_clean(exclude=["h3"])  # set by save()
    settle(camera)
    camera.save()
    changes.upsert("cameras", camera)


def settle(camera: Camera) -> None:
    """Sets what follows from where the camera stands and looks."""
    camera.district = district_at(camera.geom.x, camera.geom.y)
    camera.view, camera.view_exact = view_of(camera)
    camera.version += 1


@transaction.atomic
def settle_unsettled() -> int:
    """How many cameras got a field of view that they lacked, or the ward they now stand in."""
    holds = District.objects.filter(retired_at=None, geom__intersects=OuterRef("geom"))
    cameras = Camera.objects.select_for_update(of=("self",)).annotate(
        now_in=Subquery(holds.values("pk")[:1])
    )
    blind = Q(view=None, bearing_deg__isnull=False)
    moved = ~Q(district_id=F("now_in"))
    unlike = Q(district=None, now_in__isnull=False) | Q(district__isnull=False, now_in=None) | moved
    done = 0
    for camera in cameras.filter(blind | unlike)[:500]:
        before = camera.district_id, camera.view
        settle(camera)
        if (camera.district_id, camera.view) != before:
            camera.save(update_fields=["district", "view", "view_exact", "version"])
            changes.upsert("cameras", camera)
            done += 1
    return done


@transaction.atomic
def remove(*, camera: Camera) -> None:
    """The camera is gone, with its events and all their files; the audit keeps its code."""
    names = ("snapshot", "clip", "clear")
    files = list(CameraEvent.objects.filter(camera=camera).values_list(*names))
    for pk in CameraEvent.objects.recent().filter(camera=camera).values_list("pk", flat=True):
        changes.delete("camera-events", pk)
    pk = camera.pk
    changes.delete("cameras", pk)
    camera.delete()

    def drop_files() -> None:
        for snapshot, clip, clear in files:
            drop(conf.snapshot_dir(), snapshot, clip, f"now/{pk}.jpg")
            drop(conf.clear_dir(), clear)

    transaction.on_commit(drop_files)


@transaction.atomic
def set_up(
    *, by: Any, values: dict[str, Any], camera_id: int | None = None, version: int | None = None
) -> Camera:
    """A camera as a person saves it. User and password leave the address for the sealed field.

    Raises Refused 409 where somebody else saved it meanwhile or the code is taken, ValidationError
    for values that cannot be, Camera.DoesNotExist.
    """
    if camera_id is None:
        camera = Camera()
    else:
        camera = Camera.objects.select_for_update().get(pk=camera_id)
        if version != camera.version:
            raise Refused(
                "stale",
                _("Somebody else has changed this camera meanwhile."),
                status=409,
                version=camera.version,
            )
    before = camera.address
    login = _login_of(values)
    for name, value in values.items():
        setattr(camera, name, value)
    if login is None and camera.address != before and not _same_host(camera.address, before):
        login = ""  # a password must not travel to another host with the address
    if login is not None:
        camera.sealed_login = vault.seal(login) if login else ""
    if camera.enabled and camera.address and camera.state == Camera.State.OFF:
        camera.state = Camera.State.WAITING  # it has a stream now; the worker says how it does
    try:
        with transaction.atomic():
            store(camera)
    except IntegrityError:
        raise Refused("code-taken", _("There is a camera of this code."), status=409) from None
    if login is not None:
        audit.note("login", by=by, camera=camera, given=bool(login))
    if camera.address != before:
        audit.note("address", by=by, camera=camera, host=addresses.shown(camera.address))
    return camera


def login_for(camera: Camera) -> str:
    """`user:password` for who opens the stream; "" where there is none or its key is gone."""
    if not camera.sealed_login:
        return ""
    try:
        return vault.unseal(camera.sealed_login)
    except vault.Unreadable:
        log.error("camera-login-unreadable", camera=camera.code)
        return ""


def _login_of(values: dict[str, Any]) -> str | None:
    """`user:password` out of the values, from the address or beside it; None: as it was."""
    if "address" in values:
        values["address"], login = addresses.without_login(values["address"].strip())
    else:
        login = None
    user, password = values.pop("username", None), values.pop("password", None)
    if user is not None or password is not None:
        login = addresses.login_of(user or "", password or "")
    return login


def _same_host(one: str, other: str) -> bool:
    return bool(one) and bool(other) and addresses.shown(one) == addresses.shown(other)


@transaction.atomic
def report_state(*, camera: Camera, state: str, note: str = "", **counts: Any) -> None:
    """Stores how a camera does, with its minute, and tells the map.

    `counts` are last_frame_at, frames and frames_dropped, frames_per_s_now and inference_ms, as
    far as they are known.
    """
    frames = max(0, counts.get("frames", camera.frames) - camera.frames)
    dropped = max(0, counts.get("frames_dropped", camera.frames_dropped) - camera.frames_dropped)
    if not note and state == Camera.State.GOOD:
        note = _seen_trouble(camera)  # pictures come, and show nothing
    camera.state, camera.state_note = state, note[:200]
    for name, value in counts.items():
        setattr(camera, name, value)
    camera.save(update_fields=["state", "state_note", "updated_at", *counts])
    _minute(camera, frames, dropped)
    trouble = {Camera.State.FAILED: "failed", Camera.State.STALE: "stalled"}.get(state)  # type: ignore[call-overload]
    now = timezone.now()
    if trouble:
        _begin_trouble(camera, trouble, note, now)
    elif state == Camera.State.GOOD:
        _end_troubles(camera, now, kinds=("failed", "stalled"))
    changes.upsert("cameras", camera)


def _seen_trouble(camera: Camera) -> str:
    open_still = HealthEvent.objects.filter(camera=camera, ended_at=None, kind__in=SEEN)
    return open_still.order_by("-started_at").values_list("words", flat=True).first() or ""


def _minute(camera: Camera, frames: int, dropped: int) -> None:
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0)
    row, _new = CameraHealth.objects.get_or_create(camera=camera, at=minute)
    row.state = camera.state
    row.frames += frames
    row.dropped += dropped
    row.frames_per_s, row.inference_ms = camera.frames_per_s_now, camera.inference_ms
    if camera.last_frame_at:
        row.age_s = round((now - camera.last_frame_at).total_seconds(), 1)
    row.save()


@transaction.atomic
def report_trouble(*, camera: Camera, kind: str, words: str, at: datetime) -> HealthEvent | None:
    """The trouble that begins, or None where "good" ends all of them or it is known already."""
    if kind == "good":
        _end_troubles(camera, at)
        if camera.state_note:
            camera.state_note = ""
            camera.save(update_fields=["state_note", "updated_at"])
            changes.upsert("cameras", camera)
        return None
    begun = _begin_trouble(camera, kind, words, at)
    if begun is not None and words:
        camera.state_note = words[:200]
        camera.save(update_fields=["state_note", "updated_at"])
        changes.upsert("cameras", camera)
    return begun


def _begin_trouble(camera: Camera, kind: str, words: str, at: datetime) -> HealthEvent | None:
    row, new = HealthEvent.objects.get_or_create(
        camera=camera, kind=kind, ended_at=None, defaults={"words": words[:200], "started_at": at}
    )
    return row if new else None


def _end_troubles(camera: Camera, at: datetime, kinds: tuple[str, ...] = ()) -> None:
    rows = HealthEvent.objects.filter(camera=camera, ended_at=None)
    (rows.filter(kind__in=kinds) if kinds else rows).update(ended_at=at)


@transaction.atomic
def mark_unconfigured() -> int:
    """How many cameras without a stream, or switched off, are now said to have none."""
    streaming = Camera.objects.with_stream().values("pk")
    idle = Camera.objects.exclude(pk__in=streaming).exclude(state=Camera.State.OFF)
    rows = list(idle)
    for camera in rows:
        report_state(camera=camera, state=Camera.State.OFF)
        _end_troubles(camera, timezone.now())
    return len(rows)


def forget_health(*, older_than_days: int, now: datetime | None = None) -> int:
    """Deletes minutes of health past their time; how many."""
    limit = (now or timezone.now()) - timedelta(days=older_than_days)
    return delete_in_parts(CameraHealth.objects.filter(at__lt=limit))
