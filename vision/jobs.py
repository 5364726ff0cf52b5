"""Does one job: a look at a stream, or a trial of rules on a clip. Runs in its own process."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import av
import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from geo.errors import Refused
from vision import addresses, brought, conf, frame, vault
from vision.actions import jobs
from vision.detectors.weights import WeightsMissing
from vision.failures import in_words
from vision.files import write
from vision.gate import MotionGate
from vision.lines import Detectors, line_for
from vision.masks import checked as masks_checked
from vision.masks import paint
from vision.models import Camera, Job
from vision.opening import opened
from vision.snapshots import WIDTH_PX, hide, jpeg, shrunk
from vision.sources import SourceFailed, frames

if TYPE_CHECKING:
    from vision.pipeline import Finding

log = structlog.get_logger(__name__)

BLUR_BY = "ssdlite-mobilenetv2-coco"
COARSE_PX = 64  # across, where no detector can say what is to be hidden
SETTLE_S, PROBE_S = 1.0, 15.0
BEAT_S = 2.0
MOST_FINDINGS, MOST_PICTURES = 300, 24
TRIAL_PER_S = 12.5
Going = Callable[[float, str], bool]


class Cancelled(Exception):
    """The person who asked no longer wants it."""


def run_next(parent: int | None = None) -> bool:
    """Whether there was a job; it is done, failed or cancelled now."""
    job = jobs.claim()
    if job is None:
        return False
    try:
        result, picture = WORK[job.kind](job, _beats(job, parent))
        jobs.end(job, Job.State.DONE, result=result, picture=picture)
    except Cancelled:
        jobs.end(job, Job.State.CANCELLED)
    except (Refused, SourceFailed, WeightsMissing, ValueError, KeyError) as problem:
        jobs.end(job, Job.State.FAILED, note=str(problem).strip("'\""))
    except (av.FFmpegError, OSError) as problem:
        words = _("cannot be read (%(why)s)") % {"why": in_words(problem)}
        jobs.end(job, Job.State.FAILED, note=words)
    except Exception as problem:
        log.exception("camera-job-failed", job=job.pk)
        jobs.end(job, Job.State.FAILED, note=type(problem).__name__)
    return True


def _beats(job: Job, parent: int | None) -> Going:
    """Tells progress now and then. Raises Cancelled, also when the parent is gone."""
    last = 0.0

    def going(progress: float, note: str = "") -> bool:
        nonlocal last
        if time.monotonic() - last >= BEAT_S:
            last = time.monotonic()
            orphan = parent is not None and os.getppid() != parent
            if orphan or not jobs.beat(job, progress, note):
                raise Cancelled
        return True

    return going


def address_of(job: Job) -> tuple[addresses.Address, str]:
    """What is to be opened, and its login. Raises Refused."""
    if token := job.asked.get("clip"):
        return addresses.Address(str(brought.path_of(token, job.by_id)), is_file=True), ""
    if job.sealed:
        given, login = addresses.without_login(vault.unseal(job.sealed))
    elif job.camera is not None and job.camera.address:
        given, login = job.camera.address, None
    else:
        raise Refused("no-source", _("The camera has no stream address."))
    if login is None and job.camera is not None and job.camera.sealed_login:
        same = addresses.shown(given) == addresses.shown(job.camera.address)
        login = vault.unseal(job.camera.sealed_login) if same else None
    return addresses.checked(given, roots=conf.media_roots()), login or ""


def probe(job: Job, going: Going) -> tuple[dict[str, Any], str]:
    """One picture of the source, people and plates hidden, and what the source says of itself.

    Asked for `full`, it is the whole frame, out of which what moves is taken.
    """
    address, login = address_of(job)
    full = bool(job.asked.get("full"))
    began = time.monotonic()
    with opened(address, login) as container:
        if not container.streams.video:
            raise SourceFailed(_("there is no video in it"))
        stream = container.streams.video[0]
        if full:
            rgb, size, taken = frame.still(container, stream, going, waits=not address.is_file)
        else:
            rgb, size = _settled(container, stream, going, address.is_file, began)
            taken = 1
        rate = stream.average_rate
        told = {
            "width": size[0],
            "height": size[1],
            "codec": stream.codec_context.name,
            "frames_per_s": round(float(rate), 2) if rate else None,
            "pictures": taken,
        }
    shapes = masks_checked(job.camera.masks) if job.camera else []
    shown = paint(rgb, shapes)
    data, how = hidden_whole(shown) if full else hidden(shown)
    name = f"jobs/{job.pk}/picture.jpg"
    write(conf.snapshot_dir() / name, data)
    if job.camera is not None and not job.sealed and how == "detector":
        # Of a camera without rules no other picture comes.
        write(conf.now_path(job.camera.pk), hidden(shown)[0] if full else data)
    if job.asked.get("clear"):
        sealed = vault.seal_bytes(jpeg(shrunk(shown, 1920), 90))
        write(conf.clear_dir() / f"jobs/{job.pk}.sealed", sealed)
    took_ms = round((time.monotonic() - began) * 1000)
    return {**told, "hidden_by": how, "took_ms": took_ms, "at": timezone.now().isoformat()}, name


def _settled(
    container: Any, stream: Any, going: Going, is_file: bool, began: float
) -> tuple[Any, tuple[int, int]]:
    """RGB of the first picture of a file, or of a stream a second after its first; and its size."""
    picture, first_at = None, None
    for one in container.decode(stream):
        now = time.monotonic()
        first_at = first_at or now
        going(0.5)
        frame.bounded(one)
        picture = one
        if now - first_at >= SETTLE_S or is_file or now - began > PROBE_S:
            break
    if picture is None:
        raise SourceFailed(_("no picture came"))
    return picture.to_ndarray(format="rgb24"), (picture.width, picture.height)


def hidden(picture: Any) -> tuple[bytes, str]:
    """JPEG fit to be shown: by the detector, or so coarse that nobody is known by it."""
    with suppress(WeightsMissing, ImportError):
        (seen,) = Detectors().for_camera(BLUR_BY).detect([picture])
        return jpeg(shrunk(hide(picture, seen), WIDTH_PX)), "detector"
    return jpeg(shrunk(picture, COARSE_PX)), "coarse"


def hidden_whole(picture: Any) -> tuple[bytes, str]:
    """JPEG of a whole frame, looked at in parts too: what is small there is near in a part."""
    with suppress(WeightsMissing, ImportError):
        shown = frame.hidden_in_parts(picture, Detectors().for_camera(BLUR_BY))
        return jpeg(shown, 86), "detector"
    return jpeg(shrunk(picture, COARSE_PX)), "coarse"


def trial(job: Job, going: Going) -> tuple[dict[str, Any], str]:
    """What the rules would have counted and raised on a clip, or on the stream for a while.

    Nothing is stored but the answer: no event, no count, no notice.
    """
    camera = job.camera
    if camera is None:
        raise Refused("no-camera", _("Rules are tried on a camera."))
    address, login = address_of(job)
    draft = Camera.objects.get(pk=camera.pk)
    for name in ("control_points", "detector"):
        if job.asked.get(name) is not None:
            setattr(draft, name, job.asked[name])
    line = line_for(draft, Detectors().for_camera(draft.detector), job.asked["rules"])
    line.gate = MotionGate(forced_s=0)  # looks at every picture, and knows what moves
    told = _Told(job, masks_checked(camera.masks))
    limit_s = float(job.asked.get("seconds") or 3600)
    whole_s = _length_s(address)
    if job.asked.get("clip") and whole_s and whole_s > brought.MOST_S:
        raise SourceFailed(_("The clip is longer than an hour: cut it and bring it again."))
    length_s = min(limit_s, whole_s or limit_s)
    per_s = camera.frames_per_s or TRIAL_PER_S
    for seen in frames(address, per_s=per_s, login=login):
        if seen.media_s > limit_s:
            break
        told.seconds = seen.media_s
        for finding in line.look(seen.picture(), seen.media_s, seen.at, seen.session):
            told.add(finding, seen.media_s)
        going(seen.media_s / max(length_s, 1.0), f"{seen.media_s:.0f} s")
    return told.result(line.frames), ""


def _length_s(address: addresses.Address) -> float | None:
    if not address.is_file or Path(address.url).is_dir():
        return None
    with opened(address) as container:
        return container.duration / av.time_base if container.duration else None


class _Told:
    """What a trial found, as the screen shows it."""

    def __init__(self, job: Job, shapes: list[Any]) -> None:
        self._job, self._shapes = job, shapes
        self._counts: Counter[tuple[str, str, str, str]] = Counter()
        self._minutes: Counter[tuple[int, str, str]] = Counter()
        self._findings: list[dict[str, Any]] = []
        self._keys: set[str] = set()
        self._raised = 0
        self.seconds = 0.0

    def add(self, finding: Finding, media_s: float) -> None:
        sighting = finding.sighting
        if sighting.phase != "opened" or finding.key in self._keys:
            return
        self._keys.add(finding.key)
        of = sighting.track.class_name
        self._raised += sighting.notable
        self._counts[sighting.rule, sighting.kind, sighting.direction, of] += 1
        self._minutes[int(media_s // 60), sighting.rule, sighting.direction] += 1
        if len(self._findings) >= MOST_FINDINGS:
            return
        number = len(self._findings)
        pictured = number < MOST_PICTURES and bool(finding.jpeg) and not self._shapes
        if pictured:
            write(conf.snapshot_dir() / f"jobs/{self._job.pk}/{number}.jpg", finding.jpeg)
        self._findings.append(
            {
                "at_s": round(media_s, 2), "rule": sighting.rule, "kind": sighting.kind,
                "direction": sighting.direction, "object_class": of, "box": list(finding.box),
                "confidence": finding.confidence, "lon": finding.fix.lon, "lat": finding.fix.lat,
                "error_m": finding.fix.error_m, "notable": sighting.notable,
                "picture": number if pictured else None,
            }
        )  # fmt: skip

    def result(self, frames_looked_at: int) -> dict[str, Any]:
        names = ("rule", "kind", "direction", "object_class")
        counts = sorted(self._counts.items())
        return {
            "seconds": round(self.seconds, 1),
            "frames": frames_looked_at,
            "counts": [{**dict(zip(names, key, strict=True)), "count": n} for key, n in counts],
            "minutes": [
                {"minute": minute, "rule": rule, "direction": direction, "count": n}
                for (minute, rule, direction), n in sorted(self._minutes.items())
            ],
            "found": sum(self._counts.values()),
            "raised": self._raised,
            "findings": self._findings,
        }


def discovery(job: Job, going: Going) -> tuple[dict[str, Any], str]:
    """Cameras that answer in the administrator's networks; `known` is ours at that address.

    Asked about one camera's `service`, the streams that it tells us of.
    """
    from vision import onvif, onvif_streams

    going(0.1)
    if service := job.asked.get("service"):
        login = vault.unseal(job.sealed) if job.sealed else ""
        return {"streams": onvif_streams.streams(service, login)}, ""
    ours = {
        urlsplit(camera.address).hostname: {"id": camera.pk, "name": camera.name_vi}
        for camera in Camera.objects.visible_to(job.by).filter(address__contains="://")
    }
    found = onvif.discover(job.asked["network"])
    return {"cameras": [{**one, "known": ours.get(one["ip"])} for one in found]}, ""


WORK = {"probe": probe, "trial": trial, "discovery": discovery}
