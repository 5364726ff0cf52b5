"""What of an analysis and its runs goes out."""

from typing import Any

from geo.analytics import methods
from ioc.planning.models import Analysis, Run


def analysis_out(one: Analysis, user: Any) -> dict[str, Any]:
    runs = list(one.runs.all()[:1])
    return {
        "id": str(one.pk),
        "name": one.name,
        "method": {"slug": one.method, "title": methods()[one.method].title.dict()},
        "asked": one.asked,
        "parameters": one.parameters,
        "every": one.every,
        "shared": one.shared,
        "on_wall": one.on_wall,
        "next_run_at": one.next_run_at,
        "owner": str(one.owner),
        "mine": one.owner_id == user.pk,
        "version": one.version,
        "updated_at": one.updated_at,
        "latest": run_out(runs[0], user) if runs else None,
    }


def run_out(run: Run, user: Any) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "analysis": str(run.analysis_id),
        "method": run.method,
        "asked": run.asked,
        "parameters": run.parameters,
        "state": run.state,
        "progress": round(run.progress, 3),
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "data_at": run.data_at,
        "code_version": run.code_version,
        "synthetic": run.synthetic,
        "figures": run.figures,
        "problem": run.problem,
        "mine": run.asker_id == user.pk,
    }
