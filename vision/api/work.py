"""What an operator tries before it counts: pictures of addresses, calibration, rules on a clip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from vision import addresses, audit, conf, onvif, rules, vault
from vision.actions import jobs
from vision.api.cameras import PointsIn, RulesIn, fitted
from vision.api.pictures import file_of
from vision.api.rights import DISCOVER, SET_UP, VIEW, allowed, camera_of, job_of
from vision.models import Job
from vision.shown import job_out

router = Router()
MOST_RECORDINGS = 500


class ProbeIn(Schema):
    address: str = Field(max_length=600)
    username: str = Field("", max_length=200)
    password: str = Field("", max_length=200)


class NetworkIn(Schema):
    network: str = Field(max_length=40)


class ServiceIn(Schema):
    service: str = Field(max_length=200)
    username: str = Field("", max_length=200)
    password: str = Field("", max_length=200)


@router.post("/probe", summary="Look at an address before a camera is made of it")
def probe(request: HttpRequest, given: ProbeIn) -> dict[str, Any]:
    user = allowed(request, SET_UP)
    address, login = addresses.without_login(given.address.strip())
    if given.username or given.password:
        login = addresses.login_of(given.username, given.password)
    checked = addresses.checked(address, roots=conf.media_roots())
    addresses.reachable(checked)
    sealed = vault.seal(addresses.with_login(address, login or ""))
    asked = {"source": addresses.shown(address)}
    return job_out(jobs.ask(by=user, kind="probe", asked=asked, sealed=sealed))


@router.post("/cameras/{int:camera_id}/probe", summary="Look at a camera's picture now")
def probe_camera(request: HttpRequest, camera_id: int) -> dict[str, Any]:
    user = allowed(request, SET_UP)
    camera = camera_of(request, camera_id)
    return job_out(jobs.ask(by=user, kind="probe", camera=camera, asked={}))


@router.post("/calibration", summary="What control points are worth; nothing is stored")
def calibration(request: HttpRequest, given: PointsIn) -> dict[str, Any]:
    allowed(request, SET_UP)
    return fitted(given.points)


@router.get("/rules/kinds", summary="Every kind of rule with the fields of its form")
def rule_kinds(request: HttpRequest) -> list[dict[str, Any]]:
    allowed(request, VIEW)
    return rules.kinds()


@router.post("/rules/check", summary="What is wrong with rules; nothing is stored")
def check_rules(request: HttpRequest, given: RulesIn) -> dict[str, Any]:
    allowed(request, SET_UP)
    wrong = rules.problems(given.rules)
    needs = 0.0 if wrong else rules.needs_per_s(given.rules)
    return {"ok": not wrong, "problems": wrong, "needs_per_s": needs}


@router.get("/recordings", summary="Video files that rules can be tried on")
def recordings(request: HttpRequest) -> list[dict[str, Any]]:
    allowed(request, SET_UP)
    found: dict[str, dict[str, Any]] = {}
    for root in conf.media_roots():
        for path in sorted(root.rglob("*")) if root.is_dir() else []:
            name = str(path.relative_to(root))
            if path.suffix.lower() in addresses.VIDEO and path.is_file() and _inside(path, root):
                found.setdefault(name, {"name": name, "bytes": path.stat().st_size})
            if len(found) >= MOST_RECORDINGS:
                break
    return list(found.values())


def _inside(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root)


@router.get("/cameras/{int:camera_id}/frame", summary="The whole frame that I asked for last")
def frame(request: HttpRequest, camera_id: int) -> dict[str, Any]:
    user = allowed(request, SET_UP)
    mine = Job.objects.filter(by=user, camera=camera_of(request, camera_id), kind="probe")
    row = mine.filter(asked__full=True, state__in=("queued", "running", "done")).first()
    return {"job": row and job_out(row)}


@router.post("/cameras/{int:camera_id}/frame", summary="A whole frame of a camera's, nobody in it")
def ask_frame(request: HttpRequest, camera_id: int) -> dict[str, Any]:
    user = allowed(request, SET_UP)
    camera = camera_of(request, camera_id)
    return job_out(jobs.ask(by=user, kind="probe", camera=camera, asked={"full": True}))


@router.post("/discovery", summary="Look for ONVIF cameras in a network that is allowed")
def discovery(request: HttpRequest, given: NetworkIn) -> dict[str, Any]:
    user = allowed(request, DISCOVER)
    network = str(onvif.allowed(given.network))
    audit.note("discovery", by=user, reason=network)
    return job_out(jobs.ask(by=user, kind="discovery", asked={"network": network}))


@router.post("/discovery/streams", summary="Ask an ONVIF camera which streams it has, and where")
def streams(request: HttpRequest, given: ServiceIn) -> dict[str, Any]:
    user = allowed(request, DISCOVER)
    service = onvif.service_allowed(given.service).url
    login = addresses.login_of(given.username, given.password)
    audit.note("discovery", by=user, reason=addresses.shown(service))
    sealed = vault.seal(login) if login else ""
    return job_out(jobs.ask(by=user, kind="discovery", asked={"service": service}, sealed=sealed))


@router.get("/discovery", summary="The networks in which cameras may be looked for")
def networks(request: HttpRequest) -> list[str]:
    allowed(request, DISCOVER)
    return list(settings.IOC_VISION_DISCOVERY)


@router.get("/jobs/{int:job_id}", summary="How far what I asked for is")
def job(request: HttpRequest, job_id: int) -> dict[str, Any]:
    allowed(request, VIEW)
    return job_out(job_of(request, job_id))


@router.post("/jobs/{int:job_id}/cancel", summary="I no longer want it")
def cancel(request: HttpRequest, job_id: int) -> dict[str, Any]:
    allowed(request, VIEW)
    row = job_of(request, job_id)
    if row.by != request.user:
        raise PermissionError
    return job_out(jobs.cancel(job=row))


@router.get(
    "/jobs/{int:job_id}/picture.jpg",
    url_name="vision-job-picture",
    summary="The picture that was looked at, people and plates hidden",
)
def job_picture(request: HttpRequest, job_id: int) -> FileResponse:
    allowed(request, VIEW)
    row = job_of(request, job_id)
    if not row.picture:
        raise Http404
    return file_of(conf.snapshot_dir() / row.picture, "image/jpeg")
