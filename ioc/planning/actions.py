"""Writes: an analysis is asked, named, scheduled, shown on the map, put away; a run is stopped."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from geo.analytics import ParameterError, methods
from geo.errors import Refused
from ioc.planning import gathering
from ioc.planning.models import Analysis, Result, Run
from ioc.planning.recipes import OTHERS, RECIPES

MOST_OPEN = 5
"""Runs of one person that wait or run at a time."""
PARTS = frozenset(
    {
        "layer",
        "where",
        "area",
        "period",
        "resolution",
        "before",
        "after",
        "slice",
        "feature",
        *OTHERS,
    }
)
NEEDED = frozenset({"against", "zones", "before", "after"})
OPEN = (Run.State.QUEUED, Run.State.RUNNING)

log = structlog.get_logger(__name__)


def words_of(error: ParameterError) -> str:
    """What is wrong with a parameter, in the asker's language."""
    return f"{error.name}: {error.text.vi if get_language() == 'vi' else error.text.en}"


def parameters_of(method: str, given: Any) -> Any:
    """The parameters of a method, checked. Raises Refused."""
    if method not in RECIPES:
        known = ", ".join(RECIPES)
        raise Refused("unknown-method", _("There is no such method; there are: %s") % known)
    kind = methods()[method].parameters
    given = given or {}
    names = {name for name in kind.__dataclass_fields__}
    if not isinstance(given, Mapping) or (unknown := set(given) - names):
        named = ", ".join(sorted(map(str, unknown))) if isinstance(given, Mapping) else "parameters"
        raise Refused("unknown-parameter", _("This method has no parameter %s.") % named[:120])
    plain = {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()}
    try:
        return kind(**plain)
    except ParameterError as error:
        raise Refused(
            "bad-parameter", words_of(error), fields={error.name: words_of(error)}
        ) from None
    except TypeError:
        message = _("A parameter that has no default is missing: %s")
        missing = ", ".join(sorted(names - set(plain)))
        raise Refused("missing-parameter", message % missing) from None


def checked(user: Any, method: str, asked: Any) -> dict[str, Any]:
    """The question as it is kept, every layer and area of it looked at. Raises Refused."""
    if not isinstance(asked, dict) or (unknown := set(asked) - PARTS):
        named = ", ".join(sorted(map(str, unknown))) if isinstance(asked, dict) else "asked"
        raise Refused("bad-question", _("A question has no part %s.") % named[:120])
    area, _shape = gathering.area_of(user, asked.get("area"))
    gathering.source(user, asked, area, kind=RECIPES[method].kind)
    for name, kind in OTHERS.items():
        if asked.get(name) is not None:
            gathering.source(user, asked[name], area, f"{name}.layer", kind)
    needed = NEEDED.intersection(RECIPES[method].asks)
    for name in sorted(needed):
        if not isinstance(asked.get(name), dict):
            raise Refused("bad-question", _("This method also needs: %s") % name)
    return asked


def layers_of(asked: Mapping[str, Any]) -> list[str]:
    """The layers that a question reads, those of its joins and of its area too."""
    found, left = set(), [asked]
    while left:
        part = left.pop()
        if isinstance(part, Mapping):
            if isinstance(part.get("layer"), str):
                found.add(part["layer"])
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)
    return sorted(found)


def ask(
    user: Any, *, method: str, asked: Any, parameters: Any, key: UUID | None = None, name: str = ""
) -> Run:
    """A new analysis and its first run, waiting. The same key again is the same run.

    Raises Refused.
    """
    if key is not None and (known := Run.objects.filter(key=key, asker=user).first()):
        return known
    told = parameters_of(method, parameters)
    question = checked(user, method, asked)
    with transaction.atomic():
        analysis = Analysis.objects.create(
            owner=user,
            method=method,
            asked=question,
            layers=layers_of(question),
            parameters=told.dict(),
            name=name[:120],
        )
        return start(analysis, user, key)


def again(analysis: Analysis, user: Any, key: UUID | None = None) -> Run:
    """Another run of an analysis. Raises Refused where it waits or runs already."""
    if key is not None and (known := Run.objects.filter(key=key, asker=user).first()):
        return known
    if analysis.runs.filter(state__in=OPEN).exists():
        raise Refused("runs-already", _("This analysis is being computed already."), status=409)
    with transaction.atomic():
        return start(analysis, user, key)


def start(analysis: Analysis, user: Any, key: UUID | None = None) -> Run:
    """A run that waits; the worker hears of it with the commit. Raises Refused."""
    from ioc.planning.tasks import compute

    if Run.objects.filter(asker=user, state__in=OPEN).count() >= MOST_OPEN:
        message = _("%(limit)s analyses of yours wait already. Stop one, or wait.")
        raise Refused("too-many", message % {"limit": MOST_OPEN}, status=429, retry_after_s=10)
    run = Run.objects.create(
        analysis=analysis, asker=user, key=key, method=analysis.method, asked=analysis.asked,
        parameters=analysis.parameters,
    )  # fmt: skip
    compute.delay(str(run.pk))
    log.info("analysis-asked", run=str(run.pk), method=run.method)
    return run


def stop(run: Run) -> Run:
    """The run stops at its next step; one that waits is stopped at once."""
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if run.state == Run.State.QUEUED:
            run.state, run.ended_at = Run.State.CANCELLED, timezone.now()
        run.stop = True
        run.save(update_fields=["state", "ended_at", "stop"])
    return run


CHANGES = {"name": str, "every": str, "shared": bool, "on_wall": bool}


def change(analysis: Analysis, version: int, given: Mapping[str, Any]) -> Analysis:
    """The analysis under its new name, schedule and sharing.

    Raises Refused: stale, bad-value, needs-name.
    """
    with transaction.atomic():
        mine = Analysis.objects.select_for_update(of=("self",)).get(pk=analysis.pk)
        if mine.version != version:
            raise Refused("stale", _("Somebody changed this analysis meanwhile."), status=409)
        for name, value in given.items():
            if name not in CHANGES or not isinstance(value, CHANGES[name]):
                raise Refused("bad-value", _("%s cannot be set so.") % str(name)[:40])
            setattr(mine, name, value)
        mine.name = mine.name.strip()[:120]
        if mine.every not in Analysis.Every.values:
            raise Refused("bad-value", _("%s cannot be set so.") % "every")
        if not mine.name and (mine.every or mine.shared or mine.on_wall):
            message = _("Give the analysis a name first.")
            raise Refused("needs-name", message, fields={"name": message})
        mine.next_run_at = mine.next_after(timezone.now())
        mine.version = F("version") + 1
        mine.save()
        show(mine)
        mine.refresh_from_db()
    return mine


def put_away(analysis: Analysis, *, back: bool = False) -> None:
    """The analysis is in no list and on no map any more; or it is again."""
    with transaction.atomic():
        mine = Analysis.objects.select_for_update(of=("self",)).get(pk=analysis.pk)
        mine.archived_at = None if back else timezone.now()
        mine.next_run_at = mine.next_after(timezone.now()) if back else None
        mine.save(update_fields=["archived_at", "next_run_at", "updated_at"])
        show(mine)


def show(analysis: Analysis) -> None:
    """Make the results on the map those of the latest run, or none."""
    wanted = None
    if analysis.on_wall and analysis.archived_at is None:
        wanted = analysis.runs.filter(state=Run.State.DONE).order_by("-ended_at").first()
    mine = Result.objects.filter(run__analysis=analysis)
    mine.filter(on_map=True).exclude(run=wanted).update(on_map=False)
    if wanted is not None:
        mine.filter(run=wanted, on_map=False).update(on_map=True)
