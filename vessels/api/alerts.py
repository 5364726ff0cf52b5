"""Alerts: the list, one with its log, what it rests on, and the next step."""

from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from geo.text import Text
from layers.paging import page_by_id
from vessels import alerts as actions
from vessels.alert_kinds import BY_MACHINE, CAUSES, KINDS, moves_from
from vessels.api.rights import ACT, alerts_of, may_ask
from vessels.models import Alert

router = Router()
Stages = Literal["new", "seen", "called", "warned", "handed_over", "closed", "open"]


class Step(Schema):
    """The next step in dealing with an alert."""

    stage: Literal["seen", "called", "warned", "handed_over", "closed"]
    words: str = Field("", max_length=1000)
    cause: str = Field("", max_length=20)
    version: int
    key: str = Field(min_length=1, max_length=64)


@router.get("/alerts", summary="Alerts, newest first")
def list_alerts(
    request: HttpRequest,
    stage: Stages | None = None,
    kind: str = Query("", max_length=20),
    vessel: int | None = None,
    cursor: str = "",
    limit: int = Query(100, ge=1, le=500),
) -> dict[str, Any]:
    """`stage=open` gives all that are not closed. An owner sees those of their own vessels."""
    user = may_ask(request)
    rows = alerts_of(request)
    if stage == "open":
        rows = rows.filter(closed_at=None)
    elif stage:
        rows = rows.filter(stage=stage)
    if kind:
        rows = rows.filter(kind=kind)
    if vessel is not None:
        rows = rows.filter(vessel_id=vessel)
    page, following = page_by_id(rows, limit=limit, cursor=cursor)
    return {"alerts": [told(alert, user) for alert in page], "next": following}


@router.get("/alerts/{int:alert_id}", summary="An alert with its log")
def get_alert(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    """404 for who may not see it, as for one that does not exist."""
    return whole(_visible(request, alert_id), request.user)


@router.post("/alerts/{int:alert_id}/stage", summary="Move an alert on")
def move_alert(request: HttpRequest, alert_id: int, step: Step) -> dict[str, Any]:
    """409 where somebody was faster; the same `key` again changes nothing."""
    alert = _visible(request, alert_id)
    if not request.user.has_perm(ACT):  # type: ignore[union-attr]
        raise PermissionError
    actions.move(alert_id=alert.pk, by=request.user, **step.dict())
    return whole(_visible(request, alert_id), request.user)


@router.get("/alerts/{int:alert_id}/evidence", summary="What an alert rests on")
def get_evidence(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    """Positions, figures with how each is computed, and the threshold rows as they were used."""
    alert = _visible(request, alert_id)
    kept = alert.evidence
    return {
        "alert": told(alert, request.user),
        "figures": [_figure(each) for each in kept.get("figures", [])],
        "positions": kept.get("positions", []),
        "rules": kept.get("rules", []), "computed_at": kept.get("computed_at"),
        "code_version": kept.get("code_version"),
    }  # fmt: skip


def _figure(figure: dict[str, Any]) -> dict[str, Any]:
    """As kept; figures of before say how in English alone."""
    how = figure.get("how", "")
    return {**figure, "how": {"vi": how, "en": how} if isinstance(how, str) else how}


def _visible(request: HttpRequest, alert_id: int) -> Alert:
    alert = alerts_of(request).filter(pk=alert_id).first()
    if alert is None:
        raise Http404
    return alert


def told(alert: Alert, user: Any) -> dict[str, Any]:
    """An alert as lists show it."""
    vessel = alert.vessel
    held = None
    if alert.held_by is not None:
        held = {"reason": Text(alert.held_by.title_vi, alert.held_by.title_en).dict(),
                "alert_id": alert.held_by_id}  # fmt: skip
    return {
        "id": alert.pk,
        "vessel": vessel and {"id": vessel.pk, "name": str(vessel), "plate": vessel.plate},
        "kind": alert.kind, "kind_title": KINDS[alert.kind].title.dict(),
        "title": Text(alert.title_vi, alert.title_en).dict(),
        "severity": alert.severity, "stage": alert.stage, "opened_at": alert.opened_at,
        "updated_at": alert.updated_at, "ended_at": alert.ended_at, "closed_at": alert.closed_at,
        "lon": alert.geom.x if alert.geom else None, "lat": alert.geom.y if alert.geom else None,
        "clock": alert.clock, "evidence": alert.evidence, "held_back": held,
        "synthetic": alert.synthetic, "version": alert.version,
        "cause": cause_of(alert.cause),
        "can": moves_from(alert.stage) if user.has_perm(ACT) else [],
    }  # fmt: skip


def cause_of(code: str) -> dict[str, Any] | None:
    return {"code": code, "title": CAUSES[code].dict()} if code in CAUSES else None


def whole(alert: Alert, user: Any) -> dict[str, Any]:
    """An alert with its log, the numbers at hand and the causes to choose from."""
    vessel = alert.vessel
    phones = []
    if vessel is not None and vessel.owner_phone:
        phones.append({"name": vessel.owner_name or str(vessel), "phone": vessel.owner_phone})
    if vessel is not None and vessel.home_port and vessel.home_port.phone:
        phones.append({"name": str(vessel.home_port), "phone": vessel.home_port.phone})
    steps = alert.steps.order_by("seq")
    return {
        **told(alert, user),
        "timeline": [
            {"at": s.at, "stage": s.stage, "by": s.by_name or None, "words": s.words,
             "cause": cause_of(s.cause)}
            for s in steps
        ],
        "phones": phones,
        "causes": [{"code": code, "title": title.dict()} for code, title in CAUSES.items()
                   if code not in BY_MACHINE],
    }  # fmt: skip
