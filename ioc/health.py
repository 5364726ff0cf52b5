"""Whether the platform lives and progresses."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from geo.heartbeat import STALE_AFTER
from geo.models import Heartbeat
from layers.models import LayerState, PendingChange

PROGRESS_WITHIN = timedelta(minutes=2)
IDLE_PARTS = frozenset({"ingest"})
"""Parts that may rightly have nothing to do: they must beat, their counter may rest."""


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; says nothing of the rest."""
    return HttpResponse("ok\n", content_type="text/plain")


def part_states() -> dict[str, dict[str, Any]]:
    """Each expected part: whether it beats and whether its work goes forward."""
    now = timezone.now()
    beats = {beat.part: beat for beat in Heartbeat.objects.all()}
    states: dict[str, dict[str, Any]] = {}
    for part in sorted({*settings.IOC_PARTS, *beats}):
        beat = beats.get(part)
        alive = beat is not None and now - beat.at <= STALE_AFTER
        moving = beat is not None and (
            part in IDLE_PARTS or now - beat.progress_at <= PROGRESS_WITHIN
        )
        states[part] = {
            "ok": alive and moving,
            "expected": part in settings.IOC_PARTS,
            "state": "ok" if alive and moving else "stuck" if alive else "silent",
            "at": beat.at if beat else None,
            "progress": beat.progress if beat else 0,
            "detail": beat.detail if beat else {},
        }
    return states


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and every expected part progresses; else 503 and why not."""
    try:
        parts = part_states()
    except DatabaseError:
        return JsonResponse({"ready": False, "parts": {}, "database": "unreachable"}, status=503)
    ready = all(part["ok"] for part in parts.values() if part["expected"])
    return JsonResponse(
        {"ready": ready, "parts": parts, "database": "ok"}, status=200 if ready else 503
    )


def counts_of(detail: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Name, kind and value of each number that a part tells beside its progress."""
    for name, value in detail.items():
        kinds = value.items() if isinstance(value, dict) else [("", value)]
        for of, number in kinds:
            if isinstance(number, int | float) and not isinstance(number, bool):
                yield name, str(of), float(number)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text: what each part has done, and how fresh each layer is."""
    registry = CollectorRegistry()
    progress = Gauge("ioc_part_progress_total", "Work done by a part", ["part"], registry=registry)
    counted = Gauge(
        "ioc_part_count", "What a part counts", ["part", "name", "of"], registry=registry
    )
    up = Gauge("ioc_part_up", "1 if a part beats and progresses", ["part"], registry=registry)
    for part, state in part_states().items():
        progress.labels(part).set(state["progress"])
        up.labels(part).set(int(state["ok"]))
        for name, of, value in counts_of(state["detail"]):
            counted.labels(part, name, of).set(value)
    seq = Gauge("ioc_layer_seq", "Last published change of a layer", ["layer"], registry=registry)
    age = Gauge("ioc_layer_age_seconds", "Age of the newest data", ["layer"], registry=registry)
    now = timezone.now()
    for state in LayerState.objects.all():
        seq.labels(state.layer).set(state.seq)
        if state.newest_at:
            age.labels(state.layer).set((now - state.newest_at).total_seconds())
    pending = Gauge("ioc_changes_pending", "Changes not yet published", registry=registry)
    pending.set(PendingChange.objects.count())
    size = Gauge("ioc_database_bytes", "Size of the database", registry=registry)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size.set(cursor.fetchone()[0])
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
