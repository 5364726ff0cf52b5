"""One run from the queue to its results, with progress, and its end whatever happens."""

import hashlib
import time
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone

from geo import analytics
from geo.analytics import Cancelled, ParameterError, methods
from geo.errors import Refused
from geo.text import Text
from ioc.planning import actions, gathering
from ioc.planning.models import Analysis, Result, Run
from ioc.planning.recipes import RECIPES, Feature, Outcome, Work
from ioc.planning.recipes.work import tell_wards

BEAT_S = 0.5
LOST_AFTER_S = 1000
KEEP_RUNS = 10
"""Runs of one analysis whose features are kept; of older ones the figures stay."""

log = structlog.get_logger(__name__)


def compute(run_id: str) -> bool:
    """Whether the run ended as done. Another process at it, or one that ended: nothing happens."""
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",), skip_locked=True).filter(
            pk=run_id, state=Run.State.QUEUED
        ).first()  # fmt: skip
        if run is None:
            return False
        run.state, run.started_at = Run.State.RUNNING, timezone.now()
        run.beat_at = run.started_at
        run.save(update_fields=["state", "started_at", "beat_at"])
    run = Run.objects.select_related("analysis", "asker").get(pk=run_id)
    try:
        _keep(run, *_found(run))
    except Cancelled:
        _end(run, Run.State.CANCELLED)
    except ParameterError as error:
        _end(run, Run.State.FAILED, _prefixed(error))
    except Refused as refused:
        _end(run, Run.State.FAILED, Text(str(refused.message), str(refused.message)))
    except SoftTimeLimitExceeded:
        _end(run, Run.State.FAILED, TOO_LONG)
    except Exception:
        log.exception("analysis-failed", run=run_id, method=run.method)
        _end(run, Run.State.FAILED, BROKEN)
    else:
        return True
    return False


TOO_LONG = Text(
    "Phân tích này quá lâu và đã bị dừng. Hãy thu hẹp vùng hoặc thời gian.",
    "This analysis took too long and was stopped. Choose a smaller area or a shorter time.",
)
BROKEN = Text(
    "Phân tích bị lỗi; người quản trị thấy lỗi trong nhật ký.",
    "The analysis failed; an administrator finds the error in the log.",
)


def _prefixed(error: ParameterError) -> Text:
    return Text(f"{error.name}: {error.text.vi}", f"{error.name}: {error.text.en}")


class Beat:
    """Writes progress now and then, and learns whether somebody stopped the run."""

    def __init__(self, run: Run) -> None:
        self._run, self._at, self._stop = run.pk, 0.0, False

    def progress(self, share: float) -> None:
        if time.monotonic() - self._at < BEAT_S:
            return
        self._at = time.monotonic()
        mine = Run.objects.filter(pk=self._run)
        mine.update(progress=share, beat_at=timezone.now())
        self._stop = bool(mine.values_list("stop", flat=True).first())

    def cancelled(self) -> bool:
        return self._stop


def _found(run: Run) -> tuple[Outcome, dict[str, Any]]:
    """What the method found, and the facts of its data; all read as the one who asked."""
    beat = Beat(run)
    asked = run.asked | {"method": run.method}
    user = run.asker
    area, shape = gathering.area_of(user, asked.get("area"))
    points = gathering.source(user, asked, area, kind=RECIPES[run.method].kind)
    beat.progress(0.05)
    told = {key: tuple(v) if isinstance(v, list) else v for key, v in run.parameters.items()}
    work = Work(
        user, asked, methods()[run.method].parameters(**told), shape, area, points,
        beat.progress, beat.cancelled,
    )  # fmt: skip
    outcome = RECIPES[run.method].run(work)
    tell_wards(outcome.features)
    if beat.cancelled():
        raise Cancelled
    facts = {
        "data_at": points.newest(), "synthetic": points.synthetic,
        "in_words": points.words(), "area": area.name,
    }  # fmt: skip
    return outcome, facts


@lru_cache(maxsize=1)
def code_version() -> str:
    """A digest of the analyses' code, so that a result tells which code made it."""
    here = [*Path(analytics.__file__).parent.glob("*.py"), *Path(__file__).parent.rglob("*.py")]
    digest = hashlib.sha256()
    for path in sorted(here):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _keep(run: Run, outcome: Outcome, facts: dict[str, Any]) -> None:
    """Results and figures, all at once; the map shows them from then on where it should."""
    now = timezone.now()
    rows = [_row(run, rank, one, now) for rank, one in enumerate(outcome.features, 1)]
    with transaction.atomic():
        mine = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
        mine.state, mine.progress, mine.ended_at = Run.State.DONE, 1.0, now
        mine.data_at, mine.synthetic = facts["data_at"], facts["synthetic"]
        mine.code_version = code_version()
        mine.figures = outcome.figures | {
            "in_words": facts["in_words"], "area": facts["area"], "features": len(rows),
            "notes": [note.dict() for note in outcome.notes],
        }  # fmt: skip
        Result.objects.bulk_create(rows, batch_size=1000)
        mine.save()
        actions.show(run.analysis)
        kept = run.analysis.runs.order_by("-queued_at").values_list("pk", flat=True)[:KEEP_RUNS]
        Result.objects.filter(run__analysis=run.analysis).exclude(run__in=list(kept)).delete()
    log.info("analysis-done", run=str(run.pk), method=run.method, features=len(rows),
             took_s=round((now - mine.started_at).total_seconds(), 2))  # fmt: skip


def _row(run: Run, rank: int, one: Feature, now: Any) -> Result:
    return Result(
        run=run, geom=GEOSGeometry(memoryview(one.shape.wkb), srid=4326), rank=rank,
        title=one.title[:160], kind=one.kind, value=one.value, z=one.z, q=one.q, facts=one.facts,
        computed_at=now, layers=run.analysis.layers,
    )  # fmt: skip


def _end(run: Run, state: str, why: Text | None = None) -> None:
    Run.objects.filter(pk=run.pk).update(
        state=state, ended_at=timezone.now(), problem=why.dict() if why else None
    )
    log.info("analysis-ended", run=str(run.pk), method=run.method, state=state)


def start_due(now: Any = None) -> int:
    """How many scheduled analyses were started; one that still runs waits for its next time."""
    now, started = now or timezone.now(), 0
    for analysis in Analysis.objects.due_at(now).select_related("owner")[:20]:
        analysis.next_run_at = analysis.next_after(now)
        analysis.save(update_fields=["next_run_at"])
        try:
            actions.again(analysis, analysis.owner)
            started += 1
        except Refused as refused:
            log.warning("analysis-not-started", analysis=str(analysis.pk), why=refused.code)
    return started


def end_lost(now: Any = None) -> int:
    """How many runs were given up whose worker died."""
    now = now or timezone.now()
    before = now - timedelta(seconds=LOST_AFTER_S)
    lost = Run.objects.filter(state=Run.State.RUNNING, beat_at__lt=before)
    return lost.update(state=Run.State.FAILED, ended_at=now, problem=BROKEN.dict())
